from __future__ import annotations

import math

import pytest
from scipy import stats

from strata.survival.kernels.chi_squared import chi_squared_p, chi_squared_test


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 5, 10, 11])
@pytest.mark.parametrize("statistic", [1e-6, 0.1, 1.0, 3.84, 20.0, 300.0])
def test_p_is_the_upper_tail(statistic: float, degrees: int) -> None:
    expected = stats.chi2.sf(statistic, degrees)
    p_value, log10_p = chi_squared_p(statistic, degrees)
    assert p_value == pytest.approx(expected, rel=1e-12)
    assert log10_p == pytest.approx(math.log10(expected), rel=1e-12, abs=1e-14)


def test_one_degree_of_freedom_is_the_complementary_error_function() -> None:
    assert chi_squared_p(10.0, 1)[0] == pytest.approx(math.erfc(math.sqrt(5.0)), rel=1e-14)


# R: pchisq(x, df, lower.tail = FALSE, log.p = TRUE) / log(10)
@pytest.mark.parametrize(
    ("statistic", "log10_p"),
    [(70, -16.2269126552105), (300, -66.4822286296905), (2000, -436.043273716073), (5000, -1087.68383651432)],
)
def test_log10_p_is_exact_where_p_underflows(statistic: float, log10_p: float) -> None:
    assert chi_squared_p(statistic, 1)[1] == pytest.approx(log10_p, rel=1e-13)


@pytest.mark.parametrize("degrees", [2, 3, 7])
def test_log10_p_goes_on_smoothly_below_the_smallest_float(degrees: int) -> None:
    # the tail falls by 1/2 per unit of the statistic, less (df/2 - 1)/statistic
    near, far = chi_squared_p(3000.0, degrees)[1], chi_squared_p(3002.0, degrees)[1]
    assert chi_squared_p(3000.0, degrees)[0] == 0.0
    assert (far - near) * math.log(10.0) == pytest.approx(-1.0 + (degrees / 2 - 1) * 2 / 3001, abs=1e-5)


def test_no_statistic_has_no_p() -> None:
    assert all(math.isnan(p) for p in chi_squared_p(math.nan, 1))
    assert all(math.isnan(p) for p in chi_squared_p(3.0, 0))
    assert chi_squared_p(0.0, 2) == (1.0, 0.0)
    assert chi_squared_test(3.0, 1) == (3.0, 1, *chi_squared_p(3.0, 1))


def test_tiny_p_of_r(golden, close) -> None:
    result = golden.cases("pitfalls")["tiny_p"]["result"]
    assert close([chi_squared_p(x, 1)[1] for x in result["chisq"]], result["log10_p"], 1e-12) == 5
