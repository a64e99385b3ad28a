"""Counts of few patients cannot be told from what is shown, and a shared curve shows nobody's time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strata.survival import kaplan_meier
from strata.survival.small_cells import hidden_cells, on_grid, shown_counts


@pytest.mark.parametrize(
    ("counts", "least", "shown"),
    [
        ([40, 3, 12], 5, ["40", "<5", "-"]),
        ([40, 0, 12], 5, ["40", "0", "12"]),
        ([40, 5, 12], 5, ["40", "5", "12"]),
        ([40, 4, 0], 5, ["-", "<5", "0"]),  # a zero beside the only small count would leave it to be told
        ([40, 1, 2], 5, ["-", "<5", "<5"]),  # three patients together are too few as well
        ([40, 3, 4], 5, ["40", "<5", "<5"]),
        ([1234, 3, 12], 0, ["1,234", "3", "12"]),
        ([3, 0], 5, ["<5", "-"]),
        ([2], 5, ["<5"]),
        ([], 5, []),
    ],
)
def test_what_is_shown(counts, least, shown):
    assert shown_counts(counts, least) == shown


@given(st.lists(st.integers(0, 30), max_size=6), st.integers(0, 12))
def test_hidden_counts_cannot_be_told(counts, least):
    hidden = hidden_cells(counts, least)
    cells = np.array(counts, dtype=int)
    assert not ((cells > 0) & (cells < least) & ~hidden).any()
    if hidden.any() and not hidden.all():
        assert hidden.sum() > 1
        assert cells[hidden].sum() >= least
    if least <= 1:
        assert not hidden.any()


def test_a_curve_on_the_grid_is_the_curve_there():
    rng = np.random.default_rng(3)
    time, event = rng.exponential(40, 200).round(1) + 0.1, rng.random(200) < 0.6
    curve = kaplan_meier(time, event)
    shared = on_grid(curve, 11)
    at = curve.at(shared.times)
    np.testing.assert_array_equal(shared.survival, at.survival)
    np.testing.assert_array_equal(shared.lower, at.lower)
    assert set(np.diff(shared.times)) == {3.0}
    assert shared.at_risk.min() >= 11
    assert (time >= shared.times[-1] + 3).sum() < 11
    assert not shared.censored.any()
    assert np.isnan(shared.median)


def test_a_curve_of_few_patients_is_not_shared():
    assert on_grid(kaplan_meier([5, 8, 20], [1, 0, 1]), 11).times.size == 0
