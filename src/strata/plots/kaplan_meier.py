"""Kaplan-Meier curves of a comparison: the figure, and its numbers as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strata.plots.look import Look
from strata.plots.panel import axes_of, draw_panel
from strata.plots.risk_rows import risk_frame
from strata.plots.steps import drawn_strata, strata_frame, stratum_labels
from strata.plots.style import looks, preset_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from strata.plots.look import Confidence, KeyPlace, RiskRows, TimeUnit, YScale
    from strata.survival.result import Comparison

__all__ = ["plot_survival", "risk_table_frame", "survival_frame"]


def plot_survival(
    comparison: Comparison,
    *,
    ax: Axes | None = None,
    endpoint: str = "",
    title: str = "",
    labels: Sequence[str] | None = None,
    colours: Sequence[str] | None = None,
    y: YScale = "survival",
    percent: bool = False,
    confidence: Confidence = "band",
    censor_marks: bool = True,
    median_lines: bool = False,
    hazard_ratio: bool = True,
    p_value: bool | str = True,
    weights: str | tuple[str, float, float] = "",
    all_patients: bool = False,
    time_unit: TimeUnit = "months",
    max_time: float | None = None,
    break_every: float | None = None,
    risk_table: RiskRows | bool = "full",
    key: KeyPlace = "best",
    preset: str = "single-column",
    min_cell: int = 0,
) -> Axes:
    """Draw the Kaplan-Meier curves of a comparison.

    Parameters
    ----------
    comparison : Comparison
        One to eight strata; times in months.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the numbers go below it, so leave room there. By default a figure of the right size is made
        (``figure_to_files(ax.figure, ...)`` writes it).
    endpoint : str
        Names the vertical axis: ``"DFS"`` reads "Disease-free survival".
    title : str
    labels : sequence of str, optional
        What the strata are called, in the order of ``comparison.groups``; by default their own labels.
    colours : sequence of str, optional
        One a stratum, in place of those that the colour-blind can tell apart; the dashes stay.
    y : {"survival", "events", "hazard"}
        The share without the event, the share with it (1 - survival), or the cumulative hazard (-log survival).
    percent : bool
        Shares in percent.
    confidence : {"band", "steps", "none"}
        Pointwise 95 % log-log intervals, shaded or as thin lines.
    censor_marks : bool
        A mark where somebody is censored.
    median_lines : bool
        Lines at the median of every stratum, which is also written with its interval. There is no median with
        competing events or with ``min_cell``.
    hazard_ratio : bool
        Whether to write the hazard ratio.
    p_value : bool or str
        Whether to write the P value and its test; a text is written in its place.
    weights : str or tuple, optional
        Write the P of this test of the log-rank family in its place: ``"gehan"``, ``"tarone-ware"``, ``"peto"``,
        ``"fleming-harrington(0, 1)"`` ... as for ``log_rank``. To be chosen before the data are seen.
    all_patients : bool
        Draw the curve of all patients compared too, in grey. Not together with ``min_cell``: it tells what that hides.
    time_unit : {"months", "years"}
        Of the time axis; of ``max_time`` and ``break_every`` too.
    max_time : float, optional
        Where the drawing ends. The statistics stay those of the whole follow-up.
    break_every : float, optional
        From tick to tick; by default what leaves the numbers below room.
    risk_table : {"full", "at_risk", "percent"} or bool
        Below: at risk, censored and events (the extended table of KMunicate), at risk only, at risk in percent of the
        stratum, or nothing. True is ``"full"``.
    key : {"best", "upper left", "upper right", "lower left", "lower right", "above", "none"}
        Where the names of the strata and the statistics stand: where they hide no curve, in a corner, or above the
        curves. With ``"none"`` the strata are named below only.
    preset : {"single-column", "double-column", "presentation"}
        How wide a figure of its own is: 89 mm, 183 mm (text of 6 to 8 points in both) or a slide of 254 mm (text twice
        as large).
    min_cell : int
        For a figure that leaves the house: counts below it are not shown, nor what would tell them, curves are read
        every three months as long as so many patients are at risk, and no censoring is marked. 0: everything is shown.

    Returns
    -------
    matplotlib.axes.Axes
        ``survival_frame`` and ``risk_table_frame`` give its numbers.

    Raises
    ------
    UsageError
        When nothing was compared, there are more than eight strata, ``labels`` or ``colours`` are not one a stratum,
        or an option is none of the above.

    Notes
    -----
    At each tick *at risk* counts times >= t, *censored* and *events* those before t, so that the three add up to the
    stratum. Source: Morris et al., BMJ Open 2019;9:e030215.
    """
    page = preset_of(preset)
    look = Look(
        y=y,
        percent=percent,
        confidence=confidence,
        censor_marks=censor_marks,
        median_lines=median_lines,
        p_value=p_value,
        weights=weights,
        hazard_ratio=hazard_ratio,
        time_unit=time_unit,
        break_every=break_every,
        max_time=max_time,
        risk_table=risk_table,
        key=key,
        colours=colours,
        all_patients=all_patients,
        min_cell=min_cell,
        unit=page.unit,
    )
    names = stratum_labels(comparison, labels)
    strata = drawn_strata(comparison, names, look)
    with looks():
        ax, own = axes_of(ax, strata, look, page, title=title)
        draw_panel(ax, comparison, strata, look, names=names, endpoint=endpoint, title=title).draw(grow=own)
    return ax


def survival_frame(
    comparison: Comparison,
    *,
    labels: Sequence[str] | None = None,
    y: YScale = "survival",
    time_unit: TimeUnit = "months",
    all_patients: bool = False,
    min_cell: int = 0,
) -> pd.DataFrame:
    """The numbers that ``plot_survival`` draws with these options: one row a step of a curve.

    Returns
    -------
    DataFrame
        ``stratum``, ``time``, ``survival`` (or ``share_with_event``, ``cumulative_hazard``), ``lower``, ``upper`` and
        ``at_risk``, ``events``, ``censored`` at that time, which a figure that leaves the house does not have.
    """
    look = Look(y=y, time_unit=time_unit, all_patients=all_patients, min_cell=min_cell)
    return strata_frame(drawn_strata(comparison, stratum_labels(comparison, labels), look), look)


def risk_table_frame(
    comparison: Comparison,
    times: Sequence[float],
    *,
    labels: Sequence[str] | None = None,
    time_unit: TimeUnit = "months",
    all_patients: bool = False,
) -> pd.DataFrame:
    """The numbers below the curves at ``times``: ``stratum``, ``time``, ``at_risk``, ``censored``, ``events``."""
    look = Look(time_unit=time_unit, all_patients=all_patients)
    return risk_frame(drawn_strata(comparison, stratum_labels(comparison, labels), look), times)
