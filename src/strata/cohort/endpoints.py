"""Endpoints: which columns are a time and its event, what the words mean, and what times cannot be."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast, get_args

import numpy as np
import pandas as pd

from strata.cohort.clinical import Column, PatientTable
from strata.cohort.endpoint_columns import EndpointColumns
from strata.cohort.findings import Findings, count, listed
from strata.cohort.model import Endpoint, TimeUnit
from strata.cohort.numbers import BadNumbers, Floats, is_missing, missing_words, parse_numbers
from strata.cohort.options import ReadOptions, closest, cohort_key, remedy
from strata.cohort.table import Table
from strata.errors import shown

__all__ = ["CENSORED_WORDS", "EVENT_WORDS", "find_endpoints", "refuse_cnsr"]

EVENT_WORDS = frozenset(
    [
        "1",
        "true",
        "t",
        "yes",
        "y",
        "event",
        "dead",
        "deceased",
        "died",
        "death",
        "dead of disease",
        "died of disease",
        "recurred",
        "recurrence",
        "relapsed",
        "relapse",
        "progressed",
        "progression",
        "recurred/progressed",
        "recurred or progressed",
        "metastasis",
    ]
)
"""Words that mean the event was seen, in any case; so does anything that begins with ``1:``."""

CENSORED_WORDS = frozenset(
    [
        "0",
        "false",
        "f",
        "no",
        "n",
        "censored",
        "censor",
        "alive",
        "living",
        "no event",
        "event free",
        "diseasefree",
        "disease free",
        "disease-free",
        "not recurred",
        "not progressed",
        "progression free",
        "progressionfree",
        "progression-free",
        "recurrence free",
        "no recurrence",
        "no relapse",
        "relapse free",
    ]
)
"""Words that mean the end of follow-up without the event; so does anything that begins with ``0:``."""

_TIME = re.compile(r"(?P<name>.+)[_. ](?P<unit>months|days|years)|(?P<bare>.+)[_.]time", re.IGNORECASE)
_CENTURY_IN: Mapping[str, float] = {"days": 36525.0, "months": 1200.0, "years": 100.0}


@dataclass(frozen=True, slots=True)
class _Pair:
    name: str
    time: Column
    event: Column
    unit: str
    declared: bool
    entry: Column | None = None


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
    pairs = _declared_pairs(table, declared, findings)
    pairs |= _named_pairs(table, {pair.name for pair in pairs.values()}, options, findings)
    endpoints, described, used = {}, {}, set()
    for pair in pairs.values():
        endpoint, about = _endpoint(pair, table.patients, options, findings)
        used |= {pair.time.name, pair.event.name}
        if endpoint is not None:
            endpoints[pair.name], described[pair.name] = endpoint, about
    _compare_dfs_with_os(endpoints, findings)
    return endpoints, described, used


def _declared_pairs(
    table: PatientTable, declared: Mapping[str, EndpointColumns], findings: Findings
) -> dict[str, _Pair]:
    pairs = {}
    for name, columns in declared.items():
        found = {}
        for role in ("time", "event", "entry"):
            wanted = getattr(columns, role)
            found[role] = table.find(wanted) if wanted else None
            if wanted and found[role] is None:
                what = f"endpoint {name}: no column {shown(wanted)} in the clinical tables"
                findings.problem(cohort_key("endpoints"), what, closest(wanted, table.columns))
        time, event = found["time"], found["event"]
        if time is None or event is None:
            continue
        if time is event:
            findings.problem(
                time.where, f"endpoint {name}: the event column is the time column", cohort_key("endpoints")
            )
            continue
        unit = columns.unit or _unit_in_name(time.name)
        pairs[name.upper()] = _Pair(name.upper(), time, event, unit, bool(columns.unit), found["entry"])
    return pairs


def _unit_in_name(column: str) -> str:
    match = _TIME.fullmatch(column)
    return (match["unit"] or "days").lower() if match else ""


def _named_pairs(table: PatientTable, known: set[str], options: ReadOptions, findings: Findings) -> dict[str, _Pair]:
    """Pairs of columns by name: ``<name>_months|_days|_years|.time`` with ``<name>_event|_status`` or ``<name>``."""
    pairs: dict[str, _Pair] = {}
    alone = []
    for column in table.columns.values():
        match = _TIME.fullmatch(column.name)
        if match is None:
            continue
        stem = match["name"] or match["bare"]
        unit = (match["unit"] or options.time_unit or "days").lower()
        name = stem.upper()
        if name in known:
            continue
        spellings = (f"{stem}_event", f"{stem}.event", f"{stem}_status", f"{stem}.status", f"{stem} status")
        events = [event for key in spellings if (event := table.find(key))]
        if match["bare"] and not events and (bare := table.find(stem)):
            events = [bare]
        if not events:
            alone.append(column.name)
        elif name in pairs:
            findings.note(f"endpoint {name}: column {pairs[name].time.name} is used; {column.name} is not")
        else:
            if match["unit"]:
                _check_unit(column, unit, options, findings)
            pairs[name] = _Pair(name, column, events[0], unit, declared=False)
            _compare_events(name, events, options, findings)
    used = {pair.event.name for pair in pairs.values()}
    alone += [c for c in table.columns if re.fullmatch(r".+[_.]event", c, re.IGNORECASE) and c not in used]
    named = {column for column in alone if not column.casefold().startswith("age")}
    if named:
        text = f"columns without a partner for an endpoint: {listed(sorted(named))}"
        findings.note(f"{text}; name pairs under {cohort_key('endpoints')}")
    return pairs


def _check_unit(column: Column, unit: str, options: ReadOptions, findings: Findings) -> None:
    if options.time_unit and options.time_unit != unit:
        what = f"the column's name says {unit}, the option time_unit says {options.time_unit}"
        findings.problem(column.where, what, f"Leave time_unit out, or name the unit under {cohort_key('endpoints')}")


def _compare_events(name: str, events: Sequence[Column], options: ReadOptions, findings: Findings) -> None:
    for other in events[1:]:
        ours = _event_codes(events[0], options, Findings())[0]
        theirs = _event_codes(other, options, Findings())[0]
        differ = sum(a is not None and b is not None and a != b for a, b in zip(ours, theirs, strict=True))
        disagrees = f"{other.name} disagrees in {count(differ, 'patient')}"
        findings.note(f"endpoint {name}: column {events[0].name} is the event; {disagrees}")


def refuse_cnsr(
    tables: Sequence[Table], declared: Mapping[str, EndpointColumns], options: ReadOptions, findings: Findings
) -> None:
    """CDISC's censoring flag counts the other way round from every event column, so it is never guessed."""
    named = {columns.event.casefold() for columns in declared.values()}
    for table in tables:
        column = table.find("CNSR")
        if column is None or ("cnsr" in named and options.event_values):
            continue
        where = f"{table.path}:{table.header_line}: column {shown(column)}"
        fix = f"Name it under {cohort_key('endpoints')}, and {remedy('event_values', '0')}"
        findings.problem(where, "a CDISC censoring flag (0 = event)", fix)


