"""How a cohort's genes are put on one scale before they are compared with centroids."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from strata.scoring.methods.expression import CONSTANT, Floats

__all__ = ["SCALINGS", "minus_median"]

ROBUST = 0.05
"""genefu's ``rescale.q``: the lowest and highest 2.5 % of a gene lie outside -1 to 1."""


def minus_median(values: Floats) -> Floats:
    """Each gene minus the median of its known values (n_samples, n_genes)."""
    return _by_gene(values, lambda known: (float(np.median(known)), 1.0))


def _standardised(values: Floats) -> Floats:
    return _by_gene(values, lambda known: (float(known.mean()), float(known.std(ddof=1)) if known.size > 1 else 0.0))


def _robust(values: Floats) -> Floats:
    def middle(known: Floats) -> tuple[float, float]:
        low, high = np.quantile(known, [ROBUST / 2, 1 - ROBUST / 2])
        return float(low + high) / 2, float(high - low) / 2

    return _by_gene(values, middle)


def _by_gene(values: Floats, learn: Callable[[Floats], tuple[float, float]]) -> Floats:
    """(value - centre) / width, both learned from a gene's known values; NaN where the width is 0."""
    scaled = np.full(values.shape, np.nan)
    for column, own in zip(scaled.T, values.T):
        known = own[~np.isnan(own)]
        centre, width = learn(known) if known.size else (np.nan, 0.0)
        if width > CONSTANT:
            column[:] = (own - centre) / width
    return scaled


SCALINGS: Mapping[str, Callable[[Floats], Floats]] = MappingProxyType(
    {"none": lambda values: values, "median": minus_median, "scale": _standardised, "robust": _robust}
)
"""none; minus the median; z-scores (ddof 1); genefu's ``(rescale(q = 0.05) - 0.5) * 2``."""
