"""Ids of clinical tables: the column that holds them, and which patient and time point a sample is of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from strata.cohort.findings import Findings, count, listed
from strata.cohort.identifiers import clean_id, cleaned, cleaned_notes, id_problems, is_id, nameless_columns
from strata.cohort.matrix import ID_COLUMNS
from strata.cohort.options import ReadOptions, closest, remedy
from strata.cohort.table import Table
from strata.cohort.time_points import TIME_COLUMNS, is_known, time_point
from strata.errors import DataError, Problem, shown

__all__ = [
    "PATIENT_COLUMNS",
    "SAMPLE_COLUMNS",
    "TYPE_COLUMNS",
    "Samples",
    "cells_of",
    "first_few",
    "id_column",
    "link_samples",
    "row_ids",
    "time_points",
]

PATIENT_COLUMNS = ("patient_id", "patient", "bcr_patient_barcode", "_patient", "usubjid")
SAMPLE_COLUMNS = ("sample_id", "sample", "geo_accession")
TYPE_COLUMNS = ("sample_type", "sample_type_detailed")
_FEW = 5
_FOOTERS = {"total", "totals", "sum", "mean", "average", "median", "count", "n"}


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
        names = listed(nameless_columns(table.columns, table.columns), 12)
        what = f"no id column (one of {', '.join(ID_COLUMNS)}); found {names}"
        raise DataError(Problem(f"{table.path}:{table.header_line}", what, remedy("id_column", spelled), code="E210"))
    return found


@dataclass
class Samples:
    """What the tables say about samples: of which patient each is, of which type, and from which time point."""

    patients: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    time_points: dict[str, str] = field(default_factory=dict)


def link_samples(tables: Iterable[Table], findings: Findings) -> Samples:
    """The samples of every table that holds both ids."""
    found = Samples()
    for table in tables:
        moved, retimed = [], []
        patient, sample = table.find(*PATIENT_COLUMNS), table.find(*SAMPLE_COLUMNS)
        if patient is None or sample is None:
            continue
        types, (_, times) = cells_of(table, TYPE_COLUMNS), time_points(table, table.column(patient))
        rows = zip(table.lines, table.column(patient), table.column(sample), types, times, strict=True)
        for line, of, name, kind, time in rows:
            of, name = clean_id(of), clean_id(name)
            if not of or not name:
                continue
            where = f"{table.path}:{line}"
            if found.patients.setdefault(name, of) != of:
                moved.append(Problem(where, "this sample belongs to another patient on an earlier line", code="E322"))
            if time and found.time_points.setdefault(name, time) != time:
                two = f"at {shown(time)} here and at {shown(found.time_points[name])} on another line"
                retimed.append(Problem(where, f"this sample is {two}", code="E322"))
            found.types.setdefault(name, kind)
        findings.problems += first_few(moved, table.path, "more sample", "of another patient on an earlier line")
        findings.problems += first_few(retimed, table.path, "more sample", "at another time point on another line")
    return found


def time_points(table: Table, ids: Sequence[str]) -> tuple[str, list[str]]:
    """The column of time points, empty when there is none, and the time point of each row, of patient ``ids[i]``.

    A column (called visit, say) tells nothing of time when no patient has two rows and none of its words is known.
    """
    times = [time_point(cell) for cell in cells_of(table, TIME_COLUMNS)]
    if any(times) and (len(set(ids)) < len(ids) or any(map(is_known, times))):
        return table.find(*TIME_COLUMNS) or "", times
    return "", [""] * len(times)


def cells_of(table: Table, names: Sequence[str]) -> list[str]:
    """The cells of the first of the columns; empty where the table has none."""
    column = table.find(*names)
    return table.column(column) if column else [""] * len(table.rows)


def row_ids(table: Table, options: ReadOptions, findings: Findings) -> tuple[str, list[str]]:
    """The id column of a table and the cleaned ids of its rows; what is wrong with single ids goes to ``findings``.

    Raises
    ------
    DataError
        No id column.
    """
    name = id_column(table, options)
    ids = [clean_id(text) for text in table.column(name)]
    for note in cleaned_notes(table.path.name, "id", cleaned(table.column(name), ids)):
        findings.note(*note)
    odd = [i for i, text in enumerate(ids) if not is_id(text) or text.casefold() in _FOOTERS]
    places = {i: f"{table.path}:{table.lines[i]}: column {shown(name)}" for i in odd}
    problems = id_problems([(ids[i], places[i]) for i in odd], "patient id")
    problems += [
        Problem(places[i], f"{shown(ids[i])} is not a patient: a line of totals?", "Delete the line", code="E214")
        for i in odd
        if ids[i].casefold() in _FOOTERS
    ]
    # kept, not raised: the rest of the table is looked at too
    findings.problems += first_few(problems, table.path, "more line", f"whose {shown(name)} names no patient")
    return name, ids


def first_few(problems: Sequence[Problem], path: Path, noun: str, what: str) -> list[Problem]:
    """The first five of problems that many lines may share, and one that counts the others: ``noun`` and ``what``."""
    more = len(problems) - _FEW
    counted = [Problem(str(path), f"{count(more, noun)} {what}", code=problems[0].code)] if more > 0 else []
    return [*problems[:_FEW], *counted]
