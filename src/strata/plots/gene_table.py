"""The table of single genes, drawn as journals print it: three rules, no vertical lines, notes below."""

from __future__ import annotations

from string import ascii_lowercase
from typing import TYPE_CHECKING, Any, NamedTuple

from matplotlib.lines import Line2D

from strata.plots.style import GREY, NORMAL, SMALL, points_from, text_width, wrap
from strata.plots.wording import format_hazard_ratio, format_p, plain, population_label
from strata.survival.own_test import is_adjusted, own_test

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping, Sequence

    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["GeneTable", "gene_table"]

HEADINGS = ("Population", "Endpoint", "Gene", "n (events)", "High, n (events)", "HR (95 % CI)", "Log-rank P")
_ADJUSTED = (*HEADINGS[:-2], "Adjusted HR (95 % CI)", "Adjusted P")
"""Where hazard ratios are adjusted for covariates: P is of the same model."""
WIDEST = (0.24, 0.12, 0.14)
"""Part of the width that population, endpoint and gene may take before they wrap; the others never wrap."""

LINE, ROW_SPACE, HEADER, NOTE = 8.6, 3.6, 14.0, 8.2
"""Points: line of text, space between rows, header row, line of a note."""


class _Row(NamedTuple):
    cells: tuple[tuple[str, ...], ...]
    mark: str
    starts_population: bool

    @property
    def height(self) -> float:
        return LINE * max(len(cell) for cell in self.cells) + ROW_SPACE


class GeneTable(NamedTuple):
    """The table laid out for a width: cells as lines of text, notes as lines, all sizes in points."""

    headings: tuple[str, ...]
    rows: tuple[_Row, ...]
    notes: tuple[str, ...]
    lefts: tuple[float, ...]
    width: float

    @property
    def height(self) -> float:
        """Points from the top rule to the last note."""
        return HEADER + sum(row.height for row in self.rows) + 6 + NOTE * len(self.notes)

    def draw(self, ax: Axes) -> None:
        """Draw from the top left corner of ``ax``, an axes of the table's width and height."""
        corner = points_from(ax, 0, 1)
        y = -HEADER / 2
        self._rule(ax, 0.0, 0.9)
        for left, heading in zip(self.lefts, self.headings):
            ax.text(left, y, heading, transform=corner, weight="bold", fontsize=NORMAL, va="center_baseline")
        y = -HEADER
        self._rule(ax, y, 0.5)
        for i, row in enumerate(self.rows):
            if row.starts_population and i:
                self._rule(ax, y, 0.25)
            self._row(ax, row, y - ROW_SPACE / 2)
            y -= row.height
        self._rule(ax, y, 0.9)
        y -= 6
        for note in self.notes:
            ax.text(0, y - NOTE / 2, note, transform=corner, fontsize=SMALL, color=GREY, va="center_baseline")
            y -= NOTE

    def _row(self, ax: Axes, row: _Row, top: float) -> None:
        corner = points_from(ax, 0, 1)
        for left, cell in zip(self.lefts, row.cells):
            for i, line in enumerate(cell):
                y = top - LINE * (i + 0.5)
                ax.text(left, y, line, transform=corner, fontsize=NORMAL, va="center_baseline")
        if row.mark:
            after = self.lefts[5] + text_width(row.cells[5][-1], NORMAL) + 1
            ax.text(after, top - LINE * 0.5 + 2.2, row.mark, transform=corner, fontsize=4.8, va="center_baseline")

    def _rule(self, ax: Axes, y: float, line_width: float) -> None:
        rule = Line2D([0, self.width], [y, y], color="black", lw=line_width, transform=points_from(ax, 0, 1))
        ax.add_artist(rule)


def gene_table(table: pd.DataFrame, width: float) -> GeneTable:
    """Lay out the rows of single genes (the columns of the results) for a width in points.

    A population and an endpoint are written once, where they begin. What has no hazard ratio says so, and a note below
    the table gives the reason; so does every other remark of a row.
    """
    marks: dict[str, str] = {}
    rows = tuple(_rows(table, width, marks))
    notes = tuple(line for text, mark in marks.items() for line in wrap(f"({mark}) {plain(text)}.", width, SMALL))
    headings = _ADJUSTED if any(is_adjusted(record) for record in table.to_dict("records")) else HEADINGS
    return GeneTable(headings, rows, notes, _lefts(headings, rows, width), width)


def _rows(table: pd.DataFrame, width: float, marks: dict[str, str]) -> Iterator[_Row]:
    before = ("", "")
    for record in table.to_dict("records"):
        population, endpoint = str(record["population"]), str(record["endpoint"])
        texts = (
            population_label(population) if population != before[0] else "",
            plain(endpoint) if (population, endpoint) != before else "",
            plain(str(record["comparison"])),
        )
        note = "" if _missing(record["note"]) else str(record["note"])
        mark = marks.setdefault(note, _letter(len(marks))) if note else ""
        names = [tuple(wrap(text, share * width, NORMAL)) for text, share in zip(texts, WIDEST)]
        numbers = [(text,) for text in _numbers(record)]
        yield _Row((*names, *numbers), mark, population != before[0])
        before = (population, endpoint)


def _numbers(record: Mapping[Hashable, Any]) -> tuple[str, str, str, str]:
    value, lower, upper = (record[f"hazard_ratio{end}"] for end in ("", "_lower", "_upper"))
    n, p = record["n"], record[own_test(str(record["comparison"]), record) if is_adjusted(record) else "log_rank_p"]
    if not _missing(value):
        ratio = format_hazard_ratio(value, lower, upper)
    elif not _missing(n) and n:
        ratio = "not estimable"
    else:
        ratio = "not measured" if str(record["comparison"]) in str(record["note"]) else "not compared"
    test = "–" if _missing(p) else format_p(p).removeprefix("P ").removeprefix("= ")
    return _counts(n, record["events"]), _counts(record["n_positive"], record["events_positive"]), ratio, test


def _counts(n: Any, events: Any) -> str:
    return "–" if _missing(n) or not n else f"{n:,} ({events:,})"


def _missing(value: Any) -> bool:
    """None, NaN and pandas' NA."""
    return value is None or str(value) in {"nan", "<NA>"}


def _letter(i: int) -> str:
    """Marks a to z, then aa, ab ..."""
    return ascii_lowercase[i] if i < 26 else _letter(i // 26 - 1) + ascii_lowercase[i % 26]


def _lefts(headings: Sequence[str], rows: Sequence[_Row], width: float) -> tuple[float, ...]:
    """Where the columns begin: each as wide as its widest cell, what is left shared out between them."""
    widths = []
    for column, heading in enumerate(headings):
        cells = [text_width(line, NORMAL) for row in rows for line in row.cells[column]]
        widths.append(max([text_width(heading, NORMAL, bold=True), *cells]))
    space = max(6.0, (width - sum(widths) - 4) / (len(headings) - 1))
    return tuple(sum(widths[:column]) + column * space for column in range(len(headings)))
