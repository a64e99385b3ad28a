from __future__ import annotations

import re
import sys
from itertools import permutations
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strata.survival.kernels.log_rank import log_rank
from strata.survival.kernels.maximally_selected import Method, maximally_selected_log_rank, try_cuts

P_1994 = 1e-7
"""R subtracts from 1 there and loses digits of a small P."""


def check(golden, close, case, n_permutations) -> int:
    """Compare every number of a maxstat case; returns how many. R's Lau94 may be above 1, here a P is not."""
    wanted = case["result"]
    name = re.search(r"~ (\w+),", case["call"]).group(1)
    frame = golden.frame(case["dataset"]).dropna(subset=["time", "event", name])
    found = {
        method: maximally_selected_log_rank(
            frame[name],
            frame["time"],
            frame["event"],
            method=method,
            minprop=wanted["minprop"],
            maxprop=wanted["maxprop"],
            n_permutations=n_permutations,
        )
        for method in get_args(Method)
    }
    compared = 0
    for one in found.values():
        compared += close([one.cut, one.statistic], [wanted["cutpoint"], wanted["M"]])
        compared += close([one.n_low, one.n_high], [wanted["n_low"], wanted["n_high"]], 0)
        compared += close(len(one.cuts), wanted["n_candidate_cuts"], 0)
        if "stats_curve" in wanted:
            compared += close(one.cuts, wanted["stats_curve"]["cut"])
            compared += close(one.statistics, wanted["stats_curve"]["stat"])
    compared += close(np.log10(found["lau92"].p_value), np.log10(wanted["p_Lau92"]))
    compared += close(found["lau94"].p_value, min(1.0, wanted["p_Lau94"]), P_1994)
    compared += close(found["hothorn-lausen"].p_value, wanted.get("p_HL", "NaN"))
    assert found["permutation"].p_value == pytest.approx(wanted["p_condMC_B99999_seed42"], abs=2e-3)
    return compared + 1


def test_bundled_numbers_of_r(bundled, close) -> None:
    compared = [check(bundled, close, case, 99_999) for case in bundled.cases("cutpoint").values()]
    assert len(compared) == 4
    assert min(compared) >= 28


def test_every_number_of_r(golden, close) -> None:
    """Not those of other methods: exactGauss, naive and best survdiff P, Altman, Miller-Siegmund, the median cut."""
    cases = {name: case for name, case in golden.cases("cutpoint").items() if "M" in case["result"]}
    compared = {name: check(golden, close, case, 99_999) for name, case in cases.items()}
    sys.stdout.write(f"cutpoint: {len(compared)} cases, {sum(compared.values())} numbers\n")
    assert set(golden.cases("cutpoint")) - set(cases) == {"cut_tied_quantiles"}  # the strict median: stratification
    assert len(compared) >= 9


def test_permutation_p_is_not_0(golden) -> None:
    frame = golden.frame("gbsg")
    found = maximally_selected_log_rank(frame["pgr"], frame["time"], frame["event"])
    assert found.p_value == pytest.approx(1e-5)


def test_scores_by_hand() -> None:
    # times 1, 2, 2, 3; the tied deaths have 4 - 3 + 1 = 2 at risk: hazards 1/4, 1/4 + 2/2 (two events), 5/4 + 0
    found = maximally_selected_log_rank([1, 2, 3, 4], [1, 2, 2, 3], [1, 1, 1, 0], minprop=0.25, maxprop=0.75)
    scores = np.array([3 / 4, -1 / 4, -1 / 4, -5 / 4])
    m = np.array([1, 2, 3])
    variance = m * (4 - m) / (16 * 3) * (4 * (scores**2).sum() - scores.sum() ** 2)
    assert found.statistics == pytest.approx(np.abs(np.cumsum(scores)[:3] - m / 4 * scores.sum()) / np.sqrt(variance))
    assert found.cuts.tolist() == [1, 2, 3]
    assert (found.cut, found.n_low, found.n_high) == (1, 1, 3)


def random_study(seed: int, n: int = 40):
    generator = np.random.default_rng(seed)
    return generator.integers(0, 25, n) / 2, generator.integers(1, 20, n), generator.random(n) < 0.7


