"""The proof of a run: whatever was changed is found and named."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from strata import read_cohort, run_plan
from strata.analysis import Controls, Plan, load_plan, sha256, versions
from strata.errors import DataError, InputOutputError
from strata.report import run_to_folder, verify_run
from strata.scan import scan_genes
from strata.signatures import parse_signature


@pytest.fixture(scope="module")
def made(root, tmp_path_factory) -> Path:
    """A cohort in ``data`` and a run of it in ``run``; tests work on copies of the run."""
    place = tmp_path_factory.mktemp("verify")
    shutil.copytree(root / "synthetic" / "one-event" / "flat", place / "data")
    (place / "plan.yaml").write_text("cohorts: data\nsignatures: igf1r-sphk1-high\nendpoints: OS\n")
    run_to_folder(lambda: run_plan(load_plan(place / "plan.yaml")), place / "run", figures=False, multiqc=True)
    return place


@pytest.fixture
def run(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made / "run", tmp_path / "run")
    return tmp_path / "run"


def own(root, tmp_path) -> tuple[Path, Path]:
    """A run with a cohort of its own, whose tables may be changed."""
    data = shutil.copytree(root / "synthetic" / "one-event" / "flat", tmp_path / "data")
    plan = Plan.checked(cohorts=[str(data)], signatures=["igf1r-high"], endpoints=["OS"])
    run_to_folder(lambda: run_plan(plan), tmp_path / "run", figures=False)
    return data, tmp_path / "run"


def test_what_nobody_touched_is_verified(run):
    before = {path: path.read_bytes() for path in run.rglob("*.*")}
    found = verify_run(run)
    assert found.exit_status == 0
    assert (found.versions, found.missing, found.changed, found.edited, found.differences) == ((), (), (), (), ())
    tables = [name for name in json.loads((run / "run.json").read_text())["outputs"] if not name.endswith(".yml")]
    assert found.tables == len(tables) > 10
    assert {path: path.read_bytes() for path in run.rglob("*.*")} == before


def test_a_changed_cell_is_named_with_its_row_and_column(run):
    path = run / "results.tsv"
    then = sha256(path)
    rows = [line.split("\t") for line in path.read_text().splitlines()]
    column = rows[0].index("hazard_ratio")
    was, rows[1][column] = rows[1][column], "0.5"
    path.write_text("".join("\t".join(row) + "\n" for row in rows))
    found = verify_run(run)
    assert found.exit_status == 1
    assert found.edited == (f"results.tsv: was changed (sha256 {then} then, {sha256(path)} now)",)
    (one,) = found.differences
    assert str(one) == (
        "results.tsv: row 1 (data, igf1r-sphk1-high, er-positive, OS, positive_vs_rest), column hazard_ratio: "
        f"0.5 in the run, {was} now"
    )


def test_a_lost_row_is_named(run):
    path = run / "curves.tsv"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[:3], *lines[4:]]))
    found = [str(item) for item in verify_run(run).differences]
    assert found[0] == f"curves.tsv: {len(lines) - 2:,} rows in the run, {len(lines) - 1:,} now"
    assert found[1].startswith("curves.tsv: row 3 (data, igf1r-sphk1-high, er-positive, OS, positive_vs_rest")
    assert found[1].endswith("only now")


def test_a_deleted_table_is_named(run):
    then = sha256(run / "baseline.tsv")
    (run / "baseline.tsv").unlink()
    found = verify_run(run)
    assert found.exit_status == 1
    assert found.edited == (f"baseline.tsv: is gone (sha256 {then} then)",)
    assert found.differences == ()


def test_a_change_in_parquet_names_no_patient(run):
    path = run / "assignments.parquet"
    table = pd.read_parquet(path)
    table.loc[0, "patient"], table.loc[1, "call"] = "SOMEBODY", "negative?"
    table.to_parquet(path)
    found = [str(item) for item in verify_run(run).differences]
    assert found[0].endswith("column patient: another one")
    assert "row 2 ('data', 'igf1r-sphk1-high', 'er-positive', 'negative?'), column call" in found[1]
    assert not any("SOMEBODY" in item or "SYN-" in item for item in found)


def test_numbers_of_json_are_compared_too(run):
    path = next((run / "multiqc").glob("strata_igf1r*"))
    path.write_text(path.read_text().replace("1.0", "0.75", 1))
    (one,) = verify_run(run).differences
    assert one.table == f"multiqc/{path.name}"
    assert one.what == "0.75 in the run, 1.0 now"


def test_a_changed_byte_of_an_input_is_named_with_both_hashes(root, tmp_path):
    data, run = own(root, tmp_path)
    table = data / "mrna.tsv"
    then = sha256(table)
    raw = table.read_bytes()
    table.write_bytes(raw.replace(b".8", b".9", 1))
    found = verify_run(run)
    assert found.exit_status == 1
    assert found.changed == (f"{table}: was changed (sha256 {then} then, {sha256(table)} now)",)
    assert found.edited == ()


def test_without_its_inputs_a_run_is_not_repeated(root, tmp_path):
    data, run = own(root, tmp_path)
    (data / "mrna.tsv").unlink()
    found = verify_run(run)
    assert found.exit_status == 6
    assert found.missing[0].startswith(f"{data / 'mrna.tsv'}: is gone (sha256 ")
    assert found.tables == 0


def test_an_input_that_is_no_table_any_more_is_the_status_of_the_run(root, tmp_path):
    data, run = own(root, tmp_path)
    (data / "clinical.tsv").write_text("nothing\n")
    found = verify_run(run)
    assert found.exit_status == 3
    assert len(found.changed) == 1


def test_other_versions_are_said_and_are_no_difference(run, monkeypatch):
    monkeypatch.setattr("strata.report.verify.versions", lambda: versions() | {"numpy": "1.2.3"})
    found = verify_run(run)
    then = json.loads((run / "run.json").read_text())["packages"]["numpy"]
    assert found.versions == (f"numpy {then} then, 1.2.3 now",)
    assert found.exit_status == 0


def test_the_plan_is_the_recorded_one_whatever_became_of_its_file(root, tmp_path):
    shutil.copytree(root / "synthetic" / "one-event" / "flat", tmp_path / "data")
    plan = tmp_path / "plan.yaml"
    plan.write_text("cohorts: data\nsignatures: igf1r-high\nendpoints: OS\n")
    run_to_folder(lambda: run_plan(load_plan(plan)), tmp_path / "run", figures=False)
    plan.write_text("cohorts: data\nsignatures: sphk1-high\nendpoints: DFS\n")
    found = verify_run(tmp_path / "run")
    assert [line.split(": ")[0] for line in found.changed] == [str(plan)]
    assert found.differences == ()


def test_a_run_can_be_verified_from_another_folder(root, tmp_path, monkeypatch):
    monkeypatch.chdir(root / "synthetic")
    plan = Plan.checked(cohorts=["one-event/flat"], signatures=["igf1r-high"], endpoints=["OS"])
    run_to_folder(lambda: run_plan(plan), tmp_path / "run", figures=False)
    monkeypatch.chdir(tmp_path)
    assert verify_run("run").exit_status == 0
    assert Path.cwd() == tmp_path


def test_signatures_made_in_code_controls_and_failures_are_repeated(root, tmp_path):
    signature = parse_signature({"name": "m", "positive": {"mrna": "IGF1R", "above": "q75"}}, id="mine", where="here")
    cohorts = [str(root / "synthetic" / "one-event" / "flat"), {"path": str(tmp_path / "nowhere"), "name": "nowhere"}]
    plan = Plan.checked(cohorts=cohorts, endpoints=["OS"])
    controls = Controls(null_check=3, seed=5)
    run_to_folder(
        lambda: run_plan(plan, signatures=[signature], controls=controls, check=True), tmp_path / "run", figures=False
    )
    assert (tmp_path / "run" / "null_check.tsv").exists()
    assert verify_run(tmp_path / "run").exit_status == 0
    (tmp_path / "nowhere").mkdir()
    shutil.copy(root / "synthetic" / "one-event" / "flat" / "clinical.tsv", tmp_path / "nowhere")
    found = verify_run(tmp_path / "run")
    assert found.exit_status == 1
    assert "run.json: cohort nowhere: failed only in the run" in map(str, found.differences)


def test_a_scan_made_in_python_says_that_it_cannot_be_repeated(root, tmp_path):
    from strata.report import scan_to_folder

    cohort = read_cohort(root / "synthetic" / "one-event" / "flat")
    scan = scan_genes(cohort, "OS", permutations=0)
    scan_to_folder(cohort, lambda: scan, tmp_path / "run", options={"cut": "median"}, overwrite=False)
    found = verify_run(tmp_path / "run")
    assert found.exit_status == 3
    assert "does not say how its cohort was read" in str(found.failed)


def test_what_is_no_run_is_refused(tmp_path):
    with pytest.raises(InputOutputError, match=r"run\.json: cannot be read: No such file"):
        verify_run(tmp_path)
    for text, what in (
        ("{", "is not JSON"),
        ("[]", "is not the record of a run"),
        ('{"kind": "run"}', "earlier version"),
    ):
        (tmp_path / "run.json").write_text(text)
        with pytest.raises(DataError, match=what):
            verify_run(tmp_path)
