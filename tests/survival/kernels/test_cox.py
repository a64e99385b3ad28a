from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from strata.survival.kernels.cox import cox

NEWTON = 1e-7


def compare(found, wanted, close) -> int:
    """Compare every number of a coxph result; returns how many."""
    assert found.converged, found.reason
    robust = wanted.get("robust")
    inference = robust or {"p": wanted["p"], "lower": wanted["hr_lower"], "upper": wanted["hr_upper"]}
    compared = close(found.coefficients, wanted["coef"], NEWTON)
    compared += close(found.standard_errors, wanted["se"], NEWTON)
    compared += close(found.robust_standard_errors, robust["se"] if robust else ["NA"] * len(wanted["se"]), NEWTON)
    compared += close(found.hazard_ratios, wanted["hr"], NEWTON)
    compared += close(found.lower, inference["lower"], NEWTON)
    compared += close(found.upper, inference["upper"], NEWTON)
    compared += close(np.log10(found.p_values), np.log10(inference["p"]), NEWTON)
    compared += close(found.log10_p, np.log10(inference["p"]), NEWTON)
    vcov = wanted["vcov"].values() if isinstance(wanted["vcov"], dict) else wanted["vcov"]
    scale = np.outer(wanted["se"], wanted["se"])  # an off-diagonal entry is small next to its two variances
    compared += close(found.covariance / scale, np.array(list(vcov), float) / scale, NEWTON, floor=NEWTON)
    compared += close(
        [found.log_likelihood_null, found.log_likelihood], [wanted["loglik_null"], wanted["loglik"]], 1e-10
    )
    for test in ("score", "lr"):
        own = found.score if test == "score" else found.likelihood_ratio
        compared += close(own[:2], [wanted[test]["stat"], wanted[test]["df"]], NEWTON)
        if wanted[test]["p"] > 0:
            compared += close(own.log10_p, np.log10(wanted[test]["p"]), NEWTON)
    if robust:
        compared += close(found.wald.chi_squared, wanted["wald"]["stat"], 0, floor=0.0051)  # R rounds
    else:
        compared += close(found.wald.chi_squared, wanted["wald_unrounded"], NEWTON)
    if "concordance" in wanted:
        compared += close(found.concordance, wanted["concordance"])
        compared += close(found.concordance_standard_error, wanted["concordance_se"], NEWTON)
    return compared + close([found.n, found.events], [wanted["n"], wanted["nevent"]], 0)


def check(golden, close, case) -> int:
    result = case["result"]
    model = golden.model(
        case["dataset"], case["call"].removeprefix("coxph(").removesuffix(")"), result["efron"]["terms"]
    )
    return sum(
        compare(
            cox(
                model.time,
                model.event,
                model.covariates,
                ties=ties,
                stratification_factors=model.strata,
                entry=model.entry,
                cluster=model.cluster,
            ),
            result[ties],
            close,
        )
        for ties in ("efron", "breslow", "exact")
        if ties in result and (case["id"], ties) not in WITHOUT_A_MAXIMUM
    )


WITHOUT_A_MAXIMUM = {("cox_tiny_tg1", "exact")}
"""R's iterations stop somewhere on a likelihood that rises without end."""


def test_bundled_numbers_of_r(bundled, close) -> None:
    compared = [check(bundled, close, case) for case in bundled.cases("coxph").values()]
    assert len(compared) == 2
    assert min(compared) >= 30


BUNDLED = ("cluster", "cluster_strata", "cluster_entry", "entry", "exact", "exact_strata", "exact_entry")


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_robust_exact_and_delayed_numbers_of_r(bundled, close, name) -> None:
    case = bundled.cases("coxph_robust")[name]
    model = bundled.model(case["dataset"], case["call"].removeprefix("coxph(").removesuffix(")"))
    for ties, wanted in case["result"].items():
        found = cox(
            model.time,
            model.event,
            model.covariates,
            ties=ties,
            stratification_factors=model.strata,
            entry=model.entry,
            cluster=model.cluster,
        )
        assert found.converged
        for own, theirs in (
            (found.coefficients, "coef"),
            (found.standard_errors, "se"),
            (found.p_values, "p"),
            (found.log10_p, "log10_p"),
            (found.lower, "lower"),
            (found.upper, "upper"),
            (found.log_likelihood_null, "loglik_null"),
            (found.log_likelihood, "loglik"),
            (found.score.chi_squared, "score"),
            (found.wald.chi_squared, "wald"),
            (found.concordance, "concordance"),
            (found.concordance_standard_error, "concordance_se"),
            (found.n, "n"),
            (found.events, "nevent"),
        ):
            close(own, wanted[theirs], NEWTON)
        if "robust_se" in wanted:
            close(found.robust_standard_errors, wanted["robust_se"], NEWTON)
        else:
            assert np.isnan(found.robust_standard_errors).all()


