"""How the checks of a signature file say what is wrong: faults, collected by pydantic over the whole file.

A fault is (path below the mapping that was checked, what, fix, code).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from pydantic_core import PydanticCustomError

from strata.errors import shown

__all__ = ["Fault", "described", "did_you_mean", "quote_it", "refuse"]

Fault = tuple[tuple[str | int, ...], str, str, str]


def refuse(faults: Iterable[Fault]) -> None:
    """Raise the faults, if there are any, as one pydantic error that ``load`` takes apart again."""
    faults = list(faults)
    if faults:
        raise PydanticCustomError("strata", "{text}", {"text": faults[0][1], "faults": faults})


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``Did you mean 'above'?``, or what is known when nothing is near."""
    by_small = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word.lower(), by_small, n=1)
    return f"Did you mean '{by_small[near[0]]}'?" if near else f"Known: {', '.join(by_small.values())}"


def described(value: object) -> str:
    """A value in the words of a message: ``the number 3``."""
    match value:
        case None:
            return "nothing"
        case bool():
            return f"the boolean {str(value).lower()}"
        case int() | float():
            return f"the number {value}"
        case str():
            return f"the text {shown(value)}"
        case dict():
            return "a mapping"
    return "a list"


def quote_it(value: object) -> str:
    """The remedy for a number or boolean where text is expected; empty for anything else."""
    return f"Quote it: '{str(value).lower()}'" if isinstance(value, (bool, int, float)) else ""
