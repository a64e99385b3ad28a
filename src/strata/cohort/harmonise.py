"""Clinical columns under shared names and words, by the table ``clinical_terms.yaml``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from strata.cohort.clinical import Column, PatientTable
from strata.cohort.clinical_words import terms
from strata.cohort.findings import Findings, count, listed
from strata.cohort.identifiers import nameless
from strata.cohort.numbers import MISSING, is_missing
from strata.cohort.time_points import at_time
from strata.errors import shown

__all__ = ["harmonise"]

_NUMBER = re.compile(r"\d+(\.\d+)?")


def harmonise(
    table: PatientTable, findings: Findings, taken: Iterable[str] = (), *, time: str = ""
) -> tuple[dict[str, list[str | None]], dict[str, Any]]:
    """Clinical columns under the shared names with the shared words.

    Parameters
    ----------
    table : PatientTable
    findings : Findings
    taken : iterable of str
        Columns that are something else (endpoints).
    time : str
        The time point of the columns, for messages and for the names of the concepts (``ki67@day15``).

    Returns
    -------
    columns : dict of concept to values over the patients, None where unknown
    description : dict
        For each concept: the column used, what was mapped to what and how often, and the disagreements with the
        columns that were not used.
    """
    used = {name.casefold() for name in taken}
    columns: dict[str, list[str | None]] = {}
    described: dict[str, Any] = {}
    for concept, term in terms().items():
        candidates = [found for name in term["columns"] if name not in used and (found := table.find(name))]
        if not candidates:
            continue
        # a value with a time point stands in for a plain one only where no table has a plain one
        first, *others = sorted(candidates, key=lambda column: column.timed)
        values, mapped, strange = _map_values(first, term)
        key = at_time(concept, time)
        columns[key] = values
        described[key] = {
            "column": first.name,
            "file": str(first.path),
            "mapped": mapped,
            "not_understood": dict(nameless(strange)),
            "disagreements": _disagreements(key, values, first, others, term, findings),
        }
        _tell(key, first, values, strange, term, findings)
    return columns, described


def _tell(
    concept: str,
    column: Column,
    values: Sequence[str | None],
    strange: Counter[str],
    term: Mapping[str, Any],
    findings: Findings,
) -> None:
    if dashes := sum(text.strip() == "-" for text, value in zip(column.cells, values) if value is None):
        findings.note(f"{concept}: {count(dashes, 'cell')} '-' of column {column.name} read as missing")
    if strange:
        words = listed([f"{shown(text, limit=30)} ({n})" for text, n in nameless(strange).most_common()])
        findings.note(f"{concept}: column {column.name} has words not understood, read as unknown: {words}")
    if term.get("percent") and _are_shares(values):
        findings.note(f"{concept}: no value of column {column.name} is above 1: shares? percent are expected (15, 15%)")


def _are_shares(values: Sequence[str | None]) -> bool:
    """Numbers in percent that look like shares: some between 0 and 1, none above."""
    numbers = [float(value) for value in values if value is not None and _NUMBER.fullmatch(value)]
    return any(0 < number < 1 for number in numbers) and max(numbers) <= 1


def _disagreements(
    concept: str,
    values: Sequence[str | None],
    used: Column,
    others: Sequence[Column],
    term: Mapping[str, Any],
    findings: Findings,
) -> dict[str, int]:
    found = {}
    for other in others:
        theirs, _, _ = _map_values(other, term)
        differ = sum(a is not None and b is not None and a != b for a, b in zip(values, theirs, strict=True))
        found[other.name] = differ
        findings.note(
            f"{concept}: column {used.name} is used; {other.name} disagrees in {count(differ, 'patient')} "
            "and is not merged"
        )
    return found


def _map_values(column: Column, term: Mapping[str, Any]) -> tuple[list[str | None], list[dict[str, Any]], Counter[str]]:
    signs = "+" in {text.strip() for text in column.cells}
    words = {text: _word(text, term, signs=signs) for text in set(column.cells)}
    values = [words[text] for text in column.cells]
    counts = Counter(column.cells)
    mapped = [
        {"raw": text, "value": words[text], "n": n}
        for text, n in counts.most_common(40)
        if words[text] is not None and text
    ]
    strange = Counter({text: n for text, n in counts.items() if words[text] is None and not is_missing(text)})
    return values, mapped if "values" in term else [], strange


def _word(text: str, term: Mapping[str, Any], *, signs: bool) -> str | None:
    """The shared word for a cell, None where it is missing or not understood."""
    bare = re.sub(r"\s+", " ", text.strip())
    if term.get("percent") and _NUMBER.fullmatch(number := bare.removesuffix("%").rstrip()):
        bare = number
    bare = re.sub(r"^([+-]?\d+)\.0+$", r"\1", bare)
    key = bare.casefold()
    if key in MISSING and not (key == "-" and signs):
        return None
    if "values" not in term:
        return bare
    return _known_word(key, term) or (bare if term.get("open") else None)


def _known_word(key: str, term: Mapping[str, Any]) -> str | None:
    found = _vocabulary(_frozen(term["values"]))
    squeezed = key.replace(" ", "") if term.get("squeeze") else key
    for prefix in ("", *term.get("prefixes", ())):
        if squeezed.startswith(prefix) and (word := found.get(squeezed[len(prefix) :])):
            return word
    if "count" in term and key.isdigit():
        return str(term["count"]["zero" if int(key) == 0 else "more"])
    return next((word for word, pattern in term.get("patterns", {}).items() if re.fullmatch(pattern, key)), None)


def _frozen(values: Mapping[str, Sequence[str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((word, tuple(spellings)) for word, spellings in values.items())


@cache
def _vocabulary(values: tuple[tuple[str, tuple[str, ...]], ...]) -> Mapping[str, str]:
    return {spelling: word for word, spellings in values for spelling in (word.casefold(), *spellings)}
