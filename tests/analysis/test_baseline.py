"""Table one, worked by hand."""

from __future__ import annotations

from math import isnan, sqrt

import pandas as pd
import pytest

from strata import stratify
from strata.analysis import BASELINE_COLUMNS
from strata.analysis.baseline import Characteristic, baseline
from strata.signatures import parse_signature

MARKER = parse_signature({"name": "m", "positive": {"mrna": "G", "above": 4.5}}, id="m", where="test")


@pytest.fixture
def rows(make_cohort):
    """``rows(column=[...])``: the baseline rows of ten patients, the last five of them marker-positive."""

    def make(marker=tuple(range(10)), **columns):
        index = pd.Index([f"P{i}" for i in range(10)], name="patient", dtype=str)
        clinical = pd.DataFrame(
            {name: pd.array(values, dtype="string") for name, values in columns.items()}, index=index
        )
        cohort = make_cohort(clinical=clinical, mrna=pd.DataFrame({"G": marker}, index=index, dtype=float))
        strata = stratify(cohort, MARKER, library={"m": MARKER})
        return baseline(cohort, strata, [Characteristic.of(clinical[name]) for name in columns])

    return make


def test_shares_of_words(rows):
    table = rows(grade=["1", "1", "1", "2", None, "1", "2", "2", "2", None])
    assert tuple(table.columns) == BASELINE_COLUMNS
    one, two = table.itertuples()
    assert (one.stratum, one.reference, one.characteristic) == ("positive", "negative", "grade")
    assert [(row.level, row.n_stratum, row.n_reference) for row in (one, two)] == [("1", 4, 4), ("2", 4, 4)]
    assert [(row.value_stratum, row.value_reference) for row in (one, two)] == [(0.25, 0.75), (0.75, 0.25)]
    # (0.25 - 0.75) / sqrt((0.25 * 0.75 + 0.75 * 0.25) / 2)
    assert one.standardised_difference == pytest.approx(-0.5 / sqrt(0.1875), rel=1e-12)
    assert two.standardised_difference == pytest.approx(0.5 / sqrt(0.1875), rel=1e-12)
    assert isnan(one.sd_stratum)


def test_means_of_numbers(rows):
    table = rows(age=["30", "40", "50", "60", None, "40", "50", "60", "70", "80"])
    (row,) = table.itertuples()
    assert (row.level, row.n_stratum, row.n_reference) == ("mean", 5, 4)
    assert (row.value_stratum, row.value_reference) == (60, 45)
    assert (row.sd_stratum, row.sd_reference) == (pytest.approx(sqrt(250)), pytest.approx(sqrt(500 / 3)))
    assert row.standardised_difference == pytest.approx(15 / sqrt((250 + 500 / 3) / 2), rel=1e-12)


def test_few_numbers_are_levels_and_one_word_makes_words(rows):
    assert set(rows(stage=["1", "2", "3", "4", "5"] * 2)["level"]) == {"1", "2", "3", "4", "5"}
    assert "mean" not in set(rows(age=["about 60", *map(str, range(31, 40))])["level"])


def test_nothing_known_or_nobody_there_is_no_number(rows):
    (row,) = rows(er=["Positive"] * 5 + [None] * 5).itertuples()
    assert (row.n_stratum, row.n_reference, row.value_reference) == (0, 5, 1)
    assert isnan(row.value_stratum)
    assert isnan(row.standardised_difference)
    assert rows(er=[None] * 10).empty
    (row,) = rows(marker=(0.0,) * 10, er=["Positive"] * 10).itertuples()
    assert (row.n_stratum, row.n_reference) == (0, 10)


def test_equal_strata_differ_by_nothing(rows):
    for row in rows(node=["Positive", "Negative", "Negative", "Positive", "Negative"] * 2).itertuples():
        assert row.standardised_difference == 0
