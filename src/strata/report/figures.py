"""Which figures a run draws: the panels, the table beside them, and what the caption must say."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from string import ascii_uppercase
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from strata.plots.wording import test_in_words
from strata.report.caption_checks import applied_in_words, checks_in_words
from strata.report.multiplicity import shown_tests, tests_in_words
from strata.report.small_cells import is_small, shared_table, withheld, without_numbers
from strata.report.tables import single_genes
from strata.survival import TREATMENT_ROWS, SurvivalComparison, results_frame
from strata.survival.small_cells import GRID

if TYPE_CHECKING:
    from strata.analysis import CohortResult, Plan, Results
    from strata.plots import Panel
    from strata.survival import Comparison

__all__ = ["MOST_SINGLES", "Drawing", "draw_figures", "drawn_comparison", "file_names", "left_out", "shown_curves"]

MOST_SINGLES = 20
"""Figures of one signature in one population that a run draws; of more it draws none: that would take the most time."""

_LONGEST_NAME = 200
"""Characters of a file name without its ending; file systems take 255."""

_LOG = logging.getLogger("strata")

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
    singles : bool
        Draw the other signatures too, each population in a figure of its own, when these are ``MOST_SINGLES`` at most.
    caption : tuple of str
        Sentences to add to the caption.
    """

    stem: str = "figure2"
    every: bool = False
    singles: bool = False
    caption: tuple[str, ...] = ()


def draw_figures(results: Results, folder: Path, drawing: Drawing) -> list[Path]:
    """Draw each signature of each cohort in the style of Figure 2: ``figure2.png``, ``.svg`` and ``.pdf``.

    With several cohorts or signatures the files are ``figures/COHORT-SIGNATURE.*``; those of one signature in one
    population are ``figures/survival-COHORT-SIGNATURE-POPULATION.*``.
    """
    from strata.plots import draw_figure2, figure_to_files

    jobs = [
        _Job(cohort, [r for r in cohort.comparisons if r.signature == signature], f"figures/{cohort.name}-{signature}")
        for cohort in results.cohorts
        for signature in _whole(cohort, drawing)
    ]
    if len(jobs) == 1:
        jobs = [jobs[0]._replace(stem=drawing.stem)]
    if not left_out(results, drawing):
        jobs += _singles(results, drawing)
    files: list[Path] = []
    tests = results.tests
    for i, (cohort, mine, stem) in enumerate(jobs):
        _LOG.info("drawing figure %d of %d", i + 1, len(jobs))
        figure = draw_figure2(
            _panels(mine, results.plan),
            single_genes(_table(mine, results.plan)),
            title=f"{cohort.name}: {_name(results, mine[0].signature)}",
            caption=_caption(cohort, mine, results, drawing.caption, tests),
        )
        (folder / stem).parent.mkdir(exist_ok=True)
        files += figure_to_files(figure, folder / stem)
    return files


def left_out(results: Results, drawing: Drawing) -> int:
    """How many figures of one signature in one population are not drawn, because there are too many of them."""
    singles = len(_singles(results, drawing))
    return singles if singles > MOST_SINGLES else 0


class _Job(NamedTuple):
    """A figure: its cohort, the results it shows, and its file, without the ending, in the folder of the run."""

    cohort: CohortResult
    shown: list[SurvivalComparison]
    stem: str


def _whole(cohort: CohortResult, drawing: Drawing) -> list[str]:
    """The signatures that are drawn with all their populations in one figure."""
    return list(dict.fromkeys(s.signature for s in cohort.strata if drawing.every or len(s.legs) == 2))


def _singles(results: Results, drawing: Drawing) -> list[_Job]:
    """One figure a signature and population; none where there is no curve, the rows say why."""
    if not drawing.singles:
        return []
    found: dict[tuple[str, str, str], _Job] = {}
    for cohort in results.cohorts:
        whole = _whole(cohort, drawing)
        for result in cohort.comparisons:
            key = (cohort.name, result.signature, result.population)
            if result.signature not in whole:
                found.setdefault(key, _Job(cohort, [], "-".join(key))).shown.append(result)
    jobs = [job for job in found.values() if any(_curves(r, results.plan.comparator) for r in job.shown)]
    names = file_names(f"survival-{job.stem}" for job in jobs)
    return [job._replace(stem=f"figures/{name}") for job, name in zip(jobs, names)]


