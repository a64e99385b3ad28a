"""A run with a treatment and with subgroups: rows, tests, figures; without them no word of it."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from strata import run_plan
from strata.analysis import Plan
from strata.report import run_to_folder


@pytest.fixture(scope="module")
def written(root, tmp_path_factory):
    """``written("trial-everolimus", treatment="treatment")``: the folder of a run."""

    def make(*names, **keys):
        cohorts = [{"path": str(root / "synthetic" / name / "flat"), "name": name} for name in names]
        plan = Plan.checked(cohorts=cohorts, **{"signatures": ["p4ebp1-high"], "endpoints": ["TTP"], **keys})
        folder = tmp_path_factory.mktemp("run") / "out"
        run_to_folder(lambda: run_plan(plan, check=True), folder)
        return folder

    return make


@pytest.fixture(scope="module")
def trial(written):
    return written("trial-everolimus", treatment="treatment", subgroups=["endocrine_resistance", "pr"])


def test_the_planted_interaction_is_found(trial):
    table = pd.read_csv(trial / "results.tsv", sep="\t").set_index("comparison")
    row = table.loc["treatment_interaction"]
    assert row["likelihood_ratio_p"] < 0.05
    assert row["hazard_ratio_lower"] < 0.5 < row["hazard_ratio_upper"]
    assert "predictive if the treatment was given by randomisation" in row["note"]
    assert row["claim_effect"] == "sensitive"
    assert row["agrees"] == "untested"
    assert {"treatment_in_positive", "treatment_in_negative"} <= set(table.index)


def test_the_ledger_tests_the_interaction_by_its_likelihood_ratio(trial):
    tests = pd.read_csv(trial / "tests.tsv", sep="\t")
    mine = tests[(tests["comparison"] == "treatment_interaction") & (tests["family"] == "secondary")]
    assert mine["test"].tolist() == ["likelihood ratio"]
    results = pd.read_csv(trial / "results.tsv", sep="\t").set_index("comparison")
    assert mine["p_value"].iloc[0] == results.loc["treatment_interaction", "likelihood_ratio_p"]


def test_the_four_curves_and_the_figure(trial):
    curves = pd.read_csv(trial / "curves.tsv", sep="\t")
    groups = curves.loc[curves["comparison"] == "treatment_interaction", "group"].unique().tolist()
    assert groups == [f"marker-{s}, {arm}" for s in ("positive", "negative") for arm in ("everolimus", "control")]
    text = (trial / "treatment.svg").read_text()
    assert "marker-negative" in text
    assert "likelihood-ratio" in text
    assert "treatment_in_positive" not in (trial / "table_c.tsv").read_text()


def test_the_subgroups(trial):
    table = pd.read_csv(trial / "subgroups.tsv", sep="\t")
    assert table["factor"].unique().tolist() == ["endocrine_resistance", "pr"]
    assert table["note"].str.startswith("exploratory; 6 subgroup tests").all()
    assert "interaction P" in (trial / "subgroups.svg").read_text()


def test_the_ledger_counts_subgroups_in_a_family_of_their_own(trial):
    tests = pd.read_csv(trial / "tests.tsv", sep="\t")
    mine = tests[tests["family"] == "subgroup"].set_index("comparison")
    assert len(mine) == 6
    assert (mine["tests_in_family"] == 6).all()
    table = pd.read_csv(trial / "subgroups.tsv", sep="\t")
    first = table.iloc[0]
    assert mine.loc[f"{first['factor']}_vs_marker", "p_value"] == first["interaction_p"]
    assert mine.loc[f"positive_vs_rest in {first['factor']} {first['level']}", "p_value"] == first["log_rank_p"]
    for stem in ("treatment", "subgroups", "survival"):
        if (trial / f"{stem}.svg").exists():
            assert "tests of this run" in " ".join((trial / f"{stem}.svg").read_text().split())


def test_a_claim_in_the_words_of_the_plan_is_tested(written, root):
    from strata.signatures import signature_library

    claim = next(c for c in signature_library()["p4ebp1-high"].claims if c.role == "predictive" and c.drug)
    folder = written("trial-everolimus", treatment="treatment", treatment_drug=claim.drug)
    table = pd.read_csv(folder / "results.tsv", sep="\t").set_index("comparison")
    assert table.loc["treatment_interaction", "agrees"] == "yes"


def test_a_cohort_without_the_treatment_fails_by_name_and_the_others_are_analysed(written):
    folder = written("trial-everolimus", "one-event", signatures=["igf1r-high"], treatment="treatment")
    assert set(pd.read_csv(folder / "results.tsv", sep="\t")["cohort"]) == {"trial-everolimus"}
    (failure,) = json.loads((folder / "run.json").read_text())["failures"]
    assert (failure["cohort"], failure["exit_status"]) == ("one-event", 3)
    assert "cohort one-event: no clinical column treatment. It has " in failure["problems"][0]


def test_a_treatment_without_two_words_says_so_and_is_analysed(written):
    folder = written("trial-everolimus", treatment="stage")
    table = pd.read_csv(folder / "results.tsv", sep="\t").set_index("comparison")
    assert table.loc["positive_vs_rest", "estimable"]
    rows = table[table.index.str.startswith("treatment_")]
    assert len(rows) == 3
    assert not rows["estimable"].any()
    assert rows["note"].str.contains("column stage must hold two words, not 1: IV").all()


def test_without_a_treatment_the_word_is_in_no_file(written):
    folder = written("trial-everolimus")
    for path in folder.rglob("*"):
        if path.suffix in (".tsv", ".svg"):
            assert "predictive" not in path.read_text(), path.name
    record = json.loads((folder / "run.json").read_text())
    # what was typed is the user's
    assert "predictive" not in json.dumps(record | {"argv": []})
    table = pd.read_parquet(folder / "results.parquet")
    assert "predictive" not in table.to_csv()
    assert not [path for path in folder.iterdir() if path.name.startswith(("treatment", "subgroups"))]


def test_a_searched_cut_is_asked_about_neither(written):
    search = {"permutations": 99, "bootstrap": 5}
    asked = {"treatment": "treatment", "subgroups": ["pr"], "cut": "optimal", "cut_search": search}
    folder = written("trial-everolimus", **asked)
    table = pd.read_csv(folder / "results.tsv", sep="\t")
    rows = table[table["comparison"].str.startswith("treatment_")]
    assert len(rows) == 3
    assert rows["note"].str.contains("the cut was searched in these patients").all()
    (note,) = pd.read_csv(folder / "subgroups.tsv", sep="\t")["note"]
    assert "the cut was searched in these patients" in note