def test_every_number_of_r(golden, close) -> None:
    cases = {
        name: case for name, case in golden.cases("coxph").items() if isinstance(case["result"].get("efron"), dict)
    }
    compared = {name: check(golden, close, case) for name, case in cases.items()}
    sys.stdout.write(f"coxph: {len(compared)} cases, {sum(compared.values())} numbers\n")
    assert len(compared) >= 25
    assert sum(compared.values()) >= 2300
    # the profile likelihood intervals are not an output of cox; their coefficients are compared below
    assert {name for name in golden.cases("coxph") if name not in cases} == {
        "cox_tiny_tg1_closed_form",
        "coxprofile_ovarian",
        "coxprofile_lung",
        "coxprofile_aml",
    }


def test_other_fits_of_r(golden, close) -> None:
    for case in golden.cases("coxph").values():
        if case["id"].startswith("coxprofile_"):
            frame = golden.frame(case["dataset"])
            frame["xx"] = frame["x"] == "Nonmaintained" if "x" in frame else False
            found = cox(frame["time"], frame["event"], frame[case["call"].split()[-1]])
            close([found.coefficients[0]], [case["result"]["coef"]], NEWTON)
    frame = golden.frame("rotterdam")
    for row in golden.cases("horizon")["hz_rotterdam_hormon"]["result"]["horizons"]:
        event = frame["rfs_event"].where(frame["rfs_time"] <= row["h"], 0)
        found = cox(frame["rfs_time"].clip(upper=row["h"]), event, frame[["hormon"]])
        close([found.coefficients[0], found.standard_errors[0]], [row["coef"], row["se"]], NEWTON)
    wanted = golden.cases("meta")["meta_pgr_4cohorts"]["result"]
    frame = golden.frame("pgr4cohorts")
    high = frame["x"] > frame.groupby("cohort")["x"].transform("median")
    pooled = cox(frame["time"], frame["event"], high, stratification_factors=frame["cohort"])
    compare(pooled, wanted["pooled_stratified_cox"], close)
    compare(cox(frame["time"], frame["event"], high), wanted["pooled_unstratified_cox"], close)


def test_interaction_fits_of_r(golden, close) -> None:
    cases = golden.cases("interaction")
    gbsg, veteran = golden.frame("gbsg"), golden.frame("veteran")
    for name, frame, treated, marker in (
        ("int_gbsg_hormon_er", gbsg, gbsg["hormon"], gbsg["er"] > 10),
        ("int_veteran_trt_karno", veteran, veteran["trt"] - 1, veteran["karno"] >= 70),
    ):
        design = pd.DataFrame({"trt": treated, "bm": marker.astype(int)})
        compare(cox(frame["time"], frame["event"], design), cases[name]["result"]["main"], close)
        design["both"] = design["trt"] * design["bm"]
        compare(cox(frame["time"], frame["event"], design), cases[name]["result"]["full"], close)


def test_delayed_entry_of_r(golden, close) -> None:
    wanted = golden.cases("pitfalls")["left_truncation_channing"]["result"]
    frame = golden.frame("channing").query("entry < exit")
    for name, entry in (("right_entry", frame["entry"]), ("wrong_no_entry", None)):
        found = cox(frame["exit"], frame["event"], frame["gender"] == 1, entry=entry)
        close(
            [found.coefficients[0], found.standard_errors[0], found.p_values[0]],
            [wanted[name]["coef"][0], wanted[name]["se"][0], wanted[name]["p"][0]],
            NEWTON,
        )


def test_near_ties_are_ties_as_in_r(golden, close) -> None:
    wanted = golden.cases("degenerate")["float_ties"]["result"]
    frame = golden.frame("lung_jitter")
    jittered = next(name for name in frame if frame[name].nunique() == wanted["n_unique_jittered"])
    found = cox(frame[jittered], frame["event"], frame["sex"])
    close(found.coefficients, [wanted["coef_years_timefix"]], NEWTON)


