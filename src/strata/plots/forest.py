"""A forest plot: hazard ratios in rows, with their intervals on a logarithmic axis."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon

from strata.errors import Problem, UsageError
from strata.plots.forest_rows import main_comparison, pooled_blocks, signature_blocks, subgroup_blocks
from strata.plots.page import page_axes, shortened, write_lines
from strata.plots.style import GREY, LARGE, NORMAL, SMALL, looks, text_width, wrap
from strata.plots.wording import format_hazard_ratio, format_p, plain, test_in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from strata.plots.forest_rows import ForestBlock, ForestRow
    from strata.survival import Pooled, SurvivalComparison
    from strata.survival.result import HazardRatio

__all__ = ["draw_forest", "plot_forest", "plot_pooled", "plot_subgroups"]

WIDTH, MARGIN, LINE, BETWEEN = 518.0, 12.0, 12.0, 6.0
"""Points: a double-column figure (183 mm), its margin, a row, space after a block."""
TITLE_LINE, CAPTION_LINE, AXIS_ROOM = 13.0, 8.4, 34.0
NARROWEST_PLOT, WIDEST_LABEL, GAP = 120.0, 130.0, 10.0
FURTHEST = 50.0
"""Hazard ratios above it and below its inverse lie outside of the axis; an arrow says so."""
TICKS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
FEWER_TICKS = (0.02, 0.1, 0.5, 1.0, 2.0, 10.0, 50.0)
POOLED = "#0072B2"
_LOG_RANK = "log-rank test, by permutation in small groups"


def plot_forest(results: Sequence[SurvivalComparison], *, title: str = "", caption: str = "") -> Axes:
    """Draw a forest of signatures: a row a result, marker-positive against the rest.

    Parameters
    ----------
    results : sequence of SurvivalComparison
        ``run_plan(...).comparisons()``, or several of ``compare_survival``. Rows of one cohort, population and endpoint
        stand together; what has no hazard ratio says so. ``forest_frame(signature_blocks(results))`` is the table.
    title : str
    caption : str
        What to add to the caption.

    Returns
    -------
    matplotlib.axes.Axes
        Alone in its figure, 183 mm wide and as high as it needs to be (``figure_to_files(ax.figure, ...)``).

    Raises
    ------
    UsageError
        When there is no result.
    """
    results = list(results)
    labels = {tuple(group.label for group in main_comparison(result).groups) for result in results} - {()}
    first, last = next(iter(labels)) if len(labels) == 1 else ("positive", "rest")
    drawn = signature_blocks(results)
    rows = [row for block in drawn for row in block.rows]
    missing = sum(row.hazard_ratio is None for row in rows)
    said = [
        "Squares: Cox regression, Wald 95 % CI; arrows: the interval goes on. P:"
        f" {test_in_words(map(main_comparison, results), _LOG_RANK)}; not adjusted for the number of rows.",
        f"{missing} of {len(rows)} rows have no hazard ratio." if missing else "",
        caption,
    ]
    return _one_axes(drawn, (first, last), title or "Signatures", " ".join(filter(None, said)))


def plot_subgroups(results: Sequence[SurvivalComparison], *, title: str = "", caption: str = "") -> Axes:
    """Draw the subgroups of results with the P of the interaction of each factor.

    Parameters are those of ``plot_forest``; ``forest_frame(subgroup_blocks(results))`` is the table.
    """
    results = list(results)
    said = (
        "Exploratory, not adjusted for multiplicity. Squares: Cox regression within the subgroup, Wald 95 % CI; P:"
        f" {test_in_words(map(main_comparison, results), _LOG_RANK)}. Interaction: likelihood-ratio test that the"
        " hazard ratio is the same in all levels; without it, subgroups are not shown to differ."
    )
    title = title or f"{_named(results)} in subgroups"
    return _one_axes(subgroup_blocks(results), ("positive", "rest"), title, f"{said} {caption}".strip())


def plot_pooled(pooled: Sequence[Pooled], *, title: str = "", caption: str = "") -> Axes:
    """Draw cohorts, the ways to pool them as diamonds, and the prediction interval for a further cohort.

    Parameters are those of ``plot_forest``, with what ``pool`` returned; ``forest_frame(pooled_blocks(pooled))`` is the
    table.
    """
    pooled = list(pooled)
    said = (
        "Squares: hazard ratio of each cohort, Wald 95 % CI, area by its share of the random effects. Diamonds: all"
        " cohorts; random effects by Hartung-Knapp; dashed: 95 % prediction interval for a further cohort. P: log-rank"
        " test of cohorts, of all patients and stratified by cohort; Wald's of fixed and random effects."
    )
    adjusted = dict.fromkeys(row.adjusted_for for each in pooled for row in each.rows if row.adjusted_for)
    if adjusted:
        said += f" HR of cohorts, fixed and random effects adjusted for {'; '.join(adjusted)}, and P is Wald's."
    arms = (pooled[0].positive, pooled[0].reference) if pooled else ("positive", "rest")
    title = title or f"{_named(pooled)}, by cohort"
    return _one_axes(pooled_blocks(pooled), arms, title, f"{said} {caption}".strip())


def _named(results: Sequence[SurvivalComparison] | Sequence[Pooled]) -> str:
    return ", ".join(dict.fromkeys(result.signature for result in results))


def _one_axes(blocks: Sequence[ForestBlock], arms: tuple[str, str], title: str, caption: str) -> Axes:
    headings = tuple(f"{arm}, n (events)" for arm in arms)
    axis = f"Hazard ratio, {arms[0]} vs {arms[1]} (log scale)"
    return draw_forest(blocks, headings=headings, title=title, caption=caption, axis=axis).axes[0]


def draw_forest(
    blocks: Sequence[ForestBlock], *, headings: Sequence[str], title: str, caption: str, axis: str
) -> Figure:
    """Draw rows of hazard ratios.

    Parameters
    ----------
    blocks : sequence of ForestBlock
    headings : sequence of str
        Of the columns of counts.
    title, caption : str
        Above and below, wrapped.
    axis : str
        Which ratio it is: ``"Hazard ratio, positive vs rest (log scale)"``.

    Returns
    -------
    matplotlib.figure.Figure
        183 mm wide, as high as it needs to be; ``figure_to_files`` writes it.

    Raises
    ------
    UsageError
        When there is no row.
    """
    if not any(block.rows for block in blocks):
        raise UsageError(Problem("", "a forest plot needs a row", code="E810"))
    with looks():
        inner = WIDTH - 2 * MARGIN
        titles = wrap(plain(title), inner, LARGE, bold=True)
        captions = wrap(plain(caption), inner, SMALL)
        body = sum(len(block.rows) * LINE + LINE + BETWEEN for block in blocks) + 2 * LINE
        height = 2 * MARGIN + TITLE_LINE * len(titles) + body + AXIS_ROOM + CAPTION_LINE * len(captions)
        figure, ax = page_axes(WIDTH, height)
        top = write_lines(ax, titles, MARGIN, MARGIN, TITLE_LINE, size=LARGE, weight="bold")
        forest = _Forest(ax, blocks, headings)
        top = forest.draw(top + LINE, axis)
        write_lines(ax, captions, MARGIN, top, CAPTION_LINE, size=SMALL, color=GREY)
    return figure


class _Forest:
    """Columns laid out for the widest cell of each; draws from the top down."""

    def __init__(self, ax: Axes, blocks: Sequence[ForestBlock], headings: Sequence[str]) -> None:
        self.ax, self.blocks, self.headings = ax, blocks, headings
        rows = [row for block in blocks for row in block.rows]
        label = max(text_width(_label(row), NORMAL) for row in rows) + 8
        counts = [
            max(text_width(text, NORMAL, bold=text == heading) for text in (heading, *(row.counts[i] for row in rows)))
            for i, heading in enumerate(headings)
        ]
        self.rights = [MARGIN + label + sum(counts[: i + 1]) + GAP * (i + 1) for i in range(len(counts))]
        ratio = max(text_width(_ratio(row), NORMAL) for row in rows)
        p = max(text_width(_p(row), NORMAL) for row in rows)
        self.p_left = WIDTH - MARGIN - max(p, text_width("P", NORMAL, bold=True))
        self.ratio_left = self.p_left - GAP - max(ratio, text_width("HR (95 % CI)", NORMAL, bold=True))
        self.left = (self.rights[-1] if counts else MARGIN + label) + 1.5 * GAP
        self.right = max(self.ratio_left - 1.5 * GAP, self.left + NARROWEST_PLOT)
        self.low, self.high = _range(rows)

    def at(self, ratio: float) -> float:
        """Where a hazard ratio lies, not beyond the ends of the axis."""
        with np.errstate(divide="ignore"):
            logs = np.log([max(ratio, 0.0), self.low, self.high])
        share = (logs[0] - logs[1]) / (logs[2] - logs[1])
        return self.left + (self.right - self.left) * float(np.clip(share, 0.0, 1.0))

    def draw(self, top: float, axis: str) -> float:
        self._text(self.ratio_left, top, "HR (95 % CI)", weight="bold")
        self._text(self.p_left, top, "P", weight="bold")
        for right, heading in zip(self.rights, self.headings):
            self._text(right, top, heading, weight="bold", ha="right")
        first = y = top + LINE
        for block in self.blocks:
            # a long heading lies over the line of no effect
            behind = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
            self._text(MARGIN, y, plain(block.heading), weight="bold", bbox=behind)
            if block.remark:
                self._text(WIDTH - MARGIN, y, plain(block.remark), color=GREY, ha="right")
            y += LINE
            for row in block.rows:
                self._row(row, y)
                y += LINE
            y += BETWEEN
        return self._axis(first, y, axis)

    def _text(self, x: float, y: float, text: str, **how: Any) -> None:
        self.ax.text(x, y, text, fontsize=NORMAL, va="center_baseline", **how)

    def _line(self, xs: tuple[float, float], ys: tuple[float, float], **how: Any) -> None:
        look: dict[str, Any] = {"color": "black", "lw": 0.9} | how
        self.ax.add_line(Line2D(xs, ys, **look))

    def _row(self, row: ForestRow, y: float) -> None:
        self._text(MARGIN + 8, y, _label(row))
        for right, text in zip(self.rights, row.counts):
            self._text(right, y, text, ha="right")
        self._text(self.ratio_left, y, _ratio(row), **({} if row.hazard_ratio else {"color": GREY}))
        self._text(self.p_left, y, _p(row))
        if row.hazard_ratio is None:
            return
        if not math.isnan(row.prediction[0]):
            self._interval(*row.prediction, y, ls=(0, (2.0, 1.5)), color=POOLED)
        if row.pooled:
            self._diamond(row.hazard_ratio, y)
            return
        self._interval(row.hazard_ratio.lower, row.hazard_ratio.upper, y)
        if self.low <= row.hazard_ratio.value <= self.high:
            share = 0.25 if math.isnan(row.weight) else row.weight
            size = 2.5 + 5.5 * math.sqrt(share)
            self.ax.plot(self.at(row.hazard_ratio.value), y, "s", ms=size, color="black", mew=0)

    def _interval(self, lower: float, upper: float, y: float, **how: Any) -> None:
        ends = self.at(lower), self.at(upper)
        self._line(ends, (y, y), **how)
        for bound, x, arrow in ((lower, ends[0], "<"), (upper, ends[1], ">")):
            if not self.low <= bound <= self.high:
                self.ax.plot(x, y, arrow, ms=3.2, mew=0, color=how.get("color", "black"))

    def _diamond(self, hazard: HazardRatio, y: float) -> None:
        left, middle, right = (self.at(ratio) for ratio in (hazard.lower, hazard.value, hazard.upper))
        corners = [(left, y), (middle, y - 3.6), (right, y), (middle, y + 3.6)]
        self.ax.add_patch(Polygon(corners, closed=True, facecolor=POOLED, edgecolor="black", lw=0.6, zorder=3))

    def _axis(self, first: float, bottom: float, axis: str) -> float:
        one = self.at(1.0)
        self._line((one, one), (first, bottom), lw=0.6, color=GREY, ls=(0, (1.0, 1.5)), zorder=0)
        self._line((self.left, self.right), (bottom, bottom), lw=0.7)
        ticks = TICKS if self.high / self.low < 200.0 else FEWER_TICKS
        for tick in (tick for tick in ticks if self.low <= tick <= self.high):
            x = self.at(tick)
            self._line((x, x), (bottom, bottom + 2.5), lw=0.7)
            self._text(x, bottom + 8, f"{tick:g}", ha="center")
        middle = (self.left + self.right) / 2
        for i, line in enumerate(wrap(plain(axis), self.right - self.left + 6 * GAP, NORMAL)):
            self._text(middle, bottom + 18 + 8.5 * i, line, ha="center")
        return bottom + AXIS_ROOM


def _label(row: ForestRow) -> str:
    return shortened(row.label, WIDEST_LABEL, NORMAL)


def _ratio(row: ForestRow) -> str:
    hazard = row.hazard_ratio
    return row.reason if hazard is None else format_hazard_ratio(hazard.value, hazard.lower, hazard.upper)


def _p(row: ForestRow) -> str:
    return "" if math.isnan(row.p_value) else format_p(row.p_value).removeprefix("P ").removeprefix("= ")


def _range(rows: Sequence[ForestRow]) -> tuple[float, float]:
    """The ends of the axis: all intervals, a half and a double, as far as ``FURTHEST``."""
    ends = [0.5, 2.0]
    for row in rows:
        if row.hazard_ratio is not None:
            ends += [row.hazard_ratio.lower, row.hazard_ratio.upper, *row.prediction]
    known = np.clip([end for end in ends if not math.isnan(end)], 1 / FURTHEST, FURTHEST)
    return float(known.min()) / 1.05, float(known.max()) * 1.05
