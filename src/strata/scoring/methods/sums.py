"""Sums over the known genes of a set, for the methods that add up values."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from strata.scoring.methods.expression import Floats

__all__ = ["known_sum"]


def known_sum(values: Floats, weights: Floats | None = None) -> tuple[Floats, npt.NDArray[Any]]:
    """Weighted sum of the known values of each sample, and the sum of their weights (1 each where none are given).

    Parameters
    ----------
    values : array of float, shape (n_set, n_samples)
        Genes as rows, NaN where unknown.
    weights : array, shape (n_set,), optional

    Returns
    -------
    two arrays of shape (n_samples,)
    """
    known = ~np.isnan(values)
    if weights is None:
        return np.where(known, values, 0.0).sum(axis=0), known.sum(axis=0)
    weights = weights[:, None]
    return np.where(known, values * weights, 0.0).sum(axis=0), np.where(known, weights, 0.0).sum(axis=0)
