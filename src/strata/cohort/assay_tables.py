"""Opening assays: which way a matrix lies, which samples count, which feature stands where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from strata.cohort.assays import MatrixTable, NumberAssay
from strata.cohort.findings import Findings, count, listed
from strata.cohort.identifiers import Links, feature_names, id_problems, samples_of_patients, spreadsheet_problems
from strata.cohort.matrix import Matrix
from strata.cohort.numbers import Floats
from strata.cohort.open_matrix import open_matrix
from strata.cohort.options import ReadOptions, remedy
from strata.cohort.scales import head_numbers, head_problems, scale_of, sentinel_note
from strata.errors import DataError, Problem, shown

__all__ = ["TableSource", "build_assay", "same_but_for_case"]


@dataclass(frozen=True, slots=True)
class TableSource:
    """A file with a matrix and what the layout knows of it."""

    path: Path
    scale: str = ""


def build_assay(
    kind: str, sources: Iterable[TableSource], links: Links, options: ReadOptions, findings: Findings
) -> tuple[NumberAssay | None, dict[str, Any]]:
    """Open every matrix of one assay.

    Returns
    -------
    assay : NumberAssay or None
        None when no matrix could be opened; the reasons are in ``findings``.
    description : dict
        Files, orientation, scale and numbers of features and patients, for ``strata inspect``.
    """
    tables, described = [], []
    for source in sources:
        with findings.collecting():
            table, about = _build_table(kind, source, links, options, findings)
            tables.append(table)
            described.append(about)
    if not tables:
        return None, {}
    assayed = frozenset(patient for table in tables for patient in table.picks)
    assay = NumberAssay(kind, tuple(tables), links.patients, assayed)
    if len(tables) > 1:
        again = sum(len(table.positions) for table in tables) - len(assay.features)
        order = ", ".join(table.matrix.path.name for table in tables)
        findings.note(f"{kind}: {count(again, 'feature')} in more than one table, read from the first of {order}")
    return assay, {"tables": described, "n_features": len(assay.features), "n_patients": len(assayed)}


def _build_table(
    kind: str, source: TableSource, links: Links, options: ReadOptions, findings: Findings
) -> tuple[MatrixTable, dict[str, Any]]:
    opened = open_matrix(source.path, options, findings)
    matrix = opened.matrix
    genes_in_rows, why = _orientation(matrix, links, options)
    genes, samples = (
        (matrix.row_names, matrix.column_names) if genes_in_rows else (matrix.column_names, matrix.row_names)
    )
    problems = _name_problems(kind, matrix, genes_in_rows=genes_in_rows)
    picks = _pick_samples(kind, matrix, samples, links, findings, problems)
    positions = _positions(kind, genes)
    head = head_numbers(opened.head, options)
    head = head if genes_in_rows else head.T
    ours = [place for places in picks.values() for place in places if head.ndim == 2 and place < head.shape[1]]
    head = head[:, ours]
    scale, scale_why = scale_of(kind, source.path, head, options, source.scale)
    problems += head_problems(kind, source.path, head, options)
    if problems:
        raise DataError(problems)
    name = source.path.name
    findings.note(
        f"{name}: {count(len(positions), 'feature')} of {kind} for {count(len(picks), 'patient')}, "
        f"{'genes' if genes_in_rows else 'samples'} in rows ({why}), scale {scale} ({scale_why})"
    )
    _tell_more(kind, genes, positions, head, scale, source.path, findings)
    about = {
        "file": str(source.path),
        "orientation": "genes-in-rows" if genes_in_rows else "samples-in-rows",
        "orientation_why": why,
        "n_features": len(positions),
        "n_patients": len(picks),
        "scale": scale,
        "scale_why": scale_why,
    }
    return MatrixTable(kind, matrix, genes_in_rows, scale, positions, picks, options), about


def _tell_more(
    kind: str,
    genes: Sequence[str],
    positions: Mapping[str, Sequence[int]],
    head: Floats,
    scale: str,
    path: Path,
    findings: Findings,
) -> None:
    name = path.name
    nameless = sum(not feature_names(kind, gene) for gene in genes)
    if nameless:
        findings.note(f"{name}: {count(nameless, 'row')} without a name left out")
    repeated = sum(len(places) > 1 for places in positions.values())
    if repeated:
        text = f"{name}: {count(repeated, 'feature')} on several rows; where the rows of one differ, reading it fails"
        findings.note(f"{text} unless {remedy('duplicate_genes', 'mean')}")
    if scale != "gistic" and (note := sentinel_note(path, head)):
        findings.note(note)
    entrez = sum(feature.isdigit() for feature in positions)
    if kind == "mrna" and entrez > len(positions) / 2:
        numbers = count(entrez, "name is a number", "names are numbers")
        findings.note(f"{name}: {numbers} (Entrez ids?); signatures name HGNC symbols, so none of these will be found")


def _orientation(matrix: Matrix, links: Links, options: ReadOptions) -> tuple[bool, str]:
    """Whether genes are in rows, and how that is known: by which axis holds ids of the cohort."""
    rows, columns = links.matches(matrix.row_names), links.matches(matrix.column_names)
    of_columns, of_rows = f"{len(matrix.column_names):,} columns", f"{len(matrix.row_names):,} rows"
    why = f"ids of the cohort: {columns:,} of {of_columns}, {rows:,} of {of_rows}"
    if bool(rows) != bool(columns):
        return columns > 0, why
    if rows and options.orientation:
        return options.orientation == "genes-in-rows", "declared"
    if rows:
        what = f"both axes hold ids of the cohort ({why})"
        raise DataError(Problem(str(matrix.path), what, remedy("orientation", "genes-in-rows")))
    raise DataError(_no_overlap(matrix, links))


def _no_overlap(matrix: Matrix, links: Links) -> Problem:
    """One example of each side is shown: without it nothing can be mended."""
    ours = f"clinical {len(links.patients):,}, first {shown(next(iter(links.patients), ''))}"
    columns = f"columns {len(matrix.column_names):,}, first {shown(matrix.column_names[0])}"
    rows = f"rows {len(matrix.row_names):,}, first {shown(matrix.row_names[0])}"
    what = f"no patient or sample of the clinical table is in this table ({ours}; {columns}; {rows})"
    fix = links.why_no_match(matrix.column_names) or links.why_no_match(matrix.row_names)
    return Problem(
        str(matrix.path), what, fix or "Give a table that links samples to patients: samples: in the cohort YAML"
    )


def _name_problems(kind: str, matrix: Matrix, *, genes_in_rows: bool) -> list[Problem]:
    rows = [(name, f"{matrix.path}:{matrix.line(i)}") for i, name in enumerate(matrix.row_names)]
    columns = [(name, f"{matrix.path}: column {i + 1}") for i, name in enumerate(matrix.column_names)]
    genes, samples = (rows, columns) if genes_in_rows else (columns, rows)
    # a gene without a symbol is left out and noted; a sample without an id is an error
    problems = id_problems([gene for gene in genes if gene[0]], f"{kind} feature")
    problems += id_problems(samples, "sample id")
    lines = [matrix.line(i) for i in range(len(genes))] if genes_in_rows else None
    return problems + spreadsheet_problems([name for name, _ in genes], matrix.path, lines)


def _positions(kind: str, genes: Sequence[str]) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    for place, raw in enumerate(genes):
        for feature in feature_names(kind, raw):
            found.setdefault(feature, []).append(place)
    return {feature: tuple(places) for feature, places in found.items()}


def _pick_samples(
    kind: str, matrix: Matrix, names: Sequence[str], links: Links, findings: Findings, problems: list[Problem]
) -> dict[str, tuple[int, ...]]:
    """The places of each patient's samples, one unless they are averaged."""
    path, options = matrix.path, links.options
    problems += same_but_for_case(names, path, options)
    places = samples_of_patients(f"{kind} ({path.name})", names, links, findings)
    unmatched = [name for name in names if links.patient(name) is None and not links.is_normal(name)]
    if unmatched:
        why = links.why_no_match(unmatched)
        text = f"{path.name}: {len(unmatched):,} of {count(len(names), 'sample')} have no clinical row"
        findings.note(f"{text}; {why}" if why else text)
    several = {patient: at for patient, at in places.items() if len(at) > 1}
    if several and not options.sample_rule:
        problems.append(_several_samples(matrix, names, several))
    elif several:
        findings.note(
            f"{path.name}: {count(len(several), 'patient')} with several samples; rule: {options.sample_rule}"
        )
    picks = {}
    for patient in links.patients:
        if at := places.get(patient):
            picks[patient] = tuple(at[i] for i in links.preferred([names[place] for place in at]))
    dropped = sum(len(at) for at in places.values()) - sum(len(at) for at in picks.values())
    findings.exclude(f"{kind} ({path.name}): further sample of a patient", dropped)
    return picks


def _several_samples(matrix: Matrix, names: Sequence[str], several: Mapping[str, list[int]]) -> Problem:
    first = next(iter(several.values()))
    positions = listed([place + 1 for place in first])
    same = len({names[place] for place in first}) == 1
    kind = "the same sample id" if same else "samples of one patient"
    where = f"first: {kind} at positions {positions}, not counting the names"
    what = f"{count(len(several), 'patient')} with several samples ({where})"
    fix = f"Keep one, or choose first, primary or mean: {remedy('sample_rule', 'first')}"
    return Problem(str(matrix.path), what, fix)


def same_but_for_case(names: Sequence[str], path: Path, options: ReadOptions) -> list[Problem]:
    """Ids that differ in case only, unless ``id_case`` says what they are."""
    if options.id_case:
        return []
    seen: dict[str, int] = {}
    pairs = []
    for place, name in enumerate(names):
        other = seen.setdefault(name.casefold(), place)
        if names[other] != name:
            pairs.append(f"{other + 1} and {place + 1}")
    if not pairs:
        return []
    what = f"ids at positions {listed(pairs)} are the same but for case"
    return [Problem(str(path), what, f"Keep one, or say that they differ: {remedy('id_case', 'keep')}")]
