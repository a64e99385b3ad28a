"""The ledger: every test that was asked, its family, and P over the family."""

from __future__ import annotations

from dataclasses import replace
from math import log10

import numpy as np
import pandas as pd
import pytest

from strata import run_plan
from strata.analysis import LEDGER_COLUMNS, Controls, Plan, family_counts, ledger_frame
from strata.analysis.ledger import with_adjusted_p
from strata.analysis.pooled import pooled_results
from strata.analysis.results import Failure
from strata.errors import Problem, UsageError
from strata.report import run_to_folder
from strata.survival import pooled_frame
from strata.survival.kernels.chi_squared import chi_squared_test


@pytest.fixture(scope="module")
def pair(root):
    """A gene pair, and one gene in its three populations, in two cohorts; the second has one event."""
    cohorts = [{"path": str(root / "synthetic" / name / "flat"), "name": name} for name in ("no-effect", "one-event")]
    signatures = ["igf1r-sphk1-high", "igf1r-high"]
    return run_plan(Plan.checked(cohorts=cohorts, signatures=signatures, endpoints=["OS"]))


def test_every_row_of_the_results_has_one_test_and_the_other_p_values_are_supporting(pair):
    table, results = ledger_frame(pair), pair.to_frame()
    assert tuple(table.columns) == LEDGER_COLUMNS
    alone = table[table["cohort"].isin(results["cohort"])]
    own = alone[alone["family"] != "supporting"]
    asked = results[results["comparison"] != "expected_both_vs_neither"]
    keys = ["cohort", "signature", "population", "endpoint", "comparison", "n", "events"]
    assert own[keys].astype(str).to_numpy().tolist() == asked[keys].astype(str).to_numpy().tolist()
    # where an arm is sparse the permutation P is the row's test
    tested = asked["permutation_p"].fillna(asked["log_rank_p"])
    expected = np.where(asked["comparison"] == "interaction", asked["wald_p"], tested)
    np.testing.assert_array_equal(own["p_value"], expected)
    sparse = (asked["permutation_p"].notna() & (asked["comparison"] != "interaction")).to_numpy()
    assert set(own.loc[sparse, "test"]) == {"permutation log-rank"}
    # Wald beside each log-rank test, but not of the four groups, which have no hazard ratio; and the expected ratio
    wald = alone[(alone["family"] == "supporting") & (alone["test"] == "Cox Wald")]
    others = ("interaction", "four_groups")
    assert len(wald) == (~results["comparison"].isin(others)).sum()
    assert set(own.loc[own["comparison"] == "interaction", "test"]) == {"Cox Wald"}


@pytest.mark.parametrize(
    ("column", "test"), [("firth_p", "Firth penalised likelihood ratio"), ("ph_p", "proportional hazards")]
)
def test_each_further_p_of_the_results_is_supporting(pair, column, test):
    table, results = ledger_frame(pair), pair.to_frame()
    found = table[table["test"] == test]
    assert set(found["family"]) == {"supporting"}
    assert found["p_value"].tolist() == results[column].dropna().tolist() != []


def test_cohorts_together_are_one_more_test_and_the_other_ways_to_pool_support_it(pair):
    table = ledger_frame(pair)
    together = table[table["cohort"] == "all"]
    frame = pooled_frame(pooled_results(pair))
    main = frame[(frame["method"] == "random_effects") & (frame["comparison"] == "positive_vs_rest")]
    pooled = together[together["family"] == "pooled"]
    np.testing.assert_array_equal(pooled["p_value"], main["p_value"])
    assert set(pooled["test"]) == {"random effects"}
    supporting = together[(together["family"] == "supporting") & (together["comparison"] == "positive_vs_rest")]
    assert {"unstratified log-rank", "unstratified Cox Wald", "stratified log-rank", "stratified Cox Wald"} <= set(
        supporting["test"]
    )
    without = table[table["cohort"].str.startswith("all without ")]
    assert set(without["family"]) <= {"supporting"}


def test_the_main_family_is_each_signatures_own_question(pair):
    table = ledger_frame(pair)
    main = table[table["family"] == "main"]
    units = {(s.cohort, s.signature, s.population) for cohort in pair.cohorts for s in cohort.strata}
    assert set(zip(main["cohort"], main["signature"], main["population"])) == units
    assert set(main["comparison"]) == {"positive_vs_rest"}
    assert set(main["tests_in_family"]) == {len(units)}
    assert len(main) == len(units)


