from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strata.survival.kernels.cox import cox
from strata.survival.kernels.proportional_hazards import proportional_hazards

NEWTON = 1e-7
TRANSFORMS = ["km", "rank", "identity", "log"]


def check(golden, close, case) -> int:
    """Compare every number of a cox.zph case; returns how many."""
    wanted = case["result"]
    formula = case["call"].removeprefix("cox.zph(coxph(").removesuffix("), terms=FALSE)")
    model = golden.model(case["dataset"], formula, wanted["km"]["rows"])
    compared = 0
    for transform in [name for name in TRANSFORMS if name in wanted]:
        found = proportional_hazards(
            model.time,
            model.event,
            model.covariates,
            transform=transform,
            ties=case.get("ties", "efron"),
            stratification_factors=model.strata,
            entry=model.entry,
        )
        assert not found.reason
        tests = wanted[transform]
        assert [*found.names, "GLOBAL"] == tests["rows"]
        compared += close([*found.chi_squared, found.global_chi_squared], tests["chisq"], NEWTON)
        compared += close([*found.degrees_of_freedom, found.global_degrees_of_freedom], tests["df"], 0)
        p_values = [*found.p_values, found.global_p_value]
        compared += close(np.log10(p_values), np.log10(tests["p"]), NEWTON)
    if "scaled_schoenfeld" in wanted:
        close(found.event_times, wanted["scaled_schoenfeld"]["time"])
        return compared + close(found.scaled_residuals.T, wanted["scaled_schoenfeld"]["columns"], NEWTON, floor=1e-9)
    head = wanted["scaled_schoenfeld_head"]
    close(found.event_times[: len(head["time"])], head["time"])
    return compared + close(found.scaled_residuals[: len(head["time"]), 0], head["first_col"], NEWTON)


def test_bundled_numbers_of_r(bundled, close) -> None:
    cases = bundled.cases("coxzph")
    compared = [check(bundled, close, case) for case in cases.values()]
    assert len(compared) == 5
    assert sum(compared) == 701


def test_every_number_of_r(golden, close) -> None:
    compared = [check(golden, close, case) for case in golden.cases("coxzph").values()]
    assert len(compared) >= 8
    assert min(compared) == 28


def test_crossing_curves_of_r(golden, close) -> None:
    wanted, frame = golden.cases("pitfalls")["crossing_curves"]["result"], golden.frame("crossing")
    found = proportional_hazards(frame["time"], frame["event"], frame["x"])
    close(found.chi_squared, [wanted["zph_km_chisq"]], NEWTON)
    close(np.log10(found.p_values), [np.log10(wanted["zph_km_p"])], NEWTON)


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_two_event_times_by_hand(transform: str) -> None:
    # Therneau and Grambsch 2000, appendix E.1, Breslow: exp(b) = r = (3 + sqrt(33)) / 2. At time 1 the share of the
    # hazard on x = 1 is r / (r + 1), at time 6 r / (r + 3) for two events, at time 9 there is nobody with x = 1.
    r = (3 + np.sqrt(33)) / 2
    variances = r / (r + 1) ** 2, 2 * 3 * r / (r + 3) ** 2
    residual = 1 - 2 * r / (r + 3)  # at time 6; its opposite at time 1
    found = proportional_hazards(
        [1, 1, 6, 6, 8, 9], [1, 0, 1, 1, 0, 1], [1, 1, 1, 0, 0, 0], transform=transform, ties="breslow"
    )
    assert found.chi_squared[0] == pytest.approx(residual**2 * (1 / variances[0] + 1 / variances[1]), rel=1e-10)
    assert found.global_chi_squared == pytest.approx(found.chi_squared[0], rel=1e-10)
    scaled = np.array([1 / (r + 1), 3 / (r + 3), -r / (r + 3), 0]) * 4 / sum(variances) + np.log(r)
    np.testing.assert_allclose(found.scaled_residuals[:, 0], scaled, rtol=1e-10)
    np.testing.assert_array_equal(found.event_times, [1, 6, 6, 9])
    assert (found.n, found.events) == (6, 4)


def random_study(seed: int, n: int = 60):
    generator = np.random.default_rng(seed)
    time = np.ceil(generator.exponential(10, n))
    return time, generator.random(n) < 0.6, generator.normal(size=(n, 2)), generator


