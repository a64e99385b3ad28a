"""Westfall and Young's max-T: log-rank P values of many markers, adjusted for their number and their correlation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from strata.survival.kernels.frozen import Frozen
from strata.survival.kernels.permutation import EQUAL_CENSORING, permutation_p, permuted, reached
from strata.survival.kernels.risk_table import (
    Booleans,
    Floats,
    Integers,
    as_floats,
    checked,
    cumulative_hazard,
    strata_codes,
)

__all__ = ["MaxT", "log_rank_scores", "max_t", "max_t_of_columns", "permutation_variance"]

NEGLIGIBLE = 1e-9
"""Standard deviations of the number of events in a group below this are rounding."""


@dataclass(frozen=True, eq=False, slots=True)
class MaxT(Frozen):
    """Log-rank tests of many two-group markers.

    Parameters
    ----------
    statistics : array of float, shape (n_tests,)
        Absolute log-rank statistic over its standard deviation under permutation; NaN for a marker that leaves
        nothing to compare (one group, no event), which has no P and takes no part in the maximum.
    p_values : array of float, shape (n_tests,)
        P of each marker alone, by permutation.
    adjusted_p_values : array of float, shape (n_tests,)
        Step-down max-T: the chance of one false positive among all tests is at most the level it is compared with.
    single_step_p_values : array of float, shape (n_tests,)
        Single-step max-T: every statistic against the maximum over all tests.
    n_permutations, seed : int
        The smallest P possible is 1 / (n_permutations + 1).
    exact : bool
        False: permutations are drawn, not all of them.
    assumption : str
        What the P values assume.
    """

    statistics: Floats
    p_values: Floats
    adjusted_p_values: Floats
    single_step_p_values: Floats
    n_permutations: int
    seed: int
    exact: bool
    assumption: str


def max_t(
    time: Any,
    event: Any,
    groups: Any,
    *,
    n_permutations: int = 9_999,
    seed: int = 0,
    stratification_factors: Any = None,
) -> MaxT:
    """Log-rank P values of many two-group markers, adjusted by Westfall and Young's permutations.

    Parameters
    ----------
    time : array-like of float, shape (n_patients,)
        Time of the event or of censoring.
    event : array-like of bool or 0/1, shape (n_patients,)
        1: event; 0: censored.
    groups : array-like or pandas.DataFrame of bool or 0/1, shape (n_patients, n_tests)
        One marker a column.
    n_permutations, seed : int
        Each permutation pairs the survival of the patients anew with all their markers at once, so that the markers
        stay as correlated as they are.
    stratification_factors : array-like, shape (n_patients,) or (n_patients, n_factors), optional
        Survival is permuted inside each combination, and the statistics are added over them.

    Returns
    -------
    MaxT

    Raises
    ------
    ValueError
        Missing values, lengths that differ, markers other than 0 and 1, no permutations.

    Notes
    -----
    The statistic is observed less expected events, as in R's ``survdiff``, over the permutation standard deviation
    (coin's ``logrank_test``), not the hypergeometric one: with a rare marker the asymptotic P is far too small. P is
    (b + 1) / (B + 1). Westfall and Young 1993, algorithm 2.8.
    """
    times, events, _ = checked(time, event)
    markers = _checked_groups(groups, times.size)
    if n_permutations < 1:
        raise ValueError(f"n_permutations must be 1 or more, not {n_permutations}")
    strata = strata_codes(stratification_factors, times.size)
    return max_t_of_columns(times, events, markers, strata, n_permutations=n_permutations, seed=seed)


def max_t_of_columns(
    time: Floats, event: Booleans, columns: Floats, strata: Integers, *, n_permutations: int, seed: int
) -> MaxT:
    """``max_t`` of columns of any numbers, such as the ranks of ordered groups.

    A patient who takes no part in a column has its mean over the others of the same stratum there: that adds nothing to
    the statistic, whatever the patient's survival, and nothing to its variance.

    Parameters
    ----------
    time, event, columns, strata : arrays (n_patients,), (n_patients,), (n_patients, n_tests) and (n_patients,)
    n_permutations, seed : int

    Returns
    -------
    MaxT
    """
    scores = log_rank_scores(time, event, strata)
    error = np.sqrt(permutation_variance(scores, columns, strata))
    usable = np.flatnonzero(error > NEGLIGIBLE)
    weights = columns[:, usable] / error[usable]
    observed = np.abs(scores @ weights)
    order = np.argsort(-observed, kind="stable")
    weights, threshold = weights[:, order], reached(observed[order])
    counts = np.zeros((3, usable.size), dtype=np.int64)
    for drawn in permuted(scores, strata, n_permutations, seed) if usable.size else ():
        own = np.abs(drawn @ weights)
        rest = np.maximum.accumulate(own[:, ::-1], axis=1)[:, ::-1]
        counts += [np.count_nonzero(one >= threshold, axis=0) for one in (own, rest, rest[:, :1])]
    counts[1] = np.maximum.accumulate(counts[1])
    found = np.full((4, columns.shape[1]), np.nan)
    found[0, usable] = observed
    found[1:, usable[order]] = permutation_p(counts, n_permutations)
    return MaxT(
        statistics=found[0],
        p_values=found[1],
        adjusted_p_values=found[2],
        single_step_p_values=found[3],
        n_permutations=n_permutations,
        seed=seed,
        exact=False,
        assumption=EQUAL_CENSORING,
    )


def _checked_groups(groups: Any, n: int) -> Floats:
    markers = as_floats(groups, "groups")
    if markers.ndim != 2 or markers.shape[0] != n:
        raise ValueError(f"groups have the shape {markers.shape}, time has {n} values")
    n_bad = np.count_nonzero((markers != 0.0) & (markers != 1.0), axis=0)
    names = getattr(groups, "columns", range(1, markers.shape[1] + 1))
    problems = [f"marker {name}: {bad} of {n} values are not 0 or 1" for name, bad in zip(names, n_bad) if bad]
    if problems:
        raise ValueError("; ".join(problems))
    return markers


def log_rank_scores(time: Floats, event: Booleans, strata: Integers) -> Floats:
    """Event less the Nelson-Aalen cumulative hazard of the patient's stratum: a group's sum is observed - expected."""
    scores: Floats = event - cumulative_hazard(time, event, strata)
    return scores


def permutation_variance(scores: Floats, columns: Floats, strata: Integers) -> Floats:
    """Variance of every column's sum of products with the scores when those are permuted inside strata."""
    variance = np.zeros(columns.shape[1])
    for stratum in np.unique(strata):
        own = strata == stratum
        n = int(own.sum())
        if n > 1:
            spread = ((columns[own] - columns[own].mean(axis=0)) ** 2).sum(axis=0)
            variance += spread / (n - 1) * ((scores[own] - scores[own].mean()) ** 2).sum()
    return variance
