"""CDISC time-to-event tables (ADTTE): one row a patient and parameter. CNSR counts the other way round: 0 is the event.

The format is CDISC's ADaM Basic Data Structure for Time-to-Event Analyses 1.0.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from strata.cohort.files import file_kind
from strata.cohort.findings import Findings, count, listed, on_lines
from strata.cohort.identifiers import clean_id, column_key
from strata.cohort.numbers import is_missing, missing_words
from strata.cohort.options import ReadOptions, remedy
from strata.cohort.table import Table, read_table, texts
from strata.errors import DataError, Problem, shown

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["endpoint_tables", "is_adtte", "read_clinical"]

_SAS = frozenset({".xpt", ".sas7bdat"})
_TINY = 1e-70
_NEEDED = ("USUBJID", "PARAMCD", "AVAL", "CNSR")
_UNIT = re.compile(r"\b(day|month|year)s?\b", re.IGNORECASE)
_OF_ROWS = re.compile(
    r"PARAM\w*|AVAL\w*|CNSR|STARTDT\w*|ADT[MF]?|ADY|EVNTDESC|CNSDTDSC|SRC\w+|\w*SEQ|A?VISIT\w*|ANL\d\dFL",
    re.IGNORECASE,
)
"""The columns that tell of the outcome or of the row; the others are the patient's."""


def is_adtte(table: Table) -> bool:
    """Whether a table has parameters with a censoring flag."""
    return table.find("PARAMCD") is not None and table.find("CNSR") is not None


def read_clinical(path: Path, options: ReadOptions, findings: Findings) -> Table:
    """A table as :func:`~strata.cohort.table.read_table` reads it, or a SAS transport file or data set, by its name.

    Raises
    ------
    InputOutputError
        When it cannot be opened.
    DataError
        When it is damaged.
    """
    if path.suffix.lower() not in _SAS:
        return read_table(path, options, findings)
    import pandas as pd

    file_kind(path, options)  # a pointer or web page is refused for what it is
    findings.files.append(path)
    try:
        frame = pd.read_sas(path, encoding=options.encoding)
    except (ValueError, UnicodeDecodeError) as error:
        fix = "Write it again as a version 5 transport file, or as CSV"
        raise DataError(Problem(str(path), f"pandas cannot read this SAS file ({error})", fix, code="E217")) from None
    cells = [_cells(frame[name]) for name in frame.columns]
    rows = [list(row) for row in zip(*cells, strict=True)]
    return Table(path, tuple(map(str, frame.columns)), rows, list(range(1, len(rows) + 1)))


def _cells(column: pd.Series[Any]) -> list[str]:
    if column.dtype.kind == "f":
        # pandas reads the zero of a transport file as 16 to the power of -65
        column = column.mask(column.abs() < _TINY, 0.0)
    return texts(column.astype(object).where(column.notna(), None))


def endpoint_tables(table: Table, options: ReadOptions, findings: Findings) -> list[Table]:
    """An ADTTE table as clinical tables: one of the columns that are the patient's, and one for each parameter.

    A parameter ``OS`` becomes the columns ``OS_MONTHS`` and ``OS_EVENT`` (1 where CNSR is 0), in the unit that AVALU or
    PARAM tells.

    Raises
    ------
    DataError
        All that is wrong: missing columns, a CNSR that is no number from 0, units that are not told or differ.
    """
    problems = _missing_columns(table)
    if problems:
        raise DataError(problems)
    patients, codes, times, flags = (table.column(table.find(name) or "") for name in _NEEDED)
    rows: dict[str, list[int]] = {}
    for i, code in enumerate(codes):
        rows.setdefault(clean_id(code), []).append(i)
    if nameless := rows.pop("", []):
        lines = on_lines([table.lines[i] for i in nameless])
        problems.append(
            Problem(str(table.path), f"{count(len(nameless), 'row')} without PARAMCD ({lines})", code="E303")
        )
    found = []
    for code, places in rows.items():
        unit = _unit(table, code, places, options, problems)
        events = _events(table, code, flags, places, options, problems)
        cells = [[patients[i], times[i], event] for i, event in zip(places, events, strict=True)]
        columns = ("USUBJID", f"{code}_{unit}".upper(), f"{code}_EVENT".upper())
        found.append(Table(table.path, columns, cells, [table.lines[i] for i in places], table.header_line))
        n = Counter(events)
        said = f"CNSR 0 is the event ({n['1']:,}), above 0 censored ({n['0']:,})"
        findings.note(f"{table.path.name}: {code} in {unit}: {said}")
    if problems:
        raise DataError(problems)
    return [_of_patients(table, patients, findings), *found]


