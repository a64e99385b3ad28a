"""From arrays to one comparison: two groups, ordered groups, or any groups. Decides what can be estimated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from strata.cohort.findings import count
from strata.survival.checks import CheckOptions, Checks
from strata.survival.competing import free_of_the_event, gray_beside
from strata.survival.kernels.cox import Cox, cox
from strata.survival.kernels.follow_up import follow_up
from strata.survival.kernels.kaplan_meier import KaplanMeier, kaplan_meier
from strata.survival.kernels.log_rank import log_rank, log_rank_trend
from strata.survival.kernels.many_groups import ManyGroups, compare_many_groups
from strata.survival.kernels.prepared import PreparedOutcome
from strata.survival.kernels.risk_table import strata_codes
from strata.survival.marker_tests import MarkerTests, adjusted_terms, marker_tests
from strata.survival.model_rows import AdjustedModel, ModelRows, factors_in_words
from strata.survival.non_proportional import restricted_means_beside
from strata.survival.result import Comparison, Group
from strata.survival.sparse import firth_beside, permutation_beside, sparse_groups

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.survival.kernels.log_rank import LogRank

__all__ = ["Adjustment", "Outcome", "adjusted_cox", "not_possible", "several_groups", "two_groups"]

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
    names : tuple of str
        The clinical columns that the covariates are made of.
    """

    covariates: pd.DataFrame | None = None
    stratification_factors: pd.DataFrame | None = None
    names: tuple[str, ...] = ()

    def take(self, keep: NDArray[np.bool_]) -> Adjustment:
        """The rows ``keep``."""
        covariates, factors = self.covariates, self.stratification_factors
        return Adjustment(
            None if covariates is None else covariates[keep], None if factors is None else factors[keep], self.names
        )

    @property
    def is_asked_for(self) -> bool:
        """Whether there are covariates or stratification factors."""
        return self.covariates is not None or self.stratification_factors is not None

    def complete(self) -> NDArray[np.bool_]:
        """Rows without a missing covariate; one True for all of them when there are no covariates."""
        if self.covariates is None:
            return np.ones(1, dtype=bool)
        return np.asarray(~self.covariates.isna().to_numpy(dtype=bool).any(axis=1))


@dataclass(frozen=True, eq=False)
class Outcome:
    """Months and events of the patients who may be compared, and who of them lacks an assay.

    Parameters
    ----------
    time, event : arrays (n,)
        Months; True for an event, False for censored.
    adjustment : Adjustment
    entry : array (n,), optional
        Months at which patients come under observation (left truncation).
    checks : CheckOptions
        What is computed beside the log-rank test and the hazard ratio, and when.
    competing : array of bool (n,), optional
        Who has a competing event: censored in log-rank test and Cox model, counted in the curves.
    """

    time: NDArray[np.float64]
    event: NDArray[np.bool_]
    adjustment: Adjustment
    entry: NDArray[np.float64] | None = None
    checks: CheckOptions = field(default_factory=CheckOptions)
    competing: NDArray[np.bool_] | None = None

    def take(self, keep: NDArray[np.bool_]) -> Outcome:
        """The patients ``keep``; all of them are this outcome itself, with what was prepared of it."""
        if keep.all():
            return self
        entry = None if self.entry is None else self.entry[keep]
        competing = None if self.competing is None else self.competing[keep]
        return Outcome(self.time[keep], self.event[keep], self.adjustment.take(keep), entry, self.checks, competing)

    @cached_property
    def prepared(self) -> PreparedOutcome:
        """Sorted once for every comparison of these patients."""
        strata = strata_codes(self.adjustment.stratification_factors, self.time.size)
        return PreparedOutcome.of(self.time, self.event, strata, self.entry)

    @cached_property
    def _tested(self) -> dict[bytes, ManyGroups]:
        return {}

    def compare(self, positive: NDArray[np.bool_], compared: NDArray[np.bool_]) -> ManyGroups:
        """Test ``positive`` against the others of those ``compared``, both arrays of bool (n,)."""
        key = _key(positive, compared)
        if key not in self._tested:
            self.compare_together([(positive, compared)])
        return self._tested[key]

    def compare_together(self, pairs: Sequence[tuple[NDArray[np.bool_], NDArray[np.bool_]]]) -> None:
        """Test several pairs of (positive, compared) in one go, for ``compare`` to look up."""
        positive, compared = (np.stack(masks) for masks in zip(*pairs))
        many = compare_many_groups(self.prepared, positive, None if compared.all() else compared)
        self._tested.update((_key(*pair), many.row(i)) for i, pair in enumerate(pairs))

    @cached_property
    def follow_up(self) -> float:
        """Median follow-up in months by the reverse Kaplan-Meier method; NaN when not reached."""
        if self.entry is not None:
            return kaplan_meier(self.time, ~self.event, entry=self.entry).median
        ended = self.event if self.competing is None else self.event | self.competing
        return follow_up(self.time, ended).median if self.time.size else float("nan")

    def curve(self) -> KaplanMeier:
        """Of all these patients: Kaplan-Meier, or one minus the cumulative incidence with competing events."""
        if self.competing is not None and self.time.size:
            return free_of_the_event(self.time, self.event, self.competing)
        return kaplan_meier(self.time, self.event, entry=self.entry)


