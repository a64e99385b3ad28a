"""A Kaplan-Meier panel: curves, confidence bands, censor marks, statistics, and the numbers under it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from strata.errors import Problem, UsageError
from strata.plots.key import draw_key
from strata.plots.risk_rows import draw_risk_rows, gutter, month_ticks, number_width, risk_rows_height
from strata.plots.style import LARGE, NORMAL, Stroke, looks, points_of, strokes
from strata.plots.wording import endpoint_label, patients_and_events, plain, reason_for_nothing
from strata.survival.small_cells import GRID, on_grid, shown_counts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from strata.survival.kernels.kaplan_meier import KaplanMeier
    from strata.survival.result import Comparison

__all__ = ["plot_survival", "stratum_labels"]

WIDTH, HEIGHT = 210.0, 145.0
"""Points: the axes of a panel that stands alone."""

TOP = 1.03
"""Where the vertical axis ends, so that a curve at 1 is seen whole."""


def plot_survival(
    comparison: Comparison,
    *,
    ax: Axes | None = None,
    endpoint: str = "",
    title: str = "",
    labels: Sequence[str] | None = None,
    max_time: float | None = None,
    risk_table: bool = True,
    min_cell: int = 0,
) -> Axes:
    """Draw the Kaplan-Meier curves of a comparison.

    Parameters
    ----------
    comparison : Comparison
        Two to four strata; times in months.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the numbers go below it, so leave room there. By default a figure of the right size is made
        (``figure_to_files(ax.figure, ...)`` writes it).
    endpoint : str
        Names the vertical axis: ``"DFS"`` reads "Disease-free survival".
    title : str
    labels : sequence of str, optional
        What the strata are called, in the order of ``comparison.groups``; by default their own labels.
    max_time : float, optional
        Months at which the drawing ends. The statistics stay those of the whole follow-up.
    risk_table : bool
        Whether to draw at risk, censored and events below, the extended table of KMunicate.
    min_cell : int
        For a figure that leaves the house: counts below it are not shown, nor what would tell them, curves are read
        every three months as long as so many patients are at risk, and no censoring is marked. 0: everything is shown.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    UsageError
        When nothing was compared, or ``labels`` are not one a stratum, or ``max_time`` is not above 0.

    Notes
    -----
    Bands are the pointwise 95 % log-log intervals. At each tick *at risk* counts times >= t, *censored* and *events*
    those before t, so that the three add up to the stratum. Source: Morris et al., BMJ Open 2019;9:e030215.
    """
    names = stratum_labels(comparison, labels)
    if max_time is not None and not max_time > 0:
        raise UsageError(Problem("", f"max_time: {max_time} is not a number of months above 0", code="E703"))
    drawn = strokes(len(names))
    with looks():
        if ax is None:
            ax = _own_axes(comparison, counted_labels(comparison, names, min_cell), title=title, risk_table=risk_table)
        limit = max_time or float(comparison.time.max()) * 1.015 or 1.0
        if min_cell:
            # the longest time is that of one patient
            limit = GRID * np.ceil(limit / GRID)
        for group, stroke in zip(comparison.groups, drawn):
            _draw_curve(ax, on_grid(group.curve, min_cell) if min_cell else group.curve, stroke)
        ticks = month_ticks(limit, points_of(ax)[0], number_width(comparison))
        free = f"1 − incidence{f' of {plain(endpoint)}' if endpoint else ''}"
        name = endpoint_label(endpoint) if comparison.competing is None else free
        _draw_axes(ax, limit, ticks, name, plain(title))
        draw_key(ax, comparison, names, drawn)
        if risk_table:
            draw_risk_rows(ax, comparison, counted_labels(comparison, names, min_cell), drawn, ticks, min_cell)
    return ax


def stratum_labels(comparison: Comparison, labels: Sequence[str] | None = None) -> list[str]:
    """What the strata are called; checks that there is something to draw."""
    if reason := reason_for_nothing(comparison):
        raise UsageError(Problem("", f"comparison {comparison.name}: nothing to draw ({reason})", code="E810"))
    names = [group.label for group in comparison.groups] if labels is None else list(labels)
    if len(names) != len(comparison.groups):
        raise UsageError(Problem("", f"labels: {len(names)} for {len(comparison.groups)} strata", code="E703"))
    return [plain(name) for name in names]


def counted_labels(comparison: Comparison, names: Sequence[str], min_cell: int = 0) -> list[str]:
    """The strata's names with all their patients and events; with the patients alone where few must not be told."""
    if min_cell:
        shown = shown_counts([group.n for group in comparison.groups], min_cell)
        return [f"{name} (n = {n})" for name, n in zip(names, shown)]
    return [f"{name} ({patients_and_events(group.n, group.events)})" for name, group in zip(names, comparison.groups)]


def _own_axes(comparison: Comparison, labels: Sequence[str], *, title: str, risk_table: bool) -> Axes:
    left = gutter(comparison) + 8
    below = risk_rows_height(labels, left - 8 + WIDTH) + 4 if risk_table else 32.0
    width, height = left + WIDTH + 16, below + HEIGHT + (22 if title else 8)
    figure = Figure(figsize=(width / 72, height / 72))
    return figure.add_axes((left / width, below / height, WIDTH / width, HEIGHT / height))


def _draw_curve(ax: Axes, curve: KaplanMeier, stroke: Stroke) -> None:
    times, survival = np.concatenate([[0.0], curve.times]), np.concatenate([[1.0], curve.survival])
    ax.plot(times, survival, drawstyle="steps-post", color=stroke.colour, ls=stroke.dashes, lw=1.4, zorder=4)
    x, lower = _corners(curve.times, curve.lower)
    _, upper = _corners(curve.times, curve.upper)
    ax.fill_between(x, lower, upper, color=stroke.colour, alpha=0.14, lw=0, zorder=2)
    marked = curve.censored > 0
    ax.plot(
        curve.times[marked], curve.survival[marked], ls="", marker="|", ms=3.6, mew=0.5, color=stroke.colour, zorder=4
    )


def _corners(
    times: NDArray[np.float64], values: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The corners of a step curve, so that a band reaches the time at which its value ends."""
    return np.repeat(times, 2)[1:], np.repeat(values, 2)[:-1]


def _draw_axes(ax: Axes, limit: float, ticks: Sequence[float], name: str, title: str) -> None:
    ax.set(xlim=(0, limit), ylim=(0, TOP), xlabel="Months", ylabel=name)
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.set_yticks(np.linspace(0, 1, 6), ["0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    ax.tick_params(labelsize=NORMAL, length=2.5, width=0.7, pad=2)
    ax.xaxis.labelpad, ax.yaxis.labelpad = 2, 3
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines["left"].set_bounds(0, TOP)
    if title:
        ax.set_title(title, fontsize=LARGE, weight="bold", loc="left", pad=5)
