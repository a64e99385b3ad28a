"""The maximally selected log-rank statistic: the best cut of a marker, and a P that knows it was searched for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from strata.survival.kernels.frozen import Frozen
from strata.survival.kernels.many_cuts import (
    NO_CUT,
    first_largest,
    maxstat_scores,
    nothing_to_compare,
    sizes_between,
)
from strata.survival.kernels.max_t import log_rank_scores
from strata.survival.kernels.permutation import EQUAL_CENSORING
from strata.survival.kernels.risk_table import (
    Booleans,
    Floats,
    Integers,
    as_floats,
    checked,
    strata_codes,
)
from strata.survival.kernels.selected_p import (
    by_permutation,
    hothorn_lausen,
    lausen_1992,
    lausen_1994,
    moments,
)

__all__ = ["MaximallySelected", "TriedCuts", "maximally_selected_log_rank", "try_cuts"]

Method = Literal["permutation", "lau92", "lau94", "hothorn-lausen"]

MOST_PATIENTS = 170
"""Of the Hothorn-Lausen bound, as in R: it is far too wide before that, and its memory grows with their cube."""


@dataclass(frozen=True, eq=False, slots=True)
class TriedCuts:
    """Every cut of a marker that can be tried, and how well it separates survival: a search without its P.

    Parameters
    ----------
    cuts, statistics : arrays of float, shape (n_cuts,)
        Ascending; the absolute standardised log-rank statistic of each, NaN where there is a ``reason``.
    sizes : array of int, shape (n_cuts,)
        Patients at or below each cut.
    scores : array of float, shape (n_patients,)
        Log-rank scores in the order of the marker: what is permuted.
    strata : array of int, shape (n_patients,)
        In the same order: what the scores are permuted inside.
    reason : str
        Why there is no best cut; empty when there is one.
    """

    cuts: Floats
    statistics: Floats
    sizes: Integers
    scores: Floats
    strata: Integers
    reason: str

    @property
    def cut(self) -> float:
        """The best cut, the lowest of equal ones; NaN when there is none."""
        return math.nan if self.reason else float(self.cuts[first_largest(self.statistics)])

    @property
    def statistic(self) -> float:
        """The largest statistic; NaN when there is none."""
        return math.nan if self.reason else float(self.statistics.max())

    @property
    def n_low(self) -> int:
        """Patients at or below the best cut; 0 when there is none."""
        return 0 if self.reason else int(self.sizes[first_largest(self.statistics)])


@dataclass(frozen=True, eq=False, slots=True)
class MaximallySelected(Frozen):
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
    stratification_factors: Any = None,
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
    stratification_factors : array-like, shape (n_patients,) or (n_patients, n_factors), optional
        Of the method "permutation": survival is compared, and permuted, inside each combination only. The shares stay
        those of all patients.

    Returns
    -------
    MaximallySelected
        NaN with a ``reason`` when there is no event, nothing to compare, or no cut between the shares.

    Raises
    ------
    ValueError
        Missing values, lengths that differ, an unknown method, shares that are not 0 < minprop < maxprop < 1, no
        permutations, stratification factors with another method than "permutation".

    Notes
    -----
    R maxstat 0.7-25: ``maxstat.test(Surv(time, event) ~ values, smethod = "LogRank", pmethod = ...)`` with "condMC"
    (permutation), "Lau92", "Lau94", "HL". Differences: a P is at most 1 (R's Lau94 goes above for weak markers);
    condMC leaves out what equals M and can be 0; for HL R prints the M of rounded scores, here ``statistic`` is the
    same for every method. Tied times enter with their largest rank, as in maxstat; with Nelson-Aalen scores (coin) M
    differs by up to 0.2 %. survminer's ``surv_cutpoint`` finds the same cut without any P.

    maxstat knows no strata. With several, the statistic is observed less expected events of R's ``survdiff`` with
    ``strata()``, over its standard deviation when survival is permuted inside the strata (coin's ``logrank_test`` with
    a block), so that tied times enter by Nelson-Aalen scores. Cuts that part no stratum are not tried.

    Lausen and Schumacher 1992; Lausen, Sauerbrei and Schumacher 1994; Hothorn and Lausen 2003.
    """
    _check_search(method, minprop, maxprop, n_permutations, stratification_factors)
    tried = try_cuts(
        values, time, event, minprop=minprop, maxprop=maxprop, stratification_factors=stratification_factors
    )
    n, m, sizes, scores = tried.scores.size, tried.statistic, tried.sizes, tried.scores
    p_value, reason = math.nan, tried.reason
    if not reason:
        p_values = {
            "permutation": lambda: by_permutation(m, scores, tried.strata, sizes, n_permutations, seed),
            "lau92": lambda: lausen_1992(m, minprop, maxprop),
            "lau94": lambda: lausen_1994(m, n, sizes),
            "hothorn-lausen": lambda: hothorn_lausen(scores, sizes) if n <= MOST_PATIENTS else math.nan,
        }
        p_value = p_values[method]()
        reason = f"hothorn-lausen is for {MOST_PATIENTS} patients at most, these are {n}" if math.isnan(p_value) else ""
    permuted = method == "permutation"
    return MaximallySelected(
        cut=tried.cut,
        statistic=m,
        p_value=p_value,
        method=method,
        cuts=tried.cuts,
        statistics=tried.statistics,
        n_low=tried.n_low,
        n_high=n - tried.n_low,
        n_permutations=n_permutations if permuted else 0,
        seed=seed if permuted else None,
        exact=False,
        assumption=EQUAL_CENSORING if permuted else "",
        reason=reason,
    )