def test_separated_groups_of_r(golden, close) -> None:
    wanted = golden.cases("firth")["plain_cox_on_zero_events_arm"]["result"]
    frame = golden.frame("zero_events_arm")
    found = cox(frame["time"], frame["event"], frame["x"])
    close([found.score.p_value], [wanted["score_p"]], 1e-6)
    close([found.likelihood_ratio.p_value], [wanted["lr_p"]], 1e-6)
    assert not found.converged
    small, wanted = golden.frame("small_unbalanced"), golden.cases("pitfalls")["unbalanced_exact"]["result"]
    assert wanted["cox"]["hr"][0] > 1e12  # what R prints
    assert np.isnan(cox(small["time"], small["event"], small["g"]).hazard_ratios).all()


SEVEN = {"time": [1, 1, 6, 6, 8, 9], "event": [1, 0, 1, 1, 0, 1], "x": [1, 1, 1, 0, 0, 0]}


def test_therneaus_patients_by_hand() -> None:
    # Therneau and Grambsch 2000, appendix E.1; L(b) = 2b - log(3r + 3) - 2 log(r + 3) with r = exp(b) for Breslow
    found = cox(**{"time": SEVEN["time"], "event": SEVEN["event"], "covariates": SEVEN["x"]}, ties="breslow")
    beta = np.log((3 + np.sqrt(33)) / 2)
    r = np.exp(beta)
    assert found.coefficients[0] == pytest.approx(beta, rel=1e-12)
    assert beta == pytest.approx(1.475284914829, abs=5e-13)
    assert found.log_likelihood == pytest.approx(2 * beta - np.log(3 * r + 3) - 2 * np.log(r + 3), rel=1e-13)
    information = r / (r + 1) ** 2 + 6 * r / (r + 3) ** 2
    assert found.standard_errors[0] == pytest.approx(information**-0.5, rel=1e-10)
    assert found.score.chi_squared == pytest.approx(1.0 / (1 / 4 + 6 / 16), rel=1e-12)
    efron = cox(SEVEN["time"], SEVEN["event"], SEVEN["x"])
    angle = np.arccos(45 / 23 * np.sqrt(3 / 23))
    assert efron.coefficients[0] == pytest.approx(np.log(2 * np.sqrt(23 / 3) * np.cos(angle / 3)), rel=1e-11)
    assert efron.coefficients[0] == pytest.approx(1.676857485593, abs=5e-13)


def test_counting_process_by_hand() -> None:
    # one event among two at risk, then one among two others: L(b) = 2b - 2 log(1 + exp(b)) - ... has no interior
    # maximum, whereas with one event on either side the maximum is at 0
    found = cox([2, 3, 5, 6], [1, 0, 1, 0], [1, 0, 0, 1], entry=[0, 0, 4, 4])
    assert found.coefficients[0] == pytest.approx(0.0, abs=1e-12)
    assert found.log_likelihood == pytest.approx(-2 * np.log(2), rel=1e-14)
    assert found.standard_errors[0] == pytest.approx(np.sqrt(2), rel=1e-12)


def random_study(seed: int, n: int = 80, p: int = 2):
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(n, p))
    time = np.ceil(generator.exponential(20 * np.exp(-0.5 * x[:, 0])))
    return time, generator.random(n) < 0.7, x, generator


def brute_force(time, event, x, strata, entry, beta, *, efron):
    """Log likelihood from its definition, one event time at a time."""
    total, hazard = 0.0, np.exp(x @ beta)
    for s in np.unique(strata):
        for t in np.unique(time[event & (strata == s)]):
            own = strata == s
            dying = own & event & (time == t)
            d, at_risk = dying.sum(), hazard[own & (time >= t) & (entry < t)].sum()
            tied = hazard[dying].sum()
            total += (x[dying] @ beta).sum()
            total -= sum(np.log(at_risk - (k / d if efron else 0.0) * tied) for k in range(d))
    return total


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("seed", range(6))
def test_is_the_maximum_of_the_definition(seed: int, ties: str) -> None:
    time, event, x, generator = random_study(seed)
    strata, entry = generator.integers(0, 3, 80), np.minimum(generator.integers(0, 15, 80), time - 1)
    found = cox(time, event, x, ties=ties, stratification_factors=strata, entry=entry)

    def likelihood(beta):
        return brute_force(time, event, x, strata, entry, beta, efron=ties == "efron")

    assert found.converged
    assert found.log_likelihood == pytest.approx(likelihood(found.coefficients), rel=1e-12)
    assert found.log_likelihood_null == pytest.approx(likelihood(np.zeros(2)), rel=1e-12)
    step = 1e-3
    information = np.empty((2, 2))
    for i, a in enumerate(np.eye(2) * step):
        assert likelihood(found.coefficients + a) < found.log_likelihood
        assert likelihood(found.coefficients - a) < found.log_likelihood
        for j, b in enumerate(np.eye(2) * step):
            corners = [likelihood(found.coefficients + s * a + u * b) * s * u for s in (1, -1) for u in (1, -1)]
            information[i, j] = -sum(corners) / (4 * step**2)
    np.testing.assert_allclose(found.covariance, np.linalg.inv(information), rtol=1e-4, atol=1e-6)


