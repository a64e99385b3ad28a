"""The program around the commands: exit statuses, signals, a disk that refuses, and standard output."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest

from strata.cli.program import program

COMMANDS = [
    *(
        "batch",
        "compare",
        "cutpoint",
        "demo",
        "explain",
        "figure2",
        "init",
        "inspect",
        "merge",
        "pairs",
        "run",
        "scan",
        "score",
        "selftest",
    ),
    *("signatures", "simulate", "cite", "table", "verify"),
]


def test_help_lists_every_command_and_every_exit_status(strata):
    ran = strata("--help")
    assert (ran.status, ran.err) == (0, "")
    for word in (*COMMANDS, "70", "130", "143"):
        assert word in ran.out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_a_module_that_is_named_like_it(strata, name):
    ran = strata(name, "--help")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith(f"Usage: strata {name} ")
    command = program.get_command(click.Context(program), name)
    assert command.name == name
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, option.name


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["inspec", "x"], "Did you mean 'inspect'?"),
        (["run"], "Missing argument 'PLAN'"),
        (["figure2", "x", "--outt", "y"], "--out"),
        (["figure2", "x"], "Missing option '--out'"),
        (["figure2", "x", "--out", "y", "--cut", "mean", "--cut=median"], "--cut is given twice"),
        (["figure2", "x", "--out", "y", "--horizon", "-1"], "--horizon"),
        (["figure2", "x", "--out", "y", "--jobs", "0"], "--jobs"),
        (["figure2", "x", "--out", "y", "--times", "12,soon"], "is not a list of months such as 12,60"),
        (["figure2", "x", "--out", "y", "--cut-scope", "all"], "--cut-scope"),
        (["figure2", "x", "--out", "y", "--comparator", "both"], "--comparator"),
        (["figure2", "x", "--out", "y", "--layout", "flt"], "--layout"),
        (["figure2", "x", "--out", "y", "--read", "septor=;"], "Did you mean 'sep'?"),
        (["figure2", "x", "--out", "y", "--read", "sep"], "is not KEY=VALUE"),
        (["figure2", "x", "--out", "y", "--cut", "quintiles"], "is not a cut"),
        (["figure2", "x", "--out", "y", "--horizon", "nan"], "horizon"),
        (["simulate", "one-event", "--out", "y", "--seed", "-1"], "--seed"),
        ([], "Usage: strata"),
    ],
    ids=" ".join,
)
def test_usage_errors_are_2_and_on_standard_error(strata, words, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ran = strata(*words)
    assert ran.status == 2
    assert said in ran.err
    assert "Traceback" not in ran.err
    assert ran.out == ""
    assert list(tmp_path.iterdir()) == []


def test_a_repeatable_option_may_be_repeated(strata, breast):
    assert strata("inspect", breast, "--read", "sep=tab", "--read", "decimal=.").status == 0


def test_bad_data_is_3_with_every_problem(strata, small, tmp_path):
    lines = (small / "clinical.tsv").read_text().splitlines()
    lines[3] = lines[3].replace("\t4.0\t", "\t-4.0\t")
    lines[4] = lines[4].replace("\t5.5\t", "\tsoon\t")
    (small / "clinical.tsv").write_text("\n".join(lines) + "\n")
    ran = strata("figure2", small, "--out", tmp_path / "out")
    assert ran.status == 3
    problems = [line for line in ran.err.splitlines() if line.startswith("strata: error E")]
    assert len(problems) == 2
    assert all("clinical.tsv" in line and "os_months" in line for line in problems)
    assert not (tmp_path / "out").exists()


def test_a_bug_of_ours_is_70_and_says_where_but_no_value(strata, monkeypatch):
    def wrong(**_: object) -> list[object]:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("strata.signatures.load_signatures", wrong)
    ran = strata("signatures", "list")
    assert ran.status == 70
    assert ran.err.startswith("strata: error E970: unexpected ZeroDivisionError, a bug of strata: cli/")
    assert "signatures_command.py:" in ran.err
    # the words of an exception may hold cells of a table
    assert "oops" not in ran.err
    assert "Traceback" not in ran.err
    monkeypatch.setenv("STRATA_DEBUG", "1")
    assert "ZeroDivisionError: oops" in strata("signatures", "list").err


@pytest.mark.parametrize("stop", [KeyboardInterrupt, click.Abort])
def test_an_interruption_is_130(strata, monkeypatch, stop):
    def wrong(**_: object) -> list[object]:
        raise stop

    monkeypatch.setattr("strata.signatures.load_signatures", wrong)
    ran = strata("signatures", "list")
    assert (ran.status, ran.err, ran.out) == (130, "strata: interrupted; nothing was written\n", "")


PROGRAM = Path(sys.executable).with_name("strata")


@pytest.fixture
def slow_plan(root: Path, tmp_path: Path) -> Path:
    """A plan that runs for many seconds."""
    breast = root / "synthetic" / "figure2-breast" / "flat"
    cohorts = "\n".join(f"  - {{path: '{breast}', name: c{i}}}" for i in range(60))
    plan = tmp_path / "plan.yaml"
    plan.write_text(f"cohorts:\n{cohorts}\nendpoints: [OS]\n")
    return plan


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_signal_in_mid_run_leaves_nothing(slow_plan, tmp_path, number, status, jobs):
    out = tmp_path / "deep" / "out"
    process = subprocess.Popen(
        [PROGRAM, "run", slow_plan, "--out", out, "--jobs", str(jobs)],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    first = process.stderr.readline()
    assert first.startswith("c0: "), first + process.stderr.read()
    assert sorted(path.name[:5] for path in out.parent.iterdir()) == [".out-", ".out."]
    if number == signal.SIGINT:
        os.killpg(process.pid, number)  # as a terminal does: the workers get it too
    else:
        process.send_signal(number)
    said, errors = process.communicate(timeout=60)
    assert process.returncode == status, errors
    assert said == ""
    assert "nothing was written" in errors
    assert "Traceback" not in errors
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plan.yaml"]
    deadline = time.monotonic() + 10
    while _alive(process.pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _alive(process.pid), "workers are still running"


def _alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def _small_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


@pytest.mark.parametrize("before", ["nothing", "an earlier run"])
def test_a_disk_that_refuses_is_6_and_leaves_what_was_there(breast, tmp_path, before, strata):
    out = tmp_path / "out"
    if before == "an earlier run":
        assert strata("score", breast, "igf1r-high", "--out", out).status == 0
    was = {path.name: path.read_bytes() for path in out.iterdir()} if out.exists() else None
    done = subprocess.run(
        [PROGRAM, "figure2", breast, "--out", out, "--overwrite"],
        capture_output=True,
        text=True,
        preexec_fn=_small_files,
        check=False,
    )
    assert done.returncode == 6, done.stderr
    assert "a file grew past the size limit" in done.stderr
    assert "Traceback" not in done.stderr
    now = {path.name: path.read_bytes() for path in out.iterdir()} if out.exists() else None
    assert now == was
    assert [path.name for path in tmp_path.iterdir()] == (["out"] if was else [])


def test_a_reader_that_leaves_is_no_error(breast):
    process = subprocess.Popen([PROGRAM, "inspect", breast], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    process.stdout.close()
    with process.stderr as stream:
        errors = stream.read()
    assert (process.wait(), errors) == (0, "")


def test_an_output_that_is_full_is_6(breast):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([PROGRAM, "inspect", breast], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 6
    assert done.stderr == "strata: error E710: standard output: No space left on device\n"


def test_the_place_the_program_runs_in_does_not_matter(breast, tmp_path):
    """No file of the working directory is imported; locale, time zone and hash seed change no byte."""
    for name in ("pandas", "yaml", "numpy", "strata"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported from the working directory')\n")
    made = []
    for i, changed in enumerate(({"PYTHONHASHSEED": "1"}, {"PYTHONHASHSEED": "2", "LC_ALL": "C", "TZ": "Asia/Tokyo"})):
        command = [PROGRAM, "score", breast, "igf1r-sphk1-high", "--out", f"out{i}"]
        environment = {"PATH": os.defpath, **changed}
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, env=environment)
        files = sorted((tmp_path / f"out{i}").iterdir())
        made.append({path.name: path.read_bytes() for path in files if path.name != "run.json"})
    assert made[0] == made[1]
