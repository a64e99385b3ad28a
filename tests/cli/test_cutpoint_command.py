"""``strata cutpoint``: the files, the words, validation in another cohort, and a raw P that is nowhere."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest

from strata import read_cohort
from strata.plots import format_p
from strata.survival import log_rank
from strata.survival.kernels.maximally_selected import maximally_selected_log_rank

FAST = ("--permutations", 199, "--bootstrap", 20)


@pytest.fixture(scope="module")
def written(breast, tmp_path_factory):
    """One search on the bundled cohort."""
    import sys

    from strata.cli import main

    out = tmp_path_factory.mktemp("cutpoint") / "out"
    words = ["cutpoint", breast, "igf1r-high", "--endpoint", "OS", "--name", "breast", "--out", out, *FAST]
    before = sys.argv
    sys.argv = ["strata", *map(str, words)]
    try:
        with pytest.raises(SystemExit) as stopped:
            main()
    finally:
        sys.argv = before
    assert not stopped.value.code
    return out


def test_the_files_of_a_search(written, table):
    names = {path.name for path in written.iterdir()}
    assert {
        "results.tsv",
        "cut_profiles.tsv",
        "cut_profile.png",
        "cut_points.json",
        "survival.png",
        "run.json",
    } <= names
    rows = table(written / "results.tsv")
    assert rows["comparison"].tolist() == ["positive_vs_rest", "median_split", "per_sd"]
    assert rows["cut"].tolist() == ["optimal", "median", "NA"]
    assert rows["log_rank_chi2"][0] == rows["wald_p"][0] == "NA"
    assert float(rows["log_rank_p"][0]) * 200 == pytest.approx(round(float(rows["log_rank_p"][0]) * 200))
    points = table(written / "cut_points.tsv")
    assert points.loc[0, ["cut", "learned_on"]].tolist() == ["optimal", "breast"]
    assert points["note"][0].startswith("searched on OS, in the 561 patients")
    assert json.loads((written / "cut_points.json").read_text())["cuts"][0]["value"] == float(points["value"][0])
    assert set(table(written / "calls.tsv")["cut"]) == {"optimal for OS"}
    assert table(written / "table_c.tsv").empty
    assert set(table(written / "baseline.tsv")["stratum"]) == {"positive by the cut for OS"}
    plan = json.loads((written / "run.json").read_text())["plan"]
    assert plan["cut_search"] == {
        "method": "permutation",
        "permutations": 199,
        "minprop": 0.1,
        "folds": 2,
        "bootstrap": 20,
        "seed": 0,
    }


def test_the_raw_p_and_the_raw_statistic_are_in_no_file(written, breast):
    """The log-rank test that would be made at the best cut, and the statistic that the search maximised."""
    calls = pd.read_parquet(written / "assignments.parquet").set_index("patient")
    os = read_cohort(breast).endpoints["OS"].in_months()
    known = os.time.notna() & os.event.notna() & calls["call"].isin(["positive", "negative"]).reindex(os.time.index)
    calls = calls.loc[os.time.index[known]]
    time, event = os.time[known].to_numpy(), os.event[known].to_numpy(dtype=bool)
    raw = log_rank(time, event, calls["call"] == "positive")
    best = maximally_selected_log_rank(calls["score"].to_numpy(), time, event, method="lau92").statistic
    corrected = float(pd.read_csv(written / "results.tsv", sep="\t")["log_rank_p"][0])
    assert raw.p_value < corrected / 2  # what a reader would be shown elsewhere
    wrong = [raw.p_value, -raw.log10_p, raw.chi_squared, math.sqrt(raw.chi_squared), best, best**2]
    texts = [path for path in written.rglob("*") if path.suffix in (".tsv", ".json", ".svg")]
    assert len(texts) >= 14
    for path in texts:
        text = path.read_text(encoding="utf-8")
        assert format_p(raw.p_value) not in text, path.name
        for number in wrong:
            assert repr(float(number))[:7] not in text, (path.name, number)
    for path in written.glob("*.parquet"):
        numbers = pd.read_parquet(path).select_dtypes("number").to_numpy(dtype=float, na_value=np.nan)
        for number in wrong:
            assert not np.isclose(np.abs(numbers), number, rtol=1e-6, atol=0).any(), (path.name, number)


def test_the_words_on_the_screen(strata, breast, tmp_path):
    ran = strata("cutpoint", breast, "igf1r-high", "--endpoint", "OS", "--out", tmp_path / "o", *FAST, "--seed", 7)
    assert ran.status == 0
    lines = [line for line in ran.err.splitlines() if line.startswith("all, OS")]
    assert "cross-fitted HR" in lines[0]
    assert lines[0].endswith("corrected for the search")
    assert lines[1].startswith("all, OS, median_split: n 561")
    assert lines[2].startswith("all, OS, per_sd: n 561, 149 events, HR ")


def test_a_cut_is_validated_in_another_cohort(strata, breast, root, tmp_path, table):
    other = root / "synthetic" / "additive-only" / "flat"
    out = tmp_path / "out"
    words = ("--name", "train", "--validate", other, "--endpoint", "OS", "--out", out, *FAST)
    ran = strata("cutpoint", breast, "igf1r-high", *words)
    assert ran.status == 0
    rows = table(out / "results.tsv")
    assert rows[["cohort", "comparison"]].agg(" ".join, axis=1).tolist() == [
        "train positive_vs_rest",
        "train median_split",
        "train per_sd",
        "flat positive_vs_rest",
    ]
    validated = rows.iloc[3]
    assert validated["cut"] == "optimal"
    assert float(validated["log_rank_chi2"]) > 0  # nothing was searched there: an ordinary log-rank test
    assert "cut-points learned on train, applied to flat" in validated["note"]
    points = table(out / "cut_points.tsv")
    assert len(set(points["value"])) == 1
    assert points[["cohort", "learned_on"]].to_numpy().tolist() == [["train", "train"], ["flat", "train"]]
    assert json.loads((out / "run.json").read_text())["plan"]["train"] == "train"


def test_a_pair_is_searched_by_its_score(strata, breast, tmp_path, table):
    words = ("--endpoint", "OS", "--population", "er-positive", "--out", tmp_path / "out", *FAST)
    ran = strata("cutpoint", breast, "igf1r-sphk1-high", *words)
    assert ran.status == 0
    points = table(tmp_path / "out" / "cut_points.tsv")
    assert set(points["number"]) == {"mean(mrna IGF1R, mrna SPHK1)"}


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["--cut", "median"], 2, "--cut: the cut is searched here"),
        (["--minprop", "0.6"], 2, "cut_search.minprop: Input should be less than 0.5"),
        (["--method", "best"], 2, "--method"),
        (["--method", "lau94", "--stratify-by", "er"], 2, "--method: lau94 knows no stratification factors"),
        (["--folds", "1"], 2, "--folds"),
        (["--validate", "nowhere"], 1, "nowhere"),
    ],
)
def test_wrong_options(strata, breast, tmp_path, words, status, said):
    ran = strata("cutpoint", breast, "igf1r-high", "--endpoint", "OS", "--out", tmp_path / "out", *FAST, *words)
    assert said in ran.err
    assert ran.status == status


def test_with_delayed_entry_the_other_rows_are_written(strata, tmp_path, table):
    rng = np.random.default_rng(1)
    clinical = pd.DataFrame({"patient_id": [f"P{i}" for i in range(60)], "start": rng.uniform(0, 9, 60)})
    clinical = clinical.assign(fu=clinical["start"] + rng.exponential(20, 60) + 0.1, dead=1)
    clinical.to_csv(tmp_path / "clinical.tsv", sep="\t", index=False)
    mrna = pd.DataFrame({"patient_id": clinical["patient_id"], "IGF1R": rng.normal(size=60)})
    mrna.to_csv(tmp_path / "mrna.tsv", sep="\t", index=False)
    cohort = tmp_path / "late.yaml"
    cohort.write_text(
        "name: late\nclinical: clinical.tsv\nmrna: mrna.tsv\n"
        "endpoints: {OS: {time: fu, event: dead, unit: months, entry: start}}\n"
    )
    out = tmp_path / "out"
    ran = strata("cutpoint", cohort, "igf1r-high", "--endpoint", "OS", "--out", out, *FAST)
    assert ran.status == 1
    assert "OS has delayed entry, with which a cut cannot be searched" in ran.err
    rows = table(out / "results.tsv")
    assert rows["comparison"].tolist() == ["positive_vs_rest", "median_split", "per_sd"]
    assert rows["hazard_ratio"].eq("NA").tolist() == [True, False, False]
    assert not (out / "cut_profiles.tsv").exists()


def test_nothing_to_search_is_exit_status_1(strata, small, tmp_path):
    ran = strata("cutpoint", small, "tert-high", "--endpoint", "OS", "--out", tmp_path / "out", *FAST)
    assert ran.status == 1
    assert not (tmp_path / "out" / "cut_profiles.tsv").exists()
