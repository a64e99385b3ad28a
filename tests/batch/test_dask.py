"""The same tasks on a Dask cluster: a real scheduler and two workers, one of which is killed in the middle."""

from __future__ import annotations

import importlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from strata.analysis import Plan
from strata.batch.engine import outcomes_of
from strata.batch.outcomes import Outcome
from strata.batch.tasks import Task
from strata.errors import InputOutputError, UsageError

PROGRAM, DASK = (Path(sys.executable).with_name(name) for name in ("strata", "dask"))


@pytest.fixture
def cluster(tmp_path, monkeypatch):
    """The address of a scheduler, and two workers, started as the page on clusters says; none outlives the test."""
    # so that workers find modules of a test
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    pytest.importorskip("distributed", reason="needs the extra dask: pip install 'strata-cohort[dask]'")
    log = tmp_path / "scheduler.log"
    started = []
    with log.open("w") as file:
        words = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show"]
        started.append(subprocess.Popen([DASK, "scheduler", *words], stderr=file, stdout=file, cwd=tmp_path))
        address = _address(log, started[0])
        words = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", tmp_path]
        started += [
            subprocess.Popen([DASK, "worker", address, *words], stderr=file, stdout=file, cwd=tmp_path)
            for _ in range(2)
        ]
        yield address, started[1:]
    for process in started:
        process.kill()
        process.wait()


def _address(log, scheduler):
    until = time.monotonic() + 60.0
    while time.monotonic() < until:
        if found := re.search(r"Scheduler at: +(tcp://\S+)", log.read_text()):
            return found[1]
        assert scheduler.poll() is None, log.read_text()
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def test_a_killed_worker_loses_nothing_and_nothing_is_done_twice(same_inputs, plain, differences, cluster, tmp_path):
    address, workers = cluster
    out = tmp_path / "out"
    command = [PROGRAM, "batch", same_inputs.manifest, "--plan", same_inputs.plan, "--out", out, "--scheduler", address]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    first = process.stderr.readline()
    workers[0].send_signal(signal.SIGKILL)
    _, said = process.communicate(timeout=300)
    assert process.returncode == 0, first + said
    lines = [line for line in (first + said).splitlines() if "estimable" in line]
    assert sorted(line.partition(":")[0] for line in lines) == [f"c{i}" for i in range(5)]
    assert differences(out, plain) == []
    assert not pd.read_csv(out / "results.tsv", sep="\t").duplicated().any()
    assert [path for path in out.rglob(".*") if path.name.startswith(".")] == []


MODULE = """
import os
from strata.batch.outcomes import Outcome

def die(task):
    if task.cohort == "c1":
        os._exit(1)
    return Outcome(task.cohort)

def process(task):
    return Outcome(task.cohort, seconds=float(os.getpid()))
"""


@pytest.fixture
def work(tmp_path, monkeypatch):
    """Functions that this process and the workers, which have the folder on their path, can import."""
    (tmp_path / "of_a_test.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("of_a_test")
    del sys.modules["of_a_test"]


def tasks(folder, n):
    plan = Plan.checked(cohorts=["x"], endpoints=["OS"])
    return (Task(f"c{i}", plan, folder) for i in range(n))


def test_a_task_that_no_worker_survives_is_a_failure_and_no_wait_for_ever(tmp_path, cluster, work):
    address, _ = cluster
    words = [DASK, "worker", address, "--no-dashboard"]
    with (tmp_path / "nanny.log").open("w") as log:
        # its nanny starts it anew each time that it dies
        nanny = subprocess.Popen([*words, "--nthreads", "1"], stderr=log, stdout=log, cwd=tmp_path)
        try:
            outcomes = outcomes_of(tasks(tmp_path, 4), scheduler=address, work=work.die)
            found = {outcome.cohort: outcome for outcome in outcomes}
        finally:
            nanny.terminate()
            nanny.wait()
    assert sorted(found) == ["c0", "c1", "c2", "c3"]
    assert [name for name, outcome in found.items() if outcome.exit_status] == ["c1"]
    assert "KilledWorker" in found["c1"].problems[0].what


def test_a_cluster_of_one_worker_is_a_cluster(tmp_path, cluster, work):
    address, workers = cluster
    workers[0].kill()
    outcomes = outcomes_of(tasks(tmp_path, 3), scheduler=address, work=work.process)
    assert {outcome.seconds for outcome in outcomes} == {workers[1].pid}


def only_here(task):
    return Outcome(task.cohort)


def test_workers_that_lack_the_code_are_told(tmp_path, cluster):
    address, _ = cluster
    found = list(outcomes_of(tasks(tmp_path, 2), scheduler=address, work=only_here))
    assert [outcome.exit_status for outcome in found] == [1, 1]
    assert "the cluster could not run it: RuntimeError: 'Error during deserialization" in found[0].problems[0].what
    assert "Have the workers the same strata" in found[0].problems[0].fix


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"pip install 'strata-cohort\[dask\]'"):
        list(outcomes_of(iter(()), scheduler="tcp://127.0.0.1:1"))


def test_a_scheduler_that_is_not_there_is_told():
    dask = pytest.importorskip("dask")
    pytest.importorskip("distributed")
    quick = dask.config.set({"distributed.comm.timeouts.connect": "1s"})
    with quick, pytest.raises(InputOutputError, match=r"tcp://127\.0\.0\.1:9: the cluster cannot be used"):
        list(outcomes_of(iter(()), scheduler="tcp://127.0.0.1:9"))
