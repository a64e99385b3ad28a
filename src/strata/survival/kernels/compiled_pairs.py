"""The pairs of ``pairs`` compiled by numba: imported only where there are enough of them."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numba import types
from numba.extending import intrinsic

from strata.survival.kernels.pair_layout import UNROLLED

__all__ = ["complete_pairs", "pairs_with_gaps"]

STRIP = 256
"""Partners that are counted side by side: their words stay in the second cache, their sums in the first."""

_options: Any = {"cache": True, "nogil": True, "error_model": "numpy", "fastmath": {"contract"}}
_compiled: Any = numba.njit(**_options)
_inlined: Any = numba.njit(inline="always", **_options)
"""For loops over a strip: only where its arrays are made can the compiler see that they do not overlap."""


def _count_of_ones(_context, _word):  # type: ignore[no-untyped-def]
    """The number of bits of a word that are 1, by the processor's own instruction."""
    return types.int64(types.uint64), lambda _context, builder, _signature, values: builder.ctpop(values[0])


_ones: Any = intrinsic(_count_of_ones)


@_compiled
def _copy(columns, first, width, strip):  # type: ignore[no-untyped-def]
    """Some columns side by side."""
    for w in range(columns.shape[0]):
        for j in range(width):
            strip[w, j] = columns[w, first + j]


@_inlined
def _four_words(w, row, strip, sign, at_risk, hazard, weight, inside, expected, variance):  # type: ignore[no-untyped-def]
    """Four words of a risk set for all partners of a strip: their sums are read and written once for the four."""
    a0, a1, a2, a3 = row[w], row[w + 1], row[w + 2], row[w + 3]
    b0, b1, b2, b3 = strip[w], strip[w + 1], strip[w + 2], strip[w + 3]
    # by themselves: the compiler cannot know that no sum is written over them
    s0, s1, s2, s3 = sign[w], sign[w + 1], sign[w + 2], sign[w + 3]
    n0, n1, n2, n3 = at_risk[w], at_risk[w + 1], at_risk[w + 2], at_risk[w + 3]
    h0, h1, h2, h3 = hazard[w], hazard[w + 1], hazard[w + 2], hazard[w + 3]
    q0, q1, q2, q3 = weight[w], weight[w + 1], weight[w + 2], weight[w + 3]
    for j in range(STRIP):
        n, e, v = inside[j], expected[j], variance[j]
        n += s0 * _ones(a0 & b0[j])
        e += h0 * n
        v += q0 * n * (n0 - n)
        n += s1 * _ones(a1 & b1[j])
        e += h1 * n
        v += q1 * n * (n1 - n)
        n += s2 * _ones(a2 & b2[j])
        e += h2 * n
        v += q2 * n * (n2 - n)
        n += s3 * _ones(a3 & b3[j])
        e += h3 * n
        v += q3 * n * (n3 - n)
        inside[j], expected[j], variance[j] = n, e, v


@_inlined
def _count(start, stop, row, strip, ones):  # type: ignore[no-untyped-def]
    """Patients positive for both in some words."""
    ones[:] = 0
    for w in range(start, stop):
        word = row[w]
        for j in range(STRIP):
            ones[j] += _ones(word & strip[w, j])


@_compiled
def complete_pairs(  # type: ignore[no-untyped-def]
    rows, columns, strata, sign, at_risk, hazard, weight, censored, counts, sums
):
    """As ``_complete_pairs``."""
    strip = np.zeros((columns.shape[0], STRIP), dtype=np.uint64)
    inside, expected, variance = np.empty(STRIP), np.empty(STRIP), np.empty(STRIP)
    events, others = np.empty(STRIP, dtype=np.int64), np.empty(STRIP, dtype=np.int64)
    for first in range(0, columns.shape[1], STRIP):
        width = min(STRIP, columns.shape[1] - first)
        _copy(columns, first, width, strip)
        for i in range(rows.shape[1]):
            row = rows[:, i].copy()
            expected[:] = 0.0
            variance[:] = 0.0
            for s in range(strata.size - 1):
                inside[:] = 0.0
                for w in range(strata[s], strata[s + 1], UNROLLED):
                    _four_words(w, row, strip, sign, at_risk, hazard, weight, inside, expected, variance)
            _count(sign.size, censored, row, strip, events)
            _count(censored, row.size, row, strip, others)
            for j in range(width):
                sums[0, i, first + j], sums[1, i, first + j] = expected[j], variance[j]
                counts[2, i, first + j], counts[3, i, first + j] = events[j] + others[j], events[j]


