"""Singscore (Foroutan and others 2018): the mean rank of a set inside its possible range."""

from __future__ import annotations

from collections.abc import Sequence

from strata.scoring.methods.expression import Expression, Floats
from strata.scoring.methods.method import IndexedSet, Integers, Method, ratio, up_minus_down

__all__ = ["SINGSCORE"]


def _scores(expression: Expression, sets: Sequence[IndexedSet]) -> Floats:
    """Centred scores: (mean rank - least possible) / (greatest - least possible) - 1/2, up minus down.

    With k genes of N, the mean rank lies between (k + 1) / 2 and (2 N - k + 1) / 2, which are N - k apart.
    """
    ranks = expression.ranks

    def side(columns: Integers) -> Floats:
        own = ranks.lowest.take(columns, axis=1).astype(float)
        k = (own > 0).sum(axis=1)
        return ratio(ratio(own.sum(axis=1), k) - (k + 1) / 2, ranks.n_known - k) - 0.5

    return up_minus_down(side, sets, len(expression.values))


SINGSCORE = Method(
    name="singscore",
    formula="mean rank of the set in the sample (ties share the lowest), scaled to its possible range, minus 1/2; up "
    "minus down (simpleScore, centerScore = TRUE)",
    range="-0.5 to 0.5; -1 to 1 for a set with two directions",
    direction="high: the up genes stand high, the down genes low among the sample's genes",
    reference="10.1186/s12859-018-2435-4",
    depends_on_samples=False,
    needs_all_genes=True,
    genes="known",
    kernel=_scores,
)
