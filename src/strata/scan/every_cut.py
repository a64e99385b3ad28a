"""The best cut of every gene, with the P of a search; genes whose searches are alike share their permutations."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from strata.survival.kernels.maximally_selected import maximally_selected_log_rank, try_cuts
from strata.survival.kernels.permutation import p_of_largest, permutation_p, reached
from strata.survival.kernels.selected_p import statistics_by_chance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.survival.kernels.prepared import PreparedOutcome

__all__ = ["SearchedNull"]

KEPT = 8
"""Patterns of missing values whose permutations are kept."""
MOST_NUMBERS = 32_000_000
"""Of permutations kept whole: 256 MB. Beyond it genes with ties draw them again."""


class SearchedNull:
    """Searches of the same patients.

    The largest statistic over the cuts of a random order of the patients does not depend on the gene, so genes without
    ties, measured in the same patients, share one set of permutations. A gene with ties tries fewer cuts of the same
    orders. Inside stratification factors the cuts of each gene part the strata differently: every gene has its own.

    Parameters
    ----------
    outcome : PreparedOutcome
    minprop : float
    n_permutations, seed : int
    """

    def __init__(self, outcome: PreparedOutcome, minprop: float, *, n_permutations: int, seed: int) -> None:
        self.outcome, self.minprop, self.n_permutations, self.seed = outcome, minprop, n_permutations, seed
        self._nulls: OrderedDict[bytes, _Null] = OrderedDict()

    def columns(self, values: NDArray[np.float64]) -> dict[str, Any]:
        """The columns of the searched cut of each row of ``values``."""
        found = [self._search(row) for row in values]
        cuts, p_values, notes, n_high, events_high = (list(column) for column in zip(*found))
        p = np.array(p_values, dtype=float)
        return {
            "cut": np.array(cuts, dtype=float),
            "test": "searched cut, corrected",
            "p_value": p,
            "log10_p": np.log10(p),
            "permutation_p": np.full(p.size, np.nan),
            "n_positive": np.array(n_high, dtype=float),
            "events_positive": np.array(events_high, dtype=float),
            "note": notes,
        }

    def _search(self, row: NDArray[np.float64]) -> tuple[float, float, str, float, float]:
        known = ~np.isnan(row)
        outcome, values = self.outcome, row[known]
        time, event, strata = outcome.time[known], outcome.event[known], outcome.strata[known]
        factors = strata if np.unique(strata).size > 1 else None
        least, most = self.minprop, 1.0 - self.minprop
        tried = try_cuts(values, time, event, minprop=least, maxprop=most, stratification_factors=factors)
        if tried.reason:
            return math.nan, math.nan, f"no cut could be searched ({tried.reason})", math.nan, math.nan
        if factors is None:
            p_value = self._null(known, tried.scores, values).p_value(tried.statistic, tried.sizes)
        else:
            p_value = maximally_selected_log_rank(
                values,
                time,
                event,
                minprop=least,
                maxprop=most,
                n_permutations=self.n_permutations,
                seed=self.seed,
                stratification_factors=factors,
            ).p_value
        above = values > tried.cut
        how = f"{tried.sizes.size} cuts tried, P corrected by {self.n_permutations} permutations"
        return tried.cut, p_value, how, float(above.sum()), float(event[above].sum())

    def _null(self, known: NDArray[np.bool_], scores: NDArray[np.float64], values: NDArray[np.float64]) -> _Null:
        """The permutations of those patients; the order of ``scores`` does not matter to them."""
        key = known.tobytes()
        if key not in self._nulls:
            lowest, highest = math.floor(values.size * self.minprop), math.floor(values.size * (1.0 - self.minprop))
            sizes = np.arange(max(lowest, 1), min(highest, values.size - 1) + 1)
            self._nulls[key] = _Null(np.sort(scores), sizes, self.n_permutations, self.seed)
            if len(self._nulls) > KEPT:
                self._nulls.popitem(last=False)
        self._nulls.move_to_end(key)
        return self._nulls[key]


class _Null:
    """Absolute standardised statistics at every size of the lower group, of random orders of the scores."""

    def __init__(self, scores: NDArray[np.float64], sizes: NDArray[np.int64], n_permutations: int, seed: int) -> None:
        self.scores, self.sizes, self.n_permutations, self.seed = scores, sizes, n_permutations, seed
        self._kept = list(self._drawn()) if n_permutations * sizes.size <= MOST_NUMBERS else None
        self._largest = np.sort(np.concatenate([block.max(axis=1) for block in self._blocks()]))

    def p_value(self, statistic: float, sizes: NDArray[np.int64]) -> float:
        """Share of the orders whose largest statistic over ``sizes`` reaches ``statistic``."""
        if sizes.size == self.sizes.size:
            return float(p_of_largest(statistic, self._largest))
        at = sizes - self.sizes[0]
        n_reached = sum(int((block[:, at].max(axis=1) >= reached(statistic)).sum()) for block in self._blocks())
        return float(permutation_p(n_reached, self.n_permutations))

    def _blocks(self) -> Iterator[NDArray[np.float64]]:
        return iter(self._kept) if self._kept is not None else self._drawn()

    def _drawn(self) -> Iterator[NDArray[np.float64]]:
        one_stratum = np.zeros(self.scores.size, dtype=np.int64)
        return statistics_by_chance(self.scores, one_stratum, self.sizes, self.n_permutations, self.seed)
