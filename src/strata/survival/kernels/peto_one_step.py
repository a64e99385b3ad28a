"""Peto's one-step hazard ratio, straight from the log-rank test."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from strata.survival.kernels.kaplan_meier import Z_95
from strata.survival.kernels.log_rank import log_rank

__all__ = ["PetoOneStep", "peto_one_step"]


@dataclass(frozen=True, slots=True)
class PetoOneStep:
    """A one-step hazard ratio of the second group against the first.

    Parameters
    ----------
    log_hazard_ratio, standard_error : float
        (O - E) / V of the second group and 1 / sqrt(V); NaN when nothing could be compared.
    hazard_ratio, lower, upper : float
        With the 95 % interval.
    groups : tuple
        The two labels, sorted.
    """

    log_hazard_ratio: float
    standard_error: float
    hazard_ratio: float
    lower: float
    upper: float
    groups: tuple[Any, Any]


def peto_one_step(
    time: Any, event: Any, group: Any, *, stratification_factors: Any = None, entry: Any = None
) -> PetoOneStep:
    """Hazard ratio of two groups from observed and expected events, finite also where one group has no event.

    Parameters
    ----------
    time, event, group, stratification_factors, entry : array-like
        As for ``log_rank``; two groups.

    Returns
    -------
    PetoOneStep

    Raises
    ------
    ValueError
        As ``log_rank``; another number of groups than two.

    Notes
    -----
    The first Newton step of a Cox model from zero: near the Cox estimate while the hazard ratio is near 1, biased
    towards 1 far from it or where one group is small. R: ``s <- survdiff(Surv(time, event) ~ group)``, ``(s$obs[2] -
    s$exp[2]) / s$var[2, 2]``. Source: Yusuf et al. 1985.
    """
    test = log_rank(time, event, group, stratification_factors=stratification_factors, entry=entry)
    if len(test.groups) != 2:
        raise ValueError(f"group must have 2 labels, not {len(test.groups)}")
    variance = float(test.covariance[1, 1]) or math.nan
    log_ratio, error = float(test.observed[1] - test.expected[1]) / variance, variance**-0.5
    lower, upper = math.exp(log_ratio - Z_95 * error), math.exp(log_ratio + Z_95 * error)
    return PetoOneStep(log_ratio, error, math.exp(log_ratio), lower, upper, (test.groups[0], test.groups[1]))
