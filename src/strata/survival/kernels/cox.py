"""Cox proportional hazards regression."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from strata.survival.kernels.chi_squared import ChiSquaredTest, chi_squared_p, chi_squared_test
from strata.survival.kernels.kaplan_meier import Z_95
from strata.survival.kernels.partial_likelihood import PartialLikelihood
from strata.survival.kernels.risk_table import Booleans, Floats, as_floats, checked, risk_table, strata_codes

__all__ = ["Cox", "cox"]

MAXIMUM_ITERATIONS = 100
LAST_STEP = 1e-16
"""Newton decrement (squared distance to the maximum, in standard errors) from which one more step is exact."""
NEAR, SLOW, SLOW_STEPS = 1e-3, 0.2, 5
"""Near a maximum the decrement falls ever faster; towards infinity it falls by 1/e a step. Five steps by less than
SLOW below NEAR tell the two apart, whatever the scale of the covariates."""
FLAT, WIDEST, LOST = 1e-9, 1000.0, 50.0
"""Such a fit goes on to FLAT, so that the finite coefficients are exact, or until two linear predictors are WIDEST
apart; infinite are the coefficients whose standard error has grown LOST times since zero."""
NO_INFORMATION, COLLINEAR = 1e-12, 1e-10


@dataclass(frozen=True, eq=False, slots=True)
class Cox:
    """A Cox regression.

    Parameters
    ----------
    names : tuple of str
        The covariates, in the order of every array.
    coefficients, standard_errors : arrays of float, shape (n_covariates,)
        Log hazard ratios per unit of the covariate; NaN for those that are not estimable.
    covariance : array of float, shape (n_covariates, n_covariates)
        Inverse of the observed information.
    hazard_ratios, lower, upper : arrays of float, shape (n_covariates,)
        With the 95 % Wald interval.
    p_values : array of float, shape (n_covariates,)
        Two-sided Wald p.
    log_likelihood, log_likelihood_null : float
        At the maximum (its limit where a coefficient is infinite) and at zero.
    score, likelihood_ratio, wald : ChiSquaredTest
        Tests that all coefficients are zero: (chi_squared, degrees_of_freedom, p_value). The first two exist also
        where a coefficient is infinite.
    iterations : int
        Newton steps.
    converged : bool
        Every coefficient was estimated.
    reason : str
        Why not; empty when ``converged``.
    n, events : int
        Patients; events.
    """

    names: tuple[str, ...]
    coefficients: Floats
    standard_errors: Floats
    covariance: Floats
    hazard_ratios: Floats
    lower: Floats
    upper: Floats
    p_values: Floats
    log_likelihood: float
    log_likelihood_null: float
    score: ChiSquaredTest
    likelihood_ratio: ChiSquaredTest
    wald: ChiSquaredTest
    iterations: int
    converged: bool
    reason: str
    n: int
    events: int


def cox(
    time: Any,
    event: Any,
    covariates: Any,
    *,
    ties: Literal["efron", "breslow"] = "efron",
    stratification_factors: Any = None,
    entry: Any = None,
) -> Cox:
    """Cox proportional hazards regression.

    Parameters
    ----------
    time : array-like of float, shape (n_patients,)
        Time of the event or of censoring.
    event : array-like of bool or 0/1, shape (n_patients,)
        1: event; 0: censored. Patients censored at an event time are at risk at it.
    covariates : array-like or pandas.DataFrame of numbers, shape (n_patients, n_covariates) or (n_patients,)
        Columns in order; a DataFrame gives the covariates their names.
    ties : {"efron", "breslow"}
        How tied event times enter the likelihood.
    stratification_factors : array-like, shape (n_patients,) or (n_patients, n_factors), optional
        Each combination has its own baseline hazard.
    entry : array-like of float, shape (n_patients,), optional
        Delayed entry (left truncation): at risk at t when entry < t <= time.

    Returns
    -------
    Cox
        A covariate that is constant, a combination of those before it, or whose likelihood rises without end (a
        group without events) has NaN, and ``reason`` says so; the other coefficients are those of the fit without
        it or, for an infinite one, of its limit.

    Raises
    ------
    ValueError
        Missing values, lengths that differ, an entry not before its time, unknown ``ties``.

    Notes
    -----
    R survival: ``coxph(Surv(time, event) ~ covariates + strata(stratification_factors), ties = ties)`` run to a
    tight tolerance. Near-tied times are one time (``rank_times``). Efron 1977; Therneau and Grambsch 2000,
    chapter 3.
    """
    if ties not in ("efron", "breslow"):
        raise ValueError(f"ties must be efron or breslow, not {ties!r}")
    times, events, entries = checked(time, event, entry)
    x, names = _covariates(covariates, times.size)
    table = risk_table(times, events, entry=entries, strata=strata_codes(stratification_factors, times.size))
    constant = (x == x[:1]).all(axis=0)
    centre, scale = (x.mean(axis=0), x.std(axis=0)) if times.size else (0.0, np.ones(x.shape[1]))
    scale = np.where(constant | (scale == 0.0), 1.0, scale)
    likelihood = PartialLikelihood.of(np.where(constant, 0.0, (x - centre) / scale), table, efron=ties == "efron")
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        fit = _fit(likelihood, names)
        return _result(fit, names, scale, n=times.size, events=int(events.sum()))


def _covariates(covariates: Any, n: int) -> tuple[Floats, tuple[str, ...]]:
    x = as_floats(covariates)
    if x.ndim == 1:
        x = x[:, np.newaxis]
    if x.ndim != 2 or x.shape[0] != n:
        raise ValueError(f"covariates have the shape {x.shape}, time has {n} values")
    names = tuple(str(name) for name in getattr(covariates, "columns", range(1, x.shape[1] + 1)))
    n_bad = np.count_nonzero(~np.isfinite(x), axis=0)
    problems = [
        f"covariate {name}: {bad} of {n} values are missing or infinite" for name, bad in zip(names, n_bad) if bad
    ]
    if problems:
        raise ValueError("; ".join(problems))
    return x, names


@dataclass(frozen=True, slots=True)
class _Fit:
    """A fit on the scaled covariates: those with information (``kept``), of which some may be ``infinite``."""

    kept: Booleans
    infinite: Booleans
    coefficients: Floats
    information: Floats
    log_likelihood: float
    log_likelihood_null: float
    score: float
    iterations: int
    reasons: tuple[str, ...]


def _fit(likelihood: PartialLikelihood, names: tuple[str, ...]) -> _Fit:
    null, gradient, at_zero = likelihood.at(np.zeros(len(names)))
    kept, reasons = _estimable(at_zero, likelihood.term.size, names)
    gradient, at_zero = gradient[kept], at_zero[np.ix_(kept, kept)]
    if not kept.any():
        return _Fit(kept, kept[:0], gradient, at_zero, null, null, math.nan, 0, tuple(reasons))
    score = float(gradient @ np.linalg.solve(at_zero, gradient))
    beta, value, information, iterations, outcome = _newton(likelihood.keep(kept), null, gradient, at_zero)
    infinite = np.full(beta.size, outcome == "lost")
    if outcome == "lost":
        reasons.append(f"no maximum of the likelihood found in {iterations} steps")
    if outcome == "infinite":
        growth = np.diag(np.linalg.inv(information)) / np.diag(np.linalg.inv(at_zero))
        infinite = ~(growth < min(LOST**2, growth.max()))
        reasons.append(_infinite_reason([name for name, k in zip(np.array(names)[kept], infinite) if k]))
    return _Fit(kept, infinite, beta, information, value, null, score, iterations, tuple(reasons))


def _newton(
    likelihood: PartialLikelihood, value: float, gradient: Floats, information: Floats
) -> tuple[Floats, float, Floats, int, Literal["maximum", "infinite", "lost"]]:
    """Coefficients, log likelihood, information, steps, and what was found."""
    beta, previous, slow = np.zeros(gradient.size), math.inf, 0
    for iteration in range(MAXIMUM_ITERATIONS):
        try:
            step = np.asarray(np.linalg.solve(information, gradient), dtype=np.float64)
        except np.linalg.LinAlgError:  # every digit of the information is lost far out
            return beta, value, information, iteration, "lost"
        decrement = float(gradient @ step)
        slow = slow + 1 if SLOW * previous < decrement < NEAR else 0
        if slow >= SLOW_STEPS and (decrement < FLAT or np.ptp(likelihood.x @ beta) > WIDEST):
            return beta, value, information, iteration, "infinite"
        reached = _step(likelihood, beta, value, step) if decrement > -LAST_STEP else None
        if reached is None:
            return beta, value, information, iteration, "lost"
        (beta, value, gradient, information), previous = reached, decrement
        if decrement < LAST_STEP:
            return beta, value, information, iteration + 1, "maximum"
    return beta, value, information, MAXIMUM_ITERATIONS, "lost"


def _step(
    likelihood: PartialLikelihood, beta: Floats, value: float, step: Floats
) -> tuple[Floats, float, Floats, Floats] | None:
    """A Newton step, halved until the likelihood does not fall by more than rounding."""
    for _ in range(30):
        reached = likelihood.at(beta + step)
        if np.isfinite(reached[2]).all() and reached[0] >= value - 1e-11 * (1.0 + abs(value)):
            return beta + step, *reached
        step = step / 2.0
    return None


def _infinite_reason(names: list[str]) -> str:
    return (
        f"infinite coefficient of {', '.join(names)}: the likelihood rises without end, "
        "as when a group has no event or every event comes from it"
    )


def _estimable(information: Floats, n_events: int, names: tuple[str, ...]) -> tuple[Booleans, list[str]]:
    """Which covariates carry information of their own at zero, in their order, and why the others do not."""
    kept = np.zeros(len(names), dtype=bool)
    if not n_events:
        return kept, ["no event"]
    reasons = []
    for k, name in enumerate(names):
        if not information[k, k] > NO_INFORMATION * n_events:
            reasons.append(f"covariate {name} is constant among the patients at risk at every event")
            continue
        shared = information[kept, k]
        own = information[k, k] - shared @ np.linalg.solve(information[np.ix_(kept, kept)], shared)
        if own <= COLLINEAR * information[k, k]:
            reasons.append(f"covariate {name} is a combination of the covariates before it")
            continue
        kept[k] = True
    return kept, reasons


def _result(fit: _Fit, names: tuple[str, ...], scale: Floats, *, n: int, events: int) -> Cox:
    p = len(names)
    covariance, coefficients = np.full((p, p), np.nan), np.full(p, np.nan)
    inverse = np.full_like(fit.information, np.nan) if fit.infinite.all() else np.linalg.inv(fit.information)
    inverse[fit.infinite, :] = inverse[:, fit.infinite] = np.nan
    covariance[np.ix_(fit.kept, fit.kept)] = inverse
    covariance = covariance / np.outer(scale, scale)
    coefficients[fit.kept] = np.where(fit.infinite, np.nan, fit.coefficients)
    coefficients = coefficients / scale
    errors = np.sqrt(np.diag(covariance))
    degrees = int(fit.kept.sum())
    finite = bool(degrees) and not fit.infinite.any()
    wald = float(fit.coefficients @ fit.information @ fit.coefficients) if finite else math.nan
    gain = 2.0 * (fit.log_likelihood - fit.log_likelihood_null) if degrees else math.nan
    return Cox(
        names=names,
        coefficients=coefficients,
        standard_errors=errors,
        covariance=covariance,
        hazard_ratios=np.exp(coefficients),
        lower=np.exp(coefficients - Z_95 * errors),
        upper=np.exp(coefficients + Z_95 * errors),
        p_values=np.array([chi_squared_p(float(z * z), 1)[0] for z in coefficients / errors]),
        log_likelihood=fit.log_likelihood,
        log_likelihood_null=fit.log_likelihood_null,
        score=chi_squared_test(fit.score, degrees),
        likelihood_ratio=chi_squared_test(gain, degrees),
        wald=chi_squared_test(wald, degrees),
        iterations=fit.iterations,
        converged=not fit.reasons,
        reason="; ".join(fit.reasons),
        n=n,
        events=events,
    )
