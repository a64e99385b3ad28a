"""``strata score``: calls and scores without survival."""

from __future__ import annotations

import pandas as pd
import pytest

from strata import read_cohort, score


def test_calls_and_scores(strata, small, tmp_path, table):
    ran = strata("score", small, "igf1r-sphk1-high", "sphk1-high", "--cut-scope", "cohort", "--out", tmp_path / "out")
    assert (ran.status, ran.out) == (0, "")
    out = tmp_path / "out"
    assert {path.name for path in out.iterdir()} == {
        *("assignments.parquet", "calls.tsv", "cut_points.tsv", "genes.tsv", "run.json")
    }
    assert (out / "assignments.parquet").stat().st_mode & 0o777 == 0o600
    calls = table(out / "calls.tsv").query("signature == 'sphk1-high'").set_index("call")["n"].to_dict()
    values = pd.read_csv(small / "mrna.tsv", sep="\t")["SPHK1"]
    assert calls["positive"] == str((values > values.median()).sum())
    assert calls["unknown"] == calls["not applicable"] == "0"
    assert "small: 2 signatures called in " in ran.err
    assert "small: sphk1-high (all): 1" in ran.err
    assigned = pd.read_parquet(out / "assignments.parquet").query("signature == 'igf1r-sphk1-high'")
    scores = score(read_cohort(small), ["igf1r-sphk1-high"]).values  # noqa: PD011  (a field of Scores)
    assert set(zip(assigned["patient"], assigned["score"])) == set(scores["igf1r-sphk1-high"].items())


def test_no_signature_is_every_one(strata, small, tmp_path, table):
    from strata import load_signatures

    assert strata("score", small, "--out", tmp_path / "out").status == 0
    assert set(table(tmp_path / "out" / "calls.tsv")["signature"]) == {s.id for s in load_signatures()}


def test_scope_cut_and_conjunction(strata, breast, tmp_path):
    words = ["--population", "er-negative & node-negative", "--cut", "mean", "--cut-scope", "cohort"]
    assert strata("score", breast, "igf1r-high", *words, "--out", tmp_path / "out").status == 0
    (row,) = pd.read_csv(tmp_path / "out" / "cut_points.tsv", sep="\t").itertuples()
    values = pd.read_csv(breast / "mrna.tsv", sep="\t", index_col="gene").loc["IGF1R"]
    assert (row.cut, row.cut_scope, row.population) == ("mean", "cohort", "er-negative & node-negative")
    assert abs(row.value - values.mean()) < 1e-12
    assert row.n == values.notna().sum()


def test_a_failing_cohort_of_several_is_1(strata, small, tmp_path):
    (tmp_path / "two.yaml").write_text(
        "cohorts:\n  - {name: good, clinical: small/clinical.tsv, mrna: small/mrna.tsv}\n"
        "  - {name: lost, clinical: nowhere.tsv}\n"
    )
    ran = strata("score", tmp_path / "two.yaml", "igf1r-high", "--out", tmp_path / "out")
    assert ran.status == 1
    assert "good: igf1r-high (all): " in ran.err
    assert "cohort lost" in ran.err


def test_gene_lists_and_centroids_are_given_by_options(strata, breast, root, tmp_path):
    lists = root / "synthetic" / "gene-sets"
    ran = strata(
        *("score", breast, "hallmark-mtorc1", "luminal-a", "--out", tmp_path / "out"),
        *("--gene-sets", lists / "invented.gmt", "--gene-sets", lists / "loi2010_pik3ca_gs.tsv"),
        *("--centroids", lists / "pam50_centroids.tsv"),
    )
    assert ran.status == 0
    genes = pd.read_csv(tmp_path / "out" / "genes.tsv", sep="\t")
    assert set(genes.loc[genes["signature"] == "hallmark-mtorc1", "gene_set"]) == {"HALLMARK_MTORC1_SIGNALING"}
    assert genes["found"].all()


def test_a_list_that_is_not_given_is_named(strata, breast, tmp_path):
    ran = strata("score", breast, "hallmark-mtorc1", "--out", tmp_path / "out")
    assert ran.status == 1
    assert "needs gene set HALLMARK_MTORC1_SIGNALING (MSigDB H): pass --gene-sets h.all.gmt" in ran.err
    both = strata("score", breast, "hallmark-mtorc1", "igf1r-high", "--out", tmp_path / "both")
    assert both.status == 0
    calls = pd.read_csv(tmp_path / "out" / "calls.tsv", sep="\t")
    assert set(calls["note"]) == {"needs gene set HALLMARK_MTORC1_SIGNALING (MSigDB H): pass --gene-sets h.all.gmt"}


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("--gene-sets", "nowhere.gmt"), 6, "nowhere.gmt"),
        (("--min-coverage", "0"), 2, "min-coverage"),
        (("--centroids", "README.md"), 3, "README.md"),
    ],
)
def test_wrong_resources_are_said_before_anything_is_written(
    strata, breast, root, tmp_path, monkeypatch, words, status, said
):
    monkeypatch.chdir(root)
    ran = strata("score", breast, "luminal-a", "--out", tmp_path / "out", *words)
    assert ran.status == status
    assert said in ran.err
    assert not (tmp_path / "out").exists()
