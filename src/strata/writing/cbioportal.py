"""A simulated cohort as a cBioPortal study folder (cBioPortal, docs/File-Formats.md)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from strata.writing.flat import panel_files, stated_scale
from strata.writing.tables import FIRST, CohortTables, MutationRow, MutationTable, NumberTable
from strata.writing.text import write_table, write_text

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
_DATATYPES = {("mrna", "z-score"): "Z-SCORE", ("protein", "z-score"): "Z-SCORE", ("protein", "log2"): "LOG2-VALUE"}
_MAF = ["Hugo_Symbol", "NCBI_Build", "Chromosome", "Variant_Classification", "Reference_Allele"]
_MAF += ["Tumor_Seq_Allele2", "Tumor_Sample_Barcode", "HGVSp_Short"]
_FILES = {"mrna": "mrna", "protein": "rppa", "copy_number": "cna", "serum": "serum", "mirna": "mirna"}


def write_cbioportal(tables: CohortTables, folder: str | Path) -> None:
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
            "type_of_cancer": "brca" if tables.synthetic else "mixed",
            "name": f"{tables.name} (synthetic)" if tables.synthetic else tables.name,
            "description": " ".join(tables.description.split()),
        },
    )
    study.clinical()
    study.case_list("all", "All samples", [sample.name for sample in study.all_samples])
    for name, table in tables.numbers.items():
        study.matrix(table.kind or name, table)
    if tables.mutations is not None:
        study.mutations(tables.mutations)
    if tables.germline is not None and not study.one_maf:
        study.germline(tables.germline)
    if tables.genotypes:
        study.genotypes()


@dataclass(frozen=True, slots=True)
class _Sample:
    name: str
    patient: int
    time: str


class _Study:
    def __init__(self, tables: CohortTables, folder: Path) -> None:
        self.tables, self.folder = tables, folder
        self.one_maf = tables.one_maf or (tables.synthetic and tables.mutations is not None)
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

    def described(self, what: str) -> str:
        """What is in a table, and that it is invented where it is."""
        return f"Invented {what[0].lower()}{what[1:]}" if self.tables.synthetic else what

    def profile(self, kind: str, file: str, name: str, description: str, extra: Mapping[str, str]) -> None:
        keys = {
            **_PROFILES[kind],
            "show_profile_in_analysis_tab": "true" if kind == "copy_number" else "false",
            "profile_name": name,
            "profile_description": self.described(description),
            **extra,
        }
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
                columns[_attribute(name, columns)] = [text or "NA" for text in texts]
        for name, endpoint in self.tables.endpoints.items():
            words = _STATUS.get(name, _OTHER_STATUS)
            times, events = endpoint.texts()
            status = {"0": f"0:{words[0]}", "1": f"1:{words[1]}"}
            columns[f"{name}_STATUS"] = [status.get(event, event) for event in events]
            columns[f"{name}_MONTHS"] = times
        self._attributes("patient", "PATIENT_ATTRIBUTES", columns)
        self._attributes("sample", "SAMPLE_ATTRIBUTES", self._sample_columns())

    def _sample_columns(self) -> dict[str, list[str]]:
        """What is said of samples: their time points, and the columns that were measured again."""
        tables = self.tables
        columns = {
            "PATIENT_ID": [tables.patients[sample.patient] for sample in self.all_samples],
            "SAMPLE_ID": [sample.name for sample in self.all_samples],
        }
        cancer = tables.clinical.get("cancer_type", ("Breast Cancer",) * len(tables.patients))
        if tables.synthetic or "cancer_type" in tables.clinical:
            columns["CANCER_TYPE"] = [cancer[sample.patient] or "NA" for sample in self.all_samples]
        if tables.synthetic:
            columns["SAMPLE_CLASS"] = ["Synthetic"] * len(self.all_samples)
        if tables.later_samples:
            columns["TIMEPOINT"] = [sample.time for sample in self.all_samples]
        again = {name for later in tables.later_clinical.values() for name in later}
        at = {FIRST: tables.clinical, **tables.later_clinical}
        nobody = (None,) * len(tables.patients)
        for name in dict.fromkeys(chain(tables.clinical, *tables.later_clinical.values())):
            if name in again:
                cells = [at.get(s.time, {}).get(name, nobody)[s.patient] or "NA" for s in self.all_samples]
                columns[_attribute(name, columns)] = cells
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
        later = [s for s in self.all_samples if s.time in table.later and s.time != FIRST and table.assayed[s.patient]]
        ids = [sample.name for sample in (*first, *later)]
        stem = _FILES[kind]
        file = f"{stem}{stated_scale(table)}"
        write_table(self.folder / f"data_{file}.txt", self._matrix_rows(kind, table, first, later))
        extra = {"generic_entity_meta_properties": "NAME"} if kind in ("serum", "mirna") else {}
        if table.scale and kind in ("mrna", "protein"):
            extra |= {"datatype": _DATATYPES.get((kind, table.scale), "CONTINUOUS"), "stable_id": file}
        title = kind.replace("_", " ").capitalize().replace("Mrna", "mRNA").replace("Mirna", "miRNA")
        scale = table.scale or {"copy_number": "GISTIC calls -2 to 2", "serum": "linear"}.get(kind, "log2")
        self.profile(kind, file, title, f"Values; {scale}", extra)
        self.case_list(stem, f"Samples with {title} data", ids)

    def _matrix_rows(
        self, kind: str, table: NumberTable, first: Sequence[_Sample], later: Sequence[_Sample]
    ) -> Iterator[list[str]]:
        columns = {"protein": ["Composite.Element.REF"], "serum": _GENERIC_COLUMNS, "mirna": _GENERIC_COLUMNS}
        yield [*columns.get(kind, ["Hugo_Symbol"]), *(sample.name for sample in (*first, *later))]
        for block in table.blocks():
            for feature, values in zip(block.features, block.cells):
                names = [feature]
                if kind == "protein":
                    names = [table.composite.get(feature, f"{feature}|{feature}")]
                elif kind in ("serum", "mirna"):
                    names = [feature, feature]
                cells = [values[sample.patient] for sample in first]
                at = [block.later[s.time].get(feature) for s in later]
                cells += [np.nan if row is None else row[s.patient] for row, s in zip(at, later)]
                yield [*names, *map(table.spell, cells)]

    def mutations(self, mutations: MutationTable) -> None:
        germline = self.tables.germline if self.one_maf else None
        header = [*_MAF, *([] if germline is None else ["Mutation_Status"])]
        rows = self._maf_rows(mutations, *([] if germline is None else ["SOMATIC"]))
        if germline is not None:
            rows = chain(rows, self._maf_rows(germline, "GERMLINE"))
        write_table(self.folder / "data_mutations.txt", chain([header], rows))
        panels = mutations.panels
        known = " and ".join(panel.name for panel in panels if panel.genes is not None)
        of = f" of the panel {known}" if known else ""
        self._mutation_meta("mutations", "Mutations", f"Mutations{of}")
        self._sequenced(mutations)

    def _sequenced(self, mutations: MutationTable) -> None:
        """Who was sequenced with which panel, as far as that is known."""
        panels = mutations.panels
        if not panels:
            return
        if any(panel.genes is not None for panel in panels):
            of_patient = {int(i): panel.name for panel in panels for i in np.flatnonzero(panel.patients)}
            matrix = [[self.samples[i], of_patient[i]] for i in sorted(of_patient)]
            write_table(self.folder / "data_gene_panel_matrix.txt", [["SAMPLE_ID", "mutations"], *matrix])
            kind = {"genetic_alteration_type": "GENE_PANEL_MATRIX", "datatype": "GENE_PANEL_MATRIX"}
            self.meta("gene_panel_matrix", kind, "data_gene_panel_matrix.txt")
        panel_files(panels, self.folder, synthetic=self.tables.synthetic)
        sequenced = [self.samples[i] for i in np.flatnonzero(mutations.sequenced)]
        self.case_list("sequenced", "Samples with mutation data", sequenced)

    def germline(self, germline: MutationTable) -> None:
        """Inherited changes in a table of their own."""
        rows = self._maf_rows(germline, "GERMLINE")
        write_table(self.folder / "data_mutations_germline.txt", chain([[*_MAF, "Mutation_Status"]], rows))
        self._mutation_meta("mutations_germline", "Germline mutations", "Inherited mutations")
        if self.tables.mutations is None:
            self._sequenced(germline)

    def _mutation_meta(self, file: str, name: str, description: str) -> None:
        keys = {
            "genetic_alteration_type": "MUTATION_EXTENDED",
            "datatype": "MAF",
            "stable_id": file,
            "show_profile_in_analysis_tab": "true",
            "profile_name": name,
            "profile_description": self.described(description),
        }
        self.meta(file, keys, f"data_{file}.txt")

    def _maf_rows(self, mutations: MutationTable, *status: str) -> Iterator[list[str]]:
        return ([*self._maf_row(row), *status] for row in mutations.rows)

    def _maf_row(self, row: MutationRow) -> list[str]:
        build = "GRCh37" if self.tables.synthetic else "NA"
        return [row.gene, build, "NA", row.classification, "NA", "NA", self.samples[row.patient], row.change]

    def genotypes(self) -> None:
        genotyped = np.flatnonzero(self.tables.genotyped)
        ids = [self.samples[i] for i in genotyped]
        rows = [[*_GENERIC_COLUMNS, *ids]]
        rows += [[rs, rs, *(texts[i] or "NA" for i in genotyped)] for rs, texts in self.tables.genotypes.items()]
        write_table(self.folder / "data_germline_genotypes.txt", rows)
        extra = {"generic_entity_meta_properties": "NAME"}
        kind = "germline_genotypes"
        self.profile(kind, kind, "Germline genotypes", "Genotypes, two alleles each", extra)
        self.case_list("germline_genotypes", "Samples with genotypes", ids)


def _attribute(name: str, taken: Collection[str]) -> str:
    """A column as cBioPortal names attributes, in capitals, digits and ``_``, and as none before it."""
    cleaned = stem = re.sub(r"\W", "_", name, flags=re.ASCII).upper()
    number = 2
    while cleaned in taken:
        cleaned, number = f"{stem}_{number}", number + 1
    return cleaned


def _all_numbers(texts: list[str]) -> bool:
    found = [text for text in texts if text != "NA"]
    return bool(found) and all(text.replace(".", "", 1).isdigit() for text in found)
