"""One entry to a whole run: every cohort, signature, population and endpoint of a plan."""

from __future__ import annotations

import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from strata.analysis.baseline import baseline
from strata.analysis.cross_check import CrossCheck, cross_check
from strata.analysis.plan import Plan, characteristics
from strata.cohort import read_cohort
from strata.errors import InputOutputError, PlanError, Problem, StrataError, UsageError
from strata.scoring import CohortSource, coverage
from strata.signatures import Needs, needs_of
from strata.stratification import parse_population, plan_populations, stratify_in
from strata.survival import (
    Setting,
    SurvivalComparison,
    compare_strata,
    compare_two_legs,
    find_endpoint,
    not_possible,
    results_frame,
    row_names,
    with_own_cut,
)
from strata.yaml_file import read_yaml

if TYPE_CHECKING:
    from strata.cohort import Cohort, CohortSpec
    from strata.scoring import Resources
    from strata.signatures import Signature
    from strata.stratification import Population, Strata

__all__ = ["CohortResult", "Failure", "Results", "run_cohort", "run_plan"]


@dataclass(frozen=True, slots=True)
class Failure:
    """A cohort that could not be analysed: what was wrong, and the exit status it would have by itself."""

    cohort: str
    problems: tuple[Problem, ...]
    exit_status: int


@dataclass(frozen=True, eq=False, slots=True)
class CohortResult:
    """Everything a run found out about one cohort."""

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
    cross_check: CrossCheck | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Results:
    """What a run returns.

    Parameters
    ----------
    plan : Plan
    cohorts : tuple of CohortResult
        In the plan's order.
    failures : tuple of Failure
        Cohorts that could not be analysed; the others are not affected.
    """

    plan: Plan
    cohorts: tuple[CohortResult, ...]
    failures: tuple[Failure, ...] = ()
    library: Mapping[str, Signature] = field(default_factory=dict)

    @property
    def exit_status(self) -> int:
        """0; 1 when a cohort failed, 70 when that was our own mistake."""
        if any(failure.exit_status == StrataError.exit_status for failure in self.failures):
            return StrataError.exit_status
        return 1 if self.failures else 0

    def comparisons(self) -> Iterator[SurvivalComparison]:
        """Every comparison, cohort by cohort."""
        for cohort in self.cohorts:
            yield from cohort.comparisons

    def to_frame(self) -> pd.DataFrame:
        """The rows of ``results.tsv``: fixed columns, fixed order, P not rounded."""
        return results_frame(self.comparisons())


def run_plan(
    plan: Plan,
    *,
    jobs: int = 1,
    check: bool = False,
    progress: Callable[[CohortResult | Failure], None] | None = None,
    signatures: Sequence[Signature] | None = None,
) -> Results:
    """Run a plan.

    Parameters
    ----------
    plan : Plan
    jobs : int
        Processes; cohorts are shared out among them. The results are the same for any number.
    check : bool
        Compute every number again with lifelines (``--cross-check``).
    progress : callable, optional
        Called with each cohort's result as it is done.
    signatures : sequence of Signature, optional
        Run instead of those the plan names, which may then be made in code.

    Returns
    -------
    Results
        A cohort that fails is in ``failures``; the others are finished.

    Raises
    ------
    PlanError, SignatureError
        When the plan itself is wrong: nothing is run then.
    """
    from joblib import Parallel, delayed

    library, named = plan.load_signatures()
    resources = plan.resources()
    chosen = named if signatures is None else list(signatures)
    library |= {signature.id: signature for signature in chosen}
    _check_populations(plan, library)
    found = plan.specs_or_errors()
    tasks = (delayed(_try_cohort)(name, spec, plan, library, chosen, resources, check) for name, spec in found)
    done: list[CohortResult | Failure] = []
    with _uninterrupted():
        outcomes = Parallel(n_jobs=min(jobs, len(found)), return_as="generator")(tasks)
    for outcome in outcomes:
        done.append(outcome)
        if progress is not None:
            progress(outcome)
    return Results(
        plan,
        tuple(result for result in done if isinstance(result, CohortResult)),
        tuple(result for result in done if isinstance(result, Failure)),
        library,
    )


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Processes started in this block ignore Ctrl-C: their parent ends them, and alone says so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _check_populations(plan: Plan, library: Mapping[str, Signature]) -> None:
    """Refuse an unknown population before anything is read: as the plan's fault where the plan file names it."""
    for text in plan.populations:
        try:
            parse_population(text, library)
        except UsageError as error:
            document = None if plan.file is None else read_yaml(plan.file, PlanError)
            if document is None or text not in str(document.value.get("populations")):
                raise
            where = document.where(("populations",))
            raise PlanError([Problem(where, p.what, p.fix) for p in error.problems]) from error


