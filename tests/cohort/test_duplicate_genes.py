"""Several rows of one gene, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from strata.cohort.duplicate_genes import combine

NAN = np.nan
# means 2, 3 (over two values), 3; variances 1, 2, 1
ROWS = np.array([[1.0, 2.0, 3.0], [NAN, 2.0, 4.0], [2.0, 3.0, 4.0]])


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("first", [1.0, 2.0, 3.0]),
        ("mean", [1.5, 7 / 3, 11 / 3]),
        ("median", [1.5, 2.0, 4.0]),
        ("max_mean", [NAN, 2.0, 4.0]),
        ("max_variance", [NAN, 2.0, 4.0]),
    ],
)
def test_rules(rule: str, expected: list[float]) -> None:
    np.testing.assert_allclose(combine(ROWS, rule), expected, rtol=1e-15)


@pytest.mark.parametrize("rule", ["max_mean", "max_variance"])
def test_the_first_of_equal_rows_counts(rule: str) -> None:
    rows = np.array([[1.0, 3.0, 5.0], [5.0, 3.0, 1.0]])
    np.testing.assert_array_equal(combine(rows, rule), rows[0])


@pytest.mark.parametrize("rule", ["mean", "median", "max_mean", "max_variance"])
def test_rows_without_values_never_win_and_a_patient_without_any_stays_unknown(rule: str) -> None:
    rows = np.array([[NAN, NAN, NAN], [NAN, 1.0, 2.0]])
    np.testing.assert_array_equal(combine(rows, rule), rows[1])
    assert np.isnan(combine(rows[:1].repeat(2, axis=0), rule)).all()


def test_one_value_has_no_variance() -> None:
    rows = np.array([[9.0, NAN, NAN], [1.0, 1.0, NAN]])
    np.testing.assert_array_equal(combine(rows, "max_variance"), rows[1])
