"""Clinical tables: rows become patients."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from strata.cohort.clinical_ids import SAMPLE_COLUMNS, TYPE_COLUMNS, cells_of, first_few, row_ids, time_points
from strata.cohort.findings import Findings, count, listed
from strata.cohort.identifiers import Links, column_key, id_form, nameless
from strata.cohort.matrix import ID_COLUMNS
from strata.cohort.numbers import is_missing
from strata.cohort.options import remedy
from strata.cohort.table import Table
from strata.cohort.time_points import BASELINE
from strata.errors import Problem, shown

__all__ = ["Column", "PatientTable", "patient_table"]


@dataclass(frozen=True)
class Column:
    """A clinical column over the cohort's patients: texts, and where each comes from."""

    name: str
    path: Path
    cells: list[str]
    lines: list[int]
    """0 where the table has no row for the patient."""
    timed: bool = False
    """Whether the table has time points, of which this is the patient's plain value."""

    @property
    def where(self) -> str:
        """File and column, for messages."""
        return f"{self.path}: column {shown(self.name)}"

    def at(self, line: int | str) -> str:
        """File, line and column, for messages."""
        return f"{self.path}:{line}: column {shown(self.name)}"


@dataclass
class PatientTable:
    """Clinical columns over patients, and the same at each time point."""

    patients: tuple[str, ...]
    columns: dict[str, Column] = field(default_factory=dict)
    at_times: dict[str, PatientTable] = field(default_factory=dict)
    _by_key: dict[str, Column] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        for column in self.columns.values():
            self.add(column)

    def add(self, column: Column) -> None:
        """One more column, under its name."""
        self.columns[column.name] = column
        self._by_key.setdefault(column_key(column.name), column)

    def find(self, name: str) -> Column | None:
        """A column by its name, however its words are joined and cased; the first where there are several."""
        return self.columns.get(name) or self._by_key.get(column_key(name))


def patient_table(tables: Sequence[Table], links: Links, findings: Findings) -> PatientTable:
    """All clinical tables as columns over the cohort's patients.

    A table with a patient column has one row a patient, or one a patient and time point. A table of samples gives each
    patient the row of the sample that counts (``sample_rule``); without a rule a column in which a patient's samples of
    one time point differ is unknown for them.

    The plain columns of a table with time points are the rows without a time point, else those at ``pre``; a column
    that never differs between the time points of a patient is the patient's, wherever it is known. A table without time
    points goes first.
    """
    found = PatientTable(links.patients)
    opened: list[_Rows] = []
    for table in tables:
        with findings.collecting():
            opened.append(_rows(table, links, findings))
    for rows in sorted(opened, key=lambda rows: rows.timed):
        _add_rows(found, rows, links, findings)
    return found


@dataclass(frozen=True)
class _Rows:
    """A clinical table with the rows of each patient at each time point; the empty time point is none."""

    table: Table
    skipped: frozenset[str]
    """Columns of ids and time points."""
    rows: Mapping[str, Mapping[str, list[str]]]
    lines: Mapping[str, Mapping[str, int]]

    @property
    def timed(self) -> bool:
        """Whether a row has a time point."""
        return any(self.rows)

    def column(self, name: str, time: str, patients: Sequence[str]) -> Column:
        """A column at one time point over the patients."""
        place = self.table.columns.index(name)
        rows, lines = self.rows[time], self.lines[time]
        cells = [rows[p][place] if p in rows else "" for p in patients]
        return Column(name, self.table.path, cells, [lines.get(p, 0) for p in patients])


def _rows(table: Table, links: Links, findings: Findings) -> _Rows:
    name, ids = row_ids(table, links.options, findings)
    time_column, times = time_points(table, ids)
    samples = cells_of(table, SAMPLE_COLUMNS)
    times = [time or links.time_of(sample) for time, sample in zip(times, samples, strict=True)]
    places: dict[str, dict[str, list[int]]] = {}
    for i, text in enumerate(ids):
        patient = links.patient(text)
        if patient is not None and not links.is_normal(text):
            places.setdefault(times[i], {}).setdefault(patient, []).append(i)
    places = places or {"": {}}
    by_sample = column_key(name) in SAMPLE_COLUMNS or table.find(*SAMPLE_COLUMNS) is not None
    rows = {
        time: _one_row_each(table, by_patient, ids, links, findings, time=time, by_sample=by_sample)
        for time, by_patient in places.items()
    }
    lines = {time: {p: table.lines[at[0]] for p, at in by_patient.items()} for time, by_patient in places.items()}
    if any(times):
        found = listed([f"{time or 'none'} ({count(len(rows[time]), 'patient')})" for time in rows], 12)
        findings.note(f"{table.path.name}: time points {found}, from {time_column or 'the samples'}")
    ids_and_time = {name, time_column, *(n for n in table.columns if column_key(n) in ID_COLUMNS)}
    return _Rows(table, frozenset(ids_and_time), rows, lines)


