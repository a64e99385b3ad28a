from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from strata.survival.kernels.cox import cox
from strata.survival.kernels.log_rank import log_rank, log_rank_trend
from strata.survival.kernels.peto_one_step import peto_one_step

GOLDEN_WEIGHTS = {
    "logrank": "log-rank",
    "gehan_wilcoxon": "gehan",
    "tarone_ware": "tarone-ware",
    "peto_KMleft": "peto",
    "peto_modified": "peto-modified",
    "fh_0_1": "fleming-harrington(0, 1)",
    "fh_1_1": ("fleming-harrington", 1, 1),
    "fh_05_05": ("fleming-harrington", 0.5, 0.5),
    "fh_1_0": "fleming-harrington(1,0)",
}


def compare(found, wanted, order, close) -> int:
    """Compare every number of one test; R's groups are found at ``order``. Returns how many."""
    compared = close(found.chi_squared, wanted["chisq"])
    compared += close(found.degrees_of_freedom, wanted["df"], 0)
    compared += close(found.log10_p, wanted["log10_p"])
    compared += close(np.log10(found.p_value), np.log10(wanted["p"]))
    if "U" in wanted:
        excess = found.observed - found.expected
        compared += close(excess[order], wanted["U"], floor=1e-9 * np.abs(found.expected).max())
    if "observed" in wanted:
        compared += close(found.observed[order], wanted["observed"])
        compared += close(found.expected[order], wanted["expected"])
    if "var" in wanted:
        covariance = found.covariance[np.ix_(order, order)]
        compared += close(
            covariance, list(wanted["var"].values()) if isinstance(wanted["var"], dict) else wanted["var"]
        )
    return compared


def check(golden, close, case) -> int:
    """Compare every number of a survdiff case; returns how many."""
    result = case["result"]
    model = golden.model(case["dataset"], case["call"].removeprefix("survdiff(").removesuffix(")"))

    def test(weights):
        return log_rank(model.time, model.event, model.group, stratification_factors=model.strata, weights=weights)

    plain = test("log-rank")
    assert plain.n.sum() == result["n"]
    labels = [f"{label:g}" if isinstance(label, float) else str(label) for label in plain.groups]
    theirs = result.get("weighted", {}).get("logrank", {}).get("groups", labels)  # R sorts by locale
    order = [labels.index(label) for label in theirs]
    compared = compare(plain, result["survdiff_rho0"], order, close)
    if "survdiff_rho1" in result:
        compared += compare(test("peto"), result["survdiff_rho1"], order, close)
    for name, wanted in result.get("weighted", {}).items():
        compared += compare(test(GOLDEN_WEIGHTS[name]), wanted, order, close)
    if "peto_onestep" in result:
        found, wanted = peto_one_step(model.time, model.event, model.group), result["peto_onestep"]
        compared += close([found.log_hazard_ratio, found.standard_error], [wanted["log_hr"], wanted["se"]])
        compared += close(
            [found.hazard_ratio, found.lower, found.upper], [wanted["hr"], wanted["lower"], wanted["upper"]]
        )
    return compared


def test_bundled_numbers_of_r(bundled, close) -> None:
    assert sum(check(bundled, close, case) for case in bundled.cases("logrank").values()) == 16


@pytest.mark.parametrize("name", ["two_groups", "three_groups", "stratified", "delayed_entry"])
def test_bundled_family_of_r(bundled, close, name) -> None:
    case, frame = bundled.cases("logrank_family")[name]["result"], bundled.frame("clustered")
    for weights, wanted in case["weights"].items():
        found = log_rank(
            frame["time"],
            frame["event"],
            frame[case["group"]],
            stratification_factors=frame[case["strata"]] if case.get("strata") else None,
            weights=weights,
            entry=frame[case["entry"]] if case.get("entry") else None,
        )
        assert found.weights == weights
        close(found.observed, wanted["weighted_observed"])
        close(found.expected, wanted["weighted_expected"])
        compare(found, wanted, list(range(len(found.groups))), close)


