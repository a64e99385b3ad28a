"""``strata init``: its plan runs unchanged."""

from __future__ import annotations

import json

import pytest

NAMES = ["figure2-breast", "no-effect", "additive-only", "trial-everolimus", "one-event", "heavy-ties"]


@pytest.mark.parametrize("layout", ["flat", "cbioportal"])
@pytest.mark.parametrize("name", NAMES)
def test_the_plan_of_every_committed_cohort_runs(strata, root, tmp_path, monkeypatch, name, layout, table):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("strata.report.folder.draw_figures", lambda *_: [])  # drawn elsewhere; slow
    made = strata("init", root / "synthetic" / name / layout)
    assert (made.status, made.out) == (0, "")
    assert made.err == "wrote plan.yaml; run it with: strata run plan.yaml\n"
    ran = strata("run", "plan.yaml")
    assert ran.status == 0, ran.err
    rows = table(tmp_path / "results" / "results.tsv")
    compared = rows.assign(n=rows["n"].astype(int)).groupby("signature")["n"].max()
    assert (compared > 0).all(), compared


def test_how_the_cohort_is_read_is_in_the_plan(strata, small, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for path in small.iterdir():
        path.write_text(path.read_text().replace("\t", "|"))
    words = ["--read", "sep=|", "--layout", "flat", "--name", "mine"]
    assert strata("init", "small", "--out", "p.yaml", *words).status == 0
    assert strata("run", "p.yaml").status == 0
    record = json.loads((tmp_path / "results" / "run.json").read_text())
    assert record["plan"]["cohorts"] == [{"read": {"sep": "|"}, "path": "small", "name": "mine", "layout": "flat"}]


def test_a_dash_prints_the_plan(strata, small, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ran = strata("init", small, "--out", "-")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith("# A plan for small: 40 patients.")
    assert "path: 'small'" in ran.out
    assert [path.name for path in tmp_path.iterdir()] == ["small"]


def test_a_file_that_is_there_is_kept(strata, small, tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text("mine")
    ran = strata("init", small, "--out", path)
    assert (ran.status, path.read_text()) == (6, "mine")
    assert "--overwrite" in ran.err
    assert strata("init", small, "--out", path, "--overwrite").status == 0
    assert path.read_text() != "mine"


@pytest.mark.parametrize("place", ["nowhere/plan.yaml", "small"])
def test_a_place_that_cannot_be_written_is_6(strata, small, tmp_path, place):
    ran = strata("init", small, "--out", tmp_path / place, "--overwrite")
    assert ran.status == 6
    assert "cannot be written" in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["small"]
