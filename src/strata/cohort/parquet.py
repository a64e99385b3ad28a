"""Parquet and Feather files as matrices and as tables of texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from strata.cohort.arrow_files import ArrowFile, arrow_file
from strata.cohort.files import Stamp, check_unchanged, stamp
from strata.cohort.identifiers import clean_id, column_key
from strata.cohort.long_matrix import is_long
from strata.cohort.matrix import (
    ANNOTATIONS,
    HEAD_COLUMNS,
    HEAD_ROWS,
    ID_COLUMNS,
    Numbers,
    Opened,
    as_text,
    label_column,
    text_numbers,
    time_column,
)
from strata.cohort.options import ReadOptions
from strata.cohort.table import texts
from strata.cohort.time_points import time_point
from strata.errors import DataError, Problem

__all__ = ["open_parquet_matrix", "parquet_rows"]

_INDEX = "__index_level_0__"
"""The column in which pandas keeps an index without a name."""

_ROWS_AT_ONCE = 1024
"""How many rows are texts at a time; the rest of a table stays as compact as pyarrow holds it."""


def parquet_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """A table as (row, cells), its column names first, as row 0; every cell as text.

    An index of texts without a name holds the patients where no column does; an index of numbers counts the rows.
    """
    import pyarrow.types as types

    with arrow_file(path) as file:
        names = file.names
        if _INDEX in names:
            has_ids = any(column_key(name) in ID_COLUMNS for name in names)
            if has_ids or types.is_integer(file.schema.field(_INDEX).type):
                names.remove(_INDEX)
        columns = [texts(column.to_pylist()) for column in file.table(names).columns]
    yield 0, ["patient_id" if name == _INDEX else name for name in names]
    yield from enumerate(map(list, zip(*columns, strict=True)), start=1)


@dataclass(frozen=True, slots=True)
class ParquetMatrix:
    """A matrix in a Parquet or Feather file: one column names the rows, every other column holds numbers."""

    path: Path
    stamp: Stamp
    row_names: tuple[str, ...]
    column_names: tuple[str, ...]

    def rows(self, places: Sequence[int], columns: Sequence[int] | None = None) -> Iterator[tuple[int, list[str]]]:
        """(place, cells) of some rows, in the order of the file; cells of ``columns`` in that order, else of all."""
        check_unchanged(self.path, self.stamp)
        names = self.column_names if columns is None else [self.column_names[column] for column in columns]
        with arrow_file(self.path) as file:
            table = file.table(names)
        places = sorted(places)
        for start in range(0, len(places), _ROWS_AT_ONCE):
            some = places[start : start + _ROWS_AT_ONCE]
            cells = [texts(column.to_pylist()) for column in table.take(some).columns]
            yield from zip(some, map(list, zip(*cells, strict=True)), strict=True)

    def numbers(self, places: Sequence[int], columns: Sequence[int]) -> Iterator[Numbers]:
        """Some rows as numbers, all at once; ``columns`` in the order asked, and only those are read."""
        check_unchanged(self.path, self.stamp)
        names = [self.column_names[column] for column in columns]
        with arrow_file(self.path) as file:
            numeric = all(_is_numeric(file.schema.field(name).type) for name in names)
            places, values = sorted(places), np.empty((len(places), len(names)))
            if numeric and places:
                rows = np.array(places)
                for i, column in enumerate(file.columns(names)):
                    values[:, i] = column.to_numpy().take(rows)
        if not numeric:
            yield from as_text(self, places, columns)
        elif places:
            finite = np.logical_not(np.isinf(values).any(axis=1))
            yield Numbers(places, values, finite, lambda i: texts(values[i].tolist()))

    def columns(self, places: Sequence[int]) -> list[list[str]]:
        """The cells of some columns, in the order asked, each over all rows; only those are read."""
        check_unchanged(self.path, self.stamp)
        with arrow_file(self.path) as file:
            return [texts(column.to_pylist()) for column in file.table([self.column_names[i] for i in places]).columns]

    def place(self, row: int, column: int) -> str:
        """Row and column of a cell."""
        return f"row {row + 1} column {column + 1}"

    def line(self, row: int) -> int:
        """The row, counted from 1."""
        return row + 1


def _is_numeric(kind: Any) -> bool:
    import pyarrow.types as types

    return bool(types.is_floating(kind) or types.is_integer(kind))


def open_parquet_matrix(path: Path, options: ReadOptions) -> Opened | None:
    """A matrix in a Parquet or Feather file: its names and the first rows; None for a long table.

    Raises
    ------
    DataError
        When the file is damaged, no column names its rows, or no column is left that holds values.
    """
    marked = stamp(path)
    with arrow_file(path) as file:
        names = file.names
        # a long table is read as text, as any other small one; a matrix can be large and is not
        if is_long(names, options):
            return None
        label = _parquet_label(file.schema, options)
        if label is None:
            what = "no text column names the rows"
            raise DataError(Problem(str(path), what, "Add one, such as Hugo_Symbol or sample_id", code="E210"))
        rows = tuple(map(clean_id, _column(file, label)))
        time = time_column(names)
        times = () if time is None else tuple(map(time_point, _column(file, names[time])))
        left_out = {label, _INDEX, *([] if time is None else [names[time]])}
        columns = tuple(name for name in names if name not in left_out and column_key(name) not in ANNOTATIONS)
        if not rows or not columns:
            raise DataError(
                Problem(str(path), f"a table of {len(rows)} rows and {len(columns)} columns of values", code="E105")
            )
        head = [texts(column[:HEAD_ROWS].to_pylist()) for column in file.columns(columns[:HEAD_COLUMNS])]
    matrix = ParquetMatrix(path, marked, rows, columns)
    return Opened(matrix, list(text_numbers(enumerate(map(list, zip(*head, strict=True))))), row_times=times)


def _column(file: ArrowFile, name: str) -> list[str]:
    return texts(file.table([name]).column(0).to_pylist())


def _parquet_label(schema: Any, options: ReadOptions) -> str | None:
    """The column that names the rows: a text, an id even where ids are numbers, or an index."""
    import pyarrow.types as types

    def is_text(name: str) -> bool:
        kind = schema.field(name).type
        return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_dictionary(kind))

    ids = {*ID_COLUMNS, column_key(options.id_column)}
    names = [name for name in schema.names if is_text(name) or column_key(name) in ids]
    if _INDEX in schema.names and (_INDEX in names or not names):
        return _INDEX
    return names[label_column(names, options)] if names else None
