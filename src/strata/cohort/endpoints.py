"""Endpoints: which columns are a time and its event, and what times cannot be."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast, get_args

import numpy as np
import pandas as pd

from strata.cohort.clinical import Column, PatientTable
from strata.cohort.endpoint_columns import EndpointColumns
from strata.cohort.event_words import event_codes, event_key, spelled
from strata.cohort.findings import Findings, count, listed, on_lines
from strata.cohort.marker_times import is_marker_time, late_marker, marker_time_column
from strata.cohort.model import MONTHS_PER, Endpoint, TimeUnit
from strata.cohort.numbers import BadNumbers, Floats, missing_words, parse_numbers
from strata.cohort.options import ReadOptions, closest, cohort_key, remedy
from strata.cohort.table import Table
from strata.errors import shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["find_endpoints", "refuse_cnsr"]

_TIME = re.compile(r"(?P<name>.+)[_. ](?P<unit>months|days|years)|(?P<bare>.+)(?P<mark>[_.])time", re.IGNORECASE)
_MANY = 20
"""Patients from which on what all have in common is worth a note, and different times below which ties are heavy."""
_CENTURY_IN: Mapping[str, float] = {"days": 36525.0, "months": 1200.0, "years": 100.0}


@dataclass(frozen=True, slots=True)
class _Pair:
    name: str
    time: Column
    event: Column
    unit: str
    declared: bool
    entry: Column | None = None
    competing: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    """Further columns of the same endpoint."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the endpoint is made of."""
        return (*self.time.name.split(_OR), self.event.name, *([self.entry.name] if self.entry else []))


def find_endpoints(
    table: PatientTable, declared: Mapping[str, EndpointColumns], options: ReadOptions, findings: Findings
) -> tuple[dict[str, Endpoint], dict[str, Any], set[str]]:
    """The endpoints of a clinical table.

    Parameters
    ----------
    table : PatientTable
    declared : mapping of name to EndpointColumns
        From the cohort YAML; these are taken first.
    options : ReadOptions
    findings : Findings
        Takes the problems: unknown event words, negative or infinite times, dates, units that contradict each other.

    Returns
    -------
    endpoints : dict of name to Endpoint
    description : dict
        Columns, unit, counts and event words of each.
    used : set of str
        The columns that belong to endpoints.
    """
    pairs = _declared_pairs(table, declared, options, findings)
    pairs |= _named_pairs(table, set(pairs), options, findings)
    if "OS" not in pairs and (overall := _two_day_columns(table, options, findings)):
        pairs["OS"] = overall
    _check_units(list(pairs.values()), options, findings)
    endpoints, described, used = {}, {}, set()
    measured = marker_time_column(table)
    for pair in pairs.values():
        endpoint, about = _endpoint(pair, table.patients, measured, options, findings)
        used |= set(pair.columns)
        if endpoint is not None:
            endpoints[pair.name], described[pair.name] = endpoint, about
    _compare_with_os(pairs, endpoints, findings)
    return endpoints, described, used


def _declared_pairs(
    table: PatientTable, declared: Mapping[str, EndpointColumns], options: ReadOptions, findings: Findings
) -> dict[str, _Pair]:
    pairs = {}
    for name, columns in declared.items():
        found = {}
        for role in ("time", "event", "entry"):
            wanted = getattr(columns, role)
            found[role] = table.find(wanted)
            if found[role] is None and wanted:
                what = f"endpoint {name}: no column {shown(wanted)} in the clinical tables"
                findings.problem(
                    columns.where or cohort_key("endpoints"), what, closest(wanted, table.columns), code="E210"
                )
        time, event, entry = found["time"], found["event"], found["entry"]
        if time is None or event is None or (columns.entry and entry is None):
            continue
        if time is event:
            findings.problem(
                time.where,
                f"endpoint {name}: the event column is the time column",
                cohort_key("endpoints"),
                code="E509",
            )
            continue
        named = _named_unit(time.name)
        if columns.unit and named and columns.unit != named:
            what = f"endpoint {name}: the column's name ({time.name}) says {named}, its unit says {columns.unit}"
            findings.problem(
                columns.where or time.where, what, f"Correct unit: under {cohort_key('endpoints')}", code="E513"
            )
            continue
        unit = columns.unit or _unit(time.name, options)
        pairs[name.upper()] = _Pair(name.upper(), time, event, unit, bool(columns.unit), entry, columns.competing)
    return pairs


def _named_unit(column: str) -> str:
    """The unit a column's name says: months for ``os_months``."""
    match = _TIME.fullmatch(column)
    return (match["unit"] or "").lower() if match else ""


