"""The censoring distribution that inverse-probability weights divide by, and the check of a score."""

from __future__ import annotations

from typing import Any

import numpy as np

from strata.survival.kernels.risk_table import Booleans, Floats, Integers, as_floats

__all__ = ["checked_score", "uncensored_before"]


def uncensored_before(rank: Integers, event: Booleans) -> Floats:
    """G(t-), the Kaplan-Meier share not yet censored just before each patient's own time.

    At a time with both, the events come first: who has the event is no longer at risk of being censored.

    Parameters
    ----------
    rank : array of int, shape (n_patients,)
        Times as positions among the distinct ones.
    event : array of bool, shape (n_patients,)
    """
    size = int(rank.max(initial=-1)) + 1
    left, events = np.bincount(rank, minlength=size), np.bincount(rank[event], minlength=size)
    at_risk = rank.size - np.cumsum(left) + left - events
    share = np.cumprod(1.0 - (left - events) / np.maximum(at_risk, 1), dtype=np.float64)
    before: Floats = np.concatenate([[1.0], share])[rank]
    return before


def checked_score(score: Any, n: int) -> Floats:
    """The score as floats, one per patient.

    Raises
    ------
    ValueError
        Another length than ``n``, values that are missing or infinite.
    """
    values = as_floats(score, "score")
    if values.shape != (n,):
        raise ValueError(f"score has the shape {values.shape}, time has {n} values")
    n_bad = int(np.count_nonzero(~np.isfinite(values)))
    if n_bad:
        raise ValueError(f"score: {n_bad} of {n} values are missing or infinite")
    return values
