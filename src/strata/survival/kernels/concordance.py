"""The concordance of a score with survival: Harrell's and Uno's C."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from strata.survival.kernels.censoring import checked_score, uncensored_before
from strata.survival.kernels.kaplan_meier import Z_95
from strata.survival.kernels.risk_table import (
    Booleans,
    Floats,
    Integers,
    checked,
    label_codes,
    rank_intervals,
    strata_codes,
    tolerance,
)

__all__ = ["Concordance", "concordance"]


@dataclass(frozen=True, eq=False, slots=True)
class Concordance:
    """Concordance of a score with survival.

    Parameters
    ----------
    concordance : float
        Share of the comparable pairs in which the patient with the higher score has the event first, ties of the
        score counted half; NaN without a comparable pair. 0.5: as by chance.
    standard_error, lower, upper : float
        Infinitesimal jackknife, and the 95 % Wald interval inside 0 to 1.
    concordant, discordant, tied_score : float
        Numbers of comparable pairs (sums of their weights with Uno's method).
    tied_time, tied_both : float
        Pairs whose events are at one time, so that nobody was first: with different and with the same score.
    n, events : int
        Patients; events.
    """

    concordance: float
    standard_error: float
    lower: float
    upper: float
    concordant: float
    discordant: float
    tied_score: float
    tied_time: float
    tied_both: float
    n: int
    events: int


def concordance(
    time: Any,
    event: Any,
    score: Any,
    *,
    method: Literal["harrell", "uno"] = "harrell",
    horizon: float | None = None,
    stratification_factors: Any = None,
    entry: Any = None,
    cluster: Any = None,
) -> Concordance:
    """Harrell's or Uno's concordance; a higher score means a higher risk.

    Parameters
    ----------
    time : array-like of float, shape (n_patients,)
        Time of the event or of censoring.
    event : array-like of bool or 0/1, shape (n_patients,)
        1: event; 0: censored. Two patients are comparable when one has the event while the other is still at risk
        after it; patients censored at an event time are.
    score : array-like of float, shape (n_patients,)
        Predicted risk, any scale.
    method : {"harrell", "uno"}
        ``harrell`` counts every comparable pair once, and so depends on the censoring; ``uno`` weighs them by the
        inverse square of the share not yet censored just before the event.
    horizon : float, optional
        Count the pairs whose first event is at or before it only. Uno's weights grow towards the end of follow-up: give
        a horizon where few are still followed.
    stratification_factors : array-like, shape (n_patients,) or (n_patients, n_factors), optional
        Compare inside each combination of the factors only.
    entry : array-like of float, shape (n_patients,), optional
        Delayed entry (left truncation), ``harrell`` only.
    cluster : array-like, shape (n_patients,), optional
        Labels of patients that belong together, for the standard error.

    Returns
    -------
    Concordance

    Raises
    ------
    ValueError
        Missing values or labels, lengths that differ, an entry not before its time, an unknown ``method``, ``entry``
        with ``uno``.

    Notes
    -----
    R survival: ``concordance(Surv(time, event) ~ score + strata(stratification_factors), reverse = TRUE, ymax =
    horizon)``, ``timewt = "n/G2"`` for Uno's; also Uno's weights are taken as known in the standard error.
    scikit-survival's ``concordance_index_ipcw`` weighs by the share at the event, not before it, and differs where
    times are tied. Near-tied times are one time (``rank_times``). Harrell et al. 1996; Uno et al. 2011.
    """
    if method not in ("harrell", "uno"):
        raise ValueError(f"method must be harrell or uno, not {method!r}")
    if method == "uno" and entry is not None:
        raise ValueError("method uno does not know delayed entry: leave out entry or use harrell")
    times, events, entries = checked(time, event, entry)
    values = np.unique(checked_score(score, times.size), return_inverse=True)[1]
    distinct, rank, entry_rank = rank_intervals(times, entries)
    strata = strata_codes(stratification_factors, times.size)
    counted = events if horizon is None else events & (distinct[rank] <= horizon + tolerance(distinct))
    involved, ties = np.zeros((3, times.size)), np.zeros(2)
    for stratum in np.unique(strata):
        own = np.flatnonzero(strata == stratum)
        weight = np.ones(own.size) if method == "harrell" else uncensored_before(rank[own], events[own]) ** -2.0
        first = counted[own]
        entered = None if entry_rank is None else entry_rank[own]
        involved[:, own], pairs = _pairs(rank[own], events[own], first, values[own], entered, weight)
        ties += pairs
    members = None if cluster is None else label_codes(cluster, "cluster", times.size)[1]
    return _result(involved, ties, members, n=times.size, events=int(events.sum()))


def _pairs(
    rank: Integers, event: Booleans, first: Booleans, score: Integers, entry: Integers | None, weight: Floats
) -> tuple[Floats, Floats]:
    """Comparable pairs of one stratum.

    Parameters
    ----------
    rank, entry : arrays of int, shape (n,)
        Times as positions among the distinct ones.
    event, first : arrays of bool, shape (n,)
        Who has the event, and whose pairs count as the first of the two.
    score : array of int, shape (n,)
        Scores as positions among the distinct ones.
    weight : array of float, shape (n,)
        Weight of the pairs in which the patient is the first.

    Returns
    -------
    involved : array of float, shape (3, n)
        Concordant, discordant and score-tied pairs that each patient is in; every pair is in two places.
    ties : array of float, shape (2,)
        Pairs with events at one time: with different and with the same score.
    """
    place = 2 * rank + ~event  # censored just after the events of the same time
    opening, none, n = place[first], np.zeros(rank.size, dtype=np.int64), rank.size
    later, others = np.argsort(place, kind="stable"), np.ones(rank.size)
    start = np.searchsorted(place[later], opening, side="right")
    seconds = _by_score(score[later], others, start, np.full(start.size, n), score[first])
    if entry is not None:  # not yet at risk
        later = np.argsort(entry, kind="stable")
        start = np.searchsorted(2 * entry[later], opening, side="left")
        seconds = seconds - _by_score(score[later], others, start, np.full(start.size, n), score[first])
    order = np.argsort(opening, kind="stable")
    start = none if entry is None else np.searchsorted(opening[order], 2 * entry, side="right")
    stop = np.searchsorted(opening[order], place, side="left")
    firsts = _by_score(score[first][order], weight[first][order], start, stop, score)
    involved = firsts[[2, 0, 1]]
    involved[:, first] += weight[first] * seconds[[0, 2, 1]]
    return involved, _tied_times(rank[first], score[first], weight[first])


def _tied_times(rank: Integers, score: Integers, weight: Floats) -> Floats:
    """Weights of the pairs at one time: with different and with the same score."""

    def pairs(place: Integers) -> float:  # everybody is in (number at the place - 1) of them, and each holds two
        _, at, number = np.unique(place, return_inverse=True, return_counts=True)
        return float(weight @ (number[at] - 1)) / 2.0

    same = pairs(rank * (score.max(initial=0) + 1) + score)
    return np.array([pairs(rank) - same, same])


def _by_score(score: Integers, weight: Floats, start: Integers, stop: Integers, at: Integers) -> Floats:
    """Sums of ``weight`` over ``start:stop`` with a score below, at and above ``at``; shape (3, n_queries)."""
    below, up_to = _below(score, weight, start, stop, at), _below(score, weight, start, stop, at + 1)
    running = np.concatenate([[0.0], np.cumsum(weight)])
    return np.stack([below, up_to - below, running[stop] - running[start] - up_to])


def _below(score: Integers, weight: Floats, start: Integers, stop: Integers, limit: Integers) -> Floats:
    """Sums of ``weight`` over ``start:stop`` with ``score < limit``, in O((n + n_queries) log n).

    The scores are sorted bit by bit from the highest (a wavelet matrix); every query keeps the stretch that agrees with
    its limit so far, and takes in those that have 0 where the limit has 1.
    """
    total = np.zeros(limit.size)
    for bit in reversed(range(int(max(score.max(initial=0), limit.max(initial=0))).bit_length())):
        one, takes = score >> bit & 1 == 1, limit >> bit & 1 == 1
        zeros = np.concatenate([[0], np.cumsum(~one)])
        taken = np.concatenate([[0.0], np.cumsum(np.where(one, 0.0, weight))])
        total += np.where(takes, taken[stop] - taken[start], 0.0)
        start = np.where(takes, zeros[-1] + start - zeros[start], zeros[start])
        stop = np.where(takes, zeros[-1] + stop - zeros[stop], zeros[stop])
        order = np.argsort(one, kind="stable")
        score, weight = score[order], weight[order]
    return total


def _result(involved: Floats, ties: Floats, members: Integers | None, *, n: int, events: int) -> Concordance:
    concordant, discordant, tied = (float(both) / 2.0 for both in involved.sum(axis=1))
    pairs, c, error = concordant + discordant + tied, math.nan, math.nan
    if pairs > 0.0:
        somers = (concordant - discordant) / pairs
        influence = (involved[0] - involved[1] - somers * involved.sum(axis=0)) / (2.0 * pairs)
        if members is not None:
            influence = np.bincount(members, weights=influence)
        c, error = (somers + 1.0) / 2.0, math.sqrt(float(influence @ influence))
    half = Z_95 * error if error > 0.0 else math.nan  # every pair alike: no width is known
    return Concordance(
        concordance=c,
        standard_error=error,
        lower=float(np.maximum(c - half, 0.0)),
        upper=float(np.minimum(c + half, 1.0)),
        concordant=concordant,
        discordant=discordant,
        tied_score=tied,
        tied_time=float(ties[0]),
        tied_both=float(ties[1]),
        n=n,
        events=events,
    )
