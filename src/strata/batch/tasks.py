"""A task: one cohort with its own plan, run into its own folder by whichever process takes it."""

from __future__ import annotations

import os
import time
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from strata.analysis import run_plan
from strata.analysis.processes import WORKING
from strata.batch.folder import BatchFolder
from strata.batch.outcomes import Outcome, failed, finished, is_current
from strata.report import run_to_folder

if TYPE_CHECKING:
    from strata.analysis import Plan, Results

__all__ = ["Task", "run_task"]


@dataclass(frozen=True, slots=True)
class Task:
    """A cohort to run; a plain value that is sent to another process.

    Parameters
    ----------
    cohort : str
    plan : Plan
        Of this cohort alone.
    folder : Path
        Of the batch.
    resume : bool
        Leave it as it is where it was finished from the same bytes, plan and version.
    figures, reports : bool
        Draw the figures, and write the page.
    timeout : float, optional
        As of ``run_plan``.
    parent : int, optional
        The process on this machine that wants the answer: when it is gone, nobody does.
    """

    cohort: str
    plan: Plan
    folder: Path
    resume: bool = False
    figures: bool = False
    reports: bool = False
    timeout: float | None = None
    parent: int | None = None


def run_task(task: Task) -> Outcome:
    """Run a cohort into ``cohorts/NAME``; whatever is wrong with it is in the outcome and raises nothing."""
    from joblib import parallel_config
    from threadpoolctl import threadpool_limits

    # one thread of linear algebra: sums are then added up in the same order, however many cohorts run at a time
    alone = WORKING if task.parent is not None else nullcontext()
    with alone, parallel_config("sequential"), threadpool_limits(1):
        try:
            return _outcome(task)
        except _OrphanedError:
            os._exit(1)


def _outcome(task: Task) -> Outcome:
    folder = BatchFolder(task.folder)
    before = folder.outcome(task.cohort) if task.resume else None
    if before is not None and is_current(before, task.plan, figures=task.figures, reports=task.reports):
        return replace(before, reused=True)
    started, target = time.perf_counter(), folder.cohort(task.cohort)
    try:
        _leave_if_orphaned(task)
        folder.forget(task.cohort)
        results = run_to_folder(
            lambda: _run(task),
            target,
            inputs=task.plan.inputs(),
            figures=task.figures,
            page=task.reports,
            alone=True,
        )
        seconds = time.perf_counter() - started
        return finished(task.plan, results, target, figures=task.figures, reports=task.reports, seconds=seconds)
    except Exception as error:  # noqa: BLE001  one bad cohort never ends the batch, whatever is wrong with it
        return failed(task.cohort, task.plan, error, seconds=time.perf_counter() - started)


def _run(task: Task) -> Results:
    results = run_plan(task.plan, timeout=task.timeout)
    _leave_if_orphaned(task)
    return results


class _OrphanedError(BaseException):
    """The batch was killed, and another may have been begun in the same folder."""


def _leave_if_orphaned(task: Task) -> None:
    """Leave nothing behind where nobody is there any more who asked."""
    if task.parent is not None and task.parent not in (os.getpid(), os.getppid()):
        raise _OrphanedError
