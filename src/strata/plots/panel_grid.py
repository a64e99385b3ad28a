"""Survival panels in a grid on shared axes, with titles, and what stands below them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from matplotlib.figure import Figure

from strata.plots.key import height_for
from strata.plots.panel import draw_panel
from strata.plots.risk_rows import gutter, number_width, risk_rows_height
from strata.plots.steps import drawn_strata, stratum_labels
from strata.plots.style import GREY, LARGE, LETTER, NORMAL, SMALL, looks, points_from, wrap
from strata.plots.wording import endpoint_label, plain, population_label, reason_for_nothing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from strata.plots.key import Key
    from strata.plots.look import Look
    from strata.plots.steps import DrawnStratum
    from strata.survival.result import Comparison

__all__ = ["HEADING_LINE", "LETTER_ROOM", "MARGIN", "WIDTH", "Page", "Panel", "draw_facets"]

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


class Below(Protocol):
    """What a page has below its panels."""

    @property
    def height(self) -> float:
        """Points that it takes; 0 for nothing."""

    def draw(self, page: Page, top: float) -> None:
        """Draw it from ``top`` points down."""


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
    names: Sequence[str]
    strata: Sequence[DrawnStratum]


class Page(NamedTuple):
    """A figure measured in points from its top left corner."""

    figure: Figure
    height: float

    def axes(self, left: float, top: float, width: float, height: float, *, frame: bool = True) -> Axes:
        """An axes of its own."""
        across, down = WIDTH, self.height
        ax = self.figure.add_axes((left / across, 1 - (top + height) / down, width / across, height / down))
        if not frame:
            ax.set_axis_off()
        return ax

    def write(self, lines: Sequence[str], left: float, top: float, step: float, **how: Any) -> float:
        """Lines of text from ``top`` down; where the next one would begin."""
        for line in lines:
            self.figure.text(left / WIDTH, 1 - (top + step / 2) / self.height, line, va="center_baseline", **how)
            top += step
        return top

    def letter(self, letter: str, left: float, top: float) -> None:
        """The letter of a panel."""
        self.write([plain(letter)], left, top, HEADING_LINE, size=LETTER, weight="bold")


def draw_facets(
    panels: Sequence[Panel],
    *,
    title: str,
    caption: str,
    look: Look,
    labels: Sequence[str] | None = None,
    below: Below | None = None,
    axes_height: float = AXES_HEIGHT,
) -> tuple[Figure, list[Axes]]:
    """Draw panels in a grid (rows are populations, columns endpoints) on shared axes, and ``below`` under them.

    With one endpoint or one population only, two panels stand side by side.
    """
    inner = WIDTH - 2 * MARGIN
    least = max((panel.min_cell for panel in panels), default=0)
    longest = max((float(p.comparison.time.max()) for p in panels if p.comparison and not p.missing), default=0.0)
    look = look.hiding(least).until(longest)
    with looks():
        rows = _grid(panels, look, labels, axes_height)
        titles = wrap(plain(title), inner, LARGE, bold=True) if title else []
        captions = wrap(plain(caption), inner, SMALL) if caption else []
        heights = [_row_height(row) for row in rows]
        under = below.height if below is not None else 0.0
        height = 2 * MARGIN + TITLE_LINE * len(titles) + AFTER_TITLE + sum(heights) + under
        height += CAPTION_LINE * len(captions)
        page = Page(Figure(figsize=(WIDTH / 72, height / 72)), height)
        y = page.write(titles, MARGIN, MARGIN, TITLE_LINE, size=LARGE, weight="bold") + AFTER_TITLE
        drawn: list[Axes] = []
        keys: list[Key] = []
        for row, taken in zip(rows, heights):
            for ax, key in _draw_row(page, row, y, look):
                drawn.append(ax)
                keys += [key] if key is not None else []
            y += taken
        room = max((key.lines_above() for key in keys), default=0)
        if axes_height == AXES_HEIGHT < (needed := height_for(room, AXES_HEIGHT)):
            options: dict[str, Any] = {"look": look, "labels": labels, "below": below, "axes_height": needed}
            return draw_facets(panels, title=title, caption=caption, **options)
        for key in keys:
            key.draw(room)
        if below is not None and under:
            below.draw(page, y)
        page.write(captions, MARGIN, y + under, CAPTION_LINE, size=SMALL, color=GREY)
    return page.figure, drawn


def _grid(panels: Sequence[Panel], look: Look, labels: Sequence[str] | None, height: float) -> list[list[_Cell]]:
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
            left, lettered = MARGIN + column * (slot + BETWEEN), panel.letter not in seen
            own = look.hiding(panel.min_cell)
            line.append(_cell(panel, left, slot, own, labels, height=height, lettered=lettered))
            seen.add(panel.letter)
        cells.append(line)
    return cells


def _cell(
    panel: Panel,
    left: float,
    slot: float,
    look: Look,
    labels: Sequence[str] | None,
    *,
    height: float,
    lettered: bool,
) -> _Cell:
    heading = tuple(wrap(population_label(panel.population), slot - LETTER_ROOM, LARGE))
    comparison = panel.comparison
    if panel.missing or comparison is None:
        empty = max(EMPTY_HEIGHT, REASON_LINE * (len(_reason_lines(panel, slot)) + 3))
        return _Cell(panel, lettered, heading, left, 0.0, slot, empty, 0.0, (), ())
    names = stratum_labels(comparison, labels)
    strata = drawn_strata(comparison, names, look)
    before = max(gutter(strata), AXIS_ROOM)
    width = slot - before - number_width(strata) / 2
    under = AXIS_ROOM if look.rows is None else risk_rows_height(strata, gutter(strata) + width, look.rows)
    return _Cell(panel, lettered, heading, left, before, width, height, under, names, strata)


def _row_height(row: Sequence[_Cell]) -> float:
    return _heading_height(row) + max(c.height for c in row) + max(c.below for c in row) + AFTER_ROW


def _heading_height(row: Sequence[_Cell]) -> float:
    return max(len(cell.heading) for cell in row) * HEADING_LINE + 6


def _draw_row(page: Page, row: Sequence[_Cell], top: float, look: Look) -> list[tuple[Axes, Key | None]]:
    height = max(cell.height for cell in row)
    drawn: list[tuple[Axes, Key | None]] = []
    for cell in row:
        panel = cell.panel
        if cell.lettered:
            page.letter(panel.letter, cell.left, top)
        page.write(cell.heading, cell.left + LETTER_ROOM, top, HEADING_LINE, size=LARGE)
        ax = page.axes(cell.left + cell.gutter, top + _heading_height(row), cell.width, height)
        if panel.missing or panel.comparison is None:
            _draw_reason(ax, panel, cell.width)
            drawn.append((ax, None))
            continue
        own = look.hiding(panel.min_cell)
        key = draw_panel(ax, panel.comparison, cell.strata, own, names=cell.names, endpoint=panel.endpoint)
        drawn.append((ax, key))
    return drawn


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
