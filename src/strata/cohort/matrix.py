"""Matrices on disk: opening one reads its names and counts its fields; numbers are parsed when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from strata.cohort.files import Stamp, decode, file_kind, lines, stamp
from strata.cohort.findings import Findings, count, listed
from strata.cohort.identifiers import clean_id
from strata.cohort.options import ReadOptions
from strata.cohort.table import misnamed, separator, split
from strata.errors import DataError, InputOutputError, Problem

__all__ = ["ANNOTATIONS", "ID_COLUMNS", "Matrix", "TextMatrix", "open_matrix"]

ID_COLUMNS = ("patient_id", "patient", "bcr_patient_barcode", "sample_id", "sample")
"""Columns that hold the patient or sample id, first found first, in any case."""

_GENE_COLUMNS = (
    "hugo_symbol",
    "gene_symbol",
    "symbol",
    "gene",
    "gene_name",
    "composite.element.ref",
    "feature",
    "name",
    "analyte",
    "mirna",
)
ANNOTATIONS = frozenset(
    {
        "entrez_gene_id",
        "entrezgene",
        "entrez",
        "cytoband",
        "description",
        "locus_id",
        "locus id",
        "gene_id",
        "gene_type",
    }
    | {*_GENE_COLUMNS, *ID_COLUMNS}
)
"""Columns of a matrix that name rows and hold no values."""

_HEAD_ROWS, _HEAD_COLUMNS = 64, 4000


class Matrix(Protocol):
    """A table of numbers on disk with names on both axes. Places are counted from 0."""

    @property
    def path(self) -> Path:
        """The file."""

    @property
    def row_names(self) -> tuple[str, ...]:
        """The names of the rows."""

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns with values."""

    def rows(self, places: Sequence[int]) -> Iterator[tuple[int, list[str]]]:
        """(place, cells) of some rows, in the order of the file."""

    def columns(self, places: Sequence[int]) -> list[list[str]]:
        """The cells of some columns, in the order asked, each over all rows."""

    def place(self, row: int, column: int) -> str:
        """Line and field of a cell, for messages."""

    def line(self, row: int) -> int:
        """The line of a row."""


@dataclass(frozen=True, slots=True)
class TextMatrix:
    """A matrix in a text file, plain or gzipped.

    Parameters
    ----------
    path : Path
    stamp : Stamp
        Size and time when it was opened; another one later means that it was replaced.
    sep : str
    row_names, column_names : tuple of str
    row_lines : tuple of int
        The line of each row.
    fields : tuple of int
        The field of each column.
    options : ReadOptions
    """

    path: Path
    stamp: Stamp
    sep: str
    row_names: tuple[str, ...]
    column_names: tuple[str, ...]
    row_lines: tuple[int, ...]
    fields: tuple[int, ...]
    options: ReadOptions

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        if stamp(self.path) != self.stamp:
            raise InputOutputError(
                Problem(str(self.path), "changed after it was opened", "Run again on the whole file")
            )
        return lines(self.path, self.options)

    def rows(self, places: Sequence[int]) -> Iterator[tuple[int, list[str]]]:
        """(place, cells) of some rows, in the order of the file; nothing after the last one is read."""
        wanted = {self.row_lines[place]: place for place in places}
        for number, line in self._lines():
            if not wanted:
                return
            place = wanted.pop(number, None)
            if place is not None:
                cells = split(decode(self.path, number, line), self.sep, quoted=True)
                yield place, [cells[field] for field in self.fields]

    def columns(self, places: Sequence[int]) -> list[list[str]]:
        """The cells of some columns; each line is split no further than the last of them."""
        wanted = [self.fields[place] for place in places]
        last = max(wanted, default=0) + 1
        kept = set(self.row_lines)
        found: list[list[str]] = [[] for _ in wanted]
        for number, line in self._lines():
            if number not in kept:
                continue
            text = decode(self.path, number, line)
            cells = split(text, self.sep, quoted=True) if '"' in text else text.split(self.sep, last)
            for column, field in zip(found, wanted, strict=True):
                column.append(cells[field])
        return found

    def place(self, row: int, column: int) -> str:
        """Line and field of a cell."""
        return f"line {self.row_lines[row]} field {self.fields[column] + 1}"

    def line(self, row: int) -> int:
        """The line of a row."""
        return self.row_lines[row]


