"""A survival panel: curves, confidence bands, censor marks, the axes around them, and the numbers below."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from strata.plots.key import Key
from strata.plots.risk_rows import draw_risk_rows, gutter, number_width, risk_rows_height, time_ticks
from strata.plots.steps import SCALES
from strata.plots.style import GREY, LARGE, NORMAL, TITLE_LINE, Preset, Stroke, points_of, wrap
from strata.plots.wording import endpoint_label, plain, ratio_name, statistics_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from strata.plots.look import Look
    from strata.plots.steps import DrawnStratum, Steps
    from strata.survival.result import Comparison

__all__ = [
    "LEFT",
    "RIGHT",
    "axes_of",
    "draw_curves",
    "draw_frame",
    "draw_panel",
    "draw_steps",
    "title_height",
    "write_title",
]

TOP = 1.03
"""Where the vertical axis ends, so that a curve at 1 is seen whole."""

LEFT, RIGHT = 40.0, 16.0
"""Units beside the axes of a panel that stands alone, where the table below needs no more."""


def draw_panel(
    ax: Axes,
    comparison: Comparison,
    strata: Sequence[DrawnStratum],
    look: Look,
    *,
    names: Sequence[str],
    endpoint: str = "",
    title: str = "",
) -> Key:
    """Draw everything but the key, which is given back to be drawn: panels side by side leave it the same room."""
    numbers = _statistics(comparison, names, look, 0.6 * points_of(ax, look.unit)[0])
    numbers += _medians(strata, look) if look.median_lines else []
    longest = float(comparison.time.max())
    return draw_curves(ax, strata, look, numbers, longest=longest, endpoint=endpoint, title=title)


def draw_curves(
    ax: Axes,
    strata: Sequence[DrawnStratum],
    look: Look,
    numbers: Sequence[str],
    *,
    longest: float,
    endpoint: str = "",
    title: str = "",
) -> Key:
    """``draw_panel`` with statistics of one's own, ``numbers``; ``longest`` is the end of follow-up in months."""
    for stratum in strata:
        draw_steps(ax, stratum.steps, stratum.stroke, look)
    if look.median_lines:
        _draw_medians(ax, strata, look)
    name = _axis_name(endpoint, look, competing={stratum.competing is not None for stratum in strata})
    curves = [stratum.steps for stratum in strata]
    draw_frame(ax, strata, curves, look, longest=longest, name=name, title=title)
    return Key(ax, strata, numbers, curves, look)


def _axis_name(endpoint: str, look: Look, *, competing: set[bool]) -> str:
    """What the vertical axis shows; ``competing``: whether there are strata with and without competing events."""
    survival = endpoint_label(endpoint)
    if len(competing) > 1:
        return "Event or cumulative incidence" if look.y == "events" else "Survival or 1 − cumulative incidence"
    if True in competing:
        incidence = f"ncidence{f' of {plain(endpoint)}' if endpoint else ''}"
        return f"I{incidence}" if look.y == "events" else f"1 − i{incidence}"
    if look.y == "survival":
        return survival
    name = survival[0].lower() + survival[1:]
    return f"1 − {name}" if look.y == "events" else f"Cumulative hazard ({name})" if endpoint else "Cumulative hazard"


def axes_of(
    ax: Axes | None, strata: Sequence[DrawnStratum], look: Look, page: Preset, *, title: str
) -> tuple[Axes, bool]:
    """The caller's axes; else those of a figure of their own (True), with room for what stands around them."""
    if ax is not None:
        return ax, False
    rows, unit = look.rows, page.unit
    width = page.width / unit
    left = LEFT if rows is None else max(LEFT, gutter(strata) + 8)
    across = width - left - RIGHT
    below = 32.0 if rows is None else risk_rows_height(strata, left - 8 + across, rows) + 4
    height = below + page.height + title_height(title, across)
    figure = Figure(figsize=(page.width / 72, height * unit / 72))
    return figure.add_axes((left / width, below / height, across / width, page.height / height)), True


def draw_steps(ax: Axes, steps: Steps, stroke: Stroke, look: Look, *, width: float = 1.4) -> None:
    """Draw a curve with its band and its marks."""
    times, level = np.concatenate([[0.0], steps.times]), np.concatenate([[steps.start], steps.level])
    line: dict[str, Any] = {"drawstyle": "steps-post", "ls": stroke.dashes, "zorder": 4}
    ax.plot(times, level, color=stroke.colour, lw=width * look.unit, **line)
    if look.confidence == "band":
        x, lower = _corners(steps.times, steps.lower)
        _, upper = _corners(steps.times, steps.upper)
        ax.fill_between(x, lower, upper, color=stroke.colour, alpha=0.14, lw=0, zorder=2)
    elif look.confidence == "steps":
        limits = np.stack([steps.lower, steps.upper], axis=1)
        ax.plot(steps.times, limits, color=stroke.colour, lw=0.5 * look.unit, drawstyle="steps-post", zorder=3)
    if look.censor_marks:
        marks: dict[str, Any] = {"ls": "", "marker": "|", "ms": 3.6 * look.unit, "mew": 0.5 * look.unit, "zorder": 4}
        ax.plot(steps.times[steps.marked], steps.level[steps.marked], color=stroke.colour, **marks)


