"""``--null-check`` and ``--random-signatures`` of ``strata run`` and ``strata compare``, and ``--family``."""

from __future__ import annotations

import json


def test_compare_writes_the_controls(strata, small, tmp_path, table):
    out = tmp_path / "out"
    words = ("--null-check", 3, "--random-signatures", 4, "--seed", 9, "--population", "all")
    done = strata("compare", small, "igf1r-high", "--endpoint", "OS", "--out", out, *words)
    assert done.status == 0
    assert table(out / "null_check.tsv")["of"].tolist()[2] == "3"
    # the small cohort has one other gene, and none of the proliferation genes
    rows = table(out / "random_signatures.tsv")
    assert set(rows["n_random"]) == {"1"}
    assert rows["note"].str.startswith("only 1 distinct signature of 1 gene can be drawn from 1 other gene; no ").all()
    assert set(rows["random_chi_squared_median"]) == set(rows["random_chi_squared_q95"])
    record = json.loads((out / "run.json").read_text())
    assert record["negative_controls"] == {"null_check": 3, "random_signatures": 4, "seed": 9}
    assert "SECRET" not in (out / "random_signatures.tsv").read_text() + (out / "null_check.tsv").read_text()


def test_run_takes_controls_and_families(strata, small, tmp_path, table):
    plan = tmp_path / "plan.yaml"
    plan.write_text(f"cohorts: [{small}]\nsignatures: [igf1r-high]\nendpoints: [OS]\nfamily: endpoint\n")
    assert strata("run", plan, "--out", tmp_path / "a", "--null-check", 2).status == 0
    assert {row.partition(";")[2] for row in table(tmp_path / "a" / "tests.tsv")["family"]} == {" endpoint OS"}
    assert (tmp_path / "a" / "null_check.tsv").exists()
    assert not (tmp_path / "a" / "random_signatures.tsv").exists()
    assert strata("run", plan, "--out", tmp_path / "b", "--family", "run").status == 0
    assert set(table(tmp_path / "b" / "tests.tsv")["family"]) == {"main", "supporting"}
    bad = strata("run", plan, "--out", tmp_path / "c", "--family", "journal")
    assert bad.status == 2
    assert "family" in bad.err
