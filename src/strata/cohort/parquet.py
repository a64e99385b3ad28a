"""Parquet files: opened with page checksums, errors with the path in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from strata.cohort.files import Stamp, stamp
from strata.cohort.identifiers import clean_id
from strata.cohort.matrix import ANNOTATIONS, HEAD_COLUMNS, HEAD_ROWS, Opened, label_column
from strata.cohort.options import ReadOptions
from strata.errors import DataError, InputOutputError, Problem

__all__ = ["open_parquet_matrix", "read_parquet"]


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
        what = f"not a whole Parquet file ({str(error).splitlines()[0]})"
        raise DataError(Problem(str(path), what, "Write or download it again")) from None


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
        self._check()
        some = read_parquet(self.path, list(self.column_names)).take(sorted(places))
        cells = [_texts(column.to_pylist()) for column in some.columns]
        for i, place in enumerate(sorted(places)):
            yield place, [column[i] for column in cells]

    def columns(self, places: Sequence[int]) -> list[list[str]]:
        """The cells of some columns; only those are read."""
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


def open_parquet_matrix(path: Path, options: ReadOptions) -> Opened:
    """A matrix in a Parquet file, only its names read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

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
    head = [cells for _, cells in matrix.rows(range(min(len(rows), HEAD_ROWS)))] if len(columns) < HEAD_COLUMNS else []
    return Opened(matrix, head)


def _parquet_label(names: list[str], schema: Any, options: ReadOptions) -> str | None:
    import pyarrow.types as types

    def is_text(name: str) -> bool:
        kind = schema.field(name).type
        return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_dictionary(kind))

    texts = [name for name in names if is_text(name)]
    if not texts:
        return None
    preferred = texts[label_column(texts, options)]
    return "__index_level_0__" if "__index_level_0__" in texts else preferred