def test_every_number_of_r(golden, close) -> None:
    others = {"lr_larynx_trend", "lr_cox_score_identity_noties", "lr_exact_perm_4vs14"}  # in tests of their own
    cases = golden.cases("logrank")
    compared = {name: check(golden, close, case) for name, case in cases.items() if name not in others}
    sys.stdout.write(f"logrank: {len(compared)} cases, {sum(compared.values())} numbers\n")
    assert len(compared) == len(cases) - len(others)
    assert min(compared.values()) >= 78
    assert sum("_st_" in name for name in compared) >= 5


def test_trend_of_r(golden, close) -> None:
    result = golden.cases("logrank")["lr_larynx_trend"]["result"]
    larynx = golden.frame("larynx")
    found = log_rank_trend(larynx["time"], larynx["event"], larynx["stage"])
    assert close([found.chi_squared, np.log10(found.p_value)], [result["chisq"], np.log10(result["p"])]) == 2
    assert found.degrees_of_freedom == 1
    scores = np.arange(1, 5)
    close([scores @ (found.observed - found.expected)], [result["U"]])
    close([scores @ found.covariance @ scores], [result["V"]])


def test_other_numbers_of_r(golden, close) -> None:
    pitfalls = golden.cases("pitfalls")
    crossing, small = golden.frame("crossing"), golden.frame("small_unbalanced")
    close(
        log_rank(crossing["time"], crossing["event"], crossing["x"]).p_value,
        pitfalls["crossing_curves"]["result"]["logrank_p"],
    )
    close(
        log_rank(small["time"], small["event"], small["g"]).p_value,
        pitfalls["unbalanced_exact"]["result"]["asymptotic_p"],
    )
    close(
        log_rank(crossing["time"], crossing["event"], crossing["x"], weights="peto").p_value,
        pitfalls["crossing_curves"]["result"]["peto_rho1_p"],
    )
    lung, wanted = golden.frame("lung"), pitfalls["coding_errors_lung"]["result"]
    close(log_rank(lung["time"], lung["event"], lung["sex"]).p_value, wanted["right"])
    close(log_rank(lung["time"], np.ones(len(lung)), lung["sex"]).p_value, wanted["all_events"])
    close(log_rank(lung["time"], 1 - lung["event"], lung["sex"]).p_value, wanted["inverted_CNSR"])
    identity = golden.cases("logrank")["lr_cox_score_identity_noties"]["result"]
    stanford = golden.frame("stanford2").drop_duplicates("time").query("time > 0")
    assert len(stanford) == identity["n"]
    found = log_rank(stanford["time"], stanford["event"], stanford["age"] > 45)
    close([found.chi_squared] * 2, [identity["survdiff_chisq"], identity["cox_score"]])
    pooled = golden.cases("meta")["meta_pgr_4cohorts"]["result"]["stratified_logrank"]["chisq"]
    cohorts = golden.frame("pgr4cohorts")
    high = cohorts["x"] > cohorts.groupby("cohort")["x"].transform("median")
    found = log_rank(cohorts["time"], cohorts["event"], high, stratification_factors=cohorts["cohort"])
    close(found.chi_squared, pooled)


def test_horizons_of_r(golden, close) -> None:
    frame = golden.frame("rotterdam")
    for row in golden.cases("horizon")["hz_rotterdam_hormon"]["result"]["horizons"]:
        event = frame["rfs_event"].where(frame["rfs_time"] <= row["h"], 0)
        found = log_rank(frame["rfs_time"].clip(upper=row["h"]), event, frame["hormon"])
        close([found.chi_squared, found.observed.sum()], [row["logrank_chisq"], row["events"]])


def test_by_hand() -> None:
    # times 1 (a dies), 2 (b dies), 3 (a censored), 4 (b dies, alone): E_a = 1/2 + 1/3, V = 1/4 + 2/9
    found = log_rank([1, 2, 3, 4], [1, 1, 0, 1], ["a", "b", "a", "b"])
    assert found.groups == ("a", "b")
    assert found.expected == pytest.approx([5 / 6, 13 / 6])
    assert found.chi_squared == pytest.approx((1 / 6) ** 2 / (17 / 36))


