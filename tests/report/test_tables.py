"""The tables: fixed columns and rows, NA, full precision, and the numbers of the kernels."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from strata import read_cohort, run_plan
from strata.analysis import BASELINE_COLUMNS, Plan, Results
from strata.report import write_calls, write_survival
from strata.report.tables import single_genes, write_tsv
from strata.survival import MULTIVARIABLE_COLUMNS, kaplan_meier

PAIR_ROWS = [
    "positive_vs_rest",
    "both_vs_neither",
    "first_only_vs_neither",
    "second_only_vs_neither",
    "four_groups",
    "IGF1R",
    "SPHK1",
    "interaction",
    "expected_both_vs_neither",
]
COLUMNS = [
    *("cohort", "signature", "population", "endpoint", "comparison", "cut", "cut_scope", "n", "events", "n_positive"),
    *("events_positive", "n_unknown", "n_not_assayed", "hazard_ratio", "hazard_ratio_lower", "hazard_ratio_upper"),
    *("wald_p", "log_rank_chi2", "log_rank_p", "median_positive", "median_negative", "median_follow_up"),
    *("estimable", "note", "claim_effect", "claim_evidence", "agrees"),
    *("permutation_p", "permutations", "firth_hazard_ratio", "firth_hazard_ratio_lower", "firth_hazard_ratio_upper"),
    *("firth_p", "ph_p", "rmst_horizon", "rmst_difference", "rmst_difference_lower", "rmst_difference_upper", "rmst_p"),
    *("gray_p", "likelihood_ratio_chi2", "likelihood_ratio_p"),
    *("adjusted_for", "n_adjusted", "hazard_ratio_unadjusted", "hazard_ratio_unadjusted_lower"),
    "hazard_ratio_unadjusted_upper",
]


@pytest.fixture(scope="session")
def folder(results, tmp_path_factory):
    made = tmp_path_factory.mktemp("tables")
    write_calls(results, made)
    write_survival(results, made)
    return made


def numbers_of(path):
    """Numbers exactly as they are written: pandas' own reading is one bit off here and there."""
    return read(path).map(_number).infer_objects()


def _number(cell):
    try:
        return np.nan if cell == "NA" else float(cell)
    except ValueError:
        return cell


def read(path):
    return pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)


def test_results_have_the_columns_and_rows_of_the_format(folder):
    table = read(folder / "results.tsv")
    assert list(table.columns) == COLUMNS
    assert list(table["comparison"]) == PAIR_ROWS * 4
    blocks = table[["population", "endpoint"]].drop_duplicates().itertuples(index=False, name=None)
    negative = "er-negative & node-negative"
    assert list(blocks) == [("er-positive", "DFS"), ("er-positive", "OS"), (negative, "DFS"), (negative, "OS")]
    assert set(table["signature"]) == {"igf1r-sphk1-high"}
    assert set(table["estimable"]) <= {"true", "false"}


def test_missing_is_NA_in_every_table(folder):
    for path in folder.glob("*.tsv"):
        text = path.read_text(encoding="utf-8")
        cells = {cell for line in text.splitlines() for cell in line.split("\t")}
        assert not cells & {"", "nan", "NaN", "None", "<NA>", "True", "False"}, path.name
    assert "NA" in set(read(folder / "results.tsv")["note"])


def test_parquet_holds_the_same_rows(folder, results):
    parquet = pd.read_parquet(folder / "results.parquet")
    text = read(folder / "results.tsv")
    assert list(parquet.columns) == COLUMNS
    for column in COLUMNS:
        if column == "estimable":
            assert parquet[column].dtype == bool
            assert list(parquet[column]) == list(text[column] == "true")
        elif pd.api.types.is_numeric_dtype(parquet[column].dtype):
            numbers = [np.nan if cell == "NA" else float(cell) for cell in text[column]]
            np.testing.assert_array_equal(parquet[column].to_numpy(dtype=float, na_value=np.nan), numbers)
        else:
            assert list(parquet[column].fillna("NA")) == list(text[column])
    assert parquet["note"].isna().any()


def test_numbers_are_not_rounded(folder, results):
    text = read(folder / "results.tsv")
    for row, p in zip(results.to_frame().itertuples(), text["log_rank_p"]):
        assert p == "NA" if np.isnan(row.log_rank_p) else float(p) == row.log_rank_p


def test_four_groups_have_a_test_and_no_ratio_and_the_counts_of_both(folder):
    table = (
        read(folder / "results.tsv").query("population == 'er-positive' and endpoint == 'DFS'").set_index("comparison")
    )
    four, both = table.loc["four_groups"], table.loc["both_vs_neither"]
    assert (four["hazard_ratio"], four["estimable"]) == ("NA", "true")
    for name in ("four_groups", "interaction", "expected_both_vs_neither"):
        assert (table.loc[name, "n_positive"], table.loc[name, "events_positive"]) == tuple(
            both[["n_positive", "events_positive"]]
        )
    assert table.loc["interaction", "log_rank_p"] == "NA"


