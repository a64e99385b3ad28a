"""Decimal numbers from bytes, compiled by numba: imported only where there are enough of them.

Digits without their point are a whole number m, and the cell is m / 10^k. Both are exact in double precision up to 2^53
and 10^22, so that one division rounds once: the result is float()'s, to the bit. Cells for which that does not hold
are left to float().
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numba import types
from numba.extending import intrinsic

__all__ = ["parse_lines"]

_compiled: Any = numba.njit(cache=True, nogil=True, error_model="numpy")

_POWERS = np.array([10.0**k for k in range(23)])
"""The powers of ten that are exact in double precision."""

_EVERY = np.uint64(0x0101010101010101)
_TOPS = np.uint64(0x8080808080808080)
_ZEROS = np.uint64(0x3030303030303030)
_HALVES = np.uint64(0xF0F0F0F0F0F0F0F0)
_SIXES = np.uint64(0x0606060606060606)
_PAIRS = np.uint64(0x000000FF000000FF)
_THREES = np.uint64(0x3333333333333333)
_UPPER, _LOWER = np.uint64(0x000F424000000064), np.uint64(0x0000271000000001)
_ONE, _FOUR, _EIGHT, _TEN, _SIXTEEN, _THIRTY_TWO = (np.uint64(n) for n in (1, 4, 8, 10, 16, 32))
_MINUS, _PLUS, _POINT, _QUOTE, _E, _N, _A = (np.uint8(ord(char)) for char in '-+."ena')
_CASE = np.uint8(0x20)

_MOST = 10**17
"""Whole numbers below it take one more digit without leaving 64 bits."""

_EXACT = 2**53


def _eight_bytes(_context, text, _at):  # type: ignore[no-untyped-def]
    """The word of eight bytes of a text from a place on; the first is the lowest."""

    def load(context, builder, signature, values):  # type: ignore[no-untyped-def]
        array = context.make_array(signature.args[0])(context, builder, values[0])
        place = builder.gep(array.data, [values[1]])
        word = builder.load(builder.bitcast(place, context.get_value_type(types.uint64).as_pointer()))
        word.align = 1
        return word

    return types.uint64(text, types.int64), load


def _first_byte(_context, _word):  # type: ignore[no-untyped-def]
    """The place of the lowest byte of a word that has a bit set; no word of noughts."""

    def count(context, builder, _signature, values):  # type: ignore[no-untyped-def]
        bits = builder.cttz(values[0], context.get_constant(types.boolean, True))
        return builder.lshr(bits, context.get_constant(types.uint64, 3))

    return types.int64(types.uint64), count


_word: Any = intrinsic(_eight_bytes)
_byte_place: Any = intrinsic(_first_byte)


@_compiled
def _places(word, bytes_):  # type: ignore[no-untyped-def]
    """A word whose lowest set bit is in the first byte of ``word`` that is that of ``bytes_``; 0 where none is."""
    other = word ^ bytes_
    return (other - _EVERY) & ~other & _TOPS


@_compiled
def _short(word, room, seps, marks):  # type: ignore[no-untyped-def]
    """A cell of at most seven digits and a point, all at once: (value, its length, whether it is one).

    ``room`` bytes are left on its line; ``seps`` and ``marks`` are separator and decimal mark, eight times.
    """
    ends = _places(word, seps)
    if room < 8:
        ends |= _ONE << np.uint64(8 * room + 7)
    if ends == 0:
        return 0.0, 0, False
    n = _byte_place(ends)
    digits, decimals = n, 0
    point = _places(word, marks) & ((ends & -ends) - _ONE)
    if point != 0:
        place = _byte_place(point)
        before = (_ONE << np.uint64(8 * place)) - _ONE
        word = (word & before) | ((word >> _EIGHT) & ~before)
        digits, decimals = n - 1, n - 1 - place
    if digits < 1:
        return 0.0, 0, False
    # the digits move to the upper end, and noughts fill the lower one
    word = (word << np.uint64(64 - 8 * digits)) | (_ZEROS >> np.uint64(8 * digits))
    if (word & _HALVES) | (((word + _SIXES) & _HALVES) >> _FOUR) != _THREES:
        return 0.0, 0, False
    word -= _ZEROS
    word = word * _TEN + (word >> _EIGHT)
    word = (word & _PAIRS) * _UPPER + ((word >> _SIXTEEN) & _PAIRS) * _LOWER
    return np.float64(np.int64(word >> _THIRTY_TWO)) / _POWERS[decimals], n, True


@_compiled
def _is_missing(text, at, n):  # type: ignore[no-untyped-def]
    """Whether a cell is empty, NA or NaN."""
    if n == 0:
        return True
    if n != 2 and n != 3:
        return False
    named = (text[at] | _CASE) == _N and (text[at + 1] | _CASE) == _A
    return named and (n == 2 or (text[at + 2] | _CASE) == _N)


@_compiled
def _quotient(m, k):  # type: ignore[no-untyped-def]
    """The double nearest to m / 10^k, and whether it is certainly that; m below 10^18, k from 0 to 22.

    m is a double and a small rest. The first quotient leaves a remainder, which is exact, and its quotient is added;
    where the sum lies so near to the middle of two doubles that its own error could decide, nothing is certain.
    """
    power = _POWERS[k]
    high = np.float64(m)
    rest = np.float64(m - np.int64(high))
    first = high / power
    # the product of the two, and its rounding error, by Dekker's splitting
    scaled = first * 134217729.0
    a = scaled - (scaled - first)
    b = first - a
    scaled = power * 134217729.0
    c = scaled - (scaled - power)
    d = power - c
    product = first * power
    error = ((a * c - product) + a * d + b * c) + b * d
    second = (((high - product) - error) + rest) / power
    value = first + second
    left = (first - value) + second
    certain = value + left * (1.0 + 1e-9) == value
    return value, certain


@_compiled
def _exponent(text, at, stop):  # type: ignore[no-untyped-def]
    """The number behind an e, at most three digits: (value, whether it is one)."""
    negative = at < stop and text[at] == _MINUS
    if negative or (at < stop and text[at] == _PLUS):
        at += 1
    if at >= stop or stop - at > 3:
        return 0, False
    value = 0
    for i in range(at, stop):
        digit = int(text[i]) - 48
        if digit < 0 or digit > 9:
            return 0, False
        value = value * 10 + digit
    return -value if negative else value, True


@_compiled
def _long(text, at, stop, mark):  # type: ignore[no-untyped-def]
    """Any other cell: (value, whether it is certain). ``mark`` is a second decimal mark beside the point."""
    if _is_missing(text, at, stop - at):
        return np.nan, True
    negative = text[at] == _MINUS
    if negative or text[at] == _PLUS:
        at += 1
    m, digits, decimals, seen = 0, 0, 0, False
    while at < stop:
        digit = int(text[at]) - 48
        if 0 <= digit <= 9:
            if m >= _MOST:
                return 0.0, False
            m = m * 10 + digit
            digits += 1
            decimals += seen
        elif not seen and (text[at] == _POINT or text[at] == mark):
            seen = True
        else:
            break
        at += 1
    known = digits > 0
    if known and at < stop:
        power, known = _exponent(text, at + 1, stop)
        known = known and (text[at] | _CASE) == _E
        decimals -= power
    if not known or abs(decimals) > 22 or (decimals < 0 and m > _EXACT):
        return 0.0, False
    if m <= _EXACT:
        value = m / _POWERS[decimals] if decimals >= 0 else m * _POWERS[-decimals]
    else:
        value, known = _quotient(m, decimals)
    return -value if negative else value, known


@_compiled
def _end(text, at, stop, sep):  # type: ignore[no-untyped-def]
    """Where a cell ends."""
    while at < stop and text[at] != sep:
        at += 1
    return at


@_compiled
def _skip(text, at, stop, sep):  # type: ignore[no-untyped-def]
    """Where a cell that is not a number ends, which may stand in quotes; -1 where they are not closed before it."""
    if at < stop and text[at] == _QUOTE:
        at += 1
        while at < stop and text[at] != _QUOTE:
            at += 1
        at += 1
        if at > stop or (at < stop and text[at] != sep):
            return -1
    return _end(text, at, stop, sep)


@_compiled
def _line(text, at, stop, sep, mark, columns, values):  # type: ignore[no-untyped-def]
    """One line; whether all of it is certain, the number of its cells too."""
    seps, marks = np.uint64(sep) * _EVERY, np.uint64(mark) * _EVERY
    last = text.size - 9
    for field in range(columns.size):
        if field > 0:
            if at >= stop:
                return False
            at += 1
        column = columns[field]
        if column < 0:
            at = _skip(text, at, stop, sep)
            if at < 0:
                return False
            continue
        known = False
        if at < stop and at <= last:
            negative = text[at] == _MINUS
            start = at + negative
            value, n, known = _short(_word(text, start), stop - start, seps, marks)
        if known:
            values[column] = -value if negative else value
            at = start + n
        else:
            end = _end(text, at, stop, sep)
            values[column], known = _long(text, at, end, mark)
            if not known:
                return False
            at = end
    return at == stop


@_compiled
def parse_lines(text, starts, stops, sep, mark, columns, values, certain):  # type: ignore[no-untyped-def]
    """The numbers of some lines of a text.

    Parameters
    ----------
    text : array of uint8
    starts, stops : arrays of int64 (n_lines,)
        Where each line begins and ends.
    sep, mark : uint8
        The separator, and a decimal mark beside the point (a point where there is none).
    columns : array of int32 (n_fields,)
        The column of ``values`` for each field of a line, -1 for a field that is left out.
    values : array of float (n_lines, n_columns), filled
    certain : array of bool (n_lines,), filled
        Whether the line has as many fields and each value is float()'s, NaN where the cell is empty, NA or NaN.
        Otherwise the values of the line mean nothing.
    """
    for i in range(starts.size):
        certain[i] = _line(text, starts[i], stops[i], sep, mark, columns, values[i])
