"""``--cache``: every command that reads a cohort takes it, and its answers are the same."""

from __future__ import annotations

import json

import pytest

COMMANDS = {
    "compare": ("igf1r-high", "--endpoint", "OS"),
    "score": ("igf1r-high",),
    "scan": ("--endpoint", "OS", "--permutations", "10"),
    "pairs": ("--endpoint", "OS", "--permutations", "0"),
}


@pytest.mark.parametrize("command", list(COMMANDS))
def test_the_answers_are_the_same(strata, small, tmp_path, command):
    words = (command, small, *COMMANDS[command])
    plain = strata(*words, "--out", tmp_path / "plain")
    said = []
    for name in ("first", "second"):
        ran = strata(*words, "--out", tmp_path / name, "--cache", tmp_path / "cache")
        assert (ran.status, ran.out) == (plain.status, plain.out), ran.err
        said.append((tmp_path / name / "run.json").read_text())
        for file in (tmp_path / "plain").glob("*.tsv"):
            assert (tmp_path / name / file.name).read_bytes() == file.read_bytes()
    assert "parsed and kept in the cache" in said[0]
    assert "numbers from the cache" in said[1]
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_a_run_takes_it_from_the_plan_or_the_call(strata, small, tmp_path):
    plan = tmp_path / "plan.yaml"
    cohort = f"{{path: {small}}}"
    plan.write_text(f"cohorts: [{cohort}]\nsignatures: [igf1r-high]\nread: {{cache: {tmp_path / 'of-plan'}}}\n")
    assert strata("run", plan, "--out", tmp_path / "a").status == 0
    assert strata("run", plan, "--out", tmp_path / "b", "--cache", tmp_path / "of-call").status == 0
    assert len(list((tmp_path / "of-plan").iterdir())) == len(list((tmp_path / "of-call").iterdir())) == 1
    options = json.loads((tmp_path / "b" / "run.json").read_text())["cohorts"][0]["choices"]["options"]
    assert options == {"cache": str(tmp_path / "of-call")}


def test_inspect_says_when_it_was_used(strata, small, tmp_path):
    words = ("--cache", tmp_path / "cache")
    assert "parsed and kept in the cache" in strata("inspect", small, *words).out
    assert "numbers from the cache" in strata("inspect", *words, small).out
    twice = strata("inspect", small, *words, "--read", "cache=x")
    assert (twice.status, "cache is given twice" in twice.err) == (2, True)