def try_cuts(
    values: Any,
    time: Any,
    event: Any,
    *,
    minprop: float = 0.1,
    maxprop: float = 0.9,
    stratification_factors: Any = None,
) -> TriedCuts:
    """The search of ``maximally_selected_log_rank``, whose parameters these are, without a P: it costs little."""
    times, events, marker = _checked(values, time, event)
    strata = strata_codes(stratification_factors, times.size)
    order = np.argsort(marker, kind="stable")
    scores, strata, marker = _log_rank_scores(times, events, strata)[order], strata[order], marker[order]
    sizes = sizes_between(marker.size, minprop, maxprop)
    sizes = sizes[marker[sizes - 1] < marker[sizes]]
    mean, error = moments(scores, strata, sizes)
    compares = error > 0.0
    reason = _why_no_cut(scores, events, compares)
    if reason:
        statistics = np.full(sizes.size, np.nan)
    else:
        sizes = sizes[compares]
        statistics = np.abs((np.cumsum(scores)[sizes - 1] - mean[compares]) / error[compares])
    return TriedCuts(marker[sizes - 1], statistics, sizes, scores, strata, reason)


def _checked(values: Any, time: Any, event: Any) -> tuple[Floats, Booleans, Floats]:
    times, events, _ = checked(time, event)
    marker = as_floats(values)
    if marker.shape != times.shape:
        raise ValueError(f"values have the shape {marker.shape}, time has {times.size} values")
    n_bad = int(np.count_nonzero(~np.isfinite(marker)))
    if n_bad:
        raise ValueError(f"values: {n_bad} of {marker.size} values are missing or infinite")
    return times, events, marker


def _check_search(
    method: str, minprop: float, maxprop: float, n_permutations: int, stratification_factors: Any
) -> None:
    problems = []
    if method not in get_args(Method):
        problems.append(f"method must be one of {', '.join(get_args(Method))}, not {method!r}")
    if not 0.0 < minprop < maxprop < 1.0:
        problems.append(f"shares must be 0 < minprop < maxprop < 1, not {minprop} and {maxprop}")
    if n_permutations < 1:
        problems.append(f"n_permutations must be 1 or more, not {n_permutations}")
    if method != "permutation" and stratification_factors is not None:
        problems.append(f"method {method!r} knows no stratification factors: 'permutation' does")
    if problems:
        raise ValueError("; ".join(problems))


def _log_rank_scores(time: Floats, event: Booleans, strata: Integers) -> Floats:
    """Event less the cumulative hazard of the patient's stratum at the patient's time.

    With several strata it is Nelson and Aalen's, so that a group's sum is observed less expected events. With one it is
    maxstat's.
    """
    several = np.unique(strata).size > 1
    return log_rank_scores(time, event, strata) if several else maxstat_scores(time, event)


def _why_no_cut(scores: Floats, events: Booleans, compares: Booleans) -> str:
    """Why there is no best cut; ``compares``: which cuts part patients of one stratum whose survival differs."""
    if reason := nothing_to_compare(scores, events):
        return reason
    if not compares.size:
        return NO_CUT
    return "" if compares.any() else "inside the stratification factors no cut has anything to compare"
