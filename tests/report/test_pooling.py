"""The table and the forest plot of a run of several cohorts."""

from __future__ import annotations

import pandas as pd
import pytest

from strata import run_plan
from strata.analysis import Plan
from strata.report import run_to_folder
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
