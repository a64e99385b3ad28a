from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strata.survival.kernels import firth as module
from strata.survival.kernels.firth import firth

NEWTON, PROFILE = 1e-7, 1e-7


def compare(found, wanted, close) -> int:
    """Compare every number of a Firth fit; returns how many."""
    assert found.converged, found.reason
    compared = close(found.coefficients, wanted["coef"], NEWTON)
    compared += close(found.standard_errors, wanted["se_wald"], NEWTON)
    compared += close(found.hazard_ratios, wanted["hr"], NEWTON)
    compared += close(found.lower, wanted["profile_lower_hr"], PROFILE)
    compared += close(found.upper, wanted["profile_upper_hr"], PROFILE)
    compared += close(np.log10(found.p_values), np.log10(wanted["p_penalised_lr"]), NEWTON)
    compared += close(
        [found.log_likelihood, found.log_likelihood_null], [wanted["ploglik"], wanted["ploglik_null"]], 1e-10
    )
    return compared


def test_bundled_numbers_of_r(bundled, close) -> None:
    cases = bundled.cases("firth")
    for case in cases.values():
        model = bundled.model(case["dataset"], case["call"].removeprefix("coxph(").removesuffix(")"))
        found = firth(
            model.time,
            model.event,
            model.covariates,
            ties=case["ties"],
            stratification_factors=model.strata,
            entry=model.entry,
        )
        assert compare(found, case["result"], close) >= 8
    assert len(cases) == 6


def test_every_number_of_r(golden, close) -> None:
    cases = golden.cases("firth") | golden.cases("firth_breast")
    assert cases.pop("plain_cox_on_zero_events_arm")  # no Firth: what coxph makes of it, in test_cox
    for case in cases.values():
        frame, wanted = golden.frame(case["dataset"]), case["result"]
        if case["dataset"] == "aml":
            frame["x"] = frame["x"] == "Nonmaintained"
        time = next(frame[name] for name in ("TIME", "stop", "time") if name in frame)
        event = frame["CENS"] if "CENS" in frame else frame["event"]
        found = firth(time, event, frame[wanted["terms"]].astype(float), entry=frame.get("start"))
        assert found.names == tuple(wanted["terms"])
        assert compare(found, wanted, close) == 6 * len(wanted["terms"]) + 2
    assert len(cases) >= 5


def test_near_ties_are_ties(golden, close) -> None:
    days, frame = golden.frame("lung"), golden.frame("lung_jitter")
    jittered = next(name for name in frame if frame[name].nunique() == 212)
    found = firth(frame[jittered], frame["event"], frame["sex"])
    wanted = firth(days["time"], days["event"], days["sex"])
    close([*found.coefficients, *found.upper], [*wanted.coefficients, *wanted.upper], 1e-9)


def test_one_event_by_hand() -> None:
    # one event, of a patient with x = 1, among 3 with and 7 without: with p the share of the hazard on x = 1 the
    # penalised likelihood is log(p / 3) + log(p (1 - p)) / 2, at its highest where p = 3/4
    time, event, x = np.arange(1.0, 11.0), np.arange(10) == 0, np.arange(10) < 3
    found = firth(time, event, x)

    def penalised(p: float) -> float:
        return np.log(p / 3) + np.log(p * (1 - p)) / 2

    assert found.hazard_ratios[0] == pytest.approx(3 * 7 / 3, rel=1e-9)
    assert found.standard_errors[0] == pytest.approx(4 / np.sqrt(3), rel=1e-9)
    assert found.log_likelihood == pytest.approx(penalised(3 / 4), rel=1e-12)
    assert found.log_likelihood_null == pytest.approx(penalised(3 / 10), rel=1e-12)
    assert found.likelihood_ratio.chi_squared == pytest.approx(2 * (penalised(3 / 4) - penalised(3 / 10)))
    assert found.p_values[0] == pytest.approx(found.likelihood_ratio.p_value, rel=1e-9)
    for limit in (found.lower[0], found.upper[0]):
        lost = penalised(3 / 4) - penalised(3 * limit / (3 * limit + 7))
        assert 2 * lost == pytest.approx(3.841458820694124, rel=1e-8)  # the 0.95 quantile of chi-squared
    assert found.lower[0] < found.hazard_ratios[0] < found.upper[0]
    assert (found.n, found.events) == (10, 1)


def by_definition(time, event, x, strata, entry, beta, *, efron) -> float:
    """The penalised log likelihood of one covariate, one event time after the other."""
    total, information, hazard = 0.0, 0.0, np.exp(x * beta)
    for s in np.unique(strata):
        for t in np.unique(time[event & (strata == s)]):
            at_risk = (strata == s) & (time >= t) & (entry < t)
            dying = at_risk & event & (time == t)
            d = dying.sum()
            total += (x[dying] * beta).sum()
            for k in range(d):
                weight = hazard * at_risk - (k / d if efron else 0.0) * hazard * dying
                mean = (weight @ x) / weight.sum()
                total -= np.log(weight.sum())
                information += (weight @ (x - mean) ** 2) / weight.sum()
    return total + np.log(information) / 2


