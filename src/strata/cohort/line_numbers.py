"""Numbers from the bytes of whole lines, a block of them at once, by pyarrow's exact reading of decimals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from strata.cohort.numbers import Floats

__all__ = ["parse_lines"]

Bools = NDArray[np.bool_]
Places = NDArray[np.intp]
Letters = NDArray[np.uint8]

_MINUS, _NINE, _CASE, _N, _A = (np.uint8(ord(char)) for char in "-9 na")


def parse_lines(
    lines: Sequence[bytes], sep: str, decimal: str, width: int, fields: Sequence[int]
) -> tuple[Floats, Bools]:
    """The numbers of some fields of some lines.

    Parameters
    ----------
    lines : sequence of bytes, n_lines >= 1
        Without their ends.
    sep : str
        The separator, in ASCII.
    decimal : {".", ","}
        A decimal mark beside the point.
    width : int
        Fields of a line.
    fields : sequence of int, n_fields >= 1
        Ascending, from 0.

    Returns
    -------
    values : array of float (n_lines, n_fields)
        NaN where a cell is empty, NA or NaN.
    certain : array of bool (n_lines,)
        Whether the line has ``width`` fields, where a quote is a letter like others, and each of ``values`` is what
        float() makes of its cell, to the bit. Otherwise the values of the line mean nothing.
    """
    found = _parsed(lines, sep, decimal, width, fields)
    if found is not None:
        return found
    if len(lines) == 1:
        return np.empty((1, len(fields))), np.zeros(1, dtype=np.bool_)
    # one of them is not like the others
    parts = [parse_lines([line], sep, decimal, width, fields) for line in lines]
    return np.concatenate([values for values, _ in parts]), np.concatenate([certain for _, certain in parts])


def _parsed(
    lines: Sequence[bytes], sep: str, decimal: str, width: int, fields: Sequence[int]
) -> tuple[Floats, Bools] | None:
    """The same; None where a line has another number of fields, or a cell begins like a number and is none."""
    mark = sep.encode()
    text = mark + mark.join(lines) + mark
    letters = np.frombuffer(text, dtype=np.uint8)
    seps = np.flatnonzero(letters == ord(sep))
    edges = np.cumsum([0, *(len(line) + 1 for line in lines)])
    if len(seps) != len(lines) * width + 1 or (seps[::width] != edges).any():
        return None
    whole = fields[-1] - fields[0] + 1 == len(fields)
    some = slice(fields[0], fields[-1] + 1) if whole else np.array(fields)  # a slice is much faster
    begins, ends = (seps[:-1] + 1).reshape(-1, width)[:, some].ravel(), seps[1:].reshape(-1, width)[:, some].ravel()
    first = letters.take(begins)
    if decimal == "," and sep != ",":
        text = text.replace(b",", b".")
    values = _cast(text, begins, ends, (first >= _MINUS) & (first <= _NINE))
    if values is None:
        return None
    known = np.isfinite(values)
    others = np.flatnonzero(~known)
    known[others] = _are_missing(letters, begins[others], ends[others])
    shape = len(lines), len(fields)
    return values.reshape(shape), np.logical_and.reduce(known.reshape(shape), axis=1)


def _cast(text: bytes, begins: Places, ends: Places, numbers: Bools) -> Floats | None:
    """The cells that are ``numbers``, NaN for the others; None where one of them is none.

    pyarrow reads the texts between places that follow each other: every second one is a cell, and what lies between
    two cells is given to it as missing, as the other cells are.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    edges = np.column_stack([begins, ends]).ravel()
    known = np.zeros(edges.size, dtype=np.bool_)
    known[::2] = numbers
    buffers = (pa.py_buffer(data) for data in (edges, text, np.packbits(known, bitorder="little")))
    cells = pa.LargeStringArray.from_buffers(edges.size - 1, *buffers)
    try:
        # a first use of pyarrow's own pool takes 5 MB
        read = pc.cast(cells, pa.float64(), memory_pool=pa.system_memory_pool())
    except pa.ArrowInvalid:
        return None
    return np.where(numbers, np.frombuffer(read.buffers()[1], count=len(cells))[::2], np.nan)


def _are_missing(letters: Letters, begins: Places, ends: Places) -> Bools:
    """Which cells are empty, NA or NaN."""
    length = ends - begins
    one, two, three = (letters.take(begins + i, mode="clip") | _CASE for i in range(3))
    missing: Bools = (length == 0) | ((one == _N) & (two == _A) & ((length == 2) | ((length == 3) & (three == _N))))
    return missing
