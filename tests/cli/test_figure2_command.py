"""``strata figure2``."""

from __future__ import annotations

import json

import pandas as pd
import pytest

PAIR = "positive_vs_rest"


def test_the_whole_figure(strata, breast, tmp_path, table):
    ran = strata("figure2", breast, "--out", tmp_path / "out", "--cross-check")
    assert (ran.status, ran.out) == (0, "")
    assert "'lymph node-negative' read as panel B only" in ran.err
    assert f"figure: {tmp_path / 'out' / 'figure2.png'}" in ran.err
    assert len([line for line in ran.err.splitlines() if ", HR " in line]) == 12
    rows = table(tmp_path / "out" / "results.tsv")
    assert len(rows) == 36
    assert list(dict.fromkeys(rows["population"])) == ["er-positive", "er-negative & node-negative"]
    record = json.loads((tmp_path / "out" / "run.json").read_text())
    assert record["cross_check"]["largest"] < 1e-6
    assert record["argv"][:2] == ["strata", "figure2"]
    for kind in ("png", "svg", "pdf"):
        assert f"figure2.{kind}" in record["outputs"]


def test_the_legend_read_the_other_way(strata, breast, tmp_path, table):
    ran = strata("figure2", breast, "--out", tmp_path / "out", "--node-negative-both", "--endpoints", "OS")
    assert "read as both panels" in ran.err
    rows = table(tmp_path / "out" / "results.tsv")
    assert list(dict.fromkeys(rows["population"])) == ["er-positive & node-negative", "er-negative & node-negative"]


def test_other_genes_cut_and_scope(strata, breast, tmp_path):
    words = ["--genes", "ESR1, INSR", "--cut", "q75", "--cut-scope", "cohort", "--endpoints", "OS"]
    ran = strata("figure2", breast, "--out", tmp_path / "out", *words)
    assert ran.status == 0, ran.err
    rows = pd.read_csv(tmp_path / "out" / "results.tsv", sep="\t")
    assert set(rows["signature"]) == {"esr1-insr-high"}
    assert (set(rows["cut"]), set(rows["cut_scope"])) == ({"q75"}, {"cohort"})
    cuts = pd.read_csv(tmp_path / "out" / "cut_points.tsv", sep="\t")
    values = pd.read_csv(breast / "mrna.tsv", sep="\t", index_col="gene")
    for number, same in cuts.groupby("number"):
        gene = next(gene for gene in ("ESR1", "INSR") if gene in number)
        assert list(same["value"]) == pytest.approx([values.loc[gene].quantile(0.75)] * 2, rel=1e-12)


def test_the_comparator_chooses_what_is_drawn_and_no_number(strata, breast, tmp_path):
    for name in ("rest", "neither"):
        ran = strata("figure2", breast, "--out", tmp_path / name, "--comparator", name, "--endpoints", "OS")
        assert f"drawn against {name}" in ran.err
    same, drawn = ((tmp_path / name / "results.tsv").read_bytes() for name in ("rest", "neither")), "figure2.svg"
    assert next(same) == next(same)
    assert (tmp_path / "rest" / drawn).read_bytes() != (tmp_path / "neither" / drawn).read_bytes()
    assert "neither." in (tmp_path / "neither" / drawn).read_text()


def test_quantile_groups(strata, breast, tmp_path):
    ran = strata("figure2", breast, "--out", tmp_path / "out", "--cut", "tertiles", "--endpoints", "DFS")
    assert ran.status == 0
    rows = pd.read_csv(tmp_path / "out" / "results.tsv", sep="\t")
    assert list(rows["comparison"]) == ["q2_vs_q1", "q3_vs_q1", "trend"] * 2
    assert rows.loc[rows["comparison"] == "trend", "hazard_ratio"].isna().all()
    assert (tmp_path / "out" / "figure2.png").exists()
    assert "er-positive, DFS, trend: n " in ran.err


def test_a_missing_endpoint_gene_and_population_are_rows_with_reasons(strata, cohort_writer, tmp_path, table):
    folder = cohort_writer(tmp_path / "c", genes=("IGF1R",))
    clinical = pd.read_csv(folder / "clinical.tsv", sep="\t").drop(columns="node_status")
    clinical.to_csv(folder / "clinical.tsv", sep="\t", index=False)
    ran = strata("figure2", folder, "--out", tmp_path / "out")
    assert ran.status == 0, ran.err
    rows = table(tmp_path / "out" / "results.tsv").set_index(["population", "endpoint", "comparison"]).sort_index()
    assert len(rows) == 36
    for population in ("er-positive", "er-negative & node-negative"):
        missing = rows.loc[(population, "DFS")]
        assert set(missing["n"]) == {"0"}
        assert set(missing["estimable"]) == {"false"}
        assert missing["note"].str.contains("the cohort has no DFS or RFS or DFI").all()
    for name in (PAIR, "both_vs_neither", "four_groups", "SPHK1", "interaction", "expected_both_vs_neither"):
        row = rows.loc[("er-positive", "OS", name)]
        assert (row["n"], row["estimable"], row["hazard_ratio"]) == ("0", "false", "NA")
        assert "SPHK1" in row["note"]
    alone = rows.loc[("er-positive", "OS", "IGF1R")]
    assert (alone["n"], alone["estimable"]) == ("20", "true")
    nobody = rows.loc[("er-negative & node-negative", "OS", "IGF1R")]
    assert (nobody["n"], nobody["estimable"]) == ("0", "false")
    assert nobody["note"] != "NA"
    assert "er-positive, OS, both: n 0, " in ran.err


