"""Time points of measurements: the columns that hold them, and their words under shared names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources

from strata.cohort.numbers import is_missing

__all__ = ["BASELINE", "TIME_COLUMNS", "at_time", "is_known", "time_point"]

BASELINE = "pre"
"""The time point whose values are also the plain ones, where there is none without a time point."""


def _table() -> tuple[tuple[str, ...], Mapping[str, str]]:
    """Columns, and spellings to words, from the table beside this module."""
    from ruamel.yaml import YAML

    text = (resources.files("strata.cohort") / "time_points.yaml").read_text(encoding="utf-8")
    table = YAML(typ="safe", pure=True).load(text)
    words = {spelling: word for word, spellings in table["values"].items() for spelling in (word, *spellings)}
    return tuple(table["columns"]), words


TIME_COLUMNS, _WORDS = _table()
"""The columns with the time point of a sample or value, as :func:`~strata.cohort.identifiers.column_key` spells them.
"""

_DAY = re.compile(r"(?:day|d) ?0*(\d+)|0*(\d+) ?(?:days?|d)")


@cache
def time_point(text: str) -> str:
    """A time point under its shared name.

    Parameters
    ----------
    text : str
        A cell of a time-point column.

    Returns
    -------
    str
        ``pre``, ``post``, ``dayN``, else the text in lower case with ``-`` between its words; empty for a missing cell.

    Examples
    --------
    >>> [time_point(text) for text in ("Baseline", "Day 15", "after_treatment", "Cycle 2", "NA")]
    ['pre', 'day15', 'post', 'cycle-2', '']
    """
    if is_missing(text):
        return ""
    key = re.sub(r"[\W_]+", " ", text.casefold()).strip()
    if word := _WORDS.get(key):
        return word
    if day := _DAY.fullmatch(key):
        number = int(day[1] or day[2])
        return f"day{number}" if number else BASELINE
    return key.replace(" ", "-")


def is_known(time: str) -> bool:
    """Whether a time point is one of the shared words (``pre``, ``post``, ``dayN``)."""
    return time in {"pre", "post"} or bool(re.fullmatch(r"day\d+", time))


def at_time(feature: str, time: str) -> str:
    """The key of a feature at a time point; the feature itself without one.

    Examples
    --------
    >>> at_time("ki67", "day15"), at_time("ki67", "")
    ('ki67@day15', 'ki67')
    """
    return f"{feature}@{time}" if time else feature