def test_table_c_is_the_single_genes(folder):
    results, table = read(folder / "results.tsv"), read(folder / "table_c.tsv")
    assert list(table["comparison"]) == ["IGF1R", "SPHK1"] * 4
    pd.testing.assert_frame_equal(table, results[results["comparison"].isin(["IGF1R", "SPHK1"])].reset_index(drop=True))


def test_no_row_of_quantile_groups_is_a_single_gene(quantiles):
    table = quantiles.to_frame()
    assert set(table["comparison"]) == {"q2_vs_q1", "q3_vs_q1", "trend"}
    assert single_genes(table).empty


def test_curves_are_the_kernels(folder, results):
    curves = numbers_of(folder / "curves.tsv")
    assert list(curves.columns) == [
        *("cohort", "signature", "population", "endpoint", "comparison", "group"),
        *("time", "survival", "lower", "upper", "at_risk", "events", "censored"),
    ]
    checked = 0
    for result in results.comparisons():
        for row in result.comparisons:
            here = curves[
                (curves["population"] == result.population)
                & (curves["endpoint"] == result.endpoint)
                & (curves["comparison"] == row.name)
            ]
            if row.name in ("interaction", "expected_both_vs_neither"):
                assert here.empty
                continue
            assert int(here["events"].sum() + here["censored"].sum()) == row.n
            for i, group in enumerate(row.groups):
                mine = kaplan_meier(row.time[row.group == i], row.event[row.group == i])
                steps = here[here["group"] == group.label]
                for name, column in (
                    ("times", "time"),
                    ("survival", "survival"),
                    ("lower", "lower"),
                    ("upper", "upper"),
                ):
                    np.testing.assert_array_equal(steps[column], getattr(mine, name))
                np.testing.assert_array_equal(steps["at_risk"], mine.at_risk)
                checked += 1
    assert checked == 4 * (2 * 4 + 4 + 2 * 2)


def test_survival_is_told_within_follow_up_alone(folder, results):
    table = numbers_of(folder / "survival_at.tsv")
    assert set(table["time"]) <= set(results.plan.times)
    assert table["survival"].notna().all()
    for result in results.comparisons():
        for row in result.comparisons:
            if row.name in ("interaction", "expected_both_vs_neither"):
                continue
            for i, group in enumerate(row.groups):
                last = row.time[row.group == i].max()
                here = table[
                    (table["population"] == result.population)
                    & (table["endpoint"] == result.endpoint)
                    & (table["comparison"] == row.name)
                    & (table["group"] == group.label)
                ]
                assert list(here["time"]) == [t for t in results.plan.times if t <= last]
                for at in here.itertuples():
                    assert at.survival == group.curve.survival[group.curve.times <= at.time].min(initial=1.0)
                    assert at.at_risk == (row.time[row.group == i] >= at.time).sum()


def test_a_last_time_that_is_the_asked_one_but_for_rounding_counts(results, tmp_path):
    result = next(results.comparisons())
    row = result.comparisons[0]
    curve = kaplan_meier(np.array([10.0, 120.0 * (1 - 1e-14)]), np.array([True, False]))
    row = replace(row, groups=(replace(row.groups[0], curve=curve, n=2),))
    cohort = replace(results.cohorts[0], comparisons=(replace(result, comparisons=(row,)),))
    write_survival(Results(results.plan, (cohort,)), tmp_path)
    assert list(pd.read_csv(tmp_path / "survival_at.tsv", sep="\t")["time"]) == [12, 36, 60, 120]


def test_an_adjusted_run_writes_every_term_of_its_models_and_asks_no_further_question(root, tmp_path):
    made = {"cohorts": [str(root / "synthetic" / "no-effect" / "flat")], "signatures": ["igf1r-sphk1-high"]}
    plain, adjusted = (run_plan(Plan.checked(**made, endpoints=["OS"], covariates=c)) for c in ([], ["age", "grade"]))
    write_survival(adjusted, tmp_path)
    table, results = numbers_of(tmp_path / "multivariable.tsv"), numbers_of(tmp_path / "results.tsv")
    assert tuple(table.columns) == MULTIVARIABLE_COLUMNS
    marker = table[table["term"].str.contains(" vs ")]
    assert len(table) == 3 * len(marker)
    columns = ["population", "comparison", "cut", "hazard_ratio", "hazard_ratio_upper", "wald_p", "ph_p"]
    compared = results[results["comparison"].isin(marker["comparison"])]
    pd.testing.assert_frame_equal(marker[columns].reset_index(drop=True), compared[columns].reset_index(drop=True))
    asked = ["population", "comparison", "family"]
    counted = [t[t["family"] != "supporting"][asked].reset_index(drop=True) for t in (plain.tests, adjusted.tests)]
    pd.testing.assert_frame_equal(*counted)
    # those of covariates are in the ledger, as supporting tests
    covariates = adjusted.tests[adjusted.tests["test"].str.startswith("Cox Wald, covariate ")]
    assert set(covariates["family"]) == {"supporting"}
    assert len(covariates) == 2 * len(marker)


