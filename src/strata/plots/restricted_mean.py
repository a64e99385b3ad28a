"""Restricted mean survival: the areas under the curves up to a horizon, and how they differ."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from strata.errors import Problem, UsageError
from strata.plots.key import Key
from strata.plots.look import Look
from strata.plots.panel import axes_of, draw_panel
from strata.plots.steps import drawn_strata, not_searched, stratum_labels
from strata.plots.style import GREY, looks, preset_of
from strata.plots.wording import format_p
from strata.survival.kernels.kaplan_meier import Z_95
from strata.survival.kernels.restricted_mean import restricted_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from strata.plots.steps import DrawnStratum
    from strata.survival.kernels.restricted_mean import RestrictedMean
    from strata.survival.result import Comparison

__all__ = ["plot_rmst", "rmst_frame"]

_HATCHES = ("///", "\\\\\\", "...", "xxx", "---", "|||", "+++", "ooo")
"""What tells the areas apart in grey."""


def plot_rmst(
    comparison: Comparison,
    *,
    horizon: float | None = None,
    ax: Axes | None = None,
    endpoint: str = "",
    title: str = "",
    labels: Sequence[str] | None = None,
    preset: str = "single-column",
) -> Axes:
    """Draw the survival curves with the area under each up to a horizon: the restricted mean survival time.

    Parameters
    ----------
    comparison : Comparison
    horizon : float, optional
        Months, to be fixed before the data are seen; by default that of the results, or as far as all strata are
        followed.
    ax, endpoint, title, labels, preset
        As for ``plot_survival``.

    Returns
    -------
    matplotlib.axes.Axes
        The means are written with their 95 % intervals, of two strata also their difference with its P, not adjusted.
        ``rmst_frame`` gives the numbers.

    Raises
    ------
    UsageError
        When nothing was compared, the horizon is not above 0 or beyond the follow-up of a stratum, the endpoint has
        delayed entry or competing events, or the cut was searched.

    Notes
    -----
    Source: Royston and Parmar 2013; Uno et al. 2014.
    """
    page, names = preset_of(preset), stratum_labels(comparison, labels)
    means = _means(comparison, horizon)
    look = Look(confidence="none", risk_table="full", hazard_ratio=False, p_value=False, unit=page.unit)
    strata = drawn_strata(comparison, names, look)
    with looks():
        ax, own = axes_of(ax, strata, look, page, title=title)
        draw_panel(ax, comparison, strata, look, names=names, endpoint=endpoint, title=title)
        for stratum, hatch in zip(strata, _HATCHES):
            _draw_area(ax, stratum, means.horizon, hatch)
        ax.plot([means.horizon] * 2, [0, 1], color=GREY, lw=0.8 * page.unit, ls=(0, (4.0, 1.4)), zorder=2.2)
        Key(ax, strata, _in_words(means, names), [stratum.steps for stratum in strata], look).draw(grow=own)
    return ax


def rmst_frame(
    comparison: Comparison, *, horizon: float | None = None, labels: Sequence[str] | None = None
) -> pd.DataFrame:
    """The numbers that ``plot_rmst`` writes, in months.

    Returns
    -------
    DataFrame
        A row a stratum, and of two strata one for the difference, first less second: ``stratum``, ``n``, ``horizon``,
        ``mean``, ``lower``, ``upper``, ``p_value``.
    """
    names, means = stratum_labels(comparison, labels), _means(comparison, horizon)
    half = Z_95 * means.standard_errors
    rows: list[tuple[Any, ...]] = list(zip(names, means.n, means.means, means.means - half, means.means + half))
    rows = [(*row[:2], means.horizon, *row[2:], np.nan) for row in rows]
    if len(names) == 2:
        numbers = (means.difference, means.difference_lower, means.difference_upper, means.p_value)
        rows.append((f"{names[0]} less {names[1]}", means.n.sum(), means.horizon, *numbers))
    return pd.DataFrame(rows, columns=["stratum", "n", "horizon", "mean", "lower", "upper", "p_value"])


def _means(comparison: Comparison, horizon: float | None) -> RestrictedMean:
    """Means in the order of the strata; of two the difference is the first less the second."""
    not_searched(comparison)
    reasons = {
        "are not available with delayed entry": comparison.entry is not None,
        "are not available with competing events": comparison.competing is not None,
        "need patients in every stratum": not all(group.n for group in comparison.groups),
    }
    wrong = [f"comparison {comparison.name}: restricted means {why}" for why, true in reasons.items() if true]
    if horizon is not None and not horizon > 0:
        wrong.append(f"horizon: {horizon} is not a number of months above 0")
    if wrong:
        raise UsageError([Problem("", text, code="E703") for text in wrong])
    if horizon is None:
        followed = min(float(comparison.time[comparison.group == i].max()) for i in range(len(comparison.groups)))
        asked = comparison.checks.rmst_horizon
        horizon = followed if np.isnan(asked) else asked
    if not horizon > 0:
        raise UsageError(Problem("", f"comparison {comparison.name}: a stratum is followed for 0 months", code="E810"))
    two = len(comparison.groups) == 2
    # the kernel takes the second less the first
    means = restricted_mean(
        comparison.time, comparison.event, comparison.group == 0 if two else comparison.group, horizon=horizon
    )
    if np.isnan(means.means).any():
        what = f"comparison {comparison.name}: no restricted means up to {horizon:.4g} months: a stratum is followed"
        raise UsageError(Problem("", f"{what} less", "Take an earlier horizon", code="E703"))
    if not two:
        return means
    order = [1, 0]
    return replace(
        means,
        groups=tuple(means.groups[i] for i in order),
        n=means.n[order],
        means=means.means[order],
        standard_errors=means.standard_errors[order],
    )


def _draw_area(ax: Axes, stratum: DrawnStratum, horizon: float, hatch: str) -> None:
    """The area under a curve from 0 to the horizon."""
    inside = stratum.steps.times < horizon
    times = np.concatenate([[0.0], stratum.steps.times[inside], [horizon]])
    level = np.concatenate([[1.0], stratum.steps.level[inside]])
    look: dict[str, Any] = {
        "facecolor": "none",
        "edgecolor": stratum.stroke.colour,
        "alpha": 0.35,
        "lw": 0.0,
        "zorder": 1,
    }
    ax.fill_between(np.repeat(times, 2)[1:-1], np.repeat(level, 2), hatch=hatch, **look)


def _in_words(means: RestrictedMean, names: Sequence[str]) -> list[str]:
    half = Z_95 * means.standard_errors
    lines = [f"Mean up to {means.horizon:.4g} months (95 % CI):"]
    lines += [f"{name}: {m:.1f} ({m - h:.1f}–{m + h:.1f})" for name, m, h in zip(names, means.means, half)]
    if len(names) == 2:
        interval = f"{_signed(means.difference_lower)} to {_signed(means.difference_upper)}"
        lines += [f"difference: {_signed(means.difference)} ({interval})", format_p(means.p_value)]
    return lines


def _signed(months: float) -> str:
    return f"{months:.1f}".replace("-", "−")
