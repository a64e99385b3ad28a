"""Who is at risk when: near-tied times made equal, distinct event times, numbers at risk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from strata.survival.kernels.frozen import read_only

__all__ = [
    "NumberAtRisk",
    "RiskTable",
    "as_floats",
    "asked_times",
    "checked",
    "cumulative_hazard",
    "label_codes",
    "number_at_risk",
    "rank_times",
    "risk_table",
    "strata_codes",
    "tolerance",
]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]

TOLERANCE = float(np.sqrt(np.finfo(float).eps))
"""Times nearer than this are one time, as in R's ``aeqSurv`` and ``all.equal``."""


class NumberAtRisk(NamedTuple):
    """What is printed under a survival curve, one value per tick."""

    at: Floats
    at_risk: Integers
    events: Integers
    censored: Integers


@dataclass(frozen=True, slots=True)
class RiskTable:
    """The distinct event times, stratum after stratum, and who is at risk at each.

    Parameters
    ----------
    times : array of float, shape (n_times,)
        Distinct event times: ascending inside a stratum, strata one after the other.
    first, last : arrays of int, shape (n_patients,)
        A patient is at risk at ``times[first:last]``; ``times[last - 1]`` is the patient's own time if it is an event.
    event : array of bool, shape (n_patients,)
    stratum : array of int, shape (n_times,)
        The stratum of each event time.
    """

    times: Floats
    first: Integers
    last: Integers
    event: Booleans
    stratum: Integers

    def counts(self, codes: Integers, n_groups: int) -> tuple[Integers, Integers]:
        """Number at risk and number of events, both of shape (n_groups, n_times)."""
        columns = self.times.size + 1
        shape = (n_groups, columns)
        row = codes * columns
        entering = np.bincount(row + self.first, minlength=n_groups * columns)
        leaving = np.bincount(row + self.last, minlength=n_groups * columns)
        at_risk = np.cumsum((entering - leaving).reshape(shape), axis=1)[:, :-1]
        own = (row + self.last - 1)[self.event]
        return at_risk, np.bincount(own, minlength=n_groups * columns).reshape(shape)[:, :-1]


def as_floats(values: Any, name: str = "values") -> Floats:
    """Array-like as floats; the missing values of pandas become NaN.

    Raises
    ------
    ValueError
        Values that are no numbers: the first of them after ``name``.
    """
    try:
        if hasattr(values, "iloc"):
            return np.asarray(values.to_numpy(dtype=float, na_value=np.nan), dtype=np.float64)
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        words = list(dict.fromkeys(repr(str(x)) for x in np.ravel(_label_array(values)) if not _is_number(x)))
        shown = ", ".join(words[:3]) + " ..." * (len(words) > 3)
        raise ValueError(f"{name}: values that are not numbers: {shown}" if words else f"{name}: {error}") from None


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return _is_missing(value)
    return True


def asked_times(times: Sequence[float] | Floats, name: str = "times") -> Floats:
    """Times at which something is to be told, as an array of their own, so that the caller's may change afterwards.

    Raises
    ------
    ValueError
        Times that are missing.
    """
    asked = np.array(as_floats(times, name))
    n_bad = int(np.count_nonzero(np.isnan(asked)))
    if n_bad:
        raise ValueError(f"{name}: {n_bad} of {asked.size} values are missing")
    return asked


def checked(time: Any, event: Any, entry: Any = None) -> tuple[Floats, Booleans, Floats | None]:
    """Time, event and entry as arrays of one length.

    Raises
    ------
    ValueError
        Lengths that differ, values that are missing or infinite, events other than 0 and 1: all problems at once.
    """
    columns = {"time": as_floats(time, "time"), "event": as_floats(event, "event")}
    if entry is not None:
        columns["entry"] = as_floats(entry, "entry")
    sizes = {name: column.shape for name, column in columns.items()}
    if len(set(sizes.values())) != 1 or columns["time"].ndim != 1:
        raise ValueError("time, event and entry must be one-dimensional and of one length, not of shapes " + str(sizes))
    problems = []
    for name, column in columns.items():
        n_bad = int(np.count_nonzero(~np.isfinite(column)))
        if n_bad:
            problems.append(f"{name}: {n_bad} of {column.size} values are missing or infinite")
    known = columns["event"][np.isfinite(columns["event"])]
    n_bad = int(np.count_nonzero((known != 0.0) & (known != 1.0)))
    if n_bad:
        problems.append(f"event: {n_bad} of {known.size} values are neither 0 (censored) nor 1 (event)")
    if problems:
        raise ValueError("; ".join(problems))
    return columns["time"], columns["event"] == 1.0, columns.get("entry")


def tolerance(distinct: Floats) -> float:
    """Distinct times nearer than this are one time."""
    return TOLERANCE * max(1.0, float(np.mean(np.abs(distinct)))) if distinct.size else TOLERANCE


def rank_times(*columns: Floats) -> tuple[Floats, list[Integers]]:
    """The distinct times over all columns, and each column as positions among them.

    Times that differ by rounding only are one time, the smallest of them: neighbours whose difference is at most
    ``TOLERANCE``, either as it is or divided by the mean absolute time. Source: ``aeqSurv`` of R survival 3.5-3,
    which ``survfit``, ``survdiff`` and ``coxph`` apply by default.
    """
    values = np.unique(np.concatenate(columns))
    if values.size > 1:
        values = values[np.concatenate([[True], np.diff(values) > tolerance(values)])]
    return values, [np.searchsorted(values, column, side="right") - 1 for column in columns]


