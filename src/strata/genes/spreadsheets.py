"""Gene names that a spreadsheet turned into dates or numbers, and the genes that they may have been."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache

from strata.errors import Problem, shown

__all__ = ["spreadsheet_problems"]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SPREADSHEET = re.compile(
    rf"\d{{1,2}}-({'|'.join(_MONTHS)})(-\d{{2,4}})?|(mar|sep|dec|oct)-\d{{1,2}}"
    r"|\d{4}[-/]\d{1,2}[-/]\d{1,2}( 00:00:00)?|\d{1,2}/\d{1,2}/\d{2,4}|\d+(\.\d+)?e\+\d+",
    re.IGNORECASE,
)
_SPREADSHEET_DAY_0 = date(1899, 12, 30)
_FIRST = frozenset("0123456789mMsSdDoO")
"""The first letter of such a name, which rules most genes out."""
_SERIAL_DATES = range(32874, 51136)  # 1990 to 2039, the years in which a spreadsheet may have been saved


def spreadsheet_problems(names: Sequence[str], path: object, lines: Sequence[int] | None = None) -> list[Problem]:
    """Gene names that a spreadsheet turned into dates or numbers (``2-Sep``, ``44806``, ``2.31E+13``), as one problem.

    The number of a day counts as a date only where nearly no other name is a number, and only when a gene may have
    been called like that day: Entrez ids are numbers too.
    """
    numbers = [i for i, name in enumerate(names) if name.isascii() and name.isdigit()]
    days = [i for i in numbers if len(names[i]) == 5 and int(names[i]) in _SERIAL_DATES and _genes_of_date(names[i])]
    days = days if (len(numbers) - len(days)) * 100 <= len(names) else []
    hits = sorted([i for i, name in enumerate(names) if name[:1] in _FIRST and _SPREADSHEET.fullmatch(name)] + days)
    if not hits:
        return []
    examples = ", ".join(_with_genes(names[i]) for i in hits[:5])
    more = f" and {len(hits) - 5:,} more" if len(hits) > 5 else ""
    place = f"{path}:{lines[hits[0]]}" if lines else str(path)
    many = "1 gene name looks" if len(hits) == 1 else f"{len(hits):,} gene names look"
    what = f"{many} like a date or number made by a spreadsheet: {examples}{more}"
    return [
        Problem(
            place,
            what,
            "Export the table again with the genes as text; the names cannot be told back for certain",
            code="E317",
        )
    ]


def _with_genes(name: str) -> str:
    genes = _genes_of_date(name)
    return f"{shown(name)} (may have been {' or '.join(genes)})" if genes else shown(name)


def _genes_of_date(name: str) -> list[str]:
    genes = (gene for day in _days(name) for gene in _date_genes().get(day, ()))
    return list(dict.fromkeys(genes))


def _days(name: str) -> list[tuple[int, int]]:
    """The months and days that a date may mean; ``2010-09-01`` may have been ``Sep-10``, the 10th or of 2010."""
    if "+" in name:
        return []
    numbers = [int(number) for number in re.findall(r"\d+", name.partition(" ")[0])]
    words = [place for place, month in enumerate(_MONTHS, 1) if month in name.casefold()]
    if words:
        return [(words[0], numbers[0])]
    if len(numbers) == 1:
        day = _SPREADSHEET_DAY_0 + timedelta(days=numbers[0])
        return [(day.month, day.day)]
    first, second, third = numbers
    if first > 31:
        return [(second, third)] + ([(second, first % 100)] if third == 1 else [])
    return [(first, second), (second, first)]


@cache
def _date_genes() -> Mapping[tuple[int, int], list[str]]:
    """Month and number to the genes whose symbol was once like them: MARCH1 and MARC1, SEPT2, SEP15, DEC1."""
    families = (
        (3, "MARCHF", range(1, 12)),
        (3, "MTARC", (1, 2)),
        (9, "SEPTIN", (*range(1, 13), 14)),
        (12, "DELEC", (1,)),
    )
    genes: dict[tuple[int, int], list[str]] = {(9, 15): ["SELENOF"]}
    for month, family, numbers in families:
        for number in numbers:
            genes.setdefault((month, number), []).append(f"{family}{number}")
    return genes
