"""Upper tail of the chi-squared distribution that stays exact where p underflows."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["ChiSquaredTest", "chi_squared_p", "chi_squared_test", "many_chi_squared_p"]

FAR = 20.0
"""From here on eight terms of the asymptotic series of erfc are all the digits of a float."""


class ChiSquaredTest(NamedTuple):
    """A chi-squared statistic, its degrees of freedom, its p and the decimal logarithm of p."""

    chi_squared: float
    degrees_of_freedom: int
    p_value: float
    log10_p: float


def chi_squared_p(statistic: float, degrees_of_freedom: int) -> tuple[float, float]:
    """P(X > statistic) and its decimal logarithm.

    Parameters
    ----------
    statistic : float
        The chi-squared statistic; NaN when there is none.
    degrees_of_freedom : int
        1 or more; 0 when there is no test.

    Returns
    -------
    p_value, log10_p : float
        NaN when there is no test. Where p is too small for a float (statistic above about 1,480) ``p_value`` is 0
        and ``log10_p`` still exact.

    Notes
    -----
    The finite sums of Abramowitz and Stegun 26.4.4 and 26.4.5, which have positive terms only, added in logarithms;
    for one degree of freedom erfc(sqrt(statistic / 2)). R: ``pchisq(x, df, lower.tail = FALSE, log.p = TRUE)``.
    """
    if degrees_of_freedom < 1 or math.isnan(statistic):
        return math.nan, math.nan
    if statistic <= 0.0:
        return 1.0, 0.0
    half = statistic / 2.0
    if degrees_of_freedom == 1:
        return math.erfc(math.sqrt(half)), _log_erfc(math.sqrt(half)) / math.log(10.0)
    first = 1.0 if degrees_of_freedom % 2 else 0.0
    powers = [j - first / 2.0 for j in range(int(first), (degrees_of_freedom + 1) // 2)]
    terms = [power * math.log(half) - math.lgamma(power + 1.0) for power in powers]
    if degrees_of_freedom % 2:
        terms.append(_log_erfc(math.sqrt(half)) + half)
    highest = max(terms)
    natural = min(highest + math.log(sum(math.exp(term - highest) for term in terms)) - half, 0.0)
    return math.exp(natural), natural / math.log(10.0)


def _log_erfc(x: float) -> float:
    """Natural logarithm of erfc(x), x >= 0, also where erfc(x) underflows: there its asymptotic series is exact."""
    if x < 0.5:
        return math.log1p(-math.erf(x))
    if x < FAR:
        return math.log(math.erfc(x))
    term, series = 1.0, 1.0
    for k in range(1, 8):
        term *= -(2 * k - 1) / (2.0 * x * x)
        series += term
    return math.log(series / (x * math.sqrt(math.pi))) - x * x


def many_chi_squared_p(
    statistics: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """``chi_squared_p`` of many statistics with one degree of freedom."""
    from scipy.special import erfc, erfcx

    with np.errstate(invalid="ignore", divide="ignore", under="ignore"):
        root = np.sqrt(statistics / 2.0)
        return erfc(root), np.minimum((np.log(erfcx(root)) - statistics / 2.0) / math.log(10.0), 0.0)


def chi_squared_test(statistic: float, degrees_of_freedom: int) -> ChiSquaredTest:
    """A statistic with its p."""
    return ChiSquaredTest(statistic, degrees_of_freedom, *chi_squared_p(statistic, degrees_of_freedom))
