"""One outcome made ready for any number of tests of the same patients: sorted once, its event times found once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from strata.survival.kernels.risk_table import Booleans, Floats, Integers, risk_table

__all__ = ["Flags", "PreparedOutcome", "in_blocks", "worth_compiling"]

Flags = npt.NDArray[np.uint8]
"""0 or 1, a byte each: a row a test, a column a patient."""

BLOCK = 1 << 21
"""Numbers in the largest array of a block of tests: 16 MB."""

COMPILED_FROM = 10_000_000
"""Tests times patients from which importing numba, and compiling the first time, costs less than it saves."""

Many = TypeVar("Many")
Counts = TypeVar("Counts", npt.NDArray[np.int32], Floats)


@dataclass(frozen=True, eq=False, slots=True)
class _Runs:
    """Patients in an order in which those who share an event time stand together.

    Parameters
    ----------
    order : array of int (n,)
        Patients.
    starts, at : arrays of int (n_runs,)
        Where each run begins in ``order``, and the event time that it belongs to.
    """

    order: Integers
    starts: Integers
    at: Integers

    @classmethod
    def of(cls, patients: Integers, at: Integers) -> _Runs:
        """Runs of ``patients`` by event time ``at``."""
        order = np.argsort(at, kind="stable")
        times, starts = np.unique(at[order], return_index=True)
        return cls(patients[order], starts.astype(np.int64), times)

    @property
    def at_patients(self) -> Integers:
        """The event time of each patient, in ``order``."""
        return np.repeat(self.at, np.diff(self.starts, append=self.order.size))

    def bounds(self, size: int) -> Integers:
        """Where the patients of each event time begin in ``order``, and where the last ones end: (size + 1,)."""
        return np.searchsorted(self.at_patients, np.arange(size + 1))

    def counted(self, flags: Flags, size: int) -> npt.NDArray[np.int32]:
        """How many of each test's patients belong to each event time, shape (n_tests, size)."""
        sums = np.zeros((flags.shape[0], size), dtype=np.int32)
        if self.starts.size:
            sums[:, self.at] = np.add.reduceat(flags[:, self.order], self.starts, axis=1, dtype=np.int32)
        return sums

    def added(self, values: Floats, size: int) -> Floats:
        """Sums of values that stand in ``order`` already, shape (n_tests, size)."""
        sums = np.zeros((values.shape[0], size))
        if self.starts.size:
            sums[:, self.at] = np.add.reduceat(values, self.starts, axis=1)
        return sums


class Layout(NamedTuple):
    """An outcome as compiled code goes through it.

    Parameters
    ----------
    patients : array of int (n,)
        By the last event time they are at risk at: those with an event, then the others; at the end those who are never
        at risk.
    edges : array of int (2 n_times + 2,)
        Where each of these parts begins in ``patients``, and n.
    entering, bounds : arrays of int (n_entering,), (n_times + 1,)
        With delayed entry, patients by the last event time that they missed, and where those of each event time begin.
    starts : array of int (n_strata + 1,)
        The first event time of each stratum, and one past the last.
    """

    patients: Integers
    edges: Integers
    entering: Integers
    bounds: Integers
    starts: Integers


