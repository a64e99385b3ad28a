"""Sentences about scans."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from strata.report.scan_methods import pair_sentences, scan_sentences

PROGRAMS = {
    "strata": "0.1",
    "python": "3.12",
    "packages": {"numpy": "2", "pandas": "3", "matplotlib": "4"},
    "outputs": {},
}
SCAN = PROGRAMS | {
    "cohort": "A",
    "population": "er-positive",
    "endpoint": "OS",
    "markers": 20_000,
    "tested": 19_000,
    "options": {"cut": "median", "permutations": 500, "seed": 4, "stratification_factors": ["node"], "horizon": 60.0},
}
PAIRS = SCAN | {
    "pairs": 199_990_000,
    "ranked": 150_000_000,
    "options": SCAN["options"] | {"min_patients": 20, "min_events": 10},
}


def keys_of(sentences) -> set[str]:
    return set(re.findall(r"@([\w-]+)", " ".join(sentences)))


def test_a_scan():
    said = scan_sentences(SCAN, pd.DataFrame([{"log_rank_p": 0.1, "hazard_ratio": 2.0, "ph_p": None, "max_t_p": None}]))
    assert said[0] == (
        "In the cohort A, in er-positive patients, for OS, follow-up cut at 60 months, 20,000 markers were asked "
        "whether survival differs by them, of which 19,000 could be tested."
    )
    assert "stratified by node." in said[2]
    assert keys_of(said) == {
        *("mantel1966", "peto1972", "cox1972", "efron1977", "benjamini1995"),
        *("strata", "harris2020", "mckinney2010"),
    }


@pytest.mark.parametrize(
    ("column", "key"), [("max_t_p", "westfall1993"), ("permutation_p", "phipson2010"), ("ph_p", "grambsch1994")]
)
def test_what_a_table_holds_is_said(column, key):
    said = scan_sentences(SCAN, pd.DataFrame([{column: 0.5}]))
    assert key in keys_of(said)
    assert ("500 permutations (seed 4)" in " ".join(said)) == (column != "ph_p")


def test_searched_cuts():
    record = SCAN | {"options": SCAN["options"] | {"cut": "every"}}
    assert "lausen1992" in keys_of(scan_sentences(record, pd.DataFrame([{"p_value": 0.5}])))


def test_pairs():
    said = pair_sentences(PAIRS, pd.DataFrame([{"log_rank_p": 0.1, "wald_p": 0.1, "max_t_p": None}]))
    assert "all 199,990,000 pairs of 20,000 markers were compared" in said[0]
    assert "150,000,000 pairs with at least 20 patients and 10 events in both groups were ranked." in said[0]
    assert "westfall1993" not in keys_of(said)
    assert "westfall1993" in keys_of(pair_sentences(PAIRS, pd.DataFrame([{"max_t_p": 0.1}])))
