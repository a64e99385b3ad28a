"""What goes wrong while a run writes: it is killed at any stage, meets another run, a full or a closed disk."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROGRAM = Path(sys.executable).with_name("strata")

KILLED = """
import importlib, os, signal, sys
place, turn, *words = sys.argv[1:]
module, _, name = place.rpartition(":")
owner = importlib.import_module(module)
*inside, name = name.split(".")
for part in inside:
    owner = getattr(owner, part)
real, turns = getattr(owner, name), []

def reached(*args, **how):
    turns.append(None)
    if len(turns) == int(turn):
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*args, **how)

setattr(owner, name, reached)
sys.argv = ["strata", *words]
from strata.cli import main
main()
"""
"""Run the program, and kill it when a function of it is called for the so-manieth time."""

STAGES = {
    "reading": ("strata.analysis.run:read_cohort", 1),
    "scoring": ("strata.analysis.run:_called", 1),
    "comparing": ("strata.analysis.run:screened", 1),
    "writing calls": ("strata.report.folder:write_calls", 1),
    "writing a table": ("strata.report.tables:write_tsv", 6),
    "drawing": ("strata.report.folder:draw_figures", 1),
    "writing the record": ("strata.report.folder:write_record", 1),
    "before publishing": ("strata.analysis.output:_publish", 1),
    "waiting for the disk": ("strata.analysis.output:sync", 3),
    "moving the first file": ("pathlib:Path.replace", 1),
    "moving a file": ("pathlib:Path.replace", 9),
    "moving the record": ("strata.analysis.output:_remove_empty", 1),
}


CASES = [
    *((stage, "an earlier run") for stage in STAGES),
    *((stage, "nothing") for stage in ("writing the record", "before publishing")),
    *((stage, "an empty folder") for stage in ("before publishing", "moving a file", "moving the record")),
]


def words(cohort: Path, out: Path, *more: str) -> list[str]:
    return ["compare", str(cohort), "igf1r-high", "--endpoint", "OS", "--out", str(out), *more]


def files(folder: Path) -> dict[str, bytes]:
    """Every file, hidden ones too, without the record's times; of the page, which tells the command, the end."""
    found = {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()}
    kept = {name: content for name, content in found.items() if name != "run.json"}
    return kept | {name: content[-7:] for name, content in kept.items() if name == "report.html"}


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory, cohort_writer) -> tuple[Path, dict[str, bytes]]:
    """A cohort, and what an uninterrupted run of it writes."""
    home = tmp_path_factory.mktemp("whole")
    cohort = cohort_writer(home / "small")
    subprocess.run([PROGRAM, *words(cohort, home / "out")], check=True, capture_output=True)
    return cohort, files(home / "out")


