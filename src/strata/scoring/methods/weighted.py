"""The weighted average of expression, as genefu's ``sig.score(signed = FALSE)``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from strata.scoring.methods.expression import Expression, Floats
from strata.scoring.methods.method import IndexedSet, Method, ratio
from strata.scoring.methods.sums import known_sum

__all__ = ["WEIGHTED", "weighted_average"]


def weighted_average(expression: Expression, sets: Sequence[IndexedSet]) -> Floats:
    """Weighted mean of the up genes times their share of the set, minus the same of the down genes.

    The weights of each side are divided by the sum of their absolute values over the genes known in the sample; the
    share counts the genes found in the table.
    """
    scores = np.full((len(expression.values), len(sets)), np.nan)
    for column, genes in zip(scores.T, sets):
        sides = [(sign, genes.weights * sign > 0) for sign in (1, -1)]
        found = sum(int(side.sum()) for _, side in sides)
        if found:
            column[:] = sum(
                sign * (side.sum() / found) * ratio(*known_sum(expression.take(genes.columns[side]), weights))
                for sign, side in sides
                if (weights := np.abs(genes.weights[side])).size
            )
    return scores


WEIGHTED = Method(
    name="weighted",
    formula="share of the up genes x their weighted mean, minus share of the down genes x theirs (genefu sig.score, "
    "signed = FALSE); values as they are",
    range="any number, in the unit of the table",
    direction="high: the up genes are high, the down genes low in the sample",
    reference="10.1093/jnci/djj052",
    depends_on_samples=False,
    needs_all_genes=False,
    genes="known",
    kernel=weighted_average,
)