def test_weights_by_hand() -> None:
    # the same patients: 4, 3 and 1 at risk, S(t-) = 1, 3/4, 1/2; the last event is alone and adds nothing
    time, event, group = [1, 2, 3, 4], [1, 1, 0, 1], ["a", "b", "a", "b"]
    for weights, first, second in (
        ("gehan", 4, 3),
        ("tarone-ware", 2, 3**0.5),
        ("peto", 1, 3 / 4),
        ("peto-modified", 4 / 5, 4 / 5 * 3 / 4),
        ("fleming-harrington(0, 1)", 0, 1 / 4),
        (("fleming-harrington", 2, 0.5), 0, (3 / 4) ** 2 * (1 / 4) ** 0.5),
    ):
        found = log_rank(time, event, group, weights=weights)
        assert found.observed[0] == pytest.approx(first)
        assert found.expected[0] == pytest.approx(first / 2 + second / 3)
        variance = first**2 / 4 + second**2 * 2 / 9
        assert found.covariance == pytest.approx(variance * np.array([[1, -1], [-1, 1]]))
        assert found.chi_squared == pytest.approx((first / 2 - second / 3) ** 2 / variance)


def test_survival_starts_anew_in_every_stratum() -> None:
    # the second stratum begins after the first has ended, so its times alone do not show where it begins
    early = ([1, 2, 3, 4], [1, 1, 0, 1], ["a", "b", "a", "b"])
    late = ([11, 12, 13, 14, 15], [1, 1, 1, 1, 0], ["a", "b", "b", "a", "a"])
    for weights in ("peto", "peto-modified", "gehan", "fleming-harrington(1, 1)"):
        parts = [log_rank(*part, weights=weights) for part in (early, late)]
        both = log_rank(
            early[0] + late[0],
            early[1] + late[1],
            early[2] + late[2],
            stratification_factors=[0] * 4 + [1] * 5,
            weights=weights,
        )
        np.testing.assert_allclose(both.expected, sum(part.expected for part in parts), rtol=1e-12)
        np.testing.assert_allclose(both.covariance, sum(part.covariance for part in parts), rtol=1e-12)


def test_tied_deaths_by_hand() -> None:
    # two of four die together, one of each group of two: E = 1, V = 2 * 2 / 3 * 1 / 4; then nobody is left to compare
    found = log_rank([1, 1, 2, 3], [1, 1, 0, 1], [0, 1, 0, 1])
    assert found.observed.tolist() == [1, 2]
    assert found.expected.tolist() == [1, 2]
    assert found.chi_squared == 0
    assert found.p_value == 1


@pytest.mark.parametrize(
    ("time", "event", "group"),
    [
        ([1, 2, 3], [0, 0, 0], [0, 1, 1]),  # no event
        ([1, 2, 3], [1, 1, 1], [1, 1, 1]),  # one group
        ([5, 5, 5], [1, 1, 1], [0, 1, 1]),  # everybody dies at once
        ([1, 2, 3, 4], [0, 0, 1, 1], [0, 0, 1, 1]),  # one group left before the first event
        ([], [], []),
    ],
)
def test_nothing_to_compare(time, event, group) -> None:
    for found in (log_rank(time, event, group), log_rank_trend(time, event, group)):
        assert np.isnan([found.chi_squared, found.p_value, found.log10_p]).all()
        assert found.degrees_of_freedom == 0


def test_one_event_as_in_r() -> None:
    found = log_rank(np.arange(1, 11), [1] + [0] * 9, [0, 1] * 5)
    assert found.chi_squared == pytest.approx(1.0)
    assert found.p_value == pytest.approx(0.317310507862914, rel=1e-12)


def test_pairs_of_groups_that_never_meet_are_added_up() -> None:
    time, event, group = [1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 0, 1, 1, 1, 1, 0], list("aabbabab")
    one = log_rank(time, event, group)
    both = log_rank(time * 2, event * 2, group + [g.upper() for g in group], stratification_factors=[0] * 8 + [1] * 8)
    assert both.degrees_of_freedom == 2
    assert both.chi_squared == pytest.approx(2 * one.chi_squared, rel=1e-12)


def test_a_tiny_p_is_not_zero() -> None:
    time = np.concatenate([np.arange(1.0, 2001.0), np.arange(3000.0, 5000.0)])
    found = log_rank(time, np.ones(4000), np.repeat([0, 1], 2000))
    assert found.p_value == 0
    assert found.log10_p == pytest.approx(-found.chi_squared / 2 / np.log(10), rel=0.01)


