"""The table and the forest plot of a run of several cohorts."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest

from strata import run_plan
from strata.analysis import Plan
from strata.report import run_to_folder
from strata.report.figures import _caption
from strata.report.pooling import _where_learned
from strata.survival.pooled_rows import POOLED_COLUMNS


@pytest.fixture
def plan(root):
    def make(*names, **keys):
        cohorts = [{"path": str(root / "synthetic" / name / "flat"), "name": name} for name in names]
        return Plan.checked(cohorts=cohorts, **{"signatures": ["igf1r-high"], "endpoints": ["OS"], **keys})

    return make


def test_two_cohorts_give_a_table_and_a_figure(plan, tmp_path):
    made = plan("additive-only", "no-effect", covariates=["age"])
    run_to_folder(lambda: run_plan(made), tmp_path / "out")
    table = pd.read_csv(tmp_path / "out" / "pooled.tsv", sep="\t")
    assert tuple(table.columns) == POOLED_COLUMNS
    assert {"stratified", "random_effects"} <= set(table["method"])
    text = (tmp_path / "out" / "forest.svg").read_text()
    for words in ("additive-only", "Stratified by cohort", "Random effects", "Hartung-Knapp", "adjusted for age"):
        assert words in text
    assert {f"forest.{kind}" for kind in ("png", "pdf")} <= {path.name for path in (tmp_path / "out").iterdir()}


def test_several_signatures_have_figures_of_their_own(plan, tmp_path):
    made = plan("additive-only", "no-effect", signatures=["igf1r-high", "sphk1-high"])
    run_to_folder(lambda: run_plan(made), tmp_path / "out")
    drawn = {path.name for path in (tmp_path / "out" / "figures").iterdir()}
    assert {"forest-igf1r-high.svg", "forest-sphk1-high.svg"} <= drawn


def test_one_cohort_gives_neither(plan, tmp_path):
    run_to_folder(lambda: run_plan(plan("no-effect")), tmp_path / "out")
    assert not [path for path in (tmp_path / "out").iterdir() if "pooled" in path.name or "forest" in path.name]


def test_nothing_to_pool_gives_a_table_that_says_so_and_no_figure(plan, tmp_path):
    made = plan("additive-only", "no-effect", endpoints=["DSS"])
    run_to_folder(lambda: run_plan(made), tmp_path / "out")
    table = pd.read_csv(tmp_path / "out" / "pooled.tsv", sep="\t")
    assert not table["estimable"].any()
    assert table["not_contributing"].str.contains("the cohort has no DSS").all()
    assert not [path for path in (tmp_path / "out").iterdir() if "forest" in path.name]


def words_of(path):
    return " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", path.read_text(encoding="utf-8")))


def test_captions_say_where_an_applied_cut_was_learned(plan, tmp_path):
    # the training cohort is not pooled: it takes two others for a forest
    made = plan("additive-only", "no-effect", "heavy-ties", train="additive-only", subgroups=["er"])
    results = run_plan(made)
    run_to_folder(lambda: results, tmp_path / "out")
    learned = "Cut: median, learned in cohort additive-only and applied unchanged"
    assert f"{learned}." in words_of(tmp_path / "out" / "forest.svg")
    trained, applied, _ = results.cohorts
    texts = {
        cohort.name: _caption(cohort, cohort.comparisons, results, (), results.tests) for cohort in (trained, applied)
    }
    assert f"{learned}." in texts["no-effect"]
    assert "Cut: median over the patients of each panel's population." in texts["additive-only"]
    figures = tmp_path / "out" / "figures"
    applied_text = words_of(figures / "subgroups-no-effect-igf1r-high.svg")
    assert f"{learned}, the same in all subgroups." in applied_text
    own = words_of(figures / "subgroups-additive-only-igf1r-high.svg")
    assert "Cut: median, over the population, the same in all subgroups." in own


def test_a_searched_cut_applied_elsewhere_is_not_said_to_be_optimal_there(plan):
    search = {"permutations": 99, "bootstrap": 0}
    results = run_plan(plan("additive-only", "no-effect", train="additive-only", cut="optimal", cut_search=search))
    text = _caption(results.cohorts[1], results.cohorts[1].comparisons, results, (), results.tests)
    assert "Cut: optimal, learned in cohort additive-only and applied unchanged." in text


def test_a_forest_of_own_and_applied_cuts_names_the_cohorts(plan):
    made = plan("additive-only", "no-effect", "one-event", train="additive-only", validate=["no-effect"])
    results = run_plan(made)
    (pooled,) = results.pooled
    assert pooled.learned_in == (("no-effect", "additive-only"),)
    said = " over the patients of the population of each cohort; in no-effect, learned in cohort additive-only and"
    assert _where_learned(pooled) == f"{said} applied unchanged"
    assert _where_learned(replace(pooled, learned_in=())) == " over the patients of the population of each cohort"


def test_the_forest_says_what_it_is_stratified_by(plan, tmp_path):
    made = plan("additive-only", "no-effect", stratify_by=["grade"], subgroups=["er"])
    run_to_folder(lambda: run_plan(made), tmp_path / "out")
    said = "HR and log-rank test of cohorts, and fixed and random effects, stratified by grade; the others not."
    assert said in words_of(tmp_path / "out" / "forest.svg")
    drawn = words_of(tmp_path / "out" / "figures" / "subgroups-no-effect-igf1r-high.svg")
    assert "HR and log-rank test stratified by grade." in drawn