def file_names(texts: Iterable[str]) -> list[str]:
    """A safe file name for each text; numbered where two would be one, also on a disk that takes A and a for one."""
    taken: dict[str, str] = {}
    for text in texts:
        plain = re.sub(r"[^A-Za-z0-9._]+", "-", text)[:_LONGEST_NAME].strip("-")
        name = next(n for n in chain([plain], (f"{plain}-{i}" for i in count(2))) if n.casefold() not in taken)
        taken[name.casefold()] = name
    return list(taken.values())


def _name(results: Results, signature: str) -> str:
    known = results.library.get(signature)
    return known.name if known is not None else signature


def _table(results: Sequence[SurvivalComparison], plan: Plan) -> pd.DataFrame:
    """The rows of results as a figure may show them."""
    table = results_frame(results)
    return shared_table("results", table, plan.shared_cell) if plan.share else table


def _panels(results: Sequence[SurvivalComparison], plan: Plan) -> list[Panel]:
    """One panel a population and endpoint; populations are lettered in order."""
    from strata.plots import Panel

    letters = {name: ascii_uppercase[i % 26] for i, name in enumerate(dict.fromkeys(r.population for r in results))}
    panels = []
    for result in results:
        curves, reason = shown_curves(result, plan)
        letter = letters[result.population]
        panels.append(Panel(letter, result.population, result.endpoint, curves, reason, plan.shared_cell))
    return panels


def shown_curves(result: SurvivalComparison, plan: Plan) -> tuple[Comparison | None, str]:
    """The comparison whose curves are shown, or None and why there are none; of a run that is shared what may be."""
    curves = _curves(result, plan.comparator)
    reason = "" if curves else "; ".join(drawn_comparison(result, plan.comparator).notes)
    if not plan.share:
        return curves, reason
    if curves is not None and is_small(pd.DataFrame([curves.row()]), plan.shared_cell).any():
        return None, withheld(plan.shared_cell)
    return curves, without_numbers(reason)


def _curves(result: SurvivalComparison, comparator: str) -> Comparison | None:
    """The comparison that is drawn, when each of its groups has a curve."""
    main = drawn_comparison(result, comparator)
    return main if main.n and all(group.n for group in main.groups) else None


def drawn_comparison(result: SurvivalComparison, comparator: str) -> Comparison:
    """The comparison of a result whose curves are shown."""
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
    marks = "marks are censored patients"
    if plan.plan.share:
        marks = (
            f"read every {GRID:g} months where {plan.plan.shared_cell} patients are at risk; smaller counts are hidden"
        )
    parts = [
        f"Kaplan-Meier estimates with 95 % log-log confidence bands; {marks}.",
        "HR: Cox regression, Efron ties, Wald 95 % CI. P:"
        f" {test_in_words(chain.from_iterable(r.comparisons for r in results), 'two-sided log-rank test')},"
        " not adjusted for multiplicity.",
        tests_in_words(
            tests, shown_tests(tests, results, [drawn_comparison(r, plan.plan.comparator).name for r in results])
        ),
    ]
    if cut:
        over = {"population": " over the patients of each panel's population", "cohort": " over the whole cohort"}
        over["pooled"] = " over the pooled values of all cohorts, which separates cohorts, not patients"
        elsewhere = next((r.learned_in for r in results if r.learned_in), None)
        parts.append(f"Cut: {cut}{applied_in_words(elsewhere) if elsewhere else over.get(scope or '', '')}.")
    if any(comparison.searched for r in results for comparison in r.comparisons):
        parts.append(
            "The cut was searched: P is corrected for the search, HR is cross-fitted, curves are those at the cut."
        )
    if two_legs:
        against = "all other patients" if plan.plan.comparator == "rest" else "patients with neither"
        parts.append(f"Drawn: patients with both against {against}.")
    parts += checks_in_words([drawn_comparison(r, plan.plan.comparator) for r in results], plan.plan)
    if plan.plan.horizon is not None:
        parts.append(f"Follow-up cut at {plan.plan.horizon:g} months.")
    return " ".join([*parts, *extra, f"Cohort: {cohort.name}."])
