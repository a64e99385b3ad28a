"""The cBioPortal layout: a study folder, its data found by its ``meta_*`` files.

The format is cBioPortal's ``docs/File-Formats.md``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path

from strata.cohort.assay_tables import TableSource
from strata.cohort.files import stamp
from strata.cohort.findings import Findings, count, listed
from strata.cohort.layouts.files import CohortFiles, refuse_tables
from strata.cohort.layouts.flat import sequenced_and_genes
from strata.cohort.spec import CohortSpec

__all__ = ["find", "recognise"]

_TYPES = {
    "MRNA_EXPRESSION": "mrna",
    "PROTEIN_LEVEL": "protein",
    "COPY_NUMBER_ALTERATION": "copy_number",
    "MUTATION_EXTENDED": "mutation",
    "GENE_PANEL_MATRIX": "panel",
    "CLINICAL": "clinical",
}
_NAMES: tuple[tuple[str, str], ...] = (
    (r"data_(bcr_)?clinical.*\.txt", "clinical"),
    (r"data_mirna.*\.txt", "mirna"),
    (r"data_serum.*\.txt", "serum"),
    (r"data_(mrna|expression|rna_seq).*\.txt", "mrna"),
    (r"data_(linear|log2).*", ""),
    (r"data_(cna|gistic)\.txt", "copy_number"),
    (r"data_.*germline.*\.(txt|maf)", "germline"),
    (r"data_mutations?.*\.(txt|maf)", "mutation"),
    (r"data_(rppa|protein).*\.txt", "protein"),
    (r"data_gene_panel_matrix\.txt", "panel"),
)
_CASE_LISTS = {"_sequenced": "mutation", "_cna": "copy_number"}
_GENE_PANEL = re.compile(r"(data_)?gene_panel(?!_matrix).*\.txt", re.IGNORECASE)


def recognise(folder: Path) -> str:
    """The name of a ``meta_*`` file that shows a folder to be a cBioPortal study; empty when there is none."""
    return next((path.name for path in sorted(folder.glob("meta_*.txt"))), "") if folder.is_dir() else ""


def find(spec: CohortSpec, findings: Findings) -> CohortFiles:
    """The files of a cBioPortal study.

    Raises
    ------
    PlanError
        When a cohort YAML names single tables for a study folder.
    """
    refuse_tables(spec, "cbioportal")
    files = CohortFiles("cbioportal", "")
    metas = _read_metas(spec.folder, findings)
    found = _by_meta(spec.folder, metas, findings)
    found += _by_name(spec.folder, {meta.get("data_filename", "") for meta in metas.values()}, findings)
    _add(files, found)
    files.panels += [p for p in sorted(spec.folder.iterdir()) if _GENE_PANEL.fullmatch(p.name) and p.is_file()]
    _case_lists(spec.folder, files, findings)
    sequenced_and_genes(spec, files)
    taken = {path.name for _, path, _ in found} | {path.name for path in files.panels} | set(metas)
    files.ignored = sorted(p.name for p in spec.folder.iterdir() if p.name not in taken and p.name != "case_lists")
    if files.ignored:
        findings.note(f"ignored: {listed(files.ignored, 12)}")
    if not files.clinical:
        findings.problem(
            str(spec.folder), "no clinical table (data_clinical_patient.txt or data_clinical_sample.txt)", code="E218"
        )
    return files


def _read_metas(folder: Path, findings: Findings) -> dict[str, dict[str, str]]:
    metas = {}
    for path in sorted(folder.glob("meta_*.txt")):
        with findings.collecting():
            stamp(path)
            pairs = (line.partition(":") for line in path.read_text(encoding="utf-8", errors="replace").splitlines())
            metas[path.name] = {key.strip(): value.strip() for key, colon, value in pairs if colon}
    return metas


Found = list[tuple[str, Path, str]]


def _by_meta(folder: Path, metas: Mapping[str, Mapping[str, str]], findings: Findings) -> Found:
    """(kind, file, scale) of every profile strata uses."""
    found: Found = []
    skipped = []
    for name, meta in metas.items():
        data = meta.get("data_filename")
        if data is None:
            continue
        kind, scale = _kind(meta)
        if kind == "mutation" and "germline" in data.casefold():
            kind = "germline"
        if kind:
            found.append((kind, folder / data, scale))
        else:
            skipped.append(f"{data} ({meta.get('genetic_alteration_type', '?')} {meta.get('datatype', '?')}, {name})")
    if skipped:
        findings.note(f"profiles that are not used: {listed(skipped, 12)}")
    return found


def _kind(meta: Mapping[str, str]) -> tuple[str, str]:
    """The kind of table and the scale that a meta file declares; empty for profiles that are not used."""
    kind = _TYPES.get(meta.get("genetic_alteration_type", ""), "")
    datatype = meta.get("datatype", "").upper()
    if meta.get("genetic_alteration_type") == "GENERIC_ASSAY":
        assay = meta.get("generic_assay_type", "").casefold()
        if "germline" in assay or "genotype" in assay:
            return "germline", ""
        return (assay, "") if assay in {"serum", "mirna"} and datatype == "LIMIT-VALUE" else ("", "")
    if kind == "mrna" and meta.get("stable_id", "").casefold().startswith("mirna"):
        kind = "mirna"
    if kind == "copy_number":
        return (kind, "gistic") if datatype in {"DISCRETE", "DISCRETE_LONG"} else ("", "")
    if kind == "clinical" and datatype not in {"PATIENT_ATTRIBUTES", "SAMPLE_ATTRIBUTES", "CLINICAL", ""}:
        return "", ""
    if kind in {"mrna", "mirna", "protein"}:
        if datatype == "DISCRETE":
            return "", ""
        return kind, "z-score" if "Z-SCORE" in datatype else "log2" if datatype.startswith("LOG2") else ""
    return kind, ""


def _by_name(folder: Path, named: Collection[str], findings: Findings) -> Found:
    """The same by file names, for tables whose meta files are gone."""
    found: Found = []
    for path in sorted(folder.iterdir()):
        name = path.name.casefold().removesuffix(".gz")
        kind = next((kind for pattern, kind in _NAMES if re.fullmatch(pattern, name)), "")
        if kind and path.name not in named:
            found.append((kind, path, ""))
    if found:
        findings.note(f"no meta_* file names them; found by their names: {listed([p.name for _, p, _ in found], 12)}")
    return found


def _add(files: CohortFiles, found: Found) -> None:
    clinical: list[Path] = []
    # continuous profiles before z-scores: the first table that has a gene gives it
    for kind, path, scale in sorted(found, key=lambda item: _is_z(item[1], item[2])):
        if kind == "clinical":
            clinical.append(path)
        elif kind == "panel":
            files.panels.append(path)
        elif kind in {"mutation", "germline"}:
            files.variants.setdefault(kind, []).append(path)
        else:
            files.matrices.setdefault(kind, []).append(TableSource(path, scale))
    # patient tables first: their order is the cohort's, and their columns win
    clinical.sort(key=lambda path: "patient" not in path.name)
    files.clinical += clinical
    files.samples = list(files.clinical)


def _is_z(path: Path, scale: str) -> bool:
    return scale == "z-score" or "zscore" in path.name.casefold()


def _case_lists(folder: Path, files: CohortFiles, findings: Findings) -> None:
    """Who was assayed for mutations and copy numbers, from ``case_lists``."""
    lists = folder / "case_lists"
    if not lists.is_dir():
        return
    for path in sorted(lists.glob("*.txt")):
        with findings.collecting():
            stamp(path)
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            values = {key.strip(): value.strip() for key, colon, value in (x.partition(":") for x in lines) if colon}
            name = values.get("stable_id", "") or path.stem
            kind = next((kind for suffix, kind in _CASE_LISTS.items() if name.casefold().endswith(suffix)), "")
            if kind and (ids := values.get("case_list_ids", "").split()):
                findings.files.append(path)
                files.assayed_ids[f"case_lists/{path.name}"] = (kind, ids)
                findings.note(f"case_lists/{path.name}: {count(len(ids), 'sample')} assayed for {kind}")
