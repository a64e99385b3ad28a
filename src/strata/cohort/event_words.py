"""What the words of an event column mean: a fixed vocabulary, or the words the user names; nothing is guessed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from strata.cohort.clinical import Column
from strata.cohort.findings import Findings, count, listed
from strata.cohort.numbers import is_missing, missing_words
from strata.cohort.options import ReadOptions, remedy
from strata.errors import shown

__all__ = ["CENSORED_WORDS", "EVENT_WORDS", "event_codes", "spelled"]

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


def event_codes(
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


def spelled(words: Mapping[str, Mapping[str, int]]) -> str:
    """The words behind event and censored with their counts, for people."""
    parts = []
    for meaning in ("event", "censored"):
        found = listed([f"{shown(word, limit=40)} ({n})" for word, n in words[meaning].items()])
        parts.append(f"{meaning}: {found or 'none'}")
    return "; ".join(parts)
