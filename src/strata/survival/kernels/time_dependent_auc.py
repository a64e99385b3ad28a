"""Time-dependent AUC: does the score tell those with the event by a time from those without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from strata.survival.kernels.censoring import checked_score, uncensored_before
from strata.survival.kernels.frozen import Frozen
from strata.survival.kernels.kaplan_meier import steps_at
from strata.survival.kernels.risk_table import Floats, Integers, asked_times, checked, rank_times

__all__ = ["TimeDependentAUC", "time_dependent_auc"]


@dataclass(frozen=True, eq=False, slots=True)
class TimeDependentAUC(Frozen):
    """AUC of a score at chosen times.

    Parameters
    ----------
    times, auc : arrays of float, shape (n_times,)
        NaN where there is no case or no control.
    cases, controls : arrays of int, shape (n_times,)
        Patients with the event by t; patients followed beyond t.
    """

    times: Floats
    auc: Floats
    cases: Integers
    controls: Integers


def time_dependent_auc(time: Any, event: Any, score: Any, times: Sequence[float] | Floats) -> TimeDependentAUC:
    """Cumulative/dynamic AUC with inverse probability of censoring weights; a higher score means a higher risk.

    Parameters
    ----------
    time : array-like of float, shape (n_patients,)
        Time of the event or of censoring.
    event : array-like of bool or 0/1, shape (n_patients,)
        1: event; 0: censored.
    score : array-like of float, shape (n_patients,)
        Predicted risk, any scale.
    times : array-like of float, shape (n_times,)
        When to tell cases (event at or before t) from controls (time beyond t).

    Returns
    -------
    TimeDependentAUC

    Raises
    ------
    ValueError
        Missing values, also in ``times``; lengths that differ.

    Notes
    -----
    A case weighs the inverse of the share not yet censored just before its event, G(T-), with the events before the
    censorings at a time that has both; ties of the score count half. R's timeROC (``weighting = "marginal"``) gives
    the same numbers at times that are not event times; at an event time it does not yet count the events at t.
    scikit-survival's ``cumulative_dynamic_auc`` weighs by G(T). Uno et al. 2007; Blanche, Dartigues and
    Jacqmin-Gadda 2013.
    """
    observed, events, _ = checked(time, event)
    values, asked = checked_score(score, observed.size), asked_times(times)
    distinct, (rank,) = rank_times(observed)
    weights = 1.0 / uncensored_before(rank, events)
    steps = steps_at(distinct, asked)[0]
    auc, n_cases, n_controls = np.full(asked.size, np.nan), np.zeros_like(steps), np.zeros_like(steps)
    for k, step in enumerate(steps):
        case, controls = events & (rank < step), np.sort(values[rank >= step])
        n_cases[k], n_controls[k] = case.sum(), controls.size
        if n_cases[k] and n_controls[k]:
            lower = np.searchsorted(controls, values[case], side="left")
            not_higher = np.searchsorted(controls, values[case], side="right")
            auc[k] = weights[case] @ (lower + not_higher) / (2.0 * weights[case].sum() * controls.size)
    return TimeDependentAUC(asked, auc, n_cases, n_controls)