def _key(positive: NDArray[np.bool_], compared: NDArray[np.bool_]) -> bytes:
    return positive.tobytes() + compared.tobytes()


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
    own = outcome.take(keep)
    group = np.where(positive[keep], 0, 1)
    groups = _groups(own, group, labels)
    model = cache(lambda: ModelRows.of(own, pd.DataFrame({f"{labels[0]} vs {labels[1]}": (group == 0).astype(float)})))
    said, remarks, checks = list(notes), [""], Checks()
    if reason := _why_not(groups):
        tests = MarkerTests(None, reason=reason, terms=adjusted_terms(model(), None, None, reason))
    else:
        tests = marker_tests(outcome, positive, keep, model, _silent(groups))
        if tests.log_rank is None:
            said.append(f"no log-rank test ({NO_VARIANCE})")
        said += model().notes if own.adjustment.is_asked_for else []
        checks, remarks = _checks(own, group, groups, model, tests)
    hazard = tests.hazard_ratio
    said.append(tests.reason if hazard else f"hazard ratio not estimable ({tests.reason})")
    return Comparison(
        name,
        groups,
        own.time,
        own.event,
        group,
        *unknown,
        hazard,
        tests.log_rank,
        own.follow_up,
        hazard is not None,
        tuple(filter(None, [*said, *remarks])),
        checks=checks,
        entry=own.entry,
        competing=own.competing,
        terms=tests.terms,
        adjusted=AdjustedModel.of(own, tests.crude),
    )


def _checks(
    own: Outcome,
    group: NDArray[np.int64],
    groups: Sequence[Group],
    model: Callable[[], ModelRows],
    tests: MarkerTests,
) -> tuple[Checks, list[str]]:
    """What stands beside the test and the hazard ratio of two groups, and what must be said about it."""
    found: dict[str, Any] = gray_beside(own, group)
    remarks = []
    if small := sparse_groups(groups, own.checks):
        permutation, how = permutation_beside(own, group)
        penalised, firths = firth_beside(model())
        remarks += [f"small group ({small}): log-rank P and Wald interval are approximate", how, firths]
        found |= permutation | penalised
    means, sentence = restricted_means_beside(tests.ph_p, own, group == 0, (groups[0].label, groups[1].label))
    remarks.append("; ".join(filter(None, [tests.ph_said, sentence])))
    return Checks(**found, ph_p=tests.ph_p, **means), remarks


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
    own = outcome.take(keep)
    groups = _groups(own, group, labels)
    reason = _why_not(groups)
    test = None if reason else _known(_log_rank(own, group, trend=trend))
    said = list(notes) if test else [*notes, f"not estimable ({reason or NO_VARIANCE})"]
    if test and (factors := own.adjustment.stratification_factors) is not None:
        said.append(f"log-rank stratified by {factors_in_words(factors)}")
    beside: dict[str, Any] = {} if reason or trend else gray_beside(own, group)
    if test and (small := sparse_groups(groups, own.checks)):
        permutation, how = permutation_beside(own, group, trend=trend)
        beside |= permutation
        said += [f"small group ({small}): log-rank P is approximate", how]
    return Comparison(
        name,
        groups,
        own.time,
        own.event,
        group,
        *unknown,
        None,
        test,
        own.follow_up,
        test is not None,
        tuple(said),
        None if trend else 0,
        checks=Checks(**beside),
        entry=own.entry,
        competing=own.competing,
    )


def not_possible(name: str, reason: str, *, unknown: tuple[int, int] = (0, 0)) -> Comparison:
    """A row that says why nothing could be compared."""
    nothing = np.empty(0)
    nobody, no_group = nothing.astype(bool), nothing.astype(np.int64)
    positive = None if name == "trend" else 0
    return Comparison(name, (), nothing, nobody, no_group, *unknown, notes=(reason,), positive=positive)


def _groups(own: Outcome, group: NDArray[np.int64], labels: Sequence[str]) -> tuple[Group, ...]:
    made = []
    for i, label in enumerate(labels):
        here = own.take(group == i)
        made.append(Group(label, int(here.time.size), int(here.event.sum()), here.curve()))
    return tuple(made)


def _why_not(groups: Sequence[Group]) -> str:
    """Why no test is possible at all; empty when one is."""
    if not any(group.n for group in groups):
        return "no patient has a known call and a known endpoint"
    if empty := [group.label for group in groups if group.n == 0]:
        return f"no patient in {', '.join(empty)}"
    n = sum(group.n for group in groups)
    return "" if any(group.events for group in groups) else f"no event in {count(n, 'patient')}"


def _log_rank(own: Outcome, group: NDArray[np.int64], *, trend: bool = False) -> LogRank:
    test = log_rank_trend if trend else log_rank
    factors = own.adjustment.stratification_factors
    return test(own.time, own.event, group, stratification_factors=factors, entry=own.entry)


def _known(test: LogRank) -> LogRank | None:
    return None if np.isnan(test.chi_squared) else test


def _silent(groups: Sequence[Group]) -> str:
    """Which group has no event, and so no hazard ratio against another; empty when all have one."""
    silent = [group for group in groups if group.events == 0]
    return f"{silent[0].label}: no event among {count(silent[0].n, 'patient')}" if silent else ""


def adjusted_cox(
    time: NDArray[np.float64],
    event: NDArray[np.bool_],
    columns: pd.DataFrame,
    adjustment: Adjustment,
    entry: NDArray[np.float64] | None = None,
) -> tuple[Cox, list[str]]:
    """The Cox model of ``columns`` beside the covariates, within the stratification factors, and notes that say so."""
    model = ModelRows.of(Outcome(time, event, adjustment, entry), columns)
    return cox(*model.data, **model.more), model.notes
