"""Cumulative incidence where events compete: the share with the event, beside the share with a competing one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from strata.errors import Problem, UsageError
from strata.plots.key import Key
from strata.plots.look import Look
from strata.plots.panel import axes_of, draw_frame, draw_steps
from strata.plots.steps import Steps, drawn_strata, stratum_labels
from strata.plots.style import looks, preset_of
from strata.plots.wording import format_p, patients_and_events, plain
from strata.survival.kernels.cumulative_incidence import cumulative_incidence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from strata.plots.look import Confidence, RiskRows, TimeUnit
    from strata.plots.steps import DrawnStratum
    from strata.survival.result import Comparison

__all__ = ["cumulative_incidence_frame", "plot_cumulative_incidence"]

EVENT, COMPETING = 1, 2
_NAMES = {EVENT: "event", COMPETING: "competing event"}
_WIDTHS = {EVENT: 1.4, COMPETING: 0.6}


def plot_cumulative_incidence(
    comparison: Comparison,
    *,
    ax: Axes | None = None,
    endpoint: str = "",
    title: str = "",
    labels: Sequence[str] | None = None,
    colours: Sequence[str] | None = None,
    competing: bool = True,
    confidence: Confidence = "band",
    time_unit: TimeUnit = "months",
    max_time: float | None = None,
    break_every: float | None = None,
    risk_table: RiskRows | bool = "full",
    preset: str = "single-column",
) -> Axes:
    """Draw the cumulative incidence of the event in each stratum, by Aalen and Johansen.

    Parameters
    ----------
    comparison : Comparison
        Of an endpoint that names competing events.
    competing : bool
        Draw the competing events too, as thin lines without a band.
    ax, endpoint, title, labels, colours, confidence, time_unit, max_time, break_every, risk_table, preset
        As for ``plot_survival``; the table below counts the competing events on their own.

    Returns
    -------
    matplotlib.axes.Axes
        With Gray's P of the event. ``cumulative_incidence_frame`` gives its numbers.

    Raises
    ------
    UsageError
        When nothing was compared, or the endpoint has no competing events.

    Notes
    -----
    One minus a Kaplan-Meier curve that censors the competing events is not a share of patients: it is too high. Bands
    are pointwise 95 % log-log intervals. R survival: ``survfit(Surv(time, factor(cause)) ~ group)``; ``cmprsk`` for
    Gray's test.
    """
    page = preset_of(preset)
    look = Look(
        y="events",
        confidence=confidence,
        censor_marks=False,
        time_unit=time_unit,
        max_time=max_time,
        break_every=break_every,
        risk_table=risk_table,
        colours=colours,
        unit=page.unit,
    )
    strata = drawn_strata(_with_competing(comparison), stratum_labels(comparison, labels), look)
    causes = (EVENT, COMPETING) if competing else (EVENT,)
    curves = {(i, cause): _incidence(stratum, cause) for i, stratum in enumerate(strata) for cause in causes}
    with looks():
        ax, own = axes_of(ax, strata, look, page, title=title)
        for (i, cause), steps in curves.items():
            shown = look if cause == EVENT else look.without_band()
            draw_steps(ax, steps, strata[i].stroke, shown, width=_WIDTHS[cause])
        name = f"Cumulative incidence{f' of {plain(endpoint)}' if endpoint else ''}"
        drawn, longest = list(curves.values()), float(comparison.time.max())
        draw_frame(ax, strata, drawn, look, longest=longest, name=name, title=title)
        Key(ax, strata, _in_words(comparison, competing=competing), drawn, look).draw(grow=own)
    return ax


def cumulative_incidence_frame(
    comparison: Comparison, *, labels: Sequence[str] | None = None, time_unit: TimeUnit = "months"
) -> pd.DataFrame:
    """The numbers that ``plot_cumulative_incidence`` draws: one row a step of a curve.

    Returns
    -------
    DataFrame
        ``stratum``, ``cause`` (event, competing event), ``time``, ``incidence``, ``lower``, ``upper``.
    """
    look = Look(y="events", time_unit=time_unit)
    strata = drawn_strata(_with_competing(comparison), stratum_labels(comparison, labels), look)
    parts = []
    for stratum in strata:
        for cause, name in _NAMES.items():
            steps = _incidence(stratum, cause)
            columns = {"stratum": stratum.label, "cause": name, "time": steps.times, "incidence": steps.level}
            parts.append(pd.DataFrame(columns | {"lower": steps.lower, "upper": steps.upper}))
    return pd.concat(parts, ignore_index=True)


def _with_competing(comparison: Comparison) -> Comparison:
    if comparison.competing is None and comparison.n:
        what = f"comparison {comparison.name}: the endpoint names no competing events, so that 1 - survival is the"
        fix = 'Draw plot_survival(..., y="events"), or name the competing events of the endpoint in a cohort YAML'
        raise UsageError(Problem("", f"{what} incidence", fix, code="E810"))
    return comparison


def _incidence(stratum: DrawnStratum, cause: int) -> Steps:
    """The incidence of one cause in a stratum."""
    competing = np.zeros(stratum.n, dtype=bool) if stratum.competing is None else stratum.competing
    if not stratum.n:
        nothing = np.empty(0)
        return Steps(0.0, nothing, nothing, nothing, nothing, nothing.astype(bool))
    found = cumulative_incidence(stratum.time, np.where(stratum.event, EVENT, np.where(competing, COMPETING, 0)))
    censored = found.censored > 0
    if cause not in found.causes:
        unknown = np.full(found.times.size, np.nan)
        return Steps(0.0, found.times, np.zeros(found.times.size), unknown, unknown, censored)
    at = found.causes.index(cause)
    return Steps(0.0, found.times, found.incidence[at], found.lower[at], found.upper[at], censored)


def _in_words(comparison: Comparison, *, competing: bool) -> list[str]:
    others = int(comparison.competing.sum()) if comparison.competing is not None else 0
    counts = f"{patients_and_events(comparison.n, comparison.events)}, {others:,} competing"
    thin = ["thin: competing events"] if competing else []
    # there is no test of Gray's for trend
    test = [] if comparison.name == "trend" else [f"Gray {format_p(comparison.checks.gray_p)}"]
    return [*thin, *test, counts]
