"""Parquet and Feather files: their columns, read with page checksums where there are any, errors with the path."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from strata.cohort.findings import count, listed
from strata.cohort.identifiers import nameless_columns
from strata.errors import DataError, Problem, shown

__all__ = ["ArrowFile", "arrow_file"]

_CELLS = 1 << 20
"""Cells of a table that are read together."""


class ArrowFile:
    """An open file of typed columns. Only the columns that are asked for are read.

    Parameters
    ----------
    schema : pyarrow.Schema
        The names and types of the columns.
    read : callable
        Some columns as a pyarrow Table, in any order.
    """

    def __init__(self, schema: Any, read: Callable[[list[str]], Any]) -> None:
        self.schema, self._read = schema, read

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return list(self.schema.names)

    def table(self, columns: Sequence[str]) -> Any:
        """Some columns, in the order asked, as a pyarrow Table."""
        return self._read(list(columns)).select(list(columns))

    def columns(self, names: Sequence[str]) -> Iterator[Any]:
        """The same one by one, a few of them in memory at a time, so that a wide table never is as a whole."""
        step = max(1, _CELLS // max(1, self.table(names[:1]).num_rows))
        for start in range(0, len(names), step):
            yield from self.table(names[start : start + step]).columns


@contextmanager
def arrow_file(path: Path) -> Iterator[ArrowFile]:
    """Open a Parquet or Feather file.

    Raises
    ------
    DataError
        When it is damaged, also where that shows only while columns are read, or has two columns of one name.
    """
    import pyarrow as pa

    with path.open("rb") as file:
        feather = file.read(6) == b"ARROW1"
    try:
        with (_feather if feather else _parquet)(path) as opened:
            _refuse_repeated(path, opened.names)
            yield opened
    except (pa.ArrowException, OSError) as error:
        what = f"not a whole {'Feather' if feather else 'Parquet'} file ({str(error).partition(chr(10))[0]})"
        code = "E121" if "CRC" in str(error) else "E120"
        raise DataError(Problem(str(path), what, "Write or download it again", code=code)) from None


def _refuse_repeated(path: Path, names: Sequence[str]) -> None:
    if again := [name for name, n in Counter(names).items() if n > 1]:
        told = listed([*map(shown, nameless_columns(again, names))])
        what = f"{count(len(again), 'column')} in it more than once: {told}"
        raise DataError(Problem(str(path), what, "Keep one of each", code="E207"))


@contextmanager
def _parquet(path: Path) -> Iterator[ArrowFile]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        yield ArrowFile(file.schema_arrow, file.read)


@contextmanager
def _feather(path: Path) -> Iterator[ArrowFile]:
    """Mapped into memory: of a file that is not compressed, only what is looked at is read."""
    import pyarrow as pa

    with pa.memory_map(str(path)) as source:
        schema = pa.ipc.open_file(source).schema

        def read(columns: list[str]) -> Any:
            fields = [schema.get_field_index(name) for name in columns]
            return pa.ipc.open_file(source, options=pa.ipc.IpcReadOptions(included_fields=fields)).read_all()

        yield ArrowFile(schema, read)
