"""``strata scan``: the files, the words, and what is refused."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from strata.scan import SCAN_COLUMNS

FAST = ("--endpoint", "DFS", "--permutations", 99)


def test_the_files_of_a_scan(strata, breast, tmp_path, table):
    out = tmp_path / "out"
    ran = strata("scan", breast, *FAST, "--population", "er-positive", "--name", "breast", "--out", out)
    assert ran.status == 0, ran.err
    assert ran.out == ""
    names = ["qq.pdf", "qq.png", "qq.svg", "run.json", "scan.parquet", "scan.tsv", "volcano.pdf", "volcano.png"]
    assert sorted(path.name for path in out.iterdir()) == [*names, "volcano.svg"]
    rows = table(out / "scan.tsv")
    assert tuple(rows.columns) == SCAN_COLUMNS
    assert set(rows["cohort"]) == {"breast"}
    assert set(rows["population"]) == {"er-positive"}
    assert "markers tested" in ran.err
    assert f"{rows['gene'][0]} ({rows['assay'][0]}, {rows['marker'][0]})" in ran.err
    stored = pd.read_parquet(out / "scan.parquet")
    assert stored["p_value"].dropna().is_monotonic_increasing
    assert [f"{p!r}" for p in stored["log_rank_p"].dropna()] == [p for p in rows["log_rank_p"] if p != "NA"]
    record = json.loads((out / "run.json").read_text())
    assert record["markers"] == len(rows)
    assert record["tested"] == (rows["p_value"] != "NA").sum()
    assert record["options"]["cut"] == "median"
    assert list(record["outputs"]) == sorted([*(name for name in names if name != "run.json"), "volcano.svg"])
    assert {len(item["sha256"]) for item in record["inputs"]} == {64}
    # no patient stands anywhere
    assert "BRCA-SYN" not in (out / "scan.tsv").read_text() + (out / "run.json").read_text()


def test_twice_the_same_bytes(strata, breast, tmp_path):
    for name in ("one", "two"):
        assert strata("scan", breast, *FAST, "--assay", "mrna", "--out", tmp_path / name).status == 0
    for path in (tmp_path / "one").iterdir():
        if path.name != "run.json":
            assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


@pytest.mark.parametrize(("option", "marker"), [("--continuous", "per SD"), ("--every-cut", "searched cut")])
def test_other_cuts(strata, breast, tmp_path, table, option, marker):
    out = tmp_path / "out"
    ran = strata("scan", breast, *FAST, option, "--genes", "HER2,SPHK1,PIK3CA", "--out", out)
    assert ran.status == 0, ran.err
    rows = table(out / "scan.tsv")
    assert set(rows.loc[rows["assay"] == "mrna", "gene"]) == {"ERBB2", "SPHK1"}
    assert set(rows.loc[rows["assay"] == "mrna", "marker"]) == {marker}
    assert set(rows.loc[rows["assay"] == "mutation", "marker"]) == {"mutated"}


@pytest.mark.parametrize("command", ["scan", "pairs"])
def test_its_table_is_not_to_be_shared(strata, breast, tmp_path, command):
    ran = strata(command, breast, "--endpoint", "DFS", "--share", "--out", tmp_path / "out")
    assert ran.status == 2
    assert "error E703: --share: the numbers of many genes" in ran.err
    assert "strata compare --share" in ran.err
    assert not (tmp_path / "out").exists()


def test_nothing_can_be_tested(strata, cohort_writer, tmp_path):
    folder = cohort_writer(tmp_path / "flat", genes=("A",))
    lines = (folder / "mrna.tsv").read_text().splitlines()
    (folder / "mrna.tsv").write_text("\n".join([lines[0], *(line.rsplit("\t", 1)[0] + "\t1" for line in lines[1:])]))
    out = tmp_path / "out"
    ran = strata("scan", folder, "--endpoint", "OS", "--out", out)
    assert ran.status == 1
    assert "0 of 1 markers tested" in ran.err
    assert not list(out.glob("*.png"))


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("--continuous", "--every-cut"), 2, "are two questions"),
        (("--assay", "rna"), 2, "rna: not one of mrna"),
        (("--genes", "SPHK2,SPHK11"), 3, "no mrna SPHK11 in the cohort's tables"),
        (("--population", "er-pos"), 2, "no signature 'er-pos'"),
        (("--stratify-by", "nowhere"), 3, "no clinical column nowhere"),
    ],
)
def test_what_is_refused(strata, breast, tmp_path, words, status, said):
    out = tmp_path / "out"
    ran = strata("scan", breast, *FAST, *words, "--out", out)
    assert (ran.status, ran.out) == (status, "")
    assert said in ran.err
    assert not out.exists()
