"""The layouts and how one is chosen."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from strata.cohort import read_cohort
from strata.cohort.layouts import LAYOUT_NAMES, LAYOUTS
from strata.cohort.options import COHORT_KEYS
from strata.errors import UsageError

CLINICAL = "patient_id\tage\nP1\t50\n"


def test_every_layout_is_a_module_that_finds_files() -> None:
    assert LAYOUTS[0] == "cbioportal"
    assert LAYOUTS[-1] == "flat"
    for name in LAYOUTS:
        module = import_module(f"strata.cohort.layouts.{name}")
        assert callable(module.find)
        assert name == "flat" or callable(module.recognise)
        assert name in COHORT_KEYS["layout"]


def test_the_first_layout_that_knows_the_folder_is_taken_and_says_by_what(tmp_path: Path) -> None:
    def chosen() -> str:
        return read_cohort(tmp_path, name="a").choices["layout"]["why"]

    (tmp_path / "clinical.tsv").write_text(CLINICAL, encoding="utf-8")
    assert chosen() == "the folder has no file of another layout"
    (tmp_path / "a.survival.tsv").write_text("sample\tOS\tOS.time\nP1\t1\t5\n", encoding="utf-8")
    assert chosen() == "the folder has a.survival.tsv"
    (tmp_path / "clinical.tsv").write_text(CLINICAL.replace("patient_id", "case_submitter_id"), encoding="utf-8")
    assert chosen() == "the folder has the column case_submitter_id in clinical.tsv"
    (tmp_path / "meta_study.txt").write_text("name: a\n", encoding="utf-8")
    (tmp_path / "data_clinical_sample.txt").write_text("PATIENT_ID\tSAMPLE_ID\nP1\tS1\n", encoding="utf-8")
    assert chosen() == "the folder has meta_study.txt"


def test_an_unknown_layout_lists_those_that_are_known(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Known: " + ", ".join(LAYOUT_NAMES)):
        read_cohort(tmp_path, layout="qqq")


def test_a_folder_that_cannot_be_looked_into_is_no_layout_s(tmp_path: Path) -> None:
    (tmp_path / "clinical.tsv").write_text(CLINICAL, encoding="utf-8")
    (tmp_path / "logs").mkdir(mode=0)
    assert read_cohort(tmp_path, name="a").choices["layout"]["name"] == "flat"
