"""One cut over the values of several cohorts: refused unless a plan says ``i-know: pooled-cut``, then done and said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

import numpy as np

from strata.analysis.searching import searches
from strata.cohort import read_cohort
from strata.errors import PlanError, Problem, StrataError
from strata.scoring import CohortSource, LearnedCuts
from strata.signatures import Needs, evaluate, evaluate_number, needs_of
from strata.stratification import QUANTILE_GROUPS, CutPoints, FittedCuts, plan_populations

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.analysis.controls import Controls
    from strata.analysis.plan import Plan
    from strata.analysis.searching import Learned
    from strata.cohort import CohortSpec
    from strata.scoring import Resources
    from strata.signatures import Signature
    from strata.stratification import Population

__all__ = ["learn_pooled"]

WHERE = "the pooled values of all cohorts (such a cut separates cohorts, not patients)"

Unit = tuple["Signature", "Population"]


def learn_pooled(
    plan: Plan,
    found: Sequence[tuple[str, CohortSpec | StrataError]],
    library: Mapping[str, Signature],
    signatures: Sequence[Signature],
    resources: Resources,
    controls: Controls,
) -> Learned:
    """The cut-points over the values of all cohorts that can be read, for every signature and population of a run.

    Raises
    ------
    PlanError
        With a training cohort, quantile groups, a searched cut or random signatures, which learn in other ways.
    """
    units = [(s, p) for s in signatures for p in plan_populations(s, plan.populations, library)]
    other = plan.train is not None or plan.cut in QUANTILE_GROUPS or controls.random_signatures > 0
    if other or any(searches(s, plan, library) for s, _ in units):
        what = "pooled goes with cuts in two alone: no training cohort, search, quantile groups or random signatures"
        raise PlanError(Problem("cut_scope", what, "Use cut_scope: population", code="E630"))
    needs = reduce(or_, (needs_of(s, library) | p.needs(library) for s, p in units), Needs())
    sources = list(_sources(found, needs, resources))
    return {(s.id, p.name, ""): _over_all(sources, plan, (s, p), library) for s, p in units}


def _sources(
    found: Sequence[tuple[str, CohortSpec | StrataError]], needs: Needs, resources: Resources
) -> Iterator[CohortSource]:
    """The cohorts that can be read; the run itself says what is wrong with the others."""
    for _, spec in found:
        if isinstance(spec, StrataError):
            continue
        try:
            yield CohortSource(read_cohort(spec), needs, resources)
        except (StrataError, OSError):
            continue


class _Values(LearnedCuts):
    """Notes the values that cuts and moments are asked for; moments that are known already are used."""

    def __init__(self, scope: NDArray[np.bool_], override: str | None, known: CutPoints | None) -> None:
        super().__init__(scope, override=override)
        self._inside, self._rule = scope, override
        self._known = None if known is None else FittedCuts(known)
        self.cut_values: dict[tuple[str, str], NDArray[np.float64]] = {}
        self.term_values: dict[str, NDArray[np.float64]] = {}

    def cut(self, number: str, rule: str, values: NDArray[np.float64]) -> float:
        self.cut_values[number, self._rule or rule] = values[self._inside]
        return super().cut(number, rule, values)

    def moments(self, number: str, values: NDArray[np.float64]) -> tuple[float, float]:
        self.term_values[number] = values[self._inside]
        return super().moments(number, values) if self._known is None else self._known.moments(number, values)


def _over_all(sources: Sequence[CohortSource], plan: Plan, unit: Unit, library: Mapping[str, Signature]) -> CutPoints:
    learned = _learned(unit, [_values(source, plan, unit, library, None) for source in sources])
    if not learned.moments:
        return learned
    # standardised terms have other values once their mean and SD are those of all cohorts
    return _learned(unit, [_values(source, plan, unit, library, learned) for source in sources])


def _values(
    source: CohortSource, plan: Plan, unit: Unit, library: Mapping[str, Signature], known: CutPoints | None
) -> _Values:
    signature, population = unit
    everyone = np.ones(len(source.cohort.patients), dtype=bool)
    common: dict[str, Any] = {"source": source, "library": library, "absent_assay": plan.absent_assay}
    inside = everyone
    if population.predicate is not None:
        inside = evaluate(population.predicate, cuts=LearnedCuts(everyone), **common).true
    values = _Values(inside, plan.cut, known)
    if signature.score is not None:
        evaluate_number(signature.score, cuts=values, **common)
    if signature.positive is not None:
        evaluate(signature.positive, cuts=values, **common)
    return values


def _learned(unit: Unit, parts: Sequence[_Values]) -> CutPoints:
    """The cut-points and moments of the values of all cohorts, one below the other."""
    signature, population = unit
    terms = {
        number: _joined([part.term_values.get(number) for part in parts])
        for part in parts
        for number in part.term_values
    }
    cuts = {key: _joined([part.cut_values.get(key) for part in parts]) for part in parts for key in part.cut_values}
    found = []
    for number, values in terms.items():
        found.append(LearnedCuts(np.ones(values.size, dtype=bool)))
        found[-1].moments(number, values)
    for (number, rule), values in cuts.items():
        found.append(LearnedCuts(np.ones(values.size, dtype=bool)))
        found[-1].cut(number, rule, values)
    return CutPoints(
        signature.id,
        WHERE,
        population.name,
        "pooled",
        tuple(cut for learned in found for cut in learned.cuts),
        tuple(moment for learned in found for moment in learned.all_moments),
    )


def _joined(parts: Sequence[NDArray[np.float64] | None]) -> NDArray[np.float64]:
    return np.concatenate([part for part in parts if part is not None])
