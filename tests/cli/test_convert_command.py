"""``strata convert``."""

from __future__ import annotations

import pytest

from strata.cohort import read_cohort


@pytest.mark.parametrize("target", ["flat", "cbioportal"])
def test_the_result_is_the_same_cohort(strata, breast, tmp_path, assert_same_cohort, target):
    ran = strata("convert", breast, "--to", target, "--out", tmp_path / "new", "--name", "mine")
    assert (ran.status, ran.out) == (0, "")
    assert "mine: endpoints are written in months" in ran.err
    assert "600 patients, 2 endpoints, " in ran.err
    assert_same_cohort(read_cohort(breast), read_cohort(tmp_path / "new"), timed=target == "flat")


def test_reading_options_and_a_layout_are_taken(strata, tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "adtte.csv").write_text("USUBJID,PARAMCD,AVAL,AVALU,CNSR\nA,OS,5,,0\nB,OS,6,,1\n")
    words = ("convert", tmp_path / "old", "--to", "flat", "--layout", "adtte", "--out", tmp_path / "new")
    refused = strata(*words)
    assert (refused.status, (tmp_path / "new").exists()) == (3, False)
    assert "--read time_unit=months" in refused.err
    assert strata(*words, "--read", "time_unit=years").status == 0
    assert read_cohort(tmp_path / "new").endpoint("OS").time.tolist() == [60.0, 72.0]


def test_what_cannot_be_written_leaves_nothing(strata, small, tmp_path):
    (small / "mutations.tsv").write_text("gene\tSECRET000\tSECRET001\nTP53\t1\t0\n")
    ran = strata("convert", small, "--to", "cbioportal", "--out", tmp_path / "new")
    assert (ran.status, (tmp_path / "new").exists()) == (3, False)
    assert "0/1 matrix" in ran.err
    assert "SECRET" not in ran.err


def test_a_cell_that_is_no_number_leaves_nothing(strata, small, tmp_path):
    text = (small / "mrna.tsv").read_text()
    (small / "mrna.tsv").write_text(text.replace("SECRET003\t", "SECRET003\tx", 1))
    ran = strata("convert", small, "--to", "flat", "--out", tmp_path / "new")
    assert (ran.status, (tmp_path / "new").exists()) == (3, False)
    assert "not a number" in ran.err


def test_usage(strata, small, tmp_path):
    assert strata("convert", small, "--out", tmp_path / "new").status == 2
    assert strata("convert", small, "--to", "gdc", "--out", tmp_path / "new").status == 2
    assert strata("convert", small, "--to", "flat", "--out", small).status == 2
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "x").write_text("mine")
    assert strata("convert", small, "--to", "flat", "--out", tmp_path / "new").status == 6
