"""The figure of a treatment by marker: its curves in marker-positive and in marker-negative patients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from string import ascii_uppercase
from typing import TYPE_CHECKING

import pandas as pd

from strata.cohort.findings import count
from strata.report.multiplicity import tests_in_words

if TYPE_CHECKING:
    from strata.analysis import Results
    from strata.plots import Panel
    from strata.survival import SurvivalComparison

__all__ = ["draw_treatment"]


def draw_treatment(results: Results, folder: Path) -> list[Path]:
    """Draw the curves of each arm by marker: ``treatment.*``, of several ``figures/treatment-COHORT-SIGNATURE.*``.

    Nothing is drawn without a treatment, nor where an arm of a stratum has no patient, nor of a run that is shared: the
    caption tells counts.
    """
    from strata.plots import draw_figure2, figure_to_files

    if results.plan.treatment is None or results.plan.share:
        return []
    found: dict[tuple[str, str], list[SurvivalComparison]] = {}
    for result in results.comparisons():
        if any(row.name == "treatment_interaction" and row.likelihood_ratio for row in result.comparisons):
            found.setdefault((result.cohort, result.signature), []).append(result)
    files: list[Path] = []
    tests = results.tests
    for (cohort, signature), mine in found.items():
        known = results.library.get(signature)
        figure = draw_figure2(
            list(_panels(mine)),
            pd.DataFrame(),
            title=f"{cohort}: {results.plan.treatment} by {known.name if known else signature}",
            caption=_caption(mine, results, tests),
        )
        stem = folder / "treatment" if len(found) == 1 else folder / "figures" / f"treatment-{cohort}-{signature}"
        stem.parent.mkdir(exist_ok=True)
        files += figure_to_files(figure, stem)
    return files


def _panels(results: Sequence[SurvivalComparison]) -> Iterator[Panel]:
    from strata.plots import Panel

    letters = iter(ascii_uppercase * len(results))
    for population in dict.fromkeys(result.population for result in results):
        own = "" if population == "all" else f"{population}, "
        for stratum in ("positive", "negative"):
            letter = next(letters)
            for result in results:
                if result.population == population:
                    row = result[f"treatment_in_{stratum}"]
                    yield Panel(letter, f"{own}marker-{stratum}", result.endpoint, row)


def _caption(results: Sequence[SurvivalComparison], plan: Results, tests: pd.DataFrame) -> str:
    parts = [
        "Kaplan-Meier estimates with 95 % log-log confidence bands; marks are censored patients. HR: Cox regression in "
        "the stratum by itself, Efron ties, Wald 95 % CI. P of the panels: log-rank test. Interaction: likelihood-"
        "ratio test of one Cox model of marker, treatment and their product; it alone tells whether the panels differ."
    ]
    for result in results:
        row = result["treatment_interaction"]
        parts.append(
            f"{result.population}, {result.endpoint} (n {row.n}, {count(row.events, 'event')}): {row.notes[-1]}."
        )
    parts.append(tests_in_words(tests, 3 * len(results)))
    cut = next((result.cut for result in results if result.cut), None)
    if cut:
        parts.append(f"Cut: {cut}, over the {results[0].cut_scope}.")
    if plan.plan.covariates:
        parts.append(f"HR and interaction adjusted for {', '.join(plan.plan.covariates)}.")
    return " ".join(parts)
