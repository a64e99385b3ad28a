"""What MultiQC shows of a run: its files, and what MultiQC itself makes of them."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from strata import run_plan
from strata.analysis import Plan, versions
from strata.report import run_to_folder
from strata.report.multiqc import steps_of, write_multiqc
from strata.survival.kernels.kaplan_meier import kaplan_meier

STEP = 1e-6

# pandas 3 reads numbers exactly by itself and deprecates the argument that asks for it
EXACT = {} if int(pd.__version__.split(".")[0]) > 2 else {"float_precision": "round_trip"}


@pytest.fixture(scope="module")
def run(root, tmp_path_factory) -> Path:
    """Two cohorts and a pair of genes on one endpoint."""
    cohorts = [
        {"path": str(root / "synthetic" / name / "flat"), "name": name} for name in ("figure2-breast", "heavy-ties")
    ]
    plan = Plan.checked(
        cohorts=cohorts, signatures=["igf1r-sphk1-high", "pten-loss"], populations=["er-positive"], endpoints=["OS"]
    )
    out = tmp_path_factory.mktemp("multiqc") / "out"
    run_to_folder(lambda: run_plan(plan), out, figures=False, multiqc=True)
    return out


def read(run: Path, name: str):
    return json.loads((run / "multiqc" / name).read_text())


def table(run: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(run / name, sep="\t", **EXACT)


def curve_of(run: Path, cohort: str, group: str) -> pd.DataFrame:
    """The drawn curve of a group, from ``curves.tsv``."""
    keys = {"cohort": cohort, "signature": "igf1r-sphk1-high", "comparison": "positive_vs_rest", "group": group}
    found = table(run, "curves.tsv")
    return found[(found[list(keys)] == list(keys.values())).all(axis=1)]


def test_steps_are_steps_and_end_where_follow_up_does():
    curve = kaplan_meier(np.array([2.0, 3.0, 5.0, 7.0]), np.array([True, False, True, False]))
    assert steps_of(curve) == [
        (0.0, 1.0),
        (2.0, 1.0),
        (2.0 + STEP, 0.75),
        (5.0, 0.75),
        (5.0 + STEP, 0.375),
        (7.0, 0.375),
    ]
    last = kaplan_meier(np.array([2.0, 5.0]), np.array([True, True]))
    assert steps_of(last)[-1] == (5.0 + STEP, 0.0)
    nobody_died = kaplan_meier(np.array([4.0]), np.array([False]))
    assert steps_of(nobody_died) == [(0.0, 1.0), (4.0, 1.0)]


def test_the_files_are_found_by_their_names(run):
    assert {path.name for path in (run / "multiqc").iterdir()} == {
        "strata_general_mqc.json",
        "strata_igf1r-sphk1-high-er-positive-OS_mqc.json",
        "strata_mqc_versions.yml",
        "strata_pten-loss-er-positive-OS_mqc.json",
        "strata_tests_mqc.json",
    }
    said = (run / "multiqc" / "strata_mqc_versions.yml").read_text().splitlines()
    assert said == ["strata:", *(f"  {name}: '{number}'" for name, number in versions().items())]


def test_the_points_of_a_curve_are_its_steps(run):
    graph = read(run, "strata_igf1r-sphk1-high-er-positive-OS_mqc.json")
    assert graph["parent_id"] == "strata"
    assert graph["plot_type"] == "linegraph"
    assert graph["pconfig"]["smooth_points"] is None
    assert set(graph["data"]) == {
        f"{group}: {cohort}" for group in ("both high", "rest") for cohort in ("figure2-breast", "heavy-ties")
    }
    points = graph["data"]["both high: heavy-ties"]
    curve = curve_of(run, "heavy-ties", "both high").query("events > 0")
    assert [x for x, _ in points[1 : 1 + 2 * len(curve) : 2]] == curve["time"].tolist()
    assert [x for x, _ in points[2 : 2 + 2 * len(curve) : 2]] == (curve["time"] + STEP).tolist()
    assert [y for _, y in points[2 : 2 + 2 * len(curve) : 2]] == curve["survival"].tolist()


def test_the_table_has_the_p_of_the_ledger(run):
    written = read(run, "strata_tests_mqc.json")
    tests = table(run, "tests.tsv").query("family == 'main'")
    row = tests.query("cohort == 'figure2-breast' and signature == 'igf1r-sphk1-high'").iloc[0]
    shown = written["data"]["figure2-breast: igf1r-sphk1-high, er-positive, OS"]
    assert (shown["n"], shown["events"], shown["p_value"], shown["q_value"]) == (
        row["n"],
        row["events"],
        row["p_value"],
        row["q_value"],
    )
    assert written["headers"]["p_value"]["format"] == "{:.2e}"
    # a cohort without the protein has a row without numbers
    assert written["data"]["heavy-ties: pten-loss, er-positive, OS"] == {"n": 0, "events": 0}


def test_a_line_a_cohort(run):
    general = read(run, "strata_general_mqc.json")
    assert general["data"]["figure2-breast"]["patients"] == 600
    assert general["data"]["figure2-breast"]["signatures"] == 2
    assert general["data"]["heavy-ties"]["signatures"] == 1


def test_no_patient_stands_anywhere(run):
    text = "".join(path.read_text() for path in (run / "multiqc").iterdir())
    assert "SYN" not in text


def test_of_many_signatures_there_are_no_graphs_and_500_rows(root, tmp_path, monkeypatch):
    monkeypatch.setattr("strata.report.multiqc._MOST_ROWS", 3)
    monkeypatch.setattr("strata.report.multiqc.MOST_SINGLES", 3)
    cohort = {"path": str(root / "synthetic" / "figure2-breast" / "flat"), "name": "breast"}
    plan = Plan.checked(cohorts=[cohort], signatures=["igf1r-high", "sphk1-high"], endpoints=["DFS", "OS"])
    results = run_plan(plan)
    write_multiqc(results, tmp_path)
    assert len(list((tmp_path / "multiqc").iterdir())) == 3
    written = json.loads((tmp_path / "multiqc" / "strata_tests_mqc.json").read_text())
    tests = results.tests.query("family == 'main'")
    assert written["description"].endswith("The 3 of 4 with the smallest P.")
    assert {row["p_value"] for row in written["data"].values()} == set(tests["p_value"].nsmallest(3))


def test_scores_alone_have_a_line_a_cohort(root, tmp_path):
    plan = Plan.checked(
        cohorts=[str(root / "synthetic" / "one-event" / "flat")], signatures=["igf1r-high"], endpoints=[]
    )
    write_multiqc(run_plan(plan), tmp_path)
    names = {path.name for path in (tmp_path / "multiqc").iterdir()}
    assert names == {"strata_general_mqc.json", "strata_mqc_versions.yml"}


@pytest.fixture
def multiqc() -> str:
    program = shutil.which("multiqc")
    if program is None:
        pytest.skip("multiqc is not installed")
    return program


def test_multiqc_itself_draws_steps_and_prints_p(run, tmp_path, multiqc):
    done = subprocess.run(
        [multiqc, "--strict", "--outdir", str(tmp_path), str(run)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "multiqc_data" / "multiqc_data.json").read_text())
    plots = found["report_plot_data"]
    lines = plots["strata_igf1r-sphk1-high-er-positive-OS_plot"]["datasets"][0]["lines"]
    drawn = {line["name"]: line["pairs"] for line in lines}
    assert drawn == read(run, "strata_igf1r-sphk1-high-er-positive-OS_mqc.json")["data"]
    (smallest,) = table(run, "tests.tsv").query("family == 'main'")["p_value"].nsmallest(1)
    assert f"{smallest:.2e}" in (tmp_path / "multiqc_report.html").read_text()
    shown = json.loads(json.dumps(found["report_saved_raw_data"]))
    assert any("strata_tests" in key for key in shown)
