"""Gray's test: do groups differ in the cumulative incidence of a cause."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from strata.survival.kernels.chi_squared import chi_squared_p
from strata.survival.kernels.cumulative_incidence import checked_causes
from strata.survival.kernels.frozen import Frozen
from strata.survival.kernels.risk_table import Floats, Integers, label_codes, risk_table, strata_codes

__all__ = ["Gray", "gray_test"]

SINGULAR = 1e-9
"""Directions of the covariance smaller than this share of its largest one hold rounding only."""


@dataclass(frozen=True, eq=False, slots=True)
class Gray(Frozen):
    """Gray's test of every cause.

    Parameters
    ----------
    causes : tuple of int
        The codes of the causes seen, ascending; the order of the arrays.
    chi_squared, p_values, log10_p : arrays of float, shape (n_causes,)
        NaN when nothing could be compared: one group, never two groups at risk together at an event of the cause, or
        nearly all events of a few patients at one time.
    degrees_of_freedom : array of int, shape (n_causes,)
        Number of groups less one; less where groups were never at risk together, 0 when nothing could be compared.
    groups : tuple
        The group labels, sorted.
    n : array of int, shape (n_groups,)
        Patients per group.
    observed : array of int, shape (n_causes, n_groups)
        Events of each cause.
    """

    causes: tuple[int, ...]
    chi_squared: Floats
    degrees_of_freedom: Integers
    p_values: Floats
    log10_p: Floats
    groups: tuple[Any, ...]
    n: Integers
    observed: Integers


@dataclass(frozen=True, slots=True)
class _Counts:
    """One stratum: numbers per group and event time (of any cause), shape (n_groups, n_times)."""

    at_risk: Integers
    events: Integers
    others: Integers


def gray_test(time: Any, cause: Any, group: Any, *, stratification_factors: Any = None) -> Gray:
    """Gray's test of equal cumulative incidence in two or more groups, for every cause.

    Parameters
    ----------
    time : array-like of float, shape (n_patients,)
        Time of the first event of any cause, or of censoring.
    cause : array-like of int, shape (n_patients,)
        0: censored; 1, 2, ...: the cause of the event.
    group : array-like, shape (n_patients,)
        Labels of the groups compared.
    stratification_factors : array-like, shape (n_patients,) or (n_patients, n_factors), optional
        Scores and their covariances are added over the combinations of the factors.

    Returns
    -------
    Gray

    Raises
    ------
    ValueError
        Missing values or labels, lengths that differ, causes that are no whole numbers from 0.

    Notes
    -----
    Gray 1988 with rho = 0. R's ``cmprsk::cuminc(time, cause, group, strata)$Tests`` gives the same numbers. A log-rank
    test that censors the other causes tests another thing: equal cause-specific hazards. Near-tied times are one time
    (``rank_times``).
    """
    times, codes = checked_causes(time, cause)
    groups, members = label_codes(group, "group", times.size)
    strata = strata_codes(stratification_factors, times.size)
    causes = np.unique(codes[codes > 0])
    found = [_test(times, codes, one, members, len(groups), strata) for one in causes]
    chi_squared, degrees = np.array(found, dtype=np.float64).reshape(-1, 2).T
    p_values = np.array([chi_squared_p(*test) for test in found], dtype=np.float64).reshape(-1, 2)
    return Gray(
        tuple(causes.tolist()),
        chi_squared,
        degrees.astype(np.int64),
        p_values[:, 0],
        p_values[:, 1],
        groups,
        np.bincount(members, minlength=len(groups)),
        np.array([np.bincount(members[codes == one], minlength=len(groups)) for one in causes], dtype=np.int64),
    )


def _test(
    times: Floats, codes: Integers, cause: int, members: Integers, n_groups: int, strata: Integers
) -> tuple[float, int]:
    """Chi-squared statistic and degrees of freedom of one cause."""
    score, covariance = np.zeros(n_groups), np.zeros((n_groups, n_groups))
    for stratum in np.unique(strata):
        own = strata == stratum
        table = risk_table(times[own], codes[own] > 0, strata=np.zeros(int(own.sum()), dtype=np.int64))
        at_risk, all_events = table.counts(members[own], n_groups)
        events = replace(table, event=codes[own] == cause).counts(members[own], n_groups)[1]
        added = _score(_Counts(at_risk, events, all_events - events))
        score, covariance = score + added[0], covariance + added[1]
    sizes, directions = np.linalg.eigh(covariance)
    kept = abs(sizes) > SINGULAR * abs(sizes).max(initial=0.0)
    if not kept.any() or (sizes[kept] < 0.0).any():  # the correction for ties may exceed the variance of few patients
        return float("nan"), 0
    return float(((score @ directions[:, kept]) ** 2 / sizes[kept]).sum()), int(kept.sum())


def _score(counts: _Counts) -> tuple[Floats, Floats]:
    """Score of each group, (n_groups,), and their covariance, in the notation of Gray 1988, sections 2 and 3."""
    at_risk, events = counts.at_risk, counts.events
    free, free_before = _event_free(counts)
    incidence = np.cumsum(free_before * np.divide(events, at_risk, out=np.zeros(free.shape), where=at_risk > 0), axis=1)
    incidence_before = np.concatenate([np.zeros((len(free), 1)), incidence], axis=1)[:, :-1]
    # h: how many were at risk had nobody had an event; subjects: how many had nobody had another cause
    h = np.divide(at_risk, free_before, out=np.zeros(free.shape), where=at_risk > 0)
    subjects, total, deaths = h * (1.0 - incidence_before), h.sum(axis=0), events.sum(axis=0)
    score = (events - deaths * subjects / subjects.sum(axis=0)).sum(axis=1)
    pooled = np.cumsum(deaths / total)
    at_stake = total * (1.0 - np.concatenate([[0.0], pooled])[:-1])
    hazard = np.divide(deaths, at_stake, out=np.zeros_like(total), where=at_stake != 0.0)
    a = h[:, np.newaxis] * (np.eye(len(h))[:, :, np.newaxis] - h / total)
    c = np.cumsum(a * hazard, axis=2)
    to_come = c[:, :, -1:] - c
    ratio = np.divide(1.0 - pooled, free, out=np.zeros(free.shape), where=free > 0.0)
    own = a + np.where(free > 0.0, 1.0 - ratio, 1.0) * to_come
    covariance = np.einsum("ikt,jkt,kt->ij", own, own, _variance_of_events(counts, free_before, total))
    other = ratio * to_come
    return score, covariance + np.einsum("ikt,jkt,kt->ij", other, other, _variance_of_others(counts, free_before))


def _event_free(counts: _Counts) -> tuple[Floats, Floats]:
    """Kaplan-Meier estimate of no event of any cause, at and just before each time."""
    left = counts.events + counts.others
    share = np.divide(left, counts.at_risk, out=np.zeros(left.shape), where=counts.at_risk > 0)
    free = np.cumprod(1.0 - share, axis=1)
    return free, np.concatenate([np.ones((len(free), 1)), free], axis=1)[:, :-1]


def _variance_of_events(counts: _Counts, free_before: Floats, total: Floats) -> Floats:
    """Of the events of the cause under equal incidence: all groups estimate their number together."""
    deaths, anyone = counts.events.sum(axis=0), counts.at_risk > 0
    size = total * free_before  # everybody at risk, on the scale of the group
    tied = 1.0 - np.divide(deaths - 1, size - 1.0, out=np.zeros(size.shape), where=anyone & (deaths > 1))
    number = tied * free_before * deaths
    variance: Floats = np.divide(number, total * counts.at_risk, out=np.zeros(size.shape), where=anyone)
    return variance


def _variance_of_others(counts: _Counts, free_before: Floats) -> Floats:
    """Of the events of the other causes in each group."""
    tied = 1.0 - np.maximum(counts.others - 1, 0) / np.maximum(counts.at_risk - 1, 1)
    variance: Floats = tied * free_before**2 * counts.others / np.maximum(counts.at_risk, 1) ** 2
    return variance
