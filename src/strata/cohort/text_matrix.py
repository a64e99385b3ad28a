"""Matrices in text files: the opening pass remembers where each row stands, and reading goes straight there."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from strata.cohort.files import changed, decode
from strata.cohort.matrix import Numbers, as_text
from strata.cohort.options import ReadOptions
from strata.cohort.table import split
from strata.cohort.text_source import TextSource

__all__ = ["TextMatrix"]

COMPILED_FROM = 4_000_000
"""Cells from which importing numba costs less than it saves."""

_THREADS = 2

_RUN, _GAP = 1 << 20, 1 << 16
"""Bytes of rows that are read together, and bytes between two rows that are read over rather than skipped."""

_SPARSE = 8
"""Where fewer than one in so many fields is wanted, the others are not made texts."""


@dataclass(frozen=True, slots=True)
class TextMatrix:
    """A matrix in a text file, plain or gzipped.

    Parameters
    ----------
    source : TextSource
    sep : str
    width : int
        Fields of a line.
    row_names, column_names : tuple of str
    row_lines : array of int
        The line of each row.
    starts, stops : arrays of int
        Where the line of each row begins and ends in the text.
    fields : tuple of int
        The field of each column.
    options : ReadOptions
    """

    source: TextSource
    sep: str
    width: int
    row_names: tuple[str, ...]
    column_names: tuple[str, ...]
    row_lines: array[int] = field(repr=False)
    starts: array[int] = field(repr=False)
    stops: array[int] = field(repr=False)
    fields: tuple[int, ...] = field(repr=False)
    options: ReadOptions

    @property
    def path(self) -> Path:
        """The file."""
        return self.source.path

    def rows(self, places: Sequence[int], columns: Sequence[int] | None = None) -> Iterator[tuple[int, list[str]]]:
        """(place, cells) of some rows, in the order of the file; cells of ``columns`` in that order, else of all.

        Raises
        ------
        InputOutputError
            When the file is another one than was opened.
        """
        fields = self.fields if columns is None else [self.fields[column] for column in columns]
        for run in self._runs(places):
            for i, place in enumerate(run.places):
                yield place, self._cells(run, i, fields)

    def numbers(self, places: Sequence[int], columns: Sequence[int]) -> Iterator[Numbers]:
        """Some rows as numbers, in the order of the file; ``columns`` in the order asked.

        Every row is counted again. Where there are many cells, ordinary decimals are parsed by compiled code.
        """
        if len(places) * len(columns) < COMPILED_FROM or not self.sep.isascii():
            yield from as_text(self, places, columns)
            return
        fields = [self.fields[column] for column in columns]
        wanted = np.full(self.width, -1, dtype=np.int32)
        wanted[fields] = np.arange(len(fields), dtype=np.int32)
        waiting: deque[Future[Numbers]] = deque()
        with ThreadPoolExecutor(_THREADS) as pool:
            for run in self._runs(places):
                waiting.append(pool.submit(self._parsed, run, fields, wanted))
                if len(waiting) > _THREADS:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    def columns(self, places: Sequence[int]) -> list[list[str]]:
        """The cells of some columns, in the order asked, each over all rows."""
        rows = [cells for _, cells in self.rows(range(len(self.row_names)), places)]
        return [list(column) for column in zip(*rows, strict=True)]

    def place(self, row: int, column: int) -> str:
        """Line and field of a cell."""
        return f"line {self.row_lines[row]} field {self.fields[column] + 1}"

    def line(self, row: int) -> int:
        """The line of a row."""
        return self.row_lines[row]

    def _runs(self, places: Sequence[int]) -> Iterator[_Run]:
        """Rows that stand together, with their text."""
        groups: list[list[int]] = []
        for place in sorted(set(places)):
            together = groups and self.starts[place] - self.stops[groups[-1][-1]] <= _GAP
            if together and self.stops[place] - self.starts[groups[-1][0]] <= _RUN:
                groups[-1].append(place)
            else:
                groups.append([place])
        spans = [(self.starts[group[0]], self.stops[group[-1]]) for group in groups]
        for group, text in zip(groups, self.source.parts(spans), strict=True):
            yield _Run(group, text, self.starts[group[0]])

    def _parsed(self, run: _Run, fields: Sequence[int], wanted: NDArray[np.int32]) -> Numbers:
        from strata.cohort.compiled_numbers import parse_lines

        starts = np.array([self.starts[place] for place in run.places]) - run.offset
        stops = np.array([self.stops[place] for place in run.places]) - run.offset
        values = np.empty((len(run.places), len(fields)))
        certain = np.empty(len(run.places), dtype=np.bool_)
        sep, mark = (np.uint8(ord(char)) for char in (self.sep, self.options.decimal))
        parse_lines(np.frombuffer(run.text, dtype=np.uint8), starts, stops, sep, mark, wanted, values, certain)
        return Numbers(run.places, values, certain, partial(self._cells, run, fields=fields))

    def _cells(self, run: _Run, i: int, fields: Sequence[int]) -> list[str]:
        """Cells of a row as text, which must have as many fields as when it was opened."""
        place = run.places[i]
        line = run.text[self.starts[place] - run.offset : self.stops[place] - run.offset]
        number = self.row_lines[place]
        if len(fields) * _SPARSE < self.width and b'"' not in line and self.sep.isascii():
            edges = np.flatnonzero(np.frombuffer(line, dtype=np.uint8) == ord(self.sep))
            self._check_width(len(edges) + 1)
            edges = np.concatenate([[-1], edges, [len(line)]])
            spans = zip((edges[list(fields)] + 1).tolist(), edges[np.add(fields, 1)].tolist(), strict=True)
            return [decode(self.path, number, line[start:stop]) for start, stop in spans]
        cells = split(decode(self.path, number, line), self.sep, quoted=True)
        self._check_width(len(cells))
        return [cells[field] for field in fields]

    def _check_width(self, width: int) -> None:
        if width != self.width:
            raise changed(self.path)


@dataclass(frozen=True, slots=True)
class _Run:
    """Rows that stand together in a text, and the text from ``offset`` on."""

    places: list[int]
    text: bytes
    offset: int
