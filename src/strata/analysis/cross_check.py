"""A second opinion: every curve, log-rank test and hazard ratio of a run, computed again by lifelines."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from strata.survival import FOUR_GROUPS

if TYPE_CHECKING:
    from strata.survival import Comparison, SurvivalComparison

__all__ = ["CrossCheck", "cross_check"]

_PRECISION = {"precision": 1e-18, "r_precision": 1e-18, "max_steps": 200}
"""Of the squared Newton decrement; lifelines' own stops with a coefficient still 1e-5 off."""

_NEAR_ZERO = 1e-8


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """How far lifelines is from strata: the largest relative difference of each kind of number, and how many agree.

    Parameters
    ----------
    curves, log_rank, hazard_ratio : float
        Largest relative difference; 0 when nothing was compared.
    compared : int
        Numbers that both computed (a curve counts once).
    skipped : int
        Numbers that lifelines has no equivalent for (stratified and trend tests, adjusted models,
        searched cut-points, delayed entry, curves with competing events) or could not fit.
    """

    curves: float = 0.0
    log_rank: float = 0.0
    hazard_ratio: float = 0.0
    compared: int = 0
    skipped: int = 0

    @property
    def largest(self) -> float:
        """The largest relative difference of all."""
        return max(self.curves, self.log_rank, self.hazard_ratio)

    def __add__(self, other: CrossCheck) -> CrossCheck:
        return CrossCheck(
            max(self.curves, other.curves),
            max(self.log_rank, other.log_rank),
            max(self.hazard_ratio, other.hazard_ratio),
            self.compared + other.compared,
            self.skipped + other.skipped,
        )


def cross_check(results: Iterable[SurvivalComparison], *, adjusted: bool = False) -> CrossCheck:
    """Compute every number again with lifelines, at a precision of 1e-12.

    Parameters
    ----------
    results : iterable of SurvivalComparison
    adjusted : bool
        The hazard ratios are adjusted or the tests stratified; those are then skipped and counted.
    """
    total = CrossCheck()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # lifelines warns of what strata has already said in its notes
        for result in results:
            for comparison in result.comparisons:
                if comparison.entry is not None:  # lifelines has no log-rank test for it and refuses some curves
                    tests = (comparison.log_rank, comparison.hazard_ratio)
                    total += CrossCheck(skipped=len(comparison.groups) + sum(test is not None for test in tests))
                    continue
                total += _curves(comparison) + _log_rank(comparison, adjusted) + _hazard_ratio(comparison, adjusted)
    return total


def _difference(ours: Any, theirs: Any) -> float:
    """The largest relative difference; infinite where only one of the two has a number."""
    a, b = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    # a number near 0 is a difference of larger ones and has only rounding errors: no relative size
    relative = np.abs(a - b) / np.maximum(np.abs(a), _NEAR_ZERO)
    return float(np.where(np.isnan(a) & np.isnan(b), 0.0, np.nan_to_num(relative, nan=np.inf)).max(initial=0.0))


def _curves(comparison: Comparison) -> CrossCheck:
    from lifelines import KaplanMeierFitter

    total = CrossCheck()
    if comparison.name in ("interaction", "expected_both_vs_neither"):
        return total  # the curves of four_groups once more
    if comparison.competing is not None:  # lifelines moves tied times at random before it estimates an incidence
        return CrossCheck(skipped=len(comparison.groups))
    for i, group in enumerate(comparison.groups):
        here = comparison.group == i
        if not here.any():
            continue
        theirs = KaplanMeierFitter().fit(comparison.time[here], comparison.event[here])
        survival = theirs.survival_function_at_times(group.curve.times).to_numpy()
        total += CrossCheck(curves=_difference(group.curve.survival, survival), compared=1)
    return total


def _log_rank(comparison: Comparison, adjusted: bool) -> CrossCheck:
    from lifelines.statistics import multivariate_logrank_test

    if comparison.log_rank is None:
        return CrossCheck()
    if adjusted or comparison.positive is None or comparison.searched:
        return CrossCheck(skipped=1)
    theirs = multivariate_logrank_test(comparison.time, comparison.group, comparison.event)
    return CrossCheck(log_rank=_difference(comparison.log_rank.chi_squared, theirs.test_statistic), compared=1)


def _hazard_ratio(comparison: Comparison, adjusted: bool) -> CrossCheck:
    from lifelines import CoxPHFitter
    from lifelines.exceptions import ConvergenceError

    if comparison.hazard_ratio is None:
        return CrossCheck()
    if adjusted or comparison.searched or not comparison.groups:
        return CrossCheck(skipped=1)
    table = pd.DataFrame({"time": comparison.time, "event": comparison.event})
    if comparison.name in ("interaction", "expected_both_vs_neither", "treatment_interaction"):
        group = comparison.group
        both, first, second = (group == FOUR_GROUPS.index(name) for name in FOUR_GROUPS[:3])
        table["first"], table["second"] = (both | first).astype(float), (both | second).astype(float)
        if not comparison.event[both].any():
            table = table[~both]
        else:
            table["product"] = both.astype(float)
    else:
        table["positive"] = (comparison.group == 0).astype(float)
    try:
        fit = CoxPHFitter().fit(table, "time", "event", fit_options=_PRECISION)
    except ConvergenceError:
        return CrossCheck(skipped=1)
    columns = {
        "interaction": ["product"],
        "treatment_interaction": ["product"],
        "expected_both_vs_neither": ["first", "second"],
    }
    wanted = columns.get(comparison.name, ["positive"])
    theirs = float(np.exp(fit.params_[wanted].sum()))
    return CrossCheck(hazard_ratio=_difference(comparison.hazard_ratio.value, theirs), compared=1)
