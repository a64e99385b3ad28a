"""Survival panels side by side: populations, cohorts, signatures, endpoints."""

from __future__ import annotations

from string import ascii_uppercase
from typing import TYPE_CHECKING

import pandas as pd

from strata.errors import Problem, UsageError
from strata.plots.look import Look
from strata.plots.panel import axes_of, draw_curves
from strata.plots.panel_grid import Panel, draw_facets
from strata.plots.steps import drawn_strata, strata_frame, stratum_labels
from strata.plots.style import looks, preset_of, strokes
from strata.plots.wording import plain, population_label, ratio_name, statistics_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from strata.plots.look import Confidence, KeyPlace, RiskRows, TimeUnit
    from strata.plots.steps import DrawnStratum
    from strata.survival.result import Comparison, SurvivalComparison

__all__ = ["facets_frame", "panels_of", "plot_survival_facets", "plot_survival_overlay"]


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
    panels = panels_of(results, comparison, min_cell)
    return draw_facets(panels, title=title, caption=caption, look=look, labels=labels)[1]


def plot_survival_overlay(
    results: Sequence[SurvivalComparison],
    *,
    comparison: str | None = None,
    ax: Axes | None = None,
    title: str = "",
    labels: Sequence[str] | None = None,
    colours: Sequence[str] | None = None,
    confidence: Confidence = "none",
    hazard_ratio: bool = True,
    p_value: bool = True,
    time_unit: TimeUnit = "months",
    max_time: float | None = None,
    risk_table: RiskRows | bool = "full",
    key: KeyPlace = "best",
    preset: str = "double-column",
) -> Axes:
    """Draw the curves of several results in one panel: two endpoints, two populations.

    Parameters
    ----------
    results : sequence of SurvivalComparison
        With eight strata at most in all. Each result has its own hazard ratio and P, headed by what differs.
    comparison : str, optional
        Which comparison of each result is drawn; by default the first.
    labels, colours : sequence of str, optional
        One a stratum, those of the first result first.
    ax, title, confidence, hazard_ratio, p_value, time_unit, max_time, risk_table, key, preset
        As for ``plot_survival``.

    Returns
    -------
    matplotlib.axes.Axes
        ``facets_frame`` gives the numbers.

    Raises
    ------
    UsageError
        When there is no result, one has no such comparison or nothing was compared in it, or there are more than eight
        strata.

    Notes
    -----
    Curves of different results are drawn beside each other and not tested: the patients may be the same. survminer:
    ``ggsurvplot_combine``.
    """
    page = preset_of(preset)
    look = Look(
        confidence=confidence,
        hazard_ratio=hazard_ratio,
        p_value=p_value,
        time_unit=time_unit,
        max_time=max_time,
        risk_table=risk_table,
        colours=colours,
        key=key,
        unit=page.unit,
    )
    chosen = [_chosen(result, comparison) for result in _given(results)]
    headings = _headings(results, ("cohort", "signature", "population", "endpoint"))
    names = [f"{heading}: {name}" for heading, each in zip(headings, chosen) for name in stratum_labels(each)]
    if labels is not None and len(labels) != len(names):
        raise UsageError(Problem("", f"labels: {len(labels)} for {len(names)} strata", code="E703"))
    lines, names = strokes(len(names), colours), [plain(name) for name in labels or names]
    strata: list[DrawnStratum] = []
    for each in chosen:
        here = slice(len(strata), len(strata) + len(each.groups))
        strata += drawn_strata(each, names[here], look, lines[here])
    words = [_in_words(each, look) for each in chosen]
    numbers = [f"{heading}, {found}" for heading, found in zip(headings, words) if found]
    endpoints, longest = {result.endpoint for result in results}, max(float(each.time.max()) for each in chosen)
    endpoint = endpoints.pop() if len(endpoints) == 1 else ""
    with looks():
        ax, own = axes_of(ax, strata, look, page, title=title)
        draw_curves(ax, strata, look, numbers, longest=longest, endpoint=endpoint, title=title).draw(grow=own)
    return ax


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
    for result, panel in zip(results, panels_of(results, comparison, min_cell)):
        if panel.comparison is not None and not panel.missing:
            strata = drawn_strata(panel.comparison, stratum_labels(panel.comparison, labels), look)
            about = {name: getattr(result, name) for name in ("cohort", "signature", "population", "endpoint")}
            rows = strata_frame(strata, look)
            parts.append(rows.assign(**about)[[*about, *rows.columns]])
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def panels_of(results: Sequence[SurvivalComparison], comparison: str | None, min_cell: int = 0) -> list[Panel]:
    """One a result, headed by what differs between them."""
    letters: dict[str, str] = {}
    panels = []
    for result, heading in zip(results, _headings(_given(results), ("cohort", "signature", "population"))):
        letter = letters.setdefault(heading, ascii_uppercase[len(letters) % 26])
        panels.append(Panel(letter, heading, result.endpoint, _chosen(result, comparison), "", min_cell))
    return panels


def _in_words(comparison: Comparison, look: Look) -> str:
    """Ratio and P on one line; patients and events stand below the curves."""
    names = stratum_labels(comparison)
    lines = statistics_lines(
        comparison, names, hazard_ratio=look.hazard_ratio, p_value=look.p_value, min_cell=look.min_cell
    )[:-1]
    ratio = f"{ratio_name(comparison, names)}: " if look.hazard_ratio and comparison.hazard_ratio else ""
    return ratio + ", ".join(
        line.replace("Log-rank", "log-rank").replace("Permutation", "permutation") for line in lines
    )


def _given(results: Sequence[SurvivalComparison]) -> Sequence[SurvivalComparison]:
    if not results:
        raise UsageError(Problem("", "no result to draw", code="E810"))
    return results


def _headings(results: Sequence[SurvivalComparison], about: Sequence[str]) -> list[str]:
    """What each result is about, in so far as they differ; the population where they do not."""
    differ = [name for name in about if len({getattr(r, name) for r in results}) > 1] or ["population"]
    return [
        ", ".join(population_label(r.population) if name == "population" else getattr(r, name) for name in differ)
        for r in results
    ]


def _chosen(result: SurvivalComparison, name: str | None) -> Comparison:
    if name is None:
        return result.comparisons[0]
    known = [comparison.name for comparison in result.comparisons]
    if name not in known:
        what = f"{result.cohort}, {result.population}: no comparison {name!r}; it has {', '.join(known)}"
        raise UsageError(Problem("", what, code="E703"))
    return result[name]