def _unit(column: str, options: ReadOptions) -> str:
    """The unit of a time column: as its name says, else as declared, else days for TCGA's ``OS.time``, else unknown."""
    match = _TIME.fullmatch(column)
    custom = "days" if match and match["mark"] == "." else ""
    return _named_unit(column) or options.time_unit or custom


def _named_pairs(table: PatientTable, known: set[str], options: ReadOptions, findings: Findings) -> dict[str, _Pair]:
    """Pairs of columns by name: ``<name>_months|_days|_years|.time`` with ``<name>_event|_status`` or ``<name>``."""
    pairs: dict[str, _Pair] = {}
    alone = []
    for column in table.columns.values():
        match = _TIME.fullmatch(column.name)
        if match is None or is_marker_time(column.name):
            continue
        stem = match["name"] or match["bare"]
        unit = _unit(column.name, options)
        name = stem.upper()
        if name in known:
            continue
        spellings = (f"{stem}_event", f"{stem}_status")
        events = [event for key in spellings if (event := table.find(key))]
        if match["bare"] and not events and (bare := table.find(stem)):
            events = [bare]
        if not events or not unit:
            alone.append(column.name)
            if events:
                findings.note(f"column {column.name} tells no unit, so it is not used; {remedy('time_unit', 'months')}")
        elif name in pairs:
            findings.note(f"endpoint {name}: column {pairs[name].time.name} is used; {column.name} is not")
            pairs[name] = replace(pairs[name], unused=(*pairs[name].unused, column.name))
        else:
            others = tuple(other.name for other in events[1:])
            pairs[name] = _Pair(name, column, events[0], unit, declared=False, unused=others)
            _compare_events(name, events, options, findings)
    used = {pair.event.name for pair in pairs.values()}
    alone += [c for c in table.columns if re.fullmatch(r".+[_.]event", c, re.IGNORECASE) and c not in used]
    named = {column for column in alone if not column.casefold().startswith("age")}
    if named:
        text = f"columns without a partner for an endpoint: {listed(sorted(named))}"
        findings.note(f"{text}; name pairs under {cohort_key('endpoints')}")
    return pairs


_OR = " or "
_DEATH_COUNTS = frozenset({"DFS", "RFS", "PFS"})
"""Endpoints whose event is the disease or death, by their definition."""


def _two_day_columns(table: PatientTable, options: ReadOptions, findings: Findings) -> _Pair | None:
    """OS as TCGA gives it: ``vital_status`` with ``days_to_death`` of the dead and the last follow-up of the others."""
    status, death = table.find("vital_status"), table.find("days_to_death")
    last = table.find("days_to_last_followup") or table.find("days_to_last_follow_up")
    if status is None or death is None or last is None:
        return None
    dead = event_codes(status, options, Findings())[0]
    cells = [d if event else f for event, d, f in zip(dead, death.cells, last.cells, strict=True)]
    name = f"{death.name}{_OR}{last.name}"
    findings.note(f"endpoint OS: {death.name} of the dead, {last.name} of the others, by {status.name}")
    return _Pair("OS", Column(name, death.path, cells, death.lines), status, "days", declared=False)


def _check_units(pairs: Sequence[_Pair], options: ReadOptions, findings: Findings) -> None:
    """The option is for columns whose names tell no unit; where there are none, it contradicts those that tell one."""
    undeclared = [pair for pair in pairs if not pair.declared]
    if not options.time_unit or not all(_named_unit(pair.time.name) for pair in undeclared):
        return
    for pair in undeclared:
        if pair.unit != options.time_unit:
            what = f"the column's name says {pair.unit}, the option time_unit says {options.time_unit}"
            fix = f"Leave time_unit out, or name the unit under {cohort_key('endpoints')}"
            findings.problem(pair.time.where, what, fix, code="E513")


def _compare_events(name: str, events: Sequence[Column], options: ReadOptions, findings: Findings) -> None:
    for other in events[1:]:
        ours = event_codes(events[0], options, Findings())[0]
        theirs = event_codes(other, options, Findings())[0]
        differ = sum(a is not None and b is not None and a != b for a, b in zip(ours, theirs, strict=True))
        disagrees = f"{other.name} disagrees in {count(differ, 'patient')}"
        findings.note(f"endpoint {name}: column {events[0].name} is the event; {disagrees}")


