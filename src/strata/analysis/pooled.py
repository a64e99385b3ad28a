"""What a run's cohorts say together: the same question of every cohort, pooled."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from strata.survival import pool

if TYPE_CHECKING:
    from strata.analysis.results import Results
    from strata.survival import Pooled, SurvivalComparison

__all__ = ["pooled_results"]

TRAINED = "the training cohort, on which the cut was learned"


def pooled_results(results: Results) -> tuple[Pooled, ...]:
    """Each signature, population and endpoint of a run pooled over its cohorts; empty for a plan of one cohort.

    The training cohort is not pooled where it learned something: its effect is no independent one then.
    """
    if len(results.cohorts) + len(results.failures) < 2:
        return ()
    failed = {failure.cohort: "the cohort could not be analysed" for failure in results.failures}
    questions: dict[tuple[str, str, int], list[SurvivalComparison]] = {}
    for cohort in results.cohorts:
        # an endpoint asked for may be answered by another one, so its place in the plan says which question it is
        asked: Counter[tuple[str, str]] = Counter()
        for result in cohort.comparisons:
            unit = (result.signature, result.population)
            questions.setdefault((*unit, asked[unit]), []).append(result)
            asked[unit] += 1
    taught = _taught(results)
    return tuple(
        p
        for (*unit, _), same in questions.items()
        for p in pool(same, method=results.plan.pool, left_out=failed | taught.get(tuple(unit), {}))
    )


def _taught(results: Results) -> dict[tuple[str, ...], dict[str, str]]:
    """The training cohort and why it is left out, by the signature and population that it learned a cut for."""
    return {
        (signature, population): {cohort.name: TRAINED}
        for cohort in results.cohorts
        for (signature, population, _), points in cohort.learned.items()
        # a mutation, or a cut that is a number, has nothing to learn
        if cohort.name == results.plan.train and (points.cuts or points.moments)
    }