def test_without_covariates_there_is_no_table_of_terms(folder):
    assert not (folder / "multivariable.tsv").exists()


def test_baseline_and_exclusions_and_genes_and_calls(folder, results, root):
    baseline = read(folder / "baseline.tsv")
    assert tuple(baseline.columns) == BASELINE_COLUMNS
    assert {"age", "grade", "node"} <= set(baseline["characteristic"])
    exclusions = read(folder / "exclusions.tsv")
    assert list(exclusions.columns) == ["cohort", "signature", "population", "endpoint", "step", "reason", "n"]
    unknown = exclusions[exclusions["reason"] == "membership of the population unknown"]
    assert (unknown["n"].astype(int) > 0).all()
    genes = read(folder / "genes.tsv")
    assert set(genes["feature"]) == {"IGF1R", "SPHK1", "er", "node"}
    assert set(genes["found"]) == {"true"}
    calls = read(folder / "calls.tsv")
    patients = len(read_cohort(root / "synthetic" / "figure2-breast" / "flat").patients)
    assert set(calls.astype({"n": int}).groupby("population")["n"].sum()) == {patients}
    unknown = calls[calls["call"] == "unknown"].astype({"n": int, "n_not_assayed": int})
    assert (unknown["n_not_assayed"] <= unknown["n"]).all()


def test_cut_points_are_the_medians(folder, root):
    cohort = read_cohort(root / "synthetic" / "figure2-breast" / "flat")
    values = cohort.assays["mrna"].read(["IGF1R"])["IGF1R"][(cohort.clinical["er"] == "positive").fillna(False)]
    table = numbers_of(folder / "cut_points.tsv")
    row = table[(table["population"] == "er-positive") & table["number"].str.contains("IGF1R")].iloc[0]
    assert (row["cut"], row["value"], row["n"]) == ("median", values.median(), values.notna().sum())


def test_assignments_are_for_their_owner_alone(folder, results):
    path = folder / "assignments.parquet"
    assert path.stat().st_mode & 0o777 == 0o600
    table = pd.read_parquet(path)
    assert list(table.columns) == ["cohort", "signature", "population", "cut", "cut_scope", "patient", "call", "score"]
    counts = table[table["population"] == "er-positive"]["call"].value_counts().to_dict()
    told = results.cohorts[0].strata[0].counts
    assert counts == told
    assert table["patient"].str.startswith("SYN-").all()


def test_assignments_are_private_under_any_umask(results, tmp_path):
    before = os.umask(0)
    try:
        write_calls(results, tmp_path)
    finally:
        os.umask(before)
    assert (tmp_path / "assignments.parquet").stat().st_mode & 0o777 == 0o600


def test_patient_ids_are_in_no_other_table(folder):
    for path in folder.iterdir():
        if path.name != "assignments.parquet":
            assert b"SYN-0" not in path.read_bytes(), path.name


def test_a_run_without_rows_still_has_every_column(results, tmp_path):
    empty = Results(results.plan, (replace(results.cohorts[0], comparisons=(), strata=(), baseline=pd.DataFrame()),))
    write_survival(empty, tmp_path)
    write_calls(empty, tmp_path)
    assert (tmp_path / "results.tsv").read_text() == "\t".join(COLUMNS) + "\n"
    for path in tmp_path.glob("*.tsv"):
        assert "\t" in path.read_text().splitlines()[0]
    assert list(pd.read_parquet(tmp_path / "results.parquet").columns) == COLUMNS


def test_text_is_safe_in_a_spreadsheet_and_stays_one_cell(tmp_path):
    texts = ["=HYPERLINK(1)", "+1", "-1", "@SUM", "a\tb", "a\r\nb", "", None, "plain", "1-2"]
    table = pd.DataFrame({"text": pd.array(texts, dtype="string"), "number": [-1.5] * 10, "yes": [True, False] * 5})
    write_tsv(table, tmp_path / "t.tsv")
    lines = (tmp_path / "t.tsv").read_text(encoding="utf-8").splitlines()
    cells = [line.split("\t")[0] for line in lines[1:]]
    assert cells == ["'=HYPERLINK(1)", "'+1", "'-1", "'@SUM", "a b", "a  b", "NA", "NA", "plain", "1-2"]
    assert lines[1].split("\t")[1:] == ["-1.5", "true"]
    assert lines[2].split("\t")[2] == "false"


def test_tables_do_not_change_the_frame_they_write(tmp_path):
    table = pd.DataFrame({"text": ["=a"], "yes": [True]})
    write_tsv(table, tmp_path / "t.tsv")
    assert table.to_dict("list") == {"text": ["=a"], "yes": [True]}


def test_two_writings_are_the_same_to_the_byte(results, folder, tmp_path):
    write_calls(results, tmp_path)
    write_survival(results, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        path.name: path.read_bytes() for path in folder.iterdir()
    }
