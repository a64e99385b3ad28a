"""A batch of many small cohorts: time a cohort, memory over time, and what is left after kill -9.

    make bench-batch                                   # 500 cohorts
    make bench-batch ARGS="--cohorts 10000 --jobs 2"
    make bench-batch ARGS="--kill"                     # kill it at a random moment as well, and resume

The cohorts are simulated: 100 patients, two genes, one endpoint; the plan asks of one signature. Nothing is drawn.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from strata.simulate import load_scenario, simulate_cohort
from strata.writing import write_flat

PROGRAM = Path(sys.executable).with_name("strata")
SCENARIO = """\
name: small
description: Invented, without any meaning.
seed: 1
patients: {patients}
mrna:
  features:
    IGF1R: {{mean: 9.3, sd: 1.2}}
    SPHK1: {{mean: 7.1, sd: 0.9}}
endpoints:
  OS: {{hazard: 0.02}}
censoring: {{accrual: 24, follow_up: 60, drop_out: 0.002}}
"""
PLAN = "signatures: [igf1r-high]\nendpoints: [OS]\n"


def make(folder: Path, cohorts: int, patients: int) -> None:
    """Simulate the cohorts, with their manifest and the plan."""
    (folder / "scenario.yaml").write_text(SCENARIO.format(patients=patients))
    scenario = load_scenario(folder / "scenario.yaml")
    names = [f"c{i:05}" for i in range(cohorts)]
    for seed, name in enumerate(names):
        tables, _ = simulate_cohort(scenario, seed=seed)
        write_flat(tables, folder / "data" / name)
    lines = ["cohort\tpath", *(f"{name}\tdata/{name}" for name in names)]
    (folder / "manifest.tsv").write_text("\n".join(lines) + "\n")
    (folder / "plan.yaml").write_text(PLAN)


def start(folder: Path, out: Path, jobs: int, *more: str) -> subprocess.Popen[str]:
    """A batch in a process of its own."""
    words = ["batch", folder / "manifest.tsv", "--plan", folder / "plan.yaml", "--out", out, "--jobs", str(jobs), *more]
    return subprocess.Popen([PROGRAM, *words], stderr=subprocess.PIPE, text=True)


def megabytes(pid: int) -> float:
    """What a process has in memory; 0 when it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024.0


def children(pid: int) -> Iterator[int]:
    """The processes that a process started."""
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        yield from map(int, tasks.read_text().split())


def measured(folder: Path, out: Path, jobs: int, *more: str) -> tuple[dict[str, float], np.ndarray]:
    """Run a batch; returns its times, and the memory (process, largest worker) after each cohort."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    process = start(folder, out, jobs, *more)
    memory: list[tuple[float, float]] = []
    for line in process.stderr or ():
        if "estimable" in line:
            memory.append((megabytes(process.pid), max(map(megabytes, children(process.pid)), default=0.0)))
            ran = time.perf_counter() - began
        elif "failed" not in line and not line.startswith("table"):
            print(line, end="", file=sys.stderr)
    process.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        raise RuntimeError(f"strata batch ended with {process.returncode}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    # ru_maxrss is the largest of all that have ended: the coordinating process, at its highest while it merges
    times = {"running": ran, "merging": time.perf_counter() - began - ran, "cpu": cpu, "peak": after.ru_maxrss / 1024.0}
    return times, np.array(memory)


def tables(out: Path) -> str:
    """One SHA-256 of all tables that must be the same in two batches."""
    digest = hashlib.sha256()
    for file in sorted([*out.glob("*.tsv"), *out.glob("results/*/*"), *out.glob("cohorts/*/*.tsv")]):
        digest.update(f"{file.relative_to(out)}\n".encode() + file.read_bytes())
    return digest.hexdigest()


def growth(memory: np.ndarray) -> str:
    """Memory near the beginning and at the end, and its slope over the cohorts."""
    first, last = memory[len(memory) // 20], memory[-1]
    # caches fill and code is compiled in the first fifth
    later = memory[len(memory) // 5 :]
    slope = np.polyfit(np.arange(len(later)), later, 1)[0] * 1000.0
    return f"{first:.0f} MB after 5 %, {last:.0f} MB at the end, {slope:+.2f} MB a 1,000 cohorts after the first fifth"


def killed(folder: Path, out: Path, jobs: int, seconds: float) -> str:
    """Kill a batch at a random moment, three times, then finish it."""
    chance = random.Random(1)
    for _ in range(3):
        process = start(folder, out, jobs, "--resume")
        time.sleep(chance.random() * seconds / 3.0)
        process.kill()
        process.communicate()
    process = start(folder, out, jobs, "--resume")
    _, said = process.communicate()
    return next(line for line in said.splitlines() if "analysed" in line)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cohorts", type=int, default=500)
    parser.add_argument("--patients", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--kill", action="store_true", help="also kill -9 it three times, and compare")
    asked = parser.parse_args()
    n = asked.cohorts
    with tempfile.TemporaryDirectory() as name:
        folder, out = Path(name), Path(name) / "out"
        make(folder, n, asked.patients)
        times, memory = measured(folder, out, asked.jobs)
        again, _ = measured(folder, out, asked.jobs, "--resume")
        each = {name: 1e3 * seconds / n for name, seconds in times.items()}
        nothing = 1e3 * (again["running"] + again["merging"]) / n
        print(f"{n} cohorts of {asked.patients} patients, --jobs {asked.jobs}, {os.cpu_count()} cores")
        print(f"wall: {each['running']:.1f} ms a cohort, start included, and {each['merging']:.1f} ms to merge it")
        print(f"cpu: {each['cpu']:.1f} ms a cohort, merging included; resumed with nothing to do: {nothing:.1f} ms")
        print(f"first process: {growth(memory[:, 0])}; largest of all at its peak: {times['peak']:.0f} MB")
        if asked.jobs > 1:
            print(f"largest worker: {growth(memory[:, 1])}")
        minutes, hours = (each["running"] + each["merging"]) / 6.0, each["cpu"] / 360.0
        print(f"10,000 such cohorts at the same pace: {minutes:.0f} min, {hours:.2f} core-hours")
        if asked.kill:
            again_out = Path(name) / "killed"
            print(f"killed three times and resumed: {killed(folder, again_out, asked.jobs, times['running'])}")
            print(f"tables equal: {tables(out) == tables(again_out)}")


if __name__ == "__main__":
    main()
