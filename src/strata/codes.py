"""The catalogue of everything that can be wrong: one line of ``codes.tsv`` a code, for people and for machines."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

__all__ = ["Code", "catalogue"]


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of error or warning.

    Parameters
    ----------
    code : str
        ``E101``, ``W305``. The first digit is where it belongs: 1 files, 2 tables, 3 ids, 4 values, 5 survival,
        6 YAML, signatures and plans, 7 commands and outputs, 8 analysis, 9 the machine.
    exit_status : int
        Of the program, as a rule; 0 for a warning.
    title, meaning, mend : str
        What it is, why it is refused or told, how to mend it.
    """

    code: str
    exit_status: int
    title: str
    meaning: str
    mend: str

    @property
    def severity(self) -> str:
        """``error`` or ``warning``."""
        return "error" if self.code.startswith("E") else "warning"


@cache
def catalogue() -> Mapping[str, Code]:
    """Every code, in their order."""
    with (resources.files("strata") / "codes.tsv").open(encoding="utf-8") as file:
        next(file)
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {code: Code(code, int(status), *words) for code, status, *words in rows}
