"""What results show in a notebook and at the prompt: their numbers, escaped, and never a patient."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from strata import (
    Plan,
    compare_coexpression,
    compare_survival,
    load_signatures,
    read_cohort,
    run_plan,
    scan_genes,
    scan_pairs,
    score,
    search_cut_point,
    stratify,
)
from strata.notebook import MOST_NOTES, MOST_ROWS, Shown, Summary
from strata.signatures import parse_signature


@pytest.fixture(scope="module")
def folder(root):
    return root / "synthetic" / "figure2-breast" / "flat"


@pytest.fixture(scope="module")
def values(folder):
    """One of each result, and the cohort that they are of."""
    cohort = read_cohort(folder, name="figure2-breast")
    strata = stratify(cohort, "igf1r-high")
    compared = compare_survival(cohort, strata, "OS")
    genes = ["IGF1R", "SPHK1", "ESR1", "PGR"]
    plan = Plan(
        cohorts=[{"path": str(folder), "name": "figure2-breast"}, {"path": "/nowhere", "name": "gone"}],
        signatures=["igf1r-high"],
        endpoints=["OS"],
    )
    results = run_plan(plan)
    return {
        "Cohort": cohort,
        "Scores": score(cohort, ["igf1r-high", "sphk1-high"]),
        "Strata": strata,
        "Comparison": compared.comparisons[0],
        "SurvivalComparison": compared,
        "Pair": compare_coexpression(cohort, "igf1r-sphk1-high", "DFS"),
        "CutPointSearch": search_cut_point(cohort, "igf1r-high", "OS", permutations=300, bootstrap=10),
        "GeneScan": scan_genes(cohort, "OS", assays=["mrna"], permutations=0),
        "PairScan": scan_pairs(cohort, "OS", genes=genes),
        "Results": results,
        "CohortResult": results["figure2-breast"],
        "Signature": load_signatures("igf1r-sphk1-high")[0],
    }


def cells(html: str) -> list[str]:
    """The text of every cell, of markup that is well formed."""
    tree = ET.fromstring(html)
    assert tree.attrib == {"class": "strata-summary"}
    return ["".join(cell.itertext()) for cell in tree.iter() if cell.tag in ("td", "th", "li", "strong")]


NAMES = [
    "Cohort",
    "Scores",
    "Strata",
    "Comparison",
    "SurvivalComparison",
    "Pair",
    "CutPointSearch",
    "GeneScan",
    "PairScan",
    "Results",
    "CohortResult",
    "Signature",
]


@pytest.mark.parametrize("name", NAMES)
def test_it_shows_no_patient_in_html_and_at_the_prompt(values, name):
    html, text = values[name]._repr_html_(), repr(values[name])
    assert len(cells(html)) > 5
    for patient in values["Cohort"].patients:
        assert patient not in html
        assert patient not in text


@pytest.mark.parametrize("name", [name for name in NAMES if name != "Signature"])
def test_both_forms_say_the_same(values, name):
    assert isinstance(values[name], Shown)
    assert values[name].__class__.__repr__ is Shown.__repr__
    text = " ".join(repr(values[name]).split())
    for cell in cells(values[name]._repr_html_()):
        assert " ".join(cell.split()) in text, cell


def test_the_numbers_of_a_comparison(values):
    compared, shown = values["SurvivalComparison"], cells(values["SurvivalComparison"]._repr_html_())
    hazard = compared.hazard_ratio
    assert f"{hazard.value:.2f} ({hazard.lower:.2f}–{hazard.upper:.2f})" in shown
    assert f"P = {compared.log_rank.p_value:.2g}" in shown
    row = compared.comparisons[0]
    assert {str(row.n), str(row.events), "log-rank", "positive_vs_rest", "median", "population"} <= set(shown)
    each = cells(row._repr_html_())
    assert {group.label for group in row.groups} < set(each)
    assert f"{row.n}, {row.events}" in each


def test_counts_of_strata_are_those_of_the_cohort(values):
    shown = cells(values["Strata"]._repr_html_())
    counts = values["Strata"].counts
    for label, n in counts.items():
        assert shown[shown.index(label) + 1] == str(n)
    assert sum(counts.values()) == len(values["Cohort"].patients)


def test_the_p_of_a_search_is_the_corrected_one(values):
    search = values["CutPointSearch"]
    shown = cells(search._repr_html_())
    assert f"{search.cut:.4g}" in shown
    corrected = f"P = {search.p_value:#.2g}"
    assert shown[shown.index("corrected for the search (permutation)") + 1] == corrected
    assert shown[shown.index("maximally selected log-rank") - 1] == corrected
    assert any("cross-fitted" in cell for cell in shown)


def test_what_is_not_estimable_says_so(root):
    cohort = read_cohort(root / "synthetic" / "one-event" / "flat", name="one-event")
    compared = compare_survival(cohort, stratify(cohort, "igf1r-high"), "OS")
    assert compared.hazard_ratio is None
    assert "not estimable" in cells(compared._repr_html_())


def test_a_long_table_is_cut_and_counted(values):
    scan = values["GeneScan"]
    html = scan._repr_html_()
    rows = ET.fromstring(html).findall(".//tbody")[-1].findall("tr")
    assert len(rows) == MOST_ROWS
    assert f"{len(scan.table) - MOST_ROWS} more rows: to_frame()" in cells(html)
    assert "more rows" not in values["PairScan"]._repr_html_()
    many = Summary("t", columns=("a",), rows=[(i,) for i in range(MOST_ROWS + 3)])
    assert "3 more rows: to_frame()" in cells(many.html())


def test_a_failed_cohort_is_in_the_results(values):
    shown = cells(values["Results"]._repr_html_())
    assert any(cell.startswith("cohort gone failed: ") for cell in shown)
    assert shown[shown.index("failed cohorts") + 1] == "1"


def test_results_by_cohort(values):
    results = values["Results"]
    assert results["figure2-breast"] is results.cohorts[0]
    pd.testing.assert_frame_equal(results["figure2-breast"].to_frame(), results.to_frame())
    with pytest.raises(KeyError, match="cohort gone failed; done: figure2-breast"):
        results["gone"]
    with pytest.raises(KeyError, match="cohort other is not in the run"):
        results["other"]


def test_every_text_is_escaped():
    bad = "<script>alert('x')</script>"
    html = Summary(bad, {bad: bad}, (bad,), [(bad,)], notes=[bad]).html()
    assert "<script>" not in html
    assert cells(html).count(bad) == 6
    signature = parse_signature({"name": bad, "positive": {"mrna": "IGF1R", "above": 1}}, id="made-here", where="test")
    assert "<script>" not in signature._repr_html_()


def test_cells():
    numbers = (1234, 0.123456, np.int64(5), np.float64(2.0), None, np.nan, pd.NA, "two\nlines")
    html = Summary("t", columns=[str(i) for i in range(8)], rows=[numbers]).html()
    assert cells(html)[-8:] == ["1,234", "0.1235", "5", "2", "", "", "", "two lines"]


def test_many_notes_are_folded():
    few, many = (Summary("t", notes=["n"] * n).html() for n in (MOST_NOTES, MOST_NOTES + 1))
    assert "<details>" not in few
    assert f"<summary>{MOST_NOTES + 1} notes</summary>" in many


def test_the_claims_of_a_signature_are_shown(values):
    shown = cells(values["Signature"]._repr_html_())
    assert {"prognostic", "worse", "reported", "DFS, OS"} <= set(shown)
    assert json.dumps(values["Signature"].name)[1:-1] in shown[0]
