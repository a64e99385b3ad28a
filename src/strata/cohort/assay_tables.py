"""Opening assays: which way a matrix lies, which samples count, which feature stands where."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from strata.cohort.assay_notes import describe, describe_repeated, tell_of_names
from strata.cohort.assays import MatrixTable, NumberAssay
from strata.cohort.feature_names import feature_names
from strata.cohort.files import stamp
from strata.cohort.findings import Findings, count, listed
from strata.cohort.identifiers import Links, id_form, id_problems, is_id
from strata.cohort.matrix import Matrix, Opened
from strata.cohort.matrix_cache import cached
from strata.cohort.numbers import Floats
from strata.cohort.open_matrix import open_matrix
from strata.cohort.options import ReadOptions, remedy
from strata.cohort.picks import Picks, pick_samples
from strata.cohort.probes import CONTROL, Probes, read_probes
from strata.cohort.scales import cell_notes, head_numbers, head_problems, linear_note, scale_of, sentinel_note
from strata.errors import DataError, Problem
from strata.genes.spreadsheets import spreadsheet_problems

__all__ = ["TableSource", "build_assay", "same_but_for_case"]


@dataclass(frozen=True, slots=True)
class TableSource:
    """A file with a matrix and what the layout knows of it.

    Parameters
    ----------
    path : Path
    scale : str
        Empty where it is to be found.
    opener : callable, optional
        Opens the matrix in the file's own way; without one :func:`~strata.cohort.open_matrix.open_matrix` finds out
        what it is.
    probes : Path, optional
        The table of the probes of this matrix, where the option ``probes`` names none.
    log2 : bool
        Whether its numbers become log2(x + 1) when they are read.
    part : str
        Which of several matrices of the file it is.
    """

    path: Path
    scale: str = ""
    opener: Callable[[ReadOptions, Findings], Opened] | None = None
    probes: Path | None = None
    log2: bool = False
    part: str = ""

    def open(self, options: ReadOptions, findings: Findings) -> Opened:
        """The matrix, with its names."""
        if self.opener is None:
            return open_matrix(self.path, options, findings)
        findings.files.append(self.path)
        return self.opener(options, findings)


def build_assay(
    kind: str, sources: Iterable[TableSource], links: Links, options: ReadOptions, findings: Findings
) -> tuple[NumberAssay | None, dict[str, Any]]:
    """Open every matrix of one assay.

    Returns
    -------
    assay : NumberAssay or None
        None when no matrix could be opened; the reasons are in ``findings``.
    description : dict
        Files, orientation, scale, time points, the rule for several rows of one gene, and numbers of features and
        patients, for ``strata inspect``.
    """
    tables, described = [], []
    probes: dict[str, Probes] = {}
    for source in sources:
        named = _probes_of(kind, source, options)
        if named and named not in probes:
            with findings.collecting():
                probes[named] = read_probes(replace(options, probes=named), findings)
        with findings.collecting():
            table, about = _build_table(kind, source, probes.get(named), links, options, findings)
            tables.append(table)
            described.append(about)
    if not tables:
        return None, {}
    assayed = frozenset(patient for table in tables for patient in table.assayed)
    assay = NumberAssay(kind, tuple(tables), links.patients, assayed)
    if len(tables) > 1:
        again = sum(len(table.features) for table in tables) - len(assay.features)
        order = ", ".join(table.matrix.path.name for table in tables)
        findings.note(f"{kind}: {count(again, 'feature')} in more than one table, read from the first of {order}")
    n_features = len({feature for table in tables for feature in table.positions})
    return assay, {"tables": described, "n_features": n_features, "n_patients": len(assayed)}


def _probes_of(kind: str, source: TableSource, options: ReadOptions) -> str:
    """The table of the probes of a matrix; empty where there is none."""
    return (options.probes or str(source.probes or "")) if kind == "mrna" else ""


def _build_table(
    kind: str,
    source: TableSource,
    probes: Probes | None,
    links: Links,
    options: ReadOptions,
    findings: Findings,
) -> tuple[MatrixTable, dict[str, Any]]:
    if kind == "mrna" and options.duplicate_genes == "jetset" and not _probes_of(kind, source, options):
        what = "jetset chooses among the probes of a gene, and no table of probes is given"
        raise DataError(
            Problem("duplicate_genes", what, f"Give JetSet's table: {remedy('probes', 'jetset.csv')}", code="E218")
        )
    marked = stamp(source.path)
    opened = source.open(options, findings)
    options = replace(options, na=(*options.na, *opened.missing))
    matrix = opened.matrix
    genes_in_rows, why = _orientation(matrix, links, options)
    genes, samples = (
        (matrix.row_names, matrix.column_names) if genes_in_rows else (matrix.column_names, matrix.row_names)
    )
    times = _sample_times(opened, genes_in_rows=genes_in_rows)
    problems = _name_problems(kind, matrix, genes_in_rows=genes_in_rows)
    problems += same_but_for_case(samples, source.path, options)
    picks, several = pick_samples(kind, matrix, samples, times, links, findings)
    if probes is None:
        counted = positions = _positions(kind, matrix, genes, findings)
    else:
        counted = positions = probes.positions(matrix, genes, findings)
        if options.duplicate_genes == "jetset":
            counted = probes.best(positions, genes)
    head = _our_head(opened, picks, options, genes_in_rows=genes_in_rows)
    scale, scale_why = scale_of(kind, source.path, head, options, source.scale)
    problems += several + head_problems(kind, source.path, head, options)
    if problems:
        raise DataError(problems)
    if options.cache and matrix.path == source.path:  # what is made of many files has no content of its own
        matrix = cached(matrix, marked, options, findings, source.part)
    table = MatrixTable(kind, matrix, genes_in_rows, scale, counted, picks, options, source.log2)
    about = describe(table, why, scale_why, findings)
    tell_of_names(table, genes, findings)
    for note, code in cell_notes(source.path, opened.head):
        findings.note(note, code)
    if note := linear_note(kind, source.path, scale, scale_why):
        findings.note(note, "W409")
    if scale != "gistic" and (note := sentinel_note(source.path, head)):
        findings.note(note, "W421")
    return table, about | describe_repeated(table, positions, probes, findings)


def _sample_times(opened: Opened, *, genes_in_rows: bool) -> tuple[str, ...]:
    """The time point of each sample as the table tells it; empty texts where it does not."""
    matrix = opened.matrix
    if genes_in_rows and opened.row_times:
        what = "a column of time points beside rows that are genes"
        fix = "Write one row for each patient and time point, or a long table: patient_id, timepoint, gene, value"
        raise DataError(Problem(str(matrix.path), what, fix, code="E211"))
    times = opened.column_times if genes_in_rows else opened.row_times
    return times or ("",) * len(matrix.column_names if genes_in_rows else matrix.row_names)


def _our_head(opened: Opened, picks: Picks, options: ReadOptions, *, genes_in_rows: bool) -> Floats:
    """The first rows as numbers, features in rows, with the columns of the samples that count."""
    head = head_numbers(opened.head, options)
    head = head if genes_in_rows else head.T
    counted = [place for patients in picks.values() for places in patients.values() for place in places]
    return head[:, [place for place in counted if head.ndim == 2 and place < head.shape[1]]]


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
        raise DataError(Problem(str(matrix.path), what, remedy("orientation", "genes-in-rows"), code="E211"))
    raise DataError(_no_overlap(matrix, links))


def _no_overlap(matrix: Matrix, links: Links) -> Problem:
    """The form of an id of each side is shown: without it nothing can be mended."""
    ours = f"clinical {len(links.patients):,}, such as {id_form(next(iter(links.patients), ''))}"
    columns = f"columns {len(matrix.column_names):,}, such as {id_form(matrix.column_names[0])}"
    rows = f"rows {len(matrix.row_names):,}, such as {id_form(matrix.row_names[0])}"
    what = f"no patient or sample of the clinical table is in this table ({ours}; {columns}; {rows})"
    fix = links.why_no_match(matrix.column_names) or links.why_no_match(matrix.row_names)
    return Problem(
        str(matrix.path),
        what,
        fix or "Give a table that links samples to patients: samples: in the cohort YAML",
        code="E309",
    )


def _name_problems(kind: str, matrix: Matrix, *, genes_in_rows: bool) -> list[Problem]:
    rows = [(name, f"{matrix.path}:{matrix.line(i)}") for i, name in enumerate(matrix.row_names) if not is_id(name)]
    columns = [
        (name, f"{matrix.path}: column {i + 1}") for i, name in enumerate(matrix.column_names) if not is_id(name)
    ]
    genes, samples = (rows, columns) if genes_in_rows else (columns, rows)
    # a gene without a symbol is left out and noted; a sample without an id is an error
    problems = id_problems([gene for gene in genes if gene[0]], f"{kind} feature")
    problems += id_problems(samples, "sample id")
    names = matrix.row_names if genes_in_rows else matrix.column_names
    lines = [matrix.line(i) for i in range(len(names))] if genes_in_rows else None
    return problems + spreadsheet_problems(names, matrix.path, lines)


def _positions(kind: str, matrix: Matrix, genes: Sequence[str], findings: Findings) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    controls = 0
    for place, raw in enumerate(genes):
        if raw.startswith(CONTROL):
            controls += 1
            continue
        for feature in feature_names(kind, raw):
            found.setdefault(feature, []).append(place)
    findings.exclude(f"{kind} ({matrix.path.name}): control probe", controls)
    return {feature: tuple(places) for feature, places in found.items()}


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
    return [Problem(str(path), what, f"Keep one, or say that they differ: {remedy('id_case', 'keep')}", code="E208")]
