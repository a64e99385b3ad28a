"""Figure 2: survival panels by population and endpoint, and the table of each gene alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from matplotlib.figure import Figure

from strata.plots.gene_table import gene_table
from strata.plots.kaplan_meier import counted_labels, plot_survival, stratum_labels
from strata.plots.risk_rows import gutter, number_width, risk_rows_height
from strata.plots.style import GREY, LARGE, LETTER, NORMAL, SMALL, looks, points_from, wrap
from strata.plots.wording import endpoint_label, plain, population_label, reason_for_nothing

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from strata.survival.result import Comparison

__all__ = ["Panel", "draw_figure2"]

WIDTH, MARGIN, BETWEEN = 518.0, 12.0, 20.0
"""Points: a double-column figure (183 mm), its margin, space between panels."""

AXES_HEIGHT, EMPTY_HEIGHT, WIDEST = 132.0, 62.0, 340.0
"""Points: curves, a frame with a reason only, and the widest panel."""

HEADING_LINE, TITLE_LINE, CAPTION_LINE, REASON_LINE = 11.0, 13.0, 8.4, 9.2
LETTER_ROOM, AXIS_ROOM, AFTER_ROW, AFTER_TITLE = 14.0, 36.0, 14.0, 6.0


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel of the figure.

    Parameters
    ----------
    letter : str
        ``"A"``; the panels of one population share it.
    population, endpoint : str
        Ids or labels: ``"er-positive"`` is written "ER-positive", ``"DFS"`` "Disease-free survival".
    comparison : Comparison or None
        What is drawn; None where nothing can be.
    reason : str
        Why nothing is drawn, in plain words; by default the comparison's own notes.
    min_cell : int
        As for ``plot_survival``.
    """

    letter: str
    population: str
    endpoint: str
    comparison: Comparison | None
    reason: str = ""
    min_cell: int = 0

    @property
    def missing(self) -> str:
        """Why there is nothing to draw; empty when there is."""
        found = reason_for_nothing(self.comparison)
        return plain(self.reason or found) if found else ""


class _Cell(NamedTuple):
    """A panel laid out: sizes in points."""

    panel: Panel
    lettered: bool
    heading: tuple[str, ...]
    left: float
    gutter: float
    width: float
    height: float
    below: float


def draw_figure2(panels: Sequence[Panel], table: pd.DataFrame, *, title: str, caption: str) -> Figure:
    """Draw the panels (rows are populations, columns endpoints) and the table of single genes below them.

    Parameters
    ----------
    panels : sequence of Panel
        In reading order. With one endpoint or one population only, two panels stand side by side.
    table : DataFrame
        Rows of the results (``strata.survival.result.COLUMNS``), one a gene, population and endpoint; ``comparison``
        holds the gene's symbol. Rows without a hazard ratio say so and give their note below the table.
    title, caption : str
        Above and below everything, wrapped. The caption states cut, cut scope, comparator and number of tests.

    Returns
    -------
    matplotlib.figure.Figure
        183 mm wide, as high as it needs to be; ``figure_to_files`` writes it.
    """
    inner = WIDTH - 2 * MARGIN
    with looks():
        rows = _grid(panels)
        drawn = gene_table(table, inner)
        titles = wrap(plain(title), inner, LARGE, bold=True)
        captions = wrap(plain(caption), inner, SMALL)
        heights = [_row_height(row) for row in rows]
        height = 2 * MARGIN + TITLE_LINE * len(titles) + AFTER_TITLE + sum(heights) + CAPTION_LINE * len(captions)
        height += HEADING_LINE + 6 + drawn.height + 10 if drawn.rows else 0
        page = _Page(Figure(figsize=(WIDTH / 72, height / 72)), height)
        y = MARGIN
        y = page.write(titles, MARGIN, y, TITLE_LINE, size=LARGE, weight="bold") + AFTER_TITLE
        for row, taken in zip(rows, heights):
            _draw_row(page, row, y)
            y += taken
        if drawn.rows:
            page.letter(_letter_after(panels), MARGIN, y)
            y = page.write(["Each gene alone"], MARGIN + LETTER_ROOM, y, HEADING_LINE, size=LARGE) + 6
            drawn.draw(page.axes(MARGIN, y, inner, drawn.height, frame=False))
            y += drawn.height + 10
        page.write(captions, MARGIN, y, CAPTION_LINE, size=SMALL, color=GREY)
    return page.figure