def test_strata_by_several_factors_are_their_combinations() -> None:
    generator = np.random.default_rng(1)
    time, event = generator.exponential(10, 200), generator.random(200) < 0.7
    group, node, grade = generator.integers(0, 2, 200), generator.integers(0, 2, 200), generator.integers(1, 4, 200)
    together = log_rank(time, event, group, stratification_factors=[f"{a}-{b}" for a, b in zip(node, grade)])
    for factors in (
        np.column_stack([node, grade]),
        pd.DataFrame({"node": np.where(node, "N+", "N0"), "grade": grade}),
    ):
        assert log_rank(time, event, group, stratification_factors=factors).chi_squared == pytest.approx(
            together.chi_squared
        )
    parts = [
        log_rank(time[s], event[s], group[s]) for s in ((node == a) & (grade == b) for a in (0, 1) for b in (1, 2, 3))
    ]
    np.testing.assert_allclose(together.expected, sum(part.expected for part in parts))


def test_trend_scores() -> None:
    generator = np.random.default_rng(2)
    time, event, group = generator.exponential(10, 90), generator.random(90) < 0.7, generator.integers(0, 3, 90)
    plain = log_rank_trend(time, event, group)
    assert log_rank_trend(time, event, group, scores=[-3, 0, 3]).chi_squared == pytest.approx(plain.chi_squared)
    assert np.isnan(log_rank_trend(time, event, group, scores=[0.1, 0.1, 0.1]).chi_squared)
    first = log_rank(time, event, group == 0)
    assert log_rank_trend(time, event, group, scores=[1, 0, 0]).chi_squared == pytest.approx(first.chi_squared)
    strata = generator.integers(0, 2, 90)
    two = log_rank_trend(time, event, group > 0, stratification_factors=strata)
    assert two.chi_squared == pytest.approx(log_rank(time, event, group > 0, stratification_factors=strata).chi_squared)
    entry = np.minimum(time / 2, 3.0)
    two = log_rank_trend(time, event, group > 0, entry=entry)
    assert two.chi_squared == pytest.approx(log_rank(time, event, group > 0, entry=entry).chi_squared)
    with pytest.raises(ValueError, match="scores must be 3"):
        log_rank_trend(time, event, group, scores=[1, 2])


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_missing_labels_are_refused(missing) -> None:
    with pytest.raises(ValueError, match="group: 1 of 3 labels are missing"):
        log_rank([1, 2, 3], [1, 1, 1], ["a", missing, "b"])
    with pytest.raises(ValueError, match="stratification_factors: 1 of 3"):
        log_rank([1, 2, 3], [1, 1, 1], ["a", "a", "b"], stratification_factors=pd.Series(["x", missing, "y"]))
    with pytest.raises(ValueError, match="group: 1 of 3 labels are missing"):
        log_rank([1, 2, 3], [1, 1, 1], np.array([0.0, np.nan, 1.0]))
    with pytest.raises(ValueError, match="group has the shape"):
        log_rank([1, 2, 3], [1, 1, 1], ["a", "b"])


def brute_force(time, event, group, entry):
    """Two groups, one event time at a time, from the definition."""
    excess = variance = 0.0
    for t in np.unique(time[event]):
        at_risk = (time >= t) & (entry < t)
        n, n1 = at_risk.sum(), (at_risk & group).sum()
        dying = (time == t) & event
        d = dying.sum()
        excess += (dying & group).sum() - d * n1 / n
        variance += d * (n - d) / max(n - 1, 1) * n1 / n * (1 - n1 / n)
    return excess**2 / variance if variance > 0 else np.nan


outcomes = st.lists(
    st.tuples(st.integers(2, 20), st.booleans(), st.booleans(), st.integers(0, 10)), min_size=4, max_size=40
)


@given(outcomes)
@settings(max_examples=150, deadline=None)
def test_is_the_definition_with_delayed_entry(outcome) -> None:
    time, event, group, entry = (np.array(column) for column in zip(*outcome))
    entry = np.minimum(entry, time - 1)
    wanted = brute_force(time, event, group, entry)
    np.testing.assert_allclose(log_rank(time, event, group, entry=entry).chi_squared, wanted, rtol=1e-9, atol=1e-12)
    at_start = log_rank(time, event, group, entry=np.zeros(time.size)).chi_squared
    np.testing.assert_allclose(at_start, log_rank(time, event, group).chi_squared, rtol=1e-12)


