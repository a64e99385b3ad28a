"""run.json: what was run, on which bytes, with which versions."""

from __future__ import annotations

import hashlib
import json
import sys
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

from strata import load_plan, run_plan
from strata.analysis import Plan, command_line, run_record, sha256, write_record
from strata.signatures import parse_signature, written_signature

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def record(plan_of):
    def make(plan=None, **keys):
        results = run_plan(plan or plan_of("one-event"), **keys)
        return run_record(results, argv=["strata", "x"], started=START, finished=START + timedelta(seconds=2))

    return make


def test_the_record_says_everything(record, root):
    found = record(check=True)
    assert found["strata"] == version("strata-cohort")
    assert found["packages"]["numpy"] == np.__version__
    assert found["argv"] == ["strata", "x"]
    assert (found["started"], found["seconds"]) == ("2026-01-02T03:04:05+00:00", 2)
    assert found["plan"]["cut_scope"] == "population"
    assert found["plan"]["cohorts"][0]["name"] == "one-event"
    assert "folder" not in found["plan"]
    assert found["signatures"] == ["igf1r-high"]
    files = {entry["path"]: entry for entry in found["inputs"]}
    folder = root / "synthetic" / "one-event" / "flat"
    assert set(files) == {str(path) for path in folder.iterdir()}
    for path, entry in files.items():
        raw = (folder / path).read_bytes()
        assert (entry["bytes"], entry["sha256"]) == (len(raw), hashlib.sha256(raw).hexdigest())
        assert entry["rows"] == raw.count(b"\n") - 1
    assert found["seeds"] == {"permutation": 0, "cut_search": 0, "negative_controls": 0}
    (cohort,) = found["cohorts"]
    assert cohort["patients"] == files[str(folder / "clinical.tsv")]["rows"]
    assert set(cohort["timings"]) == {"reading", "scoring", "comparing"}
    assert all(seconds > 0 for seconds in cohort["timings"].values())
    assert cohort["strata"][0]["counts"]["positive"] > 0
    assert cohort["choices"]["layout"]["name"] == "flat"
    assert found["cross_check"]["engine"].startswith("lifelines ")
    assert found["cross_check"]["compared"] > 0


def test_the_plan_and_signatures_of_the_users_own_are_inputs(record, tmp_path, root):
    (tmp_path / "mine.yaml").write_text("id: mine\nname: m\npositive: {mrna: IGF1R, above: median}\n")
    (tmp_path / "plan.yaml").write_text(
        f"cohorts: {root / 'synthetic' / 'one-event' / 'flat'}\nsignatures: mine.yaml\nendpoints: OS\n"
    )
    found = record(load_plan(tmp_path / "plan.yaml"))
    names = [entry["path"] for entry in found["inputs"]]
    assert names[:2] == [str(tmp_path / "plan.yaml"), str(tmp_path / "mine.yaml")]
    assert found["inputs"][1]["sha256"] == sha256(tmp_path / "mine.yaml")


def test_failures_are_in_the_record(record, plan_of, tmp_path):
    plan = plan_of("one-event")
    nowhere = plan.cohorts[0].model_copy(update={"path": str(tmp_path / "nowhere"), "name": "lost"})
    found = record(plan.model_copy(update={"cohorts": (*plan.cohorts, nowhere)}))
    (failure,) = found["failures"]
    assert (failure["cohort"], failure["exit_status"]) == ("lost", 6)
    assert "no such file" in failure["problems"][0]


def test_the_file_is_strict_json_and_lists_the_others(record, tmp_path):
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "a.png").write_text("")
    (tmp_path / "b.tsv").write_text("")
    odd = {"nan": float("nan"), "inf": np.float64("inf"), "f32": np.float32("nan"), "n": np.int64(3), "set": {"x"}}
    write_record(record() | {"odd": odd}, tmp_path)

    def refuse(word):
        raise ValueError(word)

    read = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"), parse_constant=refuse)
    nothing = hashlib.sha256(b"").hexdigest()
    assert read["outputs"] == {"b.tsv": nothing, "figures/a.png": nothing}
    assert read["odd"] == {"nan": None, "inf": None, "f32": None, "n": 3, "set": ["x"]}


def test_paths_of_the_record_can_be_found_from_anywhere(record, root, monkeypatch):
    monkeypatch.chdir(root)
    plan = Plan.checked(cohorts=["synthetic/one-event/flat"], signatures=["igf1r-high"], endpoints=["OS"])
    found = record(plan)
    assert found["folder"] == found["working_directory"] == str(root)
    assert all(Path(entry["path"]).is_absolute() for entry in found["inputs"])


def test_a_signature_made_in_code_is_in_the_record(record, plan_of):
    made = parse_signature({"name": "m", "positive": {"mrna": "IGF1R", "above": "q75"}}, id="mine", where="here")
    found = record(plan_of("one-event"), signatures=[made])
    assert found["made_signatures"] == [written_signature(made)]
    assert record()["made_signatures"] == []


def test_no_patient_is_in_the_record(record, tmp_path):
    write_record(record(), tmp_path)
    assert "SYN-0" not in (tmp_path / "run.json").read_text(encoding="utf-8")


def test_the_command_line_without_the_path_of_the_program(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/somewhere/bin/strata", "run", "plan.yaml"])
    assert command_line() == ["strata", "run", "plan.yaml"]


def test_how_gene_sets_were_scored_is_recorded(record, plan_of, root):
    lists = root / "synthetic" / "gene-sets" / "invented.gmt"
    plan = plan_of("figure2-breast", signatures=["hallmark-mtorc1", "igf1r-high"], gene_sets=[str(lists)])
    made = record(plan)
    (used,) = made["gene_sets"]
    assert used["score"] == "ssgsea(up HALLMARK_MTORC1_SIGNALING)"
    assert (used["method"], used["reference"], used["depends_on_samples"]) == ("ssgsea", "10.1038/nature08460", False)
    assert str(lists) in {entry["path"] for entry in made["inputs"]}
