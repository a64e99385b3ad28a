"""``strata compare``: one question without a plan."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from strata import compare_survival, read_cohort, stratify
from strata.cli.running import _in_words
from strata.report.paper_columns import paper_p
from strata.survival import Checks
from strata.survival.groups import Adjustment, Outcome, two_groups
from strata.wording import format_hazard_ratio, format_p


def test_one_question(strata, breast, tmp_path):
    words = ["--endpoint", "OS", "--population", "er-positive & node-negative"]
    ran = strata("compare", breast, "igf1r-high", *words, "--out", tmp_path / "out")
    assert (ran.status, ran.out) == (0, "")
    (row,) = pd.read_csv(tmp_path / "out" / "results.tsv", sep="\t").itertuples()
    assert (row.population, row.comparison) == ("er-positive & node-negative", "positive_vs_rest")
    cohort = read_cohort(breast)
    strata_ = stratify(cohort, "igf1r-high", population="er-positive & node-negative")
    alone = compare_survival(cohort, strata_, "OS")
    assert (row.n, row.hazard_ratio) == (alone.comparisons[0].n, alone.hazard_ratio.value)
    assert f"er-positive & node-negative, OS, positive_vs_rest: n {row.n}, {row.events} events, " in ran.err
    assert (tmp_path / "out" / "survival.png").exists()


def test_no_population_is_all(strata, small, tmp_path, table):
    assert strata("compare", small, "igf1r-high", "--endpoint", "os", "--out", tmp_path / "out").status == 0
    (row,) = table(tmp_path / "out" / "results.tsv").itertuples()
    assert (row.population, row.endpoint, row.n) == ("all", "OS", "40")


def test_a_population_is_intersected_with_the_signatures_own(strata, breast, tmp_path, table):
    words = ["--endpoint", "OS", "--population", "node-negative", "--out", tmp_path / "out"]
    assert strata("compare", breast, "fgfr1-amp", *words).status == 0
    (row,) = table(tmp_path / "out" / "results.tsv").itertuples()
    assert row.population == "node-negative & hr-positive-her2-negative"


def test_an_adjusted_comparison_is_answered_by_its_own_p_wherever_it_is_told(strata, breast, tmp_path):
    source, out = tmp_path / "cohort", tmp_path / "out"
    source.mkdir()
    for file in breast.iterdir():
        (source / file.name).write_bytes(file.read_bytes())
    clinical = pd.read_csv(source / "clinical.tsv", sep="\t", dtype=str, keep_default_na=False)
    clinical.loc[:6, "grade"] = "NA"
    clinical.to_csv(source / "clinical.tsv", sep="\t", index=False)
    ran = strata("compare", source, "igf1r-high", "--endpoint", "OS", "--covariates", "grade", "--out", out)
    (row,) = pd.read_csv(out / "results.tsv", sep="\t").itertuples()
    assert (row.adjusted_for, row.n_adjusted < row.n) == ("grade", True)
    ratio = f"HR {row.hazard_ratio:.3g} ({row.hazard_ratio_lower:.3g}-{row.hazard_ratio_upper:.3g})"
    assert f"{ratio} adjusted for grade in {row.n_adjusted:.0f} patients, Cox Wald P {row.wald_p:.3g}; " in ran.err
    assert f"not adjusted: HR {row.hazard_ratio_unadjusted:.3g} (" in ran.err
    assert f", log-rank P {row.log_rank_p:.3g}\n" in ran.err
    tests = pd.read_csv(out / "tests.tsv", sep="\t").set_index("test")
    own = tests.loc["Cox Wald, adjusted for grade"]
    assert (own["family"], own["p_value"], own["q_value"]) == ("main", row.wald_p, row.wald_p)
    assert tests.loc["log-rank, not adjusted", ["family", "p_value"]].tolist() == ["supporting", row.log_rank_p]
    left = pd.read_csv(out / "exclusions.tsv", sep="\t").set_index("reason")
    assert left.loc["without grade: not in the adjusted model", "n"] == row.n - row.n_adjusted
    page = (out / "report.html").read_text(encoding="utf-8")
    ratio = format_hazard_ratio(row.hazard_ratio, row.hazard_ratio_lower, row.hazard_ratio_upper, name="95 % CI ")
    inside = f"adjusted for grade in {row.n_adjusted:.0f} patients"
    assert f"HR {ratio} {inside}, Cox Wald {format_p(row.wald_p)}, q" in page
    assert f", log-rank {format_p(row.log_rank_p)}; n = {row.n}" in page
    assert f"{row.n - row.n_adjusted:.0f} without grade: not in the adjusted model" in page
    table = strata("table", out / "results.tsv").out
    assert f" | {paper_p(row.wald_p)} | " in table
    assert f"HR {inside}; P of Wald's test in the Cox model; not adjusted: HR " in table
    assert f"log-rank P {paper_p(row.log_rank_p)}" in table


def test_tertiles_have_a_trend(strata, breast, tmp_path, table):
    words = ["--endpoint", "OS", "--cut", "tertiles", "--out", tmp_path / "out", "--cross-check"]
    ran = strata("compare", breast, "igf1r-high", *words)
    assert ran.status == 0
    assert list(table(tmp_path / "out" / "results.tsv")["comparison"]) == ["q2_vs_q1", "q3_vs_q1", "trend"]
    assert json.loads((tmp_path / "out" / "run.json").read_text())["cross_check"]["skipped"] == 1


@pytest.mark.parametrize(
    ("signature", "endpoint", "said"),
    [("igf1r-high", "PFS", "the cohort has no PFS (endpoints found: OS)"), ("kras-mutated", "OS", "no mutation table")],
)
def test_nothing_to_compare_is_1_with_its_reason_on_screen_and_in_the_row(
    strata, small, tmp_path, signature, endpoint, said, table
):
    ran = strata("compare", small, signature, "--endpoint", endpoint, "--out", tmp_path / "out")
    assert ran.status == 1
    assert said in ran.err
    (row,) = table(tmp_path / "out" / "results.tsv").itertuples()
    assert (row.n, row.estimable) == ("0", "false")
    assert said in row.note


def test_patients_without_events_are_0_and_the_row_says_why(strata, root, tmp_path, table):
    source = root / "synthetic" / "one-event" / "flat"
    for file in source.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    clinical = table(source / "clinical.tsv").assign(os_event="0")
    clinical.to_csv(tmp_path / "clinical.tsv", sep="\t", index=False)
    words = ("igf1r-high", "--endpoint", "OS", "--out")
    ran = strata("compare", tmp_path, *words, tmp_path / "compared")
    assert ran.status == 0
    (row,) = table(tmp_path / "compared" / "results.tsv").itertuples()
    assert (row.n, row.estimable) == ("150", "false")
    assert "no event in 150 patients" in row.note
    assert strata("cutpoint", tmp_path, *words, tmp_path / "searched").status == 1
    for command, said in [
        ("compare", "The exit status is 1 when no row has a patient"),
        ("cutpoint", "The exit status is 1 when no cut could be searched, as without events"),
        ("figure2", "The exit status is 1 when no row has a patient"),
    ]:
        assert said in " ".join(strata(command, "--help").out.split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--covariates", "age,os_months"), "os_months is the outcome of OS"),
        (("--stratify-by", "os_event"), "os_event is the outcome of OS"),
        (("--subgroups", "ttp_event"), "ttp_event is the outcome of TTP"),
        (("--treatment", "ttp_event"), "ttp_event is the outcome of TTP"),
        (
            ("--treatment", "treatment", "--treatment-reference", "placebo"),
            "column treatment has control (146), everolimus (154), of which none is placebo",
        ),
    ],
)
def test_columns_that_make_every_row_wrong_are_3(strata, root, tmp_path, words, said):
    trial = root / "synthetic" / "trial-everolimus" / "flat"
    ran = strata("compare", trial, "p4ebp1-high", "--endpoint", "TTP", *words, "--out", tmp_path / "out")
    assert ran.status == 3
    assert said in ran.err


def test_an_unknown_population_is_2_and_an_unknown_signature_4(strata, small, tmp_path):
    out = ["--endpoint", "OS", "--out", tmp_path / "out"]
    ran = strata("compare", small, "igf1r-high", "--population", "er-positiv", *out)
    assert (ran.status, "Did you mean 'er-positive'?" in ran.err) == (2, True)
    ran = strata("compare", small, "igf1r-hihg", *out)
    assert (ran.status, "Did you mean 'igf1r-high'?" in ran.err) == (4, True)
    assert [path.name for path in tmp_path.iterdir()] == ["small"]


def test_a_folder_named_like_the_signature_does_not_hide_it(strata, small, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ["compare", small, "igf1r-high", "--endpoint", "OS", "--out", "igf1r-high"]
    assert strata(*words).status == 0
    assert strata(*words, "--overwrite").status == 0


def test_a_signature_of_the_users_own(strata, small, tmp_path, table):
    path = tmp_path / "mine.yaml"
    path.write_text("id: mine\nname: m\npositive: {mrna: SPHK1, above: 3}\n")
    words = ["--endpoint", "OS", "--out"]
    assert strata("compare", small, "mine", "--signatures", path, *words, tmp_path / "one").status == 0
    assert strata("compare", small, path, *words, tmp_path / "two").status == 0
    one, two = (table(tmp_path / name / "results.tsv") for name in ("one", "two"))
    assert one.equals(two)
    values = pd.read_csv(small / "mrna.tsv", sep="\t")["SPHK1"]
    assert one["n_positive"][0] == str((values > 3).sum())
    assert one["cut"][0] == "3"


def test_several_cohorts_are_pooled_and_subgroups_compared(strata, root, tmp_path, table):
    flat = [root / "synthetic" / name / "flat" for name in ("additive-only", "no-effect")]
    lines = [
        f"  - {{name: c{i}, clinical: {path / 'clinical.tsv'}, mrna: {path / 'mrna.tsv'}}}"
        for i, path in enumerate(flat)
    ]
    (tmp_path / "two.yaml").write_text("cohorts:\n" + "\n".join(lines) + "\n")
    words = ["--endpoint", "OS", "--out", tmp_path / "out", "--pool", "PM", "--subgroups", "er"]
    ran = strata("compare", tmp_path / "two.yaml", "igf1r-high", *words)
    assert ran.status == 0, ran.err
    pooled = table(tmp_path / "out" / "pooled.tsv").set_index("method")
    assert "PM, Hartung-Knapp" in pooled.loc["random_effects", "note"]
    assert list(table(tmp_path / "out" / "subgroups.tsv")["level"]) == ["negative", "positive"] * 2


def test_a_treatment_gives_the_interaction_and_the_verdict(strata, root, tmp_path, table):
    trial = root / "synthetic" / "trial-everolimus" / "flat"
    words = ["--endpoint", "TTP", "--treatment", "treatment", "--treatment-reference", "control"]
    ran = strata("compare", trial, "p4ebp1-high", *words, "--cross-check", "--out", tmp_path / "out")
    assert ran.status == 0
    rows = [row.comparison for row in table(tmp_path / "out" / "results.tsv").itertuples()]
    assert rows == ["positive_vs_rest", "treatment_in_positive", "treatment_in_negative", "treatment_interaction"]
    assert "treatment_interaction: n 269" in ran.err
    assert "predictive if the treatment was given by randomisation" in ran.err
    assert (tmp_path / "out" / "treatment.png").exists()


def test_a_row_without_a_hazard_ratio_says_its_p():
    time, event = np.arange(1.0, 41.0), np.arange(40) < 20
    up = np.arange(40) >= 20
    made = two_groups(
        "positive_vs_rest", Outcome(time, event, Adjustment()), positive=up, reference=~up, labels=("up", "down")
    )
    assert made.hazard_ratio is None
    log_rank, permuted = f"log-rank P {made.log_rank.p_value:.3g}", f"permutation P {made.checks.permutation_p:.3g}"
    assert _in_words(made).startswith(f"n 40, {log_rank}, {permuted}, hazard ratio not estimable (up: no event")
    searched = _in_words(replace(made, searched=True, checks=Checks()))
    assert searched.startswith(f"n 40, {log_rank} corrected for the search, ")


@pytest.mark.parametrize(
    ("asked", "meant"),
    [("overall", "Did you mean OS?"), ("SO", "Did you mean OS?"), ("nothing-like-it", "cohort YAML")],
)
def test_an_endpoint_that_can_only_be_misspelt_is_2_and_nothing_is_written(strata, small, tmp_path, asked, meant):
    ran = strata("compare", small, "igf1r-high", "--endpoint", asked, "--out", tmp_path / "out")
    assert ran.status == 2
    last = ran.err.splitlines()[-1]
    assert f"error E703: endpoint {asked.upper()}: no cohort has an endpoint of this name (endpoints found: OS)" in last
    assert meant in last
    assert not (tmp_path / "out").exists()


def test_an_endpoint_that_another_stands_for_is_suggested(strata, cohort_writer, tmp_path):
    cohort = cohort_writer(tmp_path / "relapses", endpoint="rfs")
    ran = strata("compare", cohort, "igf1r-high", "--endpoint", "DSF", "--out", tmp_path / "out")
    assert "Did you mean DFS?" in ran.err
    ran = strata("compare", cohort, "igf1r-high", "--endpoint", "relapse", "--out", tmp_path / "out")
    assert "Did you mean RFS?" in ran.err


def test_a_common_endpoint_that_the_cohort_lacks_ends_with_why_nothing_was_compared(strata, small, tmp_path):
    ran = strata("compare", small, "igf1r-high", "--endpoint", "PFS", "--out", tmp_path / "out")
    assert ran.status == 1
    assert ran.err.splitlines()[-1] == (
        "nothing was compared: asked for PFS: the cohort has no PFS (endpoints found: OS)"
    )
    assert (tmp_path / "out" / "results.tsv").exists()