@given(st.integers(0, 2**32 - 1), st.sampled_from(get_args(Method)))
@settings(max_examples=40, deadline=None)
def test_row_order_units_and_monotone_changes_of_the_marker(seed, method) -> None:
    values, time, event = random_study(seed)
    plain = maximally_selected_log_rank(values, time, event, method=method, n_permutations=999)
    order = np.random.default_rng(seed).permutation(40)
    other = maximally_selected_log_rank(
        np.exp(values[order]), time[order] / 30.4375, event[order], method=method, n_permutations=999
    )
    assert other.cut == pytest.approx(np.exp(plain.cut))
    assert other.statistics == pytest.approx(plain.statistics)
    assert other.p_value == pytest.approx(plain.p_value, abs=0.15 if method == "permutation" else 1e-9)
    assert 0 < plain.p_value <= 1


def test_near_tied_times_are_tied() -> None:
    values, time, event = random_study(1)
    noise = np.random.default_rng(2).normal(0, 1e-12, 40)
    plain = maximally_selected_log_rank(values, time, event, method="lau92")
    assert maximally_selected_log_rank(values, time + noise, event, method="lau92").statistic == pytest.approx(
        plain.statistic, rel=1e-12
    )


def test_the_search_is_paid_for() -> None:
    generator, rejected, naive = np.random.default_rng(11), 0, 0
    for study in range(300):
        values, time, event = generator.normal(size=50), generator.exponential(size=50), generator.random(50) < 0.6
        found = maximally_selected_log_rank(values, time, event, n_permutations=199, seed=study)
        rejected += found.p_value <= 0.05
        naive += found.statistic > 1.959964
    assert 4 <= rejected <= 29  # binomial(300, 0.05), 99.9 %
    assert naive > 90


def test_says_what_it_did() -> None:
    values, time, event = random_study(3)
    found = maximally_selected_log_rank(values, time, event, n_permutations=19, seed=5)
    assert (found.n_permutations, found.seed, found.exact, found.reason) == (19, 5, False, "")
    assert "censoring is the same" in found.assumption
    formula = maximally_selected_log_rank(values, time, event, method="lau94")
    assert (formula.n_permutations, formula.seed, formula.assumption) == (0, None, "")
    large = maximally_selected_log_rank(*random_study(4, 171), method="hothorn-lausen")
    assert np.isnan(large.p_value)
    assert large.statistic > 0
    assert large.reason == "hothorn-lausen is for 170 patients at most, these are 171"


def stratified_study(seed: int, n: int = 60):
    """A marker and a survival that both depend on the stratum, not on each other; ties in both."""
    generator = np.random.default_rng(seed)
    site = generator.integers(0, 3, n)
    values = (generator.normal(site, 1, n) * 4).round()
    return values, np.ceil(generator.exponential(12 / 3.0**site)), generator.random(n) < 0.8, site


def test_inside_strata_against_every_order_and_the_stratified_log_rank_test() -> None:
    """Observed less expected of the test, over its standard deviation in every order inside the strata."""
    time = np.array([1, 3, 3, 6, 2, 2, 5, 9])
    event, site = np.array([1, 1, 1, 0, 1, 1, 0, 1]), np.array(["a"] * 4 + ["b"] * 4)
    values = np.array([4, 1, 7, 3, 8, 2, 5, 6])
    found = maximally_selected_log_rank(
        values, time, event, n_permutations=20_000, minprop=0.2, maxprop=0.8, stratification_factors=site
    )
    orders = [(*a, *(4 + i for i in b)) for a in permutations(range(4)) for b in permutations(range(4))]

    def differences(order):
        tests = [
            log_rank(time[list(order)], event[list(order)], values <= cut, stratification_factors=site)
            for cut in found.cuts
        ]
        return [float((test.observed - test.expected)[1]) for test in tests]

    every = np.array([differences(order) for order in orders])
    assert every.mean(axis=0) == pytest.approx(np.zeros(found.cuts.size), abs=1e-12)
    assert found.statistics == pytest.approx(np.abs(differences(range(8))) / every.std(axis=0), rel=1e-9)
    largest = np.abs(every / every.std(axis=0)).max(axis=1)
    assert found.p_value == pytest.approx(np.mean(largest >= found.statistic - 1e-9), abs=0.015)
    best = int(np.argmax(found.statistics))
    assert (found.cut, found.n_low) == (found.cuts[best], (values <= found.cuts[best]).sum())


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_one_stratum_is_none(seed) -> None:
    values, time, event = random_study(seed)
    plain = maximally_selected_log_rank(values, time, event, n_permutations=99)
    one = maximally_selected_log_rank(values, time, event, n_permutations=99, stratification_factors=["a"] * 40)
    assert (one.cut, one.statistic, one.p_value) == (plain.cut, plain.statistic, plain.p_value)
    assert one.statistics.tolist() == plain.statistics.tolist()


