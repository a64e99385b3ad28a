"""Sums over the known genes of a set, for the methods that add up values."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from strata.scoring.methods.expression import Floats
from strata.scoring.methods.method import Integers

__all__ = ["known_sum"]


def known_sum(values: Floats, columns: Integers, weights: Floats | None = None) -> tuple[Floats, npt.NDArray[Any]]:
    """Weighted sum of the known values of each sample, and the sum of their weights (1 each where none are given).

    Parameters
    ----------
    values : array of float, shape (n_samples, n_genes)
    columns, weights : arrays, shape (n_set,)

    Returns
    -------
    two arrays of shape (n_samples,)
    """
    own = values.T[columns]  # genes as rows: each is added to all samples at once
    known = ~np.isnan(own)
    if weights is None:
        return np.where(known, own, 0.0).sum(axis=0), known.sum(axis=0)
    weights = weights[:, None]
    return np.where(known, own * weights, 0.0).sum(axis=0), np.where(known, weights, 0.0).sum(axis=0)
