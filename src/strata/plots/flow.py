"""The flow diagram: who was read, who was left out at which step and why, and who was analysed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from strata.cohort.findings import count
from strata.plots.page import page_axes, write_lines
from strata.plots.style import GREY, LARGE, NORMAL, SMALL, looks, wrap
from strata.plots.wording import endpoint_label, plain, population_label

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from matplotlib.axes import Axes

    from strata.analysis import PatientFlow

__all__ = ["plot_flow"]

WIDTH, MARGIN, BOX, SIDE, NARROW = 420.0, 10.0, 180.0, 180.0, 12.0
"""Points: the figure, its margin, a box of those who remain, one of those left out, and between the strata."""
TITLE_LINE, LINE, CAPTION_LINE, PADDING, BETWEEN = 11.0, 9.6, 8.4, 5.0, 18.0


def plot_flow(flow: PatientFlow, *, title: str = "", min_cell: int = 0) -> Axes:
    """Draw the flow of patients from reading to the strata of a comparison.

    Parameters
    ----------
    flow : PatientFlow
        ``flow.to_frame()`` is the table of its numbers.
    title : str
        By default cohort, signature, population and endpoint.
    min_cell : int
        Counts that ``flow.to_frame(min_cell=min_cell)`` hides are not drawn.

    Returns
    -------
    matplotlib.axes.Axes
        Alone in its figure, which is as high as it needs to be. A reason for which nobody was left out is not drawn.
    """
    table = flow.to_frame(min_cell=min_cell)
    where = f"{population_label(flow.population)}, {endpoint_label(flow.endpoint)}"
    inner = WIDTH - 2 * MARGIN
    with looks():
        titles = wrap(plain(title or f"{flow.cohort}: {flow.signature}, {where}"), inner, LARGE, bold=True)
        captions = wrap(_caption(flow, table), inner, SMALL)
        mains, sides = _boxes(flow, table)
        strata = table[table["kind"] == "stratum"].to_dict("records")
        width = (inner - NARROW * (len(strata) - 1)) / max(len(strata), 1)
        ends = [_wrapped([str(row["label"]), _counted(row)], width) for row in strata]
        gaps = [max(BETWEEN, _height(side) + 12 if side else 0.0) for side in sides]
        body = sum(map(_height, mains)) + sum(gaps) + (BETWEEN + max(map(_height, ends)) if ends else 0.0)
        head, foot = TITLE_LINE * len(titles) + 6, 6 + CAPTION_LINE * len(captions)
        _, ax = page_axes(WIDTH, 2 * MARGIN + head + body + foot)
        write_lines(ax, titles, MARGIN, MARGIN, TITLE_LINE, size=LARGE, weight="bold")
        y = _trunk(ax, mains, sides, gaps, MARGIN + head)
        if ends:
            y = _branches(ax, ends, width, y)
        write_lines(ax, captions, MARGIN, y + 6, CAPTION_LINE, size=SMALL, color=GREY)
    return ax


def _boxes(flow: PatientFlow, table: pd.DataFrame) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """Who remains, from above, and who is left out between two of them: a step without has no box but the last."""
    words = {
        "population": f"In the population: {population_label(flow.population)}",
        "endpoint": f"With a known endpoint: {endpoint_label(flow.endpoint)}",
        "marker": "Analysed",
    }
    mains, sides = [_wrapped([f"Patients of {flow.cohort}", f"n = {flow.n_patients:,}"], BOX)], []
    for step, name in words.items():
        rows = table[table["step"] == step]
        gone = rows[(rows["kind"] == "left_out") & rows["n"].ne(0).fillna(True)].to_dict("records")
        if gone or step == "marker":
            sides.append(_wrapped([f"{row['label']}: {_n(row['n'])}" for row in gone], SIDE))
            remaining = rows[rows["kind"] == "remaining"].to_dict("records")[0]
            mains.append(_wrapped([name, _counted(remaining)], BOX))
    return mains, sides


def _caption(flow: PatientFlow, table: pd.DataFrame) -> str:
    said = [] if flow.strata else [f"Not compared: {'; '.join(flow.notes)}."]
    rows = table[table["kind"] == "file_rows"].to_dict("records")
    if rows:
        parts = "; ".join(f"{row['label']} ({_n(row['n'])})" for row in rows)
        said.append(
            f"Left out of the files when they were read, which counts lines and samples, not patients: {parts}."
        )
    for row in table[table["kind"] == "not_in_model"].to_dict("records"):
        said.append(f"Of those analysed {row['label']}: {_n(row['n'])}.")
    if table["n"].isna().any():
        said.append("Hidden: small counts, and those that would tell them.")
    return plain(" ".join(said))


def _n(n: Any) -> str:
    return "hidden" if pd.isna(n) else f"{n:,}"


def _counted(row: Mapping[Hashable, Any]) -> str:
    """``n = 122, 62 events``; events stand where the flow ends."""
    if row["kind"] == "stratum" or row["step"] == "marker":
        events = "events hidden" if pd.isna(row["events"]) else count(row["events"], "event")
        return f"n = {_n(row['n'])}, {events}"
    return f"n = {_n(row['n'])}"


def _wrapped(texts: Sequence[str], width: float) -> tuple[str, ...]:
    return tuple(line for text in texts for line in wrap(plain(text), width - 2 * PADDING, NORMAL))


def _height(lines: Sequence[str]) -> float:
    return LINE * len(lines) + 2 * PADDING


def _trunk(
    ax: Axes, mains: Sequence[tuple[str, ...]], sides: Sequence[tuple[str, ...]], gaps: Sequence[float], top: float
) -> float:
    """The boxes below each other, those left out to the right of the arrows; returns where the last box ends."""
    middle, y = WIDTH / 2 - SIDE / 2, top
    for i, lines in enumerate(mains):
        if i:
            gap, side = gaps[i - 1], sides[i - 1]
            _arrow(ax, (middle, y), (middle, y + gap))
            if side:
                left, centre = middle + BOX / 2 + 14, y + gap / 2
                _arrow(ax, (middle, centre), (left, centre))
                _box(ax, (left, centre - _height(side) / 2), SIDE, side, centred=False)
            y += gap
        _box(ax, (middle - BOX / 2, y), BOX, lines)
        y += _height(lines)
    return y


def _branches(ax: Axes, ends: Sequence[tuple[str, ...]], width: float, top: float) -> float:
    """The strata side by side; returns where the highest box ends."""
    middle, fork = WIDTH / 2 - SIDE / 2, top + BETWEEN / 2
    lefts = [MARGIN + i * (width + NARROW) for i in range(len(ends))]
    centres = [left + width / 2 for left in lefts]
    _line(ax, (middle, middle), (top, fork))
    _line(ax, (min(middle, *centres), max(middle, *centres)), (fork, fork))
    for left, centre, lines in zip(lefts, centres, ends):
        _arrow(ax, (centre, fork), (centre, top + BETWEEN))
        _box(ax, (left, top + BETWEEN), width, lines)
    return top + BETWEEN + max(map(_height, ends))


def _box(ax: Axes, corner: tuple[float, float], width: float, lines: Sequence[str], *, centred: bool = True) -> None:
    left, top = corner
    ax.add_patch(Rectangle(corner, width, _height(lines), facecolor="white", edgecolor="black", lw=0.7, zorder=2))
    how: dict[str, Any] = {"ha": "center"} if centred else {"ha": "left"}
    at = left + width / 2 if centred else left + PADDING
    write_lines(ax, lines, at, top + PADDING, LINE, size=NORMAL, zorder=3, **how)


def _line(ax: Axes, xs: tuple[float, float], ys: tuple[float, float]) -> None:
    ax.add_line(Line2D(xs, ys, color="black", lw=0.7, zorder=1))


def _arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    """A line with a head; down or to the right."""
    (x0, y0), (x1, y1) = start, end
    _line(ax, (x0, x1), (y0, y1))
    head, back = ("v", (0.0, 2.0)) if x0 == x1 else (">", (2.0, 0.0))
    ax.plot(x1 - back[0], y1 - back[1], head, ms=3.4, mew=0, color="black", zorder=1)
