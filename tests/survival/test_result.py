"""The rows of a result: columns, types, and what is missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from strata.survival.groups import Adjustment, Outcome, not_possible, several_groups, two_groups
from strata.survival.result import COLUMNS, SurvivalComparison, frame

ISSUE = [
    *("cohort", "signature", "population", "endpoint", "comparison", "cut", "cut_scope"),
    *("n", "events", "n_positive", "events_positive", "n_unknown", "n_not_assayed"),
    *("hazard_ratio", "hazard_ratio_lower", "hazard_ratio_upper", "wald_p", "log_rank_chi2", "log_rank_p"),
    *("median_positive", "median_negative", "median_follow_up", "estimable", "note"),
    *("claim_effect", "claim_evidence", "agrees"),
    *("permutation_p", "permutations", "firth_hazard_ratio", "firth_hazard_ratio_lower", "firth_hazard_ratio_upper"),
    *("firth_p", "ph_p", "rmst_horizon", "rmst_difference", "rmst_difference_lower", "rmst_difference_upper", "rmst_p"),
    "gray_p",
    "likelihood_ratio_chi2",
    "likelihood_ratio_p",
    *("adjusted_for", "n_adjusted", "hazard_ratio_unadjusted", "hazard_ratio_unadjusted_lower"),
    "hazard_ratio_unadjusted_upper",
]
CLAIMS = ISSUE.index("claim_effect")

TIME = np.array([1.0, 2, 3, 4, 5, 6, 7, 8])
EVENT = np.array([1, 1, 0, 1, 1, 0, 1, 0], dtype=bool)
UP = np.array([1, 0, 1, 1, 0, 0, 1, 0], dtype=bool)
OUTCOME = Outcome(TIME, EVENT, Adjustment())


@pytest.fixture
def two():
    return two_groups("positive_vs_rest", OUTCOME, positive=UP, reference=~UP, labels=("up", "down"), unknown=(3, 2))


@pytest.fixture
def result(two):
    four = several_groups("four_groups", OUTCOME, np.eye(4, dtype=bool).repeat(2, axis=1), labels=list("abcd"))
    trend = several_groups("trend", OUTCOME, [~UP, UP], labels=["q1", "q2"], trend=True)
    rows = (two, four, trend, not_possible("SPHK1", "no mrna SPHK1", unknown=(8, 8)))
    return SurvivalComparison("c", "s", "er-positive & node-negative", "OS", None, None, rows)


def test_columns_are_the_issues_in_its_order(result):
    assert list(COLUMNS) == ISSUE
    assert list(result.to_frame().columns) == ISSUE


def test_types(result):
    for table in (result.to_frame(), frame([])):
        types = table.dtypes
        for column in (*ISSUE[:7], *ISSUE[CLAIMS - 1 : CLAIMS + 3]):
            assert types[column] == "string"
        for column in ("n", "events", "n_positive", "events_positive", "n_unknown", "n_not_assayed"):
            assert types[column] == "Int64"
        assert types["permutations"] == types["n_adjusted"] == "Int64"
        assert types["adjusted_for"] == "string"
        others = set(ISSUE[CLAIMS + 3 :]) - {"permutations", "adjusted_for", "n_adjusted"}
        for column in (*ISSUE[13:22], *others):
            assert types[column] == "float64"
        assert types["estimable"] == "bool"


def test_a_row_of_two_groups(two, result):
    row = result.to_frame().iloc[0]
    assert row[["n", "events", "n_positive", "events_positive", "n_unknown", "n_not_assayed"]].tolist() == [
        8,
        5,
        4,
        3,
        3,
        2,
    ]
    assert row["hazard_ratio"] == two.hazard_ratio.value
    assert (row["median_positive"], row["median_negative"]) == (4.0, 6.5)
    assert row["cut"] is pd.NA
    assert row["estimable"] is np.True_


def test_medians_by_hand(two):
    # up: events 1, 4, 7, censored 3: 3/4, then 3/4 * 1/2 = 3/8 at 4; down: events 2, 5, censored 6, 8: 3/4, 1/2 at 5
    # and the curve stays at 1/2 until the last time, 8, so R gives the middle: (5 + 8) / 2
    up, down = two.groups
    np.testing.assert_allclose(up.curve.survival, [0.75, 0.75, 0.375, 0.0], atol=1e-15)
    np.testing.assert_allclose(down.curve.survival, [0.75, 0.5, 0.5, 0.5])
    assert (up.curve.median, down.curve.median) == (4.0, 6.5)


def test_tests_without_a_hazard_ratio(result):
    four, trend = result["four_groups"], result["trend"]
    rows = result.to_frame().set_index("comparison")
    assert (four.hazard_ratio, four.log_rank.degrees_of_freedom) == (None, 3)
    assert rows.loc["four_groups", ["n_positive", "events_positive"]].tolist() == [2, 2]
    assert np.isnan(rows.loc["four_groups", "median_positive"])
    assert rows.loc["trend", "n_positive"] is pd.NA
    assert rows.loc["trend", "log_rank_p"] == trend.log_rank.p_value


def test_a_row_that_could_not_be_compared(result):
    row = result.to_frame().set_index("comparison").loc["SPHK1"]
    assert row[["n", "events", "n_positive", "events_positive", "n_unknown", "n_not_assayed"]].tolist() == [
        0,
        0,
        0,
        0,
        8,
        8,
    ]
    assert row["estimable"] is np.False_
    assert row["note"] == "no mrna SPHK1"
    assert row[ISSUE[13:22]].isna().all()


def test_rows_by_name(result, two):
    assert result["positive_vs_rest"] is two
    assert result.hazard_ratio is two.hazard_ratio
    assert result.log_rank is two.log_rank
    assert list(result.curves) == ["up", "down"]
    with pytest.raises(KeyError, match="nothing"):
        result["nothing"]


def test_lifelines_gets_the_same_data(result, two):
    fits = result.to_lifelines()
    assert list(fits.data.columns) == ["time", "event", "group"]
    assert fits.data["group"].value_counts().to_dict() == {"up": 4, "down": 4}
    for group in two.groups:
        theirs = fits.curves[group.label].survival_function_at_times(group.curve.times)
        np.testing.assert_allclose(theirs, group.curve.survival, rtol=1e-12, atol=1e-12)
    assert set(result.to_lifelines("four_groups").curves) == set("abcd")


def test_p_is_not_rounded(result):
    p = result.to_frame().loc[0, "log_rank_p"]
    assert p == result["positive_vs_rest"].log_rank.p_value
    assert p != round(p, 6)
