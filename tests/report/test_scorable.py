"""Signatures that a cohort can answer, summed up."""

from __future__ import annotations

import pandas as pd
import pytest

from strata.report.scorable import lacking, unused, verdict


def lines(*reasons):
    return list(verdict(checked(*reasons)))


def checked(*reasons):
    """A table of ``check_signatures``: one signature that can be scored, and ``no1``, ``no2`` ... that cannot."""
    names = ["yes", *(f"no{i + 1}" for i in range(len(reasons)))]
    can = [True, *[False] * len(reasons)]
    return pd.DataFrame({"signature": names, "can_be_scored": can, "why": ["a note", *reasons]})


def test_the_most_common_reason_comes_first_and_each_signature_counts_once():
    assert lines(
        "needs gene set A (MSigDB H): pass --gene-sets h.all.gmt",
        "the cohort has no protein table; no clinical column x",
        "the cohort has no protein table",
    ) == [
        "1 of 4 signatures can be scored",
        "  the cohort has no protein table: 2",
        "  a gene list is needed (--gene-sets): 1",
    ]


@pytest.mark.parametrize(
    ("why", "group"),
    [
        ("no patient of the cohort is known to be er-positive", "no patient is known to be of its population"),
        ("needs centroids of pam50: pass --centroids FILE (genes x classes: A; genefu's pam50)",
         "centroids of pam50 are needed (--centroids)"),
        ("ssgsea(up A): 3 of 200 genes found, fewer than the share 0.8 (missing B)",
         "too few genes of a list or of centroids are in the tables"),
        ("no clinical column ki67 at day15", "no clinical column ki67 at day15"),
        ("no patient of the cohort is known to be her2-positive; no clinical column her2; the cohort has no "
         "copy_number table; protein MET: the cohort has no protein table",
         "no clinical column her2"),
        ("no patient of the cohort is known to be er-positive; protein MET: the cohort has no protein table",
         "no patient is known to be of its population"),
        ("no mrna SPHK1 in the cohort's tables (no feature SPHK1, nor under another name or id of the gene)",
         "a feature is not in the mrna tables"),
        ("no protein IGF1R at pre in the cohort's tables (measured at post)", "a feature is not in the protein tables"),
        ("mutation CCND1 was tested in nobody", "mutation: a gene was tested in nobody"),
        ("it needs an assay that tables do not hold", "it needs an assay that tables do not hold"),
        ("", "no reason is known"),
    ],
)  # fmt: skip
def test_reasons_that_name_features_are_grouped(why, group):
    assert lines(why)[1] == f"  {group}: 1"


def test_nothing_to_explain():
    assert lines() == ["1 of 1 signatures can be scored"]


def test_the_signatures_are_listed_by_the_first_thing_that_they_lack():
    table = checked("no clinical column pr", "the cohort has no protein table; x", "the cohort has no protein table")
    assert lacking(table) == {"the cohort has no protein table": ["no2", "no3"], "no clinical column pr": ["no1"]}


def test_a_plan_needs_each_split_once_and_no_stratum_of_everyone():
    columns = ["signature", "can_be_scored", "positive", "negative", "same_split_as"]
    rows = [("a", True, 3, 4, ""), ("b", True, 4, 3, "a"), ("c", True, 7, 0, ""), ("d", False, 0, 0, "")]
    assert unused(pd.DataFrame(rows, columns=columns)) == {
        "the same two groups of patients as a": ["b"],
        "everyone with a known call is in one stratum": ["c"],
    }
