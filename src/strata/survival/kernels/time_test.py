"""The score test of a coefficient times time, of many Cox models with one covariate each."""

from __future__ import annotations

import numpy as np

from strata.survival.kernels.covariates import COLLINEAR
from strata.survival.kernels.risk_table import Booleans, Floats, Integers

__all__ = ["time_test"]


def time_test(
    term: Integers, scale: Floats, event_sums: Floats, mean: Floats, variance: Floats, valid: Booleans
) -> Floats:
    """Chi-squared of Grambsch and Therneau's test, as ``proportional_hazards`` has it for one covariate.

    Parameters
    ----------
    term : array of int (n_terms,)
        The event time of each term of the likelihood.
    scale : array of float (n_tests or 1, n_times)
        Time, transformed.
    event_sums : array of float (n_tests, n_times)
        Sum of the covariate over the patients with an event at each time.
    mean, variance : arrays of float (n_tests, n_terms)
        Of the covariate at risk, at the maximum of the likelihood.
    valid : array of bool (n_tests, n_terms)
        Which terms a test has.
    """
    scale = np.broadcast_to(scale, event_sums.shape)
    at_terms = scale[:, term]
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = (at_terms * valid).sum(axis=1, keepdims=True) / valid.sum(axis=1, keepdims=True)
        g = (at_terms - centre) * valid
        score = ((scale - centre) * event_sums).sum(axis=1) - (g * mean).sum(axis=1)
        mixed, partner = (g * variance).sum(axis=1), (g**2 * variance).sum(axis=1)
        left = partner - mixed**2 / variance.sum(axis=1)
        highest = np.where(valid, at_terms, -np.inf).max(axis=1, initial=-np.inf)
        varies = highest > np.where(valid, at_terms, np.inf).min(axis=1, initial=np.inf)
        return np.where(varies & (left > COLLINEAR * partner), score**2 / left, np.nan)
