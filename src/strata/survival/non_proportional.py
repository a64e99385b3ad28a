"""Does the hazard ratio stay the same over time, and what to say beside it when it does not."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any

import numpy as np

from strata.survival.kernels.proportional_hazards import proportional_hazards
from strata.survival.kernels.restricted_mean import restricted_mean

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.survival.groups import Outcome
    from strata.survival.kernels.proportional_hazards import ProportionalHazards
    from strata.survival.model_rows import ModelRows

__all__ = ["FAILS", "ph_test", "ph_tests", "ph_warning", "restricted_means_beside"]

FAILS = 0.05
"""Hazards with a smaller P are not proportional."""


RANKS = (
    "proportional hazards tested on the ranks of the times: with delayed entry the Kaplan-Meier scale falls to 0 where"
    " few patients are at risk, and then no longer tells times apart"
)


def ph_tests(model: ModelRows) -> ProportionalHazards:
    """The tests of all columns of a model, on the Kaplan-Meier scale, or on the ranks where that gives the first none.

    With delayed entry one patient may be alone at risk at an early event: the Kaplan-Meier curve is 0 from then on.
    """
    test = proportional_hazards(*model.data, **model.more)
    if model.more["entry"] is None or not isnan(test.p_values[0]):
        return test
    return proportional_hazards(*model.data, **model.more, transform="rank")


def ph_test(model: ModelRows) -> tuple[float, str]:
    """P of the test of the model's first column, and what a reader of the hazard ratio needs to know; else empty."""
    test = ph_tests(model)
    p_value = float(test.p_values[0])
    if isnan(p_value):
        return p_value, f"proportional hazards not tested ({test.reason or 'no test of this model'})"
    ranks = RANKS if test.transform == "rank" else ""
    return p_value, "; ".join(filter(None, [ph_warning(p_value), ranks]))


def ph_warning(p_value: float) -> str:
    """What a reader of the hazard ratio needs to know when the test fails; else empty."""
    if not p_value < FAILS:
        return ""
    return f"hazards are not proportional (P {p_value:.2g}): the hazard ratio is an average over time"


def restricted_means_beside(
    p_value: float, outcome: Outcome, positive: NDArray[np.bool_], labels: tuple[str, str]
) -> tuple[dict[str, Any], str]:
    """The columns of the difference of the restricted means, and its sentence, when the test failed; else nothing."""
    return _restricted_means(outcome, positive, labels) if p_value < FAILS else ({}, "")


def _restricted_means(
    outcome: Outcome, positive: NDArray[np.bool_], labels: tuple[str, str]
) -> tuple[dict[str, Any], str]:
    if outcome.entry is not None:
        return {}, "restricted means are not available with delayed entry"
    if outcome.competing is not None:
        return {}, "restricted means are not available with competing events"
    asked = outcome.checks.rmst_horizon
    last = float(min(outcome.time[positive].max(), outcome.time[~positive].max()))
    horizon = last if asked is None else asked
    if not horizon > 0:
        return {}, "no restricted means (a group is followed for 0 months)"
    means = restricted_mean(outcome.time, outcome.event, positive, horizon=horizon)
    if isnan(means.difference):
        return {}, f"no restricted means up to {horizon:.4g} months (a group is not followed so long)"
    names = ("rmst_horizon", "rmst_difference", "rmst_difference_lower", "rmst_difference_upper", "rmst_p")
    numbers = (horizon, means.difference, means.difference_lower, means.difference_upper, means.p_value)
    more = "longer" if means.difference > 0 else "shorter"
    until = f"{horizon:.4g} months{', as far as both groups are followed' if asked is None else ''}"
    sentence = (
        f"over {until}, the group {labels[0]} is free of the event {abs(means.difference):.3g} months {more} on average"
        f" than {labels[1]} (difference {means.difference:.3g}, 95 % {means.difference_lower:.3g} to"
        f" {means.difference_upper:.3g}, P {means.p_value:.2g}; not adjusted)"
    )
    return dict(zip(names, numbers)), sentence
