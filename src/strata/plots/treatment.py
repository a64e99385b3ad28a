"""The figure of a treatment by marker: its curves in marker-positive and in marker-negative patients."""

from __future__ import annotations

from string import ascii_uppercase
from typing import TYPE_CHECKING

from strata.cohort.findings import count
from strata.plots.look import Look
from strata.plots.panel_grid import Panel, draw_facets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes

    from strata.survival import SurvivalComparison

__all__ = ["plot_treatment"]


def plot_treatment(results: Sequence[SurvivalComparison], *, title: str = "", caption: str = "") -> list[Axes]:
    """Draw the curves of each arm of a treatment, apart in marker-positive and marker-negative patients.

    Parameters
    ----------
    results : sequence of SurvivalComparison
        Of one cohort and signature, with the rows of ``compare_interaction`` or of a run with a treatment.
    title : str
    caption : str
        What to add to the caption, which states the interaction of each result.

    Returns
    -------
    list of matplotlib.axes.Axes
        Two panels a result, of one figure. ``facets_frame(results, comparison="treatment_in_positive")`` gives the
        numbers of the first, ``"treatment_in_negative"`` those of the second.

    Raises
    ------
    KeyError
        When a result has no rows of a treatment.
    """
    parts = [
        "Kaplan-Meier estimates with 95 % log-log confidence bands; marks are censored patients. HR: Cox regression in"
        " the stratum by itself, Efron ties, Wald 95 % CI. P of the panels: log-rank test. Interaction: likelihood-"
        "ratio test of one Cox model of marker, treatment and their product; it alone tells whether the panels differ."
    ]
    for result in results:
        row = result["treatment_interaction"]
        counted = f"n {row.n}, {count(row.events, 'event')}"
        parts.append(f"{result.population}, {result.endpoint} ({counted}): {row.notes[-1]}.")
    title = title or f"{results[0].cohort}: treatment by {results[0].signature}"
    caption = " ".join(filter(None, [*parts, caption]))
    return draw_facets(list(_panels(results)), title=title, caption=caption, look=Look())[1]


def _panels(results: Sequence[SurvivalComparison]) -> Iterator[Panel]:
    letters = iter(ascii_uppercase * len(results))
    for population in dict.fromkeys(result.population for result in results):
        own = "" if population == "all" else f"{population}, "
        for stratum in ("positive", "negative"):
            letter = next(letters)
            for result in results:
                if result.population == population:
                    row = result[f"treatment_in_{stratum}"]
                    yield Panel(letter, f"{own}marker-{stratum}", result.endpoint, row)