def test_failed_tests_count_and_say_why(pair):
    table = ledger_frame(pair)
    failed = table[table["p_value"].isna()]
    assert len(failed)
    assert failed["note"].notna().all()
    assert failed["q_value"].isna().all()
    secondary = table[table["family"] == "secondary"]
    known = secondary["p_value"].dropna().sort_values()
    assert len(known) < len(secondary)
    assert secondary["tests_in_family"].unique().tolist() == [len(secondary)]
    smallest = secondary.loc[known.index[0]]
    assert smallest["holm_p"] == min(1.0, known.iloc[0] * len(secondary))


def test_the_adjusted_p_are_those_of_hand():
    """Five tests, one of which failed: BH p x 5 / rank from the largest down, Holm p x (6 - rank) from the smallest."""
    import pandas as pd

    tests = pd.DataFrame(dict.fromkeys(LEDGER_COLUMNS), index=range(5)).drop(columns=["q_value", "holm_p"])
    tests["family"], tests["p_value"] = "main", [0.01, np.nan, 0.02, 0.03, 0.5]
    made = with_adjusted_p(tests, ("run",))
    np.testing.assert_allclose(made["q_value"], [0.05, np.nan, 0.05, 0.05, 0.625], rtol=1e-15)
    np.testing.assert_allclose(made["holm_p"], [0.05, np.nan, 0.08, 0.09, 1.0], rtol=1e-15)
    assert family_counts(made) == [
        {
            "family": "main",
            "tests": 5,
            "failed": 1,
            "p_below_0.05": 3,
            "q_below_0.05": int((made["q_value"] < 0.05).sum()),
            "holm_p_below_0.05": int((made["holm_p"] < 0.05).sum()),
        }
    ]


