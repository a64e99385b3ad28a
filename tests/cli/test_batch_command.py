"""``strata batch``: what it says, its exit statuses, and what it leaves where it is stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from strata.cli.batch_options import given

PROGRAM = Path(sys.executable).with_name("strata")


@pytest.fixture
def three(cohort_writer, tmp_path) -> tuple[Path, Path]:
    """Three small cohorts: the manifest and the plan."""
    for name in "abc":
        cohort_writer(tmp_path / name)
    (tmp_path / "manifest.tsv").write_text("cohort\tpath\nb\tb\na\ta\nc\tc\n")
    (tmp_path / "plan.yaml").write_text("signatures: [igf1r-high]\nendpoints: [OS]\n")
    return tmp_path / "manifest.tsv", tmp_path / "plan.yaml"


def test_a_batch_says_a_line_a_cohort_and_where_the_tables_are(strata, three, tmp_path, table, monkeypatch):
    manifest, plan = three
    monkeypatch.chdir(tmp_path)
    ran = strata("batch", manifest, "--plan", plan, "--out", "out")
    assert (ran.status, ran.out) == (0, "")
    lines = ran.err.splitlines()
    assert [line.partition(":")[0] for line in lines[:3]] == ["b", "a", "c"]
    assert lines[0].startswith("b: 1 comparison, 1 estimable, ")
    # as the user wrote it
    places = ["report: out/report.html", "table:  out/results.tsv"]
    assert lines[3:] == ["3 cohorts: 3 analysed, 0 failed", *places]
    assert list(table(tmp_path / "out" / "results.tsv")["cohort"].unique()) == ["b", "a", "c"]


def test_a_failed_cohort_is_said_without_ids_and_the_status_is_1(strata, three, tmp_path):
    manifest, plan = three
    clinical = tmp_path / "a" / "clinical.tsv"
    clinical.write_text(clinical.read_text().replace("\t2.5\t", "\tsoon\t"))
    ran = strata("batch", manifest, "--plan", plan, "--out", tmp_path / "out")
    assert ran.status == 1
    (line,) = (line for line in ran.err.splitlines() if line.startswith("a: failed: "))
    assert "clinical.tsv" in line
    assert "3 cohorts: 2 analysed, 1 failed" in ran.err
    assert f"failed: {tmp_path / 'out' / 'failures.tsv'} (1 of 3 cohorts)" in ran.err
    assert "SECRET" not in ran.err
    assert strata("batch", manifest, "--plan", plan, "--out", tmp_path / "out2", "--fail-fast").status == 1


def test_a_dry_run_prints_a_table_and_writes_nothing(strata, three, tmp_path):
    manifest, plan = three
    before = sorted(tmp_path.rglob("*"))
    ran = strata("batch", manifest, "--plan", plan, "--out", tmp_path / "out", "--dry-run")
    assert ran.status == 0
    header, *rows = (line.split("\t") for line in ran.out.splitlines())
    assert header[:2] == ["cohort", "layout"]
    assert [row[0] for row in rows] == ["b", "a", "c"]
    assert dict(zip(header, rows[0]))["endpoints"] == "OS"
    assert sorted(tmp_path.rglob("*")) == before
    (tmp_path / "c" / "clinical.tsv").unlink()
    assert strata("batch", manifest, "--plan", plan, "--dry-run").status == 1


def test_resume_says_what_was_done_before(strata, three, tmp_path):
    manifest, plan = three
    words = ["batch", manifest, "--plan", plan, "--out", tmp_path / "out"]
    assert strata(*words).status == 0
    again = strata(*words)
    assert again.status == 6
    assert "Pass --resume" in again.err
    resumed = strata(*words, "--resume")
    assert resumed.status == 0
    assert "b: 1 comparison, 1 estimable, done before" in resumed.err
    assert "3 cohorts: 3 analysed (3 of them before), 0 failed" in resumed.err


def test_shards_say_what_comes_next_and_merge_does_it(strata, three, tmp_path, table):
    manifest, plan = three
    out = tmp_path / "out"
    first = strata("batch", manifest, "--plan", plan, "--out", out, "--shard", "1/2")
    assert first.status == 0
    assert f"shard 1 of 2 is done; when all are: strata merge {out}" in first.err
    missing = strata("merge", out)
    assert missing.status == 6
    assert "of 2 shards: 2 missing" in missing.err
    assert strata("batch", manifest, "--plan", plan, "--out", out, "--shard", "2/2").status == 0
    merged = strata("merge", out)
    assert (merged.status, merged.out) == (0, "")
    assert f"table:  {out / 'results.tsv'}" in merged.err
    assert list(table(out / "results.tsv")["cohort"].unique()) == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["batch", "m.tsv"], 2, "--plan"),
        (["batch", "m.tsv", "--plan", "p.yaml"], 2, "Pass --out, or --dry-run"),
        (["batch", "m.tsv", "--plan", "p.yaml", "--out", "o", "--shard", "3/2"], 2, "is not I/N"),
        (["batch", "m.tsv", "--plan", "p.yaml", "--out", "o", "--shard", "0/2"], 2, "is not I/N"),
        (["batch", "m.tsv", "--plan", "p.yaml", "--out", "o", "--jobs", "0"], 2, "--jobs"),
        (["batch", "none.tsv", "--plan", "p.yaml", "--out", "o"], 6, "cannot be read"),
        (["batch", "m.tsv", "--plan", "none.yaml", "--out", "o"], 6, "cannot be read"),
        (["batch", "wrong.tsv", "--plan", "p.yaml", "--out", "o"], 4, "wrong.tsv:2: column 'cut'"),
        (["merge"], 2, "FOLDER"),
        (["merge", "a", "b"], 2, "Pass --out"),
        (["score", "--out", "o"], 2, "COHORT"),
        (["score", "m"], 2, "--out"),
        (["score", "m", "--out", "o", "--resume"], 2, "--resume only with --manifest"),
        (["score", "--manifest", "m.tsv", "--out", "o", "--overwrite"], 2, "--overwrite is for one cohort"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_calls(strata, tmp_path, monkeypatch, words, status, said):
    monkeypatch.chdir(tmp_path)
    Path("m.tsv").write_text("cohort\tpath\na\ta\n")
    Path("wrong.tsv").write_text("cohort\tpath\tcut\na\ta\tquintiles\n")
    Path("p.yaml").write_text("signatures: [igf1r-high]\n")
    before = sorted(tmp_path.rglob("*"))
    ran = strata(*words)
    assert (ran.status, ran.out) == (status, "")
    assert said in ran.err
    assert sorted(tmp_path.rglob("*")) == before


def test_scores_of_a_manifest(strata, three, tmp_path, table):
    manifest, _ = three
    out = tmp_path / "out"
    ran = strata("score", "--manifest", manifest, "igf1r-high", "--out", out, "--cut", "mean", "--jobs", "2")
    assert ran.status == 0
    assert sorted(line for line in ran.err.splitlines() if "called" in line)[0].startswith("a: 1 signature called")
    calls = table(out / "calls.tsv")
    assert list(calls["cohort"].unique()) == ["b", "a", "c"]
    assert set(calls["cut"]) == {"mean"}
    assert not (out / "results.tsv").exists()
    assert f"table:  {out / 'calls.tsv'}" in ran.err


def test_reading_options_hold_for_every_cohort_of_a_manifest(strata, three, tmp_path, table):
    manifest, _ = three
    for name in "abc":
        mrna = tmp_path / name / "mrna.tsv"
        mrna.write_text(mrna.read_text().replace("\t0.5\t", "\tnada\t"))
    words = ["score", "--manifest", manifest, "igf1r-high", "--out"]
    assert strata(*words, tmp_path / "one").status == 1
    assert strata(*words, tmp_path / "two", "--read", "na=nada", "--layout", "flat").status == 0


def test_options_that_are_left_alone_are_not_given():
    left = {"jobs": 1, "shard": (1, 1), "scheduler": None, "resume": False, "fail_fast": False}
    assert given({**left, "timeout": None, "dry_run": False}) == []
    named = {"jobs": 2, "shard": (1, 2), "scheduler": "x", "resume": True, "fail_fast": True}
    asked = ["--jobs", "--scheduler", "--shard", "--resume", "--fail-fast", "--timeout", "--dry-run"]
    assert given({**named, "timeout": 9.0, "dry_run": True}) == asked


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_signal_keeps_what_is_finished_and_removes_the_rest(root, tmp_path, number, status, jobs):
    breast = root / "synthetic" / "figure2-breast" / "flat"
    lines = "".join(f"c{i}\t{breast}\n" for i in range(60))
    (tmp_path / "manifest.tsv").write_text("cohort\tpath\n" + lines)
    (tmp_path / "plan.yaml").write_text("signatures: [igf1r-high]\nendpoints: [OS]\n")
    out = tmp_path / "out"
    command = [PROGRAM, "batch", tmp_path / "manifest.tsv", "--plan", tmp_path / "plan.yaml", "--out", out]
    process = subprocess.Popen(
        [*command, "--jobs", str(jobs)],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    first = process.stderr.readline()
    assert ": " in first, first + process.stderr.read()
    if number == signal.SIGINT:
        os.killpg(process.pid, number)  # as a terminal does: the workers get it too
    else:
        process.send_signal(number)
    said, errors = process.communicate(timeout=120)
    assert process.returncode == status, errors
    assert said == ""
    assert "cohorts that were finished are kept: the same command with --resume goes on from there" in errors
    assert "Traceback" not in errors
    assert {path.name for path in out.iterdir()} == {"cohorts", "outcomes", "shards"}
    assert [path.name for path in (out / "shards").iterdir()] == ["1-of-1.json"]
    finished = {path.name for path in (out / "cohorts").iterdir()}
    assert finished
    assert all(not name.startswith(".") for name in finished)
