"""PLAGE (Tomfohr and others 2005): the first right singular vector of a set's z-scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from strata.scoring.methods.expression import Expression, Floats
from strata.scoring.methods.method import IndexedSet, Integers, Method, up_minus_down

__all__ = ["PLAGE"]


def _scores(expression: Expression, sets: Sequence[IndexedSet]) -> Floats:
    samples = expression.measured

    def side(columns: Integers) -> Floats:
        scores = np.full(len(samples), np.nan)
        columns = columns[expression.complete[columns]]
        if columns.size > 1:
            scores[samples] = _first_singular_vector(expression.zscores(columns)[:, samples])
        return scores

    return up_minus_down(side, sets, len(samples))


def _first_singular_vector(z: Floats) -> Floats:
    """One unit vector over the samples; its sign makes it rise with the mean z-score of the set."""
    # by way of the left one, the first eigenvector between the genes: far less work than all singular vectors
    vector: Floats = np.linalg.eigh(z @ z.T)[1][:, -1] @ z
    vector /= np.linalg.norm(vector)
    return -vector if vector @ z.mean(axis=0) < 0 else vector


PLAGE = Method(
    name="plage",
    formula="first right singular vector of the genes' z-scores, its sign chosen so that it correlates positively "
    "with their mean (R leaves the sign to chance); up minus down",
    range="-1 to 1 (the squares over the samples sum to 1); -2 to 2 for a set with two directions",
    direction="high: the up genes are above, the down genes below their mean over the samples",
    reference="10.1186/1471-2105-6-225",
    depends_on_samples=True,
    needs_all_genes=False,
    genes="complete",
    kernel=_scores,
)
