"""Every cut of many markers of the same patients at once: the one of each that separates survival best."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from strata.survival.kernels.frozen import Frozen
from strata.survival.kernels.permutation import BLOCK, reached
from strata.survival.kernels.risk_table import Booleans, Floats, Integers, rank_times
from strata.survival.kernels.selected_p import CONSTANT, moments

__all__ = ["NO_CUT", "CutSearch", "ManyCuts", "first_largest", "maxstat_scores", "nothing_to_compare", "sizes_between"]

NO_CUT = "no cut leaves the shares of patients asked for"


def maxstat_scores(time: Floats, event: Booleans) -> Floats:
    """Event less a cumulative hazard, to which each event adds 1 / (number at risk after the last patient tied)."""
    distinct, (rank,) = rank_times(time)
    tied = np.bincount(rank, minlength=distinct.size)
    events = np.bincount(rank, weights=event, minlength=distinct.size)
    hazard = np.cumsum(events / (time.size - np.cumsum(tied) + 1))
    scores: Floats = event - hazard[rank]
    return scores


def sizes_between(n: int, minprop: float, maxprop: float) -> Integers:
    """The sizes of the lower group that leave the shares asked for, and somebody on either side."""
    return np.arange(max(math.floor(n * minprop), 1), min(math.floor(n * maxprop), n - 1) + 1)


def nothing_to_compare(scores: Floats, event: Booleans) -> str:
    """Why no marker of these patients has a best cut; empty when one may have."""
    if not event.any():
        return "no event"
    return "every patient has the same survival" if np.ptp(scores) < CONSTANT else ""


def first_largest(statistics: Floats) -> Integers:
    """Where the largest statistic of each row stands: the first of those that rounding alone tells apart."""
    at: Integers = np.argmax(statistics >= reached(statistics.max(axis=-1, keepdims=True)), axis=-1)
    return at


@dataclass(frozen=True, eq=False, slots=True)
class ManyCuts(Frozen):
    """The best cut of each of many markers: searches without their P.

    Parameters
    ----------
    cuts, statistics : arrays of float (n_tests,)
        The best cut, and the largest absolute standardised log-rank statistic; NaN where there is no cut.
    n_low : array of int (n_tests,)
        Patients at or below the cut; 0 where there is none.
    tried : array of bool (n_tests, n_sizes)
        Which sizes of the lower group a cut of the marker leaves: all but those between tied values.
    """

    cuts: Floats
    statistics: Floats
    n_low: Integers
    tried: Booleans


@dataclass(frozen=True, eq=False, slots=True)
class CutSearch:
    """What all searches of the same patients share.

    Parameters
    ----------
    scores : array of float (n_patients,)
        Log-rank scores, as maxstat's.
    sizes : array of int (n_sizes,)
        Of the lower group, ascending without a gap.
    reason : str
        Why no marker has a best cut; empty when one may have.
    """

    scores: Floats
    sizes: Integers
    reason: str

    @classmethod
    def of(cls, time: Floats, event: Booleans, minprop: float, maxprop: float) -> CutSearch:
        """Of patients without stratification factors; the parameters are those of ``maximally_selected_log_rank``."""
        scores, sizes = maxstat_scores(time, event), sizes_between(time.size, minprop, maxprop)
        return cls(scores, sizes, nothing_to_compare(scores, event) or ("" if sizes.size else NO_CUT))

    def best(self, values: Floats, *, jobs: int = 1) -> ManyCuts:
        """The best cut of each row of ``values``, shape (n_tests, n_patients), on so many threads.

        Returns
        -------
        ManyCuts
            The numbers of ``try_cuts``, marker by marker.
        """
        n_tests, n = values.shape
        if self.reason:
            nothing = np.full(n_tests, np.nan)
            tried = np.zeros((n_tests, self.sizes.size), dtype=bool)
            return ManyCuts(nothing, nothing, np.zeros(n_tests, dtype=np.int64), tried)
        mean, error = moments(self.scores, np.zeros(n, dtype=np.int64), self.sizes)
        step = max(1, BLOCK // n)
        with ThreadPoolExecutor(jobs) as pool:
            blocks = [values[start : start + step] for start in range(0, n_tests, step)] or [values]
            parts = list(pool.map(lambda block: self._best(block, mean, error), blocks))
        cuts, statistics, n_low, tried = (np.concatenate(column) for column in zip(*parts))
        return ManyCuts(cuts, statistics, n_low, tried)

    def _best(self, values: Floats, mean: Floats, error: Floats) -> tuple[Floats, Floats, Integers, Booleans]:
        """The arrays of ``ManyCuts``."""
        least, most = int(self.sizes[0]), int(self.sizes[-1])
        order = np.argsort(values, axis=1)
        sums = np.cumsum(self.scores.take(order[:, :most]), axis=1)[:, least - 1 :]
        statistics = np.abs(sums - mean) / error
        # the last patient below each cut, and the first above the highest
        row_starts = np.arange(len(values))[:, np.newaxis] * values.shape[1]
        edges = values.take(row_starts + order[:, least - 1 : most + 1])
        tried = edges[:, :-1] < edges[:, 1:]
        statistics[~tried] = -1.0
        at = first_largest(statistics)[:, np.newaxis]
        cut, largest = np.take_along_axis(edges, at, axis=1)[:, 0], statistics.max(axis=1)
        some = largest >= 0.0
        return (
            np.where(some, cut, np.nan),
            np.where(some, largest, np.nan),
            np.where(some, self.sizes[at[:, 0]], 0),
            tried,
        )
