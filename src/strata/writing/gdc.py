"""A simulated cohort as a download of the Genomic Data Commons (docs.gdc.cancer.gov)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

import numpy as np
from numpy.typing import NDArray

from strata.cohort.model import DAYS_PER_MONTH
from strata.writing.tables import CohortTables, EndpointTable, MutationTable, NumberTable
from strata.writing.text import decimals, write_table

__all__ = ["days", "write_gdc"]

_MISSING = "'--"
_SHEET = ["File ID", "File Name", "Data Category", "Data Type", "Project ID", "Case ID", "Sample ID", "Sample Type"]
_STAR = ["gene_id", "gene_name", "gene_type", "unstranded", "stranded_first", "stranded_second"]
_STAR += ["tpm_unstranded", "fpkm_unstranded", "fpkm_uq_unstranded"]
_COUNTERS = ("N_unmapped", "N_multimapping", "N_noFeature", "N_ambiguous")
_MAF = ["Hugo_Symbol", "Variant_Classification", "Tumor_Sample_Barcode", "Matched_Norm_Sample_Barcode", "HGVSp_Short"]
_EXPRESSION = ("Transcriptome Profiling", "Gene Expression Quantification")
_MUTATION = ("Simple Nucleotide Variation", "Masked Somatic Mutation")


def write_gdc(tables: CohortTables, folder: str | Path) -> None:
    """Write a cohort as a GDC cart: a folder for each file, ``gdc_sample_sheet.tsv`` and ``clinical.tsv``.

    Expression becomes TPM (2^x - 1, at least 0) in STAR counts, mutations a MAF for each sequenced sample, also without
    a row, OS the portal's vital status and days, other endpoints a table in the form of TCGA-CDR. What the layout has
    no place for is left out: other assays, germline, panels of genes, later time points. The same tables give the same
    bytes.

    Raises
    ------
    InputOutputError
        When a file cannot be written.
    """
    folder = Path(folder)
    sheet = [_SHEET]
    if (mrna := tables.numbers.get("mrna")) is not None:
        for i in np.flatnonzero(mrna.assayed).tolist():
            file = f"{_uuid(tables, i, 'star')}.rna_seq.augmented_star_gene_counts.tsv"
            sheet.append(_entry(tables, i, file, _EXPRESSION))
            write_table(folder / sheet[-1][0] / file, _star_counts(mrna, mrna.cells[:, i]))
    if tables.mutations is not None:
        for i in np.flatnonzero(tables.mutations.sequenced).tolist():
            file = f"{_uuid(tables, i, 'maf')}.wxs.aliquot_ensemble_masked.maf"
            sheet.append(_entry(tables, i, file, _MUTATION))
            write_table(folder / sheet[-1][0] / file, _maf(tables, tables.mutations, i))
    write_table(folder / "gdc_sample_sheet.tsv", sheet)
    write_table(folder / "clinical.tsv", _clinical(tables))
    others = {name: endpoint for name, endpoint in tables.endpoints.items() if name != "OS"}
    if others:
        write_table(folder / "TCGA-CDR.tsv", _outcomes(tables, others))


def days(endpoint: EndpointTable) -> tuple[list[str], list[str]]:
    """The times of an endpoint in days and its events as 1 or 0, both ``NA`` where unknown.

    They are exact: months of two decimals are days of six.
    """
    times, events = endpoint.texts()
    return [time if time == "NA" else decimals(float(time) * DAYS_PER_MONTH, 6) for time in times], events


def _uuid(tables: CohortTables, patient: int, kind: str) -> str:
    return str(uuid5(NAMESPACE_OID, f"{tables.name} {tables.patients[patient]} {kind}"))


def _sample(tables: CohortTables, patient: int) -> str:
    return f"{tables.patients[patient]}-01A"


def _entry(tables: CohortTables, patient: int, file: str, kind: tuple[str, str]) -> list[str]:
    """A line of the sample sheet; a MAF is of a tumour and its normal sample."""
    case, sample = tables.patients[patient], _sample(tables, patient)
    samples, types = sample, "Primary Tumor"
    if kind is _MUTATION:
        samples, types = f"{sample}, {case}-10A", "Primary Tumor, Blood Derived Normal"
    cases = ", ".join([case] * (1 + samples.count(",")))
    return [_uuid(tables, patient, file), file, *kind, tables.name, cases, samples, types]


def _star_counts(table: NumberTable, values: NDArray[np.float64]) -> Iterator[list[str]]:
    yield ["# gene-model: GENCODE v36"]
    yield _STAR
    for counter in _COUNTERS:
        yield [counter, "", "", "1000", "1000", "1000", "", "", ""]
    for number, (gene, value) in enumerate(zip(table.features, values), start=1):
        tpm = max(np.exp2(value) - 1.0, 0.0)
        cell = "" if np.isnan(tpm) else decimals(tpm, 6)
        reads = "" if np.isnan(tpm) else str(round(tpm))
        # ids that no gene has
        yield [f"ENSG{99900000000 + number}.1", gene, "protein_coding", reads, reads, reads, cell, cell, cell]


def _maf(tables: CohortTables, mutations: MutationTable, patient: int) -> Iterator[list[str]]:
    aliquot = f"{_sample(tables, patient)}-11D-A000-08"
    yield ["#version gdc-1.0.0"]
    yield ["#annotation.spec gdc-2.0.0-aliquot-merged-masked"]
    yield ["#n.analyzed.samples 1"]
    yield [f"#tumor.aliquot {_uuid(tables, patient, 'aliquot')}"]
    yield _MAF
    for row in mutations.rows:
        if row.patient == patient:
            normal = f"{tables.patients[patient]}-10A-01D-A000-08"
            yield [row.gene, row.classification, aliquot, normal, row.change]


def _clinical(tables: CohortTables) -> Iterator[Sequence[str]]:
    """A line for each of two treatments, as the portal writes them, under the newer names of the columns."""
    header = ["cases.submitter_id", "treatments.treatment_type", *tables.clinical]
    columns = [[text or _MISSING for text in column] for column in tables.clinical.values()]
    if (overall := tables.endpoints.get("OS")) is not None:
        header += ["demographic.vital_status", "demographic.days_to_death", "diagnoses.days_to_last_follow_up"]
        times, events = days(overall)
        columns.append([{"1": "Dead", "0": "Alive"}.get(event, "Not Reported") for event in events])
        columns += [[t if event == of else _MISSING for t, event in zip(times, events)] for of in ("1", "0")]
    yield header
    for patient, *cells in zip(tables.patients, *columns):
        for treatment in ("Pharmaceutical Therapy, NOS", "Radiation Therapy, NOS"):
            yield [patient, treatment, *cells]


def _outcomes(tables: CohortTables, endpoints: Mapping[str, EndpointTable]) -> Iterator[Sequence[str]]:
    columns = [column for endpoint in endpoints.values() for column in reversed(days(endpoint))]
    yield ["bcr_patient_barcode", *(column for name in endpoints for column in (name, f"{name}.time"))]
    yield from zip(tables.patients, *columns)