@given(st.integers(0, 2**32 - 1), st.sampled_from([1 / 30.4375, 12.0]))
@settings(max_examples=50, deadline=None)
def test_row_order_unit_and_coding_change_nothing(seed, unit) -> None:
    time, event, _, generator = random_study(seed, n=40)
    group = generator.random(40) < 0.5
    plain = cox(time, event, group)
    assume(plain.converged)
    order = generator.permutation(40)
    other = cox(time[order] * unit, event[order], group[order])
    assert other.coefficients[0] == pytest.approx(plain.coefficients[0], rel=1e-8, abs=1e-10)
    complement = cox(time, event, ~group)
    assert complement.hazard_ratios[0] == pytest.approx(1 / plain.hazard_ratios[0], rel=1e-8)
    assert complement.lower[0] == pytest.approx(1 / plain.upper[0], rel=1e-8)
    assert complement.p_values[0] == pytest.approx(plain.p_values[0], rel=1e-6)
    scaled = cox(time, event, 1e6 + 1000.0 * group)
    assert 1000.0 * scaled.coefficients[0] == pytest.approx(plain.coefficients[0], rel=1e-7, abs=1e-9)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_strata_are_independent_of_what_happens_in_other_strata(seed) -> None:
    time, event, x, generator = random_study(seed, n=60)
    strata = generator.integers(0, 2, 60)
    shifted = cox(time + 100.0 * strata, event, x, stratification_factors=strata)
    plain = cox(time, event, x, stratification_factors=strata)
    assume(plain.converged)
    np.testing.assert_allclose(shifted.coefficients, plain.coefficients, rtol=1e-8, atol=1e-10)
    alone = [cox(time[s], event[s], x[s]).log_likelihood_null for s in (strata == 0, strata == 1)]
    assert plain.log_likelihood_null == pytest.approx(sum(alone))


def test_group_without_events() -> None:
    time = np.arange(1.0, 41.0)
    group = np.arange(40) % 2
    age = np.sin(np.arange(40))
    found = cox(time, group, pd.DataFrame({"marker": group, "age": age}))
    assert not found.converged
    assert "marker" in found.reason
    assert "age" not in found.reason
    for values in (found.coefficients, found.hazard_ratios, found.lower, found.upper, found.p_values):
        assert np.isnan(values[0])
        assert np.isfinite(values[1])
    assert np.isnan(found.wald.chi_squared)
    assert 0 < found.score.p_value < 0.001
    assert 0 < found.likelihood_ratio.p_value < 0.001
    # in the limit the group without events has left every risk set
    alone = cox(time[group == 1], np.ones(20), age[group == 1])
    assert found.coefficients[1] == pytest.approx(alone.coefficients[0], abs=1e-6)
    assert found.standard_errors[1] == pytest.approx(alone.standard_errors[0], rel=1e-6)
    mirrored = cox(time, group, 1 - group)
    assert np.isnan(mirrored.coefficients[0])


def test_reference_group_without_events_makes_every_contrast_infinite() -> None:
    generator = np.random.default_rng(4)
    group = np.arange(60) % 3
    found = cox(generator.exponential(10, 60), group > 0, np.column_stack([group == 1, group == 2]))
    assert np.isnan(found.coefficients).all()
    assert found.reason.startswith("infinite coefficient of 1, 2")


def test_ordered_events_are_separated() -> None:
    found = cox([1, 2, 3, 4, 5], [1, 1, 1, 1, 1], [5.0, 4.0, 3.0, 2.0, 1.0])
    assert np.isnan(found.hazard_ratios[0])
    assert found.log_likelihood == pytest.approx(0.0, abs=1e-6)


