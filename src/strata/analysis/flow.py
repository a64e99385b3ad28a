"""The flow of patients: how many were read, how many were left out at each step and why, and who was analysed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from strata.cohort import Cohort
from strata.errors import Problem, UsageError
from strata.survival.small_cells import hidden_cells

if TYPE_CHECKING:
    from collections.abc import Iterator

    from strata.analysis.results import CohortResult
    from strata.survival import Comparison, SurvivalComparison

__all__ = ["FLOW_COLUMNS", "FlowStep", "FlowStratum", "PatientFlow", "patient_flow"]

FLOW_COLUMNS = (
    "cohort",
    "signature",
    "population",
    "endpoint",
    "comparison",
    "step",
    "kind",
    "label",
    "n",
    "events",
)
"""The columns of a flow."""

_Parts = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class FlowStep:
    """One step down: who is left out, and how many remain.

    Parameters
    ----------
    name : {"population", "endpoint", "marker"}
    left_out : tuple of (reason, n)
        Each patient for one reason; reasons of nobody are kept.
    remaining : int
        Those before the step without those left out.
    """

    name: str
    left_out: tuple[tuple[str, int], ...]
    remaining: int

    @property
    def words(self) -> str:
        """What those who remain are."""
        return _REMAINING[self.name]


@dataclass(frozen=True, slots=True)
class FlowStratum:
    """One stratum at the end of the flow."""

    label: str
    n: int
    events: int


@dataclass(frozen=True, slots=True)
class PatientFlow:
    """How the patients of a cohort come to be analysed, or not, in one comparison.

    At every step those left out and those remaining add up to those before, and the strata add up to those analysed.

    Parameters
    ----------
    cohort, signature, population, endpoint, comparison : str
    n_patients : int
        Patients that were read.
    file_rows : tuple of (reason, n)
        What reading left out of the files: lines, samples, probes, not patients, so that they add up to nothing here.
    steps : tuple of FlowStep
        Population, endpoint, marker.
    strata : tuple of FlowStratum
        Empty where nothing could be compared, or no strata were: ``notes`` says why.
    events : int
        Among those analysed.
    notes : tuple of str
        Of the comparison.
    not_in_model : tuple of (reason, n)
        Those analysed who lack a covariate: in curves and log-rank test, not in the adjusted hazard ratio. They are no
        step of the flow.
    """

    cohort: str
    signature: str
    population: str
    endpoint: str
    comparison: str
    n_patients: int
    file_rows: tuple[tuple[str, int], ...]
    steps: tuple[FlowStep, ...]
    strata: tuple[FlowStratum, ...]
    events: int
    notes: tuple[str, ...] = ()
    not_in_model: tuple[tuple[str, int], ...] = ()

    @property
    def n(self) -> int:
        """Patients analysed."""
        return self.steps[-1].remaining

    def to_frame(self, *, min_cell: int = 0) -> pd.DataFrame:
        """One row a number of the flow, in the columns ``FLOW_COLUMNS``.

        ``kind`` is ``remaining``, ``left_out``, ``stratum``, ``file_rows`` for what reading left out of the files, or
        ``not_in_model`` for those analysed who lack a covariate of the adjusted hazard ratio.

        Parameters
        ----------
        min_cell : int
            Counts of 1 to ``min_cell`` - 1 patients, with the event or without, are NA; so are those that would tell
            them, and patients without a call are one number. 0 shows everything.
        """
        rows = [(*self._keys(), *row) for row in self._rows(min_cell)]
        table = pd.DataFrame(rows, columns=list(FLOW_COLUMNS))
        return table.astype(dict.fromkeys(FLOW_COLUMNS[:8], "string") | dict.fromkeys(("n", "events"), "Int64"))

    def _keys(self) -> tuple[str, ...]:
        return self.cohort, self.signature, self.population, self.endpoint, self.comparison

    def _rows(self, least: int) -> Iterator[tuple[str, str, str, int | None, int | None]]:
        steps = (*self.steps[:-1], _without_reasons(self.steps[-1])) if least else self.steps
        left_out = [n for step in steps for _, n in step.left_out]
        ends = [(stratum.n, stratum.events) for stratum in self.strata] or [(self.n, self.events)]
        hidden = hidden_cells([*left_out, *(cell for n, events in ends for cell in (events, n - events))], least)
        gone, arms = hidden[: len(left_out)], hidden[len(left_out) :].reshape(-1, 2)
        for reason, n in self.file_rows:
            yield "read", "file_rows", reason, None if 0 < n < least else n, None
        yield "read", "remaining", "patients read", self.n_patients, None
        done = 0
        for step in steps:
            for reason, n in step.left_out:
                yield step.name, "left_out", reason, None if gone[done] else n, None
                done += 1
            # told where it is the sum of numbers that are shown anyway
            told = not (gone[:done].any() and (gone[done:].any() or arms.any()))
            remaining = step.remaining if told else None
            events = self.events if step is steps[-1] and told and not arms[:, 0].any() else None
            yield step.name, "remaining", step.words, remaining, events
        for stratum, (few_events, few_others) in zip(self.strata, arms):
            of_stratum = None if few_events or few_others else stratum.n
            yield "strata", "stratum", stratum.label, of_stratum, None if few_events else stratum.events
        for reason, n in self.not_in_model:
            yield "model", "not_in_model", reason, None if 0 < n < least or 0 < self.n - n < least else n, None


def _without_reasons(step: FlowStep) -> FlowStep:
    """Why patients have no call is not told of few: the rows of results tell how many have none."""
    return FlowStep(step.name, (("without a call", sum(n for _, n in step.left_out)),), step.remaining)


_REMAINING = {"population": "in the population", "endpoint": "with a known endpoint", "marker": "analysed"}


def patient_flow(
    cohort: Cohort | CohortResult, result: SurvivalComparison, *, comparison: str | None = None
) -> PatientFlow:
    """Follow the patients of a cohort to the strata of a comparison.

    Parameters
    ----------
    cohort : Cohort or CohortResult
        That was compared.
    result : SurvivalComparison
    comparison : str, optional
        Which of its comparisons; None: the first.

    Returns
    -------
    PatientFlow

    Raises
    ------
    UsageError
        When the result is of another cohort, or has no such comparison.
    """
    names = [row.name for row in result.comparisons]
    if result.cohort != cohort.name:
        what = f"a result of cohort {result.cohort} is no part of cohort {cohort.name}"
        raise UsageError(Problem("", what, code="E812"))
    if comparison not in (None, *names):
        raise UsageError(Problem("comparison", f"'{comparison}' is none of {', '.join(names)}", code="E812"))
    row = result[comparison or names[0]]
    total, left_out = _left_out(cohort, result)
    members, known = left_out[:2], left_out[2:]
    steps = []
    remaining = total
    for name, parts in (("population", members), ("endpoint", known), ("marker", None)):
        parts = _without_stratum(row, remaining) if parts is None else parts
        remaining -= sum(n for _, n in parts)
        steps.append(FlowStep(name, parts, remaining))
    return PatientFlow(
        cohort=result.cohort,
        signature=result.signature,
        population=result.population,
        endpoint=result.endpoint,
        comparison=row.name,
        n_patients=total,
        file_rows=_file_rows(cohort),
        steps=tuple(steps),
        strata=tuple(FlowStratum(group.label, group.n, group.events) for group in row.groups),
        events=row.events,
        notes=row.notes,
        not_in_model=() if row.adjusted is None else (row.adjusted.left_out(row.n),),
    )


def _left_out(cohort: Cohort | CohortResult, result: SurvivalComparison) -> tuple[int, _Parts]:
    """The patients of the cohort, and those left out before the marker: two reasons of the population come first."""
    if isinstance(cohort, Cohort):
        return len(cohort.patients), result.left_out
    one = (result.signature, result.population)
    strata = next((s for s in cohort.strata if (s.signature, s.population) == one), None)
    if strata is None:
        what = f"cohort {cohort.name} has no strata of {result.signature} in {result.population}"
        raise UsageError(Problem("", what, code="E812"))
    total = int(strata.labels.size)
    if result.left_out:
        return total, result.left_out
    # the cohort lacks the endpoint: nothing was counted when it was compared
    inside, outside = int(strata.inside.sum()), int(strata.outside.sum())
    return total, (
        ("outside the population", outside),
        ("membership of the population unknown", total - inside - outside),
        (f"no known {result.endpoint}", inside),
    )


def _without_stratum(row: Comparison, remaining: int) -> _Parts:
    parts = (
        ("not assayed", row.n_not_assayed),
        ("assayed, call unknown", row.n_unknown - row.n_not_assayed),
    )
    other = remaining - row.n - row.n_unknown
    return (*parts, ("in no stratum of this comparison", other)) if other else parts


def _file_rows(cohort: Cohort | CohortResult) -> _Parts:
    if isinstance(cohort, Cohort):
        return tuple((exclusion.reason, exclusion.n) for exclusion in cohort.exclusions)
    return tuple((reason, n) for _, reason, n in cohort.exclusions)
