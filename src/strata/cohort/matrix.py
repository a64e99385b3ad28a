"""Matrices on disk: opening one reads its names; numbers are read when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from strata.cohort.identifiers import column_key
from strata.cohort.options import ReadOptions
from strata.cohort.time_points import TIME_COLUMNS

__all__ = [
    "ANNOTATIONS",
    "HEAD_COLUMNS",
    "HEAD_ROWS",
    "ID_COLUMNS",
    "Matrix",
    "Numbers",
    "Opened",
    "annotates",
    "as_text",
    "label_column",
    "text_numbers",
    "time_column",
]

ID_COLUMNS = ("patient_id", "patient", "bcr_patient_barcode", "usubjid", "sample_id", "sample", "geo_accession")
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


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """Some rows of a matrix as numbers, as far as they are certain.

    Parameters
    ----------
    places : sequence of int
        The rows.
    values : array of float, shape (n_rows, n_columns)
        NaN where a cell is empty.
    certain : array of bool, shape (n_rows,)
        Where not, the values of the row mean nothing, and its cells are to be looked at.
    cells : callable
        The cells of a row, by its place in ``places``, as text.
    """

    places: Sequence[int]
    values: NDArray[np.float64]
    certain: NDArray[np.bool_]
    cells: Callable[[int], list[str]]


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

    def numbers(self, places: Sequence[int], columns: Sequence[int]) -> Iterator[Numbers]:
        """Some rows as numbers, in the order of the file, a piece at a time; ``columns`` in the order asked."""

    def columns(self, places: Sequence[int]) -> list[list[str]]:
        """The cells of some columns, in the order asked, each over all rows."""

    def place(self, row: int, column: int) -> str:
        """Line and field of a cell, for messages."""

    def line(self, row: int) -> int:
        """The line of a row."""


def as_text(matrix: Matrix, places: Sequence[int], columns: Sequence[int]) -> Iterator[Numbers]:
    """``numbers`` of a matrix that knows its cells as text only: no row is certain."""
    return text_numbers(matrix.rows(places, columns))


def text_numbers(rows: Iterable[tuple[int, list[str]]]) -> Iterator[Numbers]:
    """(place, cells) of some rows as numbers none of which is certain."""
    for place, cells in rows:
        values, certain = np.empty((1, len(cells))), np.zeros(1, dtype=np.bool_)
        yield Numbers((place,), values, certain, [cells].__getitem__)


@dataclass(frozen=True)
class Opened:
    """A matrix just opened.

    Parameters
    ----------
    matrix : Matrix
    head : sequence of Numbers
        The first rows, to judge the scale from.
    row_times, column_times : tuple of str
        The time point of each row or of each column, under its shared name and empty where it has none; empty for a
        table without time points.
    missing : tuple of str
        What means missing in a file of this format, beside the words of every table.
    """

    matrix: Matrix
    head: Sequence[Numbers]
    row_times: tuple[str, ...] = ()
    column_times: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


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
