"""Who works on the tasks: a process that is killed costs one cohort at most, and a batch that ended has no heirs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

from strata.analysis import Plan
from strata.batch.engine import outcomes_of
from strata.batch.outcomes import Outcome
from strata.batch.tasks import Task

# the processes cannot import a file of tests
cloudpickle = pytest.importorskip("cloudpickle")
cloudpickle.register_pickle_by_value(sys.modules[__name__])


def tasks(folder, n):
    plan = Plan.checked(cohorts=["x"], endpoints=["OS"])
    return (Task(f"c{i}", plan, folder) for i in range(n))


def die_sometimes(task):
    """The third cohort takes down every process that has it."""
    if task.cohort == "c2":
        os.kill(os.getpid(), signal.SIGKILL)
    return Outcome(task.cohort)


def test_a_killed_process_costs_the_cohort_that_it_always_dies_of(tmp_path):
    found = {outcome.cohort: outcome for outcome in outcomes_of(tasks(tmp_path, 9), jobs=2, work=die_sometimes)}
    assert sorted(found) == [f"c{i}" for i in range(9)]
    assert [name for name, outcome in found.items() if outcome.exit_status] == ["c2"]
    (problem,) = found["c2"].problems
    assert "the process that worked on it ended: SIGKILL (out of memory?)" in problem.what
    assert "--jobs" in problem.fix
    assert found["c2"].endpoints == ("OS",)


def quick(task):
    return Outcome(task.cohort, seconds=float(os.getpid()))


def test_tasks_are_made_as_they_are_needed(tmp_path):
    made = []

    def counted():
        for task in tasks(tmp_path, 200):
            made.append(task.cohort)
            yield task

    outcomes = outcomes_of(counted(), jobs=2, work=quick)
    next(outcomes)
    assert len(made) < 50
    assert len(list(outcomes)) == 199


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_task_has_one_outcome(tmp_path, jobs):
    found = list(outcomes_of(tasks(tmp_path, 40), jobs=jobs, work=quick))
    assert sorted(outcome.cohort for outcome in found) == sorted(f"c{i}" for i in range(40))
    # in this process, or in others: of two, one may do them all where the second starts late
    assert (float(os.getpid()) in {outcome.seconds for outcome in found}) is (jobs == 1)


SLOW = """
import sys, time
from pathlib import Path
from strata.analysis import load_plan
from strata.batch import BatchOptions, read_manifest, run_batch
import strata.batch.tasks as tasks

real = tasks.run_plan
def slowly(plan, **how):
    (Path(sys.argv[4]) / plan.cohorts[0].name).touch()
    time.sleep(1.0)
    return real(plan, **how)

def run(task):
    tasks.run_plan = slowly
    return tasks.run_task(task)

from strata.batch import engine
manifest = read_manifest(sys.argv[1], load_plan(sys.argv[2], cohorts=[sys.argv[1]]))
import functools
import strata.batch.running as running
running.outcomes_of = functools.partial(engine.outcomes_of, work=run)
run_batch(manifest, sys.argv[3], BatchOptions(jobs=2), progress=lambda _: None, say=print)
"""


def test_the_processes_of_a_batch_that_was_killed_publish_nothing_more(inputs, tmp_path, batch, differences):
    begun = tmp_path / "begun"
    begun.mkdir()
    out = tmp_path / "out"
    process = subprocess.Popen([sys.executable, "-c", SLOW, inputs.manifest, inputs.plan, out, begun])
    while len(list(begun.iterdir())) < 2:
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    process.wait()
    until = time.monotonic() + 60.0
    while list((out / "cohorts").iterdir()) and time.monotonic() < until:
        time.sleep(0.1)
    assert list((out / "cohorts").iterdir()) == []
    assert len(list(begun.iterdir())) == 2
    assert batch(inputs, out, resume=True).ended.exit_status == 0
    assert set(pd.read_csv(out / "results.tsv", sep="\t")["cohort"]) == {f"c{i}" for i in range(5)}
