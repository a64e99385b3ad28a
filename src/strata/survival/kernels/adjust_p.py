"""P values adjusted for the number of tests."""

from __future__ import annotations

from typing import Any

import numpy as np

from strata.survival.kernels.risk_table import Floats, as_floats

__all__ = ["ADJUSTMENTS", "adjust_p"]

ADJUSTMENTS = ("BH", "BY", "Holm", "Hochberg", "Hommel", "Bonferroni")


def adjust_p(p: Any, method: str, *, n: int | None = None) -> Floats:
    """P values adjusted for the number of tests.

    Parameters
    ----------
    p : array-like of float, shape (n_tests,)
        P values; NaN for a test that gave none.
    method : {"BH", "BY", "Holm", "Hochberg", "Hommel", "Bonferroni"}
        In any case. BH (Benjamini and Hochberg 1995) and BY (Benjamini and Yekutieli 2001, under any dependence)
        bound the false discovery rate; the others the chance of one false positive, Holm and Bonferroni under any
        dependence, Hochberg and Hommel when the tests are independent or positively dependent.
    n : int, optional
        Number of tests that were planned: those that failed count. By default the P values that are not NaN.

    Returns
    -------
    array of float, shape (n_tests,)
        At most 1; NaN where ``p`` is.

    Raises
    ------
    ValueError
        P values outside 0 to 1, an unknown method, ``n`` below the number of P values.

    Notes
    -----
    R: ``p.adjust(p, method, n)``.
    """
    name = method.lower()
    if name not in {known.lower() for known in ADJUSTMENTS}:
        raise ValueError(f"method must be one of {', '.join(ADJUSTMENTS)}, not {method!r}")
    values = as_floats(p)
    if values.ndim != 1:
        raise ValueError(f"p must be one-dimensional, not of the shape {values.shape}")
    known = ~np.isnan(values)
    outside = int(np.count_nonzero((values[known] < 0.0) | (values[known] > 1.0)))
    if outside:
        raise ValueError(f"p: {outside} of {values.size} values are not between 0 and 1")
    n_known = int(known.sum())
    n_tests = n_known if n is None else n
    if n_tests < n_known:
        raise ValueError(f"n is {n}, but there are {n_known} P values")
    order = np.argsort(values[known], kind="stable")
    adjusted = np.empty(n_known)
    adjusted[order] = _adjusted(values[known][order], name, n_tests)
    result = np.full(values.shape, np.nan)
    result[known] = np.minimum(adjusted, 1.0)
    return result


def _adjusted(p: Floats, method: str, n: int) -> Floats:
    """The adjusted values of ascending ``p``; some may be above 1."""
    rank = np.arange(1.0, p.size + 1.0)
    if method == "hommel":
        return _hommel(p, n)
    if method == "bonferroni":
        return p * n
    if method == "holm":
        rising: Floats = np.maximum.accumulate(p * (n + 1.0 - rank))
        return rising
    factor = n + 1.0 - rank if method == "hochberg" else n / rank
    if method == "by":
        factor = factor * np.sum(1.0 / np.arange(1.0, n + 1.0))
    falling: Floats = np.minimum.accumulate((p * factor)[::-1])[::-1]
    return falling


def _hommel(p: Floats, n: int) -> Floats:
    """Wright 1992, the algorithm of R's ``p.adjust``; tests without a P value have P = 1."""
    every = np.concatenate([p, np.ones(n - p.size)])
    adjusted: Floats = np.maximum(every, np.min(n * every / np.arange(1.0, n + 1.0), initial=np.inf))
    for size in range(n - 1, 1, -1):
        first = n - size + 1
        tail = np.min(size * every[first:] / np.arange(2.0, size + 1.0))
        lowest = np.minimum(size * every[:first], tail)
        adjusted[:first] = np.maximum(adjusted[:first], lowest)
        adjusted[first:] = np.maximum(adjusted[first:], lowest[-1])
    return adjusted[: p.size]