def _endpoint(
    pair: _Pair, patients: Sequence[str], options: ReadOptions, findings: Findings
) -> tuple[Endpoint | None, dict[str, Any]]:
    unit = pair.unit or options.time_unit
    if unit not in get_args(TimeUnit):
        findings.problem(pair.time.where, "the unit of this time is not known", remedy("time_unit", "months"))
        return None, {}
    before = len(findings.problems)
    times = _times(pair.time, options, findings)
    events, words = _event_codes(pair.event, options, findings)
    entry = _times(pair.entry, options, findings) if pair.entry is not None else None
    _check_size(pair, unit, times, findings)
    if entry is not None:
        _check_entry(pair, times, entry, findings)
    if len(findings.problems) > before:
        return None, {}
    index = pd.Index(patients, name="patient", dtype=str)
    event = pd.Series(events, index=index, dtype="boolean")
    mapped = _spelled(words)
    definition = f"time: {pair.time.name} ({unit}) and event: {pair.event.name} of {pair.event.path.name}; {mapped}"
    known = np.isfinite(times) & event.notna().to_numpy()
    n_events = int(event[known].sum())
    _tell(pair.name, times, known, event, n_events, mapped, findings)
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
    entry_series = None if entry is None else pd.Series(entry, index=index)
    series = pd.Series(times, index=index)
    return Endpoint(pair.name, series, event, cast("TimeUnit", unit), definition, entry_series), about


def _times(column: Column, options: ReadOptions, findings: Findings) -> Floats:
    bad = BadNumbers()
    places = [f"line {line}" for line in column.lines]
    times = parse_numbers(column.cells, bad, places, missing=missing_words(options.na), decimal=options.decimal)
    for i in np.flatnonzero(times < 0):
        bad.add(column.cells[i], places[i], "negative")
    findings.problems += bad.problems(column.where)
    return times


