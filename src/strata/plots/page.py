"""A figure as a page: one axes in points, on which boxes, rows and columns are laid out by their texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

from strata.plots.style import wrap
from strata.plots.wording import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

__all__ = ["page_axes", "shortened", "write_lines"]


def page_axes(width: float, height: float) -> tuple[Figure, Axes]:
    """A figure and an axes as large as it, in which one unit is one point; y runs down from the top left corner."""
    figure = Figure(figsize=(width / 72, height / 72))
    ax = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
    ax.set_axis_off()
    return figure, ax


def write_lines(ax: Axes, lines: Sequence[str], left: float, top: float, step: float, **how: Any) -> float:
    """Write lines from ``top`` down and return where the last one ends."""
    for line in lines:
        ax.text(left, top + step / 2, line, va="center_baseline", **how)
        top += step
    return top


def shortened(text: str, width: float, size: float) -> str:
    """``text`` on one line of at most ``width`` points; an ellipsis stands for what does not fit."""
    lines = wrap(plain(text), width, size)
    return lines[0] if len(lines) == 1 else f"{lines[0]}…"
