"""The way through all pairs of markers: tile after tile, of the outcome itself and then of its permutations."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from strata.scan.pair_state import State, scan_key
from strata.scan.pair_tally import Limits, Tally, Tile, tile_of
from strata.survival.kernels.pair_layout import PairLayout
from strata.survival.kernels.pairs import PackedMarkers, compare_pairs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.scan.pair_markers import PairMarkers
    from strata.survival.kernels.prepared import PreparedOutcome

__all__ = ["PairOptions", "PairProgress", "Walk"]

TILE = 512
"""Markers on each side of a tile: what is in memory of the pairs at once, 13 MB a thread."""

SAVED_EVERY = 10.0
"""Seconds from one state to the next."""

Sides = tuple[slice, slice]
"""The rows and the columns of a tile."""


@dataclass(frozen=True, slots=True)
class PairProgress:
    """How far a scan is.

    Parameters
    ----------
    done, total : int
        Pairs; with permutations each counts once more a permutation.
    resumed : int
        Of ``done``, what an interrupted scan had done before.
    seconds : float
        Of this scan.
    """

    done: int
    total: int
    resumed: int
    seconds: float

    @property
    def seconds_left(self) -> float:
        """At the pace so far; NaN before the first tile."""
        own = self.done - self.resumed
        return self.seconds / own * (self.total - self.done) if own else float("nan")


@dataclass(frozen=True, slots=True)
class PairOptions:
    """What decides the result beside the data.

    Parameters
    ----------
    top : int
        Pairs that are kept.
    limits : Limits
    permutations, seed : int
    compiled : bool
        By numba rather than numpy.
    """

    top: int
    limits: Limits
    permutations: int
    seed: int
    compiled: bool


class Walk:
    """One way, which may be interrupted: ``tally`` is whole at any time.

    Parameters
    ----------
    outcome : PreparedOutcome
    markers : PairMarkers
    options : PairOptions
    """

    def __init__(self, outcome: PreparedOutcome, markers: PairMarkers, options: PairOptions) -> None:
        self.outcome, self.markers, self.options = outcome, markers, options
        self.tiles = _tiles(len(markers.genes), markers.n_partners)
        self.tally = Tally.nothing(options.permutations)

    def key(self) -> str:
        """What tells this way from every other one."""
        outcome, markers = self.outcome, self.markers
        arrays = (outcome.time, outcome.event, outcome.strata, outcome.entry, markers.positive, markers.negative)
        return scan_key(arrays, (markers.genes, markers.positive_if, markers.n_partners, self.options, TILE))

    def pairs_in(self, n_tiles: int) -> int:
        """How many pairs the first tiles hold."""
        sizes = [_size(tile) for tile in self.tiles]
        rounds, more = divmod(n_tiles, len(sizes))
        return rounds * sum(sizes) + sum(sizes[:more])

    def run(self, jobs: int, state: State | None, progress: Callable[[PairProgress], None]) -> None:
        """Go on from ``tally`` to the end; what was done by an interruption is in ``state``."""
        done_before = self.tally.done
        resumed, total = self.pairs_in(done_before), self.pairs_in(len(self.tiles) * (self.options.permutations + 1))
        started = saved = time.monotonic()
        progress(PairProgress(resumed, total, resumed, 0.0))
        done = resumed
        try:
            for tile in self._step_by_step(jobs):
                now = time.monotonic()
                done += _size(tile)
                progress(PairProgress(done, total, resumed, now - started))
                if state is not None and now - saved > SAVED_EVERY:
                    state.save(self.tally)
                    saved = now
        finally:
            if state is not None and self.tally.done > done_before:
                state.save(self.tally)

    def _step_by_step(self, jobs: int) -> Iterator[Sides]:
        """Each tile once it is in the tally: in their order, whichever thread is first."""
        layout, size = PairLayout.of(self.outcome), len(self.tiles)
        with ThreadPoolExecutor(jobs) as pool:
            for deal in range(self.tally.done // size, self.options.permutations + 1):
                words = self.markers.packed(layout, self._dealt(deal) if deal else None)
                work = partial(self._tile, layout, words, deal == 0)
                for tile, found in _in_order(pool, 2 * jobs, work, self.tiles[self.tally.done - deal * size :]):
                    if deal:
                        self.tally = self.tally.with_permuted(found, deal - 1)
                    else:
                        self.tally = self.tally.with_tile(found, self.options.top)
                    yield tile

    def _tile(self, layout: PairLayout, words: PackedMarkers, counted: bool, tile: Sides) -> Tile:
        gaps = any(self.markers.gaps[side].any() for side in tile)
        rows, columns = (words.take(side, gaps=gaps) for side in tile)
        found = compare_pairs(layout, rows, columns, compiled=self.options.compiled)
        top = self.options.top
        threshold = self.tally.best.threshold(top)
        return tile_of(found, *tile, self.options.limits, top=top, threshold=threshold, counted=counted)

    def _dealt(self, permutation: int) -> NDArray[np.int64]:
        """To whom the outcome of each patient goes: somebody of the same stratum."""
        generator = np.random.default_rng((self.options.seed, permutation))
        dealt = np.arange(self.outcome.n)
        for stratum in np.unique(self.outcome.strata):
            own = np.flatnonzero(self.outcome.strata == stratum)
            dealt[own] = generator.permutation(own)
        return dealt


def _tiles(n_markers: int, n_partners: int) -> list[Sides]:
    """All tiles; the columns change last, so that their words stay in the cache."""

    def cut(start: int, stop: int) -> list[slice]:
        return [slice(i, min(i + TILE, stop)) for i in range(start, stop, TILE)]

    if n_partners:
        return [(slice(0, n_partners), columns) for columns in cut(n_partners, n_markers)]
    return [(rows, columns) for columns in cut(0, n_markers) for rows in cut(0, columns.stop)]


def _size(tile: Sides) -> int:
    """The pairs of a tile."""
    n, m = (int(side.stop - side.start) for side in tile)
    return n * (n - 1) // 2 if tile[0] == tile[1] else n * m


def _in_order(
    pool: ThreadPoolExecutor, at_once: int, work: Callable[[Sides], Tile], tiles: Iterable[Sides]
) -> Iterator[tuple[Sides, Tile]]:
    """What threads find, in the order of the tiles; they are never far ahead of who takes it."""
    ahead: deque[tuple[Sides, Future[Tile]]] = deque()
    for tile in tiles:
        ahead.append((tile, pool.submit(work, tile)))
        if len(ahead) > at_once:
            first, found = ahead.popleft()
            yield first, found.result()
    for first, found in ahead:
        yield first, found.result()
