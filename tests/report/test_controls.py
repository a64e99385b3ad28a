"""The tables of negative controls, and their record."""

from __future__ import annotations

import json

from strata import run_plan
from strata.analysis import Controls, Plan
from strata.report import run_to_folder


def test_the_tables_are_there_when_asked_for(root, tmp_path):
    cohort = str(root / "synthetic" / "no-effect" / "flat")
    plan = Plan.checked(cohorts=[cohort], signatures=["igf1r-high"], endpoints=["OS"])
    controls = Controls(null_check=2, random_signatures=2, seed=5)
    run_to_folder(lambda: run_plan(plan, controls=controls), tmp_path / "out")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"tests.tsv", "null_check.tsv", "random_signatures.tsv"} <= names
    record = json.loads((tmp_path / "out" / "run.json").read_text())
    assert record["negative_controls"] == {"null_check": 2, "random_signatures": 2, "seed": 5}
    assert record["tests"][0]["family"] == "main"
    assert record["tests"][0]["tests"] == len(run_plan(plan).cohorts[0].strata)


def test_without_genes_to_draw_the_table_has_its_header(root, tmp_path):
    cohort = str(root / "synthetic" / "trial-everolimus" / "flat")
    plan = Plan.checked(cohorts=[cohort], signatures=["igf1r-high"], endpoints=["OS"])
    run_to_folder(lambda: run_plan(plan, controls=Controls(random_signatures=1)), tmp_path / "out")
    text = (tmp_path / "out" / "random_signatures.tsv").read_text()
    assert text.startswith("cohort\tsignature\tpopulation\tendpoint")
