"""Cox regression with Firth's penalty: finite hazard ratios where a group has no event."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from strata.survival.kernels.chi_squared import ChiSquaredTest, chi_squared_p, chi_squared_test
from strata.survival.kernels.covariates import covariate_matrix, estimable, standardised
from strata.survival.kernels.frozen import Frozen
from strata.survival.kernels.kaplan_meier import Z_95
from strata.survival.kernels.moments import RiskSetMoments
from strata.survival.kernels.partial_likelihood import PartialLikelihood
from strata.survival.kernels.risk_table import Booleans, Floats, Integers, checked, risk_table, strata_codes

__all__ = ["Firth", "firth"]

MAXIMUM_ITERATIONS = 500
LAST_STEP, LAST_PROFILE_STEP = 1e-20, 1e-13
"""Squared distance to the maximum, in standard errors, at which a fit and a profile stop."""
WIDEST_STEP = 5.0
"""No step draws two linear predictors further apart: far out, where little information is left, steps lead astray."""
ENOUGH, ROUNDING = 1e-4, 1e-11
"""A step has to bring this part of the rise that the gradient promises, give or take rounding."""


@dataclass(frozen=True, eq=False, slots=True)
class Firth(Frozen):
    """A Cox regression with Firth's penalty.

    Parameters
    ----------
    names : tuple of str
        The covariates, in the order of every array.
    coefficients, standard_errors : arrays of float, shape (n_covariates,)
        Log hazard ratios per unit of the covariate; NaN for those that are not estimable. The standard errors are
        those of the unpenalised information at the penalised maximum: with few events the interval and p below do not
        follow from them.
    hazard_ratios, lower, upper : arrays of float, shape (n_covariates,)
        With the 95 % profile penalised likelihood interval.
    p_values : array of float, shape (n_covariates,)
        Penalised likelihood-ratio p.
    log_likelihood, log_likelihood_null : float
        Penalised, at the maximum and at zero. Both shift with the units of the covariates, their difference does not.
    likelihood_ratio : ChiSquaredTest
        Test that all coefficients are zero: (chi_squared, degrees_of_freedom, p_value).
    converged : bool
        Every coefficient, interval and p was found.
    reason : str
        Why not; empty when ``converged``.
    n, events : int
        Patients; events.
    """

    names: tuple[str, ...]
    coefficients: Floats
    standard_errors: Floats
    hazard_ratios: Floats
    lower: Floats
    upper: Floats
    p_values: Floats
    log_likelihood: float
    log_likelihood_null: float
    likelihood_ratio: ChiSquaredTest
    converged: bool
    reason: str
    n: int
    events: int


def firth(
    time: Any,
    event: Any,
    covariates: Any,
    *,
    ties: Literal["breslow", "efron"] = "breslow",
    stratification_factors: Any = None,
    entry: Any = None,
) -> Firth:
    """Cox regression with Firth's penalty.

    The log partial likelihood gains half the log determinant of its information (Jeffreys prior), which keeps every
    coefficient finite, also where a group has no event, and takes away most of the small-sample bias.

    Parameters
    ----------
    time : array-like of float, shape (n_patients,)
        Time of the event or of censoring.
    event : array-like of bool or 0/1, shape (n_patients,)
        1: event; 0: censored. Patients censored at an event time are at risk at it.
    covariates : array-like or pandas.DataFrame of numbers, shape (n_patients, n_covariates) or (n_patients,)
        Columns in order; a DataFrame gives the covariates their names.
    ties : {"breslow", "efron"}
        How tied event times enter the likelihood. Breslow is what coxphf does; ``cox`` has Efron as its default, so
        name the same here when the two stand side by side.
    stratification_factors : array-like, shape (n_patients,) or (n_patients, n_factors), optional
        Each combination has its own baseline hazard.
    entry : array-like of float, shape (n_patients,), optional
        Delayed entry (left truncation): at risk at t when entry < t <= time.

    Returns
    -------
    Firth
        A covariate that is constant or a combination of those before it has NaN, and ``reason`` says so; the others
        are those of the fit without it.

    Raises
    ------
    ValueError
        Missing values, lengths that differ, an entry not before its time, unknown ``ties``.

    Notes
    -----
    R: ``coxphf::coxphf(Surv(time, event) ~ covariates)``, its penalised likelihood ratio and profile interval; SAS:
    ``proc phreg`` with ``firth`` and ``clparm = pl``. survival, lifelines and scikit-survival have no penalty and give
    a hazard ratio without bound instead. Near-tied times are one time (``rank_times``). Heinze and Schemper 2001,
    Biometrics 57:114; Firth 1993, Biometrika 80:27.
    """
    if ties not in ("breslow", "efron"):
        raise ValueError(f"ties must be breslow or efron, not {ties!r}")
    times, events, entries = checked(time, event, entry)
    x, names = covariate_matrix(covariates, times.size)
    table = risk_table(times, events, entry=entries, strata=strata_codes(stratification_factors, times.size))
    x, scale = standardised(x)
    likelihood = PartialLikelihood.of(x, table, efron=ties == "efron")
    kept, reasons = estimable(likelihood.at(np.zeros(len(names)))[2], likelihood.term.size, names)
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        fit = _fit(likelihood.keep(kept), tuple(np.array(names)[kept]))
        return _result(fit, names, kept, scale, reasons + list(fit.reasons), n=times.size, events=int(events.sum()))


@dataclass(frozen=True, slots=True)
class _Fit:
    """A fit on standardised covariates, all with information of their own."""

    coefficients: Floats
    standard_errors: Floats
    lower: Floats
    upper: Floats
    p_values: Floats
    log_likelihood: float
    log_likelihood_null: float
    reasons: tuple[str, ...]


class _NoMaximumError(ArithmeticError):
    """The steps did not come to an end."""


def _fit(likelihood: PartialLikelihood, names: tuple[str, ...]) -> _Fit:
    n_covariates = len(names)
    null = _penalised(likelihood, np.zeros(n_covariates))[0]
    nothing = np.full(n_covariates, np.nan)
    try:
        beta, value, information = _maximum(likelihood, np.zeros(n_covariates), np.arange(n_covariates), LAST_STEP)
    except _NoMaximumError as lost:
        return _Fit(nothing, nothing, nothing, nothing, nothing, math.nan, null, (str(lost),))
    covariance = np.linalg.inv(information)
    rows, reasons = np.full((n_covariates, 3), np.nan), []
    for j, name in enumerate(names):
        try:
            rows[j] = _profile(likelihood, beta, value, covariance[j], j)
        except _NoMaximumError as lost:
            reasons.append(f"profile of {name}: {lost}")
    lower, upper, p_values = rows.T
    return _Fit(beta, np.sqrt(np.diag(covariance)), lower, upper, p_values, value, null, tuple(reasons))


def _penalised(likelihood: PartialLikelihood, beta: Floats) -> tuple[float, Floats, Floats]:
    """Penalised log likelihood, its gradient, and the unpenalised information.

    The gradient of the log determinant needs the third moments, sum of E[(x-m)' V (x-m) (x-m)] over the terms with V
    the inverse information and m the mean covariates at risk. Here (x-m)' V (x-m) is written out, so that one value a
    patient (``leverage``) and one a term (``distance``) do.
    """
    moments = RiskSetMoments.at(likelihood, beta)
    x = moments.x
    each = np.ones(moments.total.size)
    information = moments.information(each)
    eigenvalues = np.linalg.eigvalsh(information)
    if not (eigenvalues > 0.0).all():  # so far out that no digit of the information is left
        return -math.inf, np.zeros(beta.size), information
    towards = x @ np.linalg.inv(information)
    leverage = (towards * x).sum(axis=1)
    distance = moments.average(leverage) - 2.0 * (moments.mean * np.linalg.solve(information, moments.mean)).sum(axis=0)
    weights = leverage * moments.received(each)
    for k, mean in enumerate(moments.mean):
        weights -= 2.0 * towards[:, k] * moments.received(mean)
    score = x[likelihood.event].sum(axis=0) - moments.mean.sum(axis=1)
    penalty = x.T @ weights - moments.mean @ distance
    return moments.log_likelihood + float(np.log(eigenvalues).sum()) / 2.0, score + penalty / 2.0, information


def _maximum(
    likelihood: PartialLikelihood, beta: Floats, free: Integers, last_step: float
) -> tuple[Floats, float, Floats]:
    """Coefficients, penalised log likelihood and information at the maximum over the ``free`` coefficients."""
    value, gradient, information = _penalised(likelihood, beta)
    if not math.isfinite(value):
        raise _NoMaximumError("the information is lost to rounding")
    block = np.ix_(free, free)
    inverse = np.asarray(np.linalg.inv(information[block]), dtype=np.float64)
    for _ in range(MAXIMUM_ITERATIONS):
        step = np.zeros(beta.size)
        step[free] = inverse @ gradient[free]
        if gradient @ step < last_step:
            return beta, value, information
        step /= max(1.0, float(np.ptp(likelihood.x @ step)) / WIDEST_STEP)
        step, value, lower, information = _step(likelihood, beta, value, gradient, step)
        beta = beta + step
        inverse = _updated(inverse, step[free], (gradient - lower)[free], information[block])
        gradient = lower
    raise _NoMaximumError(f"no maximum of the penalised likelihood found in {MAXIMUM_ITERATIONS} steps")


def _step(
    likelihood: PartialLikelihood, beta: Floats, value: float, gradient: Floats, step: Floats
) -> tuple[Floats, float, Floats, Floats]:
    """The step, halved until the likelihood rises as the gradient lets expect; what is there."""
    reached = _penalised(likelihood, beta + step)
    while reached[0] < value + ENOUGH * float(gradient @ step) - ROUNDING * (1.0 + abs(value)):
        step = step / 2.0
        reached = _penalised(likelihood, beta + step)
    return step, *reached


def _updated(inverse: Floats, step: Floats, change: Floats, information: Floats) -> Floats:
    """The inverse curvature after a step that lowered the gradient by ``change`` (Broyden, Fletcher, Goldfarb, Shanno).

    The information alone leaves the penalty's own curvature out: with one event its steps are twice too long.
    """
    along = float(step @ change)
    if not along > 0.0:
        return np.asarray(np.linalg.inv(information), dtype=np.float64)
    shear = np.eye(step.size) - np.outer(step, change) / along
    return np.asarray(shear @ inverse @ shear.T + np.outer(step, step) / along, dtype=np.float64)


def _profile(
    likelihood: PartialLikelihood, beta: Floats, value: float, covariance: Floats, j: int
) -> tuple[float, float, float]:
    """Lower and upper 95 % limit of coefficient ``j``, and the p of its being zero."""
    from scipy.optimize import brentq

    others = np.delete(np.arange(beta.size), j)
    direction = covariance / covariance[j]

    def statistic(coefficient: float) -> float:
        start = beta + direction * (coefficient - beta[j])
        return 2.0 * (value - _maximum(likelihood, start, others, LAST_PROFILE_STEP)[1])

    def beyond(coefficient: float) -> float:
        return math.sqrt(max(statistic(coefficient), 0.0)) - Z_95

    limits = []
    for distance in (-Z_95 * math.sqrt(covariance[j]), Z_95 * math.sqrt(covariance[j])):
        while beyond(beta[j] + distance) < 0.0:
            distance *= 2.0  # the penalty falls without end in every direction
        limits.append(float(brentq(beyond, beta[j], beta[j] + distance, xtol=1e-11)))
    return limits[0], limits[1], chi_squared_p(statistic(0.0), 1)[0]


def _result(
    fit: _Fit, names: tuple[str, ...], kept: Booleans, scale: Floats, reasons: list[str], *, n: int, events: int
) -> Firth:
    def spread(values: Floats, unit: Floats | float = 1.0) -> Floats:
        every = np.full(len(names), np.nan)
        every[kept] = values
        return every / unit

    coefficients = spread(fit.coefficients, scale)
    to_units = float(np.log(scale[kept]).sum())  # the information holds the units of the covariates
    degrees = int(kept.sum())
    gain = 2.0 * (fit.log_likelihood - fit.log_likelihood_null) if degrees else math.nan
    return Firth(
        names=names,
        coefficients=coefficients,
        standard_errors=spread(fit.standard_errors, scale),
        hazard_ratios=np.exp(coefficients),
        lower=np.exp(spread(fit.lower, scale)),
        upper=np.exp(spread(fit.upper, scale)),
        p_values=spread(fit.p_values),
        log_likelihood=fit.log_likelihood + to_units,
        log_likelihood_null=fit.log_likelihood_null + to_units,
        likelihood_ratio=chi_squared_test(gain, degrees),
        converged=not reasons,
        reason="; ".join(reasons),
        n=n,
        events=events,
    )
