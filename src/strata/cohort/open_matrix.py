"""Opening a matrix: one pass over its lines for the names and the number of fields."""

from __future__ import annotations

from pathlib import Path

from strata.cohort.files import decode, file_kind, lines, stamp
from strata.cohort.findings import Findings, count, listed
from strata.cohort.identifiers import clean_id
from strata.cohort.long_matrix import is_long, open_long_matrix
from strata.cohort.matrix import HEAD_COLUMNS, HEAD_ROWS, Opened, TextMatrix, annotates, label_column, time_column
from strata.cohort.options import ReadOptions
from strata.cohort.table import misnamed, separator, split
from strata.cohort.time_points import time_point
from strata.errors import DataError, Problem

__all__ = ["open_matrix"]


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
    if kind == "parquet":
        from strata.cohort.parquet import open_parquet_matrix, parquet_schema

        # a long table is read as text, as any other small one; a matrix can be large and is not
        if not is_long(parquet_schema(path).names, options):
            return open_parquet_matrix(path, options)
    misnamed(path, kind, findings)
    if (opened := open_long_matrix(path, options)) is not None:
        return opened
    scan = _Scan(path, options, findings)
    for number, line in lines(path, options):
        scan.take(number, line)
    return scan.finish()


class _Scan:
    """One pass over the lines of a text matrix."""

    def __init__(self, path: Path, options: ReadOptions, findings: Findings) -> None:
        self.path, self.options, self.findings = path, options, findings
        self.stamp = stamp(path)
        self.header: list[str] | None = None
        self.header_line = 0
        self.pending: tuple[int, str] | None = None
        self.sep = "\t"
        self.label = 0
        self.time: int | None = None
        self.shift = 0
        self.gct: tuple[int, list[str]] | None = None
        self.comments = 0
        self.names: list[str] = []
        self.times: list[str] = []
        self.numbers: list[int] = []
        self.ragged: list[tuple[int, int]] = []
        self.trimmed = 0
        self.head: list[list[str]] = []

    def take(self, number: int, line: bytes) -> None:
        if self.header is not None:
            if line.strip():
                self._row(number, line)
        elif self.pending is None:
            self._before_header(number, line)
        else:
            self._start(number, line)

    def _before_header(self, number: int, line: bytes) -> None:
        text = decode(self.path, number, line)
        if number == 1 and text.startswith(("#1.2", "#1.3")):
            self.gct = (number + 1, [])
        elif self.gct and number == self.gct[0]:
            self.gct = (number, text.split("\t"))
        elif text.startswith("#"):
            self.comments += 1
        elif text.strip():
            self.pending = (number, text)

    def _start(self, number: int, line: bytes) -> None:
        """The first row is needed to understand the header: an R table's header is one field short."""
        if not line.strip() or self.pending is None:
            return
        self.header_line, text = self.pending
        first = decode(self.path, number, line)
        self.sep = separator(text, self.path, self.options, after=first)
        raw = split(text, self.sep, quoted=True)
        self.header = [clean_id(name) for name in raw]
        self.trimmed += sum(a != b for a, b in zip(raw, self.header, strict=True))
        self.shift = int(len(split(first, self.sep, quoted=True)) == len(self.header) + 1)
        self.label = 0 if self.shift else label_column(self.header, self.options)
        time = time_column(self.header)
        self.time = None if time is None else time + self.shift
        self._row(number, line)

    def _row(self, number: int, line: bytes) -> None:
        sep = self.sep.encode()
        width = len(self.header or ()) + self.shift
        if b'"' in line:
            cells = split(decode(self.path, number, line), self.sep, quoted=True)
            fields = len(cells)
        else:
            fields = line.count(sep) + 1
            last = max(self.label, self.time or 0) + 1
            cells = [decode(self.path, number, cell) for cell in line.split(sep, last)[:last]]
        if fields != width:
            self.ragged.append((number, fields))
        name = cells[min(self.label, len(cells) - 1)]
        if self.time is not None:
            self.times.append(time_point(cells[min(self.time, len(cells) - 1)]))
        self.names.append(clean_id(name))
        self.trimmed += self.names[-1] != name
        self.numbers.append(number)
        if len(self.head) < HEAD_ROWS:
            self.head.append(split(decode(self.path, number, line), self.sep, quoted=True)[:HEAD_COLUMNS])

    def finish(self) -> Opened:
        header = self.header or []
        if not self.names:
            raise DataError(
                Problem(str(self.path), "a header was found, and 0 data rows" if self.pending else "no rows")
            )
        names = ["", *header] if self.shift else header
        data = [
            i for i, name in enumerate(names) if i not in {self.label, self.time} and not annotates(i, name, self.label)
        ]
        self._check(names, data)
        self._tell()
        matrix = TextMatrix(
            self.path,
            self.stamp,
            self.sep,
            tuple(self.names),
            tuple(names[i] for i in data),
            tuple(self.numbers),
            tuple(data),
            self.options,
        )
        head = [[row[i] for i in data if i < len(row)] for row in self.head]
        return Opened(matrix, head, row_times=tuple(self.times))

    def _check(self, names: list[str], data: list[int]) -> None:
        problems = []
        where = f"{self.path}:{self.header_line}"
        if self.ragged:
            first = listed([f"line {line} has {n}" for line, n in self.ragged])
            rows = count(len(self.ragged), "row")
            what = f"{rows} with another number of fields than the header's {len(names)}: {first}"
            problems.append(Problem(f"{self.path}:{self.ragged[0][0]}", what, "Is the file cut off?"))
        problems += [
            Problem(where, f"column {i + 1} has no name", "Name it or delete it") for i in data if not names[i]
        ]
        if not data:
            problems.append(Problem(where, "no columns with values"))
        if self.gct:
            said, found = self.gct[1][:2], [str(len(self.names)), str(len(data))]
            if said != found:
                what = f"the GCT header says {' x '.join(said)}, the table is {' x '.join(found)}"
                problems.append(Problem(f"{self.path}:{self.gct[0]}", what, "Is the file cut off?"))
        if problems:
            raise DataError(problems)

    def _tell(self) -> None:
        name = self.path.name
        if self.gct:
            self.findings.note(f"{name}: GCT; its Description column is left out")
        if self.comments:
            self.findings.note(f"{name}: {count(self.comments, 'comment line')} at the top left out")
        if self.trimmed:
            self.findings.note(f"{name}: {count(self.trimmed, 'name')} with spaces around, trimmed")
        if self.shift:
            self.findings.note(
                f"{name}: the header is one field short; the first column names the rows (as R writes it)"
            )
