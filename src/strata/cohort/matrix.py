"""Matrices on disk: opening one reads its names; numbers are read when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from strata.cohort.files import Stamp, decode, lines, stamp
from strata.cohort.identifiers import column_key
from strata.cohort.options import ReadOptions
from strata.cohort.table import split
from strata.cohort.time_points import TIME_COLUMNS
from strata.errors import InputOutputError, Problem

__all__ = [
    "ANNOTATIONS",
    "HEAD_COLUMNS",
    "HEAD_ROWS",
    "ID_COLUMNS",
    "Matrix",
    "Opened",
    "TextMatrix",
    "label_column",
    "time_column",
]

ID_COLUMNS = ("patient_id", "patient", "bcr_patient_barcode", "sample_id", "sample")
"""Columns that hold the patient or sample id, first found first, in any case."""

_GENE_COLUMNS = (
    "hugo_symbol",
    "gene_symbol",
    "symbol",
    "gene",
    "gene_name",
    "hgnc_symbol",
    "genesymbol",
    "symbols",
    "composite_element_ref",
    "entity_stable_id",
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
        "gene_id",
        "gene_type",
        "id_ref",
        "probe",
        "probe_id",
        "probeset",
        "ensembl_gene_id",
        "chromosome",
        "chr",
        "start",
        "end",
        "strand",
    }
    | {*_GENE_COLUMNS, *ID_COLUMNS}
)
"""Columns of a matrix that name rows and hold no values."""

HEAD_ROWS, HEAD_COLUMNS = 64, 4000


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

    def rows(self, places: Sequence[int], columns: Sequence[int] | None = None) -> Iterator[tuple[int, list[str]]]:
        """(place, cells) of some rows, in the order of the file; cells of ``columns`` in that order, else of all."""

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

    def rows(self, places: Sequence[int], columns: Sequence[int] | None = None) -> Iterator[tuple[int, list[str]]]:
        """(place, cells) of some rows, in the order of the file; cells of ``columns`` in that order, else of all.

        Nothing after the last row is read, and no line is split further than its last column.
        """
        fields = self.fields if columns is None else [self.fields[column] for column in columns]
        last = max(fields, default=0) + 1
        wanted = {self.row_lines[place]: place for place in places}
        for number, line in self._lines():
            if not wanted:
                return
            place = wanted.pop(number, None)
            if place is not None:
                text = decode(self.path, number, line)
                cells = split(text, self.sep, quoted=True) if '"' in text else text.split(self.sep, last)
                yield place, [cells[field] for field in fields]

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


@dataclass(frozen=True)
class Opened:
    """A matrix just opened.

    Parameters
    ----------
    matrix : Matrix
    head : list of list of str
        The cells of the first rows, to judge the scale from.
    row_times, column_times : tuple of str
        The time point of each row or of each column, under its shared name and empty where it has none; empty for a
        table without time points.
    """

    matrix: Matrix
    head: list[list[str]]
    row_times: tuple[str, ...] = ()
    column_times: tuple[str, ...] = ()


def label_column(header: Sequence[str], options: ReadOptions) -> int:
    """Which column names the rows."""
    keys = [column_key(name) for name in header]
    for name in (column_key(options.id_column), *_GENE_COLUMNS, *ID_COLUMNS):
        if name and name in keys:
            return keys.index(name)
    return next((i for i, key in enumerate(keys) if key not in TIME_COLUMNS), 0)


def time_column(header: Sequence[str]) -> int | None:
    """Which column holds time points."""
    keys = [column_key(name) for name in header]
    return next((keys.index(name) for name in TIME_COLUMNS if name in keys), None)


def annotates(place: int, name: str, label: int) -> bool:
    """Whether a column holds names and no values: known ones, and a nameless row count before the label."""
    return column_key(name) in ANNOTATIONS or (not name and place < label)
