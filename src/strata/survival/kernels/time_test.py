"""The score test of a coefficient times time, of many Cox models with one covariate each."""

from __future__ import annotations

import numpy as np

from strata.survival.kernels.covariates import COLLINEAR
from strata.survival.kernels.risk_table import Floats

__all__ = ["time_test"]


def time_test(scale: Floats, deaths: Floats, event_sums: Floats, mean: Floats, variance: Floats) -> Floats:
    """Chi-squared of Grambsch and Therneau's test, as ``proportional_hazards`` has it for one covariate.

    Parameters
    ----------
    scale : array of float (n_tests or 1, n_times)
        Time, transformed.
    deaths : array of float (n_tests, n_times)
        Events at each time.
    event_sums : array of float (n_tests, n_times)
        Sum of the covariate over the patients with an event at each time.
    mean, variance : arrays of float (n_tests, n_times)
        Of the covariate at risk, at the maximum of the likelihood: their sums over the events at each time.
    """
    scale, happens = np.broadcast_to(scale, deaths.shape), deaths > 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        g = scale - (scale * deaths).sum(axis=1, keepdims=True) / deaths.sum(axis=1, keepdims=True)
        score = (g * (event_sums - mean)).sum(axis=1)
        mixed, partner = (g * variance).sum(axis=1), (g**2 * variance).sum(axis=1)
        left = partner - mixed**2 / variance.sum(axis=1)
        highest = np.where(happens, scale, -np.inf).max(axis=1, initial=-np.inf)
        varies = highest > np.where(happens, scale, np.inf).min(axis=1, initial=np.inf)
        return np.where(varies & (left > COLLINEAR * partner), score**2 / left, np.nan)
