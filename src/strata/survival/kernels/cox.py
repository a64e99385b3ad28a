"""Cox proportional hazards regression."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from strata.survival.kernels.chi_squared import ChiSquaredTest, chi_squared_p, chi_squared_test
from strata.survival.kernels.concordance import Concordance, concordance
from strata.survival.kernels.covariates import covariate_matrix, standardised
from strata.survival.kernels.cox_exact import ExactLikelihood
from strata.survival.kernels.cox_fit import CoxFit, fit_cox
from strata.survival.kernels.cox_robust import robust_covariance, score_residuals
from strata.survival.kernels.frozen import Frozen
from strata.survival.kernels.kaplan_meier import Z_95
from strata.survival.kernels.partial_likelihood import PartialLikelihood
from strata.survival.kernels.risk_table import (
    Booleans,
    Floats,
    Integers,
    checked,
    label_codes,
    risk_table,
    strata_codes,
)

__all__ = ["Cox", "cox"]


@dataclass(frozen=True, eq=False, slots=True)
class Cox(Frozen):
    """A Cox regression.

    Parameters
    ----------
    names : tuple of str
        The covariates, in the order of every array.
    coefficients, standard_errors : arrays of float, shape (n_covariates,)
        Log hazard ratios per unit of the covariate; NaN for those that are not estimable.
    covariance : array of float, shape (n_covariates, n_covariates)
        Inverse of the observed information.
    robust_standard_errors : array of float, shape (n_covariates,)
        From the influence of the clusters on the coefficients; NaN without clusters.
    hazard_ratios, lower, upper : arrays of float, shape (n_covariates,)
        With the 95 % Wald interval; with clusters from the robust standard error.
    p_values, log10_p : arrays of float, shape (n_covariates,)
        Two-sided Wald p, with clusters from the robust standard error, and its decimal logarithm, which is exact even
        where p underflows to 0.
    log_likelihood, log_likelihood_null : float
        At the maximum (its limit where a coefficient is infinite) and at zero.
    score, likelihood_ratio, wald : ChiSquaredTest
        Tests that all coefficients are zero: (chi_squared, degrees_of_freedom, p_value, log10_p). The first two exist
        also where a coefficient is infinite and take the rows as independent; with clusters only ``wald`` is robust.
    concordance, concordance_standard_error : float
        Harrell's C of the linear predictor, pairs inside strata only.
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
    robust_standard_errors: Floats
    hazard_ratios: Floats
    lower: Floats
    upper: Floats
    p_values: Floats
    log10_p: Floats
    log_likelihood: float
    log_likelihood_null: float
    score: ChiSquaredTest
    likelihood_ratio: ChiSquaredTest
    wald: ChiSquaredTest
    concordance: float
    concordance_standard_error: float
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
    ties: Literal["efron", "breslow", "exact"] = "efron",
    stratification_factors: Any = None,
    entry: Any = None,
    cluster: Any = None,
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
    ties : {"efron", "breslow", "exact"}
        How tied event times enter the likelihood. ``exact`` takes time as discrete (the coefficients are log odds
        ratios), without clusters, with 50 events at one time at most, and slowly.
    stratification_factors : array-like, shape (n_patients,) or (n_patients, n_factors), optional
        Each combination has its own baseline hazard.
    entry : array-like of float, shape (n_patients,), optional
        Delayed entry (left truncation): at risk at t when entry < t <= time. With several rows a patient, covariates
        that change.
    cluster : array-like, shape (n_patients,), optional
        Labels of the rows that belong together, such as those of one patient or one centre; asks for robust standard
        errors, which are too small with fewer than some 20 clusters. A label of its own for each row gives those that
        hold under a misspecified model.

    Returns
    -------
    Cox
        A covariate that is constant, a combination of those before it, or whose likelihood rises without end (a
        group without events) has NaN, and ``reason`` says so; the other coefficients are those of the fit without
        it or, for an infinite one, of its limit.

    Raises
    ------
    ValueError
        Missing values, lengths that differ, an entry not before its time, unknown ``ties``, one cluster only, ``exact``
        with clusters or too many tied events.

    Notes
    -----
    R survival: ``coxph(Surv(entry, time, event) ~ covariates + strata(stratification_factors) + cluster(cluster), ties
    = ties)`` run to a tight tolerance; ``summary(coxph())`` rounds its Wald test to two decimals. Near-tied times are
    one time (``rank_times``). lifelines stops earlier (coefficients off by up to 4e-5) and breaks near-ties;
    scikit-survival has no standard errors. Efron 1977; Lin and Wei 1989; Therneau and Grambsch 2000, chapters 3 and 7.
    """
    if ties not in ("efron", "breslow", "exact"):
        raise ValueError(f"ties must be efron, breslow or exact, not {ties!r}")
    if ties == "exact" and cluster is not None:
        raise ValueError("ties exact has no robust standard errors: leave out cluster or use efron")
    times, events, entries = checked(time, event, entry)
    x, names = covariate_matrix(covariates, times.size)
    strata = strata_codes(stratification_factors, times.size)
    clusters = None if cluster is None else _cluster_codes(cluster, times.size)
    table = risk_table(times, events, entry=entries, strata=strata)
    x, scale = standardised(x)
    partial = PartialLikelihood.of(x, table, efron=ties == "efron")
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        fit = fit_cox(ExactLikelihood.of(x, table) if ties == "exact" else partial, names)
        robust = None if clusters is None else _robust(partial, fit, clusters[table.first < table.last])
        predictor = (x[:, fit.kept] * fit.coefficients).sum(axis=1)  # row by row, so that equal rows tie
        agreement = concordance(
            times, events, predictor, stratification_factors=strata, entry=entries, cluster=clusters
        )
        return _result(fit, names, scale, robust, agreement)


def _cluster_codes(cluster: Any, n: int) -> Integers:
    labels, codes = label_codes(cluster, "cluster", n)
    if len(labels) == 1:
        raise ValueError(f"cluster: all {n} rows are one cluster; robust standard errors need two or more")
    return codes


def _robust(likelihood: PartialLikelihood, fit: CoxFit, clusters: Integers) -> Floats:
    """The robust covariance of the scaled coefficients; NaN where infinite."""
    covariance = fit.covariance()
    finite = np.ix_(~fit.infinite, ~fit.infinite)
    if not fit.infinite.all():
        residuals = score_residuals(likelihood.keep(fit.kept), fit.coefficients)[:, ~fit.infinite]
        covariance[finite] = robust_covariance(residuals, covariance[finite], clusters)
    return covariance


def _result(fit: CoxFit, names: tuple[str, ...], scale: Floats, robust: Floats | None, agreement: Concordance) -> Cox:
    p, degrees = len(names), int(fit.kept.sum())
    coefficients = np.full(p, np.nan)
    coefficients[fit.kept] = np.where(fit.infinite, np.nan, fit.coefficients)
    coefficients = coefficients / scale
    covariance = _unscaled(fit.covariance(), fit.kept, scale)
    model_errors = np.sqrt(np.diag(covariance))
    robust_errors = np.full(p, np.nan) if robust is None else np.sqrt(np.diag(_unscaled(robust, fit.kept, scale)))
    errors = model_errors if robust is None else robust_errors
    p_values, log10_p = np.array([chi_squared_p(float(z * z), 1) for z in coefficients / errors]).reshape(p, 2).T
    gain = 2.0 * (fit.log_likelihood - fit.log_likelihood_null) if degrees else math.nan
    return Cox(
        names=names,
        coefficients=coefficients,
        standard_errors=model_errors,
        covariance=covariance,
        robust_standard_errors=robust_errors,
        hazard_ratios=np.exp(coefficients),
        lower=np.exp(coefficients - Z_95 * errors),
        upper=np.exp(coefficients + Z_95 * errors),
        p_values=p_values,
        log10_p=log10_p,
        log_likelihood=fit.log_likelihood,
        log_likelihood_null=fit.log_likelihood_null,
        score=chi_squared_test(fit.score, degrees),
        likelihood_ratio=chi_squared_test(gain, degrees),
        wald=chi_squared_test(_wald(fit, robust), degrees),
        concordance=agreement.concordance if degrees else math.nan,
        concordance_standard_error=agreement.standard_error if degrees else math.nan,
        iterations=fit.iterations,
        converged=not fit.reasons,
        reason="; ".join(fit.reasons),
        n=agreement.n,
        events=agreement.events,
    )


def _unscaled(inner: Floats, kept: Booleans, scale: Floats) -> Floats:
    """A covariance of the covariates as they were given; NaN for those that were left out."""
    covariance = np.full((scale.size, scale.size), np.nan)
    covariance[np.ix_(kept, kept)] = inner
    unscaled: Floats = covariance / np.outer(scale, scale)
    return unscaled


def _wald(fit: CoxFit, robust: Floats | None) -> float:
    beta = fit.coefficients
    if not beta.size or fit.infinite.any():
        return math.nan
    if robust is None:
        return float(beta @ fit.information @ beta)
    # fewer clusters than covariates leave directions without any variance
    return float(beta @ np.linalg.solve(robust, beta)) if np.linalg.matrix_rank(robust) == beta.size else math.nan
