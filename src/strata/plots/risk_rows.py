"""The table under a survival curve: at risk, censored and events of each stratum, adding up to its patients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.transforms import blended_transform_factory

from strata.plots.style import SMALL, Stroke, points_from, points_of, text_width, wrap
from strata.survival.kernels.risk_table import number_at_risk
from strata.survival.small_cells import shown_counts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from strata.survival.result import Comparison

__all__ = [
    "StratumCounts",
    "draw_risk_rows",
    "gutter",
    "month_ticks",
    "number_width",
    "risk_rows_height",
    "stratum_counts",
]

ROW, GAP, TOP = 8.2, 3.0, 28.0
"""Points: height of a row, space after a stratum, from the axes down to the first row (tick and axis labels)."""

SAMPLE = 16.0
"""Points: length of the line that shows a stratum's stroke."""

NAMES = ("At risk", "Censored", "Events")
STEPS = (0.1, 0.25, 0.5, 1, 2, 3, 6, 12, 24, 36, 60, 120, 240, 600, 1200, 2400, 6000, 12000)


class StratumCounts(NamedTuple):
    """Of one stratum at each tick: patients with time >= t, and those censored or with an event before t."""

    at_risk: NDArray[np.int64]
    censored: NDArray[np.int64]
    events: NDArray[np.int64]


def stratum_counts(comparison: Comparison, ticks: Sequence[float]) -> list[StratumCounts]:
    """The numbers under the curves; at every tick the three of a stratum add up to its patients."""
    counts = []
    for i in range(len(comparison.groups)):
        own = comparison.group == i
        entry = None if comparison.entry is None else comparison.entry[own]
        found = number_at_risk(comparison.time[own], comparison.event[own], ticks, entry)
        counts.append(StratumCounts(found.at_risk, found.censored, found.events))
    return counts


def number_width(comparison: Comparison) -> float:
    """Points that the widest number of the rows takes."""
    return max(text_width(f"{group.n:,}", SMALL) for group in comparison.groups)


def month_ticks(limit: float, width: float, number: float) -> list[float]:
    """Ticks from 0 to ``limit`` months, as many as numbers of a ``number`` of points have room in ``width`` points."""
    room = max(2, min(9, int(width / (number + 8))))
    step = next((step for step in STEPS if limit / step < room), limit)
    return [float(tick) for tick in np.arange(0, limit + step * 1e-9, step)]


def gutter(comparison: Comparison) -> float:
    """Points left of the axes that the row names and the first numbers need."""
    return max(text_width(name, SMALL) for name in NAMES) + number_width(comparison) / 2 + 8


def risk_rows_height(labels: Sequence[str], width: float) -> float:
    """Points below the axes that ticks, axis label and the rows of all strata take."""
    lines = sum(len(wrap(label, width - SAMPLE - 4, SMALL, bold=True)) for label in labels)
    return TOP + ROW * (lines + len(NAMES) * len(labels)) + GAP * len(labels)


def draw_risk_rows(
    ax: Axes,
    comparison: Comparison,
    labels: Sequence[str],
    drawn: Sequence[Stroke],
    ticks: Sequence[float],
    min_cell: int = 0,
) -> None:
    """Draw the numbers of every stratum below ``ax``, each number under its tick; none that tells of few patients."""
    corner = points_from(ax, 0, 0)
    under = blended_transform_factory(ax.transData, corner)
    left = -gutter(comparison)
    width = points_of(ax)[0] - left
    y = -TOP
    for label, stroke, counts in zip(labels, drawn, stratum_counts(comparison, ticks)):
        sample = Line2D([left, left + SAMPLE], [y - ROW / 2] * 2, color=stroke.colour, ls=stroke.dashes, lw=1.5)
        sample.set(transform=corner, clip_on=False)
        ax.add_artist(sample)
        for line in wrap(label, width - SAMPLE - 4, SMALL, bold=True):
            ax.text(
                left + SAMPLE + 4,
                y - ROW / 2,
                line,
                transform=corner,
                fontsize=SMALL,
                weight="bold",
                va="center_baseline",
            )
            y -= ROW
        shown = [shown_counts(whole, min_cell) for whole in zip(*counts)]
        for name, numbers in zip(NAMES, zip(*shown)):
            ax.text(left, y - ROW / 2, name, transform=corner, fontsize=SMALL, va="center_baseline")
            for tick, number in zip(ticks, numbers):
                place: dict[str, Any] = {"transform": under, "ha": "center", "va": "center_baseline"}
                ax.text(tick, y - ROW / 2, number, fontsize=SMALL, **place)
            y -= ROW
        y -= GAP
