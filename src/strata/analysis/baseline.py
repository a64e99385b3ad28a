"""Patient characteristics by stratum with standardised differences: the first table of a paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from strata.cohort import Cohort
    from strata.stratification import Strata

__all__ = ["BASELINE_COLUMNS", "baseline"]

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


def baseline(cohort: Cohort, strata: Strata, characteristics: Sequence[str]) -> pd.DataFrame:
    """Characteristics of the highest stratum beside those of the lowest.

    Parameters
    ----------
    cohort : Cohort
    strata : Strata
    characteristics : sequence of str
        Clinical columns. Columns of numbers give mean and SD (``level`` is ``mean``), columns of words the share of
        each level; unknown values drop out, and ``n`` counts the known ones.

    Returns
    -------
    pandas.DataFrame
        Columns ``BASELINE_COLUMNS``. The standardised difference is the difference of means (shares) over the root of
        the mean of the two variances (Austin 2009); above 0.1 in size is commonly called an imbalance.
    """
    reference, stratum = strata.labels.cat.categories[0], strata.labels.cat.categories[-1]
    keys = (strata.cohort, strata.signature, strata.population, stratum, reference)
    high, low = cohort.clinical[strata.is_(stratum)], cohort.clinical[strata.is_(reference)]
    rows = [
        (*keys, column, *row)
        for column in characteristics
        for row in _rows(high[column].astype("string"), low[column].astype("string"))
    ]
    table = pd.DataFrame(rows, columns=list(BASELINE_COLUMNS))
    # fixed types, so that an empty table beside full ones changes nothing
    words = dict.fromkeys(BASELINE_COLUMNS[:7], "string")
    return table.astype(
        words | dict.fromkeys(BASELINE_COLUMNS[7:9], "int64") | dict.fromkeys(BASELINE_COLUMNS[9:], "float64")
    )


def _rows(high: pd.Series[Any], low: pd.Series[Any]) -> Iterator[tuple[Any, ...]]:
    numbers = [pd.to_numeric(part, errors="coerce").dropna().to_numpy(dtype=float) for part in (high, low)]
    high, low = high.dropna(), low.dropna()
    levels = sorted(set(high) | set(low))
    # a grade of 1, 2, 3 is read as levels, an age as a number
    if len(levels) > 5 and sum(map(len, numbers)) == len(high) + len(low):
        yield ("mean", *_summary(numbers[0], numbers[1]))
        return
    for level in levels:
        yield (
            level,
            *_summary((high == level).to_numpy(dtype=float), (low == level).to_numpy(dtype=float), share=True),
        )


def _summary(a: Any, b: Any, *, share: bool = False) -> tuple[Any, ...]:
    mean_a, mean_b = (float(x.mean()) if x.size else np.nan for x in (a, b))
    if share:
        sd_a, sd_b = (sqrt(m * (1 - m)) if m == m else np.nan for m in (mean_a, mean_b))
    else:
        sd_a, sd_b = (float(x.std(ddof=1)) if x.size > 1 else np.nan for x in (a, b))
    pooled = sqrt((sd_a**2 + sd_b**2) / 2) if sd_a == sd_a and sd_b == sd_b else np.nan
    difference = (mean_a - mean_b) / pooled if pooled and pooled == pooled else np.nan
    shown_a, shown_b = (np.nan, np.nan) if share else (sd_a, sd_b)
    return (int(a.size), int(b.size), mean_a, mean_b, shown_a, shown_b, difference)
