"""The figure of a treatment by marker: its curves in marker-positive and in marker-negative patients."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from strata.report.multiplicity import tests_in_words

if TYPE_CHECKING:
    import pandas as pd

    from strata.analysis import Results
    from strata.survival import SurvivalComparison

__all__ = ["draw_treatment"]


def draw_treatment(results: Results, folder: Path) -> list[Path]:
    """Draw the curves of each arm by marker: ``treatment.*``, of several ``figures/treatment-COHORT-SIGNATURE.*``.

    Nothing is drawn without a treatment, nor where an arm of a stratum has no patient, nor of a run that is shared: the
    caption tells counts.
    """
    from strata import plots

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
        title = f"{cohort}: {results.plan.treatment} by {known.name if known else signature}"
        axes = plots.plot_treatment(mine, title=title, caption=_about(mine, results, tests))
        stem = folder / "treatment" if len(found) == 1 else folder / "figures" / f"treatment-{cohort}-{signature}"
        stem.parent.mkdir(exist_ok=True)
        files += plots.figure_to_files(axes[0].figure, stem)
    return files


def _about(results: Sequence[SurvivalComparison], plan: Results, tests: pd.DataFrame) -> str:
    """What the caption says beside the curves and the interaction."""
    parts = [tests_in_words(tests, 3 * len(results))]
    cut = next((result.cut for result in results if result.cut), None)
    if cut:
        parts.append(f"Cut: {cut}, over the {results[0].cut_scope}.")
    if plan.plan.covariates:
        names = ", ".join(plan.plan.covariates)
        parts.append(f"HR and interaction adjusted for {names}; P of an adjusted HR: Wald's.")
    return " ".join(parts)
