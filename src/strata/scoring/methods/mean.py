"""The mean of z-scores."""

from __future__ import annotations

from collections.abc import Sequence

from strata.scoring.methods.expression import Expression, Floats
from strata.scoring.methods.method import IndexedSet, Integers, Method, ratio, up_minus_down
from strata.scoring.methods.sums import known_sum

__all__ = ["MEAN"]


def _scores(expression: Expression, sets: Sequence[IndexedSet]) -> Floats:
    def side(columns: Integers) -> Floats:
        return ratio(*known_sum(expression.zscores(columns)))

    return up_minus_down(side, sets, len(expression.values))


MEAN = Method(
    name="mean",
    formula="mean of the genes' z-scores (ddof 1); up minus down",
    range="any number, in standard deviations of a gene",
    direction="high: the up genes are above, the down genes below their mean over the samples",
    reference="10.1371/journal.pcbi.1000217",
    depends_on_samples=True,
    needs_all_genes=False,
    genes="varying",
    kernel=_scores,
)
