"""The marker matrix: patients in columns, grouped by the strata of one marker, and every marker a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D

from strata.errors import Problem, UsageError
from strata.plots.page import page_axes, shortened, write_lines
from strata.plots.style import GREY, LARGE, NORMAL, SMALL, looks, text_width, wrap
from strata.plots.wording import plain, population_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from strata.stratification import Strata

__all__ = ["marker_calls", "plot_marker_matrix"]

WIDTH, MARGIN, ROW, TITLE_LINE, CAPTION_LINE = 518.0, 12.0, 11.0, 12.0, 8.4
WIDEST_LABEL, GAP, SPLIT, GROUP_LINE = 150.0, 8.0, 4.0, 10.0

STATES = ("positive", "negative", "unknown", "not assayed", "not applicable")
# the height of a cell tells the states apart also in grey: (colour, from, to) in shares of a row, from its middle
_CELLS = {
    "positive": ("#D55E00", -0.42, 0.42),
    "negative": ("#d9d9d9", -0.42, 0.42),
    "unknown": ("#0072B2", -0.17, 0.17),
    "not assayed": ("#000000", -0.04, 0.04),
}


def marker_calls(strata: Sequence[Strata], *, by: Strata | None = None) -> pd.DataFrame:
    """The cells of a marker matrix: a row a patient, in the order in which they are drawn, without ids.

    Parameters
    ----------
    strata : sequence of Strata
        Of one cohort, each positive and negative.
    by : Strata, optional
        Whose strata group the patients, also quantile groups; None: the first that tells patients apart.

    Returns
    -------
    DataFrame
        ``stratum``, then a column a marker: ``positive``, ``negative``, ``unknown`` (assayed, and yet not known), ``not
        assayed`` or ``not applicable`` (outside the population, or its membership unknown). Within a stratum patients
        are in the order of their calls, marker after marker.

    Raises
    ------
    UsageError
        When there are no strata, they are of several cohorts, or a row would be quantile groups.
    """
    strata = list(strata)
    if not strata:
        raise UsageError(Problem("strata", "a marker matrix needs a marker", code="E810"))
    if any(each.quantile_groups for each in strata):
        what, fix = "quantile groups are neither positive nor negative", "Pass them as by, or stratify without"
        raise UsageError(Problem("strata", what, fix, code="E812"))
    by = _by(strata) if by is None else by
    if any(not each.labels.index.equals(by.labels.index) or each.cohort != by.cohort for each in strata):
        raise UsageError(Problem("strata", "they are not of the same patients of one cohort", code="E812"))
    codes = np.array([_codes(each) for each in strata])
    groups, names = _groups(by)
    order = np.lexsort((*codes[::-1], groups))
    table = {name: np.array(STATES, dtype=object)[row[order]] for name, row in zip(_names(strata), codes)}
    return pd.DataFrame({"stratum": np.array(names, dtype=object)[groups[order]]} | table).astype("string")


def plot_marker_matrix(
    strata: Sequence[Strata], *, by: Strata | None = None, title: str = "", caption: str = ""
) -> Axes:
    """Draw which patients are positive for which markers, grouped by the strata of one of them.

    Parameters
    ----------
    strata, by
        As for ``marker_calls``, which gives the table of the figure. Of a run: ``results.cohorts[0].strata``.
    title, caption : str
        Above, by default the cohort; and below.

    Returns
    -------
    matplotlib.axes.Axes
        Alone in its figure. A column is a patient: it is no figure for a folder that is shared.
    """
    strata = list(strata)
    table = marker_calls(strata, by=by)
    by = _by(strata) if by is None else by
    markers = list(table.columns[1:])
    n = {state: (table[markers] == state).sum() for state in STATES}
    shown = [state for state in STATES if state in STATES[:3] or n[state].any()]
    with looks():
        inner = WIDTH - 2 * MARGIN
        titles = wrap(
            plain(title or f"{by.cohort}: {len(table):,} patients by {by.signature}"), inner, LARGE, bold=True
        )
        captions = wrap(plain(f"{_caption(shown)} {caption}".strip()), inner, SMALL)
        labels = [shortened(name, WIDEST_LABEL, NORMAL) for name in markers]
        left = MARGIN + max(text_width(label, NORMAL) for label in labels) + GAP
        widths = [max(text_width(state, SMALL, bold=True), 18.0) + GAP for state in shown]
        right = WIDTH - MARGIN - sum(widths)
        place = _places(table["stratum"].to_numpy(dtype=object), left, right)
        groups = _group_lines(table, place)
        head = MARGIN + TITLE_LINE * len(titles) + GROUP_LINE * (2 + max(line for *_, line in groups)) + 10
        height = head + ROW * len(markers) + GAP + CAPTION_LINE * len(captions) + MARGIN
        _, ax = page_axes(WIDTH, height)
        write_lines(ax, titles, MARGIN, MARGIN, TITLE_LINE, size=LARGE, weight="bold")
        _draw_groups(ax, groups, head - 4)
        for i, (marker, label) in enumerate(zip(markers, labels)):
            y = head + ROW * (i + 0.5)
            ax.text(left - GAP / 2, y, label, size=NORMAL, ha="right", va="center_baseline")
            _draw_row(ax, table[marker].to_numpy(dtype=object), place, y)
        _draw_counts(ax, {state: n[state].tolist() for state in shown}, right, widths, head)
        write_lines(ax, captions, MARGIN, head + ROW * len(markers) + GAP, CAPTION_LINE, size=SMALL, color=GREY)
    return ax


def _by(strata: Sequence[Strata]) -> Strata:
    """The first with patients in both strata; the first of all where none has."""
    apart = (each for each in strata if each.counts["positive"] and each.counts["negative"])
    return next(apart, strata[0])


def _codes(strata: Strata) -> NDArray[np.int64]:
    """The state of each patient, as an index into ``STATES``."""
    unknown = np.where(strata.unassayed, 3, 2)
    called = np.where(strata.is_("positive"), 0, np.where(strata.is_("negative"), 1, unknown))
    return np.where(strata.inside, called, 4)


def _names(strata: Sequence[Strata]) -> list[str]:
    """The signatures; with the population where one is there several times, and numbered where that is not enough."""
    ids = [each.signature for each in strata]
    names = [
        each.signature if ids.count(each.signature) == 1 else f"{each.signature}, {population_label(each.population)}"
        for each in strata
    ]
    return [
        name if names.count(name) == 1 else f"{name} ({names[: i + 1].count(name)})" for i, name in enumerate(names)
    ]


def _groups(by: Strata) -> tuple[NDArray[np.int64], list[str]]:
    """The stratum of each patient and what the strata are called, highest first, then unknown and not applicable."""
    labels = [str(label) for label in by.labels.cat.categories[::-1]]
    codes = by.labels.cat.codes.to_numpy(dtype=np.int64)
    called = np.where(codes < 0, len(labels), len(labels) - 1 - codes)
    return np.where(by.inside, called, len(labels) + 1), [*labels, "unknown", "not applicable"]


def _places(strata: NDArray[np.object_], left: float, right: float) -> NDArray[np.float64]:
    """Left and right end of each patient's column, shape (n, 2); strata are apart."""
    number = np.cumsum(np.r_[False, strata[1:] != strata[:-1]])
    width = (right - left - SPLIT * number[-1]) / strata.size
    start = left + width * np.arange(strata.size) + SPLIT * number
    return np.column_stack([start, start + width])