def test_information_that_is_rounding_is_not_a_maximum() -> None:
    # the one patient outside the group dies first of 38: the hazard ratio falls to 0; a step of Newton's method ends
    # where score and information are rounding, and "converged" there at exp(-40)
    event = np.ones(38, dtype=bool)
    event[[4, 8, 9, 10, 14, 16, 19, 20, 22, 25, 26, 28, 34]] = False
    fit = cox(np.arange(1.0, 39.0), event, np.arange(38) > 0)
    assert np.isnan(fit.coefficients[0])
    assert "infinite coefficient" in fit.reason


def test_delayed_entry_does_not_hide_an_infinite_coefficient() -> None:
    # differences of running sums lose the small hazards here and end at a hazard ratio of 1e8 with "converged"
    generator = np.random.default_rng(12)
    for _ in range(20):
        group = np.arange(30) % 2
        entry = generator.integers(0, 10, 30)
        found = cox(entry + generator.integers(1, 20, 30), group * (generator.random(30) < 0.8), group, entry=entry)
        assert np.isnan(found.coefficients).all()
        assert not found.converged


def test_an_outlier_does_not_look_like_an_infinite_coefficient() -> None:
    time, event, x, _ = random_study(13)
    x[3, 0] = 1e4
    found = cox(time, event, x)
    assert found.converged


def test_nothing_to_be_found_is_said() -> None:
    # every event in the order of the covariate, one gap far below the others: the predictors overflow first
    found = cox([1, 2, 3, 4], [1, 1, 1, 0], [3.0, 2.0, 1.0001, 1.0])
    assert not found.converged
    assert found.reason
    assert np.isnan(found.hazard_ratios[0])
    assert np.isnan(found.wald.chi_squared)
    assert found.likelihood_ratio.chi_squared > 0


def test_a_large_but_finite_hazard_ratio_is_estimated() -> None:
    time = np.concatenate([np.arange(1.0, 301.0), np.arange(1.0, 301.0) + 0.5])
    event = np.concatenate([np.ones(300), np.arange(300) == 150])
    found = cox(time, event, np.repeat([1, 0], 300))
    assert found.converged
    assert found.hazard_ratios[0] > 50


def test_covariates_without_information() -> None:
    time, event, x, _ = random_study(9)
    frame = pd.DataFrame({"a": x[:, 0], "one": 1.0, "b": x[:, 1], "sum": x[:, 0] + x[:, 1]})
    found = cox(time, event, frame)
    plain = cox(time, event, x)
    assert found.names == ("a", "one", "b", "sum")
    np.testing.assert_allclose(found.coefficients[[0, 2]], plain.coefficients, rtol=1e-9)
    assert np.isnan(found.coefficients[[1, 3]]).all()
    assert found.reason == (
        "covariate one is constant among the patients at risk at every event; "
        "covariate sum is a combination of the covariates before it"
    )
    assert found.likelihood_ratio.degrees_of_freedom == 2
    early = cox([1, 2, 3, 4], [0, 0, 1, 1], [1, 1, 0, 0])  # differs only before the first event
    assert early.reason.startswith("covariate 1 is constant")


@pytest.mark.parametrize(("time", "event"), [([1, 2, 3], [0, 0, 0]), ([], [])])
def test_no_event(time, event) -> None:
    found = cox(time, event, np.arange(len(time)))
    assert found.reason == "no event"
    assert np.isnan(found.coefficients).all()
    assert np.isnan([found.score.p_value, found.likelihood_ratio.p_value, found.wald.p_value]).all()


def test_refuses_what_it_cannot_use() -> None:
    with pytest.raises(ValueError, match="covariate age: 1 of 3 values are missing or infinite; covariate er: 2 of 3"):
        cox([1, 2, 3], [1, 1, 1], pd.DataFrame({"age": [1.0, np.nan, 2.0], "er": [np.nan, np.nan, 1.0]}))
    with pytest.raises(ValueError, match="covariates have the shape"):
        cox([1, 2, 3], [1, 1, 1], [[1.0], [2.0]])
    with pytest.raises(ValueError, match="ties must be"):
        cox([1, 2, 3], [1, 1, 1], [1, 2, 3], ties="discrete")
    with pytest.raises(ValueError, match="ties exact has no robust standard errors"):
        cox([1, 2, 3], [1, 1, 1], [1, 2, 3], ties="exact", cluster=[1, 2, 3])
    with pytest.raises(ValueError, match="cluster: all 3 rows are one cluster"):
        cox([1, 2, 3], [1, 1, 1], [1, 2, 3], cluster=["a", "a", "a"])
    with pytest.raises(ValueError, match="cluster: 1 of 3 labels are missing"):
        cox([1, 2, 3], [1, 1, 1], [1, 2, 3], cluster=["a", None, "b"])


