"""The P of searched cuts of many markers of the same patients, by one set of permutations."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from strata.survival.kernels.permutation import p_of_largest, permutation_p, reached
from strata.survival.kernels.risk_table import Booleans, Floats, Integers
from strata.survival.kernels.selected_p import statistics_by_chance

__all__ = ["SelectedNull"]

MOST_NUMBERS = 32_000_000
"""Of permutations that are kept: 256 MB. Beyond it they are drawn again for every block of markers with ties."""
AT_ONCE = 2_000_000
"""Numbers of permutations looked at together."""
STRIP = 16
"""Neighbouring sizes of which the largest statistic is known beforehand."""


class SelectedNull:
    """Permutations of the scores of some patients.

    The largest statistic over the cuts of a random order of the patients does not depend on the marker, so markers
    without ties share one null. A marker with ties tries fewer cuts of the same orders.

    Parameters
    ----------
    scores : array of float (n_patients,)
        In any order.
    sizes : array of int (n_sizes,)
        Of the lower group.
    n_permutations, seed : int
    """

    def __init__(self, scores: Floats, sizes: Integers, *, n_permutations: int, seed: int) -> None:
        self.scores, self.sizes, self.n_permutations, self.seed = np.sort(scores), sizes, n_permutations, seed
        self._kept = list(self._drawn()) if n_permutations * sizes.size <= MOST_NUMBERS else None
        self._largest = np.sort(np.concatenate([drawn.statistics.max(axis=1) for drawn in self._orders()]))

    def p_values(self, statistics: Floats, tried: Booleans) -> Floats:
        """Share of the orders whose largest statistic over the sizes ``tried`` reaches that of the marker.

        Parameters
        ----------
        statistics : array of float (n_tests,)
            NaN has no P.
        tried : array of bool (n_tests, n_sizes)
        """
        p_values = p_of_largest(statistics, self._largest)
        tied = np.flatnonzero(~tried.all(axis=1) & ~np.isnan(statistics))
        if tied.size:
            thresholds, theirs = reached(statistics[tied]), _whole_strips(tried[tied], False)
            n_reached = np.zeros(tied.size, dtype=np.int64)
            for drawn in self._orders():
                n_reached += [drawn.n_reached(*each) for each in zip(thresholds, theirs)]
            p_values[tied] = permutation_p(n_reached, self.n_permutations)
        return p_values

    def _orders(self) -> Iterator[_Orders]:
        return iter(self._kept) if self._kept is not None else self._drawn()

    def _drawn(self) -> Iterator[_Orders]:
        one_stratum = np.zeros(self.scores.size, dtype=np.int64)
        parts: list[Floats] = []
        for part in statistics_by_chance(self.scores, one_stratum, self.sizes, self.n_permutations, self.seed):
            parts.append(part)
            if len(parts) * part.size >= AT_ONCE:
                yield _Orders(np.concatenate(parts))
                parts = []
        if parts:
            yield _Orders(np.concatenate(parts))


def _whole_strips(rows: NDArray[Any], fill: float) -> NDArray[Any]:
    """Rows of one number a size, and ``fill`` in the rest of the last strip."""
    return np.pad(rows, ((0, 0), (0, -rows.shape[1] % STRIP)), constant_values=fill)


class _Orders:
    """Absolute standardised statistics of some random orders at every size of the lower group, in whole strips."""

    def __init__(self, statistics: Floats) -> None:
        self.statistics = _whole_strips(statistics, -1.0)

    def n_reached(self, threshold: float, tried: Booleans) -> int:
        """Orders with a statistic at ``threshold`` or above at a size that is tried.

        Those that reach it nowhere from the smallest such size on are left out. Most others reach it at the size of
        their largest statistic, or at the nearest that is tried: few have to be looked through.
        """
        strips, largest, from_here, place = self._strips
        sizes = np.flatnonzero(tried)
        first = sizes[0] // STRIP
        orders = np.flatnonzero(from_here[first] >= threshold)
        at = place[first, orders]
        elsewhere = ~tried[at]
        left, after = orders[elsewhere], np.searchsorted(sizes, at[elsewhere])
        beside = np.maximum(self.statistics[left, sizes[after - 1]], self.statistics[left, sizes[after % sizes.size]])
        left = left[beside < threshold]
        inside = tried.reshape(-1, STRIP)
        row, strip = np.nonzero((largest[left] >= threshold) & inside.any(axis=1))
        found = row[((strips[left[row], strip] >= threshold) & inside[strip]).any(axis=1)]
        return int(orders.size - left.size + np.count_nonzero(np.bincount(found)))

    @cached_property
    def _strips(self) -> tuple[Floats, Floats, Floats, Integers]:
        """Of strips of neighbouring sizes.

        Their statistics (n_orders, n_strips, STRIP); the largest of each (n_orders, n_strips); the largest from each
        strip on, and its size, both (n_strips, n_orders).
        """
        strips = self.statistics.reshape(len(self.statistics), -1, STRIP)
        largest, at = strips.max(axis=2), strips.argmax(axis=2) + np.arange(0, self.statistics.shape[1], STRIP)
        from_here, place = largest.T.copy(), at.T.copy()
        for i in range(len(place) - 2, -1, -1):
            place[i] = np.where(from_here[i] >= from_here[i + 1], place[i], place[i + 1])
            from_here[i] = np.maximum(from_here[i], from_here[i + 1])
        return strips, largest, from_here, place
