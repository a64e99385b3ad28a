"""Two genes at once: the curves of the four groups, and what one gene does beside the other, in numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

from strata.errors import Problem, UsageError
from strata.plots.look import Look
from strata.plots.panel import RIGHT, draw_panel, title_height
from strata.plots.risk_rows import gutter, risk_rows_height
from strata.plots.steps import drawn_strata, stratum_labels
from strata.plots.style import GREY, NORMAL, PRESETS, SMALL, looks, wrap
from strata.plots.wording import format_hazard_ratio, format_p, plain, population_label

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from strata.plots.look import Confidence, TimeUnit
    from strata.plots.steps import DrawnStratum
    from strata.survival.result import Comparison, SurvivalComparison

__all__ = ["coexpression_frame", "plot_coexpression"]

FOUR = ("HH", "HL", "LH", "LL")
"""High or low in the first gene, then in the second; the groups of ``four_groups`` in their order."""

BESIDE, LINE, AFTER = 178.0, 9.2, 5.0
"""Points: width of the numbers beside the curves, their lines, the space between them."""


def plot_coexpression(
    result: SurvivalComparison,
    *,
    title: str = "",
    confidence: Confidence = "band",
    time_unit: TimeUnit = "months",
    max_time: float | None = None,
) -> Axes:
    """Draw the four groups of two genes (HH, HL, LH, LL), with the numbers that answer the co-expression question.

    Parameters
    ----------
    result : SurvivalComparison
        What ``compare_coexpression`` returned.
    title : str
        By default cohort, signature and population.
    confidence, time_unit, max_time
        As for ``plot_survival``.

    Returns
    -------
    matplotlib.axes.Axes
        The curves, of a figure 183 mm wide. Beside them stand both against neither as observed and as expected
        without an interaction, the interaction, each gene without the other, and the verdict. ``coexpression_frame``
        gives these numbers, ``survival_frame(result["four_groups"])`` those of the curves.

    Raises
    ------
    UsageError
        When the result has no four groups, or nobody was compared.
    """
    four = _four_groups(result)
    names = [f"{label} ({letters})" for label, letters in zip(stratum_labels(four), FOUR)]
    look = Look(confidence=confidence, hazard_ratio=False, time_unit=time_unit, max_time=max_time)
    title = title or f"{result.cohort}: {result.signature}, {population_label(result.population)}"
    strata = drawn_strata(four, names, look)
    with looks():
        lines = _lines(result, names)
        ax, beside = _axes(strata, lines, title)
        draw_panel(ax, four, strata, look, names=names, endpoint=result.endpoint, title=title).draw()
        for y, text, how in lines:
            beside.text(0, -y, text, va="center_baseline", **how)
    return ax


def coexpression_frame(result: SurvivalComparison) -> pd.DataFrame:
    """The hazard ratios that ``plot_coexpression`` writes, one row each, in the columns of the results.

    Returns
    -------
    DataFrame
        ``comparison``, ``n``, ``events``, ``hazard_ratio``, ``hazard_ratio_lower``, ``hazard_ratio_upper``,
        ``wald_p``, ``estimable``, ``note``.
    """
    _four_groups(result)
    table = result.to_frame().set_index("comparison").loc[list(_questions(["", "", "", ""]))].reset_index()
    ratio = ["hazard_ratio", "hazard_ratio_lower", "hazard_ratio_upper", "wald_p"]
    return table[["comparison", "n", "events", *ratio, "estimable", "note"]]


def _four_groups(result: SurvivalComparison) -> Comparison:
    found = [comparison for comparison in result.comparisons if comparison.name == "four_groups"]
    if not found:
        what = f"signature {result.signature}: no four groups to draw"
        raise UsageError(Problem("", what, "Give the result of compare_coexpression", code="E810"))
    return found[0]


def _questions(names: list[str]) -> dict[str, str]:
    """The rows written beside the curves, by what is asked."""
    both, first, second, neither = names
    return {
        "both_vs_neither": f"{both} vs {neither}, observed",
        "expected_both_vs_neither": f"{both} vs {neither}, expected without an interaction",
        "interaction": "Interaction (ratio of hazard ratios)",
        "first_only_vs_neither": f"{first} vs {neither}",
        "second_only_vs_neither": f"{second} vs {neither}",
        "positive_vs_rest": f"{both} vs all others",
    }


def _lines(result: SurvivalComparison, names: list[str]) -> list[tuple[float, str, dict[str, Any]]]:
    """Place, text and look of every line beside the curves."""
    lines: list[tuple[float, str, dict[str, Any]]] = []
    y = 0.0

    def write(text: str, **how: Any) -> None:
        nonlocal y
        size = how.setdefault("fontsize", NORMAL)
        for line in wrap(plain(text), BESIDE, size, bold="weight" in how):
            lines.append((y + LINE / 2, line, how))
            y += LINE

    write("Hazard ratio (95 % CI), Wald P", color=GREY)
    y += AFTER
    for row, question in _questions(names).items():
        write(question, weight="bold")
        write(_ratio(result[row]))
        y += AFTER
    write(_verdict(result["interaction"]), fontsize=SMALL, color=GREY)
    return lines


def _ratio(comparison: Comparison) -> str:
    hazard = comparison.hazard_ratio
    if hazard is None:
        return next((note for note in comparison.notes if "not estimable" in note), "not estimable")
    p_value = "" if comparison.name == "expected_both_vs_neither" else f", {format_p(hazard.wald_p)}"
    return format_hazard_ratio(hazard.value, hazard.lower, hazard.upper) + p_value


def _verdict(interaction: Comparison) -> str:
    """What the interaction says, as the results say it."""
    synergy = "A pair that looks worse than each gene alone is not synergy."
    if interaction.hazard_ratio is None:
        return synergy
    said = interaction.notes[-1]
    return f"{said[:1].upper()}{said[1:]}. {synergy}"


def _axes(strata: list[DrawnStratum], lines: list[tuple[float, str, dict[str, Any]]], title: str) -> tuple[Axes, Axes]:
    """The axes of the curves, and those of the numbers beside them, where one unit is one point."""
    page = PRESETS["double-column"]
    left = gutter(strata) + 8
    across = page.width - left - RIGHT - BESIDE - 12
    below = risk_rows_height(strata, left - 8 + across, "full") + 4
    above = title_height(title, across)
    tall = max(page.height, lines[-1][0] + LINE)
    height = below + tall + above
    figure = Figure(figsize=(page.width / 72, height / 72))
    ax = figure.add_axes((left / page.width, below / height, across / page.width, tall / height))
    box = (1 - (BESIDE + 8) / page.width, below / height, BESIDE / page.width, tall / height)
    beside = figure.add_axes(box, xlim=(0, BESIDE), ylim=(-tall, 0))
    beside.set_axis_off()
    return ax, beside
