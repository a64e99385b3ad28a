"""Whom a scan compares: the patients of a population with a known endpoint, and their outcome made ready."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from strata.cohort.findings import count
from strata.errors import DataError, Problem
from strata.scoring import CohortSource
from strata.signatures import Needs, signature_library
from strata.stratification import Membership, membership, parse_population
from strata.survival import Setting, endpoint_of
from strata.survival.kernels.prepared import PreparedOutcome
from strata.survival.kernels.risk_table import strata_codes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.cohort import Cohort
    from strata.signatures import Signature

__all__ = ["Study", "study_of"]


@dataclass(frozen=True, eq=False, slots=True)
class Study:
    """The patients that every test of a scan is about.

    Parameters
    ----------
    cohort, population, endpoint : str
        ``endpoint`` is the one used.
    inside : array of bool (n_cohort,)
        Of the cohort's patients, those in the population: cut-points are learned on them.
    keep : array of bool (n_cohort,)
        Those of them with a known endpoint and known stratification factors: the patients tested.
    outcome : PreparedOutcome
        Of the patients tested, in the cohort's order; months.
    notes : tuple of str
        What every row shares: the endpoint that stands in, the horizon, delayed entry.
    left_out : tuple of (reason, n)
    """

    cohort: str
    population: str
    endpoint: str
    inside: NDArray[np.bool_]
    keep: NDArray[np.bool_]
    outcome: PreparedOutcome
    notes: tuple[str, ...]
    left_out: tuple[tuple[str, int], ...]

    def facts(self) -> dict[str, object]:
        """Whom a scan is about, for its summary."""
        patients = f"{self.outcome.n:,}, {int(self.outcome.event.sum()):,}"
        asked = {"cohort": self.cohort, "population": self.population, "endpoint": self.endpoint}
        return {**asked, "patients, events": patients}


def study_of(
    cohort: Cohort,
    endpoint: str,
    *,
    population: str | None = None,
    stratification_factors: Sequence[str] = (),
    horizon: float | None = None,
    library: Mapping[str, Signature] | None = None,
) -> Study:
    """The patients of ``population`` with a known ``endpoint``.

    Raises
    ------
    UsageError
        When the population names no signature.
    DataError
        When the cohort lacks the endpoint or a column, when nobody is in the population, or nobody has an event.
    """
    library = signature_library() if library is None else library
    chosen = parse_population(population or "all", library)
    found, note = endpoint_of(cohort, endpoint)
    source = CohortSource(cohort, Needs() | chosen.needs(library))
    members: Membership = membership(source, chosen, library)
    setting = Setting(
        cohort,
        members,
        found,
        stratification_factors=stratification_factors,
        horizon=horizon,
        note=note,
    )
    outcome = setting.outcome
    if not outcome.event.any():
        what = members.reason or f"no event of {found.name} in {count(outcome.time.size, 'patient')}"
        raise DataError(Problem(f"cohort {cohort.name}, population {chosen.name}", what, code="E811"))
    factors = strata_codes(outcome.adjustment.stratification_factors, outcome.time.size)
    said = [f"stratified by {', '.join(stratification_factors)}"] if stratification_factors else []
    return Study(
        cohort=cohort.name,
        population=chosen.name,
        endpoint=found.name,
        inside=members.inside,
        keep=setting.keep,
        outcome=PreparedOutcome.of(outcome.time, outcome.event, factors, outcome.entry),
        notes=(*setting.notes, *said),
        left_out=setting.left_out,
    )
