"""Opening a matrix: one pass over its lines for the names and the number of fields."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from strata.cohort.files import ARROW, Block, decode, file_kind, lines
from strata.cohort.findings import Findings, count
from strata.cohort.identifiers import clean_id, cleaned, cleaned_notes
from strata.cohort.long_matrix import open_long_matrix
from strata.cohort.matrix import HEAD_COLUMNS, HEAD_ROWS, Opened, annotates, label_column, time_column
from strata.cohort.options import ReadOptions
from strata.cohort.table import misnamed, ragged_problem, separator, split
from strata.cohort.text_matrix import TextMatrix
from strata.cohort.text_source import Span, TextSource
from strata.cohort.time_points import time_point
from strata.errors import DataError, Problem

__all__ = ["open_lines", "open_matrix"]

_LINE_ENDS = b"\r\n"


def open_matrix(path: Path, options: ReadOptions, findings: Findings) -> Opened:
    """Read the names of a matrix and count the fields of every line.

    Raises
    ------
    InputOutputError
        When the file cannot be opened.
    DataError
        For lines with another number of fields than the header, blank column names, no rows.
    """
    findings.files.append(path)
    kind = file_kind(path, options)
    if kind in ARROW:
        from strata.cohort.parquet import open_parquet_matrix

        if (opened := open_parquet_matrix(path, options)) is not None:
            return opened
    misnamed(path, kind, findings)
    first = b"" if kind in ARROW else next(lines(path, options), (1, b""))[1]
    if first.startswith((b"#1.2", b"#1.3")):
        from strata.cohort.gct import open_gct

        return open_gct(path, options, findings)
    if first.startswith((b"!Series_", b"!Sample_")):
        from strata.cohort.series_matrix import open_series_matrix

        return open_series_matrix(path, options, findings)
    if (opened := open_long_matrix(path, options)) is not None:
        return opened
    return open_lines(TextSource.of(path, options), findings)


def open_lines(source: TextSource, findings: Findings, *, first_value: int = 0) -> Opened:
    """The matrix in the lines of a text, the header first.

    Parameters
    ----------
    source : TextSource
    findings : Findings
    first_value : int
        The first field that may hold values.

    Raises
    ------
    DataError
        As :func:`open_matrix`.
    """
    scan = _Scan(source, findings, first_value)
    for block in source.blocks():
        scan.take(block)
    return scan.finish()


class _Scan:
    """One pass over the lines of a text matrix."""

    def __init__(self, source: TextSource, findings: Findings, first_value: int) -> None:
        self.source, self.findings, self.first_value = source, findings, first_value
        self.path, self.options = source.path, source.options
        self.header: list[str] | None = None
        self.header_line = 0
        self.pending: tuple[int, str] | None = None
        self.sep, self.sep_bytes = "\t", b"\t"
        self.width, self.labels = 0, 1
        self.label = 0
        self.time: int | None = None
        self.shift = 0
        self.comments = 0
        self.names: list[str] = []
        self.times: list[str] = []
        self.lines, self.starts, self.stops = array("q"), array("q"), array("q")
        self.ragged: list[tuple[int, int]] = []
        self.changed: Counter[str] = Counter()

    def take(self, block: Block) -> None:
        """The next lines."""
        spans = list(pairwise([block.start, *block.ends]))
        above = 0
        while self.header is None and above < len(spans):
            self._before_rows(block.number + above, block.text[slice(*spans[above])].rstrip(_LINE_ENDS))
            # the line that the header was understood by is a row
            above += self.header is None
        if self.header is not None:
            self._rows(block, spans, above)

    def _rows(self, block: Block, spans: Sequence[Span], above: int) -> None:
        """The rows of a block. Their labels become text; their separators are counted."""
        text, quoted = block.text, b'"' in block.text
        is_sep = np.frombuffer(text, dtype=np.uint8) == ord(self.sep) if self.sep.isascii() else None
        if is_sep is not None and not quoted and self._plain_rows(block, spans[above:], is_sep):
            return
        for number in range(block.number + above, block.number + len(spans)):
            start, stop = spans[number - block.number]
            while stop > start and text[stop - 1] in _LINE_ENDS:
                stop -= 1
            if is_sep is None or (quoted and text.find(b'"', start, stop) >= 0):
                cells, fields = self._split(number, text[start:stop])
            else:
                cells = self._labels(number, text[start:stop])
                fields = int(np.count_nonzero(is_sep[start:stop])) + 1
            if cells[0].strip() or text[start:stop].strip():
                self._row(number, cells, fields)
                self.starts.append(block.offset + start)
                self.stops.append(block.offset + stop)

    def _plain_rows(self, block: Block, spans: Sequence[Span], is_sep: NDArray[np.bool_]) -> bool:
        """The same for all rows at once, where they are whole, end with LF and begin with their name."""
        text, sep, width = block.text, self.sep_bytes, self.width
        if self.labels > 1 or width < 2 or b"\r" in text or not text.endswith(b"\n", 0, block.ends[-1]):
            return False
        if {np.count_nonzero(is_sep[start:end]) for start, end in spans} != {width - 1}:
            return False
        try:
            written = b"\n".join([text[start : text.find(sep, start)] for start, _ in spans]).decode().split("\n")
        except UnicodeDecodeError:
            return False
        names = list(map(clean_id, written))
        if not all(names):
            return False
        self.names += names
        self.changed += cleaned(written, names)
        self.lines.extend(range(block.number + len(block.ends) - len(spans), block.number + len(block.ends)))
        self.starts.extend([block.offset + start for start, _ in spans])
        self.stops.extend([block.offset + end - 1 for _, end in spans])
        return True

    def _before_rows(self, number: int, line: bytes) -> None:
        if self.pending is None:
            self._before_header(number, line)
        elif line.strip():
            self._start(self.pending, decode(self.path, number, line))

    def _before_header(self, number: int, line: bytes) -> None:
        text = decode(self.path, number, line)
        if text.startswith("#"):
            self.comments += 1
        elif text.strip():
            self.pending = (number, text)

    def _start(self, header: tuple[int, str], first: str) -> None:
        """The first row is needed to understand the header: an R table's header is one field short."""
        self.header_line, text = header
        self.sep = separator(text, self.path, self.options, after=first)
        self.sep_bytes = self.sep.encode()
        raw = split(text, self.sep, quoted=True)
        self.header = [clean_id(name) for name in raw]
        self.changed += cleaned(raw, self.header)
        self.shift = int(len(split(first, self.sep, quoted=True)) == len(self.header) + 1)
        self.label = 0 if self.shift else label_column(self.header, self.options)
        time = time_column(self.header)
        self.time = None if time is None else time + self.shift
        self.width = len(self.header) + self.shift
        self.labels = max(self.label, self.time or 0) + 1

    def _labels(self, number: int, line: bytes) -> list[str]:
        """The first cells of a line without quotes."""
        cells = line.split(self.sep_bytes, self.labels)[: self.labels]
        return [decode(self.path, number, cell) for cell in cells]

    def _split(self, number: int, line: bytes) -> tuple[list[str], int]:
        """The first cells of a line with quotes, and how many it has: behind the last quote they are only counted."""
        behind = line.find(self.sep_bytes, max(0, line.rfind(b'"')))
        if behind >= 0:
            # a field of our own shows whether the last quote opened or closed one
            cells = split(decode(self.path, number, line[:behind]) + self.sep + "x", self.sep, quoted=True)
            if cells.pop() == "x" and len(cells) >= self.labels:
                return cells, len(cells) + line.count(self.sep_bytes, behind)
        cells = split(decode(self.path, number, line), self.sep, quoted=True)
        return cells, len(cells)

    def _row(self, number: int, cells: list[str], fields: int) -> None:
        if fields != self.width:
            self.ragged.append((number, fields))
        name = cells[min(self.label, len(cells) - 1)]
        if self.time is not None:
            self.times.append(time_point(cells[min(self.time, len(cells) - 1)]))
        self.names.append(clean_id(name))
        self.changed += cleaned([name], self.names[-1:])
        self.lines.append(number)

    def finish(self) -> Opened:
        header = self.header or []
        if not self.names:
            raise DataError(
                Problem(
                    str(self.path), "a header was found, and 0 data rows" if self.pending else "no rows", code="E105"
                )
            )
        names = ["", *header] if self.shift else header
        data = [
            i
            for i, name in enumerate(names)
            if i >= self.first_value and i not in {self.label, self.time} and not annotates(i, name, self.label)
        ]
        self._check(names, data)
        self._tell()
        matrix = TextMatrix(
            self.source,
            self.sep,
            self.width,
            tuple(self.names),
            tuple(names[i] for i in data),
            self.lines,
            self.starts,
            self.stops,
            tuple(data),
            self.options,
        )
        head = matrix.numbers(range(min(len(self.names), HEAD_ROWS)), range(min(len(data), HEAD_COLUMNS)))
        return Opened(matrix, list(head), row_times=tuple(self.times))

    def _check(self, names: list[str], data: list[int]) -> None:
        problems = []
        where = f"{self.path}:{self.header_line}"
        if self.ragged:
            problems.append(ragged_problem(self.path, self.ragged, len(names)))
        problems += [
            Problem(where, f"column {i + 1} has no name", "Name it or delete it", code="E209")
            for i in data
            if not names[i]
        ]
        if not data:
            problems.append(Problem(where, "no columns with values", code="E210"))
        if problems:
            raise DataError(problems)

    def _tell(self) -> None:
        name = self.path.name
        if self.comments:
            self.findings.note(f"{name}: {count(self.comments, 'comment line')} at the top left out", "W213")
        for note in cleaned_notes(name, "name", self.changed):
            self.findings.note(*note)
        if self.shift:
            self.findings.note(
                f"{name}: the header is one field short; the first column names the rows (as R writes it)", "W205"
            )
