"""Gene set variation analysis (Hänzelmann and others 2013), as R's GSVA computes it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from strata.scoring.methods.expression import Expression, Floats, rank_samples
from strata.scoring.methods.method import IndexedSet, Integers, Method, ratio, up_minus_down

__all__ = ["GSVA"]

STEPS, WIDEST = 10_000, 10.0
"""R's GSVA looks the normal distribution up in a table of STEPS steps from 0 to WIDEST, without interpolation."""
ROWS = 32
"""Samples whose distances to all others are held at once: few enough for the processor's cache."""


def _scores(expression: Expression, sets: Sequence[IndexedSet]) -> Floats:
    """Walk down the genes ordered by how high each is for itself, and add the walk's highest and lowest point.

    Beside ``values`` this keeps one more matrix of their size, and the ranks of it.
    """
    samples, genes = expression.measured, expression.complete
    column = np.cumsum(genes) - 1
    n = int(genes.sum())
    values, bandwidths = expression.values[np.ix_(samples, genes)], expression.moments[1][genes] / 4
    ordinal = rank_samples(_cumulative_logits(values, bandwidths)).ordinal

    def side(columns: Integers) -> Floats:
        scores = np.full(len(samples), np.nan)
        columns = column[columns[genes[columns]]]
        if 0 < columns.size < n:
            scores[samples] = _random_walk(n - ordinal.take(columns, axis=1).astype(np.int64), n)
        return scores

    return up_minus_down(side, sets, len(samples))


def _cumulative_logits(values: Floats, bandwidths: Floats) -> Floats:
    """How high each value is among the gene's values: the logit of a Gaussian kernel estimate."""
    logits = np.empty_like(values)
    widest = (np.ptp(values, axis=0) / bandwidths).max(initial=0) if len(values) else 0
    table = _normal_table(int(widest / WIDEST * STEPS) + 1)
    for gene, bandwidth in enumerate(bandwidths):
        share = _smoothed_share_below(np.ascontiguousarray(values[:, gene]), bandwidth, table)
        logits[:, gene] = -np.log((1 - share) / share)
    return logits


def _smoothed_share_below(x: Floats, bandwidth: float, table: Floats) -> Floats:
    """Mean over the samples of the normal distribution at each value's distance, summed in R's order."""
    total = np.zeros(x.size)
    for start in range(0, x.size, ROWS):
        distance = x - x[start : start + ROWS, None]
        distance /= bandwidth
        distance /= WIDEST
        distance *= STEPS
        # towards zero, as R truncates; a negative step counts from the table's end
        for row in table.take(distance.astype(np.intp), mode="wrap"):
            total += row
    return total / x.size


def _normal_table(longest: int) -> Floats:
    """Normal distribution at 0, 1, ... ``longest`` steps, then at -``longest``, ... -1 steps."""
    inside = _NORMAL[: longest + 1]
    upper = np.concatenate([inside, np.ones(longest + 1 - inside.size)])
    return np.concatenate([upper, 1 - upper[:0:-1]])


_NORMAL = np.array([math.erfc(-WIDEST * step / STEPS / math.sqrt(2)) / 2 for step in range(STEPS + 1)])


def _random_walk(places: Integers, n: int) -> Floats:
    """Highest plus lowest point of the walk (n_samples,) that rises at the set's ``places`` (0 the first of n genes).

    A gene's step is |n / 2 - its place| over the set's sum; every other gene takes 1 / (n - k) off. The walk is lowest
    just before and highest just after a gene of the set.
    """
    places = np.sort(places, axis=1)
    steps = np.abs(n / 2 - places)
    steps = ratio(steps, np.broadcast_to(steps.sum(axis=1, keepdims=True), steps.shape))
    after = np.cumsum(steps, axis=1) - (places - np.arange(places.shape[1])) / (n - places.shape[1])
    highest = np.maximum(after.max(axis=1), 0)
    lowest = np.minimum((after - steps).min(axis=1), 0)
    walk: Floats = highest + lowest
    return walk


GSVA = Method(
    name="gsva",
    formula="highest plus lowest point of a walk down the genes, ordered by a Gaussian kernel estimate of each gene's "
    "own distribution (R's GSVA, kcdf = Gaussian, mx.diff = TRUE); up minus down",
    range="-1 to 1; -2 to 2 for a set with two directions",
    direction="high: the up genes are high, the down genes low, each compared with its own values in other samples",
    reference="10.1186/1471-2105-14-7",
    depends_on_samples=True,
    needs_all_genes=True,
    genes="complete",
    kernel=_scores,
)
