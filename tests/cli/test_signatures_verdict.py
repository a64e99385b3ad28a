"""The summary of ``strata signatures check``."""

from __future__ import annotations

import pandas as pd
import pytest

from strata.cli.signatures_verdict import verdict


def lines(*reasons):
    table = pd.DataFrame({"can_be_scored": [True, *[False] * len(reasons)], "why": ["a note", *reasons]})
    return list(verdict(table))


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
        ("no clinical column ki67 at day15", "a clinical column is missing"),
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