class _Page(NamedTuple):
    """A figure measured in points from its top left corner."""

    figure: Figure
    height: float

    def axes(self, left: float, top: float, width: float, height: float, *, frame: bool = True) -> Axes:
        across, down = WIDTH, self.height
        ax = self.figure.add_axes((left / across, 1 - (top + height) / down, width / across, height / down))
        if not frame:
            ax.set_axis_off()
        return ax

    def write(self, lines: Sequence[str], left: float, top: float, step: float, **how: Any) -> float:
        for line in lines:
            self.figure.text(left / WIDTH, 1 - (top + step / 2) / self.height, line, va="center_baseline", **how)
            top += step
        return top

    def letter(self, letter: str, left: float, top: float) -> None:
        self.write([plain(letter)], left, top, HEADING_LINE, size=LETTER, weight="bold")


def _grid(panels: Sequence[Panel]) -> list[list[_Cell]]:
    """Panels in rows: by population, or two side by side when there is one endpoint or one population."""
    populations = list(dict.fromkeys(panel.population for panel in panels))
    endpoints = list(dict.fromkeys(panel.endpoint for panel in panels))
    if len(endpoints) == 1 or len(populations) == 1:
        rows = [list(panels[i : i + 2]) for i in range(0, len(panels), 2)]
    else:
        rows = [[panel for panel in panels if panel.population == population] for population in populations]
    columns = max(map(len, rows), default=1)
    slot = min(WIDEST, (WIDTH - 2 * MARGIN - BETWEEN * (columns - 1)) / columns)
    seen: set[str] = set()
    cells = []
    for row in rows:
        line = []
        for column, panel in enumerate(row):
            line.append(_cell(panel, MARGIN + column * (slot + BETWEEN), slot, lettered=panel.letter not in seen))
            seen.add(panel.letter)
        cells.append(line)
    return cells


def _cell(panel: Panel, left: float, slot: float, *, lettered: bool) -> _Cell:
    heading = tuple(wrap(population_label(panel.population), slot - LETTER_ROOM, LARGE))
    comparison = panel.comparison
    if panel.missing or comparison is None:
        height = max(EMPTY_HEIGHT, REASON_LINE * (len(_reason_lines(panel, slot)) + 3))
        return _Cell(panel, lettered, heading, left, 0.0, slot, height, 0.0)
    names = counted_labels(comparison, stratum_labels(comparison), panel.min_cell)
    before = max(gutter(comparison), AXIS_ROOM)
    width = slot - before - number_width(comparison) / 2
    below = risk_rows_height(names, gutter(comparison) + width)
    return _Cell(panel, lettered, heading, left, before, width, AXES_HEIGHT, below)


def _row_height(row: Sequence[_Cell]) -> float:
    return _heading_height(row) + max(c.height for c in row) + max(c.below for c in row) + AFTER_ROW


def _heading_height(row: Sequence[_Cell]) -> float:
    return max(len(cell.heading) for cell in row) * HEADING_LINE + 6


def _draw_row(page: _Page, row: Sequence[_Cell], top: float) -> None:
    height = max(cell.height for cell in row)
    for cell in row:
        if cell.lettered:
            page.letter(cell.panel.letter, cell.left, top)
        page.write(cell.heading, cell.left + LETTER_ROOM, top, HEADING_LINE, size=LARGE)
        ax = page.axes(cell.left + cell.gutter, top + _heading_height(row), cell.width, height)
        if cell.panel.missing or cell.panel.comparison is None:
            _draw_reason(ax, cell.panel, cell.width)
        else:
            plot_survival(cell.panel.comparison, ax=ax, endpoint=cell.panel.endpoint, min_cell=cell.panel.min_cell)


def _reason_lines(panel: Panel, width: float) -> list[str]:
    return wrap(f"not drawn: {panel.missing}", width - 24, NORMAL)


def _draw_reason(ax: Axes, panel: Panel, width: float) -> None:
    ax.set(xticks=[], yticks=[], facecolor="#fafafa")
    for spine in ax.spines.values():
        spine.set(color="#bbbbbb", linestyle=(0, (3, 3)))
    lines = [endpoint_label(panel.endpoint), *_reason_lines(panel, width)]
    corner = points_from(ax, 0.5, 0.5)
    for i, line in enumerate(lines):
        y = REASON_LINE * ((len(lines) - 1) / 2 - i)
        how: dict[str, Any] = {"weight": "bold"} if i == 0 else {"color": GREY}
        ax.text(0, y, line, transform=corner, fontsize=NORMAL, ha="center", va="center_baseline", **how)


def _letter_after(panels: Sequence[Panel]) -> str:
    """The table's letter: the one after the last panel's."""
    last = max((panel.letter for panel in panels), default="")
    return chr(ord(last[0]) + 1) if last else "A"
