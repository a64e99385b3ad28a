"""The profile of a search: every cut that was tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from strata.survival.cut_learning import critical_value, tried_cuts
from strata.survival.groups import adjusted_cox

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.survival.groups import Outcome
    from strata.survival.search_options import SearchOptions

__all__ = ["PROFILE_COLUMNS", "cut_profile"]

PROFILE_COLUMNS = ("cut", "n_low", "n_high", "relative_statistic", "hazard_ratio")
"""The columns of a profile."""


def cut_profile(values: NDArray[np.float64], outcome: Outcome, options: SearchOptions) -> pd.DataFrame:
    """Every cut that was tried, in the columns ``PROFILE_COLUMNS``.

    Parameters
    ----------
    values : array of float (n,)
    outcome : Outcome
    options : SearchOptions

    Returns
    -------
    pandas.DataFrame
        ``n_low`` and ``n_high``: patients at or below the cut, and above it. ``relative_statistic``: the absolute
        standardised log-rank statistic over the value that the highest one of a marker without effect passes in 5 of
        100 cohorts (by permutation, inside the stratification factors), so that only above 1 there is evidence at 5 %.
        The statistic itself is not given: its P would be taken for the cut's. ``hazard_ratio``: above the cut against
        the others, without interval; the highest of them is not what a new cohort will show.
    """
    found = tried_cuts(values, outcome, options)
    low = found.sizes
    ratios = [_hazard_ratio(values > cut, outcome) for cut in found.cuts]
    columns = (found.cuts, low, values.size - low, found.statistics / critical_value(values, outcome, options), ratios)
    return pd.DataFrame(dict(zip(PROFILE_COLUMNS, columns))).astype({"hazard_ratio": "float64"})


def _hazard_ratio(high: NDArray[np.bool_], outcome: Outcome) -> float:
    fit, _ = adjusted_cox(outcome.time, outcome.event, pd.DataFrame({"high": high.astype(float)}), outcome.adjustment)
    return float(fit.hazard_ratios[0])
