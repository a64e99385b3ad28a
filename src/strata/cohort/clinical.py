"""Clinical tables: rows become patients."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from strata.cohort.findings import Findings, count, listed
from strata.cohort.identifiers import Links, clean_id, column_key, id_problems
from strata.cohort.matrix import ID_COLUMNS
from strata.cohort.numbers import is_missing
from strata.cohort.options import ReadOptions, closest, remedy
from strata.cohort.table import Table
from strata.errors import DataError, Problem, shown

__all__ = ["Column", "PatientTable", "id_column", "link_samples", "patient_table", "row_ids"]

PATIENT_COLUMNS = ("patient_id", "patient", "bcr_patient_barcode", "_patient")
SAMPLE_COLUMNS = ("sample_id", "sample")
_TYPE_COLUMNS = ("sample_type", "sample_type_detailed")
_FOOTERS = {"total", "totals", "sum", "mean", "average", "median", "count", "n"}


@dataclass(frozen=True)
class Column:
    """A clinical column over the cohort's patients: texts, and where each comes from."""

    name: str
    path: Path
    cells: list[str]
    lines: list[int]
    """0 where the table has no row for the patient."""

    @property
    def where(self) -> str:
        """File and column, for messages."""
        return f"{self.path}: column {shown(self.name)}"

    def at(self, line: int | str) -> str:
        """File, line and column, for messages."""
        return f"{self.path}:{line}: column {shown(self.name)}"


@dataclass
class PatientTable:
    """Clinical columns over patients."""

    patients: tuple[str, ...]
    columns: dict[str, Column] = field(default_factory=dict)

    def find(self, name: str) -> Column | None:
        """A column by its name, however its words are joined and cased."""
        exact = self.columns.get(name)
        if exact is not None:
            return exact
        wanted = column_key(name)
        return next((column for other, column in self.columns.items() if column_key(other) == wanted), None)


def id_column(table: Table, options: ReadOptions) -> str:
    """The column with the patient or sample ids.

    Raises
    ------
    DataError
        When none of the known names is there; names the columns that are.
    """
    if options.id_column and (named := table.find(options.id_column)):
        return named
    found = table.find(*ID_COLUMNS)
    if found is None:
        near = closest("patient_id", [name.lower() for name in table.columns])
        example = table.columns[0] if not near.startswith("Did") else near.split("'")[1]
        spelled = table.find(example) or table.columns[0]
        what = f"no id column (one of {', '.join(ID_COLUMNS)}); found {listed(table.columns, 12)}"
        raise DataError(Problem(f"{table.path}:{table.header_line}", what, remedy("id_column", spelled)))
    return found


def link_samples(tables: Iterable[Table], findings: Findings) -> tuple[dict[str, str], dict[str, str]]:
    """Samples to patients, and samples to their types, from every table that holds both ids."""
    links: dict[str, str] = {}
    types: dict[str, str] = {}
    for table in tables:
        patient, sample = table.find(*PATIENT_COLUMNS), table.find(*SAMPLE_COLUMNS)
        if patient is None or sample is None:
            continue
        kinds = table.column(named) if (named := table.find(*_TYPE_COLUMNS)) else [""] * len(table.rows)
        for line, of, name, kind in zip(table.lines, table.column(patient), table.column(sample), kinds, strict=True):
            of, name = clean_id(of), clean_id(name)
            if not of or not name:
                continue
            if links.setdefault(name, of) != of:
                findings.problem(f"{table.path}:{line}", "this sample belongs to another patient on an earlier line")
            types.setdefault(name, kind)
    return links, types


def patient_table(tables: Sequence[Table], links: Links, findings: Findings) -> PatientTable:
    """All clinical tables as columns over the cohort's patients.

    A table with a patient column has one row a patient. A table of samples gives each patient the row of the sample
    that counts (``sample_rule``); without a rule a column in which a patient's samples differ is unknown for them.
    """
    found = PatientTable(links.patients)
    for table in tables:
        with findings.collecting():
            _add_table(found, table, links, findings)
    return found