def test_inside_strata_their_own_survival_is_no_effect_of_the_marker() -> None:
    rejected = ignored = 0
    for study in range(300):
        values, time, event, site = stratified_study(study)
        options = {"n_permutations": 199, "seed": study}
        found = maximally_selected_log_rank(values, time, event, stratification_factors=site, **options)
        rejected += found.p_value <= 0.05
        ignored += maximally_selected_log_rank(values, time, event, **options).p_value <= 0.05
    assert 4 <= rejected <= 29  # binomial(300, 0.05), 99.9 %
    assert ignored > 150  # what the strata do to a search that does not know of them


def test_several_factors_are_crossed_and_their_order_does_not_matter() -> None:
    values, time, event, site = stratified_study(2)
    arm = np.arange(60) % 2
    crossed = try_cuts(values, time, event, stratification_factors=site * 2 + arm)
    for factors in (np.column_stack([site, arm]), np.column_stack([arm, site])):
        assert try_cuts(values, time, event, stratification_factors=factors).statistics == pytest.approx(
            crossed.statistics, rel=1e-12
        )


def test_only_cuts_that_part_a_stratum_are_tried() -> None:
    # the marker is lower in one stratum throughout: nothing is compared at 4
    values, site = np.arange(1.0, 9.0), np.repeat([0, 1], 4)
    options = {"n_permutations": 9, "minprop": 0.1, "stratification_factors": site}
    found = maximally_selected_log_rank(values, [4, 3, 2, 1, 1, 3, 5, 7], [1] * 8, **options)
    assert found.cuts.tolist() == [1, 2, 3, 5, 6, 7]
    assert np.isfinite(found.statistics).all()
    nothing = maximally_selected_log_rank(site, [4, 3, 2, 1, 1, 3, 5, 7], [1] * 8, **options)
    assert nothing.reason == "inside the stratification factors no cut has anything to compare"
    assert np.isnan([nothing.cut, nothing.statistic, nothing.p_value]).all()


@pytest.mark.parametrize("method", ["lau92", "lau94", "hothorn-lausen"])
def test_other_methods_know_no_strata(method) -> None:
    values, time, event, site = stratified_study(1)
    with pytest.raises(ValueError, match=f"'{method}' knows no stratification factors: 'permutation' does"):
        maximally_selected_log_rank(values, time, event, method=method, stratification_factors=site)


@pytest.mark.parametrize(
    ("values", "time", "event", "reason"),
    [
        ([1, 2, 3], [1, 2, 3], [0, 0, 0], "no event"),
        ([], [], [], "no event"),
        ([1, 2, 3], [5, 5, 5], [1, 1, 1], "every patient has the same survival"),
        ([1, 1, 1], [1, 2, 3], [1, 1, 1], "no cut leaves the shares of patients asked for"),
        ([1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2], range(1, 12), [1] * 11, ""),
    ],
)
def test_nothing_to_cut(values, time, event, reason) -> None:
    found = maximally_selected_log_rank(values, list(time), event, n_permutations=9)
    assert found.reason == reason
    if reason:
        assert np.isnan([found.cut, found.statistic, found.p_value]).all()
        assert (found.n_low, found.n_high) == (0, len(values))


def test_refuses_what_it_cannot_use() -> None:
    with pytest.raises(ValueError, match="values: 1 of 2 values are missing or infinite"):
        maximally_selected_log_rank([1, np.nan], [1, 2], [1, 1])
    with pytest.raises(ValueError, match="values have the shape"):
        maximally_selected_log_rank([1, 2, 3], [1, 2], [1, 1])
    with pytest.raises(ValueError, match=r"method must be one of permutation, .*; shares .* 0.9 and 0.1; n_perm"):
        maximally_selected_log_rank([1, 2], [1, 2], [1, 1], method="x", minprop=0.9, maxprop=0.1, n_permutations=0)
