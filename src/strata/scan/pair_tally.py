"""What is kept of millions of pairs while they pass: the best of them, and how many were how large."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from strata.survival.kernels.pairs import ManyPairs

__all__ = ["HISTOGRAM_COLUMNS", "Best", "Limits", "Tally", "Tile", "tile_of"]

HISTOGRAM_COLUMNS = ("statistic", "from", "to", "pairs", "small_pairs", "expected_pairs")
"""The columns of ``histogram.tsv``."""

CHI_SQUARED = np.append(np.arange(1001) / 10.0, np.inf)
"""Where the bins of chi-squared begin, and the end of the last."""
P_VALUES = np.arange(100, -1, -1) / 100.0
"""Where the bins of P end, the largest first, and the end of the last."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The smallest groups, both positive and the rest, of which the P of large samples is worth something."""

    patients: int
    events: int

    def met(self, found: ManyPairs) -> NDArray[np.bool_]:
        """Which pairs are large enough."""
        patients, events = self.patients, self.events
        large = (found.n_both >= patients) & (found.n - found.n_both >= patients)
        large &= (found.events_both >= events) & (found.events - found.events_both >= events)
        return large


@dataclass(frozen=True, eq=False, slots=True)
class Best:
    """Pairs in the order of their rank: the larger chi-squared, then the smaller numbers of the markers.

    Parameters
    ----------
    chi_squared : array of float (n_pairs,)
    first, second : arrays of int (n_pairs,)
        The markers.
    """

    chi_squared: NDArray[np.float64]
    first: NDArray[np.int64]
    second: NDArray[np.int64]

    @classmethod
    def nothing(cls) -> Best:
        """No pair."""
        return cls(np.zeros(0), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))

    def with_more(self, more: Best, top: int) -> Best:
        """The ``top`` best of both."""
        if not more.chi_squared.size:
            return self
        chi_squared, first, second = (
            np.concatenate([getattr(self, field.name), getattr(more, field.name)]) for field in fields(self)
        )
        order = np.lexsort((second, first, -chi_squared))[:top]
        return Best(chi_squared[order], first[order], second[order])

    def threshold(self, top: int) -> float:
        """What a pair must reach to be among the best."""
        return float(self.chi_squared[-1]) if self.chi_squared.size >= top else -np.inf


@dataclass(frozen=True, eq=False, slots=True)
class Tile:
    """What is kept of a tile: ``counts`` has two rows, of large pairs and of small ones, for the bins of ``Tally``."""

    best: Best
    counts: NDArray[np.int64]
    highest: float


def tile_of(
    found: ManyPairs, rows: slice, columns: slice, limits: Limits, *, top: int, threshold: float, counted: bool
) -> Tile:
    """Sum up the pairs of some markers with others.

    Parameters
    ----------
    found : ManyPairs
    rows, columns : slice
        The markers; where they are the same each pair counts once.
    limits : Limits
    top : int
    threshold : float
        Pairs below it are not among the best.
    counted : bool
        False: of permuted outcomes, the largest chi-squared is all that is needed.
    """
    chi_squared = found.chi_squared
    if rows == columns:
        chi_squared[np.tril_indices(len(chi_squared))] = np.nan
    large = limits.met(found) & ~np.isnan(chi_squared)
    ranked = np.where(large, chi_squared, -np.inf)
    highest = float(ranked.max(initial=0.0))
    if not counted:
        return Tile(Best.nothing(), np.zeros((2, 0), dtype=np.int64), highest)
    counts = np.stack([_histogram(chi_squared[large]), _histogram(chi_squared[~large & ~np.isnan(chi_squared)])])
    good = ranked[large & (ranked >= threshold)]
    if good.size > top:
        threshold = float(np.partition(good, good.size - top)[good.size - top])
    first, second = np.nonzero(large & (ranked >= threshold))
    best = Best(ranked[first, second], first + rows.start, second + columns.start)
    return Tile(best, counts, highest)


def _edges() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where the bins begin, all as chi-squared: those of chi-squared, then those of P."""
    from scipy.special import chdtri

    return CHI_SQUARED[:-1], chdtri(1, P_VALUES[:-1])


def _histogram(chi_squared: NDArray[np.float64]) -> NDArray[np.int64]:
    ordered = np.sort(chi_squared)
    below = [np.append(np.searchsorted(ordered, edges), ordered.size) for edges in _edges()]
    return np.concatenate([np.diff(each) for each in below]).astype(np.int64)


@dataclass(frozen=True, eq=False, slots=True)
class Tally:
    """What is known after some tiles of some permutations: a value, so that an interruption finds it whole.

    Parameters
    ----------
    done : int
        Tiles; those of the first permutation come after those of the outcome itself.
    best : Best
    counts : array of int (2, n_bins)
        Pairs that are large enough, and pairs that are not, in the bins of chi-squared and then of P.
    highest : array of float (n_permutations,)
        The largest chi-squared of each permutation so far.
    """

    done: int
    best: Best
    counts: NDArray[np.int64]
    highest: NDArray[np.float64]

    @classmethod
    def nothing(cls, permutations: int) -> Tally:
        """Before the first tile."""
        n_bins = CHI_SQUARED.size + P_VALUES.size - 2
        return cls(0, Best.nothing(), np.zeros((2, n_bins), dtype=np.int64), np.zeros(permutations))

    def with_tile(self, tile: Tile, top: int) -> Tally:
        """After one more tile of the outcome itself."""
        best = self.best.with_more(tile.best, top)
        return replace(self, done=self.done + 1, best=best, counts=self.counts + tile.counts)

    def with_permuted(self, tile: Tile, permutation: int) -> Tally:
        """After one more tile of a permutation."""
        highest = self.highest.copy()
        highest[permutation] = max(highest[permutation], tile.highest)
        return replace(self, done=self.done + 1, highest=highest)

    @property
    def ranked(self) -> int:
        """Pairs that are large enough."""
        return int(self.counts[0, : CHI_SQUARED.size - 1].sum())

    @property
    def small(self) -> int:
        """Pairs that were tested and are too small to be ranked."""
        return int(self.counts[1, : CHI_SQUARED.size - 1].sum())

    def histogram(self) -> pd.DataFrame:
        """The bins with the pairs in them and, of those ranked, how many there would be without any effect."""
        from scipy.special import chdtrc

        n = CHI_SQUARED.size - 1
        tails = np.append(chdtrc(1, CHI_SQUARED[:-1]), 0.0)
        parts = [
            ("chi_squared", CHI_SQUARED[:-1], CHI_SQUARED[1:], self.counts[:, :n], -np.diff(tails)),
            ("p_value", P_VALUES[1:], P_VALUES[:-1], self.counts[:, n:], -np.diff(P_VALUES)),
        ]
        frames = [
            pd.DataFrame(dict(zip(HISTOGRAM_COLUMNS, (name, low, high, *counts, share * self.ranked))))
            for name, low, high, counts, share in parts
        ]
        # from small P to large, as of chi-squared from small to large
        return pd.concat([frames[0], frames[1][::-1]], ignore_index=True).astype({"statistic": "string"})

    def arrays(self) -> dict[str, Any]:
        """For a file."""
        best = {field.name: getattr(self.best, field.name) for field in fields(self.best)}
        return best | {"done": np.array(self.done), "counts": self.counts, "highest": self.highest}

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, Any]) -> Tally:
        """From a file."""
        best = Best(*(arrays[field.name] for field in fields(Best)))
        return cls(int(arrays["done"]), best, arrays["counts"], arrays["highest"])