def refuse_cnsr(tables: Sequence[Table], options: ReadOptions, findings: Findings) -> None:
    """CDISC's censoring flag counts the other way round from every event column, so it is never guessed."""
    for table in tables:
        column = table.find("CNSR")
        if column is None or "0" in options.event_values:
            continue
        where = f"{table.path}:{table.header_line}: column {shown(column)}"
        fix = f"Name it under {cohort_key('endpoints')}, and {remedy('event_values', '0')}"
        findings.problem(where, "a CDISC censoring flag (0 = event)", fix, code="E508")


def _endpoint(
    pair: _Pair, patients: Sequence[str], measured: Column | None, options: ReadOptions, findings: Findings
) -> tuple[Endpoint | None, dict[str, Any]]:
    unit = pair.unit
    if unit not in get_args(TimeUnit):
        findings.problem(
            pair.time.where, "the unit of this time is not known", remedy("time_unit", "months"), code="E526"
        )
        return None, {}
    before = len(findings.problems)
    times = _times(pair.time, options, findings)
    event_column, competing = _without_competing(pair, findings)
    codes, words = event_codes(event_column, options, findings)
    _check_size(pair, unit, times, findings)
    entries = None if pair.entry is None else _entries(pair.entry, pair.time, times, unit, options, findings)
    if len(findings.problems) > before:
        return None, {}
    index = pd.Index(patients, name="patient", dtype=str)
    happened = np.array([code is True for code in codes], dtype=bool)
    told = competing | np.array([code is not None for code in codes], dtype=bool)
    mapped = spelled(words)
    definition = f"time: {pair.time.name} ({unit}) and event: {pair.event.name} of {pair.event.path.name}; {mapped}"
    known = np.isfinite(times) & told
    if pair.entry is not None and entries is not None:
        definition += f"; at risk from {pair.entry.name} on"
        without = int((known & np.isnan(entries)).sum())
        findings.note(
            f"endpoint {pair.name}: delayed entry ({pair.entry.name}), unknown in {count(without, 'patient')}"
        )
        known &= np.isfinite(entries)
    if pair.competing:
        words_of_it = listed([shown(word, limit=40) for word in pair.competing])
        said = f"competing: {words_of_it} ({int((competing & known).sum())})"
        definition += f"; {said}"
        findings.note(f"endpoint {pair.name}: {said}")
    late = None if measured is None or pair.entry else _marker_times(measured, unit, options)
    if measured is not None and late is not None and (n_late := int((known & (late > 0)).sum())):
        text, code = late_marker(measured.name, n_late)
        findings.note(f"endpoint {pair.name}: {text}", code)
    n_events = int((happened & known).sum())
    _tell(pair.name, times, known, told, happened, mapped, findings)
    about = {
        "time": pair.time.name,
        "event": pair.event.name,
        "unit": unit,
        "n": int(known.sum()),
        "n_events": n_events,
        "event_words": words["event"],
        "censored_words": words["censored"],
        "definition": definition,
    }
    series = pd.Series(times, index=index)
    event = pd.Series(pd.arrays.BooleanArray(happened, ~told), index=index)
    entry = None if entries is None else pd.Series(entries, index=index)
    others = pd.Series(competing, index=index, dtype="boolean") if pair.competing else None
    marker_time = None if measured is None or late is None else pd.Series(late, index=index, name=measured.name)
    return Endpoint(
        pair.name,
        series,
        event,
        cast("TimeUnit", unit),
        definition,
        entry,
        others,
        pair.competing,
        (*pair.columns, *pair.unused),
        marker_time,
    ), about


def _without_competing(pair: _Pair, findings: Findings) -> tuple[Column, NDArray[np.bool_]]:
    """The event column without its competing events, and who has one."""
    cells = pair.event.cells
    if not pair.competing:
        return pair.event, np.zeros(len(cells), dtype=bool)
    wanted = {event_key(word) for word in pair.competing}
    key_of = {text: event_key(text) for text in set(cells)}
    competing = np.array([key_of[text] in wanted for text in cells], dtype=bool)
    if gone := [word for word in pair.competing if event_key(word) not in key_of.values()]:
        what = f"endpoint {pair.name}: no competing event {listed([shown(word) for word in gone])}"
        findings.problem(pair.event.where, what, f"Correct competing: under {cohort_key('endpoints')}", code="E527")
    left = ["" if other else text for text, other in zip(cells, competing.tolist(), strict=True)]
    return replace(pair.event, cells=left), competing


