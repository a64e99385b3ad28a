"""Spearman's correlation of a sample's genes with a centroid."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from strata.scoring.methods.expression import Expression, Floats
from strata.scoring.methods.method import IndexedSet, Method, ratio
from strata.scoring.methods.scaling import minus_median

__all__ = ["CORRELATION", "spearman"]


def _scores(expression: Expression, sets: Sequence[IndexedSet]) -> Floats:
    scores = np.full((len(expression.values), len(sets)), np.nan)
    for column, genes in zip(scores.T, sets):
        values = expression.values.take(genes.columns, axis=1)
        column[:] = spearman(minus_median(values), genes.weights[:, None])[:, 0]
    return scores


def spearman(values: Floats, centroids: Floats) -> Floats:
    """Spearman's correlation of each sample with each centroid, over the sample's known genes (ties: mean rank).

    Parameters
    ----------
    values : array of float, shape (n_samples, n_genes)
        NaN where unknown.
    centroids : array of float, shape (n_genes, n_centroids)

    Returns
    -------
    array of float, shape (n_samples, n_centroids)
        NaN where sample or centroid is constant over the known genes, or fewer than two are known.
    """
    correlations = np.full((len(values), centroids.shape[1]), np.nan)
    patterns, member = np.unique(~np.isnan(values), axis=0, return_inverse=True)
    for number, genes in enumerate(patterns):
        samples = member.reshape(-1) == number
        correlations[samples] = _complete_spearman(values[np.ix_(samples, genes)], centroids[genes])
    return correlations


def _complete_spearman(values: Floats, centroids: Floats) -> Floats:
    from scipy.stats import rankdata

    # centred ranks are halves, so the sums are exact and equal samples get equal scores
    centre = (len(centroids) + 1) / 2
    own, theirs = rankdata(values, axis=1) - centre, rankdata(centroids, axis=0) - centre
    return ratio(own @ theirs, np.sqrt((own**2).sum(axis=1)[:, None] * (theirs**2).sum(axis=0)))


CORRELATION = Method(
    name="correlation",
    formula="Spearman's correlation of the set's weights with the genes, each minus its median over the samples",
    range="-1 to 1; unknown where all weights are equal",
    direction="high: the sample resembles the centroid",
    reference="10.1200/JCO.2008.18.1370",
    depends_on_samples=True,
    needs_all_genes=False,
    genes="known",
    kernel=_scores,
)
