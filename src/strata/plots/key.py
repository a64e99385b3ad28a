"""The key and the statistics inside a panel, put where they hide no curve."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from strata.plots.style import NORMAL, Stroke, points_from, points_of, text_width, wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from strata.plots.look import Look
    from strata.plots.steps import DrawnStratum, Steps

__all__ = ["Key", "height_for"]

LINE, SAMPLE, PAD = 9.2, 20.0, 4.0
"""Units: height of a line, length of a stroke sample, space around the text."""

UP_LEFT, UP_RIGHT = (0.0, 1.0), (1.0, 1.0)
CORNERS = {"lower left": (0.0, 0.0), "upper right": UP_RIGHT, "lower right": (1.0, 0.0), "upper left": UP_LEFT}
"""Of the axes, in the order in which they are tried."""


CURVES = 0.6
"""Share of its height that a panel leaves to the curves; where it cannot, it becomes higher."""


def height_for(lines: int, height: float) -> float:
    """Units that a panel planned ``height`` high needs with ``lines`` above its axis."""
    return max(height, CURVES * height + _room(lines))


def _room(lines: int) -> float:
    return lines * LINE + 2 * PAD if lines else 0.0


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


class Key:
    """Which stroke is which stratum, and the statistics, for a panel whose curves are drawn.

    One block where it fits, else two. Where the curves leave no room, the axis gets some above its end, as little as
    will do; panels that share an axis get as much as the one that needs most.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    strata : sequence of DrawnStratum
    numbers : sequence of str
        Lines of statistics.
    curves : sequence of Steps
        What must not be hidden.
    look : Look
        Where the blocks stand, and the points in a unit.
    """

    def __init__(
        self,
        ax: Axes,
        strata: Sequence[DrawnStratum],
        numbers: Sequence[str],
        curves: Sequence[Steps],
        look: Look,
    ) -> None:
        self.ax, self.unit, self.steps, self.place, self.grow = ax, look.unit, curves, look.key, False
        self.top = ax.get_ylim()[1]
        self.tried: dict[int, tuple[list[tuple[list[_Line], _Box]], int]] = {}
        width, self.height = points_of(ax, look.unit)
        self.strata = [
            _Line(line, SAMPLE + 4, stroke if first == 0 else None)
            for label, stroke in ((own.label, own.stroke) for own in strata if look.key != "none")
            for first, line in enumerate(_two_lines(label, 0.6 * width - SAMPLE - 4))
        ]
        self.numbers = [_Line(line) for text in numbers for line in wrap(text, 0.8 * width, NORMAL)]

    def lines_above(self) -> int:
        """How many lines of room above the axis the blocks need to hide nothing."""
        most = len(self.strata) + len(self.numbers)
        if self.place in CORNERS:
            return 0
        if self.place == "above":
            return max(len(block) for block, _ in self._side_by_side())
        return next((lines for lines in range(most) if not self._places(lines)[1]), most)

    def draw(self, lines: int | None = None, *, grow: bool = False) -> None:
        """Write the blocks, with room for ``lines`` above the axis (by default what is needed).

        With ``grow`` the figure, which holds this panel alone, becomes higher where else the curves would be low.
        """
        self.grow = grow
        places, _ = self._places(self.lines_above() if lines is None else lines)
        for block, box in places:
            self._write(block, box)

    def _places(self, lines: int) -> tuple[list[tuple[list[_Line], _Box]], int]:
        """Where the blocks hide least with so much room above, and how much they hide there."""
        if self.grow:
            self._stretch(height_for(lines, self.height))
        above = min(0.7, _room(lines) / points_of(self.ax, self.unit)[1])
        self.ax.set_ylim(0, self.top / (1 - above))
        self.ax.yaxis.label.set_y((1 - above) / 2)
        if lines not in self.tried:
            self.tried[lines] = self._search()
        return self.tried[lines]

    def _stretch(self, height: float) -> None:
        """Make the axes ``height`` high, and the figure as much higher as they become."""
        ax, figure = self.ax, cast("Figure", self.ax.figure)
        box, (width, before) = ax.get_position(), figure.get_size_inches()
        more = (height - points_of(ax, self.unit)[1]) * self.unit / 72
        figure.set_size_inches(width, before + more)
        whole = before + more
        ax.set_position((box.x0, box.y0 * before / whole, box.width, (box.height * before + more) / whole))

    def _search(self) -> tuple[list[tuple[list[_Line], _Box]], int]:
        curves = _Curves(self.ax, self.steps, self.unit)
        whole = self.strata + self.numbers
        if self.place in CORNERS:
            return [(whole, curves.box(whole, *CORNERS[self.place]))], 0
        if self.place == "above":
            return self._side_by_side(), 0
        joint, hidden = curves.best(whole, [])
        if not hidden or not (self.strata and self.numbers):
            return [(whole, joint)], hidden
        # the larger block chooses first
        large, small = sorted((self.strata, self.numbers), key=len, reverse=True)
        first, one = curves.best(large, [])
        second, other = curves.best(small, [first])
        return [(large, first), (small, second)], one + other

    def _side_by_side(self) -> list[tuple[list[_Line], _Box]]:
        """The strata at the upper left and the statistics at the upper right; below each other where too wide."""
        curves = _Curves(self.ax, self.steps, self.unit)
        pair = [(block, curves.box(block, *at)) for block, at in ((self.strata, UP_LEFT), (self.numbers, UP_RIGHT))]
        if not pair[0][1].meets(pair[1][1]):
            return pair
        whole = self.strata + self.numbers
        return [(whole, curves.box(whole, *UP_LEFT))]

    def _write(self, lines: Sequence[_Line], box: _Box) -> None:
        ax, unit = self.ax, self.unit
        backing = Rectangle((box.x0, box.y0), box.x1 - box.x0, box.y1 - box.y0, transform=ax.transAxes)
        backing.set(facecolor="white", alpha=0.75, linewidth=0, zorder=2.5)
        ax.add_artist(backing)
        corner = points_from(ax, box.x0, box.y1, unit)
        for i, line in enumerate(lines):
            y = -PAD - LINE * (i + 0.5)
            at: dict[str, Any] = {"transform": corner, "zorder": 5}
            ax.text(PAD + line.indent, y, line.text, fontsize=NORMAL * unit, va="center_baseline", **at)
            if line.stroke is not None:
                sample = Line2D([PAD, PAD + SAMPLE], [y, y], color=line.stroke.colour, ls=line.stroke.dashes)
                sample.set(lw=1.4 * unit, **at)
                ax.add_artist(sample)


def _two_lines(label: str, width: float) -> list[str]:
    """A label in at most two lines; the whole of it stands under the panel."""
    lines = wrap(label, width, NORMAL)
    return lines if len(lines) <= 2 else [lines[0], wrap(lines[1], width - 8, NORMAL)[0] + " …"]


class _Curves:
    """The curves and bands of a panel on a fine grid of its width, in fractions of the axes."""

    def __init__(self, ax: Axes, curves: Sequence[Steps], unit: float) -> None:
        self.size = points_of(ax, unit)
        self.x = np.linspace(0, 1, 241)
        times = ax.get_xlim()[0] + self.x * (ax.get_xlim()[1] - ax.get_xlim()[0])
        low, high = ax.get_ylim()
        read = [(np.stack(curve.at(times)) - low) / (high - low) for curve in curves if curve.times.size]
        self.curves = [_reach(level) for level, _, _ in read]
        self.bands = [(lower, upper) for _, lower, upper in read]

    def best(self, lines: Sequence[_Line], taken: Sequence[_Box]) -> tuple[_Box, int]:
        """Where ``lines`` hide least, and how much of the curves they hide there: corners first, lower left first."""
        grid = np.linspace(0, 1, 21)
        size = self._size(lines)
        boxes = [_box(size, x, y) for x, y in [*CORNERS.values(), *product(grid, grid)]]
        hidden = [self.hidden(box) + self.x.size * sum(box.meets(other) for other in taken) for box in boxes]
        least = min(hidden)
        return min((box for box, n in zip(boxes, hidden) if n == least), key=self.shaded), least

    def box(self, lines: Sequence[_Line], x: float, y: float) -> _Box:
        """The box of ``lines``, ``x`` of the way from left to right and ``y`` from the bottom to the top."""
        return _box(self._size(lines), x, y)

    def _size(self, lines: Sequence[_Line]) -> tuple[float, float]:
        wide = max((text_width(line.text, NORMAL) + line.indent for line in lines), default=0.0)
        return (wide + 2 * PAD) / self.size[0], (len(lines) * LINE + 2 * PAD) / self.size[1]

    def hidden(self, box: _Box) -> int:
        """How many points of the curves lie in a box."""
        return self._inside(self.curves, box)

    def shaded(self, box: _Box) -> int:
        """How many points of the box's width have a band behind them."""
        return self._inside(self.bands, box)

    def _inside(self, reaches: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]], box: _Box) -> int:
        inside = (self.x >= box.x0) & (self.x <= box.x1)
        return sum(int(((low <= box.y1) & (high >= box.y0) & inside).sum()) for low, high in reaches)


def _box(size: tuple[float, float], x: float, y: float) -> _Box:
    across, high = size
    left, low = 0.01 + x * max(0.0, 0.99 - across), 0.015 + y * max(0.0, 0.97 - high)
    return _Box(float(left), float(low), float(left + across), float(low + high))


def _reach(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lower and upper end of the curve over each grid point: a step between two points belongs to the second."""
    before = np.concatenate([values[:1], values[:-1]])
    return np.minimum(values, before), np.maximum(values, before)