def rank_intervals(time: Floats, entry: Floats | None) -> tuple[Floats, Integers, Integers | None]:
    """``rank_times`` of time and entry; refuses a follow-up of no length, as R does."""
    if entry is None:
        distinct, (rank,) = rank_times(time)
        return distinct, rank, None
    distinct, (rank, entry_rank) = rank_times(time, entry)
    n_bad = int(np.count_nonzero(entry_rank >= rank))
    if n_bad:
        raise ValueError(f"entry: {n_bad} of {time.size} values are not before the time")
    return distinct, rank, entry_rank


def label_codes(labels: Any, name: str, n: int) -> tuple[tuple[Any, ...], Integers]:
    """The sorted distinct labels and each label as a position among them.

    Raises
    ------
    ValueError
        Another length than ``n``, missing labels, or labels that have no order, as of words and numbers.
    """
    array = _label_array(labels)
    if array.shape != (n,):
        raise ValueError(f"{name} has the shape {array.shape}, time has {n} values")
    if array.dtype.kind in "biuf":
        if array.dtype.kind == "f" and np.isnan(array).any():
            raise ValueError(f"{name}: {int(np.isnan(array).sum())} of {n} labels are missing")
        levels, codes = np.unique(array, return_inverse=True)
        return tuple(levels.tolist()), codes.astype(np.int64)
    values = array.tolist()
    missing = {label for label in set(values) if _is_missing(label)}
    if missing:
        raise ValueError(f"{name}: {sum(value in missing for value in values)} of {n} labels are missing")
    try:
        ordered = sorted(set(values))
    except TypeError:
        types = ", ".join(sorted({type(value).__name__ for value in values}))
        raise ValueError(f"{name}: labels of several types, which have no order: {types}") from None
    position = {label: code for code, label in enumerate(ordered)}
    return tuple(ordered), np.fromiter((position[value] for value in values), dtype=np.int64, count=n)


def _label_array(labels: Any) -> npt.NDArray[Any]:
    # numpy would turn ["a", nan] into the text "nan"
    return np.asarray(labels, dtype=None if hasattr(labels, "dtype") else object)


def _is_missing(label: Any) -> bool:
    try:
        return label is None or bool(label != label)
    except TypeError:  # the truth of pandas.NA is ambiguous
        return True


def strata_codes(factors: Any, n: int) -> Integers:
    """One code per combination of the factors: none, one array of labels, or a table with a factor per column."""
    if factors is None:
        return np.zeros(n, dtype=np.int64)
    table = _label_array(factors)
    if table.ndim < 2:
        return label_codes(factors, "stratification_factors", n)[1]
    codes = np.zeros(table.shape[0], dtype=np.int64)
    for column in table.T:
        levels, own = label_codes(column, "stratification_factors", n)
        codes = np.unique(codes * len(levels) + own, return_inverse=True)[1].astype(np.int64)
    return codes


def risk_table(time: Floats, event: Booleans, *, entry: Floats | None = None, strata: Integers) -> RiskTable:
    """Distinct event times and risk sets of checked arrays.

    Parameters
    ----------
    time, event, entry : arrays, shape (n_patients,)
        As ``checked`` returns them. A patient is at risk at t when entry < t <= time.
    strata : array of int, shape (n_patients,)
        Risk sets never reach across strata.
    """
    distinct, rank, entry_rank = rank_intervals(time, entry)
    start = strata * max(distinct.size, 1)
    key = start + rank
    event_keys = np.unique(key[event])
    if entry_rank is None:
        first = np.searchsorted(event_keys, start, side="left")
    else:
        first = np.searchsorted(event_keys, start + entry_rank, side="right")
    last = np.searchsorted(event_keys, key, side="right")
    stratum, position = np.divmod(event_keys, max(distinct.size, 1))
    return RiskTable(distinct[position], first, last, event, stratum)


def cumulative_hazard(time: Floats, event: Booleans, strata: Integers) -> Floats:
    """Nelson and Aalen's estimate in each patient's stratum at the patient's time."""
    table = risk_table(time, event, strata=strata)
    at_risk, deaths = table.counts(np.zeros(time.size, dtype=np.int64), 1)
    hazard = np.concatenate([[0.0], np.cumsum(deaths[0] / at_risk[0])])
    own: Floats = hazard[table.last] - hazard[table.first]
    return own


def number_at_risk(time: Any, event: Any, at: Sequence[float] | Floats, entry: Any = None) -> NumberAtRisk:
    """Numbers at risk, with an event and censored, at chosen times.

    Parameters
    ----------
    time : array-like of float, shape (n_patients,)
        Time of the event or of censoring.
    event : array-like of bool or 0/1, shape (n_patients,)
        1: event; 0: censored.
    at : array-like of float, shape (n_ticks,)
        The ticks, in the unit of ``time``.
    entry : array-like of float, shape (n_patients,), optional
        Delayed entry (left truncation).

    Returns
    -------
    NumberAtRisk
        ``at_risk``: patients with time >= t (and entry < t); ``events`` and ``censored``: before t. They add up to
        the number of patients, with ``entry`` to the number who entered before t. ``summary(survfit(), times)`` of R
        gives the same ``n.risk`` without delayed entry.

    Raises
    ------
    ValueError
        Missing values, also in ``at``; lengths that differ.
    """
    times, events, entries = checked(time, event, entry)
    distinct, rank, entry_rank = rank_intervals(times, entries)
    ticks = asked_times(at, "at")
    position = np.searchsorted(distinct, ticks - tolerance(distinct), side="left")

    def before(ranks: Integers) -> Integers:
        return np.concatenate([[0], np.cumsum(np.bincount(ranks, minlength=distinct.size))])[position]

    n_events, n_censored = before(rank[events]), before(rank[~events])
    entered = times.size if entry_rank is None else before(entry_rank)
    at_risk = entered - n_events - n_censored
    return NumberAtRisk(read_only(ticks), read_only(at_risk), read_only(n_events), read_only(n_censored))
