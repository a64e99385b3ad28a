"""A simulated cohort as a folder of UCSC Xena downloads (ucsc-xena.gitbook.io, data format specifications)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from strata.writing.gdc import days
from strata.writing.tables import CohortTables, MutationTable, NumberTable
from strata.writing.text import write_table

__all__ = ["write_xena"]

_FILES = {
    "protein": "RPPA",
    "copy_number": "Gistic2_CopyNumber_Gistic2_all_thresholded.by_genes",
    "mirna": "miRNA_HiSeq_gene",
}


def write_xena(tables: CohortTables, folder: str | Path) -> None:
    """Write a cohort as Xena's hubs do: a survival table, a clinicalMatrix, genomic matrices and mc3 mutations.

    Expression has Ensembl ids and its probemap; the 0/1 matrix beside the mutations names who was sequenced. Samples
    are ``PATIENT-01A``. What the layout has no place for is left out: serum, germline, panels of genes, later time
    points. The same tables give the same bytes.

    Raises
    ------
    InputOutputError
        When a file cannot be written.
    """
    folder, name = Path(folder), tables.name
    write_table(folder / f"{name}.survival.tsv", _survival(tables))
    write_table(folder / f"{name}_clinicalMatrix", _clinical(tables))
    if (mrna := tables.numbers.get("mrna")) is not None:
        # ids that no gene has
        ids = [f"ENSG{99900000000 + i}.1" for i in range(1, len(mrna.features) + 1)]
        places = [["chr1", str(1000 * i), str(1000 * i + 900), "+"] for i in range(1, len(ids) + 1)]
        probemap = [[*names, *place] for *names, place in zip(ids, mrna.features, places)]
        header = ["id", "gene", "chrom", "chromStart", "chromEnd", "strand"]
        write_table(folder / "gencode.v36.annotation.gtf.gene.probemap", [header, *probemap])
        write_table(folder / f"{name}.star_tpm.tsv", _matrix(tables, mrna, ids, label="Ensembl_ID"))
    for kind, file in _FILES.items():
        if (table := tables.numbers.get(kind)) is not None:
            write_table(folder / file, _matrix(tables, table, table.features))
    if tables.mutations is not None:
        write_table(folder / f"mc3_{name}_mc3.txt", _changes(tables, tables.mutations))
        write_table(folder / f"mc3_gene_level_{name}_mc3_gene_level.txt", _mutated(tables, tables.mutations))


def _sample(tables: CohortTables, patient: int) -> str:
    return f"{tables.patients[patient]}-01A"


def _samples(tables: CohortTables) -> list[str]:
    return [_sample(tables, i) for i in range(len(tables.patients))]


def _survival(tables: CohortTables) -> Iterator[Sequence[str]]:
    """``sample, OS, _PATIENT, OS.time`` and so on; unknown cells are empty."""
    columns = [column for endpoint in tables.endpoints.values() for column in reversed(days(endpoint))]
    names = [column for name in tables.endpoints for column in (name, f"{name}.time")]
    yield ["sample", *names[:1], "_PATIENT", *names[1:]]
    for sample, patient, *cells in zip(_samples(tables), tables.patients, *columns):
        cells = ["" if cell == "NA" else cell for cell in cells]
        yield [sample, *cells[:1], patient, *cells[1:]]


def _clinical(tables: CohortTables) -> Iterator[Sequence[str]]:
    yield ["sampleID", "_PATIENT", "sample_type", *tables.clinical]
    for sample, patient, *cells in zip(_samples(tables), tables.patients, *tables.clinical.values()):
        yield [sample, patient, "Primary Tumor", *(cell or "" for cell in cells)]


def _matrix(
    tables: CohortTables, table: NumberTable, names: Sequence[str], *, label: str = "sample"
) -> Iterator[list[str]]:
    assayed = np.flatnonzero(table.assayed).tolist()
    yield [label, *(_sample(tables, i) for i in assayed)]
    for name, values in zip(names, table.cells[:, assayed]):
        yield [name, *map(table.spell, values)]


def _changes(tables: CohortTables, mutations: MutationTable) -> Iterator[list[str]]:
    """Positions and alleles are empty: none are simulated."""
    yield ["sample", "chr", "start", "end", "reference", "alt", "gene", "effect", "Amino_Acid_Change", "DNA_VAF"]
    for row in mutations.rows:
        yield [_sample(tables, row.patient), *[""] * 5, row.gene, row.classification, row.change, ""]


def _mutated(tables: CohortTables, mutations: MutationTable) -> Iterator[list[str]]:
    sequenced = np.flatnonzero(mutations.sequenced).tolist()
    hits = {(row.gene, row.patient) for row in mutations.rows if row.classification != "Silent"}
    yield ["sample", *(_sample(tables, i) for i in sequenced)]
    for gene in mutations.genes:
        yield [gene, *(str(int((gene, i) in hits)) for i in sequenced)]