def _entries(column: Column, end: Column, times: Floats, unit: str, options: ReadOptions, findings: Findings) -> Floats:
    """Times of entry in ``unit``; one that is not before the end of follow-up is a mistake in one of the two."""
    entries = _times(column, options, findings) * _factor(column, unit)
    late = np.flatnonzero(entries >= times)
    if late.size:
        lines = [column.lines[i] for i in late]
        what = f"{count(late.size, 'entry', 'entries')} at or after the time in {end.name} ({on_lines(lines)})"
        fix = "Correct them, or blank the entry or the time of patients who were never under observation"
        findings.problem(column.at(lines[0]), what, fix, code="E520")
    return entries


def _times(column: Column, options: ReadOptions, findings: Findings) -> Floats:
    bad = BadNumbers()
    times = parse_numbers(column.cells, bad, column.lines, missing=missing_words(options.na), decimal=options.decimal)
    for i in np.flatnonzero(times < 0):
        bad.add(column.cells[i], column.lines[i], "negative")
    findings.problems += bad.problems(column.path, column.name)
    return times


def _marker_times(column: Column, unit: str, options: ReadOptions) -> Floats:
    """When the marker was measured, in ``unit``; NaN where the cell is no number, which no result depends on."""
    missing = missing_words(options.na)
    times = parse_numbers(column.cells, BadNumbers(), missing=missing, decimal=options.decimal)
    return times * _factor(column, unit)


def _factor(column: Column, unit: str) -> float:
    """From the unit that a column's name says to ``unit``."""
    return MONTHS_PER[_named_unit(column.name) or unit] / MONTHS_PER[unit]


def _check_size(pair: _Pair, unit: str, times: Floats, findings: Findings) -> None:
    finite = times[np.isfinite(times)]
    century = _CENTURY_IN[unit]
    if not len(finite) or finite.max() <= century / 2:
        return
    middle = float(np.median(finite))
    if middle > century:
        what = f"the median of {middle:,.0f} {unit} is {middle / century * 100:.0f} years: another unit?"
        fix = f"Give the unit under {cohort_key('endpoints')}"
        findings.problem(pair.time.where, what, fix, code="E514")
    else:
        findings.note(
            f"endpoint {pair.name}: the longest time is {finite.max():,.0f} {unit}; is that the unit?", "W514"
        )


def _tell(
    name: str,
    times: Floats,
    known: NDArray[np.bool_],
    told: NDArray[np.bool_],
    happened: NDArray[np.bool_],
    mapped: str,
    findings: Findings,
) -> None:
    n, n_events = int(known.sum()), int((happened & known).sum())
    findings.note(f"endpoint {name}: {count(n, 'patient')}, {count(n_events, 'event')}; {mapped}")
    some = np.isfinite(times) | told
    half = int((some & ~known).sum())
    if half:
        findings.note(
            f"endpoint {name}: {count(half, 'patient')} with a time or an event but not both; left out", "W503"
        )
    if n > _MANY and n_events == n:
        findings.note(f"endpoint {name}: all {n} patients have the event; is the event column right?", "W511")
    if n and n_events == 0:
        findings.note(f"endpoint {name}: no event; curves can be drawn, nothing can be tested", "W512")
    at_zero = known & (times == 0)
    if at_zero.any():
        with_event = int((happened & at_zero).sum())
        findings.note(
            f"endpoint {name}: {count(int(at_zero.sum()), 'patient')} with time 0, kept; {with_event} with the event",
            "W502",
        )
    different = len(np.unique(times[known]))
    if n >= _MANY and different * 2 < n and different < _MANY:
        findings.note(f"endpoint {name}: only {different} different times for {n} patients: heavy ties (Efron)", "W523")


def _compare_with_os(pairs: Mapping[str, _Pair], endpoints: Mapping[str, Endpoint], findings: Findings) -> None:
    """Nobody is free of disease after death; rounded to months, nobody is by more than half a month."""
    overall = endpoints.get("OS")
    for name in ("DFS", "RFS", "DFI", "PFS", "PFI"):
        other = endpoints.get(name)
        if overall is None or other is None:
            continue
        longer = np.flatnonzero(other.in_months().time > overall.in_months().time + 0.5)
        if longer.size:
            column = pairs[name].time
            lines = [column.lines[i] for i in longer]
            what = f"{count(longer.size, 'time')} longer than the one of OS ({on_lines(lines)})"
            findings.problem(column.at(lines[0]), what, "Correct one of the two", code="E518")
        if name in _DEATH_COUNTS:
            deaths = int((overall.event & ~other.event).sum())
            if deaths:
                how = "the event of it is taken as given, so it is a time to recurrence"
                findings.note(f"endpoint {name}: {count(deaths, 'patient')} died without its event; {how}", "W519")
