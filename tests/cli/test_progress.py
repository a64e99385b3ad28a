"""What a run says while it goes on, on a terminal and elsewhere."""

from __future__ import annotations

import logging
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(sys.executable).with_name("strata")
ERASED = "\r\x1b[K"


def on_a_terminal(*words: object) -> tuple[int, str]:
    """Exit status and everything that a terminal is sent, its line ends as newlines."""
    ours, theirs = pty.openpty()
    environment = os.environ | {"COLUMNS": "40"}
    running = subprocess.Popen([PROGRAM, *map(str, words)], stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    said = b""
    try:
        while part := os.read(ours, 4096):
            said += part
    except OSError:
        pass  # how Linux says that the other end is closed
    finally:
        os.close(ours)
    return running.wait(), said.decode().replace("\r\n", "\n")


def test_a_terminal_shows_each_stage_and_keeps_the_line_of_the_cohort(small, tmp_path):
    status, said = on_a_terminal("compare", small, "igf1r-high", "--endpoint", "OS", "--out", tmp_path / "out")
    assert status == 0, said
    stages = [part.rpartition("\n")[2] for part in said.split(ERASED)]
    shown = [stage for stage in stages if stage]
    assert shown == [
        "small: reading",
        "small: scoring",
        "small: comparing",
        "small: comparing",
        "writing tables",
        "drawing figure 1 of 1",
        "writing report.html",
    ]
    # what stays: of every line that is written over, its last text
    kept = [line.rpartition(ERASED)[2] for line in said.rstrip("\n").split("\n")]
    assert re.fullmatch(r"small: 1 comparison, 1 estimable, compared in \d+\.\d s", kept[0])
    assert re.fullmatch(r"done in \d+\.\d s", kept[1])
    assert kept[2].startswith("figure: ")
    assert "" not in kept


def test_a_stage_is_never_longer_than_the_line(small, tmp_path):
    name = "a-cohort-with-a-name-that-is-longer-than-the-terminal-is-wide"
    words = ("compare", small, "igf1r-high", "--endpoint", "OS", "--out", tmp_path / "out", "--name", name)
    _, said = on_a_terminal(*words)
    stages = [part for part in said.split(ERASED) if "\n" not in part]
    assert f"{name}: reading"[:39] in stages
    assert max(map(len, stages)) < 40


def test_elsewhere_there_are_no_stages_and_the_whole_time_is_told(strata, small, tmp_path):
    ran = strata("compare", small, "igf1r-high", "--endpoint", "OS", "--out", tmp_path / "out")
    lines = ran.err.splitlines()
    assert "\x1b" not in ran.err
    compared, done = (float(re.search(r" in (\d+\.\d) s$", line)[1]) for line in lines[:2])
    assert lines[1].startswith("done in ")
    assert compared < done
    assert logging.getLogger("strata").handlers == []


@pytest.mark.parametrize("jobs", [1, 2])
def test_of_several_cohorts_each_has_its_line(root, tmp_path, jobs):
    paths = [root / "synthetic" / name / "flat" for name in ("one-event", "heavy-ties")]
    plan = tmp_path / "plan.yaml"
    folders = "".join(f"  - {{path: '{path}', name: c{i}}}\n" for i, path in enumerate(paths))
    plan.write_text(f"cohorts:\n{folders}signatures: [igf1r-high]\nendpoints: [OS]\n")
    status, said = on_a_terminal("run", plan, "--out", tmp_path / "out", "--no-figures", "--jobs", jobs)
    assert status == 0, said
    kept = [line.rpartition(ERASED)[2] for line in said.rstrip("\n").split("\n")]
    assert [line.partition(" comparison")[0] for line in kept[:2]] == ["c0: 1", "c1: 1"]
    assert ("reading and comparing 2 cohorts in 2 processes"[:39] in said) == (jobs == 2)
    assert ("c1: reading" in said) == (jobs == 1)


def test_a_warning_is_a_line_of_its_own(capsys):
    from strata.cli.progress import RunProgress

    before = logging.getLogger("strata").level
    with RunProgress():
        logging.getLogger("strata").info("reading")
        logging.getLogger("strata").warning("took over")
    assert capsys.readouterr().err == "took over\n"
    assert logging.getLogger("strata").level == before
