"""Median follow-up by the reverse Kaplan-Meier method."""

from __future__ import annotations

from typing import Any, NamedTuple

from strata.survival.kernels.kaplan_meier import kaplan_meier
from strata.survival.kernels.risk_table import checked

__all__ = ["FollowUp", "follow_up"]


class FollowUp(NamedTuple):
    """Median follow-up with its 95 % interval; NaN: not reached."""

    median: float
    lower: float
    upper: float


def follow_up(time: Any, event: Any) -> FollowUp:
    """Median follow-up: the Kaplan-Meier median with events and censorings exchanged.

    Parameters
    ----------
    time : array-like of float, shape (n_patients,)
        Time of the event or of censoring.
    event : array-like of bool or 0/1, shape (n_patients,)
        1: event; 0: censored.

    Returns
    -------
    FollowUp
        In the unit of ``time``, with the log-log interval.

    Raises
    ------
    ValueError
        Missing values, lengths that differ.

    Notes
    -----
    Schemper and Smith 1996. R survival: ``survfit(Surv(time, 1 - event) ~ 1, conf.type = "log-log")``.
    """
    times, events, _ = checked(time, event)
    curve = kaplan_meier(times, ~events)
    return FollowUp(curve.median, curve.median_lower, curve.median_upper)
