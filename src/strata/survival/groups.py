"""From arrays to one comparison: two groups, ordered groups, or any groups. Decides what can be estimated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from strata.survival.kernels.cox import Cox, cox
from strata.survival.kernels.follow_up import follow_up
from strata.survival.kernels.kaplan_meier import kaplan_meier
from strata.survival.kernels.log_rank import log_rank, log_rank_trend
from strata.survival.result import Comparison, Group, HazardRatio

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.survival.kernels.log_rank import LogRank

__all__ = ["Adjustment", "Outcome", "adjusted_cox", "not_possible", "several_groups", "two_groups"]

FEW_PATIENTS, FEW_EVENTS = 20, 10
"""Below either, a note says that P and interval are approximate."""

NO_VARIANCE = "no event told the strata apart: the log-rank statistic has no variance"


@dataclass(frozen=True, eq=False, slots=True)
class Adjustment:
    """What a hazard ratio is adjusted for and a test is stratified by, row by row with the outcome.

    Parameters
    ----------
    covariates : DataFrame of float (n, k), optional
        Columns of the Cox model beside the groups; rows with NaN drop out of the Cox model only.
    stratification_factors : DataFrame (n, m), optional
        Crossed; the log-rank test and the Cox model are stratified by them (R's ``strata()``).
    """

    covariates: pd.DataFrame | None = None
    stratification_factors: pd.DataFrame | None = None

    def take(self, keep: NDArray[np.bool_]) -> Adjustment:
        """The rows ``keep``."""
        covariates, factors = self.covariates, self.stratification_factors
        return Adjustment(None if covariates is None else covariates[keep], None if factors is None else factors[keep])

    def complete(self) -> NDArray[np.bool_]:
        """Rows without a missing covariate; one True for all of them when there are no covariates."""
        if self.covariates is None:
            return np.ones(1, dtype=bool)
        return np.asarray(~self.covariates.isna().to_numpy(dtype=bool).any(axis=1))


@dataclass(frozen=True, eq=False, slots=True)
class Outcome:
    """Months and events of the patients who may be compared, and who of them lacks an assay.

    Parameters
    ----------
    time, event : arrays (n,)
        Months; True for an event, False for censored.
    adjustment : Adjustment
    """

    time: NDArray[np.float64]
    event: NDArray[np.bool_]
    adjustment: Adjustment


def two_groups(
    name: str,
    outcome: Outcome,
    *,
    positive: NDArray[np.bool_],
    reference: NDArray[np.bool_],
    labels: tuple[str, str],
    unknown: tuple[int, int] = (0, 0),
    notes: Sequence[str] = (),
) -> Comparison:
    """Compare ``positive`` with ``reference``: curves, log-rank, Cox hazard ratio, medians, follow-up.

    Parameters
    ----------
    name : str
        The row's ``comparison``.
    outcome : Outcome
    positive, reference : arrays of bool (n,)
        Disjoint; patients in neither are not compared.
    labels : (str, str)
        What the two strata are called.
    unknown : (int, int)
        ``n_unknown`` and ``n_not_assayed`` of the row.
    notes : sequence of str
    """
    keep = positive | reference
    time, event, adjustment = outcome.time[keep], outcome.event[keep], outcome.adjustment.take(keep)
    group = np.where(positive[keep], 0, 1)
    groups = _groups(time, event, group, labels)
    said = list(notes)
    reason = _why_not(groups)
    test = None if reason else _known(_log_rank(time, event, group, adjustment))
    hazard = None
    if not reason:
        if test is None:
            said.append(f"no log-rank test ({NO_VARIANCE})")
        reason = next((f"{g.label}: no event among {g.n} patients" for g in groups if g.events == 0), "")
        if not reason:
            hazard, reason = _hazard_ratio(time, event, group == 0, adjustment, said)
    if hazard is None:
        said.append(f"hazard ratio not estimable ({reason})")
    elif small := [f"{g.label} {g.n} patients, {g.events} events" for g in groups if _small(g)]:
        said.append(f"small group ({'; '.join(small)}): P and interval are approximate")
    return Comparison(
        name,
        groups,
        time,
        event,
        group,
        *unknown,
        hazard,
        test,
        _follow_up(time, event),
        hazard is not None,
        tuple(said),
    )


def several_groups(
    name: str,
    outcome: Outcome,
    members: Sequence[NDArray[np.bool_]],
    *,
    labels: Sequence[str],
    trend: bool = False,
    unknown: tuple[int, int] = (0, 0),
    notes: Sequence[str] = (),
) -> Comparison:
    """Curves of several strata and one log-rank test over all of them, without a hazard ratio.

    The test has the number of strata - 1 degrees of freedom; with ``trend`` it is the one for ordered strata, lowest
    first (scores 1, 2, 3 ..., 1 degree of freedom). The other parameters are those of ``two_groups``.
    """
    stacked = np.stack(members)
    keep = np.asarray(stacked.any(axis=0))
    group = stacked[:, keep].argmax(axis=0)
    time, event, adjustment = outcome.time[keep], outcome.event[keep], outcome.adjustment.take(keep)
    groups = _groups(time, event, group, labels)
    reason = _why_not(groups)
    test = None if reason else _known(_log_rank(time, event, group, adjustment, trend=trend))
    said = list(notes) if test else [*notes, f"not estimable ({reason or NO_VARIANCE})"]
    return Comparison(
        name,
        groups,
        time,
        event,
        group,
        *unknown,
        None,
        test,
        _follow_up(time, event),
        test is not None,
        tuple(said),
        None if trend else 0,
    )


def not_possible(name: str, reason: str, *, unknown: tuple[int, int] = (0, 0)) -> Comparison:
    """A row that says why nothing could be compared."""
    nothing = np.empty(0)
    nobody, no_group = nothing.astype(bool), nothing.astype(np.int64)
    positive = None if name == "trend" else 0
    return Comparison(name, (), nothing, nobody, no_group, *unknown, notes=(reason,), positive=positive)


def _groups(
    time: NDArray[np.float64], event: NDArray[np.bool_], group: NDArray[np.int64], labels: Sequence[str]
) -> tuple[Group, ...]:
    made = []
    for i, label in enumerate(labels):
        here = group == i
        made.append(Group(label, int(here.sum()), int(event[here].sum()), kaplan_meier(time[here], event[here])))
    return tuple(made)


def _why_not(groups: Sequence[Group]) -> str:
    """Why no test is possible at all; empty when one is."""
    if not any(group.n for group in groups):
        return "no patient has a known call and a known endpoint"
    if empty := [group.label for group in groups if group.n == 0]:
        return f"no patient in {', '.join(empty)}"
    return "" if any(group.events for group in groups) else f"no event in {sum(group.n for group in groups)} patients"


def _small(group: Group) -> bool:
    return group.n < FEW_PATIENTS or group.events < FEW_EVENTS


def _follow_up(time: NDArray[np.float64], event: NDArray[np.bool_]) -> float:
    return follow_up(time, event).median if time.size else float("nan")


def _log_rank(
    time: NDArray[np.float64],
    event: NDArray[np.bool_],
    group: NDArray[np.int64],
    adjustment: Adjustment,
    *,
    trend: bool = False,
) -> LogRank:
    test = log_rank_trend if trend else log_rank
    return test(time, event, group, stratification_factors=adjustment.stratification_factors)


def _known(test: LogRank) -> LogRank | None:
    return None if np.isnan(test.chi_squared) else test


def _hazard_ratio(
    time: NDArray[np.float64],
    event: NDArray[np.bool_],
    positive: NDArray[np.bool_],
    adjustment: Adjustment,
    notes: list[str],
) -> tuple[HazardRatio | None, str]:
    """The Cox hazard ratio of ``positive``, or why there is none; ``notes`` gets what it is adjusted for."""
    fit, said = adjusted_cox(time, event, pd.DataFrame({"stratum": positive.astype(float)}), adjustment)
    notes += said
    if not np.isfinite(fit.coefficients[0]):
        return None, fit.reason
    if fit.reason:
        notes.append(fit.reason)
    return HazardRatio(*(float(x[0]) for x in (fit.hazard_ratios, fit.lower, fit.upper, fit.p_values))), ""


def adjusted_cox(
    time: NDArray[np.float64], event: NDArray[np.bool_], columns: pd.DataFrame, adjustment: Adjustment
) -> tuple[Cox, list[str]]:
    """The Cox model of ``columns`` beside the covariates, within the stratification factors, and notes that say so."""
    covariates, factors = adjustment.covariates, adjustment.stratification_factors
    notes = []
    if covariates is not None:
        known = adjustment.complete()
        columns = pd.concat([columns, covariates.reset_index(drop=True)], axis=1).loc[known]
        time, event = time[known], event[known]
        factors = None if factors is None else factors.loc[known]
        notes.append(f"adjusted for {', '.join(covariates.columns)} in {time.size} patients, {event.sum()} events")
    if factors is not None:
        notes.append(f"hazard ratio and log-rank stratified by {', '.join(factors.columns)}")
    return cox(time, event, columns, stratification_factors=factors), notes
