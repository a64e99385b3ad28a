"""Long tables of numbers, one row a gene and sample: cBioPortal's DISCRETE_LONG, and tidy tables."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from strata.cohort.files import Stamp, check_unchanged, stamp
from strata.cohort.findings import Findings, count, listed, on_lines
from strata.cohort.identifiers import clean_id, column_key
from strata.cohort.matrix import HEAD_ROWS, ID_COLUMNS, Numbers, Opened, as_text, label_column, time_column
from strata.cohort.options import ReadOptions
from strata.cohort.table import text_rows
from strata.cohort.time_points import time_point
from strata.errors import DataError, Problem

__all__ = ["LongMatrix", "is_long", "modality_column", "open_long_matrix"]

_SAMPLE = ("sample_id", "sample", "patient_id", "patient", "usubjid", "geo_accession")
_FEATURE = ("protein", "antibody", "marker")
"""Columns that name the gene of a long table beside those of every matrix; in a wide one they could hold values."""

_MODALITY = ("modality", "data_type", "omics", "assay")


class _Fields(NamedTuple):
    """Where the gene, the sample, the value and the time point stand in a row, and which rows count."""

    gene: int
    sample: int
    value: int
    time: int | None
    modality: int = 0
    modalities: frozenset[str] = frozenset()
    """The words of the column ``modality`` in the rows that count; empty where all do."""

    def counts(self, row: Sequence[str]) -> bool:
        """Whether a row is of the modality that is read."""
        return not self.modalities or clean_id(row[self.modality]) in self.modalities

    def name(self, row: Sequence[str]) -> str:
        """The gene of a row."""
        return clean_id(row[self.gene])

    def measured(self, row: Sequence[str]) -> tuple[str, str]:
        """The sample of a row and its time point, empty where the table has none."""
        return clean_id(row[self.sample]), "" if self.time is None else time_point(row[self.time])


@dataclass(frozen=True, slots=True)
class LongMatrix:
    """A :class:`~strata.cohort.matrix.Matrix` over a long table; a pair without a row has an empty cell.

    Parameters
    ----------
    path : Path
    stamp : Stamp
    fields : _Fields
    row_names, column_names : tuple of str
        Genes and samples, in the order of the file; a sample measured at several time points is that many columns.
    column_times : tuple of str
        The time point of each column.
    row_lines : tuple of int
        The first line of each gene.
    options : ReadOptions
    """

    path: Path
    stamp: Stamp
    fields: _Fields
    row_names: tuple[str, ...]
    column_names: tuple[str, ...]
    column_times: tuple[str, ...]
    row_lines: tuple[int, ...]
    options: ReadOptions

    def rows(self, places: Sequence[int], columns: Sequence[int] | None = None) -> Iterator[tuple[int, list[str]]]:
        """(place, cells) of some genes, in the order of the file; cells of ``columns`` in that order, else of all."""
        check_unchanged(self.path, self.stamp)
        at = {pair: i for i, pair in enumerate(zip(self.column_names, self.column_times, strict=True))}
        found = {self.row_names[place]: [""] * len(at) for place in sorted(places)}
        fields = self.fields
        source = text_rows(self.path, self.options, Findings())
        next(source)
        for _, row in source:
            cells = found.get(fields.name(row))
            if cells is not None and fields.counts(row):
                column = at[fields.measured(row)]
                cells[column] = row[fields.value] or cells[column]
        for place, cells in zip(sorted(places), found.values(), strict=True):
            yield place, cells if columns is None else [cells[column] for column in columns]

    def numbers(self, places: Sequence[int], columns: Sequence[int]) -> Iterator[Numbers]:
        """Some genes as numbers, none of them certain; ``columns`` in the order asked."""
        return as_text(self, places, columns)

    def columns(self, places: Sequence[int]) -> list[list[str]]:
        """The cells of some samples, in the order asked, each over all genes."""
        rows = [cells for _, cells in self.rows(range(len(self.row_names)), places)]
        return [list(column) for column in zip(*rows, strict=True)]

    def place(self, row: int, column: int) -> str:
        """Where a cell is, as far as a long table tells."""
        return f"gene from line {self.row_lines[row]}, sample {column + 1}"

    def line(self, row: int) -> int:
        """The first line of a gene."""
        return self.row_lines[row]


def is_long(header: Sequence[str], options: ReadOptions) -> bool:
    """Whether these are the columns of a long table: a gene, a sample or patient, and ``value``."""
    return _fields(header, options) is not None


def _fields(header: Sequence[str], options: ReadOptions) -> _Fields | None:
    keys = [column_key(name) for name in header]
    sample = next((keys.index(name) for name in _SAMPLE if name in keys), None)
    gene = label_column(header, options)
    if keys[gene] in ID_COLUMNS:
        gene = next((keys.index(name) for name in _FEATURE if name in keys), gene)
    if sample is None or "value" not in keys or keys[gene] in ID_COLUMNS:
        return None
    return _Fields(gene, sample, keys.index("value"), time_column(header))


def modality_column(header: Sequence[str], options: ReadOptions) -> int | None:
    """Which column of a long table says what was measured; None where it has none."""
    keys, fields = [column_key(name) for name in header], _fields(header, options)
    if fields is None:
        return None
    return next((keys.index(name) for name in _MODALITY if name in keys and keys.index(name) != fields.gene), None)


def open_long_matrix(path: Path, options: ReadOptions, modalities: frozenset[str] = frozenset()) -> Opened | None:
    """One pass over a long table for its genes and samples; None when its header is another table's.

    Parameters
    ----------
    path : Path
    options : ReadOptions
    modalities : frozenset of str
        The words of :func:`modality_column` in the rows that are read; empty for all rows.

    Raises
    ------
    DataError
        For rows with another number of fields than the header, and when two rows give one gene of one sample, at one
        time point, different values.
    """
    marked = stamp(path)
    source = text_rows(path, options, Findings())
    _, header = next(source)
    fields = _fields(header, options)
    if fields is None:
        return None
    if modalities:
        fields = fields._replace(modality=modality_column(header, options) or 0, modalities=modalities)
    genes: dict[str, int] = {}
    samples: dict[tuple[str, str], int] = {}
    first_lines: list[int] = []
    cells, ragged = array("q"), []
    for number, row in source:
        if len(row) != len(header):
            ragged.append(f"line {number} has {len(row)}")
        elif fields.counts(row):
            gene = genes.setdefault(fields.name(row), len(genes))
            if gene == len(first_lines):
                first_lines.append(number)
            cells.append(gene << 32 | samples.setdefault(fields.measured(row), len(samples)))
    if ragged:
        rows = count(len(ragged), "row")
        what = f"{rows} with another number of fields than the header's {len(header)}: {listed(ragged)}"
        raise DataError(Problem(str(path), what, "Is the file cut off?", code="E203"))
    if not genes:
        raise DataError(Problem(str(path), "a header was found, and 0 data rows", code="E105"))
    found, n_rows = np.unique(np.frombuffer(cells, dtype=np.int64), return_counts=True)
    if (n_rows > 1).any():
        _refuse_conflicts(path, options, fields, genes, samples, frozenset(found[n_rows > 1].tolist()))
    names, times = zip(*samples, strict=True)
    matrix = LongMatrix(path, marked, fields, tuple(genes), names, times, tuple(first_lines), options)
    head = list(as_text(matrix, range(min(len(genes), HEAD_ROWS)), range(len(names))))
    return Opened(matrix, head, column_times=times)


def _refuse_conflicts(
    path: Path,
    options: ReadOptions,
    fields: _Fields,
    genes: Mapping[str, int],
    samples: Mapping[tuple[str, str], int],
    repeated: frozenset[int],
) -> None:
    """Another pass, over the cells that have several rows; equal values are no conflict."""
    values: dict[int, str] = {}
    twice = []
    source = text_rows(path, options, Findings())
    next(source)
    for number, row in source:
        cell = genes[fields.name(row)] << 32 | samples[fields.measured(row)] if fields.counts(row) else -1
        if cell in repeated and (value := row[fields.value]) and values.setdefault(cell, value) != value:
            twice.append(number)
    if twice:
        pair = "a gene and sample" if fields.time is None else "a gene, sample and time point"
        what = f"{count(len(twice), 'row')} with {pair} that an earlier row gives another value"
        raise DataError(Problem(f"{path}:{twice[0]}", f"{what} ({on_lines(twice)})", "Keep one", code="E314"))
