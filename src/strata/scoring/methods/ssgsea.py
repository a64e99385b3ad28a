"""Single-sample gene set enrichment (Barbie and others 2009), as R's GSVA computes it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from strata.scoring.methods.expression import Expression, Floats
from strata.scoring.methods.method import IndexedSet, Integers, Method, ratio, up_minus_down

__all__ = ["SSGSEA"]

ALPHA = 0.25
"""Exponent of the ranks."""


def _scores(expression: Expression, sets: Sequence[IndexedSet]) -> Floats:
    """The area between the walks of the set and of the other genes, in closed form.

    A gene of ordinal rank p is passed by p steps of the walk, so the area is a weighted mean of p in the set minus the
    mean of p outside.
    """
    ranks, n = expression.ranks, expression.ranks.n_known
    powers = np.arange(expression.values.shape[1] + 1) ** ALPHA  # 0 for the rank 0 of an unknown gene

    def side(columns: Integers) -> Floats:
        p = ranks.ordinal.take(columns, axis=1).astype(np.float64)
        weights = powers[ranks.average.take(columns, axis=1)]
        inside = ratio((weights * p).sum(axis=1), weights.sum(axis=1))
        return inside - ratio(n * (n + 1) / 2 - p.sum(axis=1), n - (p > 0).sum(axis=1))

    return up_minus_down(side, sets, len(expression.values))


SSGSEA = Method(
    name="ssgsea",
    formula="sum over all places of the difference of two walks down the sample's ranking: the set's, weighted by "
    "rank^0.25, and the other genes' (R's GSVA, ssgsea.norm = FALSE, on a table sorted by gene: tied genes stand in "
    "the order of their names, in R in that of the table); up minus down",
    range="about -N/2 to N/2 for N genes in the table, and twice that for a set with two directions",
    direction="high: the up genes stand high, the down genes low among the sample's genes",
    reference="10.1038/nature08460",
    depends_on_samples=False,
    needs_all_genes=True,
    genes="known",
    kernel=_scores,
)
