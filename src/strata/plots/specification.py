"""The specification curve: hazard ratios in order above, and below which settings each of them comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from strata.cohort.findings import count
from strata.errors import Problem, UsageError
from strata.plots.style import (
    GREY,
    LARGE,
    LINE,
    NORMAL,
    SMALL,
    TITLE_LINE,
    looks,
    strokes,
    text_width,
    wrap,
    write_words,
)
from strata.plots.wording import format_hazard_ratio, format_p, plain, population_label

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from strata.survival import SpecificationCurve

__all__ = ["plot_specification"]

WIDTH, CURVE, ROW, MARGIN, GAP, AXIS_ROOM = 518.0, 150.0, 9.6, 12.0, 10.0, 20.0
"""Points: the figure, the height of the curve, of a row of settings, the margin, between them, below."""
FURTHEST = 50.0
"""Intervals end here and at its inverse."""
SETTINGS = {"endpoint": "Endpoint", "cut": "Cut", "cut_scope": "Cut learned on", "comparator": "Compared with"}


def plot_specification(curve: SpecificationCurve, *, title: str = "", caption: str = "") -> list[Axes]:
    """Draw a specification curve.

    Parameters
    ----------
    curve : SpecificationCurve
        Its ``to_frame()`` is the table of the figure.
    title : str
        By default cohort, signature and population.
    caption : str
        What to add to the caption.

    Returns
    -------
    list of matplotlib.axes.Axes
        The two of one figure, with one column a specification: hazard ratios with 95 % intervals, and dots that tell
        the settings. The pre-specified one is a diamond in colour; small groups are open circles.

    Raises
    ------
    UsageError
        When no specification has a hazard ratio.
    """
    table = curve.to_frame()
    drawn = table[table["hazard_ratio"].notna()].reset_index(drop=True)
    if drawn.empty:
        raise UsageError(Problem("", "no specification has a hazard ratio: there is nothing to draw", code="E810"))
    first = table.iloc[0]
    title = title or f"{first['cohort']}: {first['signature']}, {population_label(str(first['population']))}"
    rows = _rows(drawn)
    with looks():
        titles = wrap(plain(title), WIDTH - 2 * MARGIN, LARGE, bold=True)
        captions = wrap(plain(f"{_caption(curve, drawn)} {caption}".strip()), WIDTH - 2 * MARGIN, SMALL)
        names = [name for name, *_ in rows]
        left = MARGIN + max(text_width(name, NORMAL, bold=True) for name in [*names, "HR (log scale)"]) + 12
        head, matrix = MARGIN + TITLE_LINE * len(titles) + 6, ROW * max(len(rows), 1)
        height = head + CURVE + GAP + matrix + AXIS_ROOM + LINE * len(captions) + MARGIN
        figure = Figure(figsize=(WIDTH / 72, height / 72))
        upper, lower = (
            figure.add_axes((left / WIDTH, 1 - (top + tall) / height, (WIDTH - left - MARGIN) / WIDTH, tall / height))
            for top, tall in ((head, CURVE), (head + CURVE + GAP, matrix))
        )
        _draw_curve(upper, drawn)
        _draw_settings(lower, drawn, rows)
        for ax in (upper, lower):
            ax.set_xlim(-1, len(drawn))
        write_words(figure, titles, captions, (WIDTH, height), MARGIN)
    return [upper, lower]


def _rows(drawn: pd.DataFrame) -> list[tuple[str, str, str]]:
    """The rows of the lower panel: text, column and value, empty of a heading; settings without a choice have none."""
    rows = []
    for column, heading in SETTINGS.items():
        values = list(dict.fromkeys(drawn[column].dropna()))
        if len(values) > 1:
            order = {value: number for number, value in enumerate(_ORDER)}
            values.sort(key=lambda value: (order.get(value, len(order)), value))
            rows += [(heading, column, ""), *((plain(value), column, value) for value in values)]
    return rows


_ORDER = ("q25", "q33", "median", "mean", "q67", "q75", "tertiles", "quartiles", "population", "cohort", "rest")


def _draw_curve(ax: Axes, drawn: pd.DataFrame) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    marked, other = strokes(2)
    ratio, lower, upper = (
        drawn[f"hazard_ratio{end}"].clip(1 / FURTHEST, FURTHEST).to_numpy(dtype=float)
        for end in ("", "_lower", "_upper")
    )
    at = np.arange(len(drawn))
    chosen, small = (drawn[name].to_numpy(dtype=bool) for name in ("pre_specified", "small"))
    ax.vlines(
        at,
        lower,
        upper,
        colors=np.where(chosen, marked.colour, "#999999").tolist(),
        lw=np.where(chosen, 1.6, 0.9),
        zorder=2,
    )
    plain_points = ~chosen & ~small
    ax.scatter(at[plain_points], ratio[plain_points], s=9, color=other.colour, lw=0, zorder=3)
    ax.scatter(
        at[~chosen & small], ratio[~chosen & small], s=10, facecolor="white", edgecolor=other.colour, lw=0.7, zorder=3
    )
    filled = np.where(small[chosen], "white", marked.colour)
    ax.scatter(at[chosen], ratio[chosen], s=30, marker="D", facecolor=filled, edgecolor=marked.colour, lw=0.9, zorder=4)
    ax.axhline(1.0, color=GREY, lw=0.7, ls=(0, (1.0, 1.5)), zorder=1)
    ax.set_yscale("log")
    furthest = float(max(upper.max(), 1 / lower.min(), 2.0)) * 1.08
    ax.set(
        ylim=(max(lower.min() / 1.08, 1 / furthest), max(upper.max() * 1.08, 1.25)), ylabel="HR (95 % CI, log scale)"
    )
    ax.yaxis.set_major_locator(LogLocator(base=2 if furthest < 20 else 10, subs=(1.0, 1.5) if furthest < 3 else (1.0,)))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.yaxis.set_minor_formatter(NullFormatter())
    ax.minorticks_off()
    ax.tick_params(labelsize=NORMAL, length=2.5, width=0.7, pad=2)
    ax.tick_params(axis="x", length=0, labelbottom=False)
    ax.spines[["top", "right", "bottom"]].set_visible(False)


def _draw_settings(ax: Axes, drawn: pd.DataFrame, rows: list[tuple[str, str, str]]) -> None:
    marked, other = strokes(2)
    chosen = drawn["pre_specified"].to_numpy(dtype=bool)
    for y, (_, column, value) in enumerate(rows):
        if not value:
            continue
        here = drawn[column].eq(value).fillna(False).to_numpy(dtype=bool)
        ax.axhline(y, color="#dddddd", lw=0.5, zorder=1)
        ax.scatter(
            np.flatnonzero(here & ~chosen), np.full((here & ~chosen).sum(), y), s=6, color=other.colour, lw=0, zorder=3
        )
        ax.scatter(
            np.flatnonzero(here & chosen),
            np.full((here & chosen).sum(), y),
            s=16,
            marker="D",
            color=marked.colour,
            lw=0,
            zorder=4,
        )
    ax.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    ax.set_yticks(range(len(rows)), [name for name, *_ in rows])
    for label, (_, _, value) in zip(ax.get_yticklabels(), rows):
        label.set(size=NORMAL, weight="normal" if value else "bold")
    ax.tick_params(axis="y", length=0, pad=3)
    ax.set_xticks([])
    ax.set_xlabel(f"{count(len(drawn), 'specification')}, smallest hazard ratio first", size=NORMAL, labelpad=4)
    ax.spines[:].set_visible(False)


def _caption(curve: SpecificationCurve, drawn: pd.DataFrame) -> str:
    table, first = curve.to_frame(), curve.pre_specified
    adjusted = table["adjusted_for"].dropna()
    test, column = ("Wald", "wald_p") if len(adjusted) else ("log-rank", "log_rank_p")
    said = [f"HR, with Wald P, adjusted for {adjusted.iloc[0]}."] if len(adjusted) else []
    if np.isnan(first["hazard_ratio"]):
        said.append("The pre-specified specification has no hazard ratio.")
    else:
        numbers = format_hazard_ratio(*(float(first[f"hazard_ratio{end}"]) for end in ("", "_lower", "_upper")))
        settings = ", ".join(first[list(SETTINGS)].dropna())
        said.append(f"Diamond: pre-specified ({settings}), HR {numbers}, {format_p(first[column])}.")
    above = int((drawn["hazard_ratio"] > 1).sum())
    below_5 = int((table[column] < 0.05).sum())
    said.append(
        f"HR above 1 in {above} of {len(drawn)}, {test} P < 0.05 in {below_5}: specifications of the same patients,"
        " which follow each other; no P is adjusted, none is a finding by itself, and the curve is no search for a cut."
    )
    if missing := len(table) - len(drawn):
        said.append(f"{count(missing, 'specification')} without a hazard ratio not drawn.")
    if drawn["small"].any():
        said.append("Open: an arm below 20 patients or 10 events.")
    return " ".join(said)
