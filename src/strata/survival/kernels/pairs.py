"""Both of two markers against the rest, for every pair of many markers: log-rank tests by counting packed bits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from strata.survival.kernels.frozen import Frozen
from strata.survival.kernels.pair_layout import PairLayout, Words
from strata.survival.kernels.risk_table import Booleans, Floats, Integers

__all__ = ["ManyPairs", "PackedMarkers", "compare_pairs"]

Counts = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False, slots=True)
class PackedMarkers:
    """Who is positive and who is negative for each of many markers, in the words of a layout.

    Parameters
    ----------
    positive, negative : arrays of uint64 (n_words, n_markers)
        ``PairLayout.pack`` makes them. Who is neither is unknown; ``negative`` None: nobody is.
    """

    positive: Words
    negative: Words | None = None

    def take(self, markers: slice, *, gaps: bool = True) -> PackedMarkers:
        """Some of the markers; ``gaps`` False: nobody is unknown for any of these."""
        negative = None if self.negative is None or not gaps else self.negative[:, markers]
        return PackedMarkers(self.positive[:, markers], negative)


@dataclass(frozen=True, eq=False, slots=True)
class ManyPairs(Frozen):
    """Both positive against the rest: a row a marker, a column a partner.

    Parameters
    ----------
    n, events : arrays of int (n_rows, n_columns)
        Patients who are known to be positive for both, or known not to be.
    n_both, events_both : arrays of int (n_rows, n_columns)
    expected, variance : arrays of float (n_rows, n_columns)
        Of the events of those positive for both.
    """

    n: Counts
    events: Counts
    n_both: Counts
    events_both: Counts
    expected: Floats
    variance: Floats

    @property
    def chi_squared(self) -> Floats:
        """Of the log-rank test, one degree of freedom; NaN where nothing could be compared."""
        with np.errstate(divide="ignore", invalid="ignore"):
            excess = (self.events_both - self.expected) ** 2
            found: Floats = np.where(self.variance > 0.0, excess / self.variance, np.nan)
        return found


def compare_pairs(
    layout: PairLayout, rows: PackedMarkers, columns: PackedMarkers, *, compiled: bool = False
) -> ManyPairs:
    """Compare the patients positive for both markers with the rest, for every row with every column.

    Parameters
    ----------
    layout : PairLayout
    rows, columns : PackedMarkers
        In that layout. Faster where neither has a ``negative``; both have it or none has.
    compiled : bool
        By numba rather than numpy: the same numbers to 1e-12.

    Returns
    -------
    ManyPairs
        The numbers of ``log_rank``.

    Notes
    -----
    Kleene logic: who is negative for one marker is in the rest, whatever the other one is; who is positive for one and
    unknown for the other is left out of that pair.
    """
    if compiled:
        from strata.survival.kernels.compiled_pairs import complete_pairs, pairs_with_gaps
    else:
        complete_pairs, pairs_with_gaps = _complete_pairs, _pairs_with_gaps
    counts: Counts = np.zeros((4, rows.positive.shape[1], columns.positive.shape[1]), dtype=np.int32)
    sums = np.zeros((2, *counts.shape[1:]))
    risk_sets, found = (layout.strata, layout.sign), (layout.censored, counts, sums)
    if rows.negative is None or columns.negative is None:
        counts[0], counts[1] = layout.n, layout.events
        everybody = (layout.at_risk, layout.hazard, layout.weight)
        complete_pairs(rows.positive, columns.positive, *risk_sets, *everybody, *found)
    else:
        words = (rows.positive, rows.negative, columns.positive, columns.negative)
        pairs_with_gaps(*words, *risk_sets, layout.last, layout.died, *found)
    return ManyPairs(*counts, *sums)


def _complete_pairs(
    rows: Words,
    columns: Words,
    strata: Integers,
    sign: Floats,
    at_risk: Floats,
    hazard: Floats,
    weight: Floats,
    censored: int,
    counts: Counts,
    sums: Floats,
) -> None:
    """Fill in who is positive for both in ``counts`` and ``sums``: the rows of ``ManyPairs``."""
    inside = np.zeros(sums.shape[1:])
    for w in range(sign.size):
        if w in strata:
            inside[:] = 0.0
        inside += sign[w] * _ones(rows[w][:, np.newaxis] & columns[w])
        if hazard[w]:
            sums[0] += hazard[w] * inside
            sums[1] += weight[w] * inside * (at_risk[w] - inside)
    for w in range(sign.size, rows.shape[0]):
        ones = _ones(rows[w][:, np.newaxis] & columns[w])
        counts[2] += ones
        if w < censored:
            counts[3] += ones


def _pairs_with_gaps(
    rows: Words,
    rows_negative: Words,
    columns: Words,
    columns_negative: Words,
    strata: Integers,
    sign: Floats,
    last: Booleans,
    died: Words,
    censored: int,
    counts: Counts,
    sums: Floats,
) -> None:
    """Fill in ``counts`` and ``sums`` where who is known differs from pair to pair."""
    inside, outside, deaths = np.zeros((3, *sums.shape[1:]))
    for w in range(rows.shape[0]):
        both = rows[w][:, np.newaxis] & columns[w]
        known = both | rows_negative[w][:, np.newaxis] | columns_negative[w]
        ones, all_known = _ones(both), _ones(known)
        if w >= sign.size:
            counts[0] += all_known
            counts[2] += ones
            if w < censored:
                counts[1] += all_known
                counts[3] += ones
            continue
        if w in strata:
            inside[:] = outside[:] = 0.0
        inside += sign[w] * ones
        outside += sign[w] * (all_known - ones)
        deaths += _ones(known & died[w])
        if last[w]:
            # where nobody known is at risk nobody died either
            n, below = np.maximum(inside + outside, 1.0), np.maximum(inside + outside - 1.0, 1.0)
            share = deaths * inside / (n * n * below)
            sums[0] += share * n * below
            sums[1] += share * (n - deaths) * outside
            deaths[:] = 0.0


def _ones(words: Words) -> npt.NDArray[np.uint8]:
    """How many bits of each word are 1."""
    if hasattr(np, "bitwise_count"):
        ones: npt.NDArray[np.uint8] = np.bitwise_count(words)
        return ones
    # numpy 1: sums of neighbouring bits, in ever wider fields
    masks = [np.uint64(0x5555555555555555), np.uint64(0x3333333333333333), np.uint64(0x0F0F0F0F0F0F0F0F)]
    for shift, mask in enumerate(masks):
        words = (words & mask) + ((words >> np.uint64(1 << shift)) & mask)
    return ((words * np.uint64(0x0101010101010101)) >> np.uint64(56)).astype(np.uint8)
