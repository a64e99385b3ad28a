"""What a run returns: cohorts with their comparisons, and what failed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from strata.analysis.controls import Controls
from strata.analysis.ledger import ledger_frame
from strata.analysis.pooled import pooled_results
from strata.errors import Problem, StrataError
from strata.notebook import Shown, Summary
from strata.survival import SurvivalComparison, results_frame

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from strata.analysis.cross_check import CrossCheck
    from strata.analysis.description import CohortDescription
    from strata.analysis.plan import Plan
    from strata.analysis.searching import Learned
    from strata.signatures import Signature
    from strata.stratification import Strata
    from strata.survival import CutPointSearch, Pooled

__all__ = ["CohortResult", "Failure", "Results"]


@dataclass(frozen=True, slots=True)
class Failure:
    """A cohort that could not be analysed: what was wrong, and the exit status it would have by itself."""

    cohort: str
    problems: tuple[Problem, ...]
    exit_status: int


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class CohortResult(Shown):
    """Everything a run found out about one cohort.

    ``timings`` are the seconds of its stages: of scoring with the reading of the numbers that it takes, of comparing,
    and, in a run, of reading the cohort. ``description`` is what the cohort holds before anybody is left out.
    """

    name: str
    comparisons: tuple[SurvivalComparison, ...]
    strata: tuple[Strata, ...]
    genes: pd.DataFrame
    baseline: pd.DataFrame
    notes: tuple[str, ...]
    choices: Mapping[str, Any]
    exclusions: tuple[tuple[str, str, int], ...]
    source: tuple[str, ...]
    seconds: float
    timings: Mapping[str, float]
    description: CohortDescription
    cross_check: CrossCheck | None = None
    null_p: NDArray[np.float64] | None = None
    random_signatures: pd.DataFrame | None = None
    searches: tuple[CutPointSearch, ...] = ()
    learned: Learned = field(default_factory=dict)

    def to_frame(self) -> pd.DataFrame:
        """The cohort's rows of ``results.tsv``."""
        return results_frame(self.comparisons)

    def _summary(self) -> Summary:
        facts = {"comparisons": sum(len(result.comparisons) for result in self.comparisons)}
        left_out = [f"left out at {step}: {reason} ({n:,})" for step, reason, n in self.exclusions]
        return Summary(f"Results of cohort {self.name}", facts, _COLUMNS, _rows(self.comparisons), notes=left_out)


@dataclass(frozen=True, eq=False, repr=False)
class Results(Shown):
    """What a run returns.

    Parameters
    ----------
    plan : Plan
    cohorts : tuple of CohortResult
        In the plan's order.
    failures : tuple of Failure
        Cohorts that could not be analysed; the others are not affected.
    library : mapping of id to Signature
    controls : Controls
    made : tuple of Signature
        Those that were given in the place of the plan's.
    """

    plan: Plan
    cohorts: tuple[CohortResult, ...]
    failures: tuple[Failure, ...] = ()
    library: Mapping[str, Signature] = field(default_factory=dict)
    controls: Controls = field(default_factory=Controls)
    made: tuple[Signature, ...] = ()

    @property
    def exit_status(self) -> int:
        """0; 1 when a cohort failed, 70 when that was our own mistake."""
        if any(failure.exit_status == StrataError.exit_status for failure in self.failures):
            return StrataError.exit_status
        return 1 if self.failures else 0

    def __getitem__(self, cohort: str) -> CohortResult:
        """What was found in one cohort; ``KeyError`` where it failed or was not asked for."""
        for result in self.cohorts:
            if result.name == cohort:
                return result
        failed = cohort in [failure.cohort for failure in self.failures]
        has = ", ".join(result.name for result in self.cohorts) or "none"
        raise KeyError(f"cohort {cohort} {'failed' if failed else 'is not in the run'}; done: {has}")

    def comparisons(self) -> Iterator[SurvivalComparison]:
        """Every comparison, cohort by cohort."""
        for cohort in self.cohorts:
            yield from cohort.comparisons

    @cached_property
    def pooled(self) -> tuple[Pooled, ...]:
        """The questions pooled over the cohorts, worked out once."""
        return pooled_results(self)

    @cached_property
    def tests(self) -> pd.DataFrame:
        """The ledger, worked out once: every file and caption of a run counts the same tests."""
        return ledger_frame(self)

    def to_frame(self) -> pd.DataFrame:
        """The rows of ``results.tsv``: fixed columns, fixed order, P not rounded."""
        return results_frame(self.comparisons())

    def _summary(self) -> Summary:
        comparisons = list(self.comparisons())
        facts = {
            "cohorts": len(self.cohorts),
            "failed cohorts": len(self.failures),
            "comparisons": sum(len(result.comparisons) for result in comparisons),
        }
        failed = [f"cohort {f.cohort} failed: {problem}" for f in self.failures for problem in f.problems]
        return Summary("Results", facts, _COLUMNS, _rows(comparisons), notes=failed)


_COLUMNS = (
    "cohort",
    "signature",
    "population",
    "endpoint",
    "comparison",
    "patients",
    "events",
    "hazard ratio (95 % CI)",
    "P",
    "test",
)


def _rows(results: Iterable[SurvivalComparison]) -> list[tuple[object, ...]]:
    return [
        (r.cohort, r.signature, r.population, r.endpoint, c.name, c.n, c.events, c.ratio_in_words(), *c.answer())
        for r in results
        for c in r.comparisons
    ]
