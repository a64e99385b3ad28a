"""Running a batch, or a shard of it: one task a cohort, one short record a cohort, whatever happens to each."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from strata.analysis import batch_record, command_line, sha256, write_whole
from strata.batch.engine import outcomes_of
from strata.batch.folder import BatchFolder, Shard
from strata.batch.merging import Merged, find_shards, merge
from strata.batch.tasks import Task
from strata.errors import Problem, StrataError, UsageError

if TYPE_CHECKING:
    from strata.batch.manifest import Manifest, Row
    from strata.batch.outcomes import Outcome

__all__ = ["BatchOptions", "Ended", "run_batch"]


_WHOLE = Shard()


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """How a batch is run.

    Parameters
    ----------
    jobs : int
        Processes on this machine; the results are the same for any number.
    scheduler : str, optional
        The address of a Dask scheduler, whose workers are used instead.
    shard : Shard
        The part of the cohorts that is run.
    resume : bool
        Go on in a folder: cohorts that were finished from the same bytes, plan and version stay.
    fail_fast : bool
        Stop at the first cohort that fails.
    figures : bool
        Draw the figures of each cohort.
    reports : bool
        Write the page of each cohort.
    survival : bool
        False: scores and calls alone.
    timeout : float, optional
        Seconds that a cohort may take, as of ``run_plan``; not with ``scheduler``.
    """

    jobs: int = 1
    scheduler: str | None = None
    shard: Shard = _WHOLE
    resume: bool = False
    fail_fast: bool = False
    figures: bool = False
    reports: bool = False
    survival: bool = True
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """How a batch ended.

    Parameters
    ----------
    cohorts, failed, reused : int
        Cohorts that were taken up; of them, those that failed, and those that an earlier run had finished.
    exit_status : int
        0; 1 when a cohort failed, 70 when that was our own mistake.
    stopped : bool
        Whether it stopped at the first failure: nothing is merged then.
    merged : Merged, optional
        The tables of all cohorts; None of a shard.
    """

    cohorts: int
    failed: int
    reused: int
    exit_status: int
    stopped: bool = False
    merged: Merged | None = None


def run_batch(
    manifest: Manifest,
    out: str | Path,
    options: BatchOptions,
    *,
    progress: Callable[[Outcome], None],
    say: Callable[[str], None],
) -> Ended:
    """Run the cohorts of a manifest, each into a folder of its own; then merge them, unless it is a shard.

    Parameters
    ----------
    manifest : Manifest
    out : path
        Absent, empty, or of other shards of this batch; with ``resume`` of this batch.
    options : BatchOptions
    progress : callable
        Called with each outcome, as cohorts are done.
    say : callable
        Called with what else a user must know.

    Raises
    ------
    UsageError
        When ``out`` holds a cohort's tables, or dask is asked for and not installed, or together with a timeout.
    InputOutputError
        When ``out`` cannot be used, or somebody else writes into it.
    """
    if options.timeout is not None and options.scheduler is not None:
        what = "is not available with --scheduler, whose workers compute in threads"
        raise UsageError(Problem("--timeout", what, "Leave one of them out", code="E703"))
    started = datetime.now().astimezone()
    folder, shard = BatchFolder(Path(out)), options.shard
    rows = manifest.rows[shard.number - 1 :: shard.of]
    _check_inputs(folder.path, rows)
    folder.make()
    with folder.writing(shard, say=say):
        folder.check(shard, resume=options.resume)
        _write_record(folder, manifest, options, rows, started, None)
        ended = _run(folder, manifest, options, rows, progress)
        if ended.stopped:
            return ended
        _write_record(folder, manifest, options, rows, started, datetime.now().astimezone())
        if shard.of > 1:
            return ended
        merged = merge(find_shards([folder]), folder.path, overwrite=True, alone=True, started=started)
    return Ended(ended.cohorts, ended.failed, ended.reused, ended.exit_status, merged=merged)


def _check_inputs(out: Path, rows: Sequence[Row]) -> None:
    """Refuse a folder that holds what is read: it will be replaced."""
    target = out.resolve()
    inside = [row for row in rows if Path(row.path).resolve().is_relative_to(target)]
    if inside:
        what = f"holds the tables of {len(inside)} cohorts, the first of which is {inside[0].cohort}"
        raise UsageError(Problem(str(out), what, "Give another folder", code="E707"))


def _run(
    folder: BatchFolder,
    manifest: Manifest,
    options: BatchOptions,
    rows: Sequence[Row],
    progress: Callable[[Outcome], None],
) -> Ended:
    names = {row.cohort for row in rows}
    folder.sweep(names)
    n = failed = reused = status = 0
    try:
        tasks = _tasks(folder, manifest, options, rows)
        with closing(outcomes_of(tasks, jobs=options.jobs, scheduler=options.scheduler)) as outcomes:
            for outcome in outcomes:
                if not outcome.reused:
                    folder.keep(outcome)
                n, reused = n + 1, reused + outcome.reused
                progress(outcome)
                if outcome.exit_status:
                    failed += 1
                    status = max(status, StrataError.exit_status if outcome.exit_status == 70 else 1)
                    if options.fail_fast:
                        return Ended(n, failed, reused, status, stopped=True)
    finally:
        folder.sweep(names)
    return Ended(n, failed, reused, status)


def _tasks(folder: BatchFolder, manifest: Manifest, options: BatchOptions, rows: Sequence[Row]) -> Iterator[Task]:
    parent = os.getpid() if options.scheduler is None else None
    for row in rows:
        plan = manifest.plan_of(row)
        what = (options.resume, options.figures, options.reports, options.timeout)
        yield Task(row.cohort, plan, folder.path, *what, parent)


def _write_record(
    folder: BatchFolder,
    manifest: Manifest,
    options: BatchOptions,
    rows: Sequence[Row],
    started: datetime,
    finished: datetime | None,
) -> None:
    """Write the record of a shard: when it begins, without an end, and when it has ended."""
    about: dict[str, Any] = {
        "kind": "shard",
        "shard": list(options.shard),
        "host": socket.gethostname(),
        "manifest": {"path": str(manifest.path.absolute()), "sha256": sha256(manifest.path)},
        "plan": manifest.plan.model_dump(mode="json", by_alias=True, exclude={"cohorts"}),
        "survival": options.survival,
        "figures": options.figures,
        "reports": options.reports,
        "cohorts": [row.cohort for row in rows],
    }
    record = batch_record(about, argv=command_line(), started=started, finished=finished or started)
    if finished is None:
        record["finished"] = None
    write_whole(folder.record(options.shard), json.dumps(record, indent=1) + "\n")