def with_partners(time, event, x, strata, entry, beta, gamma, g, *, efron) -> float:
    """Log likelihood of x b + x g(t) c from its definition, one event time after the other."""
    total = 0.0
    for s in np.unique(strata):
        for t in np.unique(time[event & (strata == s)]):
            at_risk = (strata == s) & (time >= t) & (entry < t)
            dying = at_risk & event & (time == t)
            eta = x @ (beta + g[t] * gamma)
            hazard, d = np.exp(eta), dying.sum()
            total += eta[dying].sum()
            steps = np.arange(d) / d if efron else np.zeros(d)
            total -= np.log(hazard[at_risk].sum() - steps * hazard[dying].sum()).sum()
    return total


def derivatives(function, at, step=1e-3):
    """Gradient and negative Hessian by central differences."""
    units = np.eye(at.size) * step
    gradient = np.array([function(at + u) - function(at - u) for u in units]) / (2 * step)
    hessian = [
        [function(at + u + v) - function(at + u - v) - function(at - u + v) + function(at - u - v) for v in units]
        for u in units
    ]
    return gradient, -np.array(hessian) / (4 * step**2)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("transform", ["rank", "log"])
def test_is_the_score_test_of_its_definition(transform: str, ties: str) -> None:
    time, event, x, generator = random_study(5)
    strata, entry = generator.integers(0, 2, 60), np.minimum(generator.integers(0, 6, 60), time - 1)
    options = {"ties": ties, "stratification_factors": strata, "entry": entry}
    found = proportional_hazards(time, event, x, transform=transform, **options)
    scale = {"rank": pd.Series(time).rank().to_numpy(), "log": np.log(time)}[transform]
    g = dict(zip(time, (scale - scale.mean()) / scale.std()))

    def likelihood(both):
        return with_partners(time, event, x, strata, entry, both[:2], both[2:], g, efron=ties == "efron")

    beta = cox(time, event, x, **options).coefficients
    score, information = derivatives(likelihood, np.concatenate([beta, np.zeros(2)]))
    score[:2] = 0.0
    assert found.global_chi_squared == pytest.approx(score @ np.linalg.solve(information, score), rel=1e-4)
    for k in range(2):
        own = [0, 1, 2 + k]
        statistic = score[own] @ np.linalg.solve(information[np.ix_(own, own)], score[own])
        assert found.chi_squared[k] == pytest.approx(statistic, rel=1e-4)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_row_order_units_and_coding_change_nothing(seed) -> None:
    time, event, x, generator = random_study(seed)
    order = generator.permutation(60)
    recoded = np.column_stack([5.0 - 1000.0 * x[:, 0], x[:, 1]])
    for transform, new_time in (("km", time**2), ("rank", time**2), ("identity", 3.0 * time), ("log", 30.4375 * time)):
        plain = proportional_hazards(time, event, x, transform=transform)
        other = proportional_hazards(new_time[order], event[order], recoded[order], transform=transform)
        np.testing.assert_allclose(other.chi_squared, plain.chi_squared, rtol=1e-6, atol=1e-9)
        assert other.global_chi_squared == pytest.approx(plain.global_chi_squared, rel=1e-6)
        # a mean of 0 over time would be the test of the coefficient itself
        np.testing.assert_allclose(plain.scaled_residuals.mean(axis=0), cox(time, event, x).coefficients, atol=1e-7)


def test_finds_an_effect_that_fades() -> None:
    # hazard of group 1: 3 times that of group 0 up to time 0.5, a third of it afterwards
    generator = np.random.default_rng(7)
    group, total = np.arange(600) % 2, generator.exponential(size=600)
    time = np.where(group == 0, total, np.where(total < 1.5, total / 3, 0.5 + 3 * (total - 1.5)))
    found = proportional_hazards(time, np.ones(600), group)
    assert found.p_values[0] < 1e-9
    early = found.event_times < 0.5
    ratios = [found.scaled_residuals[part, 0].mean() for part in (early, ~early)]
    assert np.log(3) - 0.4 < ratios[0]
    assert ratios[1] < 0.4 - np.log(3)


def test_an_infinite_coefficient_leaves_no_test() -> None:
    # R gives chi-squared 1e-10 and p 0.99999 here
    time, group = np.arange(1.0, 25.0), np.arange(24) % 2
    found = proportional_hazards(time, group, pd.DataFrame({"marker": group, "age": np.sin(time)}))
    assert np.isnan([*found.chi_squared, *found.p_values, found.global_chi_squared, found.global_p_value]).all()
    assert np.isnan(found.scaled_residuals).all()
    assert [*found.degrees_of_freedom, found.global_degrees_of_freedom] == [0, 0, 0]
    assert found.reason.startswith("infinite coefficient of marker")