def _try_cohort(
    name: str,
    spec: CohortSpec | StrataError,
    plan: Plan,
    library: Mapping[str, Signature],
    signatures: Sequence[Signature],
    resources: Resources,
    check: bool,
) -> CohortResult | Failure:
    if isinstance(spec, StrataError):
        return Failure(name, spec.problems, spec.exit_status)
    try:
        cohort = read_cohort(spec)
        return run_cohort(cohort, plan, library=library, signatures=signatures, resources=resources, check=check)
    except StrataError as error:
        return Failure(name, error.problems, error.exit_status)
    except OSError as error:
        problem = Problem(str(error.filename or name), f"cannot be read: {error.strerror or error}")
        return Failure(name, (problem,), InputOutputError.exit_status)
    except Exception as error:  # noqa: BLE001  one bad cohort never kills the batch, whatever is wrong with it
        where = "".join(traceback.format_exception(error)).strip()
        return Failure(name, (Problem("", f"unexpected {type(error).__name__}, a bug of strata:\n{where}"),), 70)


def run_cohort(
    cohort: Cohort,
    plan: Plan,
    *,
    library: Mapping[str, Signature],
    signatures: Sequence[Signature],
    resources: Resources | None = None,
    check: bool = False,
) -> CohortResult:
    """Every signature, population and endpoint of a plan in one cohort, which is read once."""
    started = time.perf_counter()
    units = [(s, p) for s in signatures for p in plan_populations(s, plan.populations, library)]
    needs = Needs()
    for signature, population in units:
        needs |= needs_of(signature, library) | population.needs(library)
    source = CohortSource(cohort, needs, resources)
    strata = tuple(_stratify(source, plan, signature, population, library) for signature, population in units)
    comparisons = tuple(_compare(cohort, stratum, plan, asked) for stratum in strata for asked in plan.endpoints)
    columns = characteristics(cohort)
    described = (baseline(cohort, stratum, columns) for stratum in strata if not stratum.absent)
    tables = [table for table in described if len(table)]
    return CohortResult(
        name=cohort.name,
        comparisons=comparisons,
        strata=strata,
        genes=coverage(source, signatures, library),
        baseline=pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(),
        notes=cohort.notes,
        choices=dict(cohort.choices),
        exclusions=tuple((e.step, e.reason, e.n) for e in cohort.exclusions),
        source=tuple(str(path) for path in cohort.source),
        seconds=time.perf_counter() - started,
        cross_check=cross_check(comparisons, adjusted=bool(plan.covariates)) if check else None,
    )


def _stratify(
    source: CohortSource, plan: Plan, signature: Signature, population: Population, library: Mapping[str, Signature]
) -> Strata:
    return stratify_in(
        source,
        signature,
        population=population,
        cut=plan.cut,
        cut_scope=plan.cut_scope,
        absent_assay=plan.absent_assay,
        library=library,
    )


def _compare(cohort: Cohort, strata: Strata, plan: Plan, asked: str) -> SurvivalComparison:
    endpoint, note = find_endpoint(cohort, asked, equivalents=plan.equivalents)
    if endpoint is None:
        rows = tuple(with_own_cut(not_possible(name, note), strata) for name in row_names(strata))
        return SurvivalComparison.of(strata, asked.upper(), rows)
    setting = Setting(cohort, strata, endpoint, covariates=plan.covariates, horizon=plan.horizon, note=note)
    rows = compare_two_legs(strata, setting) if len(strata.legs) == 2 else compare_strata(strata, setting)
    return SurvivalComparison.of(strata, endpoint.name, rows, setting.left_out)
