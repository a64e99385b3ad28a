"""One entry to a whole run: every cohort, signature, population and endpoint of a plan."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from strata.analysis.baseline import baseline
from strata.analysis.controls import Controls
from strata.analysis.cross_check import cross_check
from strata.analysis.description import CohortDescription
from strata.analysis.null_check import null_p_values
from strata.analysis.plan import Plan, characteristics
from strata.analysis.pooled_cut import learn_pooled
from strata.analysis.processes import uninterrupted, worker_processes
from strata.analysis.random_signatures import compare_with_random
from strata.analysis.results import CohortResult, Failure, Results
from strata.analysis.screens import screened
from strata.analysis.searching import (
    Learned,
    Part,
    applied,
    check_training,
    search_part,
    searches,
    training_of,
    untrained,
)
from strata.analysis.settings import Settings
from strata.analysis.time_limit import OutOfTimeError, time_limit
from strata.cohort import read_cohort
from strata.errors import InputOutputError, PlanError, Problem, StrataError, UsageError, bug_report
from strata.scoring import CohortSource, coverage
from strata.signatures import Needs, needs_of
from strata.stratification import parse_population, plan_populations, stratify_in
from strata.survival import (
    TREATMENT_ROWS,
    SurvivalComparison,
    compare_strata,
    compare_two_legs,
    find_endpoint,
    not_possible,
    row_names,
    subgroup_rows,
    treatment_rows,
    with_own_cut,
)
from strata.survival.compare import check_columns
from strata.yaml_file import read_yaml

if TYPE_CHECKING:
    from strata.cohort import Cohort, CohortSpec
    from strata.scoring import Resources
    from strata.signatures import Signature
    from strata.stratification import Population, Strata

__all__ = ["run_cohort", "run_plan"]

_NO_CONTROLS = Controls()

_LOG = logging.getLogger("strata")


def run_plan(
    plan: Plan,
    *,
    jobs: int = 1,
    check: bool = False,
    progress: Callable[[CohortResult | Failure], None] | None = None,
    signatures: Sequence[Signature] | None = None,
    controls: Controls = _NO_CONTROLS,
    timeout: float | None = None,
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
    controls : Controls
        Negative controls (``--null-check``, ``--random-signatures``).
    timeout : float, optional
        Seconds that reading, scoring and comparing a cohort may take; one that takes longer is among the failures.

    Returns
    -------
    Results
        A cohort that fails is in ``failures``; the others are finished.

    Raises
    ------
    PlanError, SignatureError
        When the plan itself is wrong: nothing is run then.
    UsageError
        When negative controls are asked for of a run that is shared.
    """
    _check_shared(plan, controls)
    library, named = plan.load_signatures()
    resources = plan.resources()
    chosen = named if signatures is None else list(signatures)
    library |= {signature.id: signature for signature in chosen}
    _check_populations(plan, library)
    found = plan.specs_or_errors()
    shared = (plan, library, chosen, resources, check, controls, timeout)
    names = [name for name, _ in found]
    check_training(plan, names)
    run = partial(_run_cohorts, shared=shared, jobs=jobs, progress=progress)
    pooled = learn_pooled(plan, found, library, chosen, resources, controls) if plan.cut_scope == "pooled" else None
    done = run([item for item in found if not plan.validates(item[0])], learned=pooled)
    if validating := [item for item in found if plan.validates(item[0])]:
        trained = next((r for r in done if isinstance(r, CohortResult) and r.name == plan.train), None)
        specs = [(name, spec if trained else untrained(plan)) for name, spec in validating]
        done += run(specs, learned=trained.learned if trained else None)
    done.sort(key=lambda outcome: names.index(outcome.cohort if isinstance(outcome, Failure) else outcome.name))
    return Results(
        plan,
        tuple(result for result in done if isinstance(result, CohortResult)),
        tuple(result for result in done if isinstance(result, Failure)),
        library,
        controls,
        tuple(signatures or ()),
    )


def _check_shared(plan: Plan, controls: Controls) -> None:
    if plan.share and controls:
        what = "negative controls are not part of a folder that is shared"
        raise UsageError(Problem("--share", what, "Run them without --share", code="E703"))