def _missing_columns(table: Table) -> list[Problem]:
    missing = [name for name in _NEEDED if table.find(name) is None]
    if not missing:
        return []
    fix = ""
    if "AVAL" in missing and table.find("ADT") and table.find("STARTDT"):
        fix = "Add AVAL, the time from STARTDT to ADT, with its unit in AVALU: times are not computed from dates"
    what = f"no column {', no column '.join(missing)}; found {listed(table.columns, 12)}"
    return [Problem(f"{table.path}:{table.header_line}", what, fix, code="E210")]


def _unit(table: Table, code: str, places: Sequence[int], options: ReadOptions, problems: list[Problem]) -> str:
    """The unit of a parameter's times: as AVALU says, else PARAM, else the option ``time_unit``."""
    line, what = table.lines[places[0]], "neither AVALU nor PARAM tells the unit of AVAL"
    fix = remedy("time_unit", "months")
    for name in ("AVALU", "PARAM"):
        column = table.find(name)
        cells = table.column(column) if column else []
        said = dict.fromkeys(cells[i] for i in places if cells and not is_missing(cells[i]))
        found = {match[1].lower() + "s" if (match := _UNIT.search(text)) else "" for text in said}
        if len(found) == 1 and "" not in found:
            return found.pop()
        if said and name == "AVALU":
            what = f"AVALU is {listed([shown(text) for text in said])}, not one of days, months and years"
            fix = "Give all times of a parameter in one of them"
            break
    else:
        if options.time_unit:
            return options.time_unit
    problems.append(Problem(f"{table.path}:{line}: parameter {shown(code)}", what, fix, code="E217"))
    return "months"


def _events(
    table: Table,
    code: str,
    flags: Sequence[str],
    places: Sequence[int],
    options: ReadOptions,
    problems: list[Problem],
) -> list[str]:
    """1 where CNSR is 0, 0 where it is above, nothing where it is missing."""
    words = missing_words(options.na)
    meant: Mapping[str, str] = {text: _event(text.strip(), words) for text in {flags[i] for i in places}}
    strange = [i for i in places if meant[flags[i]] == "?"]
    if strange:
        values = listed([f"{shown(text)} ({n})" for text, n in Counter(flags[i] for i in strange).most_common()])
        what = f"CNSR of parameter {shown(code)} is no whole number from 0 in {count(len(strange), 'row')}: {values}"
        where = f"{table.path}:{table.lines[strange[0]]}"
        problems.append(Problem(where, what, "0 is the event, 1 and above censored", code="E504"))
    return [meant[flags[i]] for i in places]


def _event(text: str, words: frozenset[str]) -> str:
    if is_missing(text, words):
        return ""
    number = re.fullmatch(r"(\d+)(\.0*)?", text)
    return "?" if number is None else str(int(int(number[1]) == 0))


def _of_patients(table: Table, patients: Sequence[str], findings: Findings) -> Table:
    """The columns that have one value for each patient, with a row for each."""
    first: dict[str, int] = {}
    for i, patient in enumerate(patients):
        first.setdefault(clean_id(patient), i)
    columns, differ = {"USUBJID": list(patients)}, []
    for name in table.columns:
        cells = table.column(name)
        if column_key(name) == "usubjid" or _OF_ROWS.fullmatch(name):
            continue
        if all(cells[first[clean_id(patient)]] == cell for patient, cell in zip(patients, cells, strict=True)):
            columns[name] = cells
        else:
            differ.append(name)
    if differ:
        findings.note(f"{table.path.name}: not used, as they differ within patients: {listed(differ, 12)}")
    rows = [[cells[i] for cells in columns.values()] for i in first.values()]
    return Table(table.path, tuple(columns), rows, [table.lines[i] for i in first.values()], table.header_line)
