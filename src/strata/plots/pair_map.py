"""The pair map: the best pairs of a scan as a matrix of genes by genes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from strata.errors import Problem, UsageError
from strata.plots.style import GREY, LARGE, LINE, NORMAL, SMALL, TITLE_LINE, looks, text_width, wrap, write_words
from strata.plots.wording import endpoint_label, plain, population_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PathCollection

    from strata.scan import PairScan

__all__ = ["pair_map_frame", "plot_pair_map"]

CELL, MARGIN, BAR, AROUND = 13.0, 10.0, 8.0, 60.0
"""Points: a cell, the margin, the colour bar, room for it."""
NARROWEST, FURTHEST = 252.0, 4
"""The narrowest figure in points, and doublings of a hazard ratio beyond which colours stay the same."""
SYNERGY = 0.05

# Okabe and Ito's blue and vermillion around white: signs tell the sides apart in grey
_COLOURS = LinearSegmentedColormap.from_list("ratio", ["#0072B2", "#ffffff", "#D55E00"])


def pair_map_frame(scan: PairScan, *, pairs: int = 40) -> pd.DataFrame:
    """The best ``pairs`` of a scan with their place in the map.

    Returns
    -------
    DataFrame
        ``gene_1`` (row), ``gene_2`` (column), ``row``, ``column``, ``n_both``, ``events_both``, ``hazard_ratio``,
        ``log_rank_chi2``, ``log_rank_p``, ``q_value`` and ``interaction_bonferroni_p``, the smallest P first. Genes are
        in the order of their best pair.
    """
    table = scan.to_frame().head(pairs)
    table = table[table["hazard_ratio"].notna()].reset_index(drop=True)
    place = {name: pd.factorize(table[gene])[0] for name, gene in (("row", "gene_1"), ("column", "gene_2"))}
    columns = ["gene_1", "gene_2", *place, "n_both", "events_both", "hazard_ratio", "log_rank_chi2", "log_rank_p"]
    return table.assign(**place)[[*columns, "q_value", "interaction_bonferroni_p"]]


def plot_pair_map(scan: PairScan, *, pairs: int = 40, title: str = "", caption: str = "") -> Axes:
    """Draw the best pairs of a scan: squares as large as their chi-squared, in the colour of their hazard ratio.

    Parameters
    ----------
    scan : PairScan
    pairs : int
        How many; ``pair_map_frame(scan, pairs=pairs)`` is the table of the figure.
    title : str
        By default cohort, population and endpoint.
    caption : str
        What to add to the caption.

    Returns
    -------
    matplotlib.axes.Axes
        In a figure of its own. ``+`` and ``-`` tell on which side of 1 a hazard ratio is. An empty cell is a pair that
        is not among those drawn, not one without an effect.

    Raises
    ------
    UsageError
        When no pair has a hazard ratio.
    """
    table = pair_map_frame(scan, pairs=pairs)
    if table.empty:
        raise UsageError(Problem("", "no pair has a hazard ratio: there is nothing to draw", code="E810"))
    study = scan.study
    rows, columns = (list(dict.fromkeys(table[gene])) for gene in ("gene_1", "gene_2"))
    with looks():
        left, above = (max(text_width(plain(name), NORMAL) for name in names) + 8 for names in (rows, columns))
        wide, tall = CELL * len(columns), CELL * len(rows)
        width = max(NARROWEST, MARGIN + left + wide + AROUND + MARGIN)
        inner = width - 2 * MARGIN
        where = f"{study.cohort}: {population_label(study.population)}, {endpoint_label(study.endpoint)}"
        titles = wrap(plain(title or where), inner, LARGE, bold=True)
        captions = wrap(plain(f"{_caption(scan, table)} {caption}".strip()), inner, SMALL)
        head = MARGIN + TITLE_LINE * len(titles) + 6 + above
        height = head + max(tall, 60.0) + 10 + LINE * len(captions) + MARGIN
        figure = Figure(figsize=(width / 72, height / 72))
        at = MARGIN + left
        ax = figure.add_axes((at / width, 1 - (head + tall) / height, wide / width, tall / height))
        largest = int(np.clip(np.ceil(np.abs(np.log2(table["hazard_ratio"])).max()), 1, FURTHEST))
        drawn = _draw_pairs(ax, table, rows, columns, largest)
        beside = figure.add_axes(((at + wide + 14) / width, 1 - (head + 60) / height, BAR / width, 60 / height))
        bar = figure.colorbar(drawn, cax=beside)
        bar.outline.set_visible(False)
        ticks = range(-largest, largest + 1)
        bar.set_ticks(ticks, labels=[f"{2.0**tick:g}" for tick in ticks])
        beside.tick_params(labelsize=SMALL, length=2, width=0.5, pad=3)
        beside.set_title("HR", fontsize=SMALL, loc="left", pad=3)
        write_words(figure, titles, captions, (width, height), MARGIN)
    return ax


def _draw_pairs(ax: Axes, table: pd.DataFrame, rows: list[str], columns: list[str], largest: int) -> PathCollection:
    ratio = np.log2(table["hazard_ratio"].to_numpy(dtype=float))
    chi2 = table["log_rank_chi2"].to_numpy(dtype=float)
    x, y = table["column"].to_numpy(), table["row"].to_numpy()
    synergy = (table["interaction_bonferroni_p"] < SYNERGY).to_numpy(dtype=bool)
    drawn = ax.scatter(
        x,
        y,
        s=(0.92 * CELL) ** 2 * chi2 / chi2.max(),
        c=np.clip(ratio, -largest, largest),
        cmap=_COLOURS,
        vmin=-largest,
        vmax=largest,
        marker="s",
        edgecolors="black",
        linewidths=np.where(synergy, 1.4, 0.3).tolist(),
        zorder=2,
    )
    for column, row, up in zip(x, y, ratio > 0):
        ax.text(column, row, "+" if up else "−", size=NORMAL, ha="center", va="center_baseline", zorder=3)
    ax.set(xlim=(-0.5, len(columns) - 0.5), ylim=(len(rows) - 0.5, -0.5))
    ax.set_xticks(range(len(columns)), [plain(name) for name in columns], rotation=90)
    ax.set_yticks(range(len(rows)), [plain(name) for name in rows])
    ax.xaxis.tick_top()
    ax.tick_params(labelsize=NORMAL, length=0, pad=2)
    ax.set_xticks(np.arange(-0.5, len(columns)), minor=True)
    ax.set_yticks(np.arange(-0.5, len(rows)), minor=True)
    ax.grid(which="minor", color="#e3e3e3", lw=0.4, zorder=0)
    ax.tick_params(which="minor", length=0)
    ax.spines[:].set_color(GREY)
    ax.spines[:].set_linewidth(0.5)
    return drawn


def _caption(scan: PairScan, table: pd.DataFrame) -> str:
    ranked = scan.counts["ranked"]
    said = [
        f"The {len(table):,} best of {ranked:,} pairs ranked, patients high in both against the rest. Area: log-rank"
        f" chi-squared (at most {table['log_rank_chi2'].max():.3g}, q {table['q_value'].min():.2g} over all pairs"
        " ranked). Sign: hazard ratio above (+) or below (−) 1. An empty cell is a pair not drawn, not one without"
        " effect.",
    ]
    found = int((table["interaction_bonferroni_p"] < SYNERGY).sum())
    said.append(
        f"Thick edge: interaction P < {SYNERGY:g}, Bonferroni over all pairs ranked ({found})."
        if found
        else "None has an interaction after Bonferroni's correction over all pairs ranked: no pair is called a synergy."
    )
    return " ".join(said)
