"""Cuts that are searched on an endpoint, and cuts that were learned on a training cohort, inside a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from strata.errors import DataError, PlanError, Problem, UsageError
from strata.stratification import (
    EVERYONE,
    OPTIMAL,
    QUANTILE_GROUPS,
    is_searched,
    one_comparison,
    searched_signature,
    stratify_in,
)
from strata.survival import (
    SEARCH_ROWS,
    TREATMENT_ROWS,
    SubgroupRow,
    SurvivalComparison,
    find_endpoint,
    not_possible,
    search_in,
)

if TYPE_CHECKING:
    import pandas as pd

    from strata.analysis.plan import Plan
    from strata.cohort import Cohort, Endpoint
    from strata.scoring import CohortSource
    from strata.signatures import Signature
    from strata.stratification import CutPoints, Population, Strata
    from strata.survival import CutPointSearch, Setting

__all__ = ["Learned", "Part", "applied", "check_training", "search_part", "searches", "training_of", "untrained"]

Learned = Mapping[tuple[str, str, str], "CutPoints"]
"""What a cohort learned, by signature, population, and the endpoint asked for where the cut was searched on it."""


@dataclass(frozen=True, eq=False, slots=True)
class Part:
    """A signature in a population: on all endpoints (``endpoint`` is empty), or on the one its cut was searched on.

    ``again`` compares in a cohort of the same patients with other outcomes: searches are repeated, other strata stay.
    """

    endpoint: str
    strata: Strata
    comparisons: tuple[SurvivalComparison, ...]
    again: Callable[[Cohort], tuple[SurvivalComparison, ...]]
    search: CutPointSearch | None = None

    @property
    def called(self) -> Strata:
        """The strata as tables without a column for the endpoint must name them."""
        if not self.endpoint:
            return self.strata
        return replace(self.strata, cut=f"{self.strata.cut} for {self.comparisons[0].endpoint}")

    def told_apart(self, table: pd.DataFrame) -> pd.DataFrame:
        """A table of the strata without a column for the cut: ``stratum`` then names the endpoint of a searched one."""
        if not self.endpoint or table.empty:
            return table
        return table.assign(stratum=table["stratum"] + f" by the cut for {self.comparisons[0].endpoint}")


def searches(signature: Signature, plan: Plan, library: Mapping[str, Signature]) -> bool:
    """Whether a run searches the signature's cut; rules of several parts get rows that say why it does not."""
    searched = bool(plan.endpoints) and is_searched(signature, plan.cut, library)
    return searched and one_comparison(signature.positive, library) is not None


def search_part(
    cohort: Cohort,
    source: CohortSource,
    plan: Plan,
    signature: Signature,
    population: Population,
    asked: str,
    library: Mapping[str, Signature],
    setting: Callable[[Cohort, Strata, Endpoint, str], Setting],
) -> Part:
    """Search the cut of a signature on the endpoint ``asked`` for, in the cohort of the source."""

    def again(other: Cohort) -> tuple[SurvivalComparison, ...]:
        return search_part(other, source, plan, signature, population, asked, library, setting).comparisons

    endpoint, note = find_endpoint(cohort, asked, equivalents=plan.equivalents)
    if plan.cut_scope == "cohort" and population != EVERYONE:
        endpoint, note = None, "a cut is searched in the patients it is tested on: leave cut_scope at population"
    if endpoint is None:
        strata = stratify_in(source, signature, population=population, cut=OPTIMAL, library=library)
        rows = tuple(not_possible(name, note) for name in SEARCH_ROWS)
        return Part(asked, strata, (_unanswered(SurvivalComparison.of(strata, asked.upper(), rows), plan),), again)
    used = endpoint
    search = search_in(
        source,
        searched_signature(signature, library),
        used.name,
        lambda strata: setting(cohort, strata, used, note),
        population=population,
        options=plan.cut_search,
        absent_assay=plan.absent_assay,
        library=library,
    )
    return Part(asked, search.strata, (_unanswered(search.result, plan),), again, search)


def _unanswered(result: SurvivalComparison, plan: Plan) -> SurvivalComparison:
    """The result with rows that say why a searched cut is not asked about treatment and subgroups."""
    why = "the cut was searched in these patients: a test by it would not be corrected; use train and validate"
    rows = tuple(not_possible(name, why) for name in TREATMENT_ROWS) if plan.treatment else ()
    subgroups = tuple(SubgroupRow(factor, "", None, notes=(why,)) for factor in plan.subgroups)
    return replace(result, comparisons=(*result.comparisons, *rows), subgroups=subgroups)


def applied(
    source: CohortSource,
    plan: Plan,
    signature: Signature,
    population: Population,
    asked: str,
    library: Mapping[str, Signature],
    learned: Learned,
) -> Strata:
    """The strata by the cut-points of the training cohort, unchanged: nothing is learned here."""
    rule = searched_signature(signature, library) if searches(signature, plan, library) else signature
    cut = plan.cut if plan.cut in QUANTILE_GROUPS else None
    with_cuts = partial(
        stratify_in, source, rule, population=population, absent_assay=plan.absent_assay, library=library
    )
    try:
        return with_cuts(cut=cut, cut_points=learned[signature.id, population.name, asked])
    except (KeyError, UsageError) as error:
        why = error.problems[0].what if isinstance(error, UsageError) else "no cut was learned"
        reason = f"cohort {plan.train} gives no cut-point to apply: {why}"
        strata = with_cuts(cut=cut or "median")
        nobody = strata.labels.where(np.zeros(len(strata.labels), dtype=bool))
        return replace(strata, absent=True, reasons=(reason,), labels=nobody, cut=plan.cut)


def training_of(parts: Sequence[Part]) -> Learned:
    """What the parts of a training cohort learned."""
    return {(part.strata.signature, part.strata.population, part.endpoint): part.strata.cut_points for part in parts}


def untrained(plan: Plan) -> DataError:
    """Why a cohort that takes its cut-points from the training cohort cannot be analysed."""
    return DataError(
        Problem("", f"the training cohort {plan.train} failed, so there are no cut-points to apply", code="E630")
    )


def check_training(plan: Plan, cohorts: Sequence[str]) -> None:
    """Refuse ``train`` and ``validate`` that do not name cohorts of the plan, each in one role.

    Raises
    ------
    PlanError
    """
    asked = [("train", plan.train)] * (plan.train is not None) + [("validate", name) for name in plan.validate_in]
    problems = [
        Problem(key, f"the plan has no cohort '{name}'", f"It has {', '.join(cohorts)}", code="E630")
        for key, name in asked
        if name not in cohorts
    ]
    if plan.validate_in and plan.train is None:
        problems.append(
            Problem("validate", "there is nothing to validate", "Name the cohort to learn on: train: NAME", code="E630")
        )
    if plan.train in plan.validate_in:
        problems.append(
            Problem("validate", f"cohort '{plan.train}' is the training cohort", "Leave it out", code="E630")
        )
    if problems:
        raise PlanError(problems)
