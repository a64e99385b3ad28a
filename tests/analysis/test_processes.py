"""Worker processes end with the process that started them."""

from __future__ import annotations

import os
import subprocess
import sys
import time

IDLE = """
import os, time
from joblib import Parallel, delayed
from strata.analysis.processes import worker_processes

def work(seconds):
    time.sleep(seconds)
    return os.getpid()

for pid in Parallel(2, worker_processes(), return_as="generator_unordered", batch_size=1)(
    delayed(work)(seconds) for seconds in (0.2, 0.2)
):
    print(pid, flush=True)
time.sleep(600)
"""


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_idle_processes_end_soon_after_their_parent_was_killed() -> None:
    parent = subprocess.Popen([sys.executable, "-c", IDLE], stdout=subprocess.PIPE, text=True)
    workers = {int(parent.stdout.readline()) for _ in range(2)}
    assert all(map(alive, workers))
    parent.kill()
    # who reads from the pipe of a killed run is not kept waiting by its workers
    parent.communicate(timeout=60)
    until = time.monotonic() + 60
    while any(map(alive, workers)) and time.monotonic() < until:
        time.sleep(0.1)
    assert not any(map(alive, workers))
