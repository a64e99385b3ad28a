"""Meta-analysis of log hazard ratios: one effect (fixed) or a distribution of effects (random) over cohorts."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np

from strata.survival.kernels.chi_squared import chi_squared_p
from strata.survival.kernels.frozen import Frozen
from strata.survival.kernels.heterogeneity import TAU_SQUARED, cochran_q, pooled, q_profile, share_between
from strata.survival.kernels.kaplan_meier import Z_95
from strata.survival.kernels.risk_table import Floats, as_floats

__all__ = ["MetaAnalysis", "meta_analysis"]

Method = Literal["fixed", "DL", "REML", "PM"]


@dataclass(frozen=True, eq=False, slots=True)
class MetaAnalysis(Frozen):
    """Log hazard ratios of several cohorts in one.

    Parameters
    ----------
    estimate, standard_error, lower, upper : float
        Log hazard ratio and its 95 % interval.
    p_value, log10_p : float
        Two-sided, that the (mean) log hazard ratio is 0.
    degrees_of_freedom : float
        Of the t distribution behind interval and P: number of cohorts less one with Hartung-Knapp, infinite (normal
        distribution) without.
    tau_squared, tau_squared_lower, tau_squared_upper : float
        Variance of the true log hazard ratios between cohorts, with its 95 % Q-profile interval. 0 without interval
        for "fixed", which supposes so. An interval of 0 to 0: the cohorts agree better than chance would have them.
    i_squared, i_squared_lower, i_squared_upper : float
        Percent of the variation that lies between cohorts, with the interval that follows from that of tau squared;
        for "fixed" from Q, without interval.
    h_squared : float
        Total variance over the variance within cohorts; for "fixed" Q over its degrees of freedom.
    q, q_p_value : float
        Cochran's test that all cohorts have the same hazard ratio; cohorts less one degrees of freedom.
    prediction_lower, prediction_upper : float
        95 % interval for the true log hazard ratio of a further cohort; NaN for "fixed".
    prediction_degrees_of_freedom : float
        Of the t distribution behind it: those of the interval of the mean.
    weights : array of float, shape (n_cohorts,)
        Share of every cohort in the estimate; they add up to 1.
    method : str
    hartung_knapp : bool
    n_cohorts : int
    warning : str
        What to keep in mind, or why numbers are NaN; empty when there is nothing.
    """

    estimate: float
    standard_error: float
    lower: float
    upper: float
    p_value: float
    log10_p: float
    degrees_of_freedom: float
    tau_squared: float
    tau_squared_lower: float
    tau_squared_upper: float
    i_squared: float
    i_squared_lower: float
    i_squared_upper: float
    h_squared: float
    q: float
    q_p_value: float
    prediction_lower: float
    prediction_upper: float
    prediction_degrees_of_freedom: float
    weights: Floats
    method: str
    hartung_knapp: bool
    n_cohorts: int
    warning: str


def meta_analysis(log_hr: Any, se: Any, *, method: Method = "REML", hartung_knapp: bool | None = None) -> MetaAnalysis:
    """Meta-analysis of log hazard ratios.

    Parameters
    ----------
    log_hr, se : array-like of float, shape (n_cohorts,)
        Log hazard ratio of every cohort and its standard error.
    method : {"REML", "DL", "PM", "fixed"}
        Estimator of the variance between cohorts: restricted maximum likelihood, DerSimonian and Laird, Paule and
        Mandel; or one common effect, which says nothing about other cohorts.
    hartung_knapp : bool, optional
        Standard error from the spread of the cohorts, t distribution (Hartung and Knapp 2001). On by default for
        random effects: the normal interval is too narrow with few cohorts.

    Returns
    -------
    MetaAnalysis
        With one cohort and random effects only ``estimate``: how much cohorts differ cannot be known from one.

    Raises
    ------
    ValueError
        Missing or infinite values, lengths that differ, standard errors that are not positive, no cohort, an unknown
        method, Hartung-Knapp with "fixed".

    Notes
    -----
    R metafor 3.8-1: ``rma(log_hr, sei = se, method = , test = "knha")``, ``predict()`` and ``confint()``, "fixed"
    being "FE"; but by default metafor iterates REML to 1e-5 only, PM and the Q-profile interval to 1e-4 (``control =
    list(threshold = 1e-13, tol = 1e-14)`` gives these numbers). The
    prediction interval has the degrees of freedom of the interval of the mean, as in metafor; Higgins 2009 and older
    software take one fewer. REML is the highest maximum of the restricted likelihood; metafor may stop at a lower
    one.
    """
    effects, variances = _checked(log_hr, se)
    adjusted = _with_hartung_knapp(method, hartung_knapp)
    k, random = effects.size, method != "fixed"
    if random and k == 1:
        return _one_cohort(float(effects[0]), method, adjusted)
    tau_squared = TAU_SQUARED[method](effects, variances)
    estimate, weights = pooled(effects, variances, tau_squared)
    degrees, error = math.inf, float(weights.sum()) ** -0.5
    if adjusted:
        degrees, error = k - 1.0, error * math.sqrt(cochran_q(effects, variances, tau_squared) / (k - 1))
    half, p_value, log10_p = _interval_and_p(estimate, error, degrees)
    q = cochran_q(effects, variances)
    tau_limits, further = (math.nan, math.nan), math.nan
    i_squared, h_squared = _of_q(q, k - 1)
    if random:
        tau_limits = q_profile(effects, variances)
        further = _quantile(degrees) * math.hypot(error, math.sqrt(tau_squared)) if error else math.nan
        i_squared = share_between(tau_squared, variances)
        h_squared = 1.0 / (1.0 - i_squared / 100.0)
    return MetaAnalysis(
        estimate=estimate,
        standard_error=error,
        lower=estimate - half,
        upper=estimate + half,
        p_value=p_value,
        log10_p=log10_p,
        degrees_of_freedom=degrees,
        tau_squared=tau_squared,
        tau_squared_lower=tau_limits[0],
        tau_squared_upper=tau_limits[1],
        i_squared=i_squared,
        i_squared_lower=share_between(tau_limits[0], variances),
        i_squared_upper=share_between(tau_limits[1], variances),
        h_squared=h_squared,
        q=q,
        q_p_value=chi_squared_p(q, k - 1)[0],
        prediction_lower=estimate - further,
        prediction_upper=estimate + further,
        prediction_degrees_of_freedom=degrees if random else math.nan,
        weights=weights / weights.sum(),
        method=method,
        hartung_knapp=adjusted,
        n_cohorts=k,
        warning=_warning(k, error, half < Z_95 * float((1.0 / variances).sum()) ** -0.5) if random else "",
    )


def _checked(log_hr: Any, se: Any) -> tuple[Floats, Floats]:
    effects, errors = as_floats(log_hr), as_floats(se)
    if effects.ndim != 1 or effects.shape != errors.shape or not effects.size:
        raise ValueError(
            "log_hr and se must be one-dimensional, of one length and not empty, "
            f"not of shapes {effects.shape} and {errors.shape}"
        )
    problems = []
    n_bad = int(np.count_nonzero(~np.isfinite(effects)))
    if n_bad:
        problems.append(f"log_hr: {n_bad} of {effects.size} values are missing or infinite")
    n_bad = int(np.count_nonzero(~(np.isfinite(errors) & (errors > 0.0))))
    if n_bad:
        problems.append(f"se: {n_bad} of {errors.size} values are missing, infinite or not above 0")
    if problems:
        raise ValueError("; ".join(problems))
    return effects, errors**2


def _with_hartung_knapp(method: str, asked: bool | None) -> bool:
    if method not in TAU_SQUARED:
        raise ValueError(f"method must be one of {', '.join(TAU_SQUARED)}, not {method!r}")
    if asked and method == "fixed":
        raise ValueError("Hartung-Knapp is for random effects: choose DL, REML or PM, or leave hartung_knapp out")
    return method != "fixed" if asked is None else asked


def _quantile(degrees: float) -> float:
    from scipy.special import stdtrit

    return Z_95 if math.isinf(degrees) else float(stdtrit(degrees, 0.975))


def _interval_and_p(estimate: float, error: float, degrees: float) -> tuple[float, float, float]:
    """Half the width of the interval, P and its decimal logarithm; NaN without an error."""
    if error == 0.0:
        return math.nan, math.nan, math.nan
    from scipy.special import stdtr

    if math.isinf(degrees):
        return Z_95 * error, *chi_squared_p((estimate / error) ** 2, 1)
    p_value = 2.0 * float(stdtr(degrees, -abs(estimate / error)))
    return _quantile(degrees) * error, p_value, math.log10(p_value)


def _of_q(q: float, degrees: int) -> tuple[float, float]:
    """I squared and H squared when the variance between cohorts is supposed to be 0."""
    if degrees == 0:
        return math.nan, math.nan
    return 100.0 * max(0.0, 1.0 - degrees / q) if q else 0.0, q / degrees


def _warning(k: int, error: float, narrow: bool) -> str:
    if error == 0.0:
        return "the cohorts agree to the last digit: Hartung-Knapp gives no interval"
    warnings = []
    if k == 2:
        warnings.append("two cohorts hardly tell how much cohorts differ")
    if narrow:
        warnings.append("the interval is narrower than the fixed-effect one, as the cohorts happen to agree")
    return "; ".join(warnings)


def _one_cohort(estimate: float, method: str, hartung_knapp: bool) -> MetaAnalysis:
    numbers: dict[str, Any] = dict.fromkeys((field.name for field in fields(MetaAnalysis)), math.nan)
    return MetaAnalysis(
        **numbers
        | {
            "estimate": estimate,
            "q": 0.0,
            "weights": np.ones(1),
            "method": method,
            "hartung_knapp": hartung_knapp,
            "n_cohorts": 1,
            "warning": "one cohort cannot tell how much cohorts differ: random effects have no interval",
        }
    )
