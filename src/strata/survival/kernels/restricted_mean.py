"""Restricted mean survival time: the area under the Kaplan-Meier curve up to a horizon."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from strata.survival.kernels.chi_squared import chi_squared_p
from strata.survival.kernels.frozen import Frozen
from strata.survival.kernels.kaplan_meier import Z_95, KaplanMeier, kaplan_meier
from strata.survival.kernels.risk_table import Floats, Integers, checked, label_codes, tolerance

__all__ = ["RestrictedMean", "restricted_mean"]


@dataclass(frozen=True, eq=False, slots=True)
class RestrictedMean(Frozen):
    """Restricted mean survival times and how two groups differ in them.

    Parameters
    ----------
    groups : tuple
        The group labels, sorted; the order of ``n``, ``means`` and ``standard_errors``.
    n : array of int, shape (n_groups,)
        Patients per group.
    horizon : float
        End of the time counted.
    means, standard_errors : arrays of float, shape (n_groups,)
        In the unit of time; NaN for a group whose curve is not known up to the horizon.
    difference, difference_standard_error, difference_lower, difference_upper : float
        Mean of the second group less that of the first, with its 95 % interval.
    p_value, log10_p : float
        Two-sided Wald P of the difference.
    ratio, ratio_lower, ratio_upper, ratio_p_value : float
        Mean of the second group over that of the first; interval and P on the log scale.
    rmtl_ratio, rmtl_ratio_lower, rmtl_ratio_upper, rmtl_ratio_p_value : float
        The same for the restricted mean time lost, horizon less mean.
    reason : str
        Why something could not be estimated; empty when all was.
    """

    groups: tuple[Any, ...]
    n: Integers
    horizon: float
    means: Floats
    standard_errors: Floats
    difference: float
    difference_standard_error: float
    difference_lower: float
    difference_upper: float
    p_value: float
    log10_p: float
    ratio: float
    ratio_lower: float
    ratio_upper: float
    ratio_p_value: float
    rmtl_ratio: float
    rmtl_ratio_lower: float
    rmtl_ratio_upper: float
    rmtl_ratio_p_value: float
    reason: str


class _Contrast(NamedTuple):
    estimate: float
    error: float
    lower: float
    upper: float
    p_value: float
    log10_p: float


def restricted_mean(time: Any, event: Any, group: Any, *, horizon: float) -> RestrictedMean:
    """Restricted mean survival time per group, and its difference and ratio between two groups.

    Parameters
    ----------
    time : array-like of float, shape (n_patients,)
        Time of the event or of censoring.
    event : array-like of bool or 0/1, shape (n_patients,)
        1: event; 0: censored.
    group : array-like, shape (n_patients,)
        Labels of the groups.
    horizon : float
        Count the time from 0 up to here, in the unit of ``time``. To be fixed before the data are seen.

    Returns
    -------
    RestrictedMean
        NaN, with ``reason``, for a group whose last patient is censored before the horizon: its curve is not known
        up to there. (A group whose last patient has the event stays at S = 0.) Difference and ratios exist for
        exactly two groups, and where their standard error is not zero.

    Raises
    ------
    ValueError
        Missing values or labels, lengths that differ, a horizon that is not a positive number.

    Notes
    -----
    The standard error is of the Greenwood form, with the area still to come after each event. ``rmst2`` of R's
    survRM2 gives the same numbers, and stops where a curve is not known up to the horizon;
    ``survfit(Surv(time, event) ~ group)`` printed with ``rmean = horizon`` gives the same means and standard errors.
    lifelines' ``restricted_mean_survival_time(return_variance=True)`` is the variance of min(T, horizon) in one patient
    and no squared standard error. A group without an event before the horizon has the standard error 0, so that the
    interval of the difference holds the chance in the other group only. Royston and Parmar 2013; Uno et al. 2014.
    """
    times, events, _ = checked(time, event)
    groups, codes = label_codes(group, "group", times.size)
    if not (math.isfinite(horizon) and horizon > 0.0):
        raise ValueError(f"horizon must be a positive number, not {horizon!r}")
    curves = [kaplan_meier(times[codes == code], events[codes == code]) for code in range(len(groups))]
    areas = np.array([_area(curve, horizon) for curve in curves]).reshape(-1, 2)
    means, errors = areas.T
    reasons = [
        f"group {label}: the last patient is censored at {curve.times[-1]:g}, before the horizon {horizon:g}"
        for label, curve, mean in zip(groups, curves, means)
        if math.isnan(mean)
    ]
    if len(groups) != 2:
        reasons.append(f"differences need two groups, not {len(groups)}")
        difference = ratio = lost = _Contrast(*[math.nan] * 6)
    else:
        with np.errstate(divide="ignore", invalid="ignore"):
            difference = _contrast(means, errors)
            ratio = _contrast(np.log(means), errors / means)
            lost = _contrast(np.log(horizon - means), errors / (horizon - means))
        if math.isnan(difference.p_value) and not reasons:
            reasons.append("the standard error of the difference is zero")
    return RestrictedMean(
        groups,
        np.bincount(codes, minlength=len(groups)),
        float(horizon),
        means,
        errors,
        *difference,
        *_exponentiated(ratio),
        *_exponentiated(lost),
        "; ".join(reasons),
    )


def _area(curve: KaplanMeier, horizon: float) -> tuple[float, float]:
    """Mean up to the horizon and its standard error; NaN where the curve is not known so far."""
    if horizon - curve.times[-1] > tolerance(curve.times) and curve.survival[-1] > 0.0:
        return math.nan, math.nan
    grid = np.concatenate([[0.0], np.clip(curve.times, 0.0, horizon), [horizon]])
    area = np.diff(grid) * np.concatenate([[1.0], curve.survival])
    to_come = np.cumsum(area[::-1])[::-1][1:]
    left = curve.at_risk - curve.events
    hazard = curve.events / (curve.at_risk * np.maximum(left, 1))  # nothing is to come where nobody is left
    return float(area.sum()), math.sqrt(float(to_come**2 @ hazard))


def _contrast(values: Floats, errors: Floats) -> _Contrast:
    """The second value less the first."""
    estimate, error = float(values[1] - values[0]), float(np.hypot(*errors))
    if not error > 0.0:  # nothing is lost before the horizon in a group, or the group has no mean
        return _Contrast(estimate if math.isfinite(estimate) else math.nan, error, *[math.nan] * 4)
    half = Z_95 * error
    return _Contrast(estimate, error, estimate - half, estimate + half, *chi_squared_p((estimate / error) ** 2, 1))


def _exponentiated(log: _Contrast) -> tuple[float, float, float, float]:
    ratio, lower, upper = np.exp([log.estimate, log.lower, log.upper]).tolist()
    return ratio, lower, upper, log.p_value