def _run_cohorts(
    found: Sequence[tuple[str, CohortSpec | StrataError]],
    *,
    shared: tuple[Any, ...],
    jobs: int,
    progress: Callable[[CohortResult | Failure], None] | None,
    learned: Learned | None = None,
) -> list[CohortResult | Failure]:
    """Run cohorts, each by itself; ``learned`` are the cut-points that they apply."""
    done: list[CohortResult | Failure] = []
    try:
        for outcome in _outcomes(found, shared, learned, min(jobs, len(found))):
            done.append(outcome)
            if progress is not None:
                progress(outcome)
    except BrokenExecutor:
        done += [_not_done(name) for name, _ in found[len(done) :]]
    return done


def _outcomes(
    found: Sequence[tuple[str, CohortSpec | StrataError]], shared: tuple[Any, ...], learned: Learned | None, jobs: int
) -> Iterator[CohortResult | Failure]:
    """The cohorts one after the other, or shared out among processes: in the order of ``found`` either way."""
    run: Callable[..., CohortResult | Failure] = _try_cohort
    if jobs < 2:
        return (run(name, spec, *shared, learned) for name, spec in found)
    from joblib import Parallel, delayed

    _LOG.info("reading and comparing %d cohorts in %d processes", len(found), jobs)
    tasks = (delayed(run)(name, spec, *shared, learned) for name, spec in found)
    with uninterrupted():
        backend = worker_processes()
        outcomes: Iterator[CohortResult | Failure] = Parallel(jobs, backend, return_as="generator")(tasks)
    return outcomes


def _not_done(cohort: str) -> Failure:
    """A cohort that was not finished when a process of the run was killed."""
    what = "not finished: a process of this run was killed (out of memory?)"
    problem = Problem("", what, "Use fewer --jobs, or strata batch, which finishes the others", code="E902")
    return Failure(cohort, (problem,), 1)


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
            raise PlanError([Problem(where, p.what, p.fix, code=p.code) for p in error.problems]) from error


def _try_cohort(
    name: str,
    spec: CohortSpec | StrataError,
    plan: Plan,
    library: Mapping[str, Signature],
    signatures: Sequence[Signature],
    resources: Resources,
    check: bool,
    controls: Controls,
    timeout: float | None,
    learned: Learned | None = None,
) -> CohortResult | Failure:
    if isinstance(spec, StrataError):
        return Failure(name, spec.problems, spec.exit_status)
    try:
        with time_limit(timeout):
            _LOG.info("%s: reading", name)
            started = time.perf_counter()
            cohort = read_cohort(spec)
            reading = time.perf_counter() - started
            found = run_cohort(
                cohort,
                plan,
                library=library,
                signatures=signatures,
                resources=resources,
                check=check,
                controls=controls,
                learned=learned,
            )
        return replace(found, timings={"reading": reading, **found.timings})
    except OutOfTimeError:
        fix = "Give it more time, or ask for less: fewer signatures or permutations"
        return Failure(name, (Problem("", f"stopped after --timeout {timeout:g} s", fix, code="E910"),), 1)
    except StrataError as error:
        return Failure(name, error.problems, error.exit_status)
    except OSError as error:
        problem = Problem(str(error.filename or name), f"cannot be read: {error.strerror or error}", code="E100")
        return Failure(name, (problem,), InputOutputError.exit_status)
    except MemoryError:
        what, fix = "not enough memory for what the signatures need", "Ask for fewer signatures, or use fewer --jobs"
        return Failure(name, (Problem("", what, fix, code="E903"),), InputOutputError.exit_status)
    except Exception as error:  # noqa: BLE001  one bad cohort never kills the batch, whatever is wrong with it
        return Failure(name, (bug_report(error),), StrataError.exit_status)


