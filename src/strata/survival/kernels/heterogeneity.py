"""How much cohorts differ: Cochran's Q, the variance between cohorts and its interval, I squared."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from strata.survival.kernels.risk_table import Floats

__all__ = ["TAU_SQUARED", "cochran_q", "pooled", "q_profile", "share_between"]

GRID = 400
"""Points at which the slope of the restricted likelihood is looked at, to find every maximum."""

BLOCK = 100_000
"""Numbers (points x cohorts) that are worked out at a time."""


def pooled(effects: Floats, variances: Floats, tau_squared: float) -> tuple[float, Floats]:
    """The mean effect, weighted by 1 / (variance + tau squared), and the weights."""
    weights = 1.0 / (variances + tau_squared)
    return float(weights @ effects / weights.sum()), weights


def cochran_q(effects: Floats, variances: Floats, tau_squared: float = 0.0) -> float:
    """Weighted sum of squares around the mean; at 0 Cochran's Q, at larger ``tau_squared`` the generalised one."""
    mean, weights = pooled(effects, variances, tau_squared)
    return float(weights @ (effects - mean) ** 2)


def q_profile(effects: Floats, variances: Floats) -> tuple[float, float]:
    """95 % interval of tau squared (Viechtbauer 2007): where the generalised Q is a quantile of chi-squared."""
    from scipy.special import chdtri

    low, high = chdtri(effects.size - 1, [0.025, 0.975])
    return _tau_squared_at(effects, variances, float(low)), _tau_squared_at(effects, variances, float(high))


def share_between(tau_squared: float, variances: Floats) -> float:
    """I squared: percent of the variation that lies between cohorts (Higgins and Thompson 2002)."""
    if math.isnan(tau_squared):
        return math.nan
    weights = 1.0 / variances
    typical = (weights.size - 1) * weights.sum() / (weights.sum() ** 2 - (weights**2).sum())
    return float(100.0 * tau_squared / (tau_squared + typical))


def _no_variance(effects: Floats, variances: Floats) -> float:  # noqa: ARG001
    return 0.0


def _dersimonian_laird(effects: Floats, variances: Floats) -> float:
    weights = 1.0 / variances
    excess = cochran_q(effects, variances) - (effects.size - 1)
    return max(0.0, float(excess / (weights.sum() - (weights**2).sum() / weights.sum())))


def _paule_mandel(effects: Floats, variances: Floats) -> float:
    return _tau_squared_at(effects, variances, effects.size - 1.0)


def _restricted_likelihood(effects: Floats, variances: Floats) -> float:
    """The highest maximum: 0 or a zero of the slope of the restricted likelihood."""
    from scipy.optimize import brentq

    def slope(tau_squared: Floats | float) -> Floats:
        weights = 1.0 / (variances + np.expand_dims(tau_squared, -1))
        total = weights.sum(axis=-1, keepdims=True)
        mean = (weights * effects).sum(axis=-1, keepdims=True) / total
        gain: Floats = (weights**2 * ((effects - mean) ** 2 + 1.0 / total) - weights).sum(axis=-1)
        return gain

    def height(tau_squared: float) -> float:
        total = float((1.0 / (variances + tau_squared)).sum())
        spread = cochran_q(effects, variances, tau_squared)
        return -float(np.log(variances + tau_squared).sum()) - math.log(total) - spread

    highest = float(variances.max() + 3.0 * np.ptp(effects) ** 2)  # the slope is negative from there on
    grid = np.concatenate([[0.0], np.geomspace(1e-8 * highest, highest, GRID)])
    # in blocks: of thousands of cohorts the whole grid would take hundreds of megabytes
    blocks = np.array_split(grid, 1 + grid.size * effects.size // BLOCK)
    slopes = np.concatenate([slope(block) for block in blocks])
    tops = np.flatnonzero((slopes[:-1] > 0.0) & (slopes[1:] <= 0.0))
    maxima = [float(brentq(slope, grid[j], grid[j + 1], xtol=1e-16 * highest)) for j in tops]
    return max([0.0, *maxima], key=height)


TAU_SQUARED: Mapping[str, Callable[[Floats, Floats], float]] = {
    "fixed": _no_variance,
    "DL": _dersimonian_laird,
    "REML": _restricted_likelihood,
    "PM": _paule_mandel,
}
"""Variance between cohorts by method, from effects and their variances."""


def _tau_squared_at(effects: Floats, variances: Floats, q: float) -> float:
    """Where the generalised Q, which falls with tau squared, has come down to ``q``; 0 if it starts below."""
    if cochran_q(effects, variances) <= q:
        return 0.0
    from scipy.optimize import brentq

    highest = float(((effects - effects.mean()) ** 2).sum() / q)
    return float(brentq(lambda t: cochran_q(effects, variances, t) - q, 0.0, highest, xtol=1e-16 * highest))
