"""Does a marker change what a treatment does: the treatment-by-marker interaction."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from strata.survival.kernels.chi_squared import ChiSquaredTest, chi_squared_p, chi_squared_test
from strata.survival.kernels.cox import Cox, cox
from strata.survival.kernels.frozen import Frozen
from strata.survival.kernels.kaplan_meier import Z_95
from strata.survival.kernels.risk_table import Integers, checked, label_codes, strata_codes

__all__ = ["Contrast", "Interaction", "interaction"]


class Contrast(NamedTuple):
    """A log hazard ratio with its standard error, the hazard ratio with its 95 % Wald interval, and Wald's P."""

    log_hazard_ratio: float
    standard_error: float
    hazard_ratio: float
    lower: float
    upper: float
    p_value: float
    log10_p: float

    @classmethod
    def of(cls, log_hazard_ratio: float, standard_error: float) -> Contrast:
        """The contrast of an estimate; all NaN without one."""
        half = Z_95 * standard_error
        z_squared = (log_hazard_ratio / standard_error) ** 2
        p_value, log10_p = chi_squared_p(z_squared, 1)
        ratio, lower, upper = np.exp([log_hazard_ratio, log_hazard_ratio - half, log_hazard_ratio + half]).tolist()
        return cls(log_hazard_ratio, standard_error, ratio, lower, upper, p_value, log10_p)


@dataclass(frozen=True, eq=False, slots=True)
class Interaction(Frozen):
    """The effect of a treatment by marker.

    Parameters
    ----------
    in_negative, in_positive : Contrast
        Treated against untreated among marker-negative and among marker-positive patients, from one model.
    interaction : Contrast
        The second hazard ratio over the first. Only this tells whether the marker changes the effect: that one of
        the two above is significant and the other not does not.
    likelihood_ratio : ChiSquaredTest
        Likelihood-ratio test of the interaction, one degree of freedom; the one to report. It exists also where one
        of the four groups has no event; NaN where one has no patient.
    separate_negative, separate_positive : Contrast
        The same from two models, one in each half of the patients, each with its own baseline hazard.
    separate_difference : Contrast
        The second over the first, the two halves being independent.
    marker_labels, treatment_labels : tuple
        Negative and positive; untreated and treated.
    n, events : arrays of int, shape (2, 2)
        Patients and events by marker (rows) and treatment (columns).
    converged : bool
        Every coefficient of the model with interaction was estimated.
    reason : str
        Why not; empty when ``converged``.
    """

    in_negative: Contrast
    in_positive: Contrast
    interaction: Contrast
    likelihood_ratio: ChiSquaredTest
    separate_negative: Contrast
    separate_positive: Contrast
    separate_difference: Contrast
    marker_labels: tuple[Any, ...]
    treatment_labels: tuple[Any, ...]
    n: Integers
    events: Integers
    converged: bool
    reason: str


def interaction(
    time: Any,
    event: Any,
    marker: Any,
    treatment: Any,
    *,
    covariates: Any = None,
    stratification_factors: Any = None,
    entry: Any = None,
) -> Interaction:
    """The effect of a treatment by marker, and whether it differs.

    Parameters
    ----------
    time : array-like of float, shape (n_patients,)
        Time of the event or of censoring.
    event : array-like of bool or 0/1, shape (n_patients,)
        1: event; 0: censored.
    marker, treatment : array-like, shape (n_patients,)
        Two labels each, such as 0 and 1; the second in sorted order is "positive" and "treated".
    covariates : array-like or pandas.DataFrame of numbers, shape (n_patients, n_covariates), optional
        Adjusted for in every model.
    stratification_factors : array-like, shape (n_patients,) or (n_patients, n_factors), optional
        Each combination has its own baseline hazard.
    entry : array-like of float, shape (n_patients,), optional
        Delayed entry (left truncation): at risk at t when entry < t <= time.

    Returns
    -------
    Interaction

    Raises
    ------
    ValueError
        Missing values or labels, lengths that differ, more than two labels, an entry not before its time.

    Notes
    -----
    Cox regression with Efron ties. R survival: ``coxph(Surv(time, event) ~ treatment * marker)``, its contrasts, and
    ``anova`` against ``treatment + marker``.
    """
    times, events, entries = checked(time, event, entry)
    marker_labels, positive = _two_labels(marker, "marker", times.size)
    treatment_labels, treated = _two_labels(treatment, "treatment", times.size)
    strata = strata_codes(stratification_factors, times.size)
    others = pd.DataFrame(index=range(times.size)) if covariates is None else pd.DataFrame(covariates)
    if len(others) != times.size:
        raise ValueError(f"covariates have {len(others)} rows, time has {times.size} values")

    def fit(columns: dict[str, Integers], own: Any = slice(None)) -> Cox:
        design = pd.concat([pd.DataFrame(columns, index=others.index), others], axis=1)
        entered = None if entries is None else entries[own]
        return cox(times[own], events[own], design[own], stratification_factors=strata[own], entry=entered)

    full = fit(
        {
            "treatment in negative": treated * (1 - positive),
            "treatment in positive": treated * positive,
            "marker": positive,
        }
    )
    main = fit({"treatment": treated, "marker": positive})
    degrees = full.likelihood_ratio.degrees_of_freedom - main.likelihood_ratio.degrees_of_freedom
    group = 2 * positive + treated
    n_events = np.bincount(group[events], minlength=4).reshape(2, 2)
    # where one half has no event at all nothing is known of the effect there, and the likelihoods are equal
    known = degrees and n_events.any(axis=1).all()
    gain = 2.0 * (full.log_likelihood - main.log_likelihood) if known else math.nan
    difference = np.array([-1.0, 1.0])
    error = math.sqrt(difference @ full.covariance[:2, :2] @ difference)
    halves = [fit({"treatment": treated}, positive == half) for half in (0, 1)]
    alone = [(float(half.coefficients[0]), float(half.standard_errors[0])) for half in halves]
    return Interaction(
        in_negative=Contrast.of(float(full.coefficients[0]), float(full.standard_errors[0])),
        in_positive=Contrast.of(float(full.coefficients[1]), float(full.standard_errors[1])),
        interaction=Contrast.of(float(difference @ full.coefficients[:2]), error),
        likelihood_ratio=chi_squared_test(gain, degrees),
        separate_negative=Contrast.of(*alone[0]),
        separate_positive=Contrast.of(*alone[1]),
        separate_difference=Contrast.of(alone[1][0] - alone[0][0], math.hypot(alone[0][1], alone[1][1])),
        marker_labels=marker_labels,
        treatment_labels=treatment_labels,
        n=np.bincount(group, minlength=4).reshape(2, 2),
        events=n_events,
        converged=full.converged,
        reason=full.reason,
    )


def _two_labels(labels: Any, name: str, n: int) -> tuple[tuple[Any, ...], Integers]:
    known, codes = label_codes(labels, name, n)
    if len(known) > 2:
        raise ValueError(f"{name} must have two labels, not {len(known)}: {', '.join(map(str, known[:5]))}")
    return known, codes