def run_cohort(
    cohort: Cohort,
    plan: Plan,
    *,
    library: Mapping[str, Signature],
    signatures: Sequence[Signature],
    resources: Resources | None = None,
    check: bool = False,
    controls: Controls = _NO_CONTROLS,
    learned: Learned | None = None,
) -> CohortResult:
    """Every signature, population and endpoint of a plan in one cohort, which is read once.

    ``learned`` are the cut-points of a training cohort; None: the cohort learns its own. A clinical column that the
    plan names and the cohort lacks, or that is its outcome, is a ``DataError``, as is a word of the comparator that no
    patient has.
    """
    _LOG.info("%s: scoring", cohort.name)
    started = time.perf_counter()
    check_columns(cohort, plan.clinical_columns())
    if (treatment := plan.treated()) is not None:
        treatment.check_reference(cohort)
    units = [(s, p) for s in signatures for p in plan_populations(s, plan.populations, library)]
    needs = Needs()
    for signature, population in units:
        needs |= needs_of(signature, library) | population.needs(library)
    source = CohortSource(cohort, needs, resources)
    settings = Settings(plan)
    called = _called(source, plan, units, library, learned)
    scored = time.perf_counter()
    _LOG.info("%s: comparing", cohort.name)
    parts = screened(cohort, _parts(source, settings, called, library), settings)
    compared = time.perf_counter()
    strata = tuple(part.called for part in parts)
    comparisons = tuple(comparison for part in parts for comparison in part.comparisons)
    again = partial(_compare_again, parts=parts, settings=settings)
    by_chance = partial(compare_with_random, library=library, resources=resources, controls=controls)
    columns = characteristics(cohort)
    described = (part.told_apart(baseline(cohort, part.strata, columns)) for part in parts if not part.strata.absent)
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
        timings={"scoring": scored - started, "comparing": compared - scored},
        cross_check=cross_check(comparisons, adjusted=bool(plan.covariates or plan.stratify_by)) if check else None,
        null_p=null_p_values(cohort, again, controls) if controls.null_check else None,
        random_signatures=by_chance(cohort, units, plan) if controls.random_signatures else None,
        searches=tuple(part.search for part in parts if part.search is not None),
        learned=training_of(parts) if plan.train == cohort.name else {},
        description=CohortDescription.of(cohort),
    )


_Called = tuple[tuple["Signature", "Population"], str, "Strata | None"]
"""A signature in a population, the one endpoint it is for (empty: all), and its strata (None: yet to be searched)."""


def _called(
    source: CohortSource,
    plan: Plan,
    units: Sequence[tuple[Signature, Population]],
    library: Mapping[str, Signature],
    learned: Learned | None,
) -> list[_Called]:
    """Signatures in populations: each for every endpoint at once, or one by one where the cut is searched on each."""
    called: list[_Called] = []
    for unit in units:
        one_by_one = searches(unit[0], plan, library)
        for asked in plan.endpoints if one_by_one else ("",):
            if learned is not None:
                called.append((unit, asked, applied(source, plan, *unit, asked, library, learned)))
            else:
                called.append((unit, asked, None if one_by_one else _stratify(source, plan, *unit, library)))
    return called


def _parts(
    source: CohortSource, settings: Settings, called: Sequence[_Called], library: Mapping[str, Signature]
) -> list[Part]:
    """What was called, compared."""
    settings.compare_together(source.cohort, [strata for *_, strata in called if strata is not None])
    return [
        search_part(source.cohort, source, settings.plan, *unit, asked, library, settings)
        if strata is None
        else _part(source.cohort, settings, strata, asked)
        for unit, asked, strata in called
    ]


def _part(cohort: Cohort, settings: Settings, strata: Strata, asked: str) -> Part:
    endpoints = (asked,) if asked else settings.plan.endpoints
    again = partial(_compare_all, strata=strata, settings=settings, endpoints=endpoints)
    return Part(asked, strata, again(cohort), again)


def _compare_all(
    cohort: Cohort, strata: Strata, settings: Settings, endpoints: Sequence[str]
) -> tuple[SurvivalComparison, ...]:
    return tuple(_compare(cohort, strata, settings, asked) for asked in endpoints)


def _compare_again(cohort: Cohort, parts: Sequence[Part], settings: Settings) -> tuple[SurvivalComparison, ...]:
    settings.compare_together(cohort, [part.strata for part in parts if part.search is None])
    return tuple(comparison for part in parts for comparison in part.again(cohort))


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


def _compare(cohort: Cohort, strata: Strata, settings: Settings, asked: str) -> SurvivalComparison:
    plan = settings.plan
    endpoint, note = find_endpoint(cohort, asked, equivalents=plan.equivalents)
    if endpoint is None:
        names = (*row_names(strata), *(TREATMENT_ROWS if plan.treatment else ()))
        rows = tuple(with_own_cut(not_possible(name, note), strata) for name in names)
        return SurvivalComparison.of(strata, asked.upper(), rows)
    setting = settings(cohort, strata, endpoint, note)
    rows = compare_two_legs(strata, setting) if len(strata.legs) == 2 else compare_strata(strata, setting)
    if (treatment := plan.treated()) is not None:
        rows += treatment_rows(cohort, strata, setting, treatment)
    subgroups = subgroup_rows(cohort, strata, setting, plan.subgroups)
    return replace(SurvivalComparison.of(strata, endpoint.name, rows, setting.left_out), subgroups=subgroups)
