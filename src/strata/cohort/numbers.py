"""Words that mean missing, and numbers from text: nothing is guessed, nothing is turned into NaN in silence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import isfinite

import numpy as np
import numpy.typing as npt

from strata.cohort.findings import count, listed, on_lines
from strata.cohort.identifiers import nameless
from strata.cohort.options import can_be_typed, remedy
from strata.errors import Problem, shown

__all__ = ["MISSING", "BadNumbers", "is_missing", "missing_words", "parse_numbers", "plain", "without_codes"]

MISSING: frozenset[str] = frozenset(
    [
        "",
        "na",
        "n/a",
        "#n/a",
        "nan",
        "null",
        "none",
        "<na>",
        ".",
        "-",
        "--",
        "'--",
        "?",
        "nd",
        "missing",
        "unknown",
        "unk",
        "undef",
        "not available",
        "not applicable",
        "not reported",
        "not evaluated",
        "not determined",
        "[not available]",
        "[not applicable]",
        "[not evaluated]",
        "[not reported]",
        "[pending]",
        "[discrepancy]",
        "[completed]",
        "[null]",
        "[unknown]",
    ]
)
"""What an empty cell may look like, in any case. In a column of ids only the empty cell is missing."""

_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+([eE][+-]?\d+)?")
_DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{1,2}-[A-Za-z]{3}(-\d+)?")

Floats = npt.NDArray[np.float64]


def missing_words(extra: Iterable[str]) -> frozenset[str]:
    """The missing codes with those of the option ``na`` added."""
    return MISSING | {word.strip().casefold() for word in extra}


def is_missing(text: str, words: frozenset[str] = MISSING) -> bool:
    """Whether a cell is one of the missing codes, in any case."""
    return text.strip().casefold() in words


def plain(text: str) -> str:
    """A number as people type it: Unicode minus and spaces around it replaced."""
    return text.strip().replace("\u2212", "-").replace("\u00a0", "")


@dataclass(eq=False)
class BadNumbers:
    """Cells that are not numbers, gathered by what is wrong with them."""

    cells: dict[str, list[tuple[str | int, str]]] = field(default_factory=dict)

    def add(self, text: str, where: str | int, kind: str = "") -> None:
        """Keep one cell and its place."""
        self.cells.setdefault(kind or _what_is_wrong(text), []).append((where, text))

    def problems(self, path: object, column: str = "") -> list[Problem]:
        """One problem for each thing that is wrong: how many, the first places and values, the remedy.

        With the name of a ``column`` the places are the numbers of its lines.
        """
        found = []
        for kind, cells in self.cells.items():
            words = Counter(text for _, text in cells)
            words = nameless(words) if kind == "text" else words
            values = listed([f"{shown(text, limit=40)} ({n})" for text, n in words.most_common()])
            places = [where for where, _ in cells]
            what = f"{count(len(cells), 'cell')} {_WORDS[kind][0]}: {values}"
            where = f"{path}: {listed(places, 3)}"
            if column:
                where, what = f"{path}:{places[0]}: column {shown(column)}", f"{what} ({on_lines(places)})"
            found.append(Problem(where, what, _how_to_mend(kind, [text.strip() for _, text in cells]), _CODES[kind]))
        return found


def _how_to_mend(kind: str, cells: Sequence[str]) -> str:
    fix = _WORDS[kind][1]
    values = list(dict.fromkeys(cells))
    if not fix.endswith(_AS_MISSING):
        return fix
    return f"{fix}: {remedy('na', *values)}" if can_be_typed(values) else fix


_AS_MISSING = "read them as missing"
_CORRECT = f"Correct them, or {_AS_MISSING}"
_WORDS: dict[str, tuple[str, str]] = {
    "text": ("not a number", _CORRECT),
    "infinite": (
        "infinite",
        f"If it is the log of 0, add a pseudo-count, or {_AS_MISSING}",
    ),
    "overflow": ("outside the range of a double", _CORRECT),
    "comma": ("with a decimal comma", remedy("decimal", ",")),
    "thousands": (
        "ambiguous, with a thousands separator or a decimal comma",
        f"Remove the separators, or {remedy('decimal', ',')}",
    ),
    "separators": ("with a thousands separator", "Remove the separators"),
    "date": ("a date, not a number", "Give a duration in days, months or years"),
    "negative": ("negative", _CORRECT),
    "gistic": (
        "not one of -2, -1.5, -1, 0, 1, 2",
        f"If they are numbers of copies, {remedy('scale', 'copies')}",
    ),
    "below-zero": (
        "below 0 although the scale is linear or counts",
        f"Declare another scale: {remedy('scale', 'log2')}",
    ),
}


_CODES = {
    "text": "E404",
    "infinite": "E403",
    "overflow": "E417",
    "comma": "E406",
    "thousands": "E407",
    "separators": "E407",
    "date": "E515",
    "negative": "E501",
    "gistic": "E420",
    "below-zero": "E412",
}


def _what_is_wrong(text: str) -> str:
    if _THOUSANDS.fullmatch(text):
        return "thousands" if text.count(",") == 1 and "." not in text else "separators"
    if _DECIMAL_COMMA.fullmatch(text):
        return "comma"
    if _DATE.fullmatch(text):
        return "date"
    if text.lower().lstrip("+-") in {"inf", "infinity"}:
        return "infinite"
    if re.fullmatch(r"[+-]?[\d.]+[eE][+-]?\d+", text):
        return "overflow"
    return "text"


def parse_numbers(
    cells: Sequence[str],
    bad: BadNumbers,
    places: Sequence[str] | Sequence[int] | None = None,
    *,
    missing: frozenset[str] = MISSING,
    decimal: str = ".",
) -> Floats:
    """Numbers from the text of one row or column.

    Parameters
    ----------
    cells : sequence of str, length n
    bad : BadNumbers
        Takes every cell that is neither a finite number nor missing; its value is NaN.
    places : sequence of str or int, length n, optional
        Where each cell is, for messages.
    missing : frozenset of str
        The missing codes, in lower case.
    decimal : {".", ","}

    Returns
    -------
    array of float, shape (n,)
    """
    try:
        values = np.array(list(map(float, cells)))
        # float() also takes 1_000, which no table means
        if np.isfinite(values).all() and "_" not in "".join(cells):
            return without_codes(values, missing)
    except ValueError:
        pass  # some cell is not a plain number; each is looked at below
    values = np.array([_plain_number(cell) for cell in cells])
    for i in np.flatnonzero(np.isnan(values)).tolist():
        values[i] = _number(cells[i], bad, places[i] if places else "", missing, decimal)
    return without_codes(values, missing)


def without_codes(values: Floats, missing: frozenset[str]) -> Floats:
    """NaN where a number is one of the codes for missing, however it was spelled."""
    codes = [float(word) for word in missing - MISSING if re.fullmatch(r"[+-]?[\d.]+(e[+-]?\d+)?", word)]
    return np.where(np.isin(values, codes), np.nan, values) if codes else values


def _plain_number(cell: str) -> float:
    """The value of a cell that is a finite number as it stands, else NaN."""
    try:
        value = float(cell)
    except ValueError:
        return np.nan
    return value if isfinite(value) and "_" not in cell else np.nan


def _number(cell: str, bad: BadNumbers, place: str | int, missing: frozenset[str], decimal: str) -> float:
    text = plain(cell)
    if text.casefold() in missing:
        return np.nan
    if decimal == "," and text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    try:
        value = float(text) if "_" not in text else np.inf
    except ValueError:
        value = np.inf
    if np.isfinite(value):
        return value
    bad.add(text, place)
    return np.nan
