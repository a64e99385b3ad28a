"""P values of a maximally selected rank statistic."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from strata.survival.kernels.permutation import permutation_p, permuted, reached
from strata.survival.kernels.risk_table import Floats, Integers

__all__ = [
    "CONSTANT",
    "by_permutation",
    "hothorn_lausen",
    "largest_by_chance",
    "lausen_1992",
    "lausen_1994",
    "moments",
    "standardised",
    "statistics_by_chance",
]

CONSTANT = 1e-9
"""Scores nearer than this are one."""


def moments(scores: Floats, strata: Integers, sizes: Integers) -> tuple[Floats, Floats]:
    """Mean and standard deviation of the sums of the first ``sizes`` scores, when they are permuted inside strata."""
    mean, variance = np.zeros(sizes.shape), np.zeros(sizes.shape)
    for stratum in np.unique(strata):
        own = strata == stratum
        n, total = int(own.sum()), scores[own].sum()
        low = np.cumsum(own)[sizes - 1]
        mean += low / n * total
        if np.ptp(scores[own]) >= CONSTANT:
            variance += low * (n - low) / (n**2 * (n - 1)) * (n * (scores[own] ** 2).sum() - total**2)
    return mean, np.sqrt(variance)


def standardised(sums: Floats, scores: Floats, sizes: Integers | np.int64) -> Floats:
    """Sums of ``sizes`` of the scores, less their mean and over their standard deviation under permutation."""
    mean, error = moments(scores, np.zeros(scores.size, dtype=np.int64), np.asarray(sizes))
    deviations: Floats = (sums - mean) / error
    return deviations


def statistics_by_chance(
    scores: Floats, strata: Integers, sizes: Integers, n_permutations: int, seed: int
) -> Iterator[Floats]:
    """Absolute standardised statistics of permutations of the scores inside strata: blocks (n_drawn, n_sizes)."""
    mean, error = moments(scores, strata, sizes)
    for drawn in permuted(scores, strata, n_permutations, seed):
        yield np.abs((np.cumsum(drawn, axis=1)[:, sizes - 1] - mean) / error)


def largest_by_chance(
    scores: Floats, strata: Integers, sizes: Integers, n_permutations: int, seed: int
) -> Iterator[Floats]:
    """The largest of these of each permutation."""
    for block in statistics_by_chance(scores, strata, sizes, n_permutations, seed):
        yield block.max(axis=1)


def by_permutation(
    m: float, scores: Floats, strata: Integers, sizes: Integers, n_permutations: int, seed: int
) -> float:
    """Share of the permutations of the scores inside strata whose largest statistic reaches ``m``."""
    largest = largest_by_chance(scores, strata, sizes, n_permutations, seed)
    count = sum(int(np.count_nonzero(block >= reached(m))) for block in largest)
    return float(permutation_p(count, n_permutations))


def lausen_1992(m: float, minprop: float, maxprop: float) -> float:
    """Lausen and Schumacher 1992, equation 4: a Brownian bridge between two shares."""
    if m < 1.0:
        return 1.0
    density = _normal_density(m)
    odds = maxprop * (1.0 - minprop) / ((1.0 - maxprop) * minprop)
    return min(1.0, 4.0 * density / m + density * (m - 1.0 / m) * math.log(odds))


def lausen_1994(m: float, n: int, sizes: Integers) -> float:
    """Lausen, Sauerbrei and Schumacher 1994: an improved Bonferroni bound over the cuts that exist."""
    smaller, larger = sizes[:-1], sizes[1:]
    t = np.sqrt(1.0 - smaller * (n - larger) / ((n - smaller) * larger))
    steps = math.exp(-(m**2) / 2.0) / math.pi * (t - (m**2 / 4.0 - 1.0) * t**3 / 6.0)
    return min(1.0, math.erfc(m / math.sqrt(2.0)) + float(steps.sum()))


def hothorn_lausen(scores: Floats, sizes: Integers) -> float:
    """Hothorn and Lausen 2003: an improved Bonferroni bound from the exact distribution of rounded scores.

    As R's ``pmaxstat`` computes it: with one cut the exact two-sided P; with more only what is strictly above the
    observed statistic (where nothing is, R's P is 0; here that equal to it), and no sets of smallest scores alone.
    """
    shifted = scores - scores.min()
    rounded = np.round(shifted * scores.size / shifted.max())
    observed = float(np.abs(standardised(np.cumsum(rounded)[sizes - 1], rounded, sizes)).max())
    share, equal = _sums_of_subsets(rounded.astype(np.int64)), float(reached(observed))
    if sizes.size == 1:
        return min(1.0, _bound(share, rounded, sizes, equal))
    share[:, 0] = 0.0
    return min(1.0, _bound(share, rounded, sizes, observed) or _bound(share, rounded, sizes, equal))


def _bound(share: Floats, scores: Floats, sizes: Integers, observed: float) -> float:
    """Over the cuts, the share of the sets above ``observed``, less those that one patient fewer put there for sure.

    Sure are the sets that stay above whether the next score is the smallest, 0, or the largest.
    """
    sums = np.arange(share.shape[1], dtype=np.float64)
    largest = int(scores.max())
    total, above = 0.0, np.zeros(sums.size, dtype=bool)
    for size in range(int(sizes[0]), int(sizes[-1]) + 1):
        before, below_mean = above, sums < (size - 1) / scores.size * scores.sum()
        above = (share[size] > 0.0) & (np.abs(standardised(sums, scores, np.int64(size))) > observed)
        after_largest = np.concatenate([above[largest:], np.zeros(largest, dtype=bool)])
        sure = before & np.where(below_mean, after_largest, above)
        if size in sizes:
            total += float(share[size, above].sum() - share[size - 1, sure].sum())
    return total


def _sums_of_subsets(scores: Integers) -> Floats:
    """Share of the sets of m of the scores whose sum is s, shape (n + 1, sum of the scores + 1)."""
    n = scores.size
    count = np.zeros((n + 1, int(scores.sum()) + 1))
    count[0, 0] = 1.0
    reach = 1
    for done, score in enumerate(np.sort(scores)):
        count[1 : done + 2, score : reach + score] += count[: done + 1, :reach].copy()
        reach += int(score)
    share: Floats = count / np.array([[float(math.comb(n, m))] for m in range(n + 1)])
    return share


def _normal_density(x: float) -> float:
    return math.exp(-(x**2) / 2.0) / math.sqrt(2.0 * math.pi)