@_inlined
def _one_word(  # type: ignore[no-untyped-def]
    w, row, row_negative, strip, strip_negative, sign, died, inside, outside, deaths
):
    """One word of a risk set for all partners of a strip."""
    positive, negative, partners, partners_negative = row[w], row_negative[w], strip[w], strip_negative[w]
    leaving, events = sign[w], died[w]
    for j in range(STRIP):
        both, rest = positive & partners[j], negative | partners_negative[j]
        inside[j] += leaving * _ones(both)
        outside[j] += leaving * _ones(rest)
        deaths[j] += _ones((both | rest) & events)


@_inlined
def _one_time(inside, outside, deaths, expected, variance):  # type: ignore[no-untyped-def]
    """Expected events and their variance at one event time."""
    for j in range(STRIP):
        n = max(inside[j] + outside[j], 1.0)
        below = max(n - 1.0, 1.0)
        share = deaths[j] * inside[j] / (n * n * below)
        expected[j] += share * n * below
        variance[j] += share * (n - deaths[j]) * outside[j]
        deaths[j] = 0.0


@_inlined
def _count_known(  # type: ignore[no-untyped-def]
    start, stop, row, row_negative, strip, strip_negative, known, ones
):
    """Patients known, and patients positive for both, in some words."""
    known[:] = 0
    ones[:] = 0
    for w in range(start, stop):
        word, negative = row[w], row_negative[w]
        for j in range(STRIP):
            both = word & strip[w, j]
            known[j] += _ones(both | negative | strip_negative[w, j])
            ones[j] += _ones(both)


@_compiled
def pairs_with_gaps(  # type: ignore[no-untyped-def]
    rows, rows_negative, columns, columns_negative, strata, sign, last, died, censored, counts, sums
):
    """As ``_pairs_with_gaps``."""
    strip = np.zeros((columns.shape[0], STRIP), dtype=np.uint64)
    strip_negative = np.zeros_like(strip)
    inside, outside, deaths = np.empty(STRIP), np.empty(STRIP), np.zeros(STRIP)
    expected, variance = np.empty(STRIP), np.empty(STRIP)
    ones, known = np.empty((2, STRIP), dtype=np.int64), np.empty((2, STRIP), dtype=np.int64)
    for first in range(0, columns.shape[1], STRIP):
        width = min(STRIP, columns.shape[1] - first)
        _copy(columns, first, width, strip)
        _copy(columns_negative, first, width, strip_negative)
        for i in range(rows.shape[1]):
            row, row_negative = rows[:, i].copy(), rows_negative[:, i].copy()
            expected[:] = 0.0
            variance[:] = 0.0
            for s in range(strata.size - 1):
                inside[:] = 0.0
                outside[:] = 0.0
                for w in range(strata[s], strata[s + 1]):
                    _one_word(w, row, row_negative, strip, strip_negative, sign, died, inside, outside, deaths)
                    if last[w]:
                        _one_time(inside, outside, deaths, expected, variance)
            _count_known(sign.size, censored, row, row_negative, strip, strip_negative, known[0], ones[0])
            _count_known(censored, row.size, row, row_negative, strip, strip_negative, known[1], ones[1])
            for j in range(width):
                at = first + j
                counts[0, i, at], counts[1, i, at] = known[0, j] + known[1, j], known[0, j]
                counts[2, i, at], counts[3, i, at] = ones[0, j] + ones[1, j], ones[0, j]
                sums[0, i, at], sums[1, i, at] = expected[j], variance[j]
