"""From mutation tables and what is said about sequencing to a mutation assay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from strata.cohort.assay_tables import TableSource, build_assay
from strata.cohort.findings import Findings, count, listed
from strata.cohort.genotype_tables import Call, add_genotypes, is_genotype_table
from strata.cohort.genotypes import Genotypes, GermlineAssay
from strata.cohort.identifiers import Links
from strata.cohort.model import MutationAssay
from strata.cohort.mutation_matrix import MutationMatrix
from strata.cohort.mutations import MutationList, VariantFile, choose_samples, open_variants, tell_of_rows
from strata.cohort.options import cohort_key, remedy
from strata.cohort.sequencing import Sequencing, assayed_panels, named_as_in_the_table

__all__ = ["build_mutations"]


_NAME = "\0"
"""In place of a file's name in a note."""


@dataclass
class _Tables:
    """The tables of one kind by what they are."""

    lists: list[VariantFile] = field(default_factory=list)
    matrices: list[Path] = field(default_factory=list)
    genotypes: list[Path] = field(default_factory=list)


Built = tuple[MutationAssay, dict[str, Any]]


def build_mutations(
    paths: Mapping[str, Sequence[Path]], sequencing: Sequencing, links: Links, findings: Findings
) -> dict[str, Built]:
    """Open the tables of ``mutation`` and ``germline``; germline rows of a mutation table belong to ``germline``.

    Returns
    -------
    dict of kind to the assay and its description for ``strata inspect``
        Without a kind of which no table could be opened; the reasons are in ``findings``.
    """
    tables = {kind: _open(kind, of_kind, links, findings) for kind, of_kind in paths.items()}
    mixed = [file for file in tables.get("mutation", _Tables()).lists if file.germline_rows]
    if mixed:
        tables.setdefault("germline", _Tables()).lists += mixed
    found = {}
    for kind, of_kind in tables.items():
        with findings.collecting():
            if built := _build(kind, of_kind, sequencing, links, findings):
                found[kind] = built
    return found


def _open(kind: str, paths: Sequence[Path], links: Links, findings: Findings) -> _Tables:
    tables = _Tables()
    notes: dict[str, list[str]] = {}
    for path in paths:
        own = Findings()
        with findings.collecting():
            if kind == "germline" and is_genotype_table(path, links):
                tables.genotypes.append(path)
            elif opened := open_variants(path, links.options, own):
                tables.lists.append(opened)
            else:
                tables.matrices.append(path)
        findings.files += own.files
        for note in own.notes:
            notes.setdefault(note.replace(path.name, _NAME), []).append(path.name)
    # a GDC download has hundreds of MAFs, all with the same lines at the top
    for note, names in notes.items():
        findings.note(note.replace(_NAME, listed(names, 1)))
    return tables


def _build(kind: str, tables: _Tables, sequencing: Sequencing, links: Links, findings: Findings) -> Built | None:
    genotypes = _genotypes(tables.genotypes, links, findings)
    mutations: Built | None = None
    if len(tables.matrices) + bool(tables.lists) > 1:
        what = "a 0/1 matrix beside another mutation table"
        findings.problem(str(tables.matrices[0]), what, f"Give one of them under {cohort_key(kind)}", code="E218")
    elif tables.matrices:
        mutations = _matrix(kind, tables.matrices[0], sequencing, links, findings)
    elif tables.lists:
        mutations = _list(kind, tables.lists, sequencing, links, findings)
    if mutations is None or genotypes is None:
        return mutations or genotypes
    assay = GermlineAssay(mutations[0], genotypes[0])
    return assay, {**mutations[1], "genotypes": genotypes[1]}


def _genotypes(paths: Sequence[Path], links: Links, findings: Findings) -> tuple[Genotypes, dict[str, Any]] | None:
    calls: dict[str, dict[str, Call]] = {}
    for path in paths:
        with findings.collecting():
            add_genotypes(path, calls, links, findings)
    if not calls:
        return None
    assay = Genotypes({rs: {patient: call.genotype for patient, call in of.items()} for rs, of in calls.items()})
    about = {"files": [str(path) for path in paths], "n_features": len(calls), "n_patients": len(assay.assayed)}
    return assay, {**about, "detail": "variants"}


def _matrix(kind: str, path: Path, sequencing: Sequencing, links: Links, findings: Findings) -> Built | None:
    assay, about = build_assay(kind, [TableSource(path, "binary")], links, links.options, findings)
    if assay is None:
        return None
    table = assay.tables[0]
    stated = sequencing.assayed(kind, links)
    assayed = frozenset(table.picks) if stated is None else stated
    how = "the matrix's own samples" if stated is None else ", ".join(sequencing.sources)
    names = table.matrix.column_names if table.genes_in_rows else table.matrix.row_names
    chosen = {names[place]: patient for patient, places in table.picks.items() for place in places}
    said = named_as_in_the_table(sequencing.stated(kind) or {}, list(chosen), links)
    panels = assayed_panels(chosen, said, sequencing, [], findings)
    found = MutationMatrix(kind, table, assayed, panels)
    findings.note(f"{kind}: a 0/1 matrix says that a gene is mutated but not how; {len(assayed):,} sequenced ({how})")
    return found, {**about, "detail": "binary", "n_patients": len(assayed), "sequenced": how}


def _list(kind: str, files: list[VariantFile], sequencing: Sequencing, links: Links, findings: Findings) -> Built:
    stated, how = _stated(files, sequencing)
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
    everyone = sequencing.everyone
    others = [patient for patient in links.patients if everyone and patient not in set(chosen.values())]
    panels = assayed_panels(chosen, stated or {}, sequencing, others, findings)
    assayed = frozenset(chosen.values()) | frozenset(others)
    tell_of_rows(kind, files, findings)
    assay = MutationList(kind, tuple(files), chosen, assayed, panels)
    bare = len(assayed - {chosen[name] for file in files for name in file.carriers(kind) if name in chosen})
    if everyone:
        how = "every patient, as declared"
    if stated is None and not everyone:
        unknown = "who was sequenced is not known; patients without a row are unknown, not wild type"
        findings.note(f"{kind}: {unknown}. Say it: {remedy('sequenced', 'all')}")
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


def _stated(files: list[VariantFile], sequencing: Sequencing) -> tuple[dict[str, str] | None, str]:
    """Who was sequenced, samples to panel names, and how that is known; the same for somatic and germline rows."""
    stated = sequencing.stated("mutation")
    if stated is not None:
        return stated, ", ".join(sequencing.sources)
    own = [file.analysed for file in files]
    if all(samples is not None for samples in own):
        return {sample: "" for samples in own for sample in sorted(samples or ())}, "the table's own statement"
    return None, "unknown"
