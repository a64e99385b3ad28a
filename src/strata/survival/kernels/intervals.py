"""Sums over intervals of event times by additions alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from strata.survival.kernels.risk_table import Floats, Integers

__all__ = ["Intervals", "binned"]


@dataclass(frozen=True, slots=True)
class Intervals:
    """One interval of event times per patient, cut into blocks of 1, 2, 4 ... times.

    Differences of running sums would be shorter and lose every digit where one patient's hazard is far above those of
    the patients who stay; a tree of blocks (a segment tree) only ever adds.

    Parameters
    ----------
    n, size : int
        Patients and event times.
    leaves : int
        ``size`` rounded up to a power of two. Block ``leaves + j`` is time j; block b is made of 2 b and 2 b + 1.
    patient, block : arrays of int, shape (n_parts,)
        The blocks of each patient's interval.
    """

    n: int
    size: int
    leaves: int
    patient: Integers
    block: Integers

    @classmethod
    def of(cls, first: Integers, last: Integers, size: int) -> Intervals:
        """The intervals ``first`` to ``last - 1`` of ``size`` times."""
        leaves = 1 << max(size - 1, 0).bit_length()
        left, right, who = first + leaves, last + leaves, np.arange(first.size)
        patients, blocks = [who[:0]], [left[:0]]
        while (left < right).any():
            odd = (left < right) & (left % 2 == 1)
            patients.append(who[odd])
            blocks.append(left[odd])
            left = left + odd
            odd = (left < right) & (right % 2 == 1)
            right = right - odd
            patients.append(who[odd])
            blocks.append(right[odd])
            left, right = left // 2, right // 2
        return cls(first.size, size, leaves, np.concatenate(patients), np.concatenate(blocks))

    def summed(self, columns: Floats) -> Floats:
        """Per time, the sum over the patients whose interval holds it: (n_columns, n) to (n_columns, size)."""
        tree = binned(self.block, columns[:, self.patient], 2 * self.leaves)
        width = 1
        while width < self.leaves:
            tree[:, 2 * width : 4 * width] += np.repeat(tree[:, width : 2 * width], 2, axis=1)
            width *= 2
        return tree[:, self.leaves : self.leaves + self.size]

    def gathered(self, values: Floats) -> Floats:
        """Per patient, the sum of ``values`` over the patient's interval: (size,) to (n,)."""
        tree = np.zeros(2 * self.leaves)
        tree[self.leaves : self.leaves + self.size] = values
        width = self.leaves // 2
        while width:
            tree[width : 2 * width] = tree[2 * width : 4 * width : 2] + tree[2 * width + 1 : 4 * width : 2]
            width //= 2
        total: Floats = binned(self.patient, tree[np.newaxis, self.block], self.n)[0]
        return total


def binned(position: Integers, columns: Floats, size: int) -> Floats:
    """Sums of each column by position, shape (n_columns, size)."""
    return np.vstack([np.bincount(position, weights=column, minlength=size).astype(np.float64) for column in columns])
