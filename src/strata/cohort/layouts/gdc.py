"""The GDC layout: a download of the Genomic Data Commons (TCGA, TARGET ...), flat or in a folder for each file.

The sample sheet of the cart says whose file each is. The conventions are those of docs.gdc.cancer.gov.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple

from strata.cohort.assay_tables import TableSource
from strata.cohort.findings import Findings, count, listed
from strata.cohort.gdc_clinical import CASE_COLUMNS, one_row_a_case, rows_of
from strata.cohort.gdc_sheet import SheetEntry, aliquots_of, sheet_entries
from strata.cohort.identifiers import clean_id
from strata.cohort.layouts.files import CohortFiles, refuse_tables
from strata.cohort.layouts.flat import sequenced_and_genes
from strata.cohort.options import ReadOptions
from strata.cohort.spec import CohortSpec
from strata.cohort.star_counts import STAR_FILES, StarFile, open_star_counts
from strata.cohort.table import Table, read_table, text_rows
from strata.errors import DataError, InputOutputError

__all__ = ["find", "recognise"]

_SHEET = re.compile(r"gdc_sample_sheet.*\.tsv(\.gz)?")
_CLINICAL = re.compile(r"clinical\.tsv(\.gz)?")
_METADATA = re.compile(r"metadata.*\.json")
_OUTCOMES = re.compile(r".*(tcga[-_. ]?cdr|cdr[-_. ]?tcga).*\.(tsv|csv|txt)(\.gz)?", re.IGNORECASE)
_STAR = re.compile(r".*\.rna_seq\.augmented_star_gene_counts\.tsv(\.gz)?")
_MAF = re.compile(r".*\.maf(\.gz)?")
_BESIDE = re.compile(r"(MANIFEST|gdc_manifest.*|annotations)\.txt|logs|.*\.parcel", re.IGNORECASE)


def recognise(folder: Path) -> str:
    """What shows a folder to be a GDC download: a sample sheet, STAR counts, the portal's clinical table."""
    found = _files_below(folder)
    for pattern in (_SHEET, _STAR):
        if name := next((path.name for path in found if pattern.fullmatch(path.name)), ""):
            return name
    for path in found:
        if _CLINICAL.fullmatch(path.name) and (column := _case_column(path)):
            return f"the column {column} in {path.name}"
    return ""


def _case_column(path: Path) -> str:
    try:
        header = next(text_rows(path, ReadOptions(), Findings()))[1]
    except (DataError, InputOutputError):
        return ""  # told when the table is read
    return next((name for name in CASE_COLUMNS if name in header), "")


def _files_below(folder: Path) -> list[Path]:
    """The files of a folder and of the folders in it, as the GDC's client writes them."""
    found = sorted(folder.iterdir())
    folders = [item for item in found if item.is_dir() and not item.name.startswith(".") and os.access(item, os.R_OK)]
    inside = [path for item in folders for path in item.iterdir()]
    return [path for path in [*found, *sorted(inside)] if path.is_file()]


def find(spec: CohortSpec, findings: Findings) -> CohortFiles:
    """The files of a GDC download.

    Raises
    ------
    PlanError
        When a cohort YAML names single tables for it.
    """
    refuse_tables(spec, "gdc")
    # patients of TCGA barcodes are their first 12 characters, and normal tissue is left out
    files = CohortFiles("gdc", "", read={"id_rule": "tcga-patient"})
    download = _Download.of(spec, findings)
    _clinical(download, files, spec.options, findings)
    _star(download, files, spec.options, findings)
    _maf(download, files, spec.options, findings)
    files.samples = [*files.clinical, *([download.link_table()] if download.links else [])]
    sequenced_and_genes(spec, files)
    findings.note("samples are of the case the sample sheet names, TCGA barcodes of that in their first 12 characters")
    files.ignored = download.ignored()
    if files.ignored:
        findings.note(f"ignored: {listed(files.ignored, 12)}")
    return files


class _Link(NamedTuple):
    """Whose a sample is, of which type, and the line of the sample sheet that says so."""

    case: str
    kind: str
    line: int


@dataclass
class _Download:
    """What a folder holds, by name, and what the sample sheet says of it."""

    folder: Path
    found: Sequence[Path]
    sheets: list[Path] = field(default_factory=list)
    entries: dict[str, SheetEntry] = field(default_factory=dict)
    """By the name of the file."""
    links: dict[str, _Link] = field(default_factory=dict)
    """By the name of the sample or aliquot."""

    @classmethod
    def of(cls, spec: CohortSpec, findings: Findings) -> _Download:
        """Look into the folder, and read the sample sheets."""
        download = cls(spec.folder, _files_below(spec.folder))
        for path in download.named(_SHEET):
            with findings.collecting():
                for entry in sheet_entries(read_table(path, spec.options, findings), findings):
                    download.entries.setdefault(entry.file, entry)
                download.sheets.append(path)
        return download

    def named(self, pattern: re.Pattern[str]) -> list[Path]:
        """The files with such a name."""
        return [path for path in self.found if pattern.fullmatch(path.name)]

    def ignored(self) -> list[str]:
        """The files that are of no use here."""
        used = (_SHEET, _CLINICAL, _METADATA, _OUTCOMES, _STAR, _MAF, _BESIDE)
        return [path.name for path in self.found if not any(pattern.fullmatch(path.name) for pattern in used)]

    def on_sheet(self, pattern: re.Pattern[str]) -> tuple[list[tuple[SheetEntry, Path]], int]:
        """The lines of the sample sheet for files with such a name, with the files, and how many have no file."""
        by_name = {path.name.removesuffix(".gz"): path for path in self.named(pattern)}
        entries = [entry for name, entry in self.entries.items() if pattern.fullmatch(name)]
        there = [(entry, by_name[name]) for entry in entries if (name := entry.file.removesuffix(".gz")) in by_name]
        return there, len(entries) - len(there)

    def link_table(self) -> Table:
        """The samples of the sheet with their patients."""
        rows = [[sample, link.case, link.kind] for sample, link in self.links.items()]
        lines = [link.line for link in self.links.values()]
        return Table(self.sheets[0], ("sample_id", "patient_id", "sample_type"), rows, lines)


