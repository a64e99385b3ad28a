"""The distribution of a score, or of a gene's values, and where it was cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from strata.cohort.findings import count
from strata.plots.style import LARGE, NORMAL, TITLE_LINE, looks, strokes, text_width, wrap
from strata.plots.wording import plain, population_label

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.axes import Axes

    from strata.stratification import CutValues

__all__ = ["plot_score"]

WIDTH, PANEL, LEFT, MARGIN, AXIS_ROOM, KEY_LINE = 252.0, 116.0, 38.0, 8.0, 32.0, 10.0
"""Points: a figure as wide as a column, the height of the histogram, room around it, a line of the key."""

_LIGHT, _DARK = "#d9d9d9", strokes(2)[0].colour
_FILLS = {2: (_LIGHT, _DARK), 3: (_LIGHT, "#56B4E9", _DARK), 4: (_LIGHT, "#56B4E9", "#CC79A7", _DARK)}


def plot_score(values: CutValues, *, ax: Axes | None = None, title: str = "") -> Axes:
    """Draw the histogram of the numbers that a signature cuts, with the cut-points and the patients on each side.

    Parameters
    ----------
    values : CutValues
        One of ``cut_values(cohort, signature, strata)``; its ``to_frame()`` is the table of the bars.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the key goes above it, so leave room there. None: a figure of its own.
    title : str
        By default cohort and population.

    Returns
    -------
    matplotlib.axes.Axes
        The values are patients': it is no figure for a folder that is shared.
    """
    table, names = values.to_frame(), values.groups
    fills = _FILLS.get(len(names)) or [stroke.colour for stroke in strokes(len(names))]
    sizes = np.bincount(values.group, minlength=len(names)).tolist()
    labels = [f"{name}: {count(n, 'patient')}" for name, n in zip(names, sizes)]
    beside = sum(text_width(label, NORMAL) + 22 for label in labels) < WIDTH - LEFT - MARGIN
    columns = len(names) if beside else 1
    lines = 1 + (1 if beside else len(names))
    with looks():
        text = plain(title or f"{values.cohort}: {population_label(values.population)}")
        titles = wrap(text, WIDTH - LEFT - MARGIN, LARGE, bold=True)
        key = KEY_LINE * lines + 6
        if ax is None:
            above = key + TITLE_LINE * len(titles) + MARGIN
            height = above + PANEL + AXIS_ROOM
            figure = Figure(figsize=(WIDTH / 72, height / 72))
            box = (LEFT / WIDTH, AXIS_ROOM / height, (WIDTH - LEFT - MARGIN) / WIDTH, PANEL / height)
            ax = figure.add_axes(box)
        _draw_bars(ax, table, dict(zip(names, zip(fills, labels))))
        for cut in values.cuts:
            ax.axvline(cut, color="black", lw=1.0, ls=(0, (4.0, 1.4)), zorder=3)
        unknown = f"; value unknown: {values.n_unknown:,} patients" if values.n_unknown else ""
        ax.legend(
            title=f"Cut: {values.rule}{unknown}",
            title_fontsize=NORMAL,
            fontsize=NORMAL,
            loc="lower left",
            bbox_to_anchor=(0.0, 1.0),
            frameon=False,
            ncols=columns,
            alignment="left",
            borderpad=0.0,
            borderaxespad=0.3,
            labelspacing=0.3,
            handlelength=1.2,
            columnspacing=1.2,
        )
        ax.set(xlabel=plain(values.number), ylabel="Patients")
        ax.set_title("\n".join(titles), fontsize=LARGE, weight="bold", loc="left", pad=key)
        ax.tick_params(labelsize=NORMAL, length=2.5, width=0.7, pad=2)
        ax.spines[["top", "right"]].set_visible(False)
    return ax


def _draw_bars(ax: Axes, table: pd.DataFrame, groups: Mapping[str, tuple[str, str]]) -> None:
    """The groups of a bar on top of each other; of each group its fill and what the key says."""
    edges = np.unique(table["lower"])
    below = np.zeros(edges.size)
    for name, (fill, label) in groups.items():
        part = table[table["group"] == name]
        at = np.searchsorted(edges, part["lower"])
        width = part["upper"] - part["lower"]
        look: dict[str, Any] = {"color": fill, "edgecolor": "white", "lw": 0.4, "label": label}
        ax.bar(part["lower"], part["n"], width, below[at], align="edge", **look)
        below[at] += part["n"]
