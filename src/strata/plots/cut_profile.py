"""The profile of a searched cut-point: how well every cut separates survival, and its hazard ratio."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from strata.errors import Problem, UsageError
from strata.plots.style import GREY, LARGE, LINE, NORMAL, SMALL, TITLE_LINE, looks, strokes, wrap, write_words
from strata.plots.wording import (
    endpoint_label,
    format_hazard_ratio,
    format_p,
    patients_and_events,
    plain,
    population_label,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from strata.survival import CutPointSearch

__all__ = ["plot_cut_profile"]

WIDTH, PANEL, MARGIN, LEFT, GAP, AXIS_ROOM = 320.0, 112.0, 10.0, 46.0, 16.0, 34.0
"""Points: the figure, one panel, its margin, room for the vertical axis, between panels, below."""


def plot_cut_profile(search: CutPointSearch, profile: pd.DataFrame | None = None, *, caption: str = "") -> list[Axes]:
    """Draw the profile of a search.

    Above: the standardised log-rank statistic of every cut, in units of the value that is reached by chance in 5 of 100
    cohorts. Below: the hazard ratio of every cut. The searched cut is a line, its bootstrap stability range a band.

    Parameters
    ----------
    search : CutPointSearch
    profile : DataFrame, optional
        ``search.profile``, where it has been computed already.
    caption : str
        What to add to the caption.

    Returns
    -------
    list of matplotlib.axes.Axes
        The two of one figure; ``search.profile`` is the table of their numbers. No P of a single cut is drawn: only the
        corrected one stands in the caption.

    Raises
    ------
    UsageError
        When no cut could be searched.
    """
    if np.isnan(search.cut):
        raise UsageError(Problem("", f"nothing to draw ({'; '.join(search.result.comparisons[0].notes)})", code="E810"))
    profile = search.profile if profile is None else profile
    result = search.result
    title = (
        f"{result.cohort}: {search.number}, {population_label(result.population)}, {endpoint_label(result.endpoint)}"
    )
    with looks():
        titles = wrap(plain(title), WIDTH - 2 * MARGIN, LARGE, bold=True)
        captions = wrap(plain(f"{_caption(search)} {caption}".strip()), WIDTH - 2 * MARGIN, SMALL)
        head = MARGIN + TITLE_LINE * len(titles) + 6
        height = head + 2 * PANEL + GAP + AXIS_ROOM + LINE * len(captions) + MARGIN
        figure = Figure(figsize=(WIDTH / 72, height / 72))
        tops = (head, head + PANEL + GAP)
        upper, lower = (
            figure.add_axes((LEFT / WIDTH, 1 - (top + PANEL) / height, (WIDTH - LEFT - MARGIN) / WIDTH, PANEL / height))
            for top in tops
        )
        _draw_statistic(upper, profile)
        _draw_hazard_ratio(lower, profile)
        for ax in (upper, lower):
            _draw_cut(ax, search)
            ax.set_xlim(min(profile["cut"].min(), search.cut), max(profile["cut"].max(), search.cut))
        upper.tick_params(labelbottom=False)
        lower.set_xlabel(plain(search.number))
        write_words(figure, titles, captions, (WIDTH, height), MARGIN)
    return [upper, lower]


def _draw_statistic(ax: Axes, profile: pd.DataFrame) -> None:
    curve = strokes(1)[0]
    ax.plot(profile["cut"], profile["relative_statistic"], color=curve.colour, lw=1.1, drawstyle="steps-post", zorder=3)
    ax.axhline(1.0, color=GREY, lw=0.8, ls=(0, (4.0, 1.4)), zorder=2)
    top = 1.15 * max(1.0, np.nan_to_num(profile["relative_statistic"].max()))
    ax.set(ylim=(0, top), ylabel="Statistic / corrected 5 % value")
    _frame(ax)


def _draw_hazard_ratio(ax: Axes, profile: pd.DataFrame) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    curve = strokes(1)[0]
    ax.plot(profile["cut"], profile["hazard_ratio"], color=curve.colour, lw=1.1, drawstyle="steps-post", zorder=3)
    ax.axhline(1.0, color=GREY, lw=0.8, zorder=2)
    ax.set_yscale("log")
    furthest = max(2.0, np.exp(np.nan_to_num(np.abs(np.log(profile["hazard_ratio"])).max())) * 1.15)
    ax.set(ylim=(1 / furthest, furthest), ylabel="HR, above vs not above")
    ax.yaxis.set_major_locator(LogLocator(base=2 if furthest < 20 else 10))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.yaxis.set_minor_formatter(NullFormatter())
    ax.minorticks_off()
    _frame(ax)


def _draw_cut(ax: Axes, search: CutPointSearch) -> None:
    marked = strokes(2)[0]
    lower, upper = search.stability
    if not np.isnan(lower):
        ax.axvspan(lower, upper, color=marked.colour, alpha=0.10, lw=0, zorder=1)
    ax.axvline(search.cut, color=marked.colour, lw=1.0, zorder=2)


def _frame(ax: Axes) -> None:
    ax.tick_params(labelsize=NORMAL, length=2.5, width=0.7, pad=2)
    ax.spines[["top", "right"]].set_visible(False)


def _caption(search: CutPointSearch) -> str:
    row, options = search.result.comparisons[0], search.options
    hazard = row.hazard_ratio
    how = f"{options.permutations:,} permutations" if options.method == "permutation" else options.method
    parts = [
        f"Cut {search.cut:.4g} ({patients_and_events(row.n, row.events)}).",
        f"{format_p(search.p_value)}, corrected for the search ({how}).",
        "HR not estimable."
        if hazard is None
        else f"Cross-fitted HR {format_hazard_ratio(hazard.value, hazard.lower, hazard.upper, name='95 % CI ')}.",
        f"Dashed: what the highest statistic of a marker without effect passes in 5 of 100 cohorts"
        f" ({options.permutations:,} permutations).",
        "Lower panel: the hazard ratio at each cut, not corrected for the search.",
    ]
    for other, words in zip(search.result.comparisons[1:], ("Median split", "Per SD, uncut")):
        if (ratio := other.hazard_ratio) is not None:
            parts.append(f"{words}: HR {format_hazard_ratio(ratio.value, ratio.lower, ratio.upper)}.")
    if not np.isnan(search.stability[0]):
        parts.append(
            f"Band: the middle 95 % of the cuts of {options.bootstrap} bootstrap resamples; not a confidence interval."
        )
    return " ".join(parts)