def row_ids(table: Table, options: ReadOptions, findings: Findings) -> tuple[str, list[str]]:
    """The id column of a table and the cleaned ids of its rows; what is wrong with single ids goes to ``findings``.

    Raises
    ------
    DataError
        No id column.
    """
    name = id_column(table, options)
    ids = [clean_id(text) for text in table.column(name)]
    trimmed = sum(a != b for a, b in zip(ids, table.column(name), strict=True))
    if trimmed:
        findings.note(f"{table.path.name}: {count(trimmed, 'id')} with spaces around, trimmed")
    places = [f"{table.path}:{line}: column {shown(name)}" for line in table.lines]
    problems = id_problems(zip(ids, places, strict=True), "patient id")
    for text, place in zip(ids, places, strict=True):
        if text.casefold() in _FOOTERS:
            problems.append(Problem(place, f"{shown(text)} is not a patient: a line of totals?", "Delete the line"))
    # kept, not raised: the rest of the table is looked at too
    findings.problems += problems
    return name, ids


def _add_table(found: PatientTable, table: Table, links: Links, findings: Findings) -> None:
    options = links.options
    name, ids = row_ids(table, options, findings)
    by_patient: dict[str, list[int]] = {}
    for i, text in enumerate(ids):
        patient = links.patient(text)
        if patient is not None and not links.is_normal(text):
            by_patient.setdefault(patient, []).append(i)
    by_sample = column_key(name) in SAMPLE_COLUMNS or table.find(*SAMPLE_COLUMNS) is not None
    rows = _one_row_each(table, by_patient, ids, links, findings, by_sample=by_sample)
    id_names = {name, *(n for n in table.columns if column_key(n) in ID_COLUMNS)}
    for place, column in enumerate(table.columns):
        if column in id_names:
            continue
        values = [rows[p][place] if p in rows else "" for p in links.patients]
        lines = [table.lines[by_patient[p][0]] if p in by_patient else 0 for p in links.patients]
        _add_column(found, Column(column, table.path, values, lines), findings)


def _add_column(found: PatientTable, column: Column, findings: Findings) -> None:
    earlier = found.find(column.name)
    if earlier is None:
        found.columns[column.name] = column
        return
    differ = sum(
        a != b and not is_missing(a) and not is_missing(b) for a, b in zip(earlier.cells, column.cells, strict=True)
    )
    findings.note(
        f"column {shown(column.name)} is in {earlier.path.name} and {column.path.name}; the first is used, "
        f"{count(differ, 'patient')} differ"
    )


def _one_row_each(
    table: Table,
    by_patient: Mapping[str, list[int]],
    ids: Sequence[str],
    links: Links,
    findings: Findings,
    *,
    by_sample: bool,
) -> dict[str, list[str]]:
    """One row of cells for each patient."""
    rows: dict[str, list[str]] = {}
    same = 0
    sample_column = table.find(*SAMPLE_COLUMNS)
    samples = table.column(sample_column) if sample_column else list(ids)
    mixed: Counter[str] = Counter()
    for patient, places in by_patient.items():
        first = table.rows[places[0]]
        if all(table.rows[place] == first for place in places):
            same += len(places) - 1
            rows[patient] = first
        elif by_sample and len({samples[place] for place in places}) == len(places):
            chosen = [table.rows[places[i]] for i in links.preferred([samples[place] for place in places])]
            rows[patient] = [
                _agreed(cells, name, mixed) for name, cells in zip(table.columns, zip(*chosen), strict=True)
            ]
        else:
            findings.problems.append(_conflict(table, places))
            rows[patient] = first
    if same:
        findings.exclude(f"{table.path.name}: line identical to another of the same patient", same)
        findings.note(f"{table.path.name}: {count(same, 'line')} identical to another of the same patient; one kept")
    for column, n in mixed.items():
        if column_key(column) not in {*SAMPLE_COLUMNS, *_TYPE_COLUMNS}:
            differs = f"differs between the samples of {count(n, 'patient')}: unknown there"
            findings.note(
                f"{table.path.name}: column {shown(column)} {differs}, unless {remedy('sample_rule', 'primary')}"
            )
    return rows


def _agreed(cells: Sequence[str], name: str, mixed: Counter[str]) -> str:
    known = {cell for cell in cells if not is_missing(cell)}
    if len(known) > 1:
        mixed[name] += 1
    return known.pop() if len(known) == 1 else ""


def _conflict(table: Table, places: Sequence[int]) -> Problem:
    columns = [
        f"{name} {' / '.join(shown(table.rows[place][i]) for place in places[:3])}"
        for i, name in enumerate(table.columns)
        if len({table.rows[place][i] for place in places}) > 1
    ]
    lines = listed([table.lines[place] for place in places])
    what = f"lines {lines} are the same patient with different values: {listed(columns, 3)}"
    return Problem(str(table.path), what, "Keep one line")
