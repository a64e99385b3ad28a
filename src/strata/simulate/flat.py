"""A simulated cohort as a plain folder of tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from strata.simulate.tables import FIRST, MutationTable, NumberTable, SimulatedTables
from strata.simulate.text import calls, decimals, write_table, write_text

__all__ = ["panel_lines", "write_flat"]

_NUMBER_PLACES = 3
_TIME_PLACES = 2


def write_flat(tables: SimulatedTables, folder: str | Path) -> None:
    """Write a cohort in the flat layout: ``clinical.tsv``, a matrix per assay (genes x patients), ``mutations.tsv``,
    ``germline.tsv``, ``germline_genotypes.tsv`` (patients x variants), ``sequenced.tsv`` and ``gene_panel.txt``.

    Times are ``<endpoint>_months`` with ``<endpoint>_event`` (1: event, 0: censored). A matrix has a column for each
    patient who was assayed. What was measured again stands in ``clinical_timepoints.tsv`` (a row for each patient and
    time point) and ``<assay>_timepoints.tsv`` (a row for each patient, time point and feature), the first values under
    ``pre``. Missing is ``NA``. The same tables give the same bytes on every machine.

    Raises
    ------
    InputOutputError
        When a file cannot be written.
    """  # noqa: D205
    folder = Path(folder)
    write_table(folder / "clinical.tsv", _clinical(tables))
    for kind, table in tables.numbers.items():
        write_table(folder / f"{kind}.tsv", _matrix(tables, kind, table))
        if table.later:
            write_table(folder / f"{kind}_timepoints.tsv", _long(tables, table))
    if any(tables.later_clinical.values()):
        write_table(folder / "clinical_timepoints.tsv", _long_clinical(tables))
    if tables.mutations is not None:
        _mutations(tables, tables.mutations, folder)
    if tables.germline is not None:
        write_table(folder / "germline.tsv", _maf(tables, tables.germline))
    if tables.genotypes:
        write_table(folder / "germline_genotypes.tsv", _genotypes(tables))


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


def _samples(tables: SimulatedTables) -> Iterator[tuple[int, str]]:
    """Every patient at every time point with a sample."""
    for i in range(len(tables.patients)):
        yield i, FIRST
        yield from ((i, time) for time, sampled in tables.later_samples.items() if sampled[i])


def _long(tables: SimulatedTables, table: NumberTable) -> Iterator[list[str]]:
    again = {feature for values in table.later.values() for feature in values}
    first = {name: row for name, row in zip(table.features, table.cells) if name in again}
    yield ["patient_id", "timepoint", "gene", "value"]
    for i, time in _samples(tables):
        for name, row in (first if time == FIRST else table.later.get(time, {})).items():
            if table.assayed[i]:
                yield [tables.patients[i], time, name, decimals(row[i], _NUMBER_PLACES)]


def _long_clinical(tables: SimulatedTables) -> Iterator[list[str]]:
    names = [name for name in tables.clinical if any(name in columns for columns in tables.later_clinical.values())]
    yield ["patient_id", "timepoint", *names]
    for i, time in _samples(tables):
        columns = tables.clinical if time == FIRST else tables.later_clinical[time]
        yield [tables.patients[i], time, *((columns[name][i] if name in columns else None) or "NA" for name in names)]


def _maf(tables: SimulatedTables, mutations: MutationTable) -> Iterator[list[str]]:
    yield ["Hugo_Symbol", "Variant_Classification", "Tumor_Sample_Barcode", "HGVSp_Short"]
    for row in mutations.rows:
        yield [row.gene, row.classification, tables.patients[row.patient], row.change]


def _mutations(tables: SimulatedTables, mutations: MutationTable, folder: Path) -> None:
    write_table(folder / "mutations.tsv", _maf(tables, mutations))
    sequenced = [tables.patients[i] for i in np.flatnonzero(mutations.sequenced)]
    write_text(folder / "sequenced.tsv", ["patient_id", *sequenced])
    write_text(folder / "gene_panel.txt", panel_lines(mutations))


def _genotypes(tables: SimulatedTables) -> Iterator[list[str]]:
    yield ["patient_id", *tables.genotypes]
    for i in np.flatnonzero(tables.genotyped):
        yield [tables.patients[i], *(texts[i] or "NA" for texts in tables.genotypes.values())]


def panel_lines(mutations: MutationTable) -> list[str]:
    """A gene panel as cBioPortal writes one."""
    return [
        f"stable_id: {mutations.panel}",
        f"description: Invented panel of {len(mutations.genes)} genes.",
        "gene_list: " + "\t".join(mutations.genes),
    ]
