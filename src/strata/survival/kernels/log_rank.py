"""The log-rank test: two or more groups, stratified, with delayed entry, and for trend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from strata.survival.kernels.chi_squared import chi_squared_p
from strata.survival.kernels.risk_table import (
    Booleans,
    Floats,
    as_floats,
    checked,
    label_codes,
    risk_table,
    strata_codes,
)

__all__ = ["LogRank", "log_rank", "log_rank_trend"]


@dataclass(frozen=True, eq=False, slots=True)
class LogRank:
    """A log-rank test.

    Parameters
    ----------
    chi_squared : float
        NaN when nothing could be compared: one group, no event, or never two groups at risk together.
    degrees_of_freedom : int
        Number of groups less one. A group that is never at risk together with another one at an event does not
        count; 0 when nothing could be compared.
    p_value, log10_p : float
        ``log10_p`` is exact even where ``p_value`` underflows to 0.
    observed, expected : arrays of float, shape (n_groups,)
        Events, over all strata.
    groups : tuple
        The group labels, sorted; the order of ``observed`` and ``expected``.
    n : array of int, shape (n_groups,)
        Patients per group.
    """

    chi_squared: float
    degrees_of_freedom: int
    p_value: float
    log10_p: float
    observed: Floats
    expected: Floats
    groups: tuple[Any, ...]
    n: np.typing.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Comparison:
    groups: tuple[Any, ...]
    n: np.typing.NDArray[np.int64]
    observed: Floats
    expected: Floats
    covariance: Floats

    def result(self, chi_squared: float, degrees_of_freedom: int) -> LogRank:
        p_value, log10_p = chi_squared_p(chi_squared, degrees_of_freedom)
        return LogRank(
            chi_squared, degrees_of_freedom, p_value, log10_p, self.observed, self.expected, self.groups, self.n
        )


def log_rank(time: Any, event: Any, group: Any, *, stratification_factors: Any = None, entry: Any = None) -> LogRank:
    """Log-rank test of equal survival in two or more groups.

    Parameters
    ----------
    time : array-like of float, shape (n_patients,)
        Time of the event or of censoring.
    event : array-like of bool or 0/1, shape (n_patients,)
        1: event; 0: censored. Patients censored at an event time are at risk at it.
    group : array-like, shape (n_patients,)
        Labels of the groups compared.
    stratification_factors : array-like, shape (n_patients,) or (n_patients, n_factors), optional
        Factors of the test: observed less expected and its covariance are added over their combinations.
    entry : array-like of float, shape (n_patients,), optional
        Delayed entry (left truncation): at risk at t when entry < t <= time.

    Returns
    -------
    LogRank

    Raises
    ------
    ValueError
        Missing values or labels, lengths that differ, an entry not before its time.

    Notes
    -----
    Exact (hypergeometric) covariance under ties. R survival: ``survdiff(Surv(time, event) ~ group +
    strata(stratification_factors))``. Near-tied times are one time (``rank_times``).
    """
    compared = _compare(time, event, group, stratification_factors, entry)
    kept = _independent(compared.covariance != 0.0)
    if not kept.any():
        return compared.result(float("nan"), 0)
    excess = (compared.observed - compared.expected)[kept]
    chi_squared = float(excess @ np.linalg.solve(compared.covariance[np.ix_(kept, kept)], excess))
    return compared.result(chi_squared, int(kept.sum()))


def log_rank_trend(
    time: Any,
    event: Any,
    group: Any,
    *,
    scores: Sequence[float] | Floats | None = None,
    stratification_factors: Any = None,
) -> LogRank:
    """Log-rank test for trend over ordered groups, one degree of freedom.

    Parameters
    ----------
    time, event, group, stratification_factors : array-like
        As for ``log_rank``.
    scores : array-like of float, shape (n_groups,), optional
        One score per group, in the sorted order of the labels; 1, 2, 3, ... by default.

    Returns
    -------
    LogRank

    Raises
    ------
    ValueError
        As ``log_rank``; scores of another number than the groups, or not finite.

    Notes
    -----
    Tarone 1975: (sum a (O - E))^2 / a'Va, from the parts of R's ``survdiff``.
    """
    compared = _compare(time, event, group, stratification_factors, None)
    n_groups = len(compared.groups)
    score = np.arange(1.0, n_groups + 1.0) if scores is None else as_floats(scores)
    if score.shape != (n_groups,) or not np.isfinite(score).all():
        raise ValueError(f"scores must be {n_groups} finite numbers, one per group, not {scores!r}")
    score = score - score[:1]
    variance = float(score @ compared.covariance @ score)
    if variance <= 0.0:
        return compared.result(float("nan"), 0)
    return compared.result(float(score @ (compared.observed - compared.expected)) ** 2 / variance, 1)


def _compare(time: Any, event: Any, group: Any, factors: Any, entry: Any) -> _Comparison:
    times, events, entries = checked(time, event, entry)
    groups, codes = label_codes(group, "group", times.size)
    table = risk_table(times, events, entry=entries, strata=strata_codes(factors, times.size))
    at_risk, observed = table.counts(codes, len(groups))
    total, deaths = at_risk.sum(axis=0), observed.sum(axis=0)
    share = at_risk / total
    weight = deaths * (total - deaths) / np.maximum(total - 1, 1)
    covariance = np.diag(share @ weight) - (share * weight) @ share.T
    return _Comparison(
        groups,
        np.bincount(codes, minlength=len(groups)),
        observed.sum(axis=1).astype(float),
        share @ deaths.astype(float),
        covariance,
    )


def _independent(compared: Booleans) -> Booleans:
    """All groups but one of every set of groups that are linked by having been at risk together.

    The covariance is the Laplacian of that graph, so what is left of it is exactly invertible.
    """
    groups = np.arange(compared.shape[0])
    linked = compared | np.eye(groups.size, dtype=bool)
    label, smallest = groups, np.where(linked, groups, groups.size).min(axis=1, initial=groups.size)
    while not np.array_equal(label, smallest):
        label, smallest = smallest, np.where(linked, smallest, groups.size).min(axis=1, initial=groups.size)
    return np.not_equal(label, groups)
