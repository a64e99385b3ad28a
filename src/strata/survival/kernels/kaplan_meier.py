"""The Kaplan-Meier estimate with pointwise intervals and the median."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, get_args

import numpy as np

from strata.survival.kernels.frozen import Frozen, read_only
from strata.survival.kernels.risk_table import (
    TOLERANCE,
    Booleans,
    Floats,
    Integers,
    asked_times,
    checked,
    rank_intervals,
    tolerance,
)

__all__ = ["Z_95", "Confidence", "KaplanMeier", "SurvivalAt", "kaplan_meier", "steps_at"]

Confidence = Literal["log-log", "log", "plain", "logit", "arcsin"]

Z_95 = 1.959963984540054
"""The 0.975 quantile of the normal distribution."""


class SurvivalAt(NamedTuple):
    """A survival curve read at chosen times."""

    times: Floats
    survival: Floats
    lower: Floats
    upper: Floats
    at_risk: Integers


@dataclass(frozen=True, eq=False, slots=True)
class KaplanMeier(Frozen):
    """A Kaplan-Meier curve; one value per distinct event or censoring time.

    Parameters
    ----------
    n : int
        Patients.
    times : array of float, shape (n_times,)
        Distinct event and censoring times, ascending.
    survival, lower, upper : arrays of float, shape (n_times,)
        S(t) and its 95 % interval from t on, up to the next time. NaN where the interval does not exist: at S = 0,
        and at S = 1 unless ``confidence`` is ``log`` or ``plain`` (whose interval has no width there).
    at_risk, events, censored : arrays of int, shape (n_times,)
        At risk just before t; events at t; censored at t.
    median, median_lower, median_upper : float
        NaN: not reached.
    confidence : {"log-log", "log", "plain", "logit", "arcsin"}
        Scale of the interval.
    """

    n: int
    times: Floats
    survival: Floats
    lower: Floats
    upper: Floats
    at_risk: Integers
    events: Integers
    censored: Integers
    median: float
    median_lower: float
    median_upper: float
    confidence: Confidence
    _entry: Floats | None = field(default=None, repr=False)

    def at(self, times: Sequence[float] | Floats) -> SurvivalAt:
        """The curve at chosen times, in any order.

        Before the first time survival and both limits are 1; beyond the last time they are NaN, because nobody was
        followed that long. ``at_risk`` counts the patients with time >= t (and entry < t).

        Raises
        ------
        ValueError
            Times that are missing.
        """
        asked = asked_times(times)
        step, beyond = steps_at(self.times, asked)
        near = tolerance(self.times)

        def read(curve: Floats) -> Floats:
            return read_only(np.where(beyond, np.nan, np.concatenate([[1.0], curve])[step]))

        left = np.concatenate([[0], np.cumsum(self.events + self.censored)])
        entered = self.n if self._entry is None else np.searchsorted(self._entry, asked - near, side="left")
        at_risk = entered - left[np.searchsorted(self.times, asked - near, side="left")]
        curves = (read(self.survival), read(self.lower), read(self.upper))
        return SurvivalAt(read_only(asked), *curves, read_only(at_risk))


def steps_at(axis: Floats, asked: Floats) -> tuple[Integers, Booleans]:
    """How many of the ascending times of a curve lie at or before each time asked for, and which lie beyond all."""
    near = tolerance(axis)
    return np.searchsorted(axis, asked + near, side="right"), asked - near > (axis[-1] if axis.size else -np.inf)


def kaplan_meier(time: Any, event: Any, *, entry: Any = None, confidence: Confidence = "log-log") -> KaplanMeier:
    """Kaplan-Meier estimate of one group with 95 % pointwise intervals.

    Parameters
    ----------
    time : array-like of float, shape (n_patients,)
        Time of the event or of censoring, any unit; the times and medians come out in the same unit.
    event : array-like of bool or 0/1, shape (n_patients,)
        1: event; 0: censored. Patients censored at an event time are at risk at it.
    entry : array-like of float, shape (n_patients,), optional
        Delayed entry (left truncation): at risk at t when entry < t <= time.
    confidence : {"log-log", "log", "plain", "logit", "arcsin"}
        Scale on which the Greenwood interval is symmetric. R's default is ``log``, SAS's ``log-log``, which keeps
        its coverage best in small samples.

    Returns
    -------
    KaplanMeier

    Raises
    ------
    ValueError
        Missing values, lengths that differ, an entry not before its time, an unknown ``confidence``.

    Notes
    -----
    R survival: ``survfit(Surv(time, event) ~ 1, conf.type = confidence)``, and ``quantile(fit, 0.5)`` for the median
    and its interval (Brookmeyer and Crowley 1982): a curve that runs level at exactly 0.5 has its median in the
    middle of the level stretch. Near-tied times are one time (``rank_times``).
    """
    if confidence not in get_args(Confidence):
        raise ValueError(f"confidence must be {', '.join(get_args(Confidence))}, not {confidence!r}")
    times, events, entries = checked(time, event, entry)
    distinct, rank, entry_rank = rank_intervals(times, entries)
    # without delayed entry every distinct time is somebody's
    seen, position = (np.arange(distinct.size), rank) if entry_rank is None else np.unique(rank, return_inverse=True)
    n_events = np.bincount(position[events], minlength=seen.size)
    n_left = np.bincount(position, minlength=seen.size)
    late = None if entry_rank is None else np.sort(distinct[entry_rank])
    entered = times.size if late is None else np.searchsorted(late, distinct[seen], side="left")
    at_risk = entered - (np.cumsum(n_left) - n_left)
    survival: Floats = np.cumprod(1.0 - n_events / at_risk, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(np.cumsum(n_events / (at_risk * (at_risk - n_events)), dtype=np.float64))
        lower, upper = _interval(survival, error, confidence)
    axis = distinct[seen]
    return KaplanMeier(
        n=times.size,
        times=axis,
        survival=survival,
        lower=lower,
        upper=upper,
        at_risk=at_risk,
        events=n_events,
        censored=n_left - n_events,
        median=_median(axis, survival),
        median_lower=_median(axis, lower),
        median_upper=_median(axis, upper),
        confidence=confidence,
        _entry=late,
    )


def _interval(survival: Floats, error: Floats, confidence: Confidence) -> tuple[Floats, Floats]:
    """95 % limits; ``error`` is the standard error of log S."""
    half = Z_95 * error
    if confidence == "plain":
        return np.maximum(survival - half * survival, 0.0), np.minimum(survival + half * survival, 1.0)
    if confidence == "log":
        inside = np.where(survival > 0.0, survival, np.nan)
        return inside * np.exp(-half), np.minimum(inside * np.exp(half), 1.0)
    inside = np.where((survival > 0.0) & (survival < 1.0), survival, np.nan)
    if confidence == "logit":
        factor = np.exp(half / (1.0 - inside))
        return inside / (inside + (1.0 - inside) * factor), inside / (inside + (1.0 - inside) / factor)
    if confidence == "arcsin":
        centre, half = np.arcsin(np.sqrt(inside)), half / 2.0 * np.sqrt(inside / (1.0 - inside))
        return np.sin(np.maximum(centre - half, 0.0)) ** 2, np.sin(np.minimum(centre + half, np.pi / 2.0)) ** 2
    half = half / np.log(inside)
    return inside ** np.exp(-half), inside ** np.exp(half)


def _median(times: Floats, curve: Floats) -> float:
    """Where a curve reaches 0.5, by the rules of R's ``quantile.survfit``; NaN where it does not."""
    known = ~np.isnan(curve)
    if not (curve <= 0.5 + TOLERANCE).any():
        return float("nan")
    levels, start = -curve[known], times[known]
    if (levels[1:] < levels[:-1]).any():
        # limits may turn back up, and R looks a value up, not a time: the highest value that is low enough
        levels, first = np.unique(levels, return_index=True)
        start = start[first]
    reached = int(np.searchsorted(levels, -0.5 - TOLERANCE, side="left"))
    left = int(np.searchsorted(levels, -0.5 + TOLERANCE, side="left"))
    if reached == levels.size:
        return float("nan")
    if known[-1] and abs(curve[-1] - 0.5) < TOLERANCE:
        return float(start[reached] + times[-1]) / 2.0
    return float(start[reached] + start[left]) / 2.0 if left < levels.size else float("nan")