@dataclass(frozen=True, eq=False, slots=True)
class PreparedOutcome:
    """An outcome sorted for many tests.

    Parameters
    ----------
    time, event, strata, entry : arrays (n,)
        The outcome as it came; ``entry`` is None without delayed entry.
    times : array of float (n_times,)
        Distinct event times, stratum after stratum.
    slices : tuple of slice
        The event times of each stratum.
    leaving, dying, entering : _Runs
        Patients by the last event time they are at risk at, those with an event first; those with an event by its time;
        with delayed entry, those who enter after the first event time of their stratum by the last event time that they
        missed.
    term, place : arrays of int (n_events,)
        The event time of every term of Efron's likelihood, ascending, and how many tied events stand before it.
    curve : PreparedOutcome or None
        The same patients in one stratum, for the Kaplan-Meier curve of all; None where there is one stratum.
    """

    time: Floats
    event: Booleans
    strata: Integers
    entry: Floats | None
    times: Floats
    slices: tuple[slice, ...]
    leaving: _Runs
    dying: _Runs
    entering: _Runs
    term: Integers
    place: Integers
    curve: PreparedOutcome | None

    @classmethod
    def of(
        cls, time: Floats, event: Booleans, strata: Integers | None = None, entry: Floats | None = None
    ) -> PreparedOutcome:
        """Sort an outcome without missing values, as ``checked`` and ``strata_codes`` return it."""
        codes = np.zeros(time.size, dtype=np.int64) if strata is None else strata
        table = risk_table(time, event, entry=entry, strata=codes)
        kept = np.flatnonzero(table.first < table.last)
        kept = np.concatenate([kept[event[kept]], kept[~event[kept]]])
        size = table.times.size
        died = np.flatnonzero(event)
        at = table.last[died] - 1
        starts = np.concatenate([np.flatnonzero(np.diff(table.stratum, prepend=-1)), [size]])
        slices = tuple(slice(int(a), int(b)) for a, b in pairwise(starts))
        first_time = np.zeros(codes.max(initial=0) + 1, dtype=np.int64)
        first_time[table.stratum[starts[:-1]]] = starts[:-1]
        late = kept[table.first[kept] > first_time[codes[kept]]]
        term = np.sort(at)
        tied = np.bincount(at, minlength=size)
        return cls(
            time=time,
            event=event,
            strata=codes,
            entry=entry,
            times=table.times,
            slices=slices,
            leaving=_Runs.of(kept, table.last[kept] - 1),
            dying=_Runs.of(died, at),
            entering=_Runs.of(late, table.first[late] - 1),
            term=term,
            place=np.arange(term.size) - np.repeat(np.cumsum(tied) - tied, tied),
            curve=cls.of(time, event, None, entry) if codes.any() else None,
        )

    @property
    def n(self) -> int:
        """Patients."""
        return self.time.size

    @property
    def n_times(self) -> int:
        """Distinct event times."""
        return self.times.size

    @property
    def everybody(self) -> Flags:
        """One row of all patients."""
        return np.ones((1, self.n), dtype=np.uint8)

    def layout(self) -> Layout:
        """For the compiled path."""
        order, bounds = self.leaving.order, self.leaving.bounds(self.n_times)
        edges = np.append(np.repeat(bounds, 2)[:-1], self.n)
        edges[1:-1:2] += np.diff(self.dying.bounds(self.n_times))
        never = np.ones(self.n, dtype=np.bool_)
        never[order] = False
        starts = np.array([*(own.start for own in self.slices), self.n_times], dtype=np.int64)
        patients = np.concatenate([order, np.flatnonzero(never)])
        return Layout(patients, edges, self.entering.order, self.entering.bounds(self.n_times), starts)

    def layouts(self) -> tuple[Layout, Layout, Integers]:
        """``layout``; that of all strata together, and where each event time stands among the times of all."""
        own = self.layout()
        if self.curve is None:
            return own, own, np.arange(self.n_times)
        return own, self.curve.layout(), np.searchsorted(self.curve.times, self.times)

    def null_residuals(self) -> Floats:
        """Martingale residuals without covariates, in the order of ``layout``: events less those expected."""
        at_risk, deaths = (counts[0] for counts in self.counts(self.everybody))
        expected, residuals = np.zeros(self.n_times), np.zeros(self.n)
        for own in self.slices:
            expected[own] = np.cumsum(deaths[own] / at_risk[own])
        leaving = self.leaving.order
        residuals[: leaving.size] = self.event[leaving] - expected[self.leaving.at_patients]
        return residuals

    def counts(self, flags: Flags) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """Number at risk and number of events at every event time, both of shape (n_tests, n_times)."""
        at_risk = self.leaving.counted(flags, self.n_times)
        if self.entering.starts.size:
            at_risk -= self.entering.counted(flags, self.n_times)
        return self._from_last(at_risk, np.add), self.dying.counted(flags, self.n_times)

    def at_risk(self, values: Floats) -> Floats:
        """Sums over those at risk of values in the order of ``leaving``: (n_tests, n_times); not with delayed entry."""
        return self._from_last(self.leaving.added(values, self.n_times), np.add)

    def highest_at_risk(self, values: Floats) -> Floats:
        """The highest of such values; with delayed entry of those who are at risk then or enter later."""
        highest = np.full((values.shape[0], self.n_times), -np.inf)
        if self.leaving.starts.size:
            highest[:, self.leaving.at] = np.maximum.reduceat(values, self.leaving.starts, axis=1)
        return self._from_last(highest, np.maximum)

    def _from_last(self, values: Counts, join: np.ufunc) -> Counts:
        """``values`` joined from the last event time of each stratum back to each, in place."""
        for own in self.slices:
            values[:, own] = join.accumulate(values[:, own][:, ::-1], axis=1)[:, ::-1]
        return values

    def time_scale(self, known: Flags) -> Floats:
        """1 less the Kaplan-Meier curve of each test's patients just before each event time: (n_tests, n_times)."""
        together = self if self.curve is None else self.curve
        at_risk, deaths = together.counts(known)
        survival = np.cumprod(1.0 - deaths / np.maximum(at_risk, 1), axis=1)
        before = np.concatenate([np.ones((known.shape[0], 1)), survival], axis=1)[:, :-1]
        scale: Floats = 1.0 - before[:, np.searchsorted(together.times, self.times)]
        return scale


def worth_compiling(n_tests: int, n: int) -> bool:
    """Whether there are enough tests for numba."""
    return n_tests * n >= COMPILED_FROM


def in_blocks(
    made: type[Many], outcome: PreparedOutcome, block: Callable[[slice], Many], n_tests: int, jobs: int = 1
) -> Many:
    """``block`` of slices of the tests, in one result of arrays with a row a test; memory is set by the block.

    ``jobs`` threads share the blocks: compiled code and numpy's larger steps run side by side.
    """
    step = max(1, min(BLOCK // max(outcome.n, outcome.term.size, 1), -(-n_tests // jobs)))
    slices = [slice(start, start + step) for start in range(0, n_tests, step)] or [slice(0, 0)]
    if jobs > 1 and len(slices) > 1:
        with ThreadPoolExecutor(jobs) as pool:
            parts = list(pool.map(block, slices))
    else:
        parts = [block(rows) for rows in slices]
    names = [field.name for field in fields(made)]  # type: ignore[arg-type]
    joined: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return made(**joined)
