"""Which figures a run draws: the panels, the table beside them, and what the caption must say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import ascii_uppercase
from typing import TYPE_CHECKING

from strata.report.caption_checks import checks_in_words
from strata.report.multiplicity import shown_tests, tests_in_words
from strata.report.tables import single_genes
from strata.survival import TREATMENT_ROWS, SurvivalComparison, results_frame

if TYPE_CHECKING:
    import pandas as pd

    from strata.analysis import CohortResult, Results
    from strata.plots import Panel
    from strata.survival import Comparison

__all__ = ["Drawing", "draw_figures"]

_MAIN = {"rest": "positive_vs_rest", "neither": "both_vs_neither"}


@dataclass(frozen=True, slots=True)
class Drawing:
    """What to draw.

    Parameters
    ----------
    stem : str
        The file name of the figure, without its ending.
    every : bool
        Draw every signature; else only those of two genes.
    caption : tuple of str
        Sentences to add to the caption.
    """

    stem: str = "figure2"
    every: bool = False
    caption: tuple[str, ...] = ()


def draw_figures(results: Results, folder: Path, drawing: Drawing) -> list[Path]:
    """Draw each signature of each cohort in the style of Figure 2: ``figure2.png``, ``.svg`` and ``.pdf``.

    With several cohorts or signatures the files are ``figures/COHORT-SIGNATURE.*``.
    """
    from strata.plots import draw_figure2, figure_to_files

    jobs = [
        (cohort, signature)
        for cohort in results.cohorts
        for signature in dict.fromkeys(s.signature for s in cohort.strata if drawing.every or len(s.legs) == 2)
    ]
    files: list[Path] = []
    tests = results.tests
    for cohort, signature in jobs:
        mine = [result for result in cohort.comparisons if result.signature == signature]
        figure = draw_figure2(
            _panels(mine, results.plan.comparator),
            single_genes(results_frame(mine)),
            title=f"{cohort.name}: {_name(results, signature)}",
            caption=_caption(cohort, mine, results, drawing.caption, tests),
        )
        one = len(jobs) == 1
        stem = folder / drawing.stem if one else folder / "figures" / f"{cohort.name}-{signature}"
        stem.parent.mkdir(exist_ok=True)
        files += figure_to_files(figure, stem)
    return files


def _name(results: Results, signature: str) -> str:
    known = results.library.get(signature)
    return known.name if known is not None else signature


def _panels(results: Sequence[SurvivalComparison], comparator: str) -> list[Panel]:
    """One panel a population and endpoint; populations are lettered in order."""
    from strata.plots import Panel

    letters = {name: ascii_uppercase[i % 26] for i, name in enumerate(dict.fromkeys(r.population for r in results))}
    panels = []
    for result in results:
        main = _drawn(result, comparator)
        drawable = main if main.n and all(group.n for group in main.groups) else None
        reason = "" if drawable else "; ".join(main.notes)
        panels.append(Panel(letters[result.population], result.population, result.endpoint, drawable, reason))
    return panels


def _drawn(result: SurvivalComparison, comparator: str) -> Comparison:
    own = [comparison for comparison in result.comparisons if comparison.name not in TREATMENT_ROWS]
    names = [comparison.name for comparison in own]
    return result[_MAIN[comparator]] if _MAIN[comparator] in names else own[-1]


def _caption(
    cohort: CohortResult,
    results: Sequence[SurvivalComparison],
    plan: Results,
    extra: Sequence[str],
    tests: pd.DataFrame,
) -> str:
    """Everything a reader needs to defend the figure."""
    cut = next((r.cut for r in results if r.cut), None)
    scope = next((r.cut_scope for r in results if r.cut_scope), None)
    two_legs = any(comparison.name == "four_groups" for r in results for comparison in r.comparisons)
    parts = [
        "Kaplan-Meier estimates with 95 % log-log confidence bands; marks are censored patients.",
        "HR: Cox regression, Efron ties, Wald 95 % CI. P: two-sided log-rank test, not adjusted for multiplicity.",
        tests_in_words(tests, shown_tests(tests, results, [_drawn(r, plan.plan.comparator).name for r in results])),
    ]
    if cut:
        over = {"population": " over the patients of each panel's population", "cohort": " over the whole cohort"}
        over["pooled"] = " over the pooled values of all cohorts, which separates cohorts, not patients"
        parts.append(f"Cut: {cut}{over.get(scope or '', '')}.")
    if any(comparison.searched for r in results for comparison in r.comparisons):
        parts.append(
            "The cut was searched: P is corrected for the search, HR is cross-fitted, curves are those at the cut."
        )
    if two_legs:
        against = "all other patients" if plan.plan.comparator == "rest" else "patients with neither"
        parts.append(f"Drawn: patients with both against {against}.")
    if plan.plan.covariates:
        parts.append(f"HR adjusted for {', '.join(plan.plan.covariates)}.")
    parts += checks_in_words([_drawn(r, plan.plan.comparator) for r in results], plan.plan)
    if plan.plan.horizon is not None:
        parts.append(f"Follow-up cut at {plan.plan.horizon:g} months.")
    return " ".join([*parts, *extra, f"Cohort: {cohort.name}."])
