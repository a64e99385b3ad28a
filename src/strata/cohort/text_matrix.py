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
from strata.cohort.line_numbers import parse_lines
from strata.cohort.matrix import Numbers, as_text
from strata.cohort.options import ReadOptions
from strata.cohort.table import split
from strata.cohort.text_source import TextSource

__all__ = ["TextMatrix"]

_THREADS, _THREADED_FROM = 2, 1_000_000
"""Threads that parse, and cells from which starting them costs less than it saves."""

_RUN, _GAP = 1 << 20, 1 << 16
"""Bytes of rows that are read or parsed together, and bytes between two rows that are read over, not skipped."""

Line = tuple[int, bytes]
"""The place of a row, and its line."""


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
        for place, line in self._lines(places):
            yield place, self._cells(place, line, fields)

    def numbers(self, places: Sequence[int], columns: Sequence[int]) -> Iterator[Numbers]:
        """Some rows as numbers, in the order of the file; ``columns`` in the order asked."""
        if not self.sep.isascii():
            yield from as_text(self, places, columns)
            return
        fields = [self.fields[column] for column in columns]
        ascending = sorted(set(fields))
        order = None if ascending == fields else np.searchsorted(ascending, fields)
        parsed = partial(self._parsed, fields=fields, ascending=ascending, order=order)
        if len(places) * len(columns) < _THREADED_FROM:
            yield from map(parsed, self._together(places))
            return
        waiting: deque[Future[Numbers]] = deque()
        with ThreadPoolExecutor(_THREADS) as pool:
            for lines in self._together(places):
                waiting.append(pool.submit(parsed, lines))
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

    def _lines(self, places: Sequence[int]) -> Iterator[Line]:
        """The lines of some rows, in the order of the file; those that stand together are read together."""
        runs: list[list[int]] = []
        for place in sorted(set(places)):
            together = runs and self.starts[place] - self.stops[runs[-1][-1]] <= _GAP
            if together and self.stops[place] - self.starts[runs[-1][0]] <= _RUN:
                runs[-1].append(place)
            else:
                runs.append([place])
        spans = [(self.starts[run[0]], self.stops[run[-1]]) for run in runs]
        for run, (offset, _), text in zip(runs, spans, self.source.parts(spans), strict=True):
            for place in run:
                yield place, text[self.starts[place] - offset : self.stops[place] - offset]

    def _together(self, places: Sequence[int]) -> Iterator[list[Line]]:
        """The lines of some rows, as many together as are parsed together."""
        lines: list[Line] = []
        size = 0
        for place, line in self._lines(places):
            if lines and size + len(line) > _RUN:
                yield lines
                lines, size = [], 0
            lines.append((place, line))
            size += len(line)
        if lines:
            yield lines

    def _parsed(
        self, lines: Sequence[Line], fields: list[int], ascending: list[int], order: NDArray[np.intp] | None
    ) -> Numbers:
        """Some lines as numbers: the ``ascending`` fields, then brought in the ``order`` of ``fields``."""
        texts = [line for _, line in lines]
        values, certain = parse_lines(texts, self.sep, self.options.decimal, self.width, ascending)
        values = values if order is None else values[:, order]
        return Numbers([place for place, _ in lines], values, certain, lambda i: self._cells(*lines[i], fields))

    def _cells(self, place: int, line: bytes, fields: Sequence[int]) -> list[str]:
        """Cells of a row as text, which must have as many fields as when it was opened."""
        cells = split(decode(self.path, self.row_lines[place], line), self.sep, quoted=True)
        if len(cells) != self.width:
            raise changed(self.path)
        return [cells[field] for field in fields]
