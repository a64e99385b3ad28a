"""kill -9 at a random moment leaves a folder that --resume finishes, as if nothing had been."""

from __future__ import annotations

import json
import random
import shutil
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
        # its processes end with it, and let go of its pipe
        process.communicate(timeout=60)
        # whatever has its name is whole
        for folder in out.glob("cohorts/[!.]*"):
            assert (folder / "run.json").is_file(), folder
    process = start(same_inputs, out, "--resume", "--jobs", str(jobs))
    _, said = process.communicate(timeout=300)
    assert process.returncode == 0, said
    assert differences(out, plain) == []
    left = [path for path in out.rglob(".*") if path.name.startswith(".")]
    assert left == []


KILLED_WHILE_MOVING = """
import os, pathlib, signal, sys
turn, words = int(sys.argv[1]), sys.argv[2:]
real, turns = pathlib.Path.replace, []
def killed(self, target):
    turns.append(None)
    if len(turns) == turn:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(self, target)
pathlib.Path.replace = killed
sys.argv = ["strata", *words]
from strata.cli import main
main()
"""


@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_the_tables_are_old_or_new_when_a_merge_is_killed_while_it_moves_them(
    same_inputs, plain, differences, tmp_path, place
):
    out = tmp_path / "out"
    shutil.copytree(plain, out)
    names = json.loads((plain / "run.json").read_text())["outputs"]
    turn = {"first": 1, "middle": len(names) + 4, "last": 2 * (len(names) + 1)}[place]
    command = [sys.executable, "-c", KILLED_WHILE_MOVING, str(turn), "merge", str(out)]
    assert subprocess.run(command, check=False, capture_output=True).returncode == -9
    # what is refused has brought the old ones back
    words = ["batch", same_inputs.manifest, "--plan", same_inputs.plan, "--out", out]
    refused = subprocess.run([PROGRAM, *words], check=False, capture_output=True, text=True)
    assert (refused.returncode, "holds a batch already" in refused.stderr) == (6, True)
    assert differences(out, plain) == []
    assert (out / "run.json").is_file()
    assert [path.name for path in out.rglob(".*")] == []
    done = subprocess.run([PROGRAM, "merge", out], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert differences(out, plain) == []


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
