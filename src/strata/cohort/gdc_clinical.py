"""The clinical table of the GDC portal: one row a case, and the names its columns have elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress

from strata.cohort.findings import Findings, count, listed
from strata.cohort.numbers import is_missing
from strata.cohort.table import Table

__all__ = ["CASE_COLUMNS", "one_row_a_case", "rows_of"]

CASE_COLUMNS = ("cases.submitter_id", "case_submitter_id")
"""The column of the cases, under its newer and its older name."""

_NAMES: Mapping[str, str] = {"age_at_index": "age", "age_at_diagnosis": "age_at_diagnosis_days", "sex_at_birth": "sex"}
"""GDC's names that mean something else here (its age at diagnosis is in days), or that are not known."""

_PRIMARY = {"diagnosis_is_primary_disease": "true", "classification_of_tumor": "primary"}
_LATEST = "days_to_last_follow_up"


def one_row_a_case(table: Table, findings: Findings) -> Table:
    """The clinical table with one row for each case, ``patient_id`` first, and names without the entity before them.

    The portal writes a line for each diagnosis and treatment of a case. Lines of other diagnoses than the primary are
    left out where a case has one that is marked so. Of the others a column keeps what they agree on, is unknown where
    they differ, and the last follow-up is the latest.
    """
    case = table.find(*CASE_COLUMNS)
    if case is None:
        return table
    names = _short_names(table.columns)
    place = table.columns.index(case)
    lines_of: dict[str, list[int]] = {}
    for i, row in enumerate(table.rows):
        lines_of.setdefault(row[place], []).append(i)
    other = 0
    mixed: Counter[str] = Counter()
    rows, numbers = [], []
    for case_id, all_lines in lines_of.items():
        kept = _of_the_primary(table, names, all_lines)
        other += len(all_lines) - len(kept)
        cells = zip(*(table.rows[i] for i in kept), strict=True)
        row = [_agreed(name, column, mixed) for name, column in zip(names, cells, strict=True)]
        rows.append([case_id, *row[:place], *row[place + 1 :]])
        numbers.append(table.lines[kept[0]])
    findings.exclude(f"{table.path.name}: line of another diagnosis than the primary", other)
    if len(rows) < len(table.rows):
        text = f"{table.path.name}: {count(len(table.rows), 'line')} of {count(len(rows), 'case')}, one kept for each"
        differ = listed([f"{name} ({n})" for name, n in mixed.most_common()], 8)
        findings.note(f"{text}; unknown where the lines of a case differ: {differ}" if mixed else text)
    columns = ("patient_id", *names[:place], *names[place + 1 :])
    return Table(table.path, columns, rows, numbers, table.header_line)


def _short_names(columns: Sequence[str]) -> list[str]:
    """``demographic.vital_status`` as ``vital_status``, where that is the name of one column only."""
    short = [name.rpartition(".")[2] for name in columns]
    short = [_NAMES.get(name, name) for name in short]
    n = Counter(short)
    return [name if n[name] == 1 else whole for name, whole in zip(short, columns, strict=True)]


def _of_the_primary(table: Table, names: Sequence[str], lines: list[int]) -> list[int]:
    for name, word in _PRIMARY.items():
        if name in names:
            place = names.index(name)
            if primary := [i for i in lines if table.rows[i][place].strip().casefold() == word]:
                return primary
    return lines


def _agreed(name: str, cells: Sequence[str], mixed: Counter[str]) -> str:
    known = list(dict.fromkeys(cell for cell in cells if not is_missing(cell)))
    if not known:
        return cells[0]
    if len(known) == 1:
        return known[0]
    if name == _LATEST:
        with suppress(ValueError):
            return max(known, key=float)
    mixed[name] += 1
    return ""


def rows_of(table: Table, patients: Sequence[str], findings: Findings) -> Table:
    """The rows of a table, by its first id column, that are of ``patients``; the others are counted."""
    name = table.find("bcr_patient_barcode", "patient_id", "patient")
    if name is None:
        return table
    wanted = frozenset(patients)
    kept = [i for i, patient in enumerate(table.column(name)) if patient in wanted]
    findings.exclude(
        f"{table.path.name}: line of a patient who is not in the clinical table", len(table.rows) - len(kept)
    )
    rows, lines = [table.rows[i] for i in kept], [table.lines[i] for i in kept]
    return Table(table.path, table.columns, rows, lines, table.header_line)
