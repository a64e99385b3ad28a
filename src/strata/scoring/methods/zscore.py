"""The combined z-score of Lee and others (2008)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from strata.scoring.methods.expression import Expression, Floats
from strata.scoring.methods.method import IndexedSet, Integers, Method, ratio, up_minus_down
from strata.scoring.methods.sums import known_sum

__all__ = ["ZSCORE"]


def _scores(expression: Expression, sets: Sequence[IndexedSet]) -> Floats:
    def side(columns: Integers) -> Floats:
        total, n = known_sum(expression.zscores(columns))
        return ratio(total, np.sqrt(n))

    return up_minus_down(side, sets, len(expression.values))


ZSCORE = Method(
    name="zscore",
    formula="sum of the genes' z-scores (ddof 1) over the root of their number, as GSVA's zscore; up minus down",
    range="any number; standard normal for independent genes of one direction",
    direction="high: the up genes are above, the down genes below their mean over the samples",
    reference="10.1371/journal.pcbi.1000217",
    depends_on_samples=True,
    needs_all_genes=False,
    genes="varying",
    kernel=_scores,
)
