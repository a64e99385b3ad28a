"""The best cuts of many markers and their P are those of searching one marker after the other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strata.survival.kernels import many_cuts, selected_null
from strata.survival.kernels.many_cuts import CutSearch, first_largest, sizes_between
from strata.survival.kernels.maximally_selected import try_cuts
from strata.survival.kernels.selected_null import SelectedNull
from strata.survival.kernels.selected_p import by_permutation


def markers(generator, n: int):
    """Markers without ties, with some, with lumps at either end or in the middle, with few values, and with one."""
    values = generator.normal(size=(9, n))
    for i, decimals in enumerate((2, 1, 0), 1):
        values[i] = np.round(values[i], decimals)
    values[4] = np.maximum(values[4], 0.0)
    values[5] = np.minimum(values[5], 0.0)
    values[6] = np.where(np.abs(values[6]) < 0.5, 0.0, values[6])
    values[7] = values[7] > 1.0
    values[8] = 1.0
    return values


def study(seed: int, n: int, events: float, *, months: bool):
    generator = np.random.default_rng(seed)
    time = generator.exponential(20.0, n)
    return markers(generator, n), np.ceil(time) if months else time, generator.random(n) < events


studies = st.builds(
    study,
    st.integers(0, 2**31),
    st.integers(1, 80),
    st.sampled_from([0.0, 0.1, 0.6, 1.0]),
    months=st.booleans(),
)


@given(studies, st.sampled_from([(0.1, 0.9), (0.01, 0.99), (0.3, 0.5)]))
def test_cuts_as_one_by_one(study, shares):
    values, time, event = study
    search = CutSearch.of(time, event, *shares)
    found = search.best(values)
    for i, row in enumerate(values):
        one = try_cuts(row, time, event, minprop=shares[0], maxprop=shares[1])
        assert (found.n_low[i], found.tried[i].any()) == (one.n_low, not one.reason)
        np.testing.assert_array_equal(found.cuts[i], one.cut)
        np.testing.assert_allclose(found.statistics[i], one.statistic, rtol=1e-12, atol=1e-13)
        if not one.reason:
            np.testing.assert_array_equal(search.sizes[found.tried[i]], one.sizes)


@given(studies)
def test_p_values_as_one_by_one(study):
    values, time, event = study
    search = CutSearch.of(time, event, 0.1, 0.9)
    found = search.best(values)
    if search.reason:
        assert np.isnan(found.statistics).all()
        return
    p_values = SelectedNull(search.scores, search.sizes, n_permutations=60, seed=3).p_values(
        found.statistics, found.tried
    )
    same_draws = np.sort(search.scores), np.zeros(time.size, dtype=np.int64)
    for p, statistic, tried in zip(p_values, found.statistics, found.tried):
        wanted = by_permutation(statistic, *same_draws, search.sizes[tried], 60, 3) if tried.any() else np.nan
        np.testing.assert_equal(p, wanted)


@pytest.mark.parametrize("strong", [False, True])
def test_larger_studies_in_blocks_threads_and_drawn_again(monkeypatch, strong):
    """Several strips of cuts, blocks of markers and blocks of permutations."""
    values, time, event = study(5, 400, 0.6, months=True)
    values = np.concatenate([markers(np.random.default_rng(seed), 400) for seed in range(30)])
    values += np.round(time / 20.0) * strong
    search = CutSearch.of(time, event, 0.1, 0.9)
    whole = search.best(values)
    kept = SelectedNull(search.scores, search.sizes, n_permutations=200, seed=0)
    p_values = kept.p_values(whole.statistics, whole.tried)
    monkeypatch.setattr(many_cuts, "BLOCK", 1_000)
    monkeypatch.setattr(selected_null, "MOST_NUMBERS", 0)
    monkeypatch.setattr(selected_null, "AT_ONCE", 10_000)
    again = SelectedNull(search.scores, search.sizes, n_permutations=200, seed=0)
    for jobs in (1, 2):
        found = search.best(values, jobs=jobs)
        np.testing.assert_array_equal(found.statistics, whole.statistics)
        np.testing.assert_array_equal(found.tried, whole.tried)
        np.testing.assert_array_equal(again.p_values(found.statistics, found.tried), p_values)
    one_stratum = np.zeros(400, dtype=np.int64)
    for i in np.flatnonzero(whole.n_low)[::7]:
        sizes = search.sizes[whole.tried[i]]
        assert p_values[i] == by_permutation(whole.statistics[i], np.sort(search.scores), one_stratum, sizes, 200, 0)


def test_nobody_and_nothing():
    nobody = CutSearch.of(np.zeros(0), np.zeros(0, dtype=bool), 0.1, 0.9)
    assert nobody.reason == "no event"
    assert np.isnan(nobody.best(np.zeros((2, 0))).cuts).all()
    one = CutSearch.of(np.array([1.0, 1.0]), np.array([True, True]), 0.1, 0.9)
    assert one.reason == "every patient has the same survival"
    some = CutSearch.of(np.arange(1.0, 6.0), np.ones(5, dtype=bool), 0.1, 0.9)
    assert some.best(np.zeros((0, 5))).tried.shape == (0, 4)
    narrow = CutSearch.of(np.arange(1.0, 6.0), np.ones(5, dtype=bool), 0.41, 0.59)
    assert narrow.reason == ""
    assert CutSearch.of(np.arange(1.0, 3.0), np.ones(2, dtype=bool), 0.1, 0.4).reason.startswith("no cut leaves")


def test_sizes_leave_somebody_on_either_side():
    assert sizes_between(10, 0.1, 0.9).tolist() == list(range(1, 10))
    assert sizes_between(5, 0.1, 0.95).tolist() == [1, 2, 3, 4]
    assert sizes_between(1, 0.1, 0.9).size == 0


def test_of_cuts_that_only_rounding_tells_apart_the_lowest_is_the_best():
    statistics = np.array([[1.0, 2.0, 2.0 * (1 + 1e-13)], [3.0, 3.0 * (1 + 1e-7), 1.0]])
    assert first_largest(statistics).tolist() == [1, 1]
