"""Cumulative incidence of competing causes: the Aalen-Johansen estimate with pointwise intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, get_args

import numpy as np

from strata.survival.kernels.frozen import Frozen, read_only
from strata.survival.kernels.kaplan_meier import Z_95, steps_at
from strata.survival.kernels.risk_table import Floats, Integers, as_floats, asked_times, checked, rank_times, tolerance

__all__ = ["CumulativeIncidence", "IncidenceAt", "Variance", "checked_causes", "cumulative_incidence"]

Variance = Literal["infinitesimal-jackknife", "aalen"]


class IncidenceAt(NamedTuple):
    """Cumulative incidences read at chosen times; a row per cause."""

    times: Floats
    incidence: Floats
    standard_errors: Floats
    lower: Floats
    upper: Floats
    at_risk: Integers


@dataclass(frozen=True, eq=False, slots=True)
class CumulativeIncidence(Frozen):
    """Cumulative incidence of every cause; one value per distinct event or censoring time.

    Parameters
    ----------
    n : int
        Patients.
    causes : tuple of int
        The codes of the causes seen, ascending; the rows of the arrays below.
    times : array of float, shape (n_times,)
        Distinct event and censoring times, ascending.
    incidence : array of float, shape (n_causes, n_times)
        Share that had the event from this cause by t.
    standard_errors, lower, upper : arrays of float, shape (n_causes, n_times)
        With the 95 % interval that is symmetric on the log-log scale; no interval (NaN) where the incidence is 0 or 1.
    event_free : array of float, shape (n_times,)
        Share without an event of any cause; with the incidences it adds up to 1.
    at_risk : array of int, shape (n_times,)
        At risk just before t.
    events : array of int, shape (n_causes, n_times)
        Events of each cause at t.
    censored : array of int, shape (n_times,)
        Censored at t.
    """

    n: int
    causes: tuple[int, ...]
    times: Floats
    incidence: Floats
    standard_errors: Floats
    lower: Floats
    upper: Floats
    event_free: Floats
    at_risk: Integers
    events: Integers
    censored: Integers

    def at(self, times: Sequence[float] | Floats) -> IncidenceAt:
        """The curves at chosen times, in any order.

        Before the first time the incidence is 0 without an interval; beyond the last time everything is NaN, because
        nobody was followed that long. ``at_risk`` counts the patients with time >= t.

        Raises
        ------
        ValueError
            Times that are missing.
        """
        asked = asked_times(times)
        step, beyond = steps_at(self.times, asked)

        def read(curves: Floats, before: float) -> Floats:
            padded = np.concatenate([np.full((len(self.causes), 1), before), curves], axis=1)
            return read_only(np.where(beyond, np.nan, padded[:, step]))

        at_risk = np.append(self.at_risk, 0)[np.searchsorted(self.times, asked - tolerance(self.times), side="left")]
        return IncidenceAt(
            read_only(asked),
            read(self.incidence, 0.0),
            read(self.standard_errors, 0.0),
            read(self.lower, np.nan),
            read(self.upper, np.nan),
            read_only(at_risk),
        )


def cumulative_incidence(
    time: Any, cause: Any, *, variance: Variance = "infinitesimal-jackknife"
) -> CumulativeIncidence:
    """Cumulative incidence of competing causes in one group (Aalen-Johansen).

    Parameters
    ----------
    time : array-like of float, shape (n_patients,)
        Time of the first event of any cause, or of censoring.
    cause : array-like of int, shape (n_patients,)
        0: censored; 1, 2, ...: the cause of the event. Patients censored at an event time are at risk at it.
    variance : {"infinitesimal-jackknife", "aalen"}
        The first is what R's ``survfit`` gives, and Greenwood's where there is one cause only; the second is what
        R's ``cmprsk::cuminc`` gives (Aalen 1978), a little larger.

    Returns
    -------
    CumulativeIncidence

    Raises
    ------
    ValueError
        Missing values, lengths that differ, causes that are no whole numbers from 0, an unknown ``variance``.

    Notes
    -----
    One minus a Kaplan-Meier curve that censors the other causes is not a share of patients: it is too high. R survival:
    ``survfit(Surv(time, factor(cause)) ~ 1)``. lifelines' ``AalenJohansenFitter`` moves tied times at random, so that
    its numbers change from run to run. Near-tied times are one time (``rank_times``). Interval: Choudhury 2002.
    """
    if variance not in get_args(Variance):
        raise ValueError(f"variance must be {' or '.join(get_args(Variance))}, not {variance!r}")
    times, codes = checked_causes(time, cause)
    axis, (rank,) = rank_times(times)
    causes, left = np.unique(codes[codes > 0]), np.bincount(rank, minlength=axis.size)
    by_cause = [np.bincount(rank[codes == one], minlength=axis.size) for one in causes]
    events = np.array(by_cause, dtype=np.int64).reshape(causes.size, axis.size)
    at_risk = times.size - np.cumsum(left) + left
    event_free = np.cumprod(1.0 - events.sum(axis=0) / at_risk, dtype=np.float64)
    before = np.concatenate([[1.0], event_free])[:-1]
    incidence = np.cumsum(before / at_risk * events, axis=1, dtype=np.float64)
    of = _jackknife if variance == "infinitesimal-jackknife" else _aalen
    squares = [of(own, curve, events.sum(axis=0), left, at_risk) for own, curve in zip(events, incidence)]
    # rounding leaves a trace of either sign where there was no event yet
    errors = np.sqrt(np.where(incidence > 0.0, np.maximum(np.array(squares).reshape(incidence.shape), 0.0), 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = np.where((incidence > 0.0) & (incidence < 1.0), incidence, np.nan)
        half = Z_95 * errors / (inside * np.log(inside))
        lower, upper = inside ** np.exp(-half), inside ** np.exp(half)
    return CumulativeIncidence(
        n=times.size,
        causes=tuple(causes.tolist()),
        times=axis,
        incidence=incidence,
        standard_errors=errors,
        lower=lower,
        upper=upper,
        event_free=event_free,
        at_risk=at_risk,
        events=events,
        censored=left - events.sum(axis=0),
    )


def checked_causes(time: Any, cause: Any) -> tuple[Floats, Integers]:
    """Times and causes as arrays of one length.

    Raises
    ------
    ValueError
        Lengths that differ, values that are missing or infinite, causes that are no whole numbers from 0.
    """
    codes = as_floats(cause, "cause")
    n_bad = int(np.count_nonzero(~np.isfinite(codes) | (codes < 0.0) | (codes != np.floor(codes))))
    wrong = f"cause: {n_bad} of {codes.size} values are neither 0 (censored) nor 1, 2, ... (the cause)" if n_bad else ""
    try:
        times, _, _ = checked(time, codes > 0.0)
    except ValueError as error:
        raise ValueError("; ".join(filter(None, [str(error), wrong]))) from None
    if wrong:
        raise ValueError(wrong)
    return times, codes.astype(np.int64)


def _jackknife(own: Integers, curve: Floats, events: Integers, left: Integers, at_risk: Integers) -> Floats:
    """Sum over the patients of the squared derivative of F(t) by the patient's weight.

    The derivative is a + b F(t), where a and b stop changing once the patient has left: those who left at one time in
    one way share them, and so do all who are still at risk.
    """
    jump, step, since = _derivative(events, at_risk, curve)
    a = -np.cumsum(jump * own / at_risk + step * since * events / at_risk)
    b = np.cumsum(step * events / at_risk)
    censored = left - events
    leavers = [
        (own, a + jump + step * since, b - step),
        (events - own, a + step * since, b - step),
        (censored, a, b),
    ]
    return sum((_squared(*leaver, since) for leaver in leavers), (at_risk - left) * (a + b * since) ** 2)


def _aalen(own: Integers, curve: Floats, events: Integers, _left: Integers, at_risk: Integers) -> Floats:
    """Sum over the event times of the squared effect of the jump times the variance of its number of events."""
    jump, step, since = _derivative(events, at_risk, curve)
    total = np.zeros(curve.size)
    for number, direct in ((own, jump), (events - own, 0.0)):
        tied = 1.0 - np.maximum(number - 1, 0) / np.maximum(at_risk - 1, 1)
        total += _squared(number * tied, direct + step * since, -step, since)
    return total


def _derivative(events: Integers, at_risk: Integers, curve: Floats) -> tuple[Floats, Floats, Floats]:
    """What one event more adds to F at once, what it takes from each later unit of F, and F less its last value.

    Counting F from its last value keeps every product below 1, however few are left.
    """
    event_free = np.cumprod(1.0 - events / at_risk, dtype=np.float64)
    jump = np.concatenate([[1.0], event_free])[:-1] / at_risk
    step = np.divide(jump, event_free, out=np.zeros_like(jump), where=event_free > 0.0)
    return jump, step, curve - curve[-1:]


def _squared(weight: Floats | Integers, a: Floats, b: Floats, since: Floats) -> Floats:
    """Running sums of weight (a + b F(t))^2."""
    first, both, second = (np.cumsum(weight * product, dtype=np.float64) for product in (a * a, a * b, b * b))
    return first + 2.0 * both * since + second * since**2
