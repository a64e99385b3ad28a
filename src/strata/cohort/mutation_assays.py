"""From mutation tables and what is said about sequencing to a mutation assay."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from strata.cohort.assay_tables import TableSource, build_assay
from strata.cohort.findings import Findings, count
from strata.cohort.identifiers import Links
from strata.cohort.model import MutationAssay
from strata.cohort.mutation_matrix import MutationMatrix
from strata.cohort.mutations import MutationList, VariantFile, choose_samples, count_left_out, open_variants
from strata.cohort.options import cohort_key, remedy
from strata.cohort.sequencing import Sequencing, assayed_panels, named_as_in_the_table

__all__ = ["build_mutations"]


def build_mutations(
    kind: str, paths: Sequence[Path], sequencing: Sequencing, links: Links, findings: Findings
) -> tuple[MutationAssay | None, dict[str, Any]]:
    """Open the tables of ``mutation`` or ``germline``.

    Returns
    -------
    assay : MutationAssay or None
        None when no table could be opened; the reasons are in ``findings``.
    description : dict
        For ``strata inspect``.
    """
    files: list[VariantFile] = []
    matrices: list[Path] = []
    for path in paths:
        with findings.collecting():
            opened = open_variants(path, links.options, findings)
            if opened is None:
                matrices.append(path)
            else:
                files.append(opened)
    if (files and matrices) or len(matrices) > 1:
        what = "a 0/1 matrix beside another mutation table"
        findings.problem(str(matrices[0]), what, f"Give one of them under {cohort_key('mutation')}")
        return None, {}
    if matrices:
        return _matrix(kind, matrices[0], sequencing, links, findings)
    if not files:
        return None, {}
    with findings.collecting():
        return _list(kind, files, sequencing, links, findings)
    return None, {}


def _matrix(
    kind: str, path: Path, sequencing: Sequencing, links: Links, findings: Findings
) -> tuple[MutationAssay | None, dict[str, Any]]:
    assay, about = build_assay(kind, [TableSource(path, "binary")], links, links.options, findings)
    if assay is None:
        return None, {}
    stated = sequencing.assayed(kind, links)
    assayed = assay.assayed if stated is None else stated
    how = "the matrix's own samples" if stated is None else ", ".join(sequencing.sources)
    table = assay.tables[0]
    names = table.matrix.column_names if table.genes_in_rows else table.matrix.row_names
    chosen = {names[place]: patient for patient, places in table.picks.items() for place in places}
    said = named_as_in_the_table(sequencing.stated(kind) or {}, list(chosen), links)
    panels = assayed_panels(chosen, said, sequencing, [], findings)
    found = MutationMatrix(kind, table, assayed, panels)
    findings.note(f"{kind}: a 0/1 matrix says that a gene is mutated but not how; {len(assayed):,} sequenced ({how})")
    return found, {**about, "detail": "binary", "n_patients": len(assayed), "sequenced": how}


def _list(
    kind: str, files: list[VariantFile], sequencing: Sequencing, links: Links, findings: Findings
) -> tuple[MutationAssay, dict[str, Any]]:
    stated, how = _stated(kind, files, sequencing)
    with_rows = dict.fromkeys(sample for file in files for sample in file.samples)
    if stated is not None:
        stated = named_as_in_the_table(stated, list(with_rows), links)
    if stated:
        extra = sum(sample not in stated for sample in with_rows)
        if extra:
            findings.note(
                f"{kind}: {count(extra, 'sample')} with rows not among those listed as sequenced; taken as sequenced"
            )
    chosen = choose_samples(kind, list(dict.fromkeys([*(stated or ()), *with_rows])), links, files[0].path, findings)
    if not any(sample in chosen for sample in with_rows):
        choose_samples(kind, list(with_rows), links, files[0].path, findings)  # raises: the ids do not meet
    everyone = sequencing.everyone and kind == "mutation"
    others = [patient for patient in links.patients if everyone and patient not in set(chosen.values())]
    panels = assayed_panels(chosen, stated or {}, sequencing, others, findings)
    assayed = frozenset(chosen.values()) | frozenset(others)
    count_left_out(kind, files, findings)
    assay = MutationList(kind, tuple(files), chosen, assayed, panels)
    bare = len(assayed) - len({chosen[sample] for sample in with_rows if sample in chosen})
    if everyone:
        how = "every patient, as declared"
    if stated is None and not everyone:
        say = f". Say it: {remedy('sequenced', 'all')}" if kind == "mutation" else ""
        unknown = "who was sequenced is not known; patients without a row are unknown, not wild type"
        findings.note(f"{kind}: {unknown}{say}")
    else:
        findings.note(
            f"{kind}: {count(len(assayed), 'patient')} sequenced ({how}); {bare:,} without a row are wild type"
        )
    return assay, {
        "files": [str(file.path) for file in files],
        "detail": "variants",
        "n_features": len(assay.features),
        "n_patients": len(assayed),
        "sequenced": how,
        "panel": "given" if all(genes is not None for _, genes in panels) else "the genes in the table",
    }


def _stated(kind: str, files: list[VariantFile], sequencing: Sequencing) -> tuple[dict[str, str] | None, str]:
    """Who was sequenced, samples to panel names, and how that is known."""
    stated = sequencing.stated(kind)
    if stated is not None:
        return stated, ", ".join(sequencing.sources)
    own = [file.analysed for file in files]
    if all(samples is not None for samples in own):
        return {sample: "" for samples in own for sample in sorted(samples or ())}, "the table's own statement"
    return None, "unknown"
