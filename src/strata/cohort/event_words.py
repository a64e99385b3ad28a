"""What the words of an event column mean: a fixed vocabulary, or the words the user names; nothing is guessed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from strata.cohort.clinical import Column
from strata.cohort.findings import Findings, count, listed, on_lines
from strata.cohort.identifiers import nameless
from strata.cohort.numbers import is_missing, missing_words
from strata.cohort.options import ReadOptions, can_be_typed, remedy
from strata.errors import shown

__all__ = ["CENSORED_WORDS", "EVENT_WORDS", "event_codes", "event_key", "spelled"]

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
    word_of = {text: text.strip() for text in set(column.cells) if not is_missing(text, missing)}
    known = Counter(word_of[text] for text in column.cells if text in word_of)
    keys = frozenset(map(event_key, known))
    said = {word: _meaning(event_key(word), keys, options) for word in known}
    strange = [word for word in known if said[word] is None]
    if strange:
        at = [line for line, text in zip(column.lines, column.cells, strict=True) if text.strip() in set(strange)]
        words = _listed({word: known[word] for word in strange})
        what = f"{count(len(at), 'value is', 'values are')} no event word ({on_lines(at)}): {words}"
        if others := {word: n for word, n in known.items() if word not in strange}:
            what += f"; the others are {_listed(others)}"
        fix = _how_to_say_it(strange, said)
        coded = all(_is_code(event_key(word)) for word in strange)
        findings.problem(column.at(at[0]), what, fix, code="E504" if coded else "E525")
    code_of = {text: said[word] for text, word in word_of.items()}
    codes = [code_of.get(text) for text in column.cells]
    words_of = {
        "event": {word: n for word, n in known.items() if said[word]},
        "censored": {word: n for word, n in known.items() if said[word] is False},
    }
    return codes, words_of


def _how_to_say_it(strange: Sequence[str], said: Mapping[str, bool | None]) -> str:
    """Remedies that can be typed; the words already known to be events stay events."""
    if not can_be_typed(strange):
        return "Correct them"
    coded_0_1 = any(event_key(word) == "0" for word in said)
    events = [word for word, event in said.items() if event and (coded_0_1 or not _is_code(event_key(word)))]
    fixes = [
        f"{remedy('event_values', *events, *strange)} if that is the event",
        f"{remedy('censored_values', *strange)} if it is the end of follow-up",
    ]
    # a number among the words for missing would be missing in every table
    if not any(map(_is_code, strange)):
        fixes.append(f"{remedy('na', *strange)} if it is missing")
    return "; ".join(fixes)


def _meaning(key: str, keys: frozenset[str], options: ReadOptions) -> bool | None:
    """What a word means in a column of the words ``keys``."""
    events = {event_key(value) for value in options.event_values}
    censored = {event_key(value) for value in options.censored_values}
    if key in events:
        return True
    if key in censored:
        return False
    # the options are about the columns that hold their words; another endpoint of the cohort keeps its own coding
    other_coding = keys.isdisjoint(events | censored) and not (all(map(_is_code, keys)) and "0" not in keys)
    if not events or other_coding:
        return _default_meaning(key)
    # the events are named: with one other code, or with codes only (CNSR), the rest is the end of follow-up
    others = keys - events
    if key in CENSORED_WORDS or key.startswith("0:"):
        return False
    return False if not censored and (len(others) == 1 or all(map(_is_code, keys))) else None


def _is_code(key: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", key) is not None


def event_key(word: str) -> str:
    """A word of an event column as words are compared: any case, ``2.0`` as ``2``."""
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
        parts.append(f"{meaning}: {_listed(words[meaning]) or 'none'}")
    return "; ".join(parts)


def _listed(words: Mapping[str, int]) -> str:
    return listed([f"{shown(word, limit=40)} ({n})" for word, n in nameless(words).items()])
