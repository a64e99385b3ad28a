"""Curves of competing events: the Aalen-Johansen estimates of both causes, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from strata.errors import UsageError
from strata.plots import cumulative_incidence_frame, figure_to_files, plot_cumulative_incidence
from strata.survival.checks import Checks
from strata.survival.kernels.cumulative_incidence import cumulative_incidence


@pytest.fixture
def competing(make):
    comparison = make(n=200, rates=(0.03, 0.01))
    other = ~comparison.event & (np.arange(comparison.n) % 4 < 2)
    return replace(comparison, competing=other, checks=Checks(gray_p=0.0123))


def curves(ax):
    return [line for line in ax.get_lines() if line.get_drawstyle() == "steps-post"]


@pytest.mark.parametrize("time_unit", ["months", "years"])
def test_both_causes_are_drawn_as_the_table_says(competing, time_unit: str) -> None:
    ax = plot_cumulative_incidence(competing, endpoint="recurrence", time_unit=time_unit)
    table = cumulative_incidence_frame(competing, time_unit=time_unit)
    keys = [(group.label, cause) for group in competing.groups for cause in ("event", "competing event")]
    for line, (label, cause) in zip(curves(ax), keys, strict=True):
        rows = table[(table["stratum"] == label) & (table["cause"] == cause)]
        assert np.array_equal(line.get_xdata()[1:], rows["time"])
        assert np.array_equal(line.get_ydata()[1:], rows["incidence"])
    cause = np.where(competing.event, 1, np.where(competing.competing, 2, 0))
    for i, group in enumerate(competing.groups):
        found = cumulative_incidence(competing.time[competing.group == i], cause[competing.group == i])
        for row, name in enumerate(("event", "competing event")):
            own = table[(table["stratum"] == group.label) & (table["cause"] == name)]
            np.testing.assert_allclose(own["incidence"], found.incidence[row], rtol=1e-12)
            np.testing.assert_allclose(own["upper"], found.upper[row], rtol=1e-12)
    assert ax.get_ylabel() == "Cumulative incidence of recurrence"


def test_the_panel_states_grays_p_and_counts(competing) -> None:
    texts = [text.get_text() for text in plot_cumulative_incidence(competing).texts]
    assert "Gray P = 0.012" in texts
    assert f"n = 200, {competing.events} events, {competing.competing.sum()} competing" in texts
    assert "Competing" in texts
    assert not [text for text in texts if text.startswith("Log-rank")]
    alone = plot_cumulative_incidence(competing, competing=False)
    assert len(curves(alone)) == 2
    assert "thin: competing events" not in [text.get_text() for text in alone.texts]


def test_a_test_for_trend_has_no_p_of_gray(competing) -> None:
    trend = replace(competing, name="trend", checks=Checks())
    assert not [t for t in plot_cumulative_incidence(trend).texts if t.get_text().startswith("Gray")]
    unknown = plot_cumulative_incidence(replace(competing, checks=Checks()))
    assert "Gray P not estimable" in [text.get_text() for text in unknown.texts]


def test_only_the_event_has_a_band(competing) -> None:
    assert len(plot_cumulative_incidence(competing).collections) == 2
    assert not plot_cumulative_incidence(competing, confidence="none").collections


def test_without_competing_events_it_is_refused(make) -> None:
    for draw in (plot_cumulative_incidence, cumulative_incidence_frame):
        with pytest.raises(UsageError, match="names no competing events"):
            draw(make())


def test_a_stratum_without_one_cause_stays_at_0(competing) -> None:
    nobody = replace(competing, competing=competing.competing & (competing.group == 0))
    table = cumulative_incidence_frame(nobody)
    rows = table[(table["stratum"] == "rest") & (table["cause"] == "competing event")]
    assert (rows["incidence"] == 0).all()
    assert rows["lower"].isna().all()
    assert len(curves(plot_cumulative_incidence(nobody))) == 4


def test_twice_the_same_bytes(competing, tmp_path) -> None:
    first, second = (figure_to_files(plot_cumulative_incidence(competing).figure, tmp_path / name) for name in "ab")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
