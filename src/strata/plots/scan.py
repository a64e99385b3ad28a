"""Figures of a scan of genes: the volcano, and observed against expected P with genomic inflation."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from strata.errors import Problem, UsageError
from strata.plots.style import GREY, LARGE, LINE, NORMAL, SMALL, TITLE_LINE, looks, strokes, wrap, write_words
from strata.plots.wording import endpoint_label, plain, population_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from strata.scan import GeneScan

__all__ = ["draw_qq", "draw_volcano", "plot_qq", "plot_volcano", "qq_frame", "volcano_frame"]

WIDTH, PANEL, MARGIN, LEFT, AXIS_ROOM = 300.0, 220.0, 10.0, 40.0, 34.0
"""Points: the figure, the height of its panel, its margin, room for the axes."""

FALSE_DISCOVERIES = 0.05
NAMED = 10
"""Markers with their name beside them."""

_RATIO = {
    "median": "HR, positive against the rest",
    "continuous": "HR per standard deviation, or of the called against the rest",
    "every": "HR per standard deviation, or of the called against the rest",
}


def volcano_frame(scan: GeneScan) -> pd.DataFrame:
    """The points of a volcano: ``gene``, ``assay``, ``ratio``, ``log10_p``, ``q_value`` and ``found`` (q < 0.05).

    A marker without a P or a hazard ratio has none. With searched cuts, which have no hazard ratio, ``ratio`` is that
    per standard deviation.
    """
    table = scan.to_frame()
    ratios = (
        table["hazard_ratio"] if scan.cut == "median" else table["hazard_ratio"].fillna(table["per_sd_hazard_ratio"])
    )
    drawn = table.assign(ratio=ratios, found=table["q_value"] < FALSE_DISCOVERIES)
    kept = drawn[table["p_value"].notna() & ratios.notna()]
    return kept[["gene", "assay", "ratio", "log10_p", "q_value", "found"]].reset_index(drop=True)


def plot_volcano(scan: GeneScan, *, ax: Axes | None = None) -> Axes:
    """Draw -log10 P of every marker against its hazard ratio; ``volcano_frame(scan)`` is the table.

    Parameters
    ----------
    scan : GeneScan
    ax : matplotlib.axes.Axes, optional
        Where to draw; None: a figure with title and caption, as ``draw_volcano`` makes.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    UsageError
        When no marker has both.
    """
    if ax is None:
        return draw_volcano(scan).axes[0]
    drawn = volcano_frame(scan)
    if drawn.empty:
        raise UsageError(
            Problem("", "no marker has both a P and a hazard ratio: there is nothing to draw", code="E810")
        )
    found = drawn["found"].to_numpy(dtype=bool)
    ratio, height = drawn["ratio"].to_numpy(dtype=float), -drawn["log10_p"].to_numpy(dtype=float)
    with looks():
        marked, other = strokes(2)
        ax.scatter(ratio[~found], height[~found], s=5, color=other.colour, alpha=0.35, lw=0, zorder=2)
        ax.scatter(ratio[found], height[found], s=9, color=marked.colour, marker="D", lw=0, zorder=3)
        ax.axvline(1.0, color=GREY, lw=0.7, zorder=1)
        _ratio_axis(ax, ratio)
        ax.set(xlabel=_RATIO[scan.cut], ylabel="-log10 P", ylim=(0, 1.08 * max(height.max(), 1.0)))
        _name_points(ax, drawn[found].head(NAMED))
        _frame(ax)
    return ax


def draw_volcano(scan: GeneScan, *, caption: str = "") -> Figure:
    """Draw -log10 P of every marker against its hazard ratio.

    Parameters
    ----------
    scan : GeneScan
        A marker without a P or a hazard ratio is not drawn; the caption counts them. With searched cuts, which have no
        hazard ratio, it is that per standard deviation.
    caption : str
        What to add to the caption.

    Returns
    -------
    matplotlib.figure.Figure
        ``figure_to_files`` writes it.

    Raises
    ------
    UsageError
        When no marker has both.
    """
    drawn = volcano_frame(scan)
    said = [
        f"{len(drawn):,} of {len(scan.to_frame()):,} markers, those with a P and a hazard ratio; diamonds:"
        f" q < {FALSE_DISCOVERIES:g} ({int(drawn['found'].sum()):,}), Benjamini-Hochberg over all of them.",
        *_about(scan),
    ]
    return _figure(scan, plot_volcano, " ".join([*said, caption]).strip())


def qq_frame(scan: GeneScan) -> pd.DataFrame:
    """The points of a QQ plot, the smallest P first: ``expected`` and ``observed`` -log10 P, ``lower`` and ``upper``.

    The last two are the band that holds 95 % of each rank, of independent markers without effect.
    """
    known = scan.to_frame()["log10_p"].dropna().to_numpy(dtype=float)
    expected, lower, upper = expected_log10_p(known.size)
    return pd.DataFrame({"expected": expected, "observed": np.sort(-known)[::-1], "lower": lower, "upper": upper})


def plot_qq(scan: GeneScan, *, ax: Axes | None = None) -> Axes:
    """Draw observed -log10 P against those expected when no marker had any effect; ``qq_frame(scan)`` is the table.

    Parameters
    ----------
    scan : GeneScan
    ax : matplotlib.axes.Axes, optional
        Where to draw; None: a figure with title and caption, as ``draw_qq`` makes.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    UsageError
        When no marker has a P.
    """
    if ax is None:
        return draw_qq(scan).axes[0]
    points = qq_frame(scan)
    if points.empty:
        raise UsageError(Problem("", "no marker has a P: there is nothing to draw", code="E810"))
    expected = points["expected"]
    with looks():
        line, _ = strokes(2)
        ax.fill_between(expected, points["lower"], points["upper"], color=GREY, alpha=0.2, lw=0, zorder=1)
        ax.plot([0, expected.max()], [0, expected.max()], color=GREY, lw=0.8, zorder=2)
        ax.scatter(expected, points["observed"], s=5, color=line.colour, lw=0, zorder=3)
        ax.set(xlabel="Expected -log10 P", ylabel="Observed -log10 P", xlim=(0, None), ylim=(0, None))
        _frame(ax)
    return ax


def draw_qq(scan: GeneScan, *, caption: str = "") -> Figure:
    """Draw observed -log10 P against those expected when no marker had any effect, with the genomic inflation.

    Parameters
    ----------
    scan : GeneScan
    caption : str

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    UsageError
        When no marker has a P.
    """
    inflation = (
        "Genomic inflation: not estimable."
        if np.isnan(scan.inflation)
        else f"Genomic inflation {scan.inflation:.3g}: the chi-squared of the median P over that of no effect, small"
        " groups left out; above 1 where many markers follow survival, or each other."
    )
    tested = int(scan.to_frame()["log10_p"].notna().sum())
    said = [f"{tested:,} markers. Band: 95 % of each rank, of independent markers without effect.", inflation]
    return _figure(scan, plot_qq, " ".join([*said, *_about(scan), caption]).strip())


def expected_log10_p(n: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """-log10 of the expected P of each rank of ``n`` without effect, and of its 97.5 % and 2.5 % quantiles.

    The smallest of n uniform numbers is distributed as beta(1, n), the next as beta(2, n - 1) ...
    """
    from scipy.stats import beta

    rank = np.arange(1, n + 1)
    quantiles = (beta.ppf(share, rank, n + 1 - rank) for share in (0.975, 0.025))
    lower, upper = (-np.log10(q) for q in quantiles)
    return -np.log10(rank / (n + 1)), lower, upper


def _about(scan: GeneScan) -> list[str]:
    tests = {
        "median": "P: log-rank test of the patients above the median against the rest, or of the called against the"
        " rest; by permutation in small groups.",
        "continuous": "P: Wald test of the hazard ratio per standard deviation.",
        "every": "P: of the best cut, corrected for the search.",
    }
    return [tests[scan.cut], *(f"{note[0].upper()}{note[1:]}." for note in scan.study.notes)]


def _figure(scan: GeneScan, draw: Callable[..., Axes], caption: str) -> Figure:
    study = scan.study
    title = f"{study.cohort}: {population_label(study.population)}, {endpoint_label(study.endpoint)}"
    with looks():
        titles = wrap(plain(title), WIDTH - 2 * MARGIN, LARGE, bold=True)
        captions = wrap(plain(caption), WIDTH - 2 * MARGIN, SMALL)
        head = MARGIN + TITLE_LINE * len(titles) + 6
        height = head + PANEL + AXIS_ROOM + LINE * len(captions) + MARGIN
        figure = Figure(figsize=(WIDTH / 72, height / 72))
        box = (LEFT / WIDTH, 1 - (head + PANEL) / height, (WIDTH - LEFT - MARGIN) / WIDTH, PANEL / height)
        ax = figure.add_axes(box)
        draw(scan, ax=ax)
        write_words(figure, titles, captions, (WIDTH, height), MARGIN)
    return figure


def _frame(ax: Axes) -> None:
    ax.tick_params(labelsize=NORMAL, length=2.5, width=0.7, pad=2)
    ax.spines[["top", "right"]].set_visible(False)


def _ratio_axis(ax: Axes, ratio: NDArray[np.float64]) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    ax.set_xscale("log")
    furthest = max(1.5, float(np.exp(np.abs(np.log(ratio)).max())) * 1.1)
    ax.set_xlim(1 / furthest, furthest)
    ax.xaxis.set_major_locator(LogLocator(base=2 if furthest < 20 else 10, subs=(1.0, 1.5) if furthest < 3 else (1.0,)))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.3g}"))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.minorticks_off()


def _name_points(ax: Axes, rows: pd.DataFrame) -> None:
    """Names beside the points; one that would lie over another on its side is left out."""
    a_line = (SMALL + 1) / PANEL * ax.get_ylim()[1]
    taken: dict[int, list[float]] = {-1: [], 1: []}
    for gene, ratio, log10_p in zip(rows["gene"], rows["ratio"], rows["log10_p"]):
        side = 1 if ratio >= 1.0 else -1
        if any(abs(log10_p - other) < a_line for other in taken[side]):
            continue
        taken[side].append(log10_p)
        ax.annotate(
            plain(str(gene)),
            (ratio, -log10_p),
            xytext=(3 * side, 2),
            textcoords="offset points",
            ha="left" if side > 0 else "right",
            size=SMALL,
            zorder=4,
        )
