"""A simulated cohort as a plain folder of tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

import numpy as np

from strata.writing.tables import FIRST, CohortTables, MutationTable, NumberTable, Panel
from strata.writing.text import write_table, write_text

__all__ = ["panel_files", "stated_scale", "write_flat"]

_MAF = ["Hugo_Symbol", "Variant_Classification", "Tumor_Sample_Barcode", "HGVSp_Short"]


def write_flat(tables: CohortTables, folder: str | Path) -> None:
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
    for name, table in tables.numbers.items():
        kind = table.kind or name
        if table.features:
            write_table(folder / f"{kind}{stated_scale(table)}.tsv", _matrix(tables, table))
        if table.later:
            write_table(folder / f"{kind}_timepoints{stated_scale(table)}.tsv", _long(tables, table))
    if any(tables.later_clinical.values()):
        write_table(folder / "clinical_timepoints.tsv", _long_clinical(tables))
    if tables.mutations is not None:
        write_table(folder / "mutations.tsv", tables.mutations.cells() or _mutations(tables, tables.mutations))
    if (said := tables.mutations or tables.germline) is not None:
        _sequenced(tables, said, folder)
    if tables.germline is not None and not tables.one_maf:
        write_table(folder / "germline.tsv", tables.germline.cells() or _maf(tables, tables.germline))
    if tables.genotypes:
        write_table(folder / "germline_genotypes.tsv", _genotypes(tables))


def stated_scale(table: NumberTable) -> str:
    """What is put into the name of a table's file so that its scale need not be judged; mostly nothing."""
    return f"_scale-{table.scale}" if table.scale else ""


def _clinical(tables: CohortTables) -> list[list[str]]:
    header = ["patient_id", *tables.clinical]
    columns = [list(tables.patients), *([text or "NA" for text in column] for column in tables.clinical.values())]
    for name, endpoint in tables.endpoints.items():
        header += [f"{name.lower()}_months", f"{name.lower()}_event"]
        columns += endpoint.texts()
    return [header, *(list(row) for row in zip(*columns))]


def _matrix(tables: CohortTables, table: NumberTable) -> Iterator[list[str]]:
    assayed = np.flatnonzero(table.assayed)
    yield ["gene", *(tables.patients[i] for i in assayed)]
    for block in table.blocks():
        for feature, values in zip(block.features, block.cells[:, assayed]):
            yield [feature, *map(table.spell, values.tolist())]


def _samples(tables: CohortTables) -> Iterator[tuple[int, str]]:
    """Every patient at every time point with a sample."""
    for i in range(len(tables.patients)):
        yield i, FIRST
        yield from ((i, time) for time, sampled in tables.later_samples.items() if sampled[i])


def _long(tables: CohortTables, table: NumberTable) -> Iterator[list[str]]:
    yield ["patient_id", "timepoint", "gene", "value"]
    for block in table.blocks():
        again = {feature for values in block.later.values() for feature in values}
        first = {name: row for name, row in zip(block.features, block.cells) if name in again}
        at = {FIRST: first, **block.later}
        for i, time in _samples(tables):
            for name, row in at.get(time, {}).items():
                if table.assayed[i]:
                    yield [tables.patients[i], time, name, table.spell(row[i])]


def _long_clinical(tables: CohortTables) -> Iterator[list[str]]:
    at = {FIRST: tables.clinical, **tables.later_clinical}
    again = {name for columns in tables.later_clinical.values() for name in columns}
    names = [name for name in dict.fromkeys(chain(tables.clinical, *tables.later_clinical.values())) if name in again]
    yield ["patient_id", "timepoint", *names]
    for i, time in _samples(tables):
        columns = at.get(time, {})
        yield [tables.patients[i], time, *((columns[name][i] if name in columns else None) or "NA" for name in names)]


def _mutations(tables: CohortTables, mutations: MutationTable) -> Iterator[list[str]]:
    """Somatic mutations, and the inherited ones where they stand in the same table."""
    if tables.germline is None or not tables.one_maf:
        yield from _maf(tables, mutations)
        return
    yield [*_MAF, "Mutation_Status"]
    for status, of in (("SOMATIC", mutations), ("GERMLINE", tables.germline)):
        yield from ([*row, status] for row in islice(_maf(tables, of), 1, None))


def _maf(tables: CohortTables, mutations: MutationTable) -> Iterator[list[str]]:
    yield _MAF
    for row in mutations.rows:
        yield [row.gene, row.classification, tables.patients[row.patient], row.change]


def _sequenced(tables: CohortTables, mutations: MutationTable, folder: Path) -> None:
    """Who was sequenced with which panel, and the genes of the panels."""
    panels = mutations.panels
    sequenced = [[tables.patients[i]] for i in np.flatnonzero(mutations.sequenced)]
    if len(panels) == 1:
        write_table(folder / "sequenced.tsv", [["patient_id"], *sequenced])
    elif panels:
        of = {int(i): panel.name for panel in panels for i in np.flatnonzero(panel.patients)}
        rows = [[tables.patients[i], of[i]] for i in sorted(of)]
        write_table(folder / "sequenced.tsv", [["patient_id", "mutations"], *rows])
    panel_files(panels, folder, synthetic=tables.synthetic)


def _genotypes(tables: CohortTables) -> Iterator[list[str]]:
    yield ["patient_id", *tables.genotypes]
    for i in np.flatnonzero(tables.genotyped):
        yield [tables.patients[i], *(texts[i] or "NA" for texts in tables.genotypes.values())]


def panel_files(panels: Sequence[Panel], folder: Path, *, synthetic: bool) -> None:
    """Write gene panels as cBioPortal does: ``gene_panel.txt``, numbered where there are several."""
    for number, panel in enumerate(panels, start=1):
        if panel.genes is not None:
            invented = "Invented panel" if synthetic else "Panel"
            lines = [
                f"stable_id: {panel.name}",
                f"description: {invented} of {len(panel.genes)} genes.",
                "gene_list: " + "\t".join(panel.genes),
            ]
            write_text(folder / ("gene_panel.txt" if len(panels) == 1 else f"gene_panel_{number}.txt"), lines)