def _event_codes(
    column: Column, options: ReadOptions, findings: Findings
) -> tuple[list[bool | None], dict[str, dict[str, int]]]:
    """True, False or None for each patient, and the words behind them."""
    missing = missing_words(options.na)
    known = Counter(text.strip() for text in column.cells if not is_missing(text, missing))
    said = {word: _meaning(word, known, options) for word in known}
    strange = [word for word in known if said[word] is None]
    if strange:
        at = [line for line, text in zip(column.lines, column.cells, strict=True) if text.strip() in set(strange)]
        words = listed([f"{shown(word, limit=40)} ({known[word]})" for word in strange])
        what = f"{count(len(at), 'value is', 'values are')} no event word (lines {listed(at, 3)}): {words}"
        if others := [f"{shown(word, limit=40)} ({n})" for word, n in known.items() if word not in strange]:
            what += f"; the others are {listed(others)}"
        first = strange[0]
        fix = f"Say which is the event: {remedy('event_values', first)}; or the end of follow-up: "
        fix += remedy("censored_values", first)
        findings.problem(column.where, what, fix)
    codes = [None if is_missing(text, missing) else said[text.strip()] for text in column.cells]
    words_of = {
        "event": {word: n for word, n in known.items() if said[word]},
        "censored": {word: n for word, n in known.items() if said[word] is False},
    }
    return codes, words_of


def _meaning(word: str, known: Mapping[str, int], options: ReadOptions) -> bool | None:
    key = _event_key(word)
    events = {_event_key(value) for value in options.event_values}
    censored = {_event_key(value) for value in options.censored_values}
    if key in events:
        return True
    if key in censored:
        return False
    if not events:
        return _default_meaning(key)
    # the events are named: with one other code, or with codes only (CNSR), the rest is the end of follow-up
    others = {_event_key(other) for other in known} - events
    if key in CENSORED_WORDS or key.startswith("0:"):
        return False
    codes = all(re.fullmatch(r"\d+", other) for other in others | events)
    return False if not censored and (len(others) == 1 or codes) else None


def _event_key(word: str) -> str:
    key = re.sub(r"\s+", " ", word.strip().casefold())
    return re.sub(r"^(\d+)\.0+$", r"\1", key)


def _default_meaning(key: str) -> bool | None:
    if key in EVENT_WORDS or key.startswith("1:"):
        return True
    if key in CENSORED_WORDS or key.startswith("0:"):
        return False
    return None


def _check_size(pair: _Pair, unit: str, times: Floats, findings: Findings) -> None:
    finite = times[np.isfinite(times)]
    century = _CENTURY_IN[unit]
    if not len(finite) or finite.max() <= century / 2:
        return
    middle = float(np.median(finite))
    if middle > century:
        what = f"the median of {middle:,.0f} {unit} is {middle / century * 100:.0f} years: another unit?"
        fix = f"Give the unit under {cohort_key('endpoints')}"
        findings.problem(pair.time.where, what, fix)
    else:
        findings.note(f"endpoint {pair.name}: the longest time is {finite.max():,.0f} {unit}; is that the unit?")


def _check_entry(pair: _Pair, times: Floats, entry: Floats, findings: Findings) -> None:
    late = np.flatnonzero(entry >= times)
    if len(late) and pair.entry is not None:
        lines = listed([pair.entry.lines[i] for i in late], 3)
        what = f"{count(len(late), 'patient')} with entry at or after the end of follow-up (lines {lines})"
        findings.problem(pair.entry.where, what, "Correct the times or delete the lines")


def _spelled(words: Mapping[str, Mapping[str, int]]) -> str:
    parts = []
    for meaning in ("event", "censored"):
        spelled = listed([f"{shown(word, limit=40)} ({n})" for word, n in words[meaning].items()])
        parts.append(f"{meaning}: {spelled or 'none'}")
    return "; ".join(parts)


def _tell(
    name: str, times: Floats, known: Any, event: pd.Series[Any], n_events: int, mapped: str, findings: Findings
) -> None:
    n = int(known.sum())
    findings.note(f"endpoint {name}: {count(n, 'patient')}, {count(n_events, 'event')}; {mapped}")
    some = np.isfinite(times) | event.notna().to_numpy()
    half = int((some & ~known).sum())
    if half:
        findings.note(f"endpoint {name}: {count(half, 'patient')} with a time or an event but not both; unknown")
    if n > 20 and n_events == n:
        findings.note(f"endpoint {name}: all {n} patients have the event; is the event column right?")
    if n and n_events == 0:
        findings.note(f"endpoint {name}: no event; curves can be drawn, nothing can be tested")
    zero = int((times[known] == 0).sum())
    if zero:
        findings.note(f"endpoint {name}: {count(zero, 'patient')} with time 0, kept")


def _compare_dfs_with_os(endpoints: Mapping[str, Endpoint], findings: Findings) -> None:
    overall = endpoints.get("OS")
    for name in ("DFS", "RFS", "DFI", "PFS", "PFI"):
        other = endpoints.get(name)
        if overall is None or other is None:
            continue
        longer = int((other.in_months().time > overall.in_months().time + 0.5).sum())
        if longer:
            findings.note(f"endpoint {name}: longer than OS, by more than half a month, in {count(longer, 'patient')}")
