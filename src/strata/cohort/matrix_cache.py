"""Parsed matrices kept in a folder, so that the next run of the same file reads numbers rather than text."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
from isal import isal_zlib

from strata.cohort.files import Stamp, check_unchanged
from strata.cohort.findings import Findings
from strata.cohort.matrix import Matrix, Numbers
from strata.cohort.numbers import BadNumbers, Floats, missing_words, parse_numbers, without_codes
from strata.cohort.options import ReadOptions
from strata.errors import InputOutputError, Problem
from strata.whole_file import whole_file

__all__ = ["CachedMatrix", "cached"]

_FORMAT = 1
"""Counted up when other numbers are read from the same file with the same options, or kept in another way."""

_CELLS = 1 << 18
"""Numbers that are read together."""

_TYPE = np.dtype("<f8")
_NO_NUMBERS = -1.0
"""In the place of a checksum: the row has cells that are no numbers, and is read from the file itself."""


@dataclass(frozen=True, slots=True)
class CachedMatrix:
    """A matrix whose numbers are in a cache: a .npy file of its rows, each with its checksum behind it.

    A row that does not have its checksum is read from the file that was cached, and the damaged entry is deleted.

    Parameters
    ----------
    matrix : Matrix
        What was cached.
    stamp : Stamp
        Its size and time when its content was looked up.
    entry : Path
    """

    matrix: Matrix
    stamp: Stamp
    entry: Path

    @property
    def path(self) -> Path:
        """The file that was cached."""
        return self.matrix.path

    @property
    def row_names(self) -> tuple[str, ...]:
        """The names of the rows."""
        return self.matrix.row_names

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns with values."""
        return self.matrix.column_names

    def rows(self, places: Sequence[int], columns: Sequence[int] | None = None) -> Iterator[tuple[int, list[str]]]:
        """(place, cells) of some rows, as the file has them."""
        return self.matrix.rows(places, columns)

    def numbers(self, places: Sequence[int], columns: Sequence[int]) -> Iterator[Numbers]:
        """Some rows as numbers, in the order of the file; ``columns`` in the order asked."""
        check_unchanged(self.path, self.stamp)
        places = sorted(set(places))
        try:
            file = self.entry.open("rb")
        except OSError:
            yield from self.matrix.numbers(places, columns)
            return
        wanted, width = np.array(columns, dtype=np.intp), len(self.column_names) + 1
        with file:
            _header(file)
            first = file.tell()
            for some in _neighbours(places, max(1, _CELLS // width)):
                file.seek(first + some[0] * width * _TYPE.itemsize)
                size = len(some) * width * _TYPE.itemsize
                rows = np.frombuffer(file.read(size).ljust(size, b"\0"), dtype=_TYPE).reshape(-1, width)
                certain = rows[:, -1] == _checksums(rows[:, :-1])
                if not (certain | (rows[:, -1] == _NO_NUMBERS)).all():
                    with suppress(OSError):
                        self.entry.unlink()
                yield Numbers(some, rows[:, wanted], certain, partial(self._cells, some, columns))

    def _cells(self, places: Sequence[int], columns: Sequence[int], i: int) -> list[str]:
        ((_, cells),) = self.matrix.rows([places[i]], columns)
        return cells

    def columns(self, places: Sequence[int]) -> list[list[str]]:
        """The cells of some columns, as the file has them."""
        return self.matrix.columns(places)

    def place(self, row: int, column: int) -> str:
        """Where a cell is in the file."""
        return self.matrix.place(row, column)

    def line(self, row: int) -> int:
        """The line of a row."""
        return self.matrix.line(row)


def cached(matrix: Matrix, marked: Stamp, options: ReadOptions, findings: Findings, part: str = "") -> Matrix:
    """A matrix by way of the cache in the folder ``options.cache``: its entry is made where there is none.

    An entry is found by the SHA-256 of the file's content and of the reading options, and by ``part`` where the file
    holds several matrices.

    Raises
    ------
    InputOutputError
        When there can be no such folder, or the file was changed after it was ``marked``.
    DataError
        As reading all of the matrix: never for cells that are no numbers.
    """
    entry = _folder(options) / f"{_key(matrix.path, options, part)}.npy"
    check_unchanged(matrix.path, marked)
    name = matrix.path.name
    if _is_whole(entry, matrix):
        findings.note(f"{name}: numbers from the cache ({entry.name})")
    else:
        try:
            _write(entry, matrix, options)
        except OSError as error:
            findings.note(f"{name}: not kept in the cache ({error.strerror or error})")
            return matrix
        findings.note(f"{name}: parsed and kept in the cache ({entry.name})")
    return CachedMatrix(matrix, marked, entry)


def _folder(options: ReadOptions) -> Path:
    folder = Path(options.cache)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = f"cannot be a folder for a cache ({error.strerror or error})"
        raise InputOutputError(Problem(str(folder), what, "Name another with --cache, or none", code="E710")) from None
    return folder


def _key(path: Path, options: ReadOptions, part: str) -> str:
    with path.open("rb") as file:
        content = hashlib.file_digest(file, "sha256").hexdigest()
    said = {key: value for key, value in asdict(options).items() if key != "cache"}
    return hashlib.sha256(json.dumps([_FORMAT, content, part, said], sort_keys=True).encode()).hexdigest()[:32]


def _is_whole(entry: Path, matrix: Matrix) -> bool:
    shape = (len(matrix.row_names), len(matrix.column_names) + 1)
    try:
        with entry.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            return _header(file) == (shape, False, _TYPE) and size == file.tell() + shape[0] * shape[1] * _TYPE.itemsize
    except (OSError, ValueError):
        return False


def _header(file: IO[bytes]) -> tuple[Any, ...]:
    read: Any = np.lib.format
    read.read_magic(file)
    return cast("tuple[Any, ...]", read.read_array_header_1_0(file))


def _write(entry: Path, matrix: Matrix, options: ReadOptions) -> None:
    """Parse all of a matrix into an entry, which appears when it is whole and which its owner alone can read."""
    shape = (len(matrix.row_names), len(matrix.column_names) + 1)
    header = {"descr": _TYPE.str, "fortran_order": False, "shape": shape}
    with whole_file(entry, "wb", private=True) as file:
        write: Any = np.lib.format
        write.write_array_header_1_0(file, header)
        for part in matrix.numbers(range(shape[0]), range(shape[1] - 1)):
            file.write(_with_checksums(part, options).tobytes())


def _with_checksums(part: Numbers, options: ReadOptions) -> Floats:
    words = missing_words(options.na)
    values = without_codes(part.values, words)
    known = part.certain.copy()
    for i in np.flatnonzero(~known).tolist():
        bad = BadNumbers()
        values[i] = parse_numbers(part.cells(i), bad, missing=words, decimal=options.decimal)
        known[i] = not bad.cells
    rows = np.ascontiguousarray(values, dtype=_TYPE)
    return np.column_stack([rows, np.where(known, _checksums(rows), _NO_NUMBERS)])


def _checksums(rows: Floats) -> Floats:
    return np.array([isal_zlib.crc32(row.tobytes()) for row in rows], dtype=_TYPE)


def _neighbours(places: Sequence[int], most: int) -> Iterator[list[int]]:
    """Places that follow each other, at most so many together."""
    some: list[int] = []
    for place in places:
        if some and (place != some[-1] + 1 or len(some) == most):
            yield some
            some = []
        some.append(place)
    if some:
        yield some
