"""``strata verify`` of runs of every command."""

from __future__ import annotations

import json

import pytest

from strata.analysis import sha256

RUNS = {
    "compare": ["igf1r-sphk1-high", "--endpoint", "OS"],
    "figure2": ["--endpoints", "OS"],
    "score": ["igf1r-high"],
    "cutpoint": ["igf1r-high", "--endpoint", "OS", "--permutations", 50, "--bootstrap", 5],
    "scan": ["--endpoint", "OS", "--permutations", 20],
    "pairs": ["--endpoint", "OS", "--min-patients", 5, "--min-events", 2],
}


@pytest.mark.parametrize("name", RUNS)
def test_a_run_of_any_command_is_verified_from_anywhere(strata, small, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    assert strata(name, small.name, *RUNS[name], "--out", "out").status in (0, 1)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    ran = strata("verify", "../out")
    assert ran.status == 0, ran.out
    (line,) = ran.out.splitlines()
    assert line.startswith("verified: ")
    assert line.endswith(" tables come out again, every cell the same")


def test_a_plan_is_verified_and_what_was_changed_is_said(strata, small, tmp_path):
    plan, out = tmp_path / "plan.yaml", tmp_path / "out"
    plan.write_text("cohorts: small\nsignatures: igf1r-high\nendpoints: OS\n")
    assert strata("run", plan, "--out", out).status == 0
    assert (out / "multiqc" / "strata_tests_mqc.json").exists()
    assert strata("verify", out).status == 0
    table = out / "tests.tsv"
    then = sha256(table)
    table.write_text(table.read_text().replace("Cox Wald", "Cox", 1))
    ran = strata("verify", out)
    assert ran.status == 1
    assert f"tests.tsv: was changed (sha256 {then} then, {sha256(table)} now)" in ran.out
    assert "column test: Cox in the run, Cox Wald now" in ran.out
    assert ran.out.splitlines()[-1].startswith("differs: 1 of ")
    assert ran.out.splitlines()[-1].endswith("; 1 file of the run changed or gone")
    assert "SECRET" not in ran.out + ran.err


def test_last_digits_are_explained_and_differ_all_the_same(strata, small, tmp_path):
    out = tmp_path / "out"
    assert strata("compare", small, "igf1r-high", "--endpoint", "OS", "--out", out).status == 0
    table = out / "results.tsv"
    header, row = (line.split("\t") for line in table.read_text().splitlines())
    place = header.index("hazard_ratio")
    row[place] = repr(float(row[place]) * (1 + 4e-16))
    table.write_text("".join("\t".join(cells) + "\n" for cells in (header, row)))
    ran = strata("verify", out)
    assert ran.status == 1
    assert "results.tsv: differs only in the last digits (relative difference " in ran.out
    assert "another processor or numpy" in ran.out
    assert ran.out.splitlines()[-1].startswith("differs: only in the last digits: 1 of ")


def test_inputs_that_are_gone_are_6(strata, small, tmp_path):
    out = tmp_path / "out"
    assert strata("score", small, "igf1r-high", "--out", out).status == 0
    (small / "mrna.tsv").unlink()
    ran = strata("verify", out)
    assert ran.status == 6
    assert f"{small / 'mrna.tsv'}: is gone (sha256 " in ran.out
    assert ran.out.splitlines()[-1] == "not repeated: 1 of 2 inputs are gone"


def test_what_is_no_run_is_6_or_3(strata, tmp_path):
    ran = strata("verify", tmp_path)
    assert ran.status == 6
    assert "run.json: cannot be read" in ran.err
    (tmp_path / "run.json").write_text(json.dumps({"outputs": []}))
    assert strata("verify", tmp_path).status == 3
