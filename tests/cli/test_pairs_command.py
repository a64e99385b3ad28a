"""``strata pairs``: every pair of genes, in a folder that appears whole, from where an interrupted run stopped."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from strata import read_cohort, scan_pairs
from strata.cli.pairs_command import _in_words, _Progress
from strata.scan import HISTOGRAM_COLUMNS, PAIR_COLUMNS, PairProgress

PROGRAM = Path(sys.executable).with_name("strata")


def test_every_pair(strata, breast, tmp_path):
    words = ["--endpoint", "OS", "--top", "25", "--population", "er-positive", "--stratify-by", "node"]
    ran = strata("pairs", breast, *words, "--horizon", "120", "--out", tmp_path / "out")
    assert (ran.status, ran.out) == (0, "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]
    files = ["histogram.tsv", "pairs.parquet", "pairs.tsv", "run.json"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == files
    table = pd.read_csv(tmp_path / "out" / "pairs.tsv", sep="\t")
    assert tuple(table.columns) == PAIR_COLUMNS
    more = {"population": "er-positive", "stratification_factors": ["node"], "horizon": 120.0}
    alone = scan_pairs(read_cohort(breast), "OS", top=25, **more)
    np.testing.assert_allclose(table["log_rank_chi2"], alone.to_frame()["log_rank_chi2"], rtol=1e-14)
    assert table["gene_1"].tolist() == alone.to_frame()["gene_1"].tolist()
    assert "stratified by node" in table["note"][0]
    assert "follow-up cut at 120 months" in table["note"][0]
    stored = pd.read_parquet(tmp_path / "out" / "pairs.parquet")
    pd.testing.assert_frame_equal(stored, alone.to_frame(), check_dtype=False, check_exact=True)
    histogram = pd.read_csv(tmp_path / "out" / "histogram.tsv", sep="\t")
    assert tuple(histogram.columns) == HISTOGRAM_COLUMNS
    record = json.loads((tmp_path / "out" / "run.json").read_text())
    assert record["argv"][1] == "pairs"
    assert record["options"]["top"] == 25
    assert list(record["outputs"]) == files[:-1]
    assert {key: record[key] for key in alone.counts} == dict(alone.counts)
    assert all(len(each["sha256"]) == 64 for each in record["inputs"])
    assert "er-positive, OS: 19,110 pairs of 196 markers: " in ran.err
    first = table.iloc[0]
    assert f"{first.gene_1} + {first.gene_2}: HR {first.hazard_ratio:.3g}" in ran.err


def test_genes_from_a_file_and_one_with_every_other(strata, breast, tmp_path, table):
    (tmp_path / "genes.txt").write_text("# mine\nHER2 IGF1R\nSPHK1,SYNG3005\n")
    words = ["--endpoint", "OS", "--min-patients", "0", "--min-events", "0", "--out"]
    assert strata("pairs", breast, "--genes", tmp_path / "genes.txt", *words, tmp_path / "file").status == 0
    assert strata("pairs", breast, "--genes", "ERBB2,IGF1R,SPHK1,SYNG3005", *words, tmp_path / "list").status == 0
    one, two = (table(tmp_path / name / "pairs.tsv") for name in ("file", "list"))
    assert len(one) == 6
    assert one.equals(two)
    assert (
        strata("pairs", breast, "--with", "IGF1R", "--genes", "all", "--top", "300", *words, tmp_path / "with").status
        == 0
    )
    assert set(table(tmp_path / "with" / "pairs.tsv")["gene_1"]) == {"IGF1R"}
    assert len(table(tmp_path / "with" / "pairs.tsv")) == 195


def test_nothing_to_rank_is_1_and_wrong_names_leave_nothing(strata, small, tmp_path):
    words = ["--endpoint", "OS", "--out", tmp_path / "out"]
    ran = strata("pairs", small, *words)
    assert ran.status == 1
    assert "1 pairs of 2 markers: 0 ranked, 1 too small (below 20 patients or 10 events in a group)" in ran.err
    ran = strata("pairs", small, *words, "--overwrite", "--genes", "IGF1R,SPHK2")
    assert (ran.status, "Did you mean 'SPHK1'?" in ran.err) == (3, True)
    ran = strata("pairs", small, "--endpoint", "PFS", "--out", tmp_path / "other")
    assert (ran.status, "the cohort has no PFS" in ran.err) == (3, True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "small"]
    assert strata("pairs", small, *words).status == 6


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_leaves_the_state_alone_and_the_next_run_goes_on(strata, breast, tmp_path, number, status, table):
    out = tmp_path / "deep" / "out"
    words = ["pairs", breast, "--endpoint", "OS", "--permutations", "500", "--top", "5", "--seed", "3", "--out", out]
    process = subprocess.Popen([PROGRAM, *words, "--jobs", "2"], stderr=subprocess.PIPE, text=True)
    first = process.stderr.readline()
    assert " of 9,574,110 pairs (" in first
    assert " left" in first
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == status, errors
    assert "the same command goes on from there" in errors
    assert "Traceback" not in errors
    assert [path.name for path in out.parent.iterdir()] == ["out.partial"]
    if number == signal.SIGTERM:
        return
    other = strata(*[4 if word == "3" else word for word in words])
    assert (other.status, "Pass --overwrite to start anew" in other.err) == (6, True)
    assert [path.name for path in out.parent.iterdir()] == ["out.partial"]
    ran = strata(*words)
    assert ran.status == 0
    assert "pairs, which an interrupted run had done" in ran.err
    assert [path.name for path in out.parent.iterdir()] == ["out"]
    assert json.loads((out / "run.json").read_text())["resumed"] > 0


def test_a_state_of_other_options_is_overwritten_when_asked(strata, breast, tmp_path):
    (tmp_path / "out.partial").write_text("left over")
    words = ["pairs", breast, "--endpoint", "OS", "--top", "5", "--out", tmp_path / "out"]
    assert strata(*words).status == 6
    assert strata(*words, "--overwrite").status == 0
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_delayed_entry_has_no_permutations_and_says_so(strata, small, tmp_path, table):
    clinical = pd.read_csv(small / "clinical.tsv", sep="\t")
    clinical["entered"] = clinical["os_months"] / 3
    clinical.to_csv(small / "clinical.tsv", sep="\t", index=False)
    yaml = (
        f"name: late\nclinical: {small / 'clinical.tsv'}\nmrna: {small / 'mrna.tsv'}\n"
        "endpoints: {OS: {time: os_months, event: os_event, unit: months, entry: entered}}\n"
    )
    (tmp_path / "late.yaml").write_text(yaml)
    words = ["--endpoint", "OS", "--permutations", "9", "--min-patients", "1", "--min-events", "1"]
    ran = strata("pairs", tmp_path / "late.yaml", *words, "--out", tmp_path / "out")
    assert ran.status == 0, ran.err
    assert "no max-T P: with delayed entry there are no permutations" in ran.err
    assert list(table(tmp_path / "out" / "pairs.tsv")["max_t_p"]) == ["NA"]


def test_an_estimate_at_the_start_and_then_a_line_now_and_then(capsys):
    progress = _Progress()
    for now in (
        PairProgress(0, 1000, 0, 0.0),
        PairProgress(10, 1000, 0, 0.5),
        PairProgress(100, 1000, 0, 1.0),
        PairProgress(200, 1000, 0, 9.0),
        PairProgress(500, 1000, 0, 600.0),
    ):
        progress(now)
    assert capsys.readouterr().err.splitlines() == [
        "100 of 1,000 pairs (10%), about 9 s left",
        "500 of 1,000 pairs (50%), about 10 min left",
    ]
    assert [_in_words(seconds) for seconds in (3.4, 119, 150, 3 * 3600 + 5)] == ["3 s", "119 s", "2 min", "3 h"]


def test_a_bar_on_a_terminal(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    progress = _Progress()
    for now in (PairProgress(500, 1000, 500, 0.0), PairProgress(1000, 1000, 500, 2.0)):
        progress(now)
    progress.close()
    said = capsys.readouterr().err
    assert "goes on from 50% of 1,000 pairs, which an interrupted run had done" in said
    assert "1.00k/1.00k" in said
