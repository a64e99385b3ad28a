"""A smooth line through scaled Schoenfeld residuals: the log hazard ratio over time, with its interval."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from strata.survival.kernels.kaplan_meier import Z_95
from strata.survival.kernels.risk_table import Floats

__all__ = ["SmoothResiduals", "smooth_residuals"]

_GRID = 40
"""Points of R's plot between the first and the last event; its knots lie at quantiles of these and the events."""


class SmoothResiduals(NamedTuple):
    """The smooth line at every event, with its pointwise 95 % interval."""

    log_hazard_ratio: Floats
    lower: Floats
    upper: Floats


def smooth_residuals(scale: Floats, residuals: Floats, variance: float) -> SmoothResiduals:
    """A natural cubic spline of 4 degrees of freedom through the residuals of one covariate.

    Parameters
    ----------
    scale, residuals : arrays of float, shape (n_events,)
        ``event_scale`` and a column of ``scaled_residuals`` of ``proportional_hazards``.
    variance : float
        ``residual_variances`` of the covariate.

    Returns
    -------
    SmoothResiduals
        NaN where the events are at fewer than 4 times.

    Notes
    -----
    R survival: ``plot(cox.zph(...), df = 4)``, which draws two standard errors where these are 1.96.
    """
    nothing = np.full(scale.size, np.nan)
    if np.unique(scale).size < 4:
        return SmoothResiduals(nothing, nothing, nothing)
    grid = np.linspace(scale.min(), scale.max(), _GRID)
    basis = _natural_spline(scale, np.quantile(np.concatenate([grid, scale]), [0.0, 1 / 3, 2 / 3, 1.0]))
    orthogonal, triangular = np.linalg.qr(basis)
    line = orthogonal @ (orthogonal.T @ residuals)
    half = Z_95 * np.sqrt(variance * (orthogonal**2).sum(axis=1))
    if not np.abs(np.diag(triangular)).min() > 1e-9:
        return SmoothResiduals(nothing, nothing, nothing)
    return SmoothResiduals(line, line - half, line + half)


def _natural_spline(x: Floats, knots: Floats) -> Floats:
    """1, x, and a truncated cubic for every inner knot, linear beyond the outer ones; ``x`` scaled to 0 to 1."""
    knots, x = (knots - knots[0]) / np.ptp(knots), (x - knots[0]) / np.ptp(knots)

    def slope(knot: float) -> Floats:
        own, last = (np.maximum(x - at, 0.0) ** 3 for at in (knot, knots[-1]))
        return np.asarray((own - last) / (knots[-1] - knot))

    last = slope(knots[-2])
    return np.column_stack([np.ones(x.size), x, *(slope(knot) - last for knot in knots[:-2])])
