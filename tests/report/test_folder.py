"""The folder of a run."""

from __future__ import annotations

import json

import pytest

from strata import run_plan
from strata.analysis import Plan
from strata.errors import InputOutputError, StrataError, UsageError
from strata.report import run_to_folder

CALLS = {"assignments.parquet", "calls.tsv", "cut_points.tsv", "genes.tsv", "run.json"}
SURVIVAL = {
    *(
        "results.tsv",
        "results.parquet",
        "table_c.tsv",
        "curves.tsv",
        "survival_at.tsv",
        "baseline.tsv",
        "exclusions.tsv",
        "tests.tsv",
    )
}


@pytest.fixture
def plan(root):
    def make(*names, **keys):
        cohorts = [{"path": str(root / "synthetic" / name / "flat"), "name": name} for name in names]
        return Plan.checked(cohorts=cohorts, **{"signatures": ["igf1r-high"], "endpoints": ["OS"], **keys})

    return make


def test_the_files_of_a_run(plan, tmp_path):
    made = plan("one-event", signatures=["igf1r-sphk1-high"])
    results = run_to_folder(lambda: run_plan(made), tmp_path / "out")
    figures = {"report.html", *(f"figure2.{kind}" for kind in ("png", "svg", "pdf"))}
    assert {path.name for path in (tmp_path / "out").iterdir()} == CALLS | SURVIVAL | figures
    record = json.loads((tmp_path / "out" / "run.json").read_text())
    assert set(record["outputs"]) == (CALLS | SURVIVAL | figures) - {"run.json"}
    assert len(results.cohorts) == 1


def test_a_plan_without_endpoints_writes_calls_alone(plan, tmp_path):
    run_to_folder(lambda: run_plan(plan("one-event", endpoints=[])), tmp_path / "out")
    assert {path.name for path in (tmp_path / "out").iterdir()} == CALLS


def test_the_folder_is_checked_before_the_work(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")

    def never():
        pytest.fail("the work must not start")

    with pytest.raises(InputOutputError):
        run_to_folder(never, tmp_path)
    with pytest.raises(UsageError):
        run_to_folder(never, tmp_path, inputs=[tmp_path / "mine.txt"], overwrite=True)


def test_when_every_cohort_fails_all_problems_are_told_and_nothing_is_written(plan, tmp_path):
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "clinical.tsv").write_text("patient_id\tos_months\tos_event\nP1\t-5\t1\nP2\tsoon\t0\n")
    made = Plan.checked(cohorts=[str(tmp_path / "bad"), str(tmp_path / "nowhere")], signatures=["igf1r-high"])
    with pytest.raises(StrataError) as caught:
        run_to_folder(lambda: run_plan(made), tmp_path / "out")
    assert caught.value.exit_status == 3
    assert len(caught.value.problems) == 3
    assert [path.name for path in tmp_path.iterdir()] == ["bad"]


def test_two_runs_are_the_same_but_for_the_record(plan, tmp_path):
    made = plan("one-event", "heavy-ties", signatures=["igf1r-sphk1-high"])
    for name, jobs in (("one", 1), ("two", 2)):
        run_to_folder(lambda jobs=jobs: run_plan(made, jobs=jobs), tmp_path / name)
    one, two = (
        {str(path.relative_to(tmp_path / name)): path.read_bytes() for path in (tmp_path / name).rglob("*.*")}
        for name in ("one", "two")
    )
    assert one.keys() == two.keys()
    assert [name for name in one if one[name] != two[name]] in (["run.json"], [])
    assert len([name for name in one if name.startswith("figures/")]) == 6
