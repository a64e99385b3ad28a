"""A simulated cohort as a flat folder whose matrices are GCT files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from strata.writing.flat import write_flat
from strata.writing.tables import CohortTables, NumberTable
from strata.writing.text import write_text

__all__ = ["write_gct"]


def write_gct(tables: CohortTables, folder: str | Path) -> None:
    """Write a cohort as a flat folder with a GCT file per assay: 1.3 with metadata for proteins, 1.2 for the others.

    Missing is empty in 1.2 and ``na`` in 1.3. The same tables give the same bytes on every machine.

    Raises
    ------
    InputOutputError
        When a file cannot be written.
    """
    folder = Path(folder)
    write_flat(tables, folder)
    for kind, table in tables.numbers.items():
        (folder / f"{kind}.tsv").unlink()
        rows = _with_metadata(tables, table) if kind == "protein" else _plain(tables, table)
        write_text(folder / f"{kind}.gct", map("\t".join, rows))


def _plain(tables: CohortTables, table: NumberTable) -> Iterator[list[str]]:
    assayed = np.flatnonzero(table.assayed).tolist()
    yield ["#1.2"]
    yield [str(len(table.features)), str(len(assayed))]
    yield ["NAME", "Description", *(tables.patients[i] for i in assayed)]
    for feature, values in zip(table.features, table.cells, strict=True):
        yield [feature, "invented", *(table.spell(values[i]).replace("NA", "") for i in assayed)]


def _with_metadata(tables: CohortTables, table: NumberTable) -> Iterator[list[str]]:
    assayed = np.flatnonzero(table.assayed).tolist()
    yield ["#1.3"]
    yield [str(len(table.features)), str(len(assayed)), "2", "1"]
    yield ["id", "antibody", "source", *(tables.patients[i] for i in assayed)]
    yield ["plate", "na", "na", *(str(i // 96 + 1) for i in range(len(assayed)))]
    for feature, values in zip(table.features, table.cells, strict=True):
        names = [feature, table.composite.get(feature, feature), "invented"]
        yield [*names, *(table.spell(values[i]).replace("NA", "na") for i in assayed)]