def test_covariates_that_are_not_estimable_count_in_nothing() -> None:
    time, event, x, _ = random_study(9)
    frame = pd.DataFrame({"one": 1.0, "a": x[:, 0], "double": 2.0 * x[:, 0], "b": x[:, 1]})
    found, plain = proportional_hazards(time, event, frame), proportional_hazards(time, event, x)
    np.testing.assert_allclose(found.chi_squared[[1, 3]], plain.chi_squared, rtol=1e-9)
    np.testing.assert_allclose(found.scaled_residuals[:, [1, 3]], plain.scaled_residuals, rtol=1e-7)
    assert np.isnan(found.chi_squared[[0, 2]]).all()
    assert np.isnan(found.scaled_residuals[:, [0, 2]]).all()
    assert [*found.degrees_of_freedom, found.global_degrees_of_freedom] == [0, 1, 0, 1, 2]
    assert found.global_p_value == pytest.approx(plain.global_p_value, rel=1e-9)
    assert "covariate double is a combination of the covariates before it" in found.reason


@pytest.mark.parametrize(("time", "event"), [([1, 2, 3], [0, 0, 0]), ([], [])])
def test_no_event(time, event) -> None:
    found = proportional_hazards(time, event, np.arange(len(time)))
    assert found.reason == "no event"
    assert np.isnan([found.chi_squared[0], found.p_values[0], found.global_p_value]).all()
    assert found.scaled_residuals.shape == (0, 1)


def test_events_at_one_time_only() -> None:
    found = proportional_hazards([1, 1, 2, 2], [1, 1, 0, 0], [1, 0, 1, 0])
    assert np.isnan([found.chi_squared[0], found.global_chi_squared]).all()
    assert found.reason == "the scale of time is the same at every event"


def test_a_covariate_that_differs_at_one_event_time_only() -> None:
    time, event = [1, 1, 1, 1, 2, 3, 4, 5], [1, 1, 0, 0, 1, 1, 1, 0]
    frame = pd.DataFrame({"early": [1, 0, 1, 0, 0, 0, 0, 0], "b": [1, 2, 0, 1, 2, 0, 3, 1]})
    found = proportional_hazards(time, event, frame)
    assert np.isnan([found.chi_squared[0], found.global_chi_squared]).all()
    assert np.isfinite(found.chi_squared[1])
    assert [*found.degrees_of_freedom, found.global_degrees_of_freedom] == [0, 1, 0]
    assert found.reason == "the hazard ratio of early rests on one event time"


def test_too_few_event_times_for_the_global_test() -> None:
    # three pairs, the one with the event less the other: (1, 0), (0, 1), (-1, -1); four coefficients are too many
    x = [[1, 0], [0, 0], [0, 1], [0, 0], [0, 0], [1, 1]]
    found = proportional_hazards([1, 9, 2, 9, 3, 9], [1, 0] * 3, x, stratification_factors=[1, 1, 2, 2, 3, 3])
    assert np.isfinite(found.chi_squared).all()
    assert np.isnan(found.global_chi_squared)
    assert found.global_degrees_of_freedom == 0
    assert found.reason == "too few event times for a test of all covariates together"


def test_refuses_what_it_cannot_use() -> None:
    with pytest.raises(ValueError, match="transform must be one of km, rank, identity, log, not 'sqrt'"):
        proportional_hazards([1, 2, 3], [1, 1, 1], [1, 2, 3], transform="sqrt")
    with pytest.raises(ValueError, match="ties must be efron or breslow, not 'exact'"):
        proportional_hazards([1, 2, 3], [1, 1, 1], [1, 2, 3], ties="exact")
    with pytest.raises(ValueError, match="covariate 1: 1 of 3 values are missing"):
        proportional_hazards([1, 2, 3], [1, 1, 1], [1.0, np.nan, 2.0])
    with pytest.raises(ValueError, match="time: 1 of 3 events are at 0 or before"):
        proportional_hazards([0, 2, 3], [1, 1, 1], [1, 3, 2], transform="log")
    assert np.isfinite(proportional_hazards([0, 1, 2, 3], [0, 1, 1, 1], [2, 1, 3, 2], transform="log").chi_squared[0])