def _add_rows(found: PatientTable, rows: _Rows, links: Links, findings: Findings) -> None:
    for name in rows.table.columns:
        if name in rows.skipped:
            continue
        columns = {time: rows.column(name, time, links.patients) for time in rows.rows}
        if not rows.timed:
            _add_column(found, columns[""], findings)
            continue
        for time, column in columns.items():
            if time and not all(map(is_missing, column.cells)):
                _add_column(found.at_times.setdefault(time, PatientTable(links.patients)), column, findings)
        plain = _plain(columns)
        if not all(map(is_missing, plain.cells)):
            _add_column(found, plain, findings)


def _plain(columns: Mapping[str, Column]) -> Column:
    """A patient's own values of a column with time points, empty where there are none."""
    by_patient = list(zip(*(column.cells for column in columns.values()), strict=True))
    known = [[cell for cell in cells if not is_missing(cell)] for cells in by_patient]
    times = [time for time in ("", BASELINE) if time in columns]
    if any(len(cells) > 1 for cells in known) and all(len(set(cells)) <= 1 for cells in known):
        times += [time for time in columns if time not in times]
    chosen = [
        next((time for time in times if not is_missing(columns[time].cells[i])), None) for i in range(len(by_patient))
    ]
    cells = ["" if time is None else columns[time].cells[i] for i, time in enumerate(chosen)]
    lines = [0 if time is None else columns[time].lines[i] for i, time in enumerate(chosen)]
    first = next(iter(columns.values()))
    return Column(first.name, first.path, cells, lines, timed=True)


def _add_column(found: PatientTable, column: Column, findings: Findings) -> None:
    earlier = found.find(column.name)
    if earlier is None:
        found.add(column)
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
    time: str,
    by_sample: bool,
) -> dict[str, list[str]]:
    """One row of cells for each patient."""
    rows: dict[str, list[str]] = {}
    same = 0
    sample_column = table.find(*SAMPLE_COLUMNS)
    samples = table.column(sample_column) if sample_column else list(ids)
    mixed: Counter[str] = Counter()
    conflicts: list[list[int]] = []
    for patient, places in by_patient.items():
        first = table.rows[places[0]]
        if len(places) == 1 or all(table.rows[place] == first for place in places):
            same += len(places) - 1
            rows[patient] = first
        elif by_sample and len({samples[place] for place in places}) == len(places):
            chosen = [table.rows[places[i]] for i in links.preferred([samples[place] for place in places])]
            rows[patient] = [
                _agreed(cells, name, mixed) for name, cells in zip(table.columns, zip(*chosen), strict=True)
            ]
        else:
            conflicts.append(places)
            rows[patient] = first
    more = f"with lines that differ at {shown(time)}" if time else "with lines that differ"
    problems = [_conflict(table, places, time) for places in conflicts]
    findings.problems += first_few(problems, table.path, "more patient", more)
    if same:
        findings.exclude(f"{table.path.name}: line identical to another of the same patient", same)
        findings.note(
            f"{table.path.name}: {count(same, 'line')} identical to another of the same patient; one kept", "W311"
        )
    for column, n in mixed.items():
        if column_key(column) not in {*SAMPLE_COLUMNS, *TYPE_COLUMNS}:
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


def _cells_told(table: Table, column: int, places: Sequence[int]) -> list[str]:
    """Some cells of a column; their forms where they may name somebody: ids, and words of more than a vocabulary."""
    cells = [table.rows[place][column] for place in places]
    words = Counter(row[column] for row in table.rows)
    hidden = column_key(table.columns[column]).endswith(("id", "barcode", "sample", "patient", "mrn", "name"))
    hidden |= nameless(words) != words and any(map(str.isalpha, "".join(cells)))
    return [id_form(cell) if hidden else shown(cell) for cell in cells]


def _conflict(table: Table, places: Sequence[int], time: str) -> Problem:
    apart = [i for i in range(len(table.columns)) if len({table.rows[place][i] for place in places}) > 1]
    columns = [f"{table.columns[i]} {' / '.join(_cells_told(table, i, places[:3]))}" for i in apart]
    lines = listed([table.lines[place] for place in places])
    same = f"the same patient at {shown(time)}" if time else "the same patient"
    what = f"lines {lines} are {same} with different values: {listed(columns, 3)}"
    return Problem(str(table.path), what, "Keep one line", code="E312")
