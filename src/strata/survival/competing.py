"""Competing events: curves that count them, and the test of those curves."""

from __future__ import annotations

from math import isnan, nan
from typing import TYPE_CHECKING, Any

import numpy as np

from strata.survival.kernels.cumulative_incidence import cumulative_incidence
from strata.survival.kernels.gray_test import gray_test
from strata.survival.kernels.kaplan_meier import KaplanMeier

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.survival.groups import Outcome

__all__ = ["free_of_the_event", "gray_beside"]


def free_of_the_event(time: NDArray[np.float64], event: NDArray[np.bool_], competing: NDArray[np.bool_]) -> KaplanMeier:
    """One minus the cumulative incidence of the event, in the form of a survival curve.

    Where competing events exist this is the share of patients who have not had the event; a Kaplan-Meier curve that
    censors the others is lower. ``censored`` counts the patients with a competing event too, and there is no median.
    """
    found = cumulative_incidence(time, _causes(event, competing))
    if 1 in found.causes:
        at = found.causes.index(1)
        incidence, lower, upper, events = found.incidence[at], found.lower[at], found.upper[at], found.events[at]
    else:
        incidence, events = np.zeros(found.times.size), np.zeros(found.times.size, dtype=np.int64)
        lower = upper = np.full(found.times.size, nan)
    left = found.censored + found.events.sum(axis=0)
    return KaplanMeier(
        n=found.n,
        times=found.times,
        survival=1.0 - incidence,
        lower=1.0 - upper,
        upper=1.0 - lower,
        at_risk=found.at_risk,
        events=events,
        censored=left - events,
        median=nan,
        median_lower=nan,
        median_upper=nan,
        confidence="log-log",
    )


def gray_beside(outcome: Outcome, group: NDArray[np.int64]) -> dict[str, Any]:
    """The column of Gray's test of the event; empty without competing events, or where nothing can be compared."""
    if outcome.competing is None:
        return {}
    factors = outcome.adjustment.stratification_factors
    test = gray_test(outcome.time, _causes(outcome.event, outcome.competing), group, stratification_factors=factors)
    p_value = float(test.p_values[test.causes.index(1)]) if 1 in test.causes else nan
    return {} if isnan(p_value) else {"gray_p": p_value}


def _causes(event: NDArray[np.bool_], competing: NDArray[np.bool_]) -> NDArray[np.int64]:
    """0 censored, 1 the event, 2 a competing event."""
    return np.where(event, 1, np.where(competing, 2, 0))
