"""Which feature of a cohort's tables a signature's feature is."""

from __future__ import annotations

import pandas as pd
import pytest

from strata.genes import GeneNames
from strata.scoring.finding import Finder, in_words


@pytest.fixture
def finder(make_cohort, memory_mutations):
    index = pd.Index(["P1"], name="patient")
    frame = lambda *names: pd.DataFrame(1.0, index=index, columns=list(names))  # noqa: E731
    cohort = make_cohort(
        clinical=pd.DataFrame({"er": ["positive"]}, index=index),
        mrna=frame("HER2", "IGF1R", "Sphk1"),
        protein=frame("IGF1R@post", "4EBP1_pS65", "4EBP1_pS65@day15"),
        mirna=frame("hsa-mir-375"),
        mutations={"mutation": memory_mutations([("P1", "LKB1", "Q37*", "truncating")], ["P1"])},
    )
    return Finder(cohort, GeneNames.shipped())


@pytest.mark.parametrize(
    ("kind", "asked", "feature"),
    [
        ("mrna", "IGF1R", "IGF1R"),
        ("mrna", "ERBB2", "HER2"),
        ("protein", "EIF4EBP1_pS65", "4EBP1_pS65"),
        ("protein", "EIF4EBP1_pS65@day15", "4EBP1_pS65@day15"),
        ("protein", "IGF1R@post", "IGF1R@post"),
        ("mirna", "hsa-miR-375", "hsa-mir-375"),
        ("mutation", "STK11", "LKB1"),
    ],
)
def test_features_are_found_by_any_name(finder, kind, asked, feature):
    assert finder.find(kind, asked).feature == feature


@pytest.mark.parametrize(
    ("kind", "asked", "reason"),
    [
        ("mrna", "PTEN", "no mrna PTEN in the cohort's tables"),
        ("serum", "IGF1", "no serum IGF1 in the cohort's tables"),
        (
            "mrna",
            "SPHK1",
            "no mrna SPHK1 in the cohort's tables (no feature SPHK1: 'Sphk1' looks like the mouse symbol of SPHK1)",
        ),
        ("protein", "IGF1R@pre", "no protein IGF1R at pre in the cohort's tables (measured at post)"),
        ("protein", "IGF1R", "no protein IGF1R in the cohort's tables (measured at post; none is before treatment)"),
    ],
)
def test_what_is_not_found_says_why(finder, kind, asked, reason):
    found = finder.find(kind, asked)
    assert (found.feature, found.reason) == (None, reason)


def test_a_feature_of_a_table_is_written_as_its_assay_says(finder):
    # tables in memory have no other spelling, mutation tables keep their own
    assert finder.written("mrna", "HER2") == "HER2"
    assert finder.written("mutation", "LKB1") == "LKB1"


def test_in_words():
    assert (in_words("IGF1R@post"), in_words("IGF1R")) == ("IGF1R at post", "IGF1R")
