"""What a run writes about subgroups: ``subgroups.tsv`` and a forest plot a cohort and signature."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from strata.cohort.findings import count
from strata.plots.wording import test_in_words
from strata.report.caption_checks import DELAYED_ENTRY, applied_in_words
from strata.report.multiplicity import tests_in_words
from strata.report.tables import write_table
from strata.survival import subgroup_frame

if TYPE_CHECKING:
    import pandas as pd

    from strata.analysis import Results
    from strata.survival import SurvivalComparison

__all__ = ["write_subgroups"]


def write_subgroups(results: Results, folder: Path, *, figures: bool = True) -> list[Path]:
    """Write ``subgroups.tsv`` and draw ``subgroups.*``, of several ``figures/subgroups-COHORT-SIGNATURE.*``.

    Nothing is written when the plan names no subgroups; nothing is drawn of a run that is shared.
    """
    if not results.plan.subgroups:
        return []
    write_table("subgroups", subgroup_frame(results.comparisons()), folder, results.plan)
    return _draw(results, folder) if figures and not results.plan.share else []


def _draw(results: Results, folder: Path) -> list[Path]:
    from strata.plots import draw_forest, figure_to_files, subgroup_blocks

    found: dict[tuple[str, str], list[SurvivalComparison]] = {}
    for result in results.comparisons():
        if any(row.comparison is not None for row in result.subgroups):
            found.setdefault((result.cohort, result.signature), []).append(result)
    files: list[Path] = []
    tests = results.tests
    for (cohort, signature), mine in found.items():
        known = results.library.get(signature)
        figure = draw_forest(
            subgroup_blocks(mine),
            headings=("positive, n (events)", "rest, n (events)"),
            title=f"{cohort}: {known.name if known else signature}, positive vs rest in subgroups",
            caption=_caption(mine, results, tests),
            axis="Hazard ratio, positive vs rest (log scale)",
        )
        stem = folder / "subgroups" if len(found) == 1 else folder / "figures" / f"subgroups-{cohort}-{signature}"
        stem.parent.mkdir(exist_ok=True)
        files += figure_to_files(figure, stem)
    return files


def _caption(results: Sequence[SurvivalComparison], plan: Results, tests: pd.DataFrame) -> str:
    rows = [row for result in results for row in result.subgroups]
    factors = [{row.factor for row in result.subgroups if row.interaction is not None} for result in results]
    shown = sum(row.comparison is not None for row in rows) + sum(map(len, factors))
    parts = [
        f"Exploratory; {count(shown, 'subgroup test')} in this figure, not adjusted for multiplicity.",
        # beside the subgroups stands the row of all patients
        tests_in_words(tests, shown + len(results)),
        "Squares: Cox regression within the subgroup, Wald 95 % CI; P:"
        f" {test_in_words((row for r in results for row in r.comparisons), 'log-rank test')}. Interaction:"
        " likelihood-ratio test that the hazard ratio is the same in all levels; without it, subgroups are not shown"
        " to differ.",
        f"Small: an arm below {plan.plan.sparse_patients} patients or {plan.plan.sparse_events} events; its P is by "
        "permutation where there is one (it assumes that censoring is the same in the arms), Firth's HR is in "
        "subgroups.tsv.",
    ]
    cut = next((result.cut for result in results if result.cut), None)
    if cut:
        elsewhere = results[0].learned_in
        where = applied_in_words(elsewhere) if elsewhere else f", over the {results[0].cut_scope}"
        parts.append(f"Cut: {cut}{where}, the same in all subgroups.")
    if any(row.comparison is not None and row.comparison.entry is not None for row in rows):
        parts.append(DELAYED_ENTRY)
    if plan.plan.covariates:
        parts.append(f"HR, their P and interaction adjusted for {', '.join(plan.plan.covariates)}.")
    if plan.plan.stratify_by:
        parts.append(f"HR and log-rank test stratified by {', '.join(plan.plan.stratify_by)}.")
    return " ".join(parts)
