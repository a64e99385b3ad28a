"""Scores of a whole cohort, and which features were found."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from strata.errors import DataError, UsageError
from strata.scoring import COVERAGE_COLUMNS, score
from strata.signatures import parse_signature

nan = np.nan
PATIENTS = ["P1", "P2", "P3", "P4"]


def signature(name, **rules):
    return parse_signature({"name": name, "positive": {"mrna": "A", "above": "median"}} | rules, id=name, where="test")


@pytest.fixture
def cohort(make_cohort):
    mrna = pd.DataFrame({"A": [1.0, 3.0, 5.0, nan], "B": [10.0, 10.0, 40.0, 20.0]}, index=PATIENTS)
    clinical = pd.DataFrame({"er": ["positive"] * 4}, index=PATIENTS, dtype="string")
    return make_cohort(clinical=clinical, mrna=mrna)


def test_mean_averages_z_scores(cohort):
    made = score(cohort, [signature("pair", score={"mean": [{"mrna": "A"}, {"mrna": "B"}]})], library={})
    z_a = np.array([-1.0, 0.0, 1.0, nan])  # mean 3, sd 2
    z_b = (np.array([10.0, 10.0, 40.0, 20.0]) - 20.0) / np.sqrt(200.0)  # squares 100 100 400 0 over 3
    np.testing.assert_allclose(made.values["pair"], (z_a + z_b) / 2, rtol=1e-14)  # noqa: PD011


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"sum": [{"mrna": "A"}, {"mrna": "B"}]}, [11, 13, 45, nan]),
        ({"diff": [{"mrna": "A"}, {"mrna": "B"}]}, [-9, -7, -35, nan]),
        ({"ratio": [{"mrna": "A"}, {"mrna": "B"}]}, [-9, -7, -35, nan]),  # log2 tables: a ratio is a difference
        ({"weighted": {"mrna": {"A": 2, "B": -0.5}}}, [-3, 1, -10, nan]),
        ({"count": [{"mrna": "A", "above": 2}, {"mrna": "B", "above": 15}]}, [0, 1, 2, nan]),
    ],
)
def test_scores_by_hand(cohort, rule, expected):
    made = score(cohort, [signature("made", score=rule)], library={})
    np.testing.assert_allclose(made.values["made"], expected, rtol=1e-14)  # noqa: PD011


def test_only_signatures_with_a_score_have_a_column(cohort):
    with_score = signature("with", score={"mrna": "A"})
    made = score(cohort, [signature("without"), with_score], library={})
    assert list(made.values.columns) == ["with"]  # noqa: PD011
    assert made.values.index.tolist() == PATIENTS  # noqa: PD011
    tidy = made.to_frame()
    assert list(tidy.columns) == ["patient", "signature", "score"]
    assert tidy["score"].tolist()[:3] == [1.0, 3.0, 5.0]


def test_coverage_names_what_was_not_found(cohort):
    made = score(cohort, [signature("pair", score={"sum": [{"mrna": "A"}, {"mrna": "SPHK1"}]})], library={})
    assert tuple(made.coverage.columns) == COVERAGE_COLUMNS
    rows = made.coverage.set_index("feature")
    assert rows.loc["A", ["found", "scale", "n_patients"]].tolist() == [True, "log2", 3]
    assert not rows.loc["SPHK1", "found"]
    assert rows.loc["SPHK1", "reason"] == "no mrna SPHK1 in the cohort's tables"
    assert made.values["pair"].isna().all()  # noqa: PD011


def test_raise_tells_every_missing_feature(cohort):
    lost = signature("lost", score={"sum": [{"mrna": "X"}, {"protein": "Y"}]})
    with pytest.raises(DataError) as caught:
        score(cohort, [lost], library={}, on_missing="raise")
    assert len(caught.value.problems) == 2
    assert "mrna X" in str(caught.value)
    assert "protein" in str(caught.value)


def test_an_unknown_id(cohort):
    with pytest.raises(UsageError, match="igf1r-hihg"):
        score(cohort, ["igf1r-hihg"])


def test_shipped_signatures_without_their_features_are_rows_not_errors(cohort):
    made = score(cohort)
    assert "igf1r-sphk1-high" in made.values  # noqa: PD011
    assert made.values["igf1r-sphk1-high"].isna().all()  # noqa: PD011
    missing = made.coverage[~made.coverage["found"]]
    assert missing["reason"].str.len().min() > 0


def test_order_of_patients_does_not_matter(make_cohort):
    rng = np.random.default_rng(5)
    ids = [f"P{i}" for i in range(40)]
    mrna = pd.DataFrame(rng.normal(size=(40, 2)), index=ids, columns=["A", "B"])
    clinical = pd.DataFrame({"er": "positive"}, index=ids)
    made = signature("pair", score={"mean": [{"mrna": "A"}, {"mrna": "B"}]})
    shuffled = list(rng.permutation(ids))
    one = score(make_cohort(clinical=clinical, mrna=mrna), [made], library={}).values  # noqa: PD011
    two = score(make_cohort(clinical=clinical.loc[shuffled], mrna=mrna.loc[shuffled]), [made], library={}).values  # noqa: PD011
    np.testing.assert_allclose(two.loc[ids], one, rtol=1e-12)
