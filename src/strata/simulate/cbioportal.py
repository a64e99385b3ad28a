"""A simulated cohort as a cBioPortal study folder (cBioPortal, docs/File-Formats.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from strata.simulate.flat import panel_lines
from strata.simulate.tables import FIRST, MutationRow, MutationTable, NumberTable, SimulatedTables
from strata.simulate.text import calls, decimals, write_table, write_text

__all__ = ["write_cbioportal"]

_STATUS = {
    "OS": ("LIVING", "DECEASED"),
    "DFS": ("DiseaseFree", "Recurred/Progressed"),
    "PFS": ("CENSORED", "PROGRESSION"),
    "TTP": ("CENSORED", "PROGRESSION"),
}
_OTHER_STATUS = ("CENSORED", "EVENT")

_OF_SAMPLES = ("cancer_type",)
"""Clinical columns that a study keeps with its samples."""

_GENERIC_COLUMNS = ["ENTITY_STABLE_ID", "NAME"]
_GENERIC = {"genetic_alteration_type": "GENERIC_ASSAY", "datatype": "LIMIT-VALUE"}
_PROFILES: Mapping[str, dict[str, str]] = {
    "mrna": {"genetic_alteration_type": "MRNA_EXPRESSION", "datatype": "CONTINUOUS", "stable_id": "mrna"},
    "protein": {"genetic_alteration_type": "PROTEIN_LEVEL", "datatype": "LOG2-VALUE", "stable_id": "rppa"},
    "copy_number": {
        "genetic_alteration_type": "COPY_NUMBER_ALTERATION",
        "datatype": "DISCRETE",
        "stable_id": "gistic",
    },
    "serum": {**_GENERIC, "generic_assay_type": "SERUM", "stable_id": "serum"},
    "mirna": {**_GENERIC, "generic_assay_type": "MIRNA", "stable_id": "mirna"},
    "germline_genotypes": {
        "genetic_alteration_type": "GENERIC_ASSAY",
        "datatype": "CATEGORICAL",
        "generic_assay_type": "GERMLINE_GENOTYPES",
        "stable_id": "germline_genotypes",
    },
}
_FILES = {"mrna": "mrna", "protein": "rppa", "copy_number": "cna", "serum": "serum", "mirna": "mirna"}


def write_cbioportal(tables: SimulatedTables, folder: str | Path) -> None:
    """Write a cohort as a cBioPortal study: a meta file per data file, clinical tables with four ``#`` lines, matrices,
    a MAF, genotypes, the gene-panel matrix with its panel, and case lists.

    Each patient has a first sample, ``PATIENT-01``; later ones count on, and ``TIMEPOINT`` tells them apart. Positions
    and alleles of mutations are ``NA``: none are simulated. The same tables give the same bytes on every machine, and
    the same numbers as ``write_flat``.

    Raises
    ------
    InputOutputError
        When a file cannot be written.
    """  # noqa: D205
    study = _Study(tables, Path(folder))
    study.meta(
        "study",
        {
            "type_of_cancer": "brca",
            "name": f"{tables.name} (synthetic)",
            "description": " ".join(tables.description.split()),
        },
    )
    study.clinical()
    study.case_list("all", "All samples", [sample.name for sample in study.all_samples])
    for kind, table in tables.numbers.items():
        study.matrix(kind, table)
    if tables.mutations is not None:
        study.mutations(tables.mutations)
    if tables.genotypes:
        study.genotypes()


@dataclass(frozen=True, slots=True)
class _Sample:
    name: str
    patient: int
    time: str


class _Study:
    def __init__(self, tables: SimulatedTables, folder: Path) -> None:
        self.tables, self.folder = tables, folder
        self.samples = [f"{patient}-01" for patient in tables.patients]
        times = [(FIRST, np.ones(len(tables.patients), dtype=bool)), *tables.later_samples.items()]
        self.all_samples = [
            _Sample(f"{patient}-{number:02d}", i, time)
            for i, patient in enumerate(tables.patients)
            for number, (time, sampled) in enumerate(times, start=1)
            if sampled[i]
        ]

    def meta(self, name: str, keys: Mapping[str, str], data: str | None = None) -> None:
        lines = [f"cancer_study_identifier: {self.tables.name}", *(f"{key}: {text}" for key, text in keys.items())]
        if data is not None:
            lines.append(f"data_filename: {data}")
        write_text(self.folder / f"meta_{name}.txt", lines)

    def profile(self, kind: str, name: str, description: str, extra: Mapping[str, str] | None = None) -> None:
        keys = {
            **_PROFILES[kind],
            "show_profile_in_analysis_tab": "true" if kind == "copy_number" else "false",
            "profile_name": name,
            "profile_description": description,
            **(extra or {}),
        }
        file = _FILES.get(kind, kind)
        self.meta(file, keys, f"data_{file}.txt")

    def case_list(self, suffix: str, name: str, ids: Sequence[str]) -> None:
        lines = [
            f"cancer_study_identifier: {self.tables.name}",
            f"stable_id: {self.tables.name}_{suffix}",
            f"case_list_name: {name}",
            f"case_list_description: {name} ({len(ids)} samples)",
            "case_list_ids: " + "\t".join(ids),
        ]
        write_text(self.folder / "case_lists" / f"cases_{suffix}.txt", lines)

    def clinical(self) -> None:
        columns: dict[str, list[str]] = {"PATIENT_ID": list(self.tables.patients)}
        for name, texts in self.tables.clinical.items():
            if name not in _OF_SAMPLES:
                columns[name.upper()] = [text or "NA" for text in texts]
        for name, endpoint in self.tables.endpoints.items():
            words = _STATUS.get(name, _OTHER_STATUS)
            statuses = [f"{int(event)}:{words[int(event)]}" for event in endpoint.event]
            times = [decimals(time, 2) for time in endpoint.time]
            columns[f"{name}_STATUS"] = [s if known else "NA" for s, known in zip(statuses, endpoint.known)]
            columns[f"{name}_MONTHS"] = [t if known else "NA" for t, known in zip(times, endpoint.known)]
        self._attributes("patient", "PATIENT_ATTRIBUTES", columns)
        self._attributes("sample", "SAMPLE_ATTRIBUTES", self._sample_columns())

    def _sample_columns(self) -> dict[str, list[str]]:
        """What is said of samples: their time points, and the columns that were measured again."""
        tables = self.tables
        cancer = tables.clinical.get("cancer_type", ("Breast Cancer",) * len(tables.patients))
        columns = {
            "PATIENT_ID": [tables.patients[sample.patient] for sample in self.all_samples],
            "SAMPLE_ID": [sample.name for sample in self.all_samples],
            "CANCER_TYPE": [cancer[sample.patient] or "NA" for sample in self.all_samples],
            "SAMPLE_CLASS": ["Synthetic"] * len(self.all_samples),
        }
        if tables.later_samples:
            columns["TIMEPOINT"] = [sample.time for sample in self.all_samples]
        again = {name for later in tables.later_clinical.values() for name in later}
        for name in (name for name in tables.clinical if name in again):
            at = {FIRST: tables.clinical, **tables.later_clinical}
            nobody = (None,) * len(tables.patients)
            columns[name.upper()] = [at[s.time].get(name, nobody)[s.patient] or "NA" for s in self.all_samples]
        return columns

    def _attributes(self, level: str, datatype: str, columns: dict[str, list[str]]) -> None:
        names = [name.replace("_", " ").capitalize() for name in columns]
        comments = [
            names,
            names,
            ["NUMBER" if _all_numbers(texts) else "STRING" for texts in columns.values()],
            ["1"] * len(columns),
        ]
        rows = [[f"#{row[0]}", *row[1:]] for row in comments]
        rows += [list(columns), *(list(row) for row in zip(*columns.values()))]
        data = f"data_clinical_{level}.txt"
        write_table(self.folder / data, rows)
        self.meta(f"clinical_{level}", {"genetic_alteration_type": "CLINICAL", "datatype": datatype}, data)

    def matrix(self, kind: str, table: NumberTable) -> None:
        first = [_Sample(self.samples[i], int(i), FIRST) for i in np.flatnonzero(table.assayed)]
        later = [s for s in self.all_samples if s.time in table.later and table.assayed[s.patient]]
        ids = [sample.name for sample in (*first, *later)]
        columns = {"protein": ["Composite.Element.REF"], "serum": _GENERIC_COLUMNS, "mirna": _GENERIC_COLUMNS}
        rows = [[*columns.get(kind, ["Hugo_Symbol"]), *ids]]
        for feature, values in zip(table.features, table.cells):
            names = [feature]
            if kind == "protein":
                names = [table.composite.get(feature, f"{feature}|{feature}")]
            elif kind in ("serum", "mirna"):
                names = [feature, feature]
            cells = [values[sample.patient] for sample in first]
            cells += [
                table.later[s.time][feature][s.patient] if feature in table.later[s.time] else np.nan for s in later
            ]
            rows.append([*names, *(calls(v) if kind == "copy_number" else decimals(v, 3) for v in cells)])
        write_table(self.folder / f"data_{_FILES[kind]}.txt", rows)
        extra = {"generic_entity_meta_properties": "NAME"} if kind in ("serum", "mirna") else None
        title = kind.replace("_", " ").capitalize().replace("Mrna", "mRNA").replace("Mirna", "miRNA")
        scale = {"copy_number": "GISTIC calls -2 to 2", "serum": "linear"}.get(kind, "log2")
        self.profile(kind, title, f"Invented values; {scale}", extra)
        self.case_list(_FILES[kind], f"Samples with {title} data", ids)

    def mutations(self, mutations: MutationTable) -> None:
        header = ["Hugo_Symbol", "NCBI_Build", "Chromosome", "Variant_Classification", "Reference_Allele"]
        header += ["Tumor_Seq_Allele2", "Tumor_Sample_Barcode", "HGVSp_Short"]
        rows = [self._maf_row(row) for row in mutations.rows]
        if (germline := self.tables.germline) is not None:
            header.append("Mutation_Status")
            rows = [[*row, "SOMATIC"] for row in rows]
            rows += [[*self._maf_row(row), "GERMLINE"] for row in germline.rows]
        write_table(self.folder / "data_mutations.txt", [header, *rows])
        keys = {
            "genetic_alteration_type": "MUTATION_EXTENDED",
            "datatype": "MAF",
            "stable_id": "mutations",
            "show_profile_in_analysis_tab": "true",
            "profile_name": "Mutations",
            "profile_description": f"Invented mutations of the panel {mutations.panel}",
        }
        self.meta("mutations", keys, "data_mutations.txt")
        sequenced = [self.samples[i] for i in np.flatnonzero(mutations.sequenced)]
        panel = [[sample, mutations.panel] for sample in sequenced]
        write_table(self.folder / "data_gene_panel_matrix.txt", [["SAMPLE_ID", "mutations"], *panel])
        kind = {"genetic_alteration_type": "GENE_PANEL_MATRIX", "datatype": "GENE_PANEL_MATRIX"}
        self.meta("gene_panel_matrix", kind, "data_gene_panel_matrix.txt")
        write_text(self.folder / "gene_panel.txt", panel_lines(mutations))
        self.case_list("sequenced", "Samples with mutation data", sequenced)

    def _maf_row(self, row: MutationRow) -> list[str]:
        return [row.gene, "GRCh37", "NA", row.classification, "NA", "NA", self.samples[row.patient], row.change]

    def genotypes(self) -> None:
        genotyped = np.flatnonzero(self.tables.genotyped)
        ids = [self.samples[i] for i in genotyped]
        rows = [[*_GENERIC_COLUMNS, *ids]]
        rows += [[rs, rs, *(texts[i] or "NA" for i in genotyped)] for rs, texts in self.tables.genotypes.items()]
        write_table(self.folder / "data_germline_genotypes.txt", rows)
        extra = {"generic_entity_meta_properties": "NAME"}
        self.profile("germline_genotypes", "Germline genotypes", "Invented genotypes, two alleles each", extra)
        self.case_list("germline_genotypes", "Samples with genotypes", ids)


def _all_numbers(texts: list[str]) -> bool:
    found = [text for text in texts if text != "NA"]
    return bool(found) and all(text.replace(".", "", 1).isdigit() for text in found)