def _group_lines(table: pd.DataFrame, place: NDArray[np.float64]) -> list[tuple[str, float, float, int]]:
    """Of each stratum its name with its size, where its patients begin and end, and the line its name is on.

    From the right: a name that would run into the next one goes a line up, where it begins to the left of all below.
    """
    sizes = table["stratum"].value_counts(sort=False)
    ends = np.cumsum(sizes.to_numpy())
    found: list[tuple[str, float, float, int]] = []
    begins: list[float] = []
    for group, n, end in list(zip(sizes.index, sizes, ends))[::-1]:
        text, start = f"{group} ({n:,})", float(place[end - n, 0])
        free = [i for i, begin in enumerate(begins) if start + text_width(text, SMALL) + 6 < begin]
        line = free[0] if free else len(begins)
        begins[line:] = [start]
        found.append((text, start, float(place[end - 1, 1]), line))
    return found


def _draw_groups(ax: Axes, groups: Sequence[tuple[str, float, float, int]], bottom: float) -> None:
    """A bar over the patients of each stratum, and its name above the headings of the counts."""
    for text, start, end, line in groups:
        top = bottom - GROUP_LINE * (line + 1.6)
        ax.add_line(Line2D((start, end), (bottom, bottom), color="black", lw=1.2, solid_capstyle="butt"))
        ax.add_line(Line2D((start, start), (bottom, top - 3), color="black", lw=0.5))
        ax.text(start + 2, top, text, size=SMALL, va="center_baseline")


def _draw_row(ax: Axes, calls: NDArray[np.object_], place: NDArray[np.float64], y: float) -> None:
    """Runs of neighbours of one state are one box."""
    breaks = np.r_[True, (calls[1:] != calls[:-1]) | (place[1:, 0] - place[:-1, 1] > SPLIT / 2)]
    starts = np.flatnonzero(breaks)
    ends = np.r_[starts[1:], calls.size] - 1
    for state, (colour, low, high) in _CELLS.items():
        mine = calls[starts] == state
        lefts, rights = place[starts[mine], 0], place[ends[mine], 1]
        bottom, top = y + ROW * low, y + ROW * high
        boxes = [[(a, bottom), (b, bottom), (b, top), (a, top)] for a, b in zip(lefts, rights)]
        if boxes:
            ax.add_collection(PolyCollection(boxes, facecolor=colour, edgecolor="none", label=state), autolim=False)


def _draw_counts(ax: Axes, n: dict[str, list[int]], left: float, widths: Sequence[float], top: float) -> None:
    for (state, counts), right in zip(n.items(), left + np.cumsum(widths)):
        ax.text(right, top - 9, state, size=SMALL, weight="bold", ha="right", va="center_baseline")
        for i, count in enumerate(counts):
            ax.text(right, top + ROW * (i + 0.5), f"{count:,}", size=NORMAL, ha="right", va="center_baseline")


def _caption(shown: Sequence[str]) -> str:
    said = {
        "positive": "Full height, coloured: positive",
        "negative": "full height, grey: negative",
        "unknown": "third of the height, blue: unknown although assayed",
        "not assayed": "line: not assayed",
        "not applicable": "blank: outside the population of the marker, or not known to be in it",
    }
    return f"A column is a patient. {'; '.join(said[state] for state in shown)}."
