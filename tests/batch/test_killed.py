"""kill -9 at a random moment leaves a folder that --resume finishes, as if nothing had been."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROGRAM = Path(sys.executable).with_name("strata")


def start(inputs, out, *words):
    command = [PROGRAM, "batch", inputs.manifest, "--plan", inputs.plan, "--out", out, *words]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize(("seed", "jobs"), [(1, 1), (2, 1), (3, 1), (4, 2)])
def test_a_batch_that_was_killed_is_finished_by_resume(same_inputs, plain, differences, tmp_path, seed, jobs):
    chance = random.Random(seed)
    out = tmp_path / "out"
    for _ in range(2):
        process = start(same_inputs, out, "--resume", "--jobs", str(jobs))
        for _ in range(chance.randint(0, 3)):
            process.stderr.readline()
        time.sleep(chance.random() * 0.8)
        process.kill()
        process.communicate()
        # whatever has its name is whole
        for folder in out.glob("cohorts/[!.]*"):
            assert (folder / "run.json").is_file(), folder
    process = start(same_inputs, out, "--resume", "--jobs", str(jobs))
    _, said = process.communicate(timeout=300)
    assert process.returncode == 0, said
    assert differences(out, plain) == []
    left = [path for path in out.rglob(".*") if path.name.startswith(".")]
    assert left == []


def test_a_batch_that_was_killed_while_it_merged_is_finished_by_resume(same_inputs, plain, differences, tmp_path):
    stop = """
import os, signal, sys
from strata.batch import merging
real = merging.write_record
def killed(record, folder):
    os.kill(os.getpid(), signal.SIGKILL)
merging.write_record = killed
from strata.cli import main
main()
"""
    out = tmp_path / "out"
    words = ["batch", same_inputs.manifest, "--plan", same_inputs.plan, "--out", out]
    killed = subprocess.run([sys.executable, "-c", stop, *words], check=False, capture_output=True)
    assert killed.returncode == -9
    assert [path.name for path in out.glob("*.tsv")] == []
    done = subprocess.run([PROGRAM, *words, "--resume"], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "took over from process" in done.stderr
    assert "5 analysed (5 of them before)" in done.stderr
    assert differences(out, plain) == []
    assert [path for path in out.iterdir() if path.name.startswith(".")] == []