def test_rows_given_twice_count_once_with_clusters() -> None:
    time, event, x, _ = random_study(21)
    row = np.arange(time.size)
    once = cox(time, event, x, ties="breslow", cluster=row)
    twice = cox(np.tile(time, 2), np.tile(event, 2), np.tile(x, (2, 1)), ties="breslow", cluster=np.tile(row, 2))
    np.testing.assert_allclose(twice.coefficients, once.coefficients, rtol=1e-9)
    np.testing.assert_allclose(twice.standard_errors, once.standard_errors / 2**0.5, rtol=1e-9)
    np.testing.assert_allclose(twice.robust_standard_errors, once.robust_standard_errors, rtol=1e-9)
    np.testing.assert_allclose(twice.upper, once.upper, rtol=1e-9)


def test_row_order_and_unit_do_not_change_robust_errors() -> None:
    time, event, x, generator = random_study(22)
    centre, order = generator.integers(0, 15, time.size), generator.permutation(time.size)
    plain = cox(time, event, x, cluster=centre)
    other = cox(time[order] * 12, event[order], x[order] * [1, 100], cluster=centre[order].astype(str))
    np.testing.assert_allclose(other.robust_standard_errors * [1, 100], plain.robust_standard_errors, rtol=1e-8)
    assert other.wald.chi_squared == pytest.approx(plain.wald.chi_squared, rel=1e-8)
    assert other.concordance == plain.concordance


def test_robust_errors_beside_an_infinite_coefficient_are_those_of_its_limit() -> None:
    time, group, age = np.arange(1.0, 41.0), np.arange(40) % 2, np.sin(np.arange(40))
    found = cox(time, group, np.column_stack([group, age]), cluster=np.arange(40) // 2)
    alone = cox(time[group == 1], np.ones(20), age[group == 1], cluster=np.arange(20))
    assert np.isnan(found.robust_standard_errors[0])
    assert found.robust_standard_errors[1] == pytest.approx(alone.robust_standard_errors[0], rel=1e-6)
    assert np.isnan(found.wald.chi_squared)


def test_fewer_clusters_than_covariates_have_no_wald_test() -> None:
    time, event, x, _ = random_study(23, p=3)
    found = cox(time, event, x, cluster=np.arange(time.size) % 2)
    assert found.converged
    assert np.isnan(found.wald.chi_squared)


def test_concordance() -> None:
    # the higher x dies first in every pair, also inside strata
    assert cox([1, 2, 3, 4], [1, 1, 1, 0], [4.0, 3.0, 2.5, 1.0]).concordance == 1.0
    # two pairs in each stratum are comparable; across strata they would be more
    found = cox([1, 2, 1, 2], [1, 1, 1, 1], [1.0, 0.0, 5.0, 6.0], stratification_factors=[0, 0, 1, 1])
    assert found.concordance == 0.5
    assert np.isnan(cox([1, 2, 3], [1, 1, 1], [1, 1, 1]).concordance)


def test_equal_patients_have_equal_predictors() -> None:
    generator = np.random.default_rng(24)
    x = np.tile(generator.normal(size=(1, 5)), (40, 1)) * np.repeat([0, 1], 20)[:, np.newaxis]
    x = x + np.repeat(generator.normal(size=(2, 5)), 20, axis=0)
    found = cox(np.arange(1.0, 41.0), np.arange(40) % 3 > 0, x)
    group = cox(np.arange(1.0, 41.0), np.arange(40) % 3 > 0, np.repeat([0, 1], 20))
    assert found.concordance == group.concordance


def test_agrees_with_lifelines() -> None:
    from lifelines import CoxPHFitter

    time, event, x, _ = random_study(11, n=300)
    frame = pd.DataFrame({"time": time, "event": event, "a": x[:, 0], "b": x[:, 1]})
    other = CoxPHFitter().fit(frame, "time", "event", fit_options={"precision": 1e-12, "r_precision": 1e-14})
    found = cox(time, event, x)
    np.testing.assert_allclose(found.coefficients, other.params_, rtol=1e-6)
    np.testing.assert_allclose(found.standard_errors, other.standard_errors_, rtol=1e-6)
