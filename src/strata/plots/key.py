"""The key and the statistics inside a panel, put where they hide no curve."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from strata.plots.style import NORMAL, Stroke, points_from, points_of, text_width, wrap
from strata.plots.wording import ratio_name, statistics_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from strata.survival.result import Comparison

__all__ = ["draw_key"]

LINE, SAMPLE, PAD = 9.2, 20.0, 4.0
"""Points: height of a line, length of a stroke sample, space around the text."""


class _Line(NamedTuple):
    text: str
    indent: float = 0.0
    stroke: Stroke | None = None


class _Box(NamedTuple):
    """A place in the axes, in fractions of it."""

    x0: float
    y0: float
    x1: float
    y1: float

    def meets(self, other: _Box) -> bool:
        return self.x0 < other.x1 and other.x0 < self.x1 and self.y0 < other.y1 and other.y0 < self.y1


def draw_key(ax: Axes, comparison: Comparison, labels: Sequence[str], drawn: Sequence[Stroke]) -> None:
    """Write which stroke is which stratum, and the statistics; hide no curve.

    One block where it fits, else two. Where the curves leave no room, the axis gets some above 1, as little as will do.
    """
    width, height = points_of(ax)
    strata = [
        _Line(line, SAMPLE + 4, stroke if first == 0 else None)
        for label, stroke in zip(labels, drawn)
        for first, line in enumerate(_two_lines(label, 0.6 * width - SAMPLE - 4))
    ]
    numbers = [_Line(line) for line in _numbers(comparison, labels, 0.6 * width)]
    top = ax.get_ylim()[1]
    for lines in range(len(strata) + len(numbers) + 1):
        above = min(0.7, (lines * LINE + 2 * PAD) / height) if lines else 0.0
        ax.set_ylim(0, top / (1 - above))
        ax.yaxis.label.set_y((1 - above) / 2)
        curves = _Curves(ax, comparison)
        joint, hidden = curves.best(strata + numbers, [])
        places = [(strata + numbers, joint)]
        if hidden:
            first, hidden = curves.best(strata, [])
            second, also = curves.best(numbers, [first])
            places, hidden = [(strata, first), (numbers, second)], hidden + also
        if not hidden:
            break
    for block, box in places:
        _write(ax, block, box)


def _numbers(comparison: Comparison, labels: Sequence[str], width: float) -> list[str]:
    """The statistics, headed by what the ratio compares."""
    lines = statistics_lines(comparison, labels)
    if comparison.hazard_ratio is None:
        return lines
    name = wrap(f"{ratio_name(comparison, labels)}:", width, NORMAL)
    return [*(name if len(name) <= 2 else ["HR, first vs last stratum:"]), *lines]


def _two_lines(label: str, width: float) -> list[str]:
    """A label in at most two lines; the whole of it stands under the panel."""
    lines = wrap(label, width, NORMAL)
    return lines if len(lines) <= 2 else [lines[0], wrap(lines[1], width - 8, NORMAL)[0] + " …"]


def _write(ax: Axes, lines: Sequence[_Line], box: _Box) -> None:
    backing = Rectangle((box.x0, box.y0), box.x1 - box.x0, box.y1 - box.y0, transform=ax.transAxes)
    backing.set(facecolor="white", alpha=0.75, linewidth=0, zorder=2.5)
    ax.add_artist(backing)
    corner = points_from(ax, box.x0, box.y1)
    for i, line in enumerate(lines):
        y = -PAD - LINE * (i + 0.5)
        ax.text(PAD + line.indent, y, line.text, transform=corner, fontsize=NORMAL, va="center_baseline", zorder=5)
        if line.stroke is not None:
            sample = Line2D([PAD, PAD + SAMPLE], [y, y], color=line.stroke.colour, ls=line.stroke.dashes, lw=1.4)
            sample.set(transform=corner, zorder=5)
            ax.add_artist(sample)


class _Curves:
    """The curves and bands of a panel on a fine grid of its width, in fractions of the axes."""

    def __init__(self, ax: Axes, comparison: Comparison) -> None:
        self.size = points_of(ax)
        self.x = np.linspace(0, 1, 241)
        months = ax.get_xlim()[0] + self.x * (ax.get_xlim()[1] - ax.get_xlim()[0])
        low, high = ax.get_ylim()
        read = [group.curve.at(months) for group in comparison.groups if group.n]
        self.curves = [(_steps(found.survival) - low) / (high - low) for found in read]
        self.bands = [(found.lower - low, found.upper - low) for found in read]
        self.height = high - low

    def best(self, lines: Sequence[_Line], taken: Sequence[_Box]) -> tuple[_Box, int]:
        """Where ``lines`` hide least, and how much of the curves they hide there: corners first, lower left first."""
        wide = (max(text_width(line.text, NORMAL) + line.indent for line in lines) + 2 * PAD) / self.size[0]
        high = (len(lines) * LINE + 2 * PAD) / self.size[1]
        xs, ys = np.linspace(0.01, max(0.01, 1 - wide), 21), np.linspace(0.015, max(0.015, 0.985 - high), 21)
        corners = [(xs[0], ys[0]), (xs[-1], ys[-1]), (xs[-1], ys[0]), (xs[0], ys[-1])]
        boxes = [_Box(float(x), float(y), float(x + wide), float(y + high)) for x, y in [*corners, *product(xs, ys)]]
        hidden = [self.hidden(box) + self.x.size * sum(box.meets(other) for other in taken) for box in boxes]
        least = min(hidden)
        return min((box for box, n in zip(boxes, hidden) if n == least), key=self.shaded), least

    def hidden(self, box: _Box) -> int:
        """How many points of the curves lie in a box."""
        inside = (self.x >= box.x0) & (self.x <= box.x1)
        return sum(int(((low <= box.y1) & (high >= box.y0) & inside).sum()) for low, high in self.curves)

    def shaded(self, box: _Box) -> int:
        """How many points of the box's width have a band behind them."""
        inside = (self.x >= box.x0) & (self.x <= box.x1)
        shaded = 0
        for low, high in self.bands:
            shaded += int(((low / self.height <= box.y1) & (high / self.height >= box.y0) & inside).sum())
        return shaded


def _steps(survival: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lower and upper end of the curve over each grid point: a drop between two points belongs to the second."""
    before = np.concatenate([survival[:1], survival[:-1]])
    return np.stack([survival, before])
