"""The log-rank test: two or more groups, weighted, stratified, with delayed entry, and for trend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from strata.survival.kernels.chi_squared import chi_squared_test
from strata.survival.kernels.frozen import Frozen
from strata.survival.kernels.log_rank_weights import LogRankWeights
from strata.survival.kernels.risk_table import (
    Booleans,
    Floats,
    Integers,
    as_floats,
    checked,
    label_codes,
    risk_table,
    strata_codes,
)

__all__ = ["LogRank", "log_rank", "log_rank_trend"]


@dataclass(frozen=True, eq=False, slots=True)
class LogRank(Frozen):
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
        Events, over all strata; with weights their weighted sums.
    groups : tuple
        The group labels, sorted; the order of ``observed`` and ``expected``.
    n : array of int, shape (n_groups,)
        Patients per group.
    covariance : array of float, shape (n_groups, n_groups)
        Of ``observed`` less ``expected``.
    weights : str
        The test of the family, with its rho and gamma.
    """

    chi_squared: float
    degrees_of_freedom: int
    p_value: float
    log10_p: float
    observed: Floats
    expected: Floats
    groups: tuple[Any, ...]
    n: Integers
    covariance: Floats
    weights: str


def log_rank(
    time: Any,
    event: Any,
    group: Any,
    *,
    stratification_factors: Any = None,
    weights: str | tuple[str, float, float] = "log-rank",
    entry: Any = None,
) -> LogRank:
    """Log-rank test of equal survival in two or more groups, or one of its weighted relatives.

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
    weights : str or tuple
        What an event at t counts, with n at risk, d events and the Kaplan-Meier estimate S of everybody in the stratum:
        ``"log-rank"`` 1; ``"gehan"`` (generalised Wilcoxon, Breslow) n; ``"tarone-ware"`` sqrt(n); ``"peto"`` S just
        before t; ``"peto-modified"`` (Andersen) the product of 1 - d / (n + 1) up to and including t;
        ``"fleming-harrington(rho, gamma)"``, also ``("fleming-harrington", rho, gamma)``, S^rho (1 - S)^gamma just
        before t. To be chosen before the data are seen.
    entry : array-like of float, shape (n_patients,), optional
        Delayed entry (left truncation): at risk at t when entry < t <= time.

    Returns
    -------
    LogRank

    Raises
    ------
    ValueError
        Missing values or labels, lengths that differ, an entry not before its time, unknown weights.

    Notes
    -----
    Exact (hypergeometric) covariance under ties. R survival: ``survdiff(Surv(time, event) ~ group +
    strata(stratification_factors))``, for ``"peto"`` with ``rho = 1``; near-tied times are one time (``rank_times``).
    ``"peto"`` of lifelines is ``"peto-modified"`` here; statsmodels ignores gamma, and its p is 0 below 1e-16. Sources:
    Fleming and Harrington 1991, chapter 7; Tarone and Ware 1977; Peto and Peto 1972; Andersen et al. 1993, V.2.
    """
    parts = _compare(time, event, group, stratification_factors, entry, LogRankWeights.read(weights))
    kept = _independent(parts.covariance != 0.0)
    if not kept.any():
        return parts
    excess = (parts.observed - parts.expected)[kept]
    chi_squared = float(excess @ np.linalg.solve(parts.covariance[np.ix_(kept, kept)], excess))
    return _tested(parts, chi_squared, int(kept.sum()))


def log_rank_trend(
    time: Any,
    event: Any,
    group: Any,
    *,
    scores: Sequence[float] | Floats | None = None,
    stratification_factors: Any = None,
    entry: Any = None,
) -> LogRank:
    """Log-rank test for trend over ordered groups, one degree of freedom.

    Parameters
    ----------
    time, event, group, stratification_factors, entry : array-like
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
    parts = _compare(time, event, group, stratification_factors, entry, LogRankWeights.read("log-rank"))
    n_groups = len(parts.groups)
    score = np.arange(1.0, n_groups + 1.0) if scores is None else as_floats(scores)
    if score.shape != (n_groups,) or not np.isfinite(score).all():
        raise ValueError(f"scores must be {n_groups} finite numbers, one per group, not {scores!r}")
    score = score - score[:1]
    variance = float(score @ parts.covariance @ score)
    if variance <= 0.0:
        return parts
    return _tested(parts, float(score @ (parts.observed - parts.expected)) ** 2 / variance, 1)


def _compare(time: Any, event: Any, group: Any, factors: Any, entry: Any, weights: LogRankWeights) -> LogRank:
    """Observed, expected and covariance, not tested yet."""
    times, events, entries = checked(time, event, entry)
    groups, codes = label_codes(group, "group", times.size)
    table = risk_table(times, events, entry=entries, strata=strata_codes(factors, times.size))
    at_risk, observed = table.counts(codes, len(groups))
    total, deaths = at_risk.sum(axis=0), observed.sum(axis=0)
    share = at_risk / total
    weight = weights.at(total, deaths, table.stratum)
    variance = weight**2 * deaths * (total - deaths) / np.maximum(total - 1, 1)
    return LogRank(
        *chi_squared_test(float("nan"), 0),
        observed=observed @ weight,
        expected=share @ (weight * deaths),
        groups=groups,
        n=np.bincount(codes, minlength=len(groups)),
        covariance=np.diag(share @ variance) - (share * variance) @ share.T,
        weights=weights.name,
    )


def _tested(parts: LogRank, chi_squared: float, degrees_of_freedom: int) -> LogRank:
    """The parts with the test made of them."""
    return replace(parts, **chi_squared_test(chi_squared, degrees_of_freedom)._asdict())


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
