"""Strata that divide the same patients in the same way, found exactly."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from strata import read_cohort, stratify
from strata.stratification import same_splits


@pytest.fixture(scope="module")
def cohort(root):
    return read_cohort(root / "synthetic" / "figure2-breast" / "flat", name="figure2-breast")


def names(strata):
    return [[(one.signature, one.population) for one in same] for same in same_splits(strata)]


def test_a_mirrored_split_is_the_same_and_another_is_not(cohort):
    strata = [stratify(cohort, name) for name in ("er-positive", "igf1r-high", "er-negative", "sphk1-high")]
    assert names(strata) == [[("er-positive", "all"), ("er-negative", "all")]]


def test_one_patient_more_is_another_split(cohort):
    one, other = stratify(cohort, "er-positive"), stratify(cohort, "er-negative")
    labels = other.labels.copy()
    labels.iloc[labels.notna().argmax()] = pd.NA
    assert names([one, replace(other, labels=labels)]) == []


def test_quantile_groups_are_mirrored_too(cohort):
    one = stratify(cohort, "igf1r-high", cut="tertiles")
    turned = one.labels.cat.rename_categories(["q3", "q2", "q1"]).cat.reorder_categories(["q1", "q2", "q3"])
    other = replace(one, signature="other", labels=turned)
    assert names([one, other]) == [[("igf1r-high", "all"), ("other", "all")]]


def test_a_signature_of_several_endpoints_and_one_that_divides_nobody_are_no_pair(cohort):
    one = stratify(cohort, "igf1r-high")
    nobody = replace(one, labels=one.labels.where(one.labels == "positive"))
    assert names([one, one, nobody, replace(nobody, signature="other")]) == []
