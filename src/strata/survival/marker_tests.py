"""The tests of two groups: log-rank, Cox hazard ratio and its proportionality, by one preparation of the outcome."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import isnan, nan
from typing import TYPE_CHECKING

import numpy as np

from strata.survival.kernels.chi_squared import chi_squared_p, chi_squared_test
from strata.survival.kernels.cox import Cox, cox
from strata.survival.kernels.log_rank import LogRank
from strata.survival.model_rows import ModelRows
from strata.survival.multivariable import Term
from strata.survival.non_proportional import ph_test, ph_tests, ph_warning
from strata.survival.result import HazardRatio

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.survival.groups import Outcome
    from strata.survival.kernels.many_groups import ManyGroups

__all__ = ["MarkerTests", "adjusted_terms", "marker_tests"]


@dataclass(frozen=True, eq=False, slots=True)
class MarkerTests:
    """What was found out about two groups.

    Parameters
    ----------
    log_rank : LogRank or None
        None where no event told the groups apart.
    hazard_ratio : HazardRatio or None
        Of the positive group against the reference.
    reason : str
        Why there is no hazard ratio, or what its model lacks; empty when all is well.
    ph_p : float
        Grambsch and Therneau's test of the marker.
    ph_said : str
        What a reader of the hazard ratio needs to know of it; else empty.
    terms : tuple of Term
        The marker and each covariate; nothing without covariates.
    crude : HazardRatio or None
        Where ``hazard_ratio`` is adjusted for covariates: without them, in all patients compared.
    """

    log_rank: LogRank | None
    hazard_ratio: HazardRatio | None = None
    reason: str = ""
    ph_p: float = nan
    ph_said: str = ""
    terms: tuple[Term, ...] = ()
    crude: HazardRatio | None = None


def marker_tests(
    outcome: Outcome,
    positive: NDArray[np.bool_],
    compared: NDArray[np.bool_],
    model: Callable[[], ModelRows],
    silent: str,
) -> MarkerTests:
    """Test two groups.

    Parameters
    ----------
    outcome : Outcome
        Prepared once for every comparison of its patients.
    positive, compared : arrays of bool (n,)
        Who is in the positive group; who is in either.
    model : callable
        Makes the Cox model of those compared, which the covariates and what cannot be estimated ask for.
    silent : str
        Which group has no event and so no hazard ratio; empty when both have one.
    """
    many = outcome.compare(positive, compared)
    test = _log_rank(many)
    hazard = None
    if not silent and not many.missing[0]:
        hazard = HazardRatio.of(float(many.coefficients[0]), float(many.standard_errors[0]))
    if outcome.adjustment.covariates is not None:
        return replace(_adjusted(test, model(), silent), crude=hazard)
    if silent:
        return MarkerTests(test, reason=silent)
    if hazard is None:
        rows = model()
        return MarkerTests(test, reason=cox(*rows.data, **rows.more).reason)
    return MarkerTests(test, hazard, "", *_proportional(many, model))


def _log_rank(many: ManyGroups) -> LogRank | None:
    """The log-rank test of the first comparison, the positive group first; None without variance."""
    if isnan(many.chi_squared[0]):
        return None
    both = [
        np.array([one[0], whole - one[0]])
        for one, whole in (
            (many.observed, many.events[0]),
            (many.expected, many.events[0]),
            (many.n_positive, many.n[0]),
        )
    ]
    return LogRank(
        *chi_squared_test(float(many.chi_squared[0]), 1),
        observed=both[0],
        expected=both[1],
        groups=(0, 1),
        n=both[2],
        covariance=float(many.variance[0]) * np.array([[1.0, -1.0], [-1.0, 1.0]]),
        weights="log-rank",
    )


def _proportional(many: ManyGroups, model: Callable[[], ModelRows]) -> tuple[float, str]:
    statistic = float(many.ph_chi_squared[0])
    if isnan(statistic):  # the test of the one model tells why, or finds another scale of time
        return ph_test(model())
    p_value = chi_squared_p(statistic, 1)[0]
    return p_value, ph_warning(p_value)


def _adjusted(test: LogRank | None, model: ModelRows, silent: str) -> MarkerTests:
    """With the hazard ratio of the marker beside the covariates."""
    fit = cox(*model.data, **model.more)
    hazard = None if silent else HazardRatio.of_model(fit, 0)
    reason = silent or fit.reason
    terms = adjusted_terms(model, fit, hazard, reason)
    return MarkerTests(test, hazard, reason, *(ph_test(model) if hazard else (nan, "")), terms)


def adjusted_terms(model: ModelRows, fit: Cox | None, marker: HazardRatio | None, reason: str) -> tuple[Term, ...]:
    """The marker, which is estimated or not for ``reason``, and each covariate; nothing without covariates."""
    names = [str(name) for name in model.data[2].columns]
    if len(names) == 1:
        return ()
    hazards = [marker, *(None if fit is None else HazardRatio.of_model(fit, column) for column in range(1, len(names)))]
    reasons = [reason, *[reason if fit is None else fit.reason] * (len(names) - 1)]
    tested = np.full(len(names), np.nan)
    if any(hazards):
        tested = ph_tests(model).p_values
    n, events = int(model.data[0].size), int(model.data[1].sum())
    return tuple(
        Term(name, n, events, hazard, float(p)) if hazard else Term(name, n, events, None, note=why)
        for name, hazard, p, why in zip(names, hazards, tested, reasons)
    )
