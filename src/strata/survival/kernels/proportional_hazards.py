"""Does a hazard ratio stay the same over time: the score test of Grambsch and Therneau."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from strata.survival.kernels.chi_squared import chi_squared_p
from strata.survival.kernels.covariates import COLLINEAR, covariate_matrix, standardised
from strata.survival.kernels.cox_fit import CoxFit, fit_cox
from strata.survival.kernels.frozen import Frozen
from strata.survival.kernels.kaplan_meier import kaplan_meier
from strata.survival.kernels.moments import RiskSetMoments
from strata.survival.kernels.partial_likelihood import PartialLikelihood
from strata.survival.kernels.risk_table import Booleans, Floats, Integers, checked, risk_table, strata_codes

__all__ = ["ProportionalHazards", "Transform", "proportional_hazards"]

Transform = Literal["km", "rank", "identity", "log"]


@dataclass(frozen=True, eq=False, slots=True)
class ProportionalHazards(Frozen):
    """Tests that the hazard ratios of a Cox model do not change over time.

    Parameters
    ----------
    names : tuple of str
        The covariates, in the order of every array.
    chi_squared, p_values : arrays of float, shape (n_covariates,)
        Of each covariate; NaN where there is no test.
    degrees_of_freedom : array of int, shape (n_covariates,)
        1 each; 0 where there is no test.
    global_chi_squared, global_p_value : float
        Of all covariates together; NaN where there is no test.
    global_degrees_of_freedom : int
    event_times : array of float, shape (n_events,)
        The time of every event: ascending inside a stratum, strata one after the other.
    event_scale : array of float, shape (n_events,)
        The time of every event on the scale of ``transform``.
    scaled_residuals : array of float, shape (n_events, n_covariates)
        Scaled Schoenfeld residuals: a smooth line through them over time is the log hazard ratio at that time.
    residual_variances : array of float, shape (n_covariates,)
        Of one scaled residual, about; NaN as the residuals are.
    transform : {"km", "rank", "identity", "log"}
        Scale of time on which a log hazard ratio might change linearly.
    reason : str
        Why a test is missing; empty when none is.
    n, events : int
        Patients; events.
    """

    names: tuple[str, ...]
    chi_squared: Floats
    degrees_of_freedom: Integers
    p_values: Floats
    global_chi_squared: float
    global_degrees_of_freedom: int
    global_p_value: float
    event_times: Floats
    event_scale: Floats
    scaled_residuals: Floats
    residual_variances: Floats
    transform: Transform
    reason: str
    n: int
    events: int


def proportional_hazards(
    time: Any,
    event: Any,
    covariates: Any,
    *,
    transform: Transform = "km",
    ties: Literal["efron", "breslow"] = "efron",
    stratification_factors: Any = None,
    entry: Any = None,
) -> ProportionalHazards:
    """Test the proportional hazards assumption of a Cox model.

    Every covariate gets a partner, the covariate times g(time), and the score test asks whether the coefficients of
    the partners are zero.

    Parameters
    ----------
    time : array-like of float, shape (n_patients,)
        Time of the event or of censoring.
    event : array-like of bool or 0/1, shape (n_patients,)
        1: event; 0: censored. Patients censored at an event time are at risk at it.
    covariates : array-like or pandas.DataFrame of numbers, shape (n_patients, n_covariates) or (n_patients,)
        Columns in order; a DataFrame gives the covariates their names.
    transform : {"km", "rank", "identity", "log"}
        g: one less the Kaplan-Meier curve of all patients just before the time (early events weigh as late ones do),
        the rank of the time among all patients, the time, or its logarithm.
    ties : {"efron", "breslow"}
        How tied event times enter the likelihood.
    stratification_factors : array-like, shape (n_patients,) or (n_patients, n_factors), optional
        Each combination has its own baseline hazard.
    entry : array-like of float, shape (n_patients,), optional
        Delayed entry (left truncation): at risk at t when entry < t <= time.

    Returns
    -------
    ProportionalHazards
        A covariate that ``cox`` cannot estimate has NaN and counts in no degree of freedom. There is no test at all,
        and ``reason`` says so, when a coefficient is infinite or all events are at one time.

    Raises
    ------
    ValueError
        Missing values, lengths that differ, an entry not before its time, unknown ``ties`` or ``transform``, events
        at time 0 or before with ``transform="log"``.

    Notes
    -----
    R survival from version 3.0-10 on: ``cox.zph(coxph(...), transform, terms = FALSE)``, and ``residuals(coxph(...),
    "scaledsch")``. Older versions, survminer built on them, and lifelines' ``proportional_hazard_test`` take the
    covariates' variance as the same at every event time and give other numbers. Near-tied times are one time
    (``rank_times``). Grambsch and Therneau 1994, Biometrika 81:515; Therneau, vignette "validate" of R survival.
    """
    if transform not in get_args(Transform):
        raise ValueError(f"transform must be one of {', '.join(get_args(Transform))}, not {transform!r}")
    if ties not in ("efron", "breslow"):
        raise ValueError(f"ties must be efron or breslow, not {ties!r}")
    times, events, entries = checked(time, event, entry)
    x, names = covariate_matrix(covariates, times.size)
    table = risk_table(times, events, entry=entries, strata=strata_codes(stratification_factors, times.size))
    x, scale = standardised(x)
    likelihood = PartialLikelihood.of(x, table, efron=ties == "efron")
    g = _transformed(transform, times, events, entries, table.times)
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        fit = fit_cox(likelihood, names)
        tests = _score_tests(likelihood.keep(fit.kept), fit, tuple(np.array(names)[fit.kept]), g)
    chi_squared, residuals = np.full(len(names), np.nan), np.full((likelihood.term.size, len(names)), np.nan)
    chi_squared[fit.kept] = tests.chi_squared
    residuals[:, fit.kept] = tests.scaled_residuals / scale[fit.kept]
    variances = np.full(len(names), np.nan)
    variances[fit.kept] = tests.residual_variances / scale[fit.kept] ** 2
    degrees = np.isfinite(chi_squared).astype(np.int64)
    n_tested = int(degrees.sum()) if math.isfinite(tests.global_chi_squared) else 0
    order = np.argsort(likelihood.own, kind="stable")
    return ProportionalHazards(
        names=names,
        chi_squared=chi_squared,
        degrees_of_freedom=degrees,
        p_values=np.array([chi_squared_p(float(statistic), 1)[0] for statistic in chi_squared]),
        global_chi_squared=tests.global_chi_squared,
        global_degrees_of_freedom=n_tested,
        global_p_value=chi_squared_p(tests.global_chi_squared, n_tested)[0],
        event_times=table.times[likelihood.own[order]],
        event_scale=g[likelihood.own[order]],
        scaled_residuals=residuals[order],
        residual_variances=variances,
        transform=transform,
        reason="; ".join(tests.reasons),
        n=times.size,
        events=int(events.sum()),
    )


def _transformed(transform: Transform, time: Floats, event: Booleans, entry: Floats | None, at: Floats) -> Floats:
    """The scale of time at the distinct event times ``at``; strata share it."""
    if transform == "identity":
        return at
    if transform == "log":
        n_bad = int(np.count_nonzero(event & (time <= 0.0)))
        if n_bad:
            raise ValueError(f"time: {n_bad} of {int(event.sum())} events are at 0 or before, which has no logarithm")
        return np.log(at)
    curve = kaplan_meier(time, event, entry=entry)
    position = np.searchsorted(curve.times, at)
    if transform == "km":
        return 1.0 - np.concatenate([[1.0], curve.survival])[position]
    n_here = curve.events + curve.censored
    return (np.cumsum(n_here) - (n_here - 1) / 2.0)[position]


@dataclass(frozen=True, slots=True)
class _Tests:
    """The tests of the covariates that were estimated, standardised."""

    chi_squared: Floats
    global_chi_squared: float
    scaled_residuals: Floats
    residual_variances: Floats
    reasons: tuple[str, ...]


def _score_tests(likelihood: PartialLikelihood, fit: CoxFit, names: tuple[str, ...], g: Floats) -> _Tests:
    """Score tests of the covariates times ``g``, given at the distinct event times."""
    nothing = np.full(fit.coefficients.size, np.nan)
    if fit.infinite.any() or not fit.kept.any():
        return _Tests(nothing, math.nan, np.full((likelihood.own.size, nothing.size), np.nan), nothing, fit.reasons)
    moments = RiskSetMoments.at(likelihood, fit.coefficients)
    residuals = moments.x[likelihood.event] - moments.at_events()
    weights = g[likelihood.term]
    information = moments.information(np.ones(weights.size))
    scaled = fit.coefficients + weights.size * np.linalg.solve(information, residuals.T).T
    variances = weights.size * np.diag(np.linalg.inv(information))
    if not np.ptp(weights) > 0.0:
        return _Tests(
            nothing, math.nan, scaled, variances, (*fit.reasons, "the scale of time is the same at every event")
        )
    centre = float(weights.mean())
    weights = weights - centre
    score = residuals.T @ (g[likelihood.own] - centre)
    partners, mixed = moments.information(weights**2), moments.information(weights)
    variance = partners - mixed @ np.linalg.solve(information, mixed)  # the coefficients themselves are estimated
    testable = np.diag(variance) > COLLINEAR * np.diag(partners)
    chi_squared = np.where(testable, score**2 / np.diag(variance), np.nan)
    reasons, together = list(fit.reasons), math.nan
    if not testable.all():
        alone = ", ".join(np.array(names)[~testable])
        reasons.append(f"the hazard ratio of {alone} rests on one event time")
    elif np.linalg.cond(variance) < 1.0 / COLLINEAR:
        together = float(score @ np.linalg.solve(variance, score))
    else:
        reasons.append("too few event times for a test of all covariates together")
    return _Tests(chi_squared, together, scaled, variances, tuple(reasons))