def _clinical(download: _Download, files: CohortFiles, options: ReadOptions, findings: Findings) -> None:
    """The portal's clinical tables; TCGA-CDR adds its endpoints to their patients, or stands for them."""
    tables = []
    for path in download.named(_CLINICAL):
        with findings.collecting():
            tables.append(one_row_a_case(read_table(path, options, findings), findings))
    known = [row[0] for table in tables if table.columns[0] == "patient_id" for row in table.rows]
    known = known or [case for entry in download.entries.values() for case in entry.cases]
    for path in download.named(_OUTCOMES):
        with findings.collecting():
            table = read_table(path, options, findings)
            tables.append(rows_of(table, known, findings) if known else table)
    files.clinical += tables
    if not download.named(_CLINICAL) and not download.named(_OUTCOMES):
        what = "no clinical table (clinical.tsv of the portal, or the outcomes of TCGA-CDR)"
        findings.problem(
            str(download.folder), what, "Download Clinical: TSV from the cart, and unpack it here", code="E218"
        )


def _star(download: _Download, files: CohortFiles, options: ReadOptions, findings: Findings) -> None:
    """The expression of tumours, from a STAR count file each."""
    there, gone = download.on_sheet(_STAR)
    present = download.named(_STAR)
    if not present and not gone:
        return
    if not download.sheets:
        if not download.named(_SHEET):
            what = f"{count(len(present), 'STAR count file')}, and no gdc_sample_sheet*.tsv that says whose they are"
            findings.problem(
                str(download.folder), what, "Download the cart's sample sheet into this folder", code="E218"
            )
        return
    tumours = [(entry, path) for entry, path in there if entry.samples]
    where = f"mrna ({STAR_FILES})"
    findings.exclude(f"{where}: sample of normal tissue", len(there) - len(tumours))
    findings.exclude(f"{where}: file of the sample sheet that is not in the folder", gone)
    findings.exclude(f"{where}: file that is not in the sample sheet", len(present) - len(there))
    if gone:
        findings.note(f"{STAR_FILES}: {count(gone, 'file')} of the sample sheet not in the folder: not downloaded?")
    if not tumours:
        what = f"no STAR count file of a tumour ({len(there):,} of {len(there) + gone:,} files are in the folder)"
        findings.problem(str(download.sheets[0]), what, "Give the sheet and the files of one cart", code="E218")
        return
    counts = options.star_column in {"unstranded", "stranded_first", "stranded_second"}
    log2 = not counts and not options.scale
    findings.note(f"{STAR_FILES}: {options.star_column} is read{', as log2(x + 1)' if log2 else ''}")
    scale = "counts" if counts else "log2" if log2 else "linear"
    opener = partial(open_star_counts, download.folder, _star_files(download, tumours, findings))
    files.matrices["mrna"] = [TableSource(download.sheets[0], scale, opener, log2=log2)]


def _star_files(download: _Download, tumours: Sequence[tuple[SheetEntry, Path]], findings: Findings) -> list[StarFile]:
    """The files under their aliquots, else under the sample ids of the sheet."""
    aliquots: dict[str, str] = {}
    for path in download.named(_METADATA):
        with findings.collecting():
            aliquots |= aliquots_of(path, findings)
    stars = []
    for entry, path in tumours:
        sample, kind = entry.samples[0]
        name = aliquots.get(entry.file, sample)
        stars.append(StarFile(path, name, entry.line))
        for each in (sample, name):
            download.links.setdefault(each, _Link(entry.cases[0], kind, entry.line))
    if again := len(stars) - len({star.sample for star in stars}):
        what = f"{count(again, 'file')} more of a sample that has one, and the sheet does not name aliquots"
        findings.note(f"{STAR_FILES}: {what}; the cart's metadata*.json in the folder does")
    return stars


def _maf(download: _Download, files: CohortFiles, options: ReadOptions, findings: Findings) -> None:
    """MAFs of a project or of an aliquot each. Whose a MAF is was sequenced, also when it has no row."""
    there, gone = download.on_sheet(_MAF)
    findings.exclude("mutation (*.maf): file of the sample sheet that is not in the folder", gone)
    entries = {path: entry for entry, path in there}
    empty = 0
    kept: list[Path] = []
    for path in download.named(_MAF):
        entry = entries.get(path)
        if entry is None or len(entry.cases) > 1:
            kept.append(path)
            continue
        with findings.collecting():
            barcodes = _first_barcode(path, options)
            for code in barcodes:
                download.links.setdefault(code, _Link(entry.cases[0], "", entry.line))
            if barcodes:
                kept.append(path)
            else:
                empty += 1
    if kept:
        files.variants["mutation"] = kept
    if entries:
        cases = dict.fromkeys(case for entry in entries.values() for case in entry.cases)
        files.assayed_ids[download.sheets[0].name] = ("mutation", list(cases))
    if empty:
        findings.note(f"*.maf: {count(empty, 'file')} without a row: sequenced, and no mutation found")


def _first_barcode(path: Path, options: ReadOptions) -> list[str]:
    """The sample of the first row; empty where there is no row."""
    rows = text_rows(path, options, Findings())
    header = next(rows)[1]
    first: Iterable[str] = next(rows, (0, []))[1]
    return [clean_id(cell) for name, cell in zip(header, first, strict=False) if name == "Tumor_Sample_Barcode"]
