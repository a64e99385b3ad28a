"""A simulated cohort as a plain folder of tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from strata.simulate.tables import MutationTable, NumberTable, SimulatedTables
from strata.simulate.text import calls, decimals, write_table, write_text

__all__ = ["panel_lines", "write_flat"]

_NUMBER_PLACES = 3
_TIME_PLACES = 2


def write_flat(tables: SimulatedTables, folder: str | Path) -> None:
    """Write a cohort in the flat layout: ``clinical.tsv``, a matrix per assay (genes x patients), ``mutations.tsv``,
    ``sequenced.tsv`` and ``gene_panel.txt``.

    Times are ``<endpoint>_months`` with ``<endpoint>_event`` (1: event, 0: censored). A matrix has a column for each
    patient who was assayed. Missing is ``NA``. The same tables give the same bytes on every machine.

    Raises
    ------
    InputOutputError
        When a file cannot be written.
    """  # noqa: D205
    folder = Path(folder)
    write_table(folder / "clinical.tsv", _clinical(tables))
    for kind, table in tables.numbers.items():
        write_table(folder / f"{kind}.tsv", _matrix(tables, kind, table))
    if tables.mutations is not None:
        _mutations(tables, tables.mutations, folder)


def _clinical(tables: SimulatedTables) -> list[list[str]]:
    header = ["patient_id", *tables.clinical]
    columns = [list(tables.patients), *([text or "NA" for text in column] for column in tables.clinical.values())]
    for name, endpoint in tables.endpoints.items():
        header += [f"{name.lower()}_months", f"{name.lower()}_event"]
        times = [decimals(time, _TIME_PLACES) for time in endpoint.time]
        events = [str(int(event)) for event in endpoint.event]
        columns += [
            [text if known else "NA" for text, known in zip(texts, endpoint.known)] for texts in (times, events)
        ]
    return [header, *(list(row) for row in zip(*columns))]


def _matrix(tables: SimulatedTables, kind: str, table: NumberTable) -> list[list[str]]:
    assayed = np.flatnonzero(table.assayed)
    rows = [["gene", *(tables.patients[i] for i in assayed)]]
    for feature, values in zip(table.features, table.cells[:, assayed]):
        cells = (calls(v) if kind == "copy_number" else decimals(v, _NUMBER_PLACES) for v in values)
        rows.append([feature, *cells])
    return rows


def _mutations(tables: SimulatedTables, mutations: MutationTable, folder: Path) -> None:
    header = ["Hugo_Symbol", "Variant_Classification", "Tumor_Sample_Barcode", "HGVSp_Short"]
    rows = ([row.gene, row.classification, tables.patients[row.patient], row.change] for row in mutations.rows)
    write_table(folder / "mutations.tsv", [header, *rows])
    sequenced = [tables.patients[i] for i in np.flatnonzero(mutations.sequenced)]
    write_text(folder / "sequenced.tsv", ["patient_id", *sequenced])
    write_text(folder / "gene_panel.txt", panel_lines(mutations))


def panel_lines(mutations: MutationTable) -> list[str]:
    """A gene panel as cBioPortal writes one."""
    return [
        f"stable_id: {mutations.panel}",
        f"description: Invented panel of {len(mutations.genes)} genes.",
        "gene_list: " + "\t".join(mutations.genes),
    ]
