"""``strata cite``."""

from __future__ import annotations

import re

import pytest


def test_a_paragraph_and_its_bibtex(strata, small, tmp_path):
    out = tmp_path / "out"
    assert strata("compare", small, "igf1r-high", "--endpoint", "OS", "--out", out).status == 0
    ran = strata("cite", out)
    assert (ran.status, ran.err) == (0, "")
    methods, _, bibtex = ran.out.partition("\n\n")
    assert methods.startswith("The cohort was small (40 patients; OS: up to 40 compared, 14 events).")
    assert set(re.findall(r"@([\w-]+)", methods)) == set(re.findall(r"^@\w+\{([^,]+),$", bibtex, flags=re.MULTILINE))
    assert strata("cite", out, "--bibtex").out == bibtex
    assert "SECRET" not in ran.out


@pytest.mark.parametrize(("name", "words"), [("scan", ["--permutations", 0]), ("pairs", [])])
def test_scans(strata, small, tmp_path, name, words):
    out = tmp_path / "out"
    assert strata(name, small, "--endpoint", "OS", *words, "--out", out).status in (0, 1)
    ran = strata("cite", out)
    assert ran.status == 0
    assert ran.out.startswith("In the cohort small, for OS, ")


def test_what_is_no_run_is_6(strata, tmp_path):
    assert strata("cite", tmp_path).status == 6