@pytest.mark.parametrize(("stage", "before"), CASES, ids=" of ".join)
def test_a_run_that_is_killed_leaves_nothing_that_looks_whole_and_the_next_one_is(whole, tmp_path, stage, before):
    cohort, expected = whole
    out = tmp_path / "results" / "out"
    out.parent.mkdir()
    more = []
    if before != "nothing":
        out.mkdir()
    if before == "an earlier run":
        (out / "results.tsv").write_text("old")
        (out / "run.json").write_text(json.dumps({"outputs": ["results.tsv"]}))
        more = ["--overwrite"]
    place, turn = STAGES[stage]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, place, str(turn), *words(cohort, out, *more)], capture_output=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    # the first file is the record of the earlier run
    moving = stage in ("moving a file", "moving the record")
    if before == "an earlier run" and not moving:
        assert (out / "results.tsv").read_text() == "old"
        assert (out / "run.json").exists()
    elif stage != "moving the record":
        assert not (out / "run.json").exists()
    # after all moves the files are those of the new run: only who says so replaces them
    again = ["--overwrite"] if stage == "moving the record" else more
    done = subprocess.run([PROGRAM, *words(cohort, out, *again)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"{out}: took over from process " in done.stderr
    assert files(out) == expected
    assert [path.name for path in out.parent.iterdir()] == ["out"]
    record = json.loads((out / "run.json").read_text())
    assert set(record["outputs"]) == set(expected)


def test_an_earlier_run_comes_back_when_the_one_that_was_replacing_it_is_killed(whole, tmp_path):
    cohort, expected = whole
    out = tmp_path / "out"
    subprocess.run([PROGRAM, *words(cohort, out)], check=True, capture_output=True)
    (out / "mine.txt").write_text("not of strata")
    place, _ = STAGES["moving a file"]
    # all files of the earlier run have been moved aside, some of the new one are in their place
    turn = str(len(expected) + 4)
    command = [sys.executable, "-c", KILLED, place, turn, *words(cohort, out, "--overwrite")]
    killed = subprocess.run(command, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert not (out / "run.json").exists()
    refused = subprocess.run([PROGRAM, *words(cohort, out)], capture_output=True, text=True, check=False)
    assert refused.returncode == 6
    assert "the folder is not empty" in refused.stderr
    assert (out / "run.json").exists()
    assert files(out) == expected | {"mine.txt": b"not of strata"}


@pytest.mark.parametrize("before", ["nothing", "an empty folder", "an earlier run"])
def test_a_second_run_into_the_same_folder_is_refused_and_harms_nothing(whole, tmp_path, before):
    cohort, expected = whole
    out = tmp_path / "out"
    if before != "nothing":
        out.mkdir()
    if before == "an earlier run":
        (out / "run.json").write_text('{"outputs": []}')
    command = [PROGRAM, *words(cohort, out, "--overwrite")]
    first = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    lock = (tmp_path if before == "nothing" else out) / ".out.lock"
    deadline = time.monotonic() + 60
    while not lock.exists() and time.monotonic() < deadline:
        time.sleep(0.005)
    first.send_signal(signal.SIGSTOP)
    try:
        second = subprocess.run(command, capture_output=True, text=True, check=False)
    finally:
        first.send_signal(signal.SIGCONT)
    assert second.returncode == 6
    host = os.uname().nodename
    assert f"strata: error E901: {out}: is being written by process {first.pid} on {host} since " in second.stderr
    _, errors = first.communicate(timeout=120)
    assert first.returncode == 0, errors
    assert files(out) == expected
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.fixture
def mount(tmp_path: Path):
    """``mount(folder, "-t", "tmpfs", ...)``; skips where this user may not mount."""
    mounted = []

    def make(folder: Path, *how: str) -> Path:
        folder.mkdir(exist_ok=True)
        done = subprocess.run(["mount", *how, str(folder)], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"mount {' '.join(how)} needs root: {done.stderr.strip()}")
        mounted.append(folder)
        return folder

    yield make
    for folder in reversed(mounted):
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("inside", [".", "out"])
def test_a_disk_that_is_too_small_is_6_and_nothing_is_left(whole, tmp_path, mount, inside):
    cohort, _ = whole
    disk = mount(tmp_path / "disk", "-t", "tmpfs", "-o", "size=64k", "tmpfs")
    done = subprocess.run([PROGRAM, *words(cohort, disk / inside)], capture_output=True, text=True, check=False)
    assert done.returncode == 6, done.stderr
    assert "no space left on the device" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(disk.iterdir()) == []


@pytest.mark.parametrize("inside", [".", "out"])
def test_a_disk_that_is_read_only_is_6(whole, tmp_path, mount, inside):
    cohort, _ = whole
    disk = mount(tmp_path / "disk", "-t", "tmpfs", "-o", "ro", "tmpfs")
    done = subprocess.run([PROGRAM, *words(cohort, disk / inside)], capture_output=True, text=True, check=False)
    assert done.returncode == 6, done.stderr
    assert "the file system is read-only. Nothing was left behind" in done.stderr


def test_a_folder_that_is_closed_to_the_user_is_6(whole, tmp_path):
    """Root is bound by modes as well, once it has given up the right not to be."""
    cohort, _ = whole
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    bound = ["setpriv", "--bounding-set", "-dac_override", "--inh-caps", "-dac_override"] if os.getuid() == 0 else []
    if bound and shutil.which("setpriv") is None:
        pytest.skip("setpriv is not installed")
    done = subprocess.run(
        [*bound, PROGRAM, *words(cohort, closed / "out")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 6, done.stderr
    assert f"{closed / 'out'}: cannot be written: permission denied. Nothing was left behind" in done.stderr
    assert list(closed.iterdir()) == []


@pytest.mark.parametrize("when", ["before it is read", "after it was read"])
@pytest.mark.parametrize("command", ["scan", "pairs", "cutpoint", "score", "compare", "batch", "score --manifest"])
def test_an_input_that_changes_is_refused_by_every_command(cohort_writer, tmp_path, monkeypatch, strata, command, when):
    """Of what was looked at when the work began, nothing may be another file when it ends."""
    cohort, out = cohort_writer(tmp_path / "small"), tmp_path / "out"
    (tmp_path / "plan.yaml").write_text("signatures: igf1r-high\nendpoints: OS\n")
    (tmp_path / "manifest.tsv").write_text("cohort\tpath\nsmall\tsmall\n")
    typed = {
        "scan": ["scan", cohort, "--endpoint", "OS", "--permutations", 0],
        "pairs": ["pairs", cohort, "--endpoint", "OS", "--min-patients", 2, "--min-events", 1],
        "cutpoint": ["cutpoint", cohort, "igf1r-high", "--endpoint", "OS", "--permutations", 9, "--bootstrap", 0],
        "score": ["score", cohort, "igf1r-high"],
        "compare": ["compare", cohort, "igf1r-high", "--endpoint", "OS"],
        "batch": ["batch", tmp_path / "manifest.tsv", "--plan", tmp_path / "plan.yaml"],
        "score --manifest": ["score", "--manifest", tmp_path / "manifest.tsv", "igf1r-high"],
    }[command]
    table = cohort / "clinical.tsv"
    place = "strata.analysis.inputs" if command in ("scan", "pairs") else "strata.analysis.run"
    module = importlib.import_module(place)
    read = module.read_cohort

    def changed(*args: object, **options: object) -> object:
        if when == "before it is read":
            table.write_text(table.read_text() + "\n")
        found = read(*args, **options)
        if when == "after it was read":
            table.write_text(table.read_text() + "\n")
        return found

    monkeypatch.setattr(module, "read_cohort", changed)
    ran = strata(*typed, "--out", out)
    assert ran.status == (1 if command in ("batch", "score --manifest") else 6), ran.err
    assert f"{table}: changed while it was read; nothing was written" in ran.err
    assert not out.exists() or list(out.glob("cohorts/*")) == []
    if out.exists():
        assert "\t6\tE128\t" in (out / "failures.tsv").read_text()


@pytest.mark.parametrize("how", ["longer", "another file", "gone"])
def test_an_input_that_changes_while_it_is_read_is_6_and_nothing_is_written(
    cohort_writer, tmp_path, monkeypatch, strata, how
):
    import strata.analysis.run as running

    cohort = cohort_writer(tmp_path / "small")
    table, real = cohort / "clinical.tsv", running.run_cohort

    def changed(*args: object, **options: object) -> object:
        if how == "longer":
            table.write_text(table.read_text() + "\n")
        elif how == "gone":
            table.unlink()
        else:
            other = table.with_name("other")
            other.write_bytes(table.read_bytes())
            other.replace(table)
        return real(*args, **options)

    monkeypatch.setattr(running, "run_cohort", changed)
    ran = strata(*words(cohort, tmp_path / "out"))
    assert ran.status == 6, ran.err
    assert f"strata: error E128: {table}: changed while it was read; nothing was written" in ran.err
    assert "SECRET" not in ran.err
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.glob(".out*"))