@given(outcomes, st.randoms(use_true_random=False), st.sampled_from([1 / 30.4375, 12.0]))
@settings(max_examples=100, deadline=None)
def test_row_order_unit_and_labels_change_nothing(outcome, random, unit) -> None:
    time, event, _, group = (np.array(column) for column in zip(*outcome))
    group = group % 3
    plain = log_rank(time, event, group)
    order = list(range(time.size))
    random.shuffle(order)
    names = np.array(["z", "m", "a"])[group]
    other = log_rank(time[order] * unit, event[order], names[order])
    np.testing.assert_allclose(other.chi_squared, plain.chi_squared, rtol=1e-7, atol=1e-12)
    assert other.degrees_of_freedom == plain.degrees_of_freedom
    assert plain.observed.sum() == pytest.approx(plain.expected.sum())


@given(outcomes, st.integers(1, 5))
@settings(max_examples=100, deadline=None)
def test_a_group_censored_before_the_first_event_changes_nothing(outcome, n_extra) -> None:
    time, event, group, _ = (np.array(column) for column in zip(*outcome))
    plain = log_rank(time, event, group.astype(int))
    more = log_rank(
        np.append(time, [1] * n_extra), np.append(event, [False] * n_extra), np.append(group.astype(int), [2] * n_extra)
    )
    np.testing.assert_allclose(more.chi_squared, plain.chi_squared, rtol=1e-12)
    assert more.degrees_of_freedom == plain.degrees_of_freedom


@given(st.permutations(range(1, 25)), st.integers(0, 2**32 - 1))
@settings(max_examples=100, deadline=None)
def test_without_ties_it_is_the_score_test_of_cox(time, seed) -> None:
    generator = np.random.default_rng(seed)
    event, group, strata = generator.random(24) < 0.7, generator.integers(0, 3, 24), generator.integers(0, 2, 24)
    found = log_rank(time, event, group, stratification_factors=strata)
    assume(found.degrees_of_freedom == 2)
    dummies = np.column_stack([group == 1, group == 2])
    score = cox(time, event, dummies, stratification_factors=strata).score
    assume(score.degrees_of_freedom == 2)
    assert score.chi_squared == pytest.approx(found.chi_squared, rel=1e-8)


@given(outcomes, st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_weighted_tests_do_not_depend_on_row_order_unit_and_labels(outcome, random) -> None:
    time, event, group, _ = (np.array(column) for column in zip(*outcome))
    order = list(range(time.size))
    random.shuffle(order)
    for weights in ("gehan", "tarone-ware", "peto", "peto-modified", "fleming-harrington(0.5, 2)"):
        plain = log_rank(time, event, group, weights=weights)
        other = log_rank(time[order] * 30.4375, event[order], np.where(group[order], "a", "b"), weights=weights)
        np.testing.assert_allclose(other.chi_squared, plain.chi_squared, rtol=1e-7, atol=1e-12)
        assert plain.observed.sum() == pytest.approx(plain.expected.sum())


def test_weights_that_leave_nothing_to_compare() -> None:
    # the only patient who entered early dies, so that S(t-) is 0 ever after
    found = log_rank([1, 5, 6, 7, 8], [1, 1, 1, 1, 1], [0, 1, 0, 1, 0], entry=[0, 2, 2, 2, 2], weights="peto")
    assert np.isnan(found.chi_squared)
    assert found.degrees_of_freedom == 0


def test_agrees_with_lifelines() -> None:
    from lifelines.statistics import multivariate_logrank_test

    generator = np.random.default_rng(6)
    time, event = np.ceil(generator.exponential(20, 300)), generator.random(300) < 0.6
    group = generator.integers(0, 4, 300)
    found, other = log_rank(time, event, group), multivariate_logrank_test(time, group, event)
    assert found.chi_squared == pytest.approx(other.test_statistic, rel=1e-9)
    assert found.p_value == pytest.approx(other.p_value, rel=1e-8)
    for weights, name in (("gehan", "wilcoxon"), ("tarone-ware", "tarone-ware"), ("peto-modified", "peto")):
        other = multivariate_logrank_test(time, group, event, weightings=name)
        assert log_rank(time, event, group, weights=weights).chi_squared == pytest.approx(
            other.test_statistic, rel=1e-9
        )