@dataclass(frozen=True, slots=True)
class ParquetMatrix:
    """A matrix in a Parquet file: one column names the rows, every other column holds numbers."""

    path: Path
    stamp: Stamp
    label: str
    row_names: tuple[str, ...]
    column_names: tuple[str, ...]

    def _check(self) -> None:
        if stamp(self.path) != self.stamp:
            raise InputOutputError(
                Problem(str(self.path), "changed after it was opened", "Run again on the whole file")
            )

    def rows(self, places: Sequence[int]) -> Iterator[tuple[int, list[str]]]:
        """(place, cells) of some rows, in the order of the file."""
        from strata.cohort.parquet import read_parquet

        self._check()
        some = read_parquet(self.path, list(self.column_names)).take(sorted(places))
        cells = [_texts(column.to_pylist()) for column in some.columns]
        for i, place in enumerate(sorted(places)):
            yield place, [column[i] for column in cells]

    def columns(self, places: Sequence[int]) -> list[list[str]]:
        """The cells of some columns; only those are read."""
        from strata.cohort.parquet import read_parquet

        self._check()
        names = [self.column_names[place] for place in places]
        table = read_parquet(self.path, list(dict.fromkeys(names)))
        return [_texts(table.column(name).to_pylist()) for name in names]

    def place(self, row: int, column: int) -> str:
        """Row and column of a cell."""
        return f"row {row + 1} column {column + 1}"

    def line(self, row: int) -> int:
        """The row, counted from 1."""
        return row + 1


def _texts(values: Sequence[object]) -> list[str]:
    return ["" if value is None or value != value else str(value) for value in values]


@dataclass(frozen=True)
class Opened:
    """A matrix just opened: itself and the first rows of it, to judge the scale from."""

    matrix: Matrix
    head: list[list[str]]


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
        return _open_parquet(path, options)
    misnamed(path, kind, findings)
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
        self.shift = 0
        self.gct: tuple[int, list[str]] | None = None
        self.comments = 0
        self.names: list[str] = []
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
        self.label = 0 if self.shift else _label(self.header, self.options)
        self._row(number, line)

    def _row(self, number: int, line: bytes) -> None:
        sep = self.sep.encode()
        width = len(self.header or ()) + self.shift
        if b'"' in line:
            cells = split(decode(self.path, number, line), self.sep, quoted=True)
            fields, name = len(cells), cells[min(self.label, len(cells) - 1)]
        else:
            fields = line.count(sep) + 1
            name = decode(self.path, number, line.split(sep, self.label + 1)[min(self.label, fields - 1)])
        if fields != width:
            self.ragged.append((number, fields))
        self.names.append(clean_id(name))
        self.trimmed += self.names[-1] != name
        self.numbers.append(number)
        if len(self.head) < _HEAD_ROWS:
            self.head.append(split(decode(self.path, number, line), self.sep, quoted=True)[:_HEAD_COLUMNS])

    def finish(self) -> Opened:
        header = self.header or []
        if not self.names:
            raise DataError(
                Problem(str(self.path), "a header was found, and 0 data rows" if self.pending else "no rows")
            )
        names = ["", *header] if self.shift else header
        data = [i for i, name in enumerate(names) if i != self.label and not _annotates(i, name, self.label)]
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
        return Opened(matrix, [[row[i] for i in data if i < len(row)] for row in self.head])

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


def _label(header: Sequence[str], options: ReadOptions) -> int:
    """Which column names the rows."""
    folded = [name.casefold() for name in header]
    for name in (options.id_column.casefold(), *_GENE_COLUMNS, *ID_COLUMNS):
        if name and name in folded:
            return folded.index(name)
    return 0


def _annotates(place: int, name: str, label: int) -> bool:
    """Whether a column holds names and no values: known ones, and a nameless row count before the label."""
    return name.casefold() in ANNOTATIONS or (not name and place < label)


def _open_parquet(path: Path, options: ReadOptions) -> Opened:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from strata.cohort.parquet import read_parquet

    try:
        schema = pq.read_schema(path)
    except (pa.ArrowInvalid, OSError) as error:
        what = f"not a whole Parquet file ({str(error).splitlines()[0]})"
        raise DataError(Problem(str(path), what, "Write or download it again")) from None
    names = list(schema.names)
    label = _parquet_label(names, schema, options)
    if label is None:
        raise DataError(
            Problem(str(path), "no text column names the rows", "Add one, such as Hugo_Symbol or sample_id")
        )
    rows = tuple(clean_id(str(value)) for value in read_parquet(path, [label]).column(0).to_pylist())
    columns = tuple(name for name in names if name != label and name.casefold() not in ANNOTATIONS)
    if not rows or not columns:
        raise DataError(Problem(str(path), f"a table of {len(rows)} rows and {len(columns)} columns of values"))
    matrix = ParquetMatrix(path, stamp(path), label, rows, columns)
    head = (
        [cells for _, cells in matrix.rows(range(min(len(rows), _HEAD_ROWS)))] if len(columns) < _HEAD_COLUMNS else []
    )
    return Opened(matrix, head)


def _parquet_label(names: list[str], schema: Any, options: ReadOptions) -> str | None:
    import pyarrow.types as types

    def is_text(name: str) -> bool:
        kind = schema.field(name).type
        return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_dictionary(kind))

    texts = [name for name in names if is_text(name)]
    if not texts:
        return None
    preferred = texts[_label(texts, options)]
    return "__index_level_0__" if "__index_level_0__" in texts else preferred
