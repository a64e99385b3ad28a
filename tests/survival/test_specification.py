"""The specification curve: every setting once, each row what its own comparison gives, and nothing adjusted."""

from __future__ import annotations

import pandas as pd
import pytest

from strata import compare_coexpression, compare_survival, read_cohort, stratify
from strata.errors import UsageError
from strata.signatures import parse_signature
from strata.survival import SPECIFICATION_COLUMNS, specification_curve

PAIR = "igf1r-sphk1-high"


@pytest.fixture(scope="module")
def cohort(root):
    return read_cohort(root / "synthetic" / "figure2-breast" / "flat", name="bundled")


@pytest.fixture(scope="module")
def curve(cohort):
    return specification_curve(cohort, PAIR, ["DFS", "OS"], population="er-positive")


SETTINGS = ["endpoint", "cut", "cut_scope", "comparator"]


def test_every_choice_is_there_once_and_in_order(curve):
    table = curve.to_frame()
    assert tuple(table.columns) == SPECIFICATION_COLUMNS
    assert not table.duplicated(SETTINGS).any()
    # 6 cuts against two comparators and 2 against the lowest group, 2 scopes, 2 endpoints
    assert len(table) == (6 * 2 + 2) * 2 * 2
    assert table["hazard_ratio"].is_monotonic_increasing
    assert set(table["cut"]) == {"q25", "q33", "median", "mean", "q67", "q75", "tertiles", "quartiles"}
    assert table.loc[table["cut"].isin(["tertiles", "quartiles"]), "comparator"].eq("lowest").all()


def test_the_pre_specified_one_is_the_signatures_own(curve, cohort):
    own = compare_coexpression(cohort, PAIR, "DFS", population="er-positive")["positive_vs_rest"]
    row = curve.pre_specified
    assert row[SETTINGS].tolist() == ["DFS", "median", "population", "rest"]
    assert row["hazard_ratio"] == own.hazard_ratio.value
    assert row["log_rank_p"] == own.log_rank.p_value
    assert curve.to_frame()["pre_specified"].sum() == 1


@pytest.mark.parametrize(("cut", "scope"), [("q33", "cohort"), ("mean", "population")])
def test_the_others_are_what_their_own_comparison_gives(curve, cohort, cut, scope):
    table = curve.to_frame().set_index(SETTINGS)
    made = compare_coexpression(cohort, PAIR, "OS", population="er-positive", cut=cut, cut_scope=scope)
    for comparator, name in (("rest", "positive_vs_rest"), ("neither", "both_vs_neither")):
        row = table.loc[("OS", cut, scope, comparator)]
        assert (row["n"], row["events"], row["hazard_ratio"]) == (
            made[name].n,
            made[name].events,
            made[name].hazard_ratio.value,
        )
        assert (row["hazard_ratio_lower"], row["wald_p"]) == (
            made[name].hazard_ratio.lower,
            made[name].hazard_ratio.wald_p,
        )
        assert row["small"] == (made[name].checks.permutations is not None)


def test_quantile_groups_are_the_highest_against_the_lowest(curve, cohort):
    strata = stratify(cohort, PAIR, population="er-positive", cut="quartiles")
    own = compare_survival(cohort, strata, "DFS")["q4_vs_q1"]
    row = curve.to_frame().set_index(SETTINGS).loc[("DFS", "quartiles", "population", "lowest")]
    assert row["hazard_ratio"] == own.hazard_ratio.value


def test_another_pre_specified_setting(cohort):
    curve = specification_curve(
        cohort, PAIR, ["OS"], population="er-positive", cut="q75", cut_scope="cohort", cuts=["median"]
    )
    assert curve.pre_specified[SETTINGS].tolist() == ["OS", "q75", "cohort", "rest"]
    assert set(zip(curve.table["cut"], curve.table["cut_scope"])) == {
        (cut, scope) for cut in ("q75", "median") for scope in ("cohort", "population")
    }


def test_without_a_population_there_is_one_scope_and_without_a_learned_cut_one_cut(cohort):
    alone = parse_signature({"name": "a", "positive": {"mrna": "IGF1R", "above": "mean"}}, id="a", where="test")
    everyone = specification_curve(cohort, alone, ["OS"], library={})
    assert everyone.table["cut_scope"].eq("population").all()
    # groups by quantiles need a score
    assert sorted(everyone.table["cut"]) == ["mean", "median", "q25", "q33", "q67", "q75"]
    assert everyone.pre_specified["cut"] == "mean"
    mutated = specification_curve(cohort, "kras-mutated", ["OS", "DFS"])
    assert mutated.table["cut"].isna().all()
    assert len(mutated.table) == 2


def test_no_row_is_lost_where_nothing_can_be_estimated(make_cohort):
    index = pd.Index([f"P{i}" for i in range(12)], name="patient")
    mrna = pd.DataFrame({"A": range(12)}, index, dtype=float)
    cohort = make_cohort(clinical=pd.DataFrame(index=index), mrna=mrna, endpoints={"OS": (range(1, 13), [False] * 12)})
    made = parse_signature({"name": "a", "positive": {"mrna": "A", "above": "median"}}, id="a", where="test")
    curve = specification_curve(cohort, made, ["OS"], library={})
    assert len(curve.table) == 6
    assert curve.table["hazard_ratio"].isna().all()
    assert not curve.table["estimable"].any()
    assert curve.table["small"].all()
    assert curve.table["note"].str.contains("no event in 12 patients").all()


def test_what_makes_no_curve_is_refused(cohort):
    with pytest.raises(UsageError, match="none is named"):
        specification_curve(cohort, PAIR, [])
    for keys in ({"cut": "optimal"}, {"cuts": ["median", "optimal"]}):
        with pytest.raises(UsageError, match="could have been chosen beforehand"):
            specification_curve(cohort, PAIR, ["OS"], **keys)
    with pytest.raises(UsageError, match="no signature 'nothing'"):
        specification_curve(cohort, "nothing", ["OS"])
    with pytest.raises(UsageError, match="'medium' is not a cut"):
        specification_curve(cohort, PAIR, ["OS"], cuts=["medium"])
