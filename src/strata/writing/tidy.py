"""A simulated cohort as a tidy folder: one long table of every number, the other tables as in a flat folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from strata.writing.flat import write_flat
from strata.writing.tables import CohortTables
from strata.writing.text import write_table

__all__ = ["write_tidy"]


def write_tidy(tables: CohortTables, folder: str | Path) -> None:
    """Write a cohort with ``tidy.tsv``: a row for each sample, gene and modality, ``NA`` where the value is missing.

    Later time points stand in ``<assay>_timepoints.tsv`` as in a flat folder. The same tables give the same bytes on
    every machine.

    Raises
    ------
    InputOutputError
        When a file cannot be written.
    """
    folder = Path(folder)
    write_flat(tables, folder)
    for kind in tables.numbers:
        (folder / f"{kind}.tsv").unlink()
    write_table(folder / "tidy.tsv", _rows(tables))


def _rows(tables: CohortTables) -> Iterator[list[str]]:
    yield ["sample", "modality", "gene", "value"]
    for kind, table in tables.numbers.items():
        for i in np.flatnonzero(table.assayed).tolist():
            for feature, values in zip(table.features, table.cells, strict=True):
                yield [tables.patients[i], kind, feature, table.spell(values[i])]
