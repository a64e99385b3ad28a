"""The maximally selected log-rank statistic: the best cut of a marker, and a P that knows it was searched for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from strata.survival.kernels.permutation import EQUAL_CENSORING
from strata.survival.kernels.risk_table import Booleans, Floats, Integers, as_floats, checked, rank_times
from strata.survival.kernels.selected_p import (
    by_permutation,
    hothorn_lausen,
    lausen_1992,
    lausen_1994,
    standardised,
)

__all__ = ["MaximallySelected", "log_rank_scores", "maximally_selected_log_rank"]

Method = Literal["permutation", "lau92", "lau94", "hothorn-lausen"]

MOST_PATIENTS = 170
"""Of the Hothorn-Lausen bound, as in R: it is far too wide before that, and its memory grows with their cube."""
CONSTANT = 1e-9
"""Scores nearer than this are one."""


@dataclass(frozen=True, eq=False, slots=True)
class MaximallySelected:
    """The best cut of a marker.

    Parameters
    ----------
    cut : float
        The group "high" is strictly above it; NaN when nothing can be cut.
    statistic : float
        The largest absolute standardised log-rank statistic, called M.
    p_value : float
        P of M, corrected for the search. The P of a log-rank test at ``cut`` is not, and is no part of the result: it
        is below 0.05 for four in ten markers that have nothing to do with survival.
    method : str
        How ``p_value`` was found.
    cuts, statistics : arrays of float, shape (n_cuts,)
        The whole profile: every cut that was tried, ascending, and its absolute standardised statistic.
    n_low, n_high : int
        Patients at or below the cut; above it.
    n_permutations : int
    seed : int or None
        Of the method "permutation"; 0 and None with the others.
    exact : bool
        False: permutations are drawn, not all of them, and the other methods are approximations.
    assumption : str
        What a P by permutation assumes; empty for the other methods.
    reason : str
        Why there is no cut or no P; empty when there are both.
    """

    cut: float
    statistic: float
    p_value: float
    method: str
    cuts: Floats
    statistics: Floats
    n_low: int
    n_high: int
    n_permutations: int
    seed: int | None
    exact: bool
    assumption: str
    reason: str


def maximally_selected_log_rank(
    values: Any,
    time: Any,
    event: Any,
    *,
    method: Method = "permutation",
    minprop: float = 0.1,
    maxprop: float = 0.9,
    n_permutations: int = 99_999,
    seed: int = 0,
) -> MaximallySelected:
    """The cut of a marker that separates survival best, with a P corrected for the search.

    Parameters
    ----------
    values : array-like of float, shape (n_patients,)
        The marker.
    time : array-like of float, shape (n_patients,)
        Time of the event or of censoring.
    event : array-like of bool or 0/1, shape (n_patients,)
        1: event; 0: censored.
    method : {"permutation", "lau92", "lau94", "hothorn-lausen"}
        "permutation": the share of random pairings of survival with marker values that reach M, the observed pairing
        counted among them, so never 0. "lau92", "lau94": approximations for large cohorts, often above the right P.
        "hothorn-lausen": a bound from the exact distribution of rounded scores, for 170 patients at most.
    minprop, maxprop : float
        Smallest and largest share of the patients at or below a cut that is tried, between 0 and 1.
    n_permutations, seed : int
        Of the method "permutation".

    Returns
    -------
    MaximallySelected
        NaN with a ``reason`` when there is no event, nothing to compare, or no cut between the shares.

    Raises
    ------
    ValueError
        Missing values, lengths that differ, an unknown method, shares that are not 0 < minprop < maxprop < 1, no
        permutations.

    Notes
    -----
    R maxstat 0.7-25: ``maxstat.test(Surv(time, event) ~ values, smethod = "LogRank", pmethod = ...)`` with "condMC"
    (permutation), "Lau92", "Lau94", "HL". Differences: a P is at most 1 (R's Lau94 goes above for weak markers);
    condMC leaves out what equals M and can be 0; for HL R prints the M of rounded scores, here ``statistic`` is the
    same for every method. Tied times enter with their largest rank, as in maxstat; with Nelson-Aalen scores (coin) M
    differs by up to 0.2 %. survminer's ``surv_cutpoint`` finds the same cut without any P.

    Lausen and Schumacher 1992; Lausen, Sauerbrei and Schumacher 1994; Hothorn and Lausen 2003.
    """
    times, events, marker = _checked(values, time, event)
    _check_search(method, minprop, maxprop, n_permutations)
    order = np.argsort(marker, kind="stable")
    scores, marker = log_rank_scores(times, events)[order], marker[order]
    sizes = np.flatnonzero(np.diff(marker) > 0.0) + 1
    sizes = sizes[(sizes >= math.floor(marker.size * minprop)) & (sizes <= math.floor(marker.size * maxprop))]
    reason = _why_no_cut(scores, events, sizes)
    if reason:
        statistics, below, cut, statistic, p_value = np.full(sizes.size, np.nan), 0, math.nan, math.nan, math.nan
    else:
        statistics = np.abs(standardised(np.cumsum(scores)[sizes - 1], scores, sizes))
        best = int(np.argmax(statistics))
        below, cut, statistic = int(sizes[best]), float(marker[sizes[best] - 1]), float(statistics[best])
        p_values = {
            "permutation": lambda: by_permutation(statistic, scores, sizes, n_permutations, seed),
            "lau92": lambda: lausen_1992(statistic, minprop, maxprop),
            "lau94": lambda: lausen_1994(statistic, marker.size, sizes),
            "hothorn-lausen": lambda: hothorn_lausen(scores, sizes) if marker.size <= MOST_PATIENTS else math.nan,
        }
        p_value = p_values[method]()
        reason = f"hothorn-lausen is for {MOST_PATIENTS} patients at most" if math.isnan(p_value) else ""
    permuted = method == "permutation"
    return MaximallySelected(
        cut=cut,
        statistic=statistic,
        p_value=p_value,
        method=method,
        cuts=marker[sizes - 1],
        statistics=statistics,
        n_low=below,
        n_high=marker.size - below,
        n_permutations=n_permutations if permuted else 0,
        seed=seed if permuted else None,
        exact=False,
        assumption=EQUAL_CENSORING if permuted else "",
        reason=reason,
    )


def _checked(values: Any, time: Any, event: Any) -> tuple[Floats, Booleans, Floats]:
    times, events, _ = checked(time, event)
    marker = as_floats(values)
    if marker.shape != times.shape:
        raise ValueError(f"values have the shape {marker.shape}, time has {times.size} values")
    n_bad = int(np.count_nonzero(~np.isfinite(marker)))
    if n_bad:
        raise ValueError(f"values: {n_bad} of {marker.size} values are missing or infinite")
    return times, events, marker


def _check_search(method: str, minprop: float, maxprop: float, n_permutations: int) -> None:
    problems = []
    if method not in get_args(Method):
        problems.append(f"method must be one of {', '.join(get_args(Method))}, not {method!r}")
    if not 0.0 < minprop < maxprop < 1.0:
        problems.append(f"shares must be 0 < minprop < maxprop < 1, not {minprop} and {maxprop}")
    if n_permutations < 1:
        problems.append(f"n_permutations must be 1 or more, not {n_permutations}")
    if problems:
        raise ValueError("; ".join(problems))


def log_rank_scores(time: Floats, event: Booleans) -> Floats:
    """Log-rank scores: event less the sum of 1 / (number at risk after the last patient tied) over earlier events."""
    distinct, (rank,) = rank_times(time)
    tied = np.bincount(rank, minlength=distinct.size)
    events = np.bincount(rank, weights=event, minlength=distinct.size)
    hazard = np.cumsum(events / (time.size - np.cumsum(tied) + 1))
    scores: Floats = event - hazard[rank]
    return scores


def _why_no_cut(scores: Floats, events: Booleans, sizes: Integers) -> str:
    if not events.any():
        return "no event"
    if np.ptp(scores) < CONSTANT:
        return "every patient has the same survival"
    return "" if sizes.size else "no cut leaves the shares of patients asked for"