def random_study(seed: int, n: int = 40):
    generator = np.random.default_rng(seed)
    time = np.ceil(generator.exponential(10, n))
    return time, generator.random(n) < 0.5, generator.normal(size=n), generator


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("seed", range(6))
def test_is_the_maximum_of_the_definition(seed: int, ties: str) -> None:
    time, event, x, generator = random_study(seed)
    strata, entry = generator.integers(0, 2, 40), np.minimum(generator.integers(0, 6, 40), time - 1)
    found = firth(time, event, x, ties=ties, stratification_factors=strata, entry=entry)

    def penalised(beta: float) -> float:
        return by_definition(time, event, x, strata, entry, beta, efron=ties == "efron")

    best, beta = penalised(found.coefficients[0]), found.coefficients[0]
    assert found.log_likelihood == pytest.approx(best, rel=1e-12)
    assert found.log_likelihood_null == pytest.approx(penalised(0.0), rel=1e-12)
    assert (penalised(beta + 1e-4) - penalised(beta - 1e-4)) / 2e-4 == pytest.approx(0.0, abs=1e-7)
    assert max(penalised(value) for value in np.linspace(-3, 3, 61)) < best
    for limit in (found.lower[0], found.upper[0]):
        assert 2 * (best - penalised(np.log(limit))) == pytest.approx(3.841458820694124, rel=1e-8)


@given(st.integers(0, 2**32 - 1), st.sampled_from([1 / 30.4375, 12.0]))
@settings(max_examples=25, deadline=None)
def test_row_order_units_and_coding_change_nothing(seed, unit) -> None:
    time, event, x, generator = random_study(seed)
    frame = pd.DataFrame({"marker": generator.permutation(np.arange(40) < 10), "x": x}).astype(float)
    plain = firth(time, event, frame)
    assert plain.converged
    order = generator.permutation(40)
    other = firth(time[order] * unit, event[order], frame.iloc[order])
    np.testing.assert_allclose(other.coefficients, plain.coefficients, rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(other.upper, plain.upper, rtol=1e-6)
    recoded = firth(time, event, frame.assign(marker=1 - frame["marker"], x=1000.0 * x))
    assert recoded.lower[0] == pytest.approx(1 / plain.upper[0], rel=1e-6)
    assert recoded.upper[1] ** 1000.0 == pytest.approx(plain.upper[1], rel=1e-5)
    np.testing.assert_allclose(recoded.p_values, plain.p_values, rtol=1e-6)
    assert recoded.log_likelihood == pytest.approx(plain.log_likelihood + np.log(1000.0))
    assert recoded.likelihood_ratio.chi_squared == pytest.approx(plain.likelihood_ratio.chi_squared, rel=1e-6)


@given(st.integers(0, 2**32 - 1), st.integers(5, 40), st.sampled_from(["breslow", "efron"]))
@settings(max_examples=40, deadline=None)
def test_a_group_without_events_has_finite_limits(seed, n, ties) -> None:
    generator = np.random.default_rng(seed)
    group = np.arange(n) >= 2
    event = group & (generator.random(n) < 0.4)
    event[-1] = True
    time = np.where(group, np.ceil(generator.exponential(10, n)), 50.0)
    found = firth(time, event, np.column_stack([group, generator.normal(size=n)]), ties=ties)
    assert found.converged, found.reason
    assert 0 < found.lower[0] < found.hazard_ratios[0] < found.upper[0] < np.inf
    assert (found.p_values > 0).all()


def test_covariates_without_information() -> None:
    time, event, x, _ = random_study(9)
    frame = pd.DataFrame({"one": 1.0, "a": x, "double": 2.0 * x})
    found, plain = firth(time, event, frame), firth(time, event, x)
    assert found.coefficients[1] == pytest.approx(plain.coefficients[0], rel=1e-9)
    assert (found.lower[1], found.upper[1]) == pytest.approx((plain.lower[0], plain.upper[0]), rel=1e-8)
    for values in (found.coefficients, found.standard_errors, found.hazard_ratios, found.upper, found.p_values):
        assert np.isnan(values[[0, 2]]).all()
    assert found.likelihood_ratio.degrees_of_freedom == 1
    assert not found.converged
    assert found.reason == (
        "covariate one is constant among the patients at risk at every event; "
        "covariate double is a combination of the covariates before it"
    )


@pytest.mark.parametrize(("time", "event"), [([1, 2, 3], [0, 0, 0]), ([], [])])
def test_no_event(time, event) -> None:
    found = firth(time, event, np.arange(len(time)))
    assert found.reason == "no event"
    assert np.isnan([found.coefficients[0], found.upper[0], found.p_values[0], found.likelihood_ratio.p_value]).all()


def test_says_when_no_maximum_is_found(monkeypatch) -> None:
    time, event, x, generator = random_study(10)
    covariates = np.column_stack([x, generator.normal(size=40)])
    with monkeypatch.context() as patch:
        patch.setattr(module, "MAXIMUM_ITERATIONS", 2)
        found = firth(time, event, covariates)
        assert np.isnan([*found.coefficients, *found.p_values, found.log_likelihood]).all()
        assert found.reason == "no maximum of the penalised likelihood found in 2 steps"
    with monkeypatch.context() as patch:  # limits so far out that the information is lost on the way
        patch.setattr(module, "Z_95", 1e6)
        found = firth(time, event, covariates)
        assert np.isfinite(found.coefficients).all()
        assert np.isnan([*found.lower, *found.upper, *found.p_values]).all()
        assert found.reason.startswith("profile of 1: ")
        assert "profile of 2: " in found.reason
        assert not found.converged


def test_refuses_what_it_cannot_use() -> None:
    with pytest.raises(ValueError, match="covariate 1: 1 of 3 values are missing"):
        firth([1, 2, 3], [1, 1, 1], [1.0, np.nan, 2.0])
    with pytest.raises(ValueError, match="ties must be breslow or efron, not 'exact'"):
        firth([1, 2, 3], [1, 1, 1], [1, 2, 3], ties="exact")