def test_nothing_that_can_be_compared_is_1_with_all_its_rows(strata, root, tmp_path, table):
    ran = strata("figure2", root / "synthetic" / "trial-everolimus" / "flat", "--out", tmp_path / "out")
    assert ran.status == 1
    rows = table(tmp_path / "out" / "results.tsv")
    assert (len(rows), set(rows["n"])) == (36, {"0"})
    assert (rows["note"] != "NA").all()
    assert (tmp_path / "out" / "figure2.png").exists()


def test_a_cohort_with_one_event_is_done(strata, root, tmp_path, table):
    ran = strata("figure2", root / "synthetic" / "one-event" / "flat", "--out", tmp_path / "out", "--cross-check")
    assert ran.status == 0
    rows = table(tmp_path / "out" / "results.tsv")
    ratio = rows["hazard_ratio"] == "NA"
    assert ratio.all()
    assert rows.loc[rows["comparison"] != "four_groups", "note"].str.contains("not estimable").all()
    assert (
        rows.loc[(rows["comparison"] == PAIR) & (rows["population"] == "er-positive"), "log_rank_chi2"] != "NA"
    ).all()


@pytest.mark.parametrize("genes", ["IGF1R", "IGF1R,IGF1R", "A,B,C", ""])
def test_two_different_genes_are_needed(strata, breast, tmp_path, genes):
    ran = strata("figure2", breast, "--out", tmp_path / "out", "--genes", genes)
    assert ran.status == 2
    assert "--genes takes two different genes" in ran.err
    assert not (tmp_path / "out").exists()


def test_genes_that_look_like_formulas_are_safe(strata, breast, tmp_path):
    ran = strata("figure2", breast, "--out", tmp_path / "out", "--genes", "=1+1,IGF1R", "--endpoints", "OS")
    assert ran.status in (0, 2, 4)
    for path in (tmp_path / "out").glob("*.tsv"):
        cells = [cell for line in path.read_text().splitlines() for cell in line.split("\t")]
        assert not [cell for cell in cells if cell.startswith("=")], path.name


def test_subgroups_and_the_estimator_of_a_pool_are_options(strata, breast, tmp_path, table):
    words = ["--endpoints", "OS", "--subgroups", "grade", "--pool", "DL"]
    ran = strata("figure2", breast, "--out", tmp_path / "out", *words)
    assert ran.status == 0, ran.err
    assert set(table(tmp_path / "out" / "subgroups.tsv")["factor"]) == {"grade"}
    assert json.loads((tmp_path / "out" / "run.json").read_text())["plan"]["pool"] == "DL"


def test_a_failing_cohort_of_several_is_1(strata, small, tmp_path, table):
    (tmp_path / "two.yaml").write_text(
        "cohorts:\n  - {name: good, clinical: small/clinical.tsv, mrna: small/mrna.tsv}\n"
        "  - {name: lost, clinical: nowhere.tsv}\n"
    )
    ran = strata("figure2", tmp_path / "two.yaml", "--out", tmp_path / "out", "--endpoints", "OS")
    assert ran.status == 1
    assert "strata: error E101: cohort lost: " in ran.err
    assert set(table(tmp_path / "out" / "results.tsv")["cohort"]) == {"good"}


def test_the_folder_that_holds_the_cohort_is_2(strata, small, tmp_path):
    ran = strata("figure2", small, "--out", tmp_path, "--overwrite")
    assert ran.status == 2
    assert [path.name for path in tmp_path.iterdir()] == ["small"]


def test_tables_of_a_cohort_yaml_are_inputs_too(strata, small, tmp_path):
    (tmp_path / "yaml").mkdir()
    (tmp_path / "yaml" / "c.yaml").write_text("name: c\nclinical: ../small/clinical.tsv\nmrna: ../small/mrna.tsv\n")
    before = {path.name: path.read_bytes() for path in small.iterdir()}
    ran = strata("figure2", tmp_path / "yaml" / "c.yaml", "--out", small, "--overwrite")
    assert ran.status == 2
    assert {path.name: path.read_bytes() for path in small.iterdir()} == before


@pytest.mark.parametrize("kind", ["file", "link"])
def test_an_out_that_is_no_folder_is_6(strata, small, tmp_path, kind):
    out = tmp_path / "out"
    out.write_text("mine") if kind == "file" else out.symlink_to(tmp_path / "elsewhere")
    ran = strata("figure2", small, "--out", out, "--overwrite")
    assert ran.status == 6
    assert "is not a folder" in ran.err
    assert out.is_symlink() or out.read_text() == "mine"
    assert not (tmp_path / "elsewhere").exists()
