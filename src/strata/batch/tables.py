"""Tables of many cohorts, written a cohort at a time."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from strata.errors import DataError, Problem
from strata.report.tables import write_parquet, write_tsv
from strata.survival import results_frame

if TYPE_CHECKING:
    import pyarrow as pa

    from strata.batch.outcomes import Outcome

__all__ = [
    "FAILURE_COLUMNS",
    "add_nothing",
    "add_partition",
    "failure_frame",
    "join_tables",
    "other_version",
    "text_rows",
]

FAILURE_COLUMNS = ("cohort", "exit_status", "code", "where", "problem", "fix")
"""The columns of ``failures.tsv``."""


def failure_frame(failed: Iterable[Outcome]) -> pd.DataFrame:
    """The rows of ``failures.tsv``, one a cohort; of several problems the parts are separated by bars."""
    rows = [
        (
            o.cohort,
            o.exit_status,
            *(" | ".join(part) for part in zip(*((p.code, p.where, p.what, p.fix) for p in o.problems))),
        )
        for o in failed
    ]
    return pd.DataFrame(rows, columns=list(FAILURE_COLUMNS))


def join_tables(parts: Iterable[Path], columns: Sequence[str], path: Path) -> None:
    """Write TSV tables of the same columns one below the other, byte by byte; their header alone where there is none.

    Raises
    ------
    DataError
        When the columns of a part are others.
    """
    header = ("\t".join(columns) + "\n").encode()
    with path.open("wb") as file:
        file.write(header)
        for part in parts:
            content = part.read_bytes()
            if not content.startswith(header):
                raise other_version(part)
            file.write(content[len(header) :])


def other_version(table: Path) -> DataError:
    """The error of a table whose columns are not those of today."""
    return DataError(
        Problem(str(table), "was written by another version of strata", "Run the batch again: --resume", code="E712")
    )


def text_rows(table: pd.DataFrame) -> list[str]:
    """The rows of a table as ``write_tsv`` writes them, without the header."""
    text = io.StringIO()
    write_tsv(table, text)
    return text.getvalue().splitlines(keepends=True)[1:]


def add_partition(dataset: Path, cohort: str, table: pa.Table) -> None:
    """Write the results of a cohort into a Parquet dataset partitioned by cohort.

    Its folder says which cohort a partition is of, so the column is left out.
    """
    import pyarrow.parquet as pq

    folder = dataset / f"cohort={cohort}"
    folder.mkdir(parents=True)
    pq.write_table(table.drop_columns(["cohort"]), folder / "part-0.parquet")


def add_nothing(dataset: Path) -> None:
    """Write a Parquet dataset of results that has their columns and no row."""
    dataset.mkdir()
    write_parquet(results_frame([]), dataset / "part-0.parquet")
