"""Text files that are the same on every machine: UTF-8, LF, fixed decimals, NA."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from strata.errors import InputOutputError, Problem

__all__ = ["calls", "decimals", "shortest", "three_decimals", "write_table", "write_text"]


def decimals(value: float, places: int) -> str:
    """``value`` with so many decimals, ``NA`` when it is NaN; never ``-0.000``."""
    return "NA" if math.isnan(value) else f"{value + 0.0:.{places}f}"


def three_decimals(value: float) -> str:
    """``value`` with three decimals, as every simulated number but calls has them."""
    return decimals(value, 3)


def shortest(value: float) -> str:
    """The shortest text that gives the same number again, ``NA`` when it is NaN."""
    return "NA" if math.isnan(value) else repr(float(value) + 0.0).removesuffix(".0")


def calls(value: float) -> str:
    """A copy-number call as a whole number, ``NA`` when it is NaN."""
    return "NA" if math.isnan(value) else str(int(value))


def write_text(path: Path, lines: Iterable[str]) -> None:
    """Write lines, each ended by LF; missing folders are made.

    Raises
    ------
    InputOutputError
        When the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{line}\n" for line in lines)
    except OSError as error:
        raise InputOutputError(Problem(str(path), f"cannot be written: {error.strerror}", code="E710")) from error


def write_table(path: Path, rows: Iterable[Sequence[str]]) -> None:
    """Write rows of texts, separated by tabs."""
    write_text(path, ("\t".join(row) for row in rows))
