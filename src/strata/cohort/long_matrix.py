"""Long tables of numbers, one row a gene and sample: cBioPortal's DISCRETE_LONG, and tidy tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from strata.cohort.files import Stamp, stamp
from strata.cohort.findings import Findings, count, listed
from strata.cohort.identifiers import clean_id, column_key
from strata.cohort.matrix import HEAD_ROWS, Opened, label_column
from strata.cohort.options import ReadOptions
from strata.cohort.table import text_rows
from strata.errors import DataError, InputOutputError, Problem

__all__ = ["LongMatrix", "open_long_matrix"]

_SAMPLE = ("sample_id", "sample", "patient_id", "patient")


@dataclass(frozen=True, slots=True)
class LongMatrix:
    """A :class:`~strata.cohort.matrix.Matrix` over a long table; a pair without a row has an empty cell.

    Parameters
    ----------
    path : Path
    stamp : Stamp
    fields : tuple of int
        Where the gene, the sample and the value stand.
    row_names, column_names : tuple of str
        Genes and samples, in the order of the file.
    row_lines : tuple of int
        The first line of each gene.
    options : ReadOptions
    """

    path: Path
    stamp: Stamp
    fields: tuple[int, int, int]
    row_names: tuple[str, ...]
    column_names: tuple[str, ...]
    row_lines: tuple[int, ...]
    options: ReadOptions

    def rows(self, places: Sequence[int]) -> Iterator[tuple[int, list[str]]]:
        """(place, cells) of some genes, in the order of the file."""
        if stamp(self.path) != self.stamp:
            raise InputOutputError(
                Problem(str(self.path), "changed after it was opened", "Run again on the whole file")
            )
        columns = {name: i for i, name in enumerate(self.column_names)}
        found = {self.row_names[place]: [""] * len(columns) for place in sorted(places)}
        gene, sample, value = self.fields
        twice = []
        source = text_rows(self.path, self.options, Findings())
        next(source)
        for number, row in source:
            cells = found.get(clean_id(row[gene]))
            if cells is None:
                continue
            column = columns[clean_id(row[sample])]
            if cells[column] and cells[column] != row[value]:
                twice.append(number)
            cells[column] = row[value]
        if twice:
            what = f"{count(len(twice), 'row')} with a gene and sample that an earlier row gives another value"
            raise DataError(Problem(f"{self.path}:{twice[0]}", f"{what} (lines {listed(twice, 3)})", "Keep one"))
        yield from zip(sorted(places), found.values(), strict=True)

    def columns(self, places: Sequence[int]) -> list[list[str]]:
        """The cells of some samples, in the order asked, each over all genes."""
        rows = [cells for _, cells in self.rows(range(len(self.row_names)))]
        return [[cells[place] for cells in rows] for place in places]

    def place(self, row: int, column: int) -> str:
        """Where a cell is, as far as a long table tells."""
        return f"gene from line {self.row_lines[row]}, sample {column + 1}"

    def line(self, row: int) -> int:
        """The first line of a gene."""
        return self.row_lines[row]


def open_long_matrix(path: Path, options: ReadOptions) -> Opened | None:
    """One pass over a long table for its genes and samples; None when its header is another table's.

    Raises
    ------
    DataError
        For rows with another number of fields than the header.
    """
    marked = stamp(path)
    source = text_rows(path, options, Findings())
    _, header = next(source)
    keys = [column_key(name) for name in header]
    sample = next((keys.index(name) for name in _SAMPLE if name in keys), None)
    gene = label_column(header, options)
    if sample is None or "value" not in keys or gene == sample:
        return None
    fields = (gene, sample, keys.index("value"))
    genes: dict[str, int] = {}
    samples: dict[str, None] = {}
    ragged = []
    for number, row in source:
        if len(row) != len(header):
            ragged.append(f"line {number} has {len(row)}")
            continue
        genes.setdefault(clean_id(row[gene]), number)
        samples[clean_id(row[sample])] = None
    if ragged:
        rows = count(len(ragged), "row")
        what = f"{rows} with another number of fields than the header's {len(header)}: {listed(ragged)}"
        raise DataError(Problem(str(path), what, "Is the file cut off?"))
    if not genes:
        raise DataError(Problem(str(path), "a header was found, and 0 data rows"))
    matrix = LongMatrix(path, marked, fields, tuple(genes), tuple(samples), tuple(genes.values()), options)
    return Opened(matrix, [cells for _, cells in matrix.rows(range(min(len(genes), HEAD_ROWS)))])
