"""Does the hazard ratio stay the same: scaled Schoenfeld residuals over time, with a smooth line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from strata.errors import Problem, UsageError
from strata.plots.key import LINE
from strata.plots.panel import LEFT, RIGHT, title_height, write_title
from strata.plots.risk_rows import time_ticks
from strata.plots.steps import not_searched, stratum_labels
from strata.plots.style import GREY, NORMAL, SMALL, looks, points_from, points_of, preset_of, strokes, wrap
from strata.plots.wording import format_p
from strata.survival.groups import Adjustment, Outcome
from strata.survival.kernels.schoenfeld_smooth import smooth_residuals
from strata.survival.model_rows import ModelRows
from strata.survival.non_proportional import ph_tests

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from strata.survival.kernels.proportional_hazards import ProportionalHazards
    from strata.survival.result import Comparison

__all__ = ["plot_schoenfeld", "schoenfeld_frame"]

ROOM = 18.0
"""Units that a tick with its number takes."""

_SCALES = {"km": "Kaplan-Meier scale", "rank": "scale of ranks"}


def plot_schoenfeld(
    comparison: Comparison,
    *,
    ax: Axes | None = None,
    title: str = "",
    labels: Sequence[str] | None = None,
    preset: str = "single-column",
) -> Axes:
    """Draw the log hazard ratio of two strata over time, and the test that it stays the same.

    Points are scaled Schoenfeld residuals, one an event; the line is a natural spline of 4 degrees of freedom through
    them with its pointwise 95 % band. The dashed line is the one hazard ratio of the Cox model.

    Parameters
    ----------
    comparison : Comparison
        Two strata, both with events. Covariates and stratification factors are not part of it: where the results'
        test of proportional hazards is adjusted for them, its P is written too.
    ax, title, labels, preset
        As for ``plot_survival``. The time axis is on the scale of the test (one less the Kaplan-Meier curve of all
        patients), so that the events are spread evenly; its ticks are months.

    Returns
    -------
    matplotlib.axes.Axes
        ``schoenfeld_frame`` gives its numbers.

    Raises
    ------
    UsageError
        When nothing was compared, the strata are not two, there is no such hazard ratio, or the cut was searched.

    Notes
    -----
    Source: Grambsch and Therneau 1994. R survival: ``cox.zph`` and its plot, which draws two standard errors.
    """
    page = preset_of(preset)
    names, test = stratum_labels(comparison, labels), _tested(comparison)
    table = _frame(test)
    with looks():
        if ax is None:
            ax = _own_axes(page.width / page.unit, page.height, page.unit, title=title)
        _draw(ax, table, page.unit, mean=float(test.scaled_residuals[:, 0].mean()))
        ax.set_ylabel(f"Log HR, {names[0]} vs {names[1]}", fontsize=NORMAL * page.unit, labelpad=2 * page.unit)
        write_title(ax, title, page.unit)
        _write(ax, comparison, test, page.unit)
    return ax


def schoenfeld_frame(comparison: Comparison) -> pd.DataFrame:
    """The numbers that ``plot_schoenfeld`` draws, one row an event.

    Returns
    -------
    DataFrame
        ``time`` (months), ``scaled_time``, ``residual``, and the smooth line at this time: ``log_hazard_ratio``,
        ``lower``, ``upper``, missing where the events are at fewer than 4 times.
    """
    stratum_labels(comparison)
    return _frame(_tested(comparison))


def _tested(comparison: Comparison) -> ProportionalHazards:
    """The test of the first stratum against the second by themselves."""
    if len(comparison.groups) != 2:
        what = f"comparison {comparison.name}: {len(comparison.groups)} strata; Schoenfeld residuals need two"
        raise UsageError(Problem("", what, code="E810"))
    not_searched(comparison)
    outcome = Outcome(comparison.time, comparison.event, Adjustment(), comparison.entry)
    columns = pd.DataFrame({comparison.groups[0].label: (comparison.group == 0).astype(float)})
    test = ph_tests(ModelRows.of(outcome, columns))
    if not np.isfinite(test.scaled_residuals[:, 0]).all() or not test.events:
        what = f"comparison {comparison.name}: no Schoenfeld residuals ({test.reason})"
        raise UsageError(Problem("", what, code="E810"))
    return test


def _frame(test: ProportionalHazards) -> pd.DataFrame:
    residuals = test.scaled_residuals[:, 0]
    smooth = smooth_residuals(test.event_scale, residuals, float(test.residual_variances[0]))
    columns = {"time": test.event_times, "scaled_time": test.event_scale, "residual": residuals}
    return pd.DataFrame(columns | smooth._asdict())


def _own_axes(width: float, height: float, unit: float, *, title: str) -> Axes:
    whole = height + 32 + title_height(title, width - LEFT - RIGHT)
    figure = Figure(figsize=(width * unit / 72, whole * unit / 72))
    return figure.add_axes((LEFT / width, 32 / whole, (width - LEFT - RIGHT) / width, height / whole))


def _draw(ax: Axes, table: pd.DataFrame, unit: float, *, mean: float) -> None:
    stroke = strokes(2)[0]
    scale = table["scaled_time"]
    ax.axhline(0.0, color=GREY, lw=0.6 * unit, zorder=1)
    ax.axhline(mean, color="black", lw=0.8 * unit, ls=(0, (4.0, 1.4)), zorder=3)
    points: dict[str, Any] = {"ls": "", "marker": "o", "ms": 2.0 * unit, "mew": 0, "color": GREY, "alpha": 0.6}
    ax.plot(scale, table["residual"], zorder=2, **points)
    ax.plot(scale, table["log_hazard_ratio"], color=stroke.colour, lw=1.4 * unit, zorder=4)
    ax.fill_between(scale, table["lower"], table["upper"], color=stroke.colour, alpha=0.14, lw=0, zorder=2)
    ticks = _ticks(table, points_of(ax, unit)[0])
    ax.set_xticks(list(ticks.values()), [f"{month:g}" for month in ticks])
    ax.set_xlabel("Months", fontsize=NORMAL * unit, labelpad=2 * unit)
    ax.tick_params(labelsize=NORMAL * unit, length=2.5 * unit, width=0.7 * unit, pad=2 * unit)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_linewidth(0.7 * unit)
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + (high - low) * (2 * LINE + 4) / points_of(ax, unit)[1])


def _ticks(table: pd.DataFrame, width: float) -> dict[float, float]:
    """Round months and where they lie on the scale, as many as have room."""
    times = table.drop_duplicates("scaled_time").sort_values("scaled_time")
    scale = times["scaled_time"].to_numpy()
    ticks: dict[float, float] = {}
    for month in time_ticks(float(times["time"].iloc[-1]), 2 * width, ROOM):
        at = float(np.interp(month, times["time"], scale))
        if not ticks or (at - max(ticks.values())) / max(float(np.ptp(scale)), 1e-12) * width >= ROOM:
            ticks[month] = at
    return ticks


def _write(ax: Axes, comparison: Comparison, test: ProportionalHazards, unit: float) -> None:
    """The test above the points; beside it that of the results, where it is another one."""
    p_value = float(test.p_values[0])
    lines = [f"Grambsch-Therneau {format_p(p_value)} ({_SCALES[test.transform]})"]
    adjusted = comparison.checks.ph_p
    if not np.isnan(adjusted) and not np.isclose(adjusted, p_value, rtol=1e-6, atol=0.0):
        lines.append(f"in the results, adjusted: {format_p(adjusted)}")
    corner = points_from(ax, 0, 1, unit)
    shown = [line for text in lines for line in wrap(text, points_of(ax, unit)[0] - 8, NORMAL)]
    for i, line in enumerate(shown):
        size = (NORMAL if i == 0 else SMALL) * unit
        ax.text(6, -LINE * (i + 0.5), line, transform=corner, fontsize=size, va="center_baseline", zorder=5)
