"""What a run of several cohorts writes about all of them: ``pooled.tsv`` and a forest plot a signature."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from strata.report.caption_checks import applied_in_words
from strata.report.multiplicity import tests_in_words
from strata.report.tables import write_table
from strata.survival import pooled_frame

if TYPE_CHECKING:
    import pandas as pd

    from strata.analysis import Results
    from strata.survival import Pooled

__all__ = ["write_pooled"]


def write_pooled(results: Results, folder: Path, *, figures: bool = True) -> list[Path]:
    """Write ``pooled.tsv`` and draw ``forest.*`` (of several signatures ``figures/forest-SIGNATURE.*``).

    Nothing is written for a plan of one cohort; nothing is drawn where fewer than two cohorts can be pooled, nor of
    a run that is shared: a forest plot prints the counts of every arm.

    Returns
    -------
    list of Path
        The figures.
    """
    pooled = results.pooled
    if not pooled:
        return []
    write_table("pooled", pooled_frame(pooled), folder, results.plan)
    return _draw(pooled, results, folder) if figures and not results.plan.share else []


def _draw(pooled: Sequence[Pooled], results: Results, folder: Path) -> list[Path]:
    from strata.plots import draw_forest, figure_to_files, pooled_blocks

    # searched cuts are pooled by their hazard ratios alone
    ways = ("stratified", "fixed_effect", "random_effects")
    main = [p for p in pooled if p.comparison == "positive_vs_rest"]
    drawable = [p for p in main if max(len(p[way].cohorts) for way in ways) > 1]
    signatures = list(dict.fromkeys(p.signature for p in drawable))
    files: list[Path] = []
    tests = results.tests
    for signature in signatures:
        mine = [p for p in drawable if p.signature == signature]
        known = results.library.get(signature)
        figure = draw_forest(
            pooled_blocks(mine),
            headings=(f"{mine[0].positive}, n (events)", f"{mine[0].reference}, n (events)"),
            title=f"{known.name if known else signature}: {mine[0].positive} vs {mine[0].reference}, by cohort",
            caption=_caption(mine, results, tests),
            axis=f"Hazard ratio, {mine[0].positive} vs {mine[0].reference} (log scale)",
        )
        stem = folder / "forest" if len(signatures) == 1 else folder / "figures" / f"forest-{signature}"
        stem.parent.mkdir(exist_ok=True)
        files += figure_to_files(figure, stem)
    return files


def _caption(pooled: Sequence[Pooled], results: Results, tests: pd.DataFrame) -> str:
    """Everything a reader needs to defend the figure."""
    first = pooled[0]
    parts = [
        "Squares: hazard ratio of each cohort, Cox regression, Wald 95 % CI, area by its share of the random effects.",
        "Diamonds: all cohorts, from the lower to the upper end of the 95 % CI.",
        f"Random effects: {results.plan.pool}, Hartung-Knapp; dashed: 95 % prediction interval for a further cohort "
        "(t distribution, cohorts - 1 degrees of freedom).",
        "P: two-sided log-rank test of each cohort, of all patients and stratified by cohort; Wald's of fixed and "
        "random effects. Not adjusted for multiplicity.",
        tests_in_words(tests, sum(row.method in ("cohort", "random_effects") for p in pooled for row in p.rows)),
    ]
    if first.cut:
        parts.append(f"Cut: {first.cut}{_where_learned(first)}.")
    if results.plan.covariates:
        adjusted = ", ".join(results.plan.covariates)
        parts.append(f"Cohorts, fixed and random effects adjusted for {adjusted}, where P is Wald's; the others not.")
    if results.plan.stratify_by:
        factors = ", ".join(results.plan.stratify_by)
        parts.append(
            f"HR and log-rank test of cohorts, and fixed and random effects, stratified by {factors}; the others not."
        )
    if any("narrower" in note for p in pooled for note in p["random_effects"].notes):
        parts.append("Random effects narrower than the fixed effect: those cohorts happen to agree, no more.")
    left = dict(pair for p in pooled for row in p.rows for pair in row.not_contributing)
    if left:
        parts.append(f"Not in every row: {'; '.join(f'{name} ({why})' for name, why in left.items())}.")
    return " ".join(parts)


def _where_learned(pooled: Pooled) -> str:
    """Which patients the cut was learned on, in words."""
    applied = dict(pooled.learned_in)
    trained = set(applied.values())
    shown = {row.cohort for row in pooled.rows if row.method == "cohort"}
    if applied and shown <= set(applied):
        return applied_in_words(", ".join(trained))
    scope = {"population": " over the patients of the population", "cohort": " over the whole cohort"}
    inside = " of each cohort" if pooled.cut_scope != "pooled" else ""
    taken = f"; in {', '.join(applied)}{applied_in_words(', '.join(trained))}" if applied else ""
    return f"{scope.get(pooled.cut_scope or '', '')}{inside}{taken}"
