"""Survival panels side by side: populations, cohorts, signatures, endpoints."""

from __future__ import annotations

from string import ascii_uppercase
from typing import TYPE_CHECKING

import pandas as pd

from strata.errors import Problem, UsageError
from strata.plots.look import Look
from strata.plots.panel_grid import Panel, draw_facets
from strata.plots.steps import drawn_strata, strata_frame, stratum_labels
from strata.plots.wording import population_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from strata.plots.look import Confidence, RiskRows, TimeUnit
    from strata.survival.result import Comparison, SurvivalComparison

__all__ = ["facets_frame", "plot_survival_facets"]


def plot_survival_facets(
    results: Sequence[SurvivalComparison],
    *,
    comparison: str | None = None,
    labels: Sequence[str] | None = None,
    title: str = "",
    caption: str = "",
    confidence: Confidence = "band",
    hazard_ratio: bool = True,
    p_value: bool = True,
    time_unit: TimeUnit = "months",
    max_time: float | None = None,
    risk_table: RiskRows | bool = "full",
    min_cell: int = 0,
) -> list[Axes]:
    """Draw a survival panel for each result, on the same time axis and the same vertical axis.

    Parameters
    ----------
    results : sequence of SurvivalComparison
        Of several populations, cohorts, signatures or endpoints. Panels are headed by what differs between them, the
        endpoint stands at the axis. Several endpoints stand side by side, one population a row.
    comparison : str, optional
        Which comparison of each result is drawn: ``"both_vs_neither"``; by default the first.
    labels : sequence of str, optional
        What the strata are called, the same in every panel.
    title, caption : str
        Above and below, wrapped.
    confidence, hazard_ratio, p_value, time_unit, max_time, risk_table, min_cell
        As for ``plot_survival``. By default the axis is as long as the longest follow-up of all.

    Returns
    -------
    list of matplotlib.axes.Axes
        One a result, in their order, of one figure 183 mm wide. A result without curves is a frame with the reason.
        ``facets_frame`` gives the numbers.

    Raises
    ------
    UsageError
        When there is no result, or one has no such comparison.
    """
    look = Look(
        confidence=confidence,
        hazard_ratio=hazard_ratio,
        p_value=p_value,
        time_unit=time_unit,
        max_time=max_time,
        risk_table=risk_table,
        min_cell=min_cell,
    )
    panels = _panels(results, comparison, min_cell)
    return draw_facets(panels, title=title, caption=caption, look=look, labels=labels)[1]


def facets_frame(
    results: Sequence[SurvivalComparison],
    *,
    comparison: str | None = None,
    labels: Sequence[str] | None = None,
    time_unit: TimeUnit = "months",
    min_cell: int = 0,
) -> pd.DataFrame:
    """The numbers that ``plot_survival_facets`` draws: those of ``survival_frame`` after what each result is about."""
    look, parts = Look(time_unit=time_unit, min_cell=min_cell), []
    for result, panel in zip(results, _panels(results, comparison, min_cell)):
        if panel.comparison is not None and not panel.missing:
            strata = drawn_strata(panel.comparison, stratum_labels(panel.comparison, labels), look)
            about = {name: getattr(result, name) for name in ("cohort", "signature", "population", "endpoint")}
            rows = strata_frame(strata, look)
            parts.append(rows.assign(**about)[[*about, *rows.columns]])
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _panels(results: Sequence[SurvivalComparison], comparison: str | None, min_cell: int) -> list[Panel]:
    """One a result, headed by what differs between them."""
    if not results:
        raise UsageError(Problem("", "no result to draw", code="E810"))
    about = ("cohort", "signature", "population")
    differ = [name for name in about if len({getattr(r, name) for r in results}) > 1] or ["population"]
    letters: dict[str, str] = {}
    panels = []
    for result in results:
        heading = ", ".join(
            population_label(result.population) if name == "population" else getattr(result, name) for name in differ
        )
        letter = letters.setdefault(heading, ascii_uppercase[len(letters) % 26])
        panels.append(Panel(letter, heading, result.endpoint, _chosen(result, comparison), "", min_cell))
    return panels


def _chosen(result: SurvivalComparison, name: str | None) -> Comparison:
    if name is None:
        return result.comparisons[0]
    known = [comparison.name for comparison in result.comparisons]
    if name not in known:
        what = f"{result.cohort}, {result.population}: no comparison {name!r}; it has {', '.join(known)}"
        raise UsageError(Problem("", what, code="E703"))
    return result[name]
