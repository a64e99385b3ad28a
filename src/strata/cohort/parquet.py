"""Parquet files: opened with page checksums, errors with the path in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from strata.cohort.files import Stamp, stamp
from strata.cohort.identifiers import clean_id, column_key
from strata.cohort.matrix import ANNOTATIONS, HEAD_COLUMNS, HEAD_ROWS, ID_COLUMNS, Opened, label_column, time_column
from strata.cohort.options import ReadOptions
from strata.cohort.time_points import time_point
from strata.errors import DataError, InputOutputError, Problem

__all__ = ["open_parquet_matrix", "parquet_rows", "parquet_schema", "read_parquet"]

_INDEX = "__index_level_0__"
"""The column in which pandas keeps an index without a name."""

_ROWS_AT_ONCE = 1024
"""How many rows are texts at a time; the rest of a table stays as compact as pyarrow holds it."""


def read_parquet(path: Path, columns: Sequence[str] | None = None) -> Any:
    """A Parquet file, or some of its columns, as a pyarrow Table.

    Raises
    ------
    DataError
        When the file is damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_table(path, columns=columns, page_checksum_verification=True)
    except (pa.ArrowInvalid, OSError) as error:
        raise _damaged(path, error) from None


def _damaged(path: Path, error: Exception) -> DataError:
    what = f"not a whole Parquet file ({str(error).splitlines()[0]})"
    return DataError(Problem(str(path), what, "Write or download it again"))


def parquet_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """A table as (row, cells), its column names first, as row 0; every cell as text.

    An index of texts without a name holds the patients where no column does; an index of numbers counts the rows.
    """
    import pyarrow.types as types

    table = read_parquet(path)
    names = list(table.column_names)
    if _INDEX in names:
        has_ids = any(column_key(name) in ID_COLUMNS for name in names)
        if has_ids or types.is_integer(table.schema.field(_INDEX).type):
            table = table.drop_columns([_INDEX])
        names = ["patient_id" if name == _INDEX else name for name in table.column_names]
    yield 0, names
    columns = [_texts(column.to_pylist()) for column in table.columns]
    yield from enumerate(map(list, zip(*columns, strict=True)), start=1)


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

    def rows(self, places: Sequence[int], columns: Sequence[int] | None = None) -> Iterator[tuple[int, list[str]]]:
        """(place, cells) of some rows, in the order of the file; cells of ``columns`` in that order, else of all."""
        self._check()
        names = self.column_names if columns is None else [self.column_names[column] for column in columns]
        table = read_parquet(self.path, list(names)).select(list(names))
        places = sorted(places)
        for start in range(0, len(places), _ROWS_AT_ONCE):
            some = places[start : start + _ROWS_AT_ONCE]
            cells = [_texts(column.to_pylist()) for column in table.take(some).columns]
            yield from zip(some, map(list, zip(*cells, strict=True)), strict=True)

    def columns(self, places: Sequence[int]) -> list[list[str]]:
        """The cells of some columns, in the order asked, each over all rows; only those are read."""
        self._check()
        names = [self.column_names[place] for place in places]
        table = read_parquet(self.path, names)
        return [_texts(table.column(name).to_pylist()) for name in names]

    def place(self, row: int, column: int) -> str:
        """Row and column of a cell."""
        return f"row {row + 1} column {column + 1}"

    def line(self, row: int) -> int:
        """The row, counted from 1."""
        return row + 1


def _texts(values: Sequence[object]) -> list[str]:
    return [_text(value) for value in values]


def _text(value: object) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def parquet_schema(path: Path) -> Any:
    """The names and types of the columns, as a pyarrow Schema.

    Raises
    ------
    DataError
        When the file is damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_schema(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise _damaged(path, error) from None


def open_parquet_matrix(path: Path, options: ReadOptions) -> Opened:
    """A matrix in a Parquet file: its names and the first rows."""
    schema = parquet_schema(path)
    names = list(schema.names)
    label = _parquet_label(schema, options)
    if label is None:
        raise DataError(
            Problem(str(path), "no text column names the rows", "Add one, such as Hugo_Symbol or sample_id")
        )
    rows = tuple(map(clean_id, _column(path, label)))
    time = time_column(names)
    times = () if time is None else tuple(map(time_point, _column(path, names[time])))
    left_out = {label, _INDEX, *([] if time is None else [names[time]])}
    columns = tuple(name for name in names if name not in left_out and column_key(name) not in ANNOTATIONS)
    if not rows or not columns:
        raise DataError(Problem(str(path), f"a table of {len(rows)} rows and {len(columns)} columns of values"))
    matrix = ParquetMatrix(path, stamp(path), label, rows, columns)
    return Opened(matrix, _head(path, columns[:HEAD_COLUMNS]), row_times=times)


def _column(path: Path, name: str) -> list[str]:
    return _texts(read_parquet(path, [name]).column(0).to_pylist())


def _head(path: Path, columns: Sequence[str]) -> list[list[str]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            batch = next(file.iter_batches(HEAD_ROWS, columns=list(columns)))
    except (pa.ArrowInvalid, OSError) as error:
        raise _damaged(path, error) from None
    cells = [_texts(batch.column(name).to_pylist()) for name in columns]
    return [list(row) for row in zip(*cells, strict=True)]


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
