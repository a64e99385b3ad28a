"""Tables of a page: cells as they are read, with the numbers they are sorted by, and the columns that make them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from strata.plots.wording import population_label
from strata.wording import format_hazard_ratio, format_p

__all__ = [
    "ADJUSTED",
    "COHORT",
    "COMPARISON",
    "ENDPOINT",
    "EVENTS",
    "HAZARD_RATIO",
    "MISSING",
    "NOTE",
    "PATIENTS",
    "POPULATION",
    "SIGNATURE",
    "Cell",
    "Column",
    "PageTable",
    "Row",
    "count",
    "in_words",
    "number",
    "p_value",
    "read_rows",
    "word",
]

MISSING = "–"
"""What stands for a number that is missing or hidden."""

MOST_ROWS = 3_000
"""Rows of one table of a page; what is beyond is in the file beside it."""

Row = Mapping[str, str]
"""A row of a table of the run as text; empty where it is missing."""


class Cell(NamedTuple):
    """A cell.

    Parameters
    ----------
    text : str
    value : float, optional
        What it is sorted by in a column of numbers.
    link : str
        The part of the page that it leads to.
    """

    text: str
    value: float | None = None
    link: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Parameters
    ----------
    key : str
        Its name in the address of a sorted or filtered table.
    title : str
    cell : callable
        Makes a cell of a row.
    numeric : bool
    choose : bool
        Rows can be chosen by its words.
    """

    key: str
    title: str
    cell: Callable[[Row], Cell]
    numeric: bool = False
    choose: bool = False


@dataclass(frozen=True, slots=True)
class PageTable:
    """A table that can be sorted and filtered.

    Parameters
    ----------
    key : str
        Its id in the page.
    caption : str
    columns : sequence of Column
    rows : sequence of sequences of Cell
    more : str
        What is not in it and where that is; empty when nothing was left out.
    """

    key: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    more: str = ""

    @classmethod
    def of(
        cls, key: str, caption: str, columns: Sequence[Column], rows: Sequence[Row], *, file: str, most: int = MOST_ROWS
    ) -> PageTable:
        """A table of the first ``most`` rows; all are in ``file``.

        Columns without a cell in any of them are left out, and those of cohort and signature where there is one only.
        """
        beyond = len(rows) - most
        more = f"The first {most:,} rows; {beyond:,} more are in {file}." if beyond > 0 else ""
        kept, cells = [], []
        for column in columns:
            mine = [column.cell(row) for row in islice(rows, most)]
            texts = {cell.text for cell in mine}
            if texts != {MISSING} and not (column in (COHORT, SIGNATURE) and len(texts) == 1 and beyond <= 0):
                kept.append(column)
                cells.append(mine)
        return cls(key, caption, kept, list(zip(*cells, strict=True)), more)


def read_rows(path: Path) -> list[Row]:
    """The rows of a table as the run wrote it, with what it hides hidden; none where there is no such table."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [
            {name: "" if text == "NA" else text for name, text in row.items()}
            for row in csv.DictReader(file, delimiter="\t")
        ]


def in_words(name: str) -> str:
    """A name of ours, such as ``positive_vs_rest``, as words."""
    return name.replace("_", " ")


def word(name: str) -> Callable[[Row], Cell]:
    """Cells with the words of a column of the file."""
    return lambda row: Cell(row[name] or MISSING)


def count(name: str) -> Callable[[Row], Cell]:
    """Cells with a count; where others of its column are hidden, the file may have it as 2.0."""
    return number(name, 0)


def number(name: str, digits: int) -> Callable[[Row], Cell]:
    """Cells with a number of so many decimals."""
    return lambda row: Cell(f"{float(row[name]):,.{digits}f}", float(row[name])) if row[name] else Cell(MISSING)


def p_value(*names: str) -> Callable[[Row], Cell]:
    """Cells with a P value, the first of these columns that has one, without its letter."""

    def cell(row: Row) -> Cell:
        found = next((row[name] for name in names if row[name]), "")
        return Cell(_p_in_words(float(found)), float(found)) if found else Cell(MISSING)

    return cell


def _p_in_words(p: float) -> str:
    return format_p(p).removeprefix("P ").removeprefix("= ")


def _signature(row: Row) -> Cell:
    name = row["signature"]
    return Cell(name, link=f"#signature-{name}") if name else Cell("all")


def _population(row: Row) -> Cell:
    return Cell(population_label(row["population"]) if row["population"] else "all")


def _hazard_ratio(row: Row) -> Cell:
    """With its interval; sorted by the ratio."""
    names = ("hazard_ratio", "hazard_ratio_lower", "hazard_ratio_upper")
    if not all(row[name] for name in names):
        return Cell("not estimable" if row.get("estimable") == "false" else MISSING)
    value, lower, upper = (float(row[name]) for name in names)
    return Cell(format_hazard_ratio(value, lower, upper), value)


def _adjusted(row: Row) -> Cell:
    """The covariates of the ratio, and in how many patients where not in all of the row."""
    n, inside = row["n"], row.get("n_adjusted")
    few = f", in {float(inside):,.0f} patients" if n and inside and float(inside) < float(n) else ""
    return Cell(f"{row['adjusted_for']}{few}") if row["adjusted_for"] else Cell(MISSING)


COHORT = Column("cohort", "Cohort", word("cohort"), choose=True)
SIGNATURE = Column("signature", "Signature", _signature)
POPULATION = Column("population", "Population", _population, choose=True)
ENDPOINT = Column("endpoint", "Endpoint", lambda row: Cell(row["endpoint"] or "all"), choose=True)
COMPARISON = Column("comparison", "Comparison", lambda row: Cell(in_words(row["comparison"])), choose=True)
PATIENTS = Column("n", "n", count("n"), numeric=True)
EVENTS = Column("events", "Events", count("events"), numeric=True)
HAZARD_RATIO = Column("hr", "HR (95 % CI)", _hazard_ratio, numeric=True)
ADJUSTED = Column("adjusted", "HR and P adjusted for", _adjusted)
NOTE = Column("note", "Note", word("note"))
