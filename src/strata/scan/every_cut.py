"""The best cut of every gene, with the P of a search; genes measured in the same patients share their permutations."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from strata.survival.kernels.many_cuts import NO_CUT, CutSearch
from strata.survival.kernels.maximally_selected import try_cuts
from strata.survival.kernels.selected_null import SelectedNull
from strata.survival.kernels.selected_p import by_permutation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.survival.kernels.prepared import PreparedOutcome

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

__all__ = ["EveryCut"]


class _Found(NamedTuple):
    """Searches, one a row: the best cut, its P, patients at or below it, cuts tried; why there is none."""

    cuts: Floats
    p_values: Floats
    n_low: NDArray[np.int64]
    n_cuts: NDArray[np.int64]
    reasons: list[str]


class EveryCut:
    """Searches of the patients of one outcome.

    Genes measured in the same patients share one set of permutations. Inside stratification factors the cuts of each
    gene part the strata differently: every gene has its own.

    Parameters
    ----------
    outcome : PreparedOutcome
    minprop : float
    n_permutations, seed : int
    jobs : int
        Threads.
    """

    def __init__(
        self, outcome: PreparedOutcome, minprop: float, *, n_permutations: int, seed: int, jobs: int = 1
    ) -> None:
        self.outcome, self.shares, self.jobs = outcome, (minprop, 1.0 - minprop), jobs
        self.n_permutations, self.seed = n_permutations, seed
        self._kept: tuple[int, bytes, SelectedNull] | None = None

    def columns(self, values: Floats) -> dict[str, Any]:
        """The columns of the searched cut of each row of ``values``, shape (n_genes, n_patients), NaN where unknown."""
        cut, p_value, n_positive, events_positive = np.full((4, len(values)), np.nan)
        notes = np.full(len(values), "", dtype=object)
        search = self._inside_strata if self.outcome.strata.any() else self._without_strata
        for known, rows in _patterns(~np.isnan(values)):
            measured = values if known.all() and rows.size == len(values) else values[rows][:, known]
            found = search(measured, known)
            events = self.outcome.event[known] & (measured > found.cuts[:, np.newaxis])
            some = found.n_low > 0
            cut[rows], p_value[rows] = found.cuts, found.p_values
            n_positive[rows] = np.where(some, measured.shape[1] - found.n_low, np.nan)
            events_positive[rows] = np.where(some, np.count_nonzero(events, axis=1), np.nan)
            notes[rows] = [self._note(*each) for each in zip(found.n_cuts.tolist(), found.reasons)]
        return {
            "marker": "searched cut",
            "cut": cut,
            "test": "searched cut, corrected",
            "p_value": p_value,
            "log10_p": np.log10(p_value),
            "permutation_p": np.full(len(values), np.nan),
            "n_positive": n_positive,
            "events_positive": events_positive,
            "note": notes,
        }

    def _note(self, n_cuts: int, reason: str) -> str:
        if reason:
            return f"no cut could be searched ({reason})"
        return f"{n_cuts} cuts tried, P corrected by {self.n_permutations} permutations"

    def _without_strata(self, values: Floats, known: Flags) -> _Found:
        search = CutSearch.of(self.outcome.time[known], self.outcome.event[known], *self.shares)
        best = search.best(values, jobs=self.jobs)
        some = best.n_low > 0
        p_values = best.statistics
        if some.any():
            p_values = self._null(known, search, len(values)).p_values(best.statistics, best.tried)
        reasons = np.where(some, "", search.reason or NO_CUT).tolist()
        return _Found(best.cuts, p_values, best.n_low, best.tried.sum(axis=1), reasons)

    def _null(self, known: Flags, search: CutSearch, n_genes: int) -> SelectedNull:
        """The permutations of those patients; those of most genes are kept for the next block."""
        key = known.tobytes()
        if self._kept is not None and self._kept[1] == key:
            return self._kept[2]
        null = SelectedNull(search.scores, search.sizes, n_permutations=self.n_permutations, seed=self.seed)
        if self._kept is None or n_genes > self._kept[0]:
            self._kept = n_genes, key, null
        return null

    def _inside_strata(self, values: Floats, known: Flags) -> _Found:
        least, most = self.shares
        outcome = self.outcome
        time, event, strata = outcome.time[known], outcome.event[known], outcome.strata[known]
        tried = [
            try_cuts(row, time, event, minprop=least, maxprop=most, stratification_factors=strata) for row in values
        ]
        p_values = [
            math.nan
            if each.reason
            else by_permutation(each.statistic, each.scores, each.strata, each.sizes, self.n_permutations, self.seed)
            for each in tried
        ]
        return _Found(
            np.array([each.cut for each in tried]),
            np.array(p_values),
            np.array([each.n_low for each in tried]),
            np.array([each.sizes.size for each in tried]),
            [each.reason for each in tried],
        )


def _patterns(known: Flags) -> Iterator[tuple[Flags, NDArray[np.int64]]]:
    """Who is measured, and the genes that are measured in them and in nobody else."""
    genes: dict[bytes, list[int]] = {}
    for i, pattern in enumerate(np.packbits(known, axis=1)):
        genes.setdefault(pattern.tobytes(), []).append(i)
    for rows in genes.values():
        yield known[rows[0]], np.array(rows)
