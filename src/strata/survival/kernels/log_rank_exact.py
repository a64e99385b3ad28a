"""The log-rank test by permutation: every split of the patients, or a random sample of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import chain, combinations
from typing import Any

import numpy as np

from strata.survival.kernels.frozen import Frozen
from strata.survival.kernels.intervals import binned
from strata.survival.kernels.permutation import EQUAL_CENSORING, permutation_p, permuted
from strata.survival.kernels.risk_table import (
    Floats,
    Integers,
    checked,
    cumulative_hazard,
    label_codes,
)

__all__ = ["LogRankExact", "log_rank_exact"]

MOST_SPLITS = 200_000
ROUNDING = 1e-12
"""Share of the largest statistic by which two equal ones may differ."""


@dataclass(frozen=True, eq=False, slots=True)
class LogRankExact(Frozen):
    """A log-rank test by permutation.

    Parameters
    ----------
    p_value, log10_p : float
        Two-sided. NaN when nothing could be compared: one group, no event, or every event at the last time of all.
    observed, expected : arrays of float, shape (n_groups,)
        Events, as in ``log_rank``.
    groups : tuple
        The group labels, sorted.
    n : array of int, shape (n_groups,)
        Patients per group.
    exact : bool
        Every split of the patients was looked at; else p = (b + 1) / (B + 1) from B random permutations, of which b
        were as far from the expectation as the data.
    n_permutations : int
        The splits, or B.
    seed : int or None
        Of the random permutations; None when exact.
    assumption : str
        What makes the splits equally likely when survival is the same.
    """

    p_value: float
    log10_p: float
    observed: Floats
    expected: Floats
    groups: tuple[Any, ...]
    n: Integers
    exact: bool
    n_permutations: int
    seed: int | None
    assumption: str


def log_rank_exact(time: Any, event: Any, group: Any, *, n_permutations: int = 9_999, seed: int = 0) -> LogRankExact:
    """Log-rank test whose p holds in groups of any size.

    Parameters
    ----------
    time : array-like of float, shape (n_patients,)
        Time of the event or of censoring.
    event : array-like of bool or 0/1, shape (n_patients,)
        1: event; 0: censored. Patients censored at an event time are at risk at it.
    group : array-like, shape (n_patients,)
        Labels of the groups compared.
    n_permutations : int
        Random permutations, used for three groups or more and for two groups with more than 200,000 splits.
    seed : int
        Of the random permutations.

    Returns
    -------
    LogRankExact

    Raises
    ------
    ValueError
        Missing values or labels, lengths that differ, fewer than one permutation.

    Notes
    -----
    A patient's score is the event less the Nelson-Aalen estimate at the patient's time; a group's scores add up to its
    observed less expected events. The statistic is the sum of (O - E)^2 / n over the groups: for two groups the splits
    with an absolute O - E as large as in the data count. The permutation test assumes that censoring is alike in the
    groups. Near-tied times are one time (``rank_times``).

    R: ``coin::logrank_test(Surv(time, event) ~ factor(group), distribution = "exact")``. Source: Hothorn and Lausen
    2003; (b + 1) / (B + 1): Phipson and Smyth 2010.
    """
    if n_permutations < 1:
        raise ValueError(f"n_permutations must be 1 or more, not {n_permutations}")
    times, events, _ = checked(time, event)
    groups, codes = label_codes(group, "group", times.size)
    n = np.bincount(codes, minlength=len(groups))
    hazard = cumulative_hazard(times, events, np.zeros(times.size, dtype=np.int64))
    scores = events - hazard
    observed, expected = binned(codes, np.vstack([events, hazard]), n.size)
    exact = n.size == 2 and math.comb(times.size, int(n.min())) <= MOST_SPLITS
    p_value, used = math.nan, 0
    if n.size > 1 and np.abs(scores).max() > ROUNDING:
        reference = _every_split(scores, n) if exact else _random_splits(scores, n, n_permutations, seed)
        least = _distance(observed - expected, n) - ROUNDING * float(scores @ scores)
        as_far, used = int(np.count_nonzero(reference >= least)), reference.size
        p_value = as_far / used if exact else float(permutation_p(as_far, used))
    return LogRankExact(
        p_value=p_value,
        log10_p=math.log10(p_value),
        observed=observed,
        expected=expected,
        groups=groups,
        n=n,
        exact=exact,
        n_permutations=used,
        seed=None if exact else seed,
        assumption=EQUAL_CENSORING,
    )


def _distance(excess: Floats, n: Integers) -> Any:
    """The statistic of observed less expected events, shape (..., n_groups)."""
    return (excess**2 / n).sum(axis=-1)


def _every_split(scores: Floats, n: Integers) -> Floats:
    size = int(n.min())
    splits = np.fromiter(chain.from_iterable(combinations(range(scores.size), size)), dtype=np.int64).reshape(-1, size)
    excess = scores[splits].sum(axis=1)
    distance: Floats = _distance(np.column_stack([excess, -excess]), n)
    return distance


def _random_splits(scores: Floats, n: Integers, n_permutations: int, seed: int) -> Floats:
    starts, one_stratum = np.cumsum(n) - n, np.zeros(scores.size, dtype=np.int64)
    blocks = permuted(scores, one_stratum, n_permutations, seed)
    return np.concatenate([_distance(np.add.reduceat(block, starts, axis=1), n) for block in blocks])
