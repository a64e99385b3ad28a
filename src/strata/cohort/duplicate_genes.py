"""Several rows or probes of one gene: which counts, or what they come to."""

from __future__ import annotations

import warnings

import numpy as np

from strata.cohort.numbers import Floats

__all__ = ["combine"]


def combine(rows: Floats, rule: str) -> Floats:
    """One vector from the rows of a gene.

    Parameters
    ----------
    rows : array of float, shape (n_rows, n_values)
        In the order of the file; one value for each patient (and time point), NaN where missing.
    rule : {"first", "mean", "median", "max_mean", "max_variance"}
        ``mean`` and ``median`` are taken value by value over the rows that have it. ``max_mean`` and ``max_variance``
        (denominator n - 1) choose the row that is largest over all its values, as WGCNA's ``collapseRows`` (MaxMean,
        maxRowVariance) and MetaGx do; the first of equal rows.

    Returns
    -------
    array of float, shape (n_values,)
        NaN where no row has a value.
    """
    if len(rows) == 1 or rule == "first":
        first: Floats = rows[0]
        return first
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # nothing known stays NaN
        if rule in {"mean", "median"}:
            averaged: Floats = (np.nanmean if rule == "mean" else np.nanmedian)(rows, axis=0)
            return averaged
        size = np.nanmean(rows, axis=1) if rule == "max_mean" else np.nanvar(rows, axis=1, ddof=1)
    largest: Floats = rows[int(np.argmax(np.where(np.isnan(size), -np.inf, size)))]
    return largest