def _corners(
    times: NDArray[np.float64], values: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The corners of a step curve, so that a band reaches the time at which its value ends."""
    return np.repeat(times, 2)[1:], np.repeat(values, 2)[:-1]


def _draw_medians(ax: Axes, strata: Sequence[DrawnStratum], look: Look) -> None:
    """From the vertical axis to the curves at their median, and down to the times."""
    half = float(SCALES[look.y](np.array([0.5]))[0])
    reached = [stratum for stratum in strata if not isnan(stratum.median[0])]
    line: dict[str, Any] = {"color": GREY, "lw": 0.8 * look.unit, "ls": (0, (1.0, 1.5)), "zorder": 2.2}
    for stratum in reached:
        ax.plot([stratum.median[0]] * 2, [0, half], **line)
    if reached:
        ax.plot([0, max(stratum.median[0] for stratum in reached)], [half, half], **line)


def _medians(strata: Sequence[DrawnStratum], look: Look) -> list[str]:
    """The medians in words."""
    if look.min_cell or any(stratum.competing is not None for stratum in strata):
        return []
    lines = [f"Median, {look.time_unit} (95 % CI):"]
    for stratum in strata:
        median, lower, upper = ("not reached" if isnan(value) else f"{value:.3g}" for value in stratum.median)
        interval = "" if lower == upper == median else f" ({lower}–{upper})"
        lines.append(f"{stratum.label}: {median}{interval}")
    return lines


def _statistics(comparison: Comparison, names: Sequence[str], look: Look, width: float) -> list[str]:
    """The statistics, headed by what the ratio compares."""
    test = comparison.weighted_log_rank(look.weights) if look.p_value is True and look.weights else None
    lines = statistics_lines(
        comparison,
        names,
        hazard_ratio=look.hazard_ratio,
        p_value=look.p_value,
        weighted=test,
        min_cell=look.min_cell,
    )
    if comparison.adjusted is not None:
        lines = [part for line in lines for part in wrap(line, width, NORMAL)]
    if comparison.hazard_ratio is None or not look.hazard_ratio:
        return lines
    name = wrap(f"{ratio_name(comparison, names)}:", width, NORMAL)
    return [*(name if len(name) <= 2 else ["HR, first vs last stratum:"]), *lines]


def draw_frame(
    ax: Axes,
    strata: Sequence[DrawnStratum],
    curves: Sequence[Steps],
    look: Look,
    *,
    longest: float,
    name: str,
    title: str,
) -> None:
    """Axes, ticks and names around the curves, and the numbers of the strata below."""
    unit = look.unit
    limit = look.limit(longest)
    ticks = look.breaks(limit)
    if ticks is None:
        ticks = time_ticks(limit, points_of(ax, unit)[0], number_width(strata), look.time_unit)
    top, marks = _scale(look, curves)
    ax.set(xlim=(0, limit), ylim=(0, top))
    ax.set_xlabel(look.time_unit.capitalize(), fontsize=NORMAL * unit, labelpad=2 * unit)
    ax.set_ylabel(name + (", %" if look.percent else ""), fontsize=NORMAL * unit, labelpad=3 * unit)
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.set_yticks(marks, [f"{100 * mark:.3g}" if look.percent else f"{mark:.3g}" for mark in marks])
    ax.tick_params(labelsize=NORMAL * unit, length=2.5 * unit, width=0.7 * unit, pad=2 * unit)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_linewidth(0.7 * unit)
    ax.spines["left"].set_bounds(0, top)
    write_title(ax, title, unit)
    draw_risk_rows(ax, strata, ticks, look)


def write_title(ax: Axes, title: str, unit: float) -> None:
    """A title as wide as the axes, at their left end."""
    if lines := _title_lines(title, points_of(ax, unit)[0]):
        text = "\n".join(lines)
        ax.set_title(text, fontsize=LARGE * unit, weight="bold", loc="left", pad=5 * unit, linespacing=1.1)


def title_height(title: str, width: float) -> float:
    """Units above the axes that a title takes."""
    return 11.0 + TITLE_LINE * len(lines) if (lines := _title_lines(title, width)) else 8.0


def _title_lines(title: str, width: float) -> list[str]:
    return wrap(plain(title), width, LARGE, bold=True) if title else []


def _scale(look: Look, curves: Sequence[Steps]) -> tuple[float, list[float]]:
    """Where the vertical axis ends, and its ticks: survival from 0 to 1, the others as far as their curves reach."""
    if look.y == "survival":
        return TOP, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    drawn = [curve.level for curve in curves] + [curve.upper for curve in curves if look.confidence != "none"]
    known = np.concatenate([np.atleast_1d(column) for column in drawn])
    highest = float(np.max(known[np.isfinite(known)], initial=0.05))
    if look.y == "events":
        highest = min(highest, 1.0)
    else:
        # the band of the last few patients would leave the curves no room
        highest = min(highest, 1.6 * max(float(np.nanmax(curve.level, initial=0.05)) for curve in curves))
    step = next((s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0) if highest / s <= 6), highest / 4)
    end = step * float(np.ceil(highest / step - 1e-9))
    return end * TOP, [float(mark) for mark in np.arange(0, end + step / 2, step)]
