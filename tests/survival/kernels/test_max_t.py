from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from strata.survival.kernels.log_rank import log_rank
from strata.survival.kernels.max_t import max_t

MARKERS = ["m1", "m2", "m3"]


@pytest.mark.parametrize(("source", "tolerance"), [("bundled", 0.005), ("golden", 0.015)])
def test_numbers_of_r(source, tolerance, request, close) -> None:
    golden = request.getfixturevalue(source)
    wanted = golden.cases("padjust")["wy_maxT_3markers"]["result"]
    frame = golden.frame("westfall_young10")
    found = max_t(frame["time"], frame["event"], frame[MARKERS], n_permutations=99_999)
    assert close(found.statistics, wanted["obs_T"]) == 3
    assert found.p_values == pytest.approx(wanted["p_marginal"], abs=tolerance)
    assert found.single_step_p_values == pytest.approx(wanted["p_single_step"], abs=tolerance)
    assert found.adjusted_p_values == pytest.approx(wanted["p_step_down"], abs=tolerance)


def test_by_enumeration() -> None:
    # 7 patients: all 5,040 pairings of survival with markers; scores by hand from the numbers at risk 7, 6, ... 1
    time, event = np.arange(1.0, 8.0), np.array([1, 1, 0, 1, 1, 0, 1])
    markers = np.array([[1, 1, 1, 0, 0, 0, 0], [1, 0, 0, 1, 0, 0, 0], [0, 0, 1, 0, 0, 1, 1]]).T
    scores = event - np.cumsum(event / np.arange(7, 0, -1))
    size = markers.sum(axis=0)
    error = np.sqrt(size * (7 - size) / 42 * (scores**2).sum())
    every = np.abs(np.array(list(permutations(scores))) @ markers) / error
    seen = np.abs(scores @ markers) / error
    order = np.argsort(-seen)
    expected = {j: np.mean(every[:, order[i:]].max(axis=1) >= seen[j] - 1e-12) for i, j in enumerate(order)}
    stepped = np.maximum.accumulate([expected[j] for j in order])
    found = max_t(time, event, markers, n_permutations=50_000, seed=1)
    assert found.statistics == pytest.approx(seen)
    assert found.adjusted_p_values[order] == pytest.approx(stepped, abs=0.01)
    assert found.single_step_p_values == pytest.approx(
        [np.mean(every.max(axis=1) >= one - 1e-12) for one in seen], abs=0.01
    )


def random_screen(seed: int = 0, n: int = 60, n_tests: int = 8):
    generator = np.random.default_rng(seed)
    markers = generator.random((n, n_tests)) < np.linspace(0.05, 0.6, n_tests)
    markers[:2, :] = [[True], [False]]
    return generator.integers(1, 12, n), generator.random(n) < 0.6, markers, generator.integers(0, 3, n)


def test_observed_less_expected_over_the_permutation_variance_added_over_strata() -> None:
    time, event, markers, strata = random_screen()
    found = max_t(time, event, markers, n_permutations=1, stratification_factors=strata)
    excess, variance = np.zeros(8), np.zeros(8)
    for stratum in range(3):
        t, e, m = (column[strata == stratum] for column in (time, event, markers))
        hazard = [sum(e[t == s].sum() / (t >= s).sum() for s in np.unique(t[t <= own])) for own in t]
        n, size = t.size, m.sum(axis=0)
        variance += size * (n - size) / (n - 1) * np.var(e - hazard)
        for k in range(8):
            groups = log_rank(t, e, m[:, k])
            excess[k] += (groups.observed - groups.expected)[-1] if groups.groups[-1] else 0.0
    assert found.statistics == pytest.approx(np.abs(excess) / np.sqrt(variance))


def test_invariants() -> None:
    time, event, markers, _ = random_screen(3)
    plain = max_t(time, event, markers, n_permutations=999)
    assert (plain.p_values <= plain.adjusted_p_values).all()
    assert (plain.adjusted_p_values <= plain.single_step_p_values).all()
    assert (plain.p_values >= 1 / 1000).all()
    assert plain.adjusted_p_values[np.argmax(plain.statistics)] == plain.single_step_p_values.min()
    mirrored = max_t(time * 30.4375, event, ~markers, n_permutations=999)
    assert mirrored.statistics == pytest.approx(plain.statistics)
    assert (mirrored.adjusted_p_values == plain.adjusted_p_values).all()
    turned = max_t(time, event, markers[:, ::-1], n_permutations=999)
    assert turned.adjusted_p_values[::-1] == pytest.approx(plain.adjusted_p_values)
    order = np.random.default_rng(1).permutation(60)
    shuffled = max_t(time[order], event[order], markers[order], n_permutations=9_999)
    assert shuffled.statistics == pytest.approx(plain.statistics)
    assert shuffled.adjusted_p_values == pytest.approx(plain.adjusted_p_values, abs=0.07)
    twice = max_t(time, event, np.column_stack([markers, markers]), n_permutations=999)
    assert (twice.adjusted_p_values[:8] == plain.adjusted_p_values).all()  # a copy of a marker costs nothing


def test_the_family_wise_error_of_rare_markers_is_held() -> None:
    generator, rejected = np.random.default_rng(5), 0
    for study in range(100):
        time, event = generator.exponential(1.0, 60), generator.random(60) < 0.6
        markers = generator.random((60, 40)) < 0.05
        found = max_t(time, event, markers, n_permutations=199, seed=study)
        rejected += bool(np.nanmin(found.adjusted_p_values) <= 0.05)
    assert rejected <= 12  # binomial(100, 0.05): P(more) = 0.1 %


def test_a_marker_with_nothing_to_compare_has_no_p_and_costs_nothing() -> None:
    time, event, markers, _ = random_screen(4)
    plain = max_t(time, event, markers, n_permutations=199)
    with_constant = max_t(time, event, np.column_stack([np.ones(60), markers]), n_permutations=199)
    assert np.isnan([with_constant.statistics[0], with_constant.p_values[0], with_constant.adjusted_p_values[0]]).all()
    assert (with_constant.adjusted_p_values[1:] == plain.adjusted_p_values).all()
    nothing = [(time, np.zeros(60), markers), (np.ones(60), np.ones(60), markers), ([], [], np.empty((0, 2)))]
    for study in nothing:
        assert np.isnan(max_t(*study).adjusted_p_values).all()
    assert max_t(time, event, np.empty((60, 0))).p_values.size == 0


def test_says_what_it_did() -> None:
    time, event, markers, _ = random_screen(6)
    found = max_t(time, event, markers, n_permutations=19, seed=7)
    assert (found.n_permutations, found.seed, found.exact) == (19, 7, False)
    assert "censoring is the same" in found.assumption


def test_refuses_what_it_cannot_use() -> None:
    with pytest.raises(ValueError, match="marker TP53: 1 of 3 values are not 0 or 1; marker ER: 2 of 3"):
        max_t([1, 2, 3], [1, 1, 1], pd.DataFrame({"TP53": [0.0, 1.0, np.nan], "ER": [2, 3, 1], "PR": [0, 1, 0]}))
    with pytest.raises(ValueError, match="groups have the shape"):
        max_t([1, 2, 3], [1, 1, 1], [0, 1, 0])
    with pytest.raises(ValueError, match="n_permutations must be 1 or more"):
        max_t([1, 2], [1, 1], [[0], [1]], n_permutations=0)
