"""The table under a survival curve: at risk, censored and events of each stratum, adding up to its patients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.transforms import blended_transform_factory

from strata.plots.style import SMALL, points_from, points_of, text_width, wrap
from strata.survival.kernels.risk_table import number_at_risk
from strata.survival.small_cells import shown_counts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from strata.plots.look import Look, RiskRows, TimeUnit
    from strata.plots.steps import DrawnStratum

__all__ = [
    "draw_risk_rows",
    "gutter",
    "number_width",
    "risk_counts",
    "risk_frame",
    "risk_rows_height",
    "time_ticks",
]

ROW, GAP, TOP = 8.2, 3.0, 28.0
"""Units: height of a row, space after a stratum, from the axes down to the first row (tick and axis labels)."""

SAMPLE = 16.0
"""Units: length of the line that shows a stratum's stroke."""

STEPS = {
    "months": (0.1, 0.25, 0.5, 1, 2, 3, 6, 12, 24, 36, 60, 120, 240, 600, 1200, 2400, 6000, 12000),
    "years": (0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000),
}


def risk_counts(stratum: DrawnStratum, ticks: Sequence[float]) -> dict[str, NDArray[np.int64]]:
    """The numbers under a curve at each tick; they add up to the stratum.

    ``At risk`` counts the patients with time >= t; ``Censored``, ``Competing`` (where the endpoint has competing
    events) and ``Events`` those before t; ``Not entered`` (with delayed entry) those who come under observation later.
    """
    found = number_at_risk(stratum.time, stratum.event, ticks, stratum.entry)
    competing = None if stratum.competing is None else number_at_risk(stratum.time, stratum.competing, ticks).events
    counts = {"At risk": found.at_risk, "Censored": found.censored - (0 if competing is None else competing)}
    if competing is not None:
        counts["Competing"] = competing
    counts["Events"] = found.events
    if stratum.entry is not None:
        counts["Not entered"] = stratum.n - found.at_risk - found.censored - found.events
    return counts


def risk_frame(strata: Sequence[DrawnStratum], ticks: Sequence[float]) -> pd.DataFrame:
    """``risk_counts`` of every stratum, one row a tick."""
    parts = []
    for stratum in strata:
        counts = {name.lower().replace(" ", "_"): column for name, column in risk_counts(stratum, ticks).items()}
        parts.append(pd.DataFrame({"stratum": stratum.label, "time": ticks} | counts))
    return pd.concat(parts, ignore_index=True)


def _written(
    stratum: DrawnStratum, ticks: Sequence[float], rows: RiskRows, min_cell: int
) -> list[tuple[str, Sequence[str]]]:
    """The rows of a stratum as text; none that tells of few patients."""
    counts = risk_counts(stratum, ticks)
    shown = dict(zip(counts, zip(*(shown_counts(whole, min_cell) for whole in zip(*counts.values())))))
    if rows == "full":
        return list(shown.items())
    if rows == "at_risk":
        return [("At risk", shown["At risk"])]
    share = 100.0 * counts["At risk"] / max(stratum.n, 1)
    # a count that is hidden has no share either
    return [
        ("At risk, %", [f"{s:.0f}" if text[0].isdigit() else text for s, text in zip(share, shown["At risk"])]),
    ]


def number_width(strata: Sequence[DrawnStratum]) -> float:
    """Units that the widest number of the rows takes."""
    return max(text_width(f"{stratum.n:,}", SMALL) for stratum in strata)


def time_ticks(limit: float, width: float, number: float, time_unit: TimeUnit = "months") -> list[float]:
    """Ticks from 0 to ``limit``, as many as numbers that are ``number`` wide have room in ``width``."""
    room = max(2, min(9, int(width / (number + 8))))
    step = next((step for step in STEPS[time_unit] if limit / step < room), limit)
    return [float(tick) for tick in np.arange(0, limit + step * 1e-9, step)]


def gutter(strata: Sequence[DrawnStratum]) -> float:
    """Units left of the axes that the row names and the first numbers need."""
    names = ["At risk, %", *(name for stratum in strata for name in risk_counts(stratum, [0.0]))]
    return max(text_width(name, SMALL) for name in names) + number_width(strata) / 2 + 8


def risk_rows_height(strata: Sequence[DrawnStratum], width: float, rows: RiskRows) -> float:
    """Units below the axes that ticks, axis label and the rows of all strata take."""
    labels = sum(len(_label_lines(stratum, width)) for stratum in strata)
    numbers = sum(len(_written(stratum, [0.0], rows, 0)) for stratum in strata)
    return TOP + ROW * (labels + numbers) + GAP * len(strata)


def _label_lines(stratum: DrawnStratum, width: float) -> list[str]:
    return wrap(stratum.counted, width - SAMPLE - 4, SMALL, bold=True)


def draw_risk_rows(ax: Axes, strata: Sequence[DrawnStratum], ticks: Sequence[float], look: Look) -> None:
    """Draw the numbers of every stratum below ``ax``, each number under its tick; none that tells of few patients."""
    if look.rows is None:
        return
    corner = points_from(ax, 0, 0, look.unit)
    under = blended_transform_factory(ax.transData, corner)
    size = SMALL * look.unit
    left = -gutter(strata)
    width = points_of(ax, look.unit)[0] - left
    y = -TOP
    for stratum in strata:
        stroke = stratum.stroke
        sample = Line2D([left, left + SAMPLE], [y - ROW / 2] * 2, color=stroke.colour, ls=stroke.dashes)
        sample.set(transform=corner, clip_on=False, lw=1.5 * look.unit)
        ax.add_artist(sample)
        for line in _label_lines(stratum, width):
            at: dict[str, Any] = {"transform": corner, "weight": "bold", "va": "center_baseline"}
            ax.text(left + SAMPLE + 4, y - ROW / 2, line, fontsize=size, **at)
            y -= ROW
        for name, numbers in _written(stratum, ticks, look.rows, look.min_cell):
            ax.text(left, y - ROW / 2, name, transform=corner, fontsize=size, va="center_baseline")
            for tick, number in zip(ticks, numbers):
                place: dict[str, Any] = {"transform": under, "ha": "center", "va": "center_baseline"}
                ax.text(tick, y - ROW / 2, number, fontsize=size, **place)
            y -= ROW
        y -= GAP