def test_the_plan_divides_the_families(pair):
    by_cohort = replace(pair, plan=pair.plan.model_copy(update={"family": ("cohort", "endpoint")}))
    table = ledger_frame(by_cohort)
    main = table[table["family"].str.startswith("main")]
    assert set(main["family"]) == {
        "main; cohort no-effect; endpoint OS",
        "main; cohort one-event; endpoint OS",
    }
    assert set(main["tests_in_family"]) == {len(main) // 2}


def test_family_in_a_plan():
    def family(value):
        return Plan.checked(cohorts=["x"], family=value).family

    assert Plan.checked(cohorts=["x"]).family == family("run") == ("run",)
    assert family("cohort") == ("cohort",)
    assert family(["cohort", "endpoint"]) == ("cohort", "endpoint")
    assert family("all") == ("all",)
    assert family(["all", "endpoint"]) == ("all", "endpoint")
    with pytest.raises(UsageError, match="family"):
        family("journal")


def test_all_questions_in_one_family(pair):
    apart = ledger_frame(pair)
    table = ledger_frame(replace(pair, plan=pair.plan.model_copy(update={"family": ("all",)})))
    supporting = apart["family"] == "supporting"
    assert set(apart.loc[~supporting, "family"]) == {"main", "pooled", "secondary"}
    pd.testing.assert_frame_equal(table[supporting], apart[supporting])
    asked = table[~supporting]
    assert set(asked["family"]) == {"all"}
    assert set(asked["tests_in_family"]) == {len(asked)}
    # Benjamini and Hochberg by hand: the smallest p x m / rank of those from a test's own rank on
    known = asked.sort_values("p_value").dropna(subset="p_value")
    each = known["p_value"].to_numpy() * len(asked) / np.arange(1, len(known) + 1)
    by_hand = [min(1.0, each[i:].min()) for i in range(len(known))]
    np.testing.assert_allclose(known["q_value"], by_hand, rtol=1e-12)
    by_cohort = ledger_frame(replace(pair, plan=pair.plan.model_copy(update={"family": ("all", "cohort")})))
    names = ["no-effect", "one-event", "all"]
    assert set(by_cohort.loc[~supporting, "family"]) == {f"all; cohort {name}" for name in names}


@pytest.fixture(scope="module")
def printed(root, tmp_path_factory):
    """The folder of a run of two cohorts with covariates, subgroups and random signatures."""
    names = ("figure2-breast", "no-effect")
    cohorts = [{"path": str(root / "synthetic" / name / "flat"), "name": name} for name in names]
    plan = Plan.checked(
        cohorts=cohorts,
        signatures=["igf1r-high"],
        populations=["all"],
        endpoints=["OS"],
        covariates=["age", "grade"],
        subgroups=["er"],
    )
    folder = tmp_path_factory.mktemp("printed") / "out"
    run_to_folder(lambda: run_plan(plan, controls=Controls(random_signatures=5)), folder)
    return folder


def test_every_p_of_every_table_is_in_the_ledger(printed):
    tables = {path.name: pd.read_csv(path, sep="\t") for path in printed.glob("*.tsv")}
    # what random signatures are compared by is printed as random_p_...
    columns = {
        (name, column)
        for name, table in tables.items()
        for column in table
        if (column.endswith("_p") or column.startswith("random_p_") or column == "p_value") and name != "tests.tsv"
    }
    assert {
        ("multivariable.tsv", "wald_p"),
        ("multivariable.tsv", "ph_p"),
        ("pooled.tsv", "p_value"),
        ("pooled.tsv", "log_rank_p"),
        ("pooled.tsv", "q_p"),
        ("subgroups.tsv", "wald_p"),
        ("random_signatures.tsv", "random_p_chi_squared"),
        ("random_signatures.tsv", "random_p_hazard_ratio"),
    } <= columns
    known = set(tables["tests.tsv"]["p_value"].dropna())
    for name, column in columns:
        missing = set(tables[name][column].dropna()) - known
        assert not missing, (name, column, missing)
    for name, column in [("multivariable.tsv", "ph_p"), ("pooled.tsv", "q_p"), ("subgroups.tsv", "wald_p")]:
        assert tables[name][column].notna().any(), name


def test_what_is_beside_a_question_is_named_and_supporting(printed):
    table, terms = (pd.read_csv(printed / name, sep="\t") for name in ("tests.tsv", "multivariable.tsv"))
    supporting = table[table["family"] == "supporting"]
    for name, p_value in zip(terms["term"], terms["wald_p"]):
        if " vs " not in name:
            mine = supporting[supporting["test"] == f"Cox Wald, covariate {name}"]
            assert p_value in set(mine["p_value"])
    assert {
        "heterogeneity Q",
        "stratified Cox Wald",
        "stratified log-rank",
        "random signatures, chi-squared",
        "random signatures, hazard ratio",
    } <= set(supporting["test"])
    inside = table[table["comparison"].str.startswith("positive_vs_rest in er ")]
    assert inside["test"].tolist()[:2] == ["Cox Wald, adjusted for age, grade", "log-rank, not adjusted"]
    assert inside["family"].tolist()[:2] == ["subgroup", "supporting"]
    # of the questions there are as many as without covariates and random signatures
    counts = table["family"].value_counts()
    assert counts[["main", "subgroup", "pooled"]].tolist() == [2, 6, 1]


def test_a_cohort_that_fails_was_asked_the_same_tests(pair):
    one = replace(pair, cohorts=pair.cohorts[:1], failures=(Failure("lost", (Problem("lost", "is gone"),), 6),))
    table = ledger_frame(one)
    lost = table[table["cohort"] == "lost"]
    asked = table[(table["cohort"] == "no-effect") & (table["family"] != "supporting")]
    assert lost["comparison"].tolist() == asked["comparison"].tolist()
    assert lost["p_value"].isna().all()
    assert set(lost["note"]) == {"the cohort could not be analysed"}
    main = table[table["family"] == "main"]
    assert set(main["tests_in_family"]) == {len(main)} == {2 * (main["cohort"] == "lost").sum()}


def test_the_logarithm_of_p(pair):
    """Where floating point has no P as small, its logarithm stays: chi-squared 5000 with 1 degree of freedom."""
    result = pair.cohorts[0].comparisons[0]
    first = result.comparisons[0]
    huge = chi_squared_test(5000.0, 1)
    test = replace(first.log_rank, chi_squared=5000.0, p_value=huge.p_value, log10_p=huge.log10_p)
    changed = replace(result, comparisons=(replace(first, log_rank=test), *result.comparisons[1:]))
    cohort = replace(pair.cohorts[0], comparisons=(changed, *pair.cohorts[0].comparisons[1:]))
    row = ledger_frame(replace(pair, cohorts=(cohort,))).iloc[0]
    assert row["p_value"] == 0.0
    assert row["log10_p"] == pytest.approx(-1087.68, abs=0.01)
    usual = ledger_frame(pair).iloc[0]
    assert usual["log10_p"] == pytest.approx(log10(usual["p_value"]), rel=1e-12)


def test_quantile_groups_are_asked_for_their_trend(root):
    folder = root / "synthetic" / "no-effect" / "flat"
    plan = Plan.checked(cohorts=[str(folder)], signatures=["igf1r-sphk1-high"], endpoints=["OS"], cut="tertiles")
    table = ledger_frame(run_plan(plan))
    assert table[table["family"] == "main"]["comparison"].unique().tolist() == ["trend"]
    assert set(table.loc[table["comparison"] == "trend", "test"]) == {"log-rank for trend"}
    assert set(table.loc[table["family"] == "secondary", "comparison"]) == {"q2_vs_q1", "q3_vs_q1"}


def test_the_ledger_of_a_run_is_worked_out_once(pair):
    assert pair.tests is pair.tests
    pd.testing.assert_frame_equal(pair.tests, ledger_frame(pair))
