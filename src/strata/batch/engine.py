"""Who works on the tasks: this process, several on this machine, or the workers of a Dask cluster."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any

from strata.analysis.processes import end_with, uninterrupted, worker_processes
from strata.batch.outcomes import Outcome, lost, not_run
from strata.batch.tasks import Task, run_task
from strata.errors import InputOutputError, Problem, UsageError

__all__ = ["outcomes_of"]

Work = Callable[[Task], Outcome]


def outcomes_of(
    tasks: Iterator[Task], *, jobs: int = 1, scheduler: str | None = None, work: Work = run_task
) -> Generator[Outcome]:
    """The outcome of every task, whichever is done first; a few tasks are in memory at a time.

    Parameters
    ----------
    tasks : iterator of Task
    jobs : int
        Processes on this machine.
    scheduler : str, optional
        The address of a Dask scheduler, whose workers are used instead.
    work : callable
        Makes the outcome of a task; it can be pickled.

    Raises
    ------
    UsageError
        When dask is not installed.
    InputOutputError
        When the scheduler cannot be reached or has no worker.
    """
    if scheduler is not None:
        yield from _by_dask(tasks, scheduler, work)
    elif jobs == 1:
        yield from map(work, tasks)
    else:
        yield from _by_processes(tasks, jobs, work)


def _by_processes(tasks: Iterator[Task], jobs: int, work: Work) -> Iterator[Outcome]:
    """One machine. A process that is killed takes all others with it, so what they held is then run one by one."""
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    flying: dict[str, Task] = {}
    while True:
        try:
            for outcome in _parallel(tasks, flying, work, n_jobs=jobs, backend=worker_processes()):
                del flying[outcome.cohort]
                yield outcome
        except TerminatedWorkerError:
            held = list(flying.values())
            flying.clear()
            yield from (_alone(task, work) for task in held)
        else:
            return


def _parallel(tasks: Iterator[Task], flying: dict[str, Task], work: Work, **how: Any) -> Iterator[Outcome]:
    """Outcomes by joblib; ``flying`` holds the tasks that were handed out."""
    from joblib import Parallel, delayed

    def handed_out() -> Iterator[Any]:
        for task in tasks:
            flying[task.cohort] = task
            yield delayed(work)(task)

    with uninterrupted():
        outcomes = Parallel(return_as="generator_unordered", batch_size=1, **how)(handed_out())
    try:
        for outcome in outcomes:  # noqa: UP028  (yield from would close them before the warning is caught)
            yield outcome
    finally:
        with warnings.catch_warnings():
            # who stops before the end knows that tasks are cancelled
            warnings.simplefilter("ignore")
            outcomes.close()


def _alone(task: Task, work: Work) -> Outcome:
    """A task in a process of its own."""
    from joblib.externals.loky import ProcessPoolExecutor
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    with uninterrupted():
        pool = ProcessPoolExecutor(max_workers=1, initializer=end_with, initargs=(os.getpid(),))
        answer = pool.submit(work, task)
    try:
        outcome: Outcome = answer.result()
    except TerminatedWorkerError as error:
        signal = re.search(r"SIG[A-Z]+", str(error))
        return lost(task, signal[0] if signal else "killed")
    finally:
        pool.shutdown()
    return outcome


def _by_dask(tasks: Iterator[Task], address: str, work: Work) -> Iterator[Outcome]:
    with _cluster(address) as backend:
        # workers may join later: there is something for them as well
        yield from _parallel(tasks, {}, work, n_jobs=-1, backend=backend, pre_dispatch="2 * n_jobs + 200")


@contextmanager
def _cluster(address: str) -> Iterator[Any]:
    """The workers of a scheduler as a backend of joblib; the task of a worker that is killed goes to another."""
    try:
        from distributed import Client, KilledWorker
        from joblib._dask import DaskDistributedBackend
    except ImportError as error:
        fix = "Install it: pip install 'strata-cohort[dask]'"
        raise UsageError(Problem("--scheduler", "dask is not installed", fix, code="E908")) from error

    class Backend(DaskDistributedBackend):  # type: ignore[misc]
        def effective_n_jobs(self, n_jobs: int) -> int:
            """More than one: with one worker joblib would run the tasks in this process."""
            return max(2, int(super().effective_n_jobs(n_jobs)))

        def submit(self, func: Any, callback: Any = None) -> Any:
            """Answer also for a task that no worker survives: joblib would wait for it for ever."""
            future = super().submit(func, callback)
            (_, (task, *_), _), *_ = func.items

            def answer(done: Any) -> None:
                if isinstance(error := done.exception(), KilledWorker):
                    callback([lost(task, "KilledWorker")])
                elif error is not None:
                    callback([not_run(task, error)])

            future.add_done_callback(answer)
            return future

    try:
        client = Client(address, set_as_default=False)
    except (OSError, ValueError) as error:
        raise _unreachable(address, str(error)) from error
    try:
        try:
            client.wait_for_workers(1, timeout=_PATIENCE)
        except TimeoutError as error:
            raise _unreachable(address, f"no worker in {_PATIENCE} s") from error
        yield Backend(client=client)
    finally:
        client.close()


_PATIENCE = 30
"""Seconds that a cluster has to start its first worker."""


def _unreachable(address: str, why: str) -> InputOutputError:
    fix = "Is the scheduler running? Start one with: dask scheduler; and workers with: dask worker ADDRESS --nthreads 1"
    return InputOutputError(Problem(address, f"the cluster cannot be used: {why}", fix, code="E909"))
