"""The signed average of expression, as genefu's ``sig.score(signed = TRUE)``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from strata.scoring.methods.expression import Expression, Floats
from strata.scoring.methods.method import IndexedSet, Method
from strata.scoring.methods.weighted import weighted_average

__all__ = ["SIGNED_MEAN"]


def _scores(expression: Expression, sets: Sequence[IndexedSet]) -> Floats:
    return weighted_average(expression, [IndexedSet(genes.columns, np.sign(genes.weights)) for genes in sets])


SIGNED_MEAN = Method(
    name="signed-mean",
    formula="sum of the up genes minus sum of the down genes, over their number (genefu sig.score, signed = TRUE); "
    "values as they are",
    range="any number, in the unit of the table",
    direction="high: the up genes are high, the down genes low in the sample",
    reference="10.1093/jnci/djj052",
    depends_on_samples=False,
    needs_all_genes=False,
    genes="known",
    kernel=_scores,
)
