"""What every permutation test shares: the draws, when a draw reaches the observed statistic, and what is assumed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from strata.survival.kernels.risk_table import Floats, Integers

__all__ = ["EQUAL_CENSORING", "p_of_largest", "permutation_p", "permuted", "reached"]

EQUAL_CENSORING = "The permutation P assumes that censoring is the same in the groups compared."

BLOCK = 100_000
"""Numbers drawn at once: they stay in the cache."""
ROUNDING = 1e-9
"""A permuted statistic that is smaller than the observed one by less, relatively, is equal to it."""


def permuted(scores: Floats, strata: Integers, n_permutations: int, seed: int) -> Iterator[Floats]:
    """Random permutations of ``scores`` inside strata, as blocks of shape (n_drawn, n_patients)."""
    generator = np.random.default_rng(seed)
    members = [np.flatnonzero(strata == stratum) for stratum in np.unique(strata)]
    at_once = max(1, BLOCK // max(1, scores.size))
    for start in range(0, n_permutations, at_once):
        drawn = np.tile(scores, (min(at_once, n_permutations - start), 1))
        for own in members:
            drawn[:, own] = generator.permuted(drawn[:, own], axis=1)
        yield drawn


def reached(statistic: npt.ArrayLike) -> Floats:
    """The smallest permuted statistic that counts as equal to the observed ``statistic``."""
    threshold: Floats = np.multiply(statistic, 1.0 - ROUNDING)
    return threshold


def permutation_p(n_reached: npt.ArrayLike, n_permutations: int) -> Floats:
    """(b + 1) / (B + 1): the observed arrangement is one of them, so P is never 0."""
    p_values: Floats = np.add(n_reached, 1.0) / (n_permutations + 1.0)
    return p_values


def p_of_largest(statistics: npt.ArrayLike, largest: Floats) -> Floats:
    """P of statistics among the largest one of each permutation, in ascending order; NaN for NaN."""
    n_reached = largest.size - np.searchsorted(largest, reached(statistics), side="left")
    return np.where(np.isnan(statistics), np.nan, permutation_p(n_reached, largest.size))
