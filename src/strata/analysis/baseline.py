"""Patient characteristics by stratum with standardised differences: the first table of a paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import nan, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.cohort import Cohort
    from strata.stratification import Strata

__all__ = ["BASELINE_COLUMNS", "Characteristic", "baseline"]

BASELINE_COLUMNS = (
    "cohort",
    "signature",
    "population",
    "stratum",
    "reference",
    "characteristic",
    "level",
    "n_stratum",
    "n_reference",
    "value_stratum",
    "value_reference",
    "sd_stratum",
    "sd_reference",
    "standardised_difference",
)

_FEW = 5
"""Levels up to which numbers are read as levels: a grade of 1, 2, 3; more make a number, such as an age."""


@dataclass(frozen=True, eq=False, slots=True)
class Characteristic:
    """A clinical column, looked at once for all strata of a cohort.

    Parameters
    ----------
    name : str
    levels : tuple of str
        Its words, sorted.
    codes : array of int, shape (n_patients,)
        The place of each patient's word in ``levels``; -1 where unknown.
    numbers : array of float, shape (n_patients,)
        The words as numbers, NaN where they are none.
    """

    name: str
    levels: tuple[str, ...]
    codes: NDArray[np.intp]
    numbers: NDArray[np.float64]

    @classmethod
    def of(cls, column: pd.Series[Any]) -> Characteristic:
        """The characteristic that a clinical column of text tells."""
        text = column.astype("string")
        codes, levels = pd.factorize(text, sort=True)
        numbers = pd.to_numeric(text, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        return cls(str(column.name), tuple(levels), codes, numbers)

    def is_number(self, who: NDArray[np.bool_]) -> bool:
        """Whether the known values of the patients ``who`` are numbers, and of too many sizes to be levels."""
        known = who & (self.codes >= 0)
        return np.unique(self.codes[known]).size > _FEW and not np.isnan(self.numbers[known]).any()


def baseline(cohort: Cohort, strata: Strata, characteristics: Sequence[Characteristic]) -> pd.DataFrame:
    """Characteristics of the highest stratum beside those of the lowest.

    Parameters
    ----------
    cohort : Cohort
    strata : Strata
    characteristics : sequence of Characteristic
        Columns of numbers give mean and SD (``level`` is ``mean``), columns of words the share of each level; unknown
        values drop out, and ``n`` counts the known ones.

    Returns
    -------
    pandas.DataFrame
        Columns ``BASELINE_COLUMNS``. The standardised difference is the difference of means (shares) over the root of
        the mean of the two variances (Austin 2009); above 0.1 in size is commonly called an imbalance.
    """
    reference, stratum = strata.labels.cat.categories[0], strata.labels.cat.categories[-1]
    keys = (cohort.name, strata.signature, strata.population, stratum, reference)
    high, low = strata.is_(stratum), strata.is_(reference)
    rows = [(*keys, column.name, *row) for column in characteristics for row in _rows(column, high, low)]
    if not rows:
        return pd.DataFrame(np.empty((0, len(BASELINE_COLUMNS))), columns=list(BASELINE_COLUMNS))
    columns = dict(zip(BASELINE_COLUMNS, zip(*rows, strict=True), strict=True))
    words = {name: pd.array(columns[name], dtype="string") for name in BASELINE_COLUMNS[:7]}
    # fixed types, whatever the first stratum of a table holds
    counts = {name: np.array(columns[name], dtype=np.int64) for name in BASELINE_COLUMNS[7:9]}
    values = {name: np.array(columns[name], dtype=np.float64) for name in BASELINE_COLUMNS[9:]}
    return pd.DataFrame(words | counts | values)


def _rows(column: Characteristic, high: NDArray[np.bool_], low: NDArray[np.bool_]) -> Iterator[tuple[Any, ...]]:
    known = column.codes >= 0
    of_each = [np.bincount(column.codes[who & known], minlength=len(column.levels)) for who in (high, low)]
    seen = np.flatnonzero(of_each[0] + of_each[1]).tolist()
    if column.is_number(high | low):
        yield ("mean", *_means(column.numbers[high & known], column.numbers[low & known]))
        return
    for place in seen:
        yield (column.levels[place], *_shares(*((int(n[place]), int(n.sum())) for n in of_each)))


def _means(a: NDArray[np.float64], b: NDArray[np.float64]) -> tuple[Any, ...]:
    means = [float(x.mean()) if x.size else nan for x in (a, b)]
    sds = [float(x.std(ddof=1)) if x.size > 1 else nan for x in (a, b)]
    return a.size, b.size, *means, *sds, _difference(*means, *sds)


def _shares(a: tuple[int, int], b: tuple[int, int]) -> tuple[Any, ...]:
    """From how many patients have a level, and of how many it is known."""
    shares = [n / known if known else nan for n, known in (a, b)]
    sds = [sqrt(share * (1 - share)) if known else nan for share, (_, known) in zip(shares, (a, b), strict=True)]
    return a[1], b[1], *shares, nan, nan, _difference(*shares, *sds)


def _difference(mean_a: float, mean_b: float, sd_a: float, sd_b: float) -> float:
    pooled = sqrt((sd_a**2 + sd_b**2) / 2)
    return (mean_a - mean_b) / pooled if pooled > 0 else nan
