"""Screens: several markers asked the same question of the same patients, judged together where one of them is rare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from strata.survival import Screen
from strata.survival.kernels.max_t import max_t_of_columns
from strata.survival.kernels.risk_table import strata_codes
from strata.survival.sparse import sparse_groups

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.analysis.searching import Part
    from strata.analysis.settings import Settings
    from strata.cohort import Cohort
    from strata.stratification import Strata
    from strata.survival import Comparison, Setting

__all__ = ["screened"]

_MAIN = ("positive_vs_rest", "trend")


def screened(
    cohort: Cohort,
    parts: Sequence[Part],
    settings: Settings,
) -> list[Part]:
    """The parts, their main tests with Westfall and Young's max-T P over those that share population and endpoint.

    With a rare marker the asymptotic P of a log-rank test is far too small, and Bonferroni's or Benjamini and
    Hochberg's correction of it with it: of 500 markers without any effect, in 5 % of 200 patients each, one was
    "significant" in more than half of the simulations. Permutations do not mind, and keep markers as correlated as they
    are. A screen in which no stratum is small does without.

    Parameters
    ----------
    cohort : Cohort
    parts : sequence of Part
        Every signature in every population; those whose cut was searched have a P of their own kind and stay out, as
        do endpoints with delayed entry and adjusted comparisons, which a log-rank test does not answer. A patient
        without a call takes no part in that marker's test.
    settings : Settings
        Of the run. Its plan's ``sparse_patients`` and ``sparse_events`` say what is small, ``permutation_seed`` seeds
        the permutations.
    """
    # an endpoint that answers for two that were asked for is one test
    screens: dict[tuple[str, str], dict[Strata, list[Comparison]]] = {}
    for part in parts:
        for result in part.comparisons:
            for row in result.comparisons:
                if row.name in _MAIN and _can_join(row):
                    screen = screens.setdefault((result.population, result.endpoint), {})
                    screen.setdefault(part.strata, []).append(row)
    found: dict[Comparison, Screen] = {}
    for (_, endpoint), members in screens.items():
        rows = [row for same in members.values() for row in same]
        if len(members) > 1 and any(sparse_groups(row.groups, settings.plan.checks()) for row in rows):
            first = settings(cohort, next(iter(members)), cohort.endpoints[endpoint], "")
            for p_value, same in zip(_adjusted_p(first, list(members)).tolist(), members.values()):
                judged = Screen(p_value, len(members), first.outcome.checks.permutations, first.outcome.checks.seed)
                found |= dict.fromkeys(same, judged)
    return [_with_screens(part, found) for part in parts]


def _can_join(row: Comparison) -> bool:
    return row.log_rank is not None and not row.searched and row.entry is None and row.adjusted is None


def _with_screens(part: Part, found: dict[Comparison, Screen]) -> Part:
    results = [
        replace(result, comparisons=tuple(replace(row, screen=found.get(row)) for row in result.comparisons))
        for result in part.comparisons
    ]
    return replace(part, comparisons=tuple(results))


def _adjusted_p(setting: Setting, members: Sequence[Strata]) -> NDArray[np.float64]:
    """Step-down P of each member; population and endpoint, and so the patients of ``setting``, are the same for all."""
    outcome = setting.outcome
    strata = strata_codes(outcome.adjustment.stratification_factors, outcome.time.size)
    columns = np.column_stack([_column(member, setting.keep, strata) for member in members])
    # as the permutation P of a row, the same whatever the order of the patients
    order = np.lexsort((*columns.T, outcome.event, outcome.time))
    found = max_t_of_columns(
        outcome.time[order],
        outcome.event[order],
        columns[order],
        strata[order],
        n_permutations=outcome.checks.permutations,
        seed=outcome.checks.seed,
    )
    return found.adjusted_p_values


def _column(strata: Strata, keep: NDArray[np.bool_], factors: NDArray[np.int64]) -> NDArray[np.float64]:
    """0 and 1 for negative and positive, ranks of quantile groups; who has no call has the mean of the own factor."""
    codes = strata.labels.cat.codes.to_numpy(dtype=np.float64)[keep]
    called = codes >= 0
    n = np.bincount(factors, weights=called)
    total = np.bincount(factors, weights=np.where(called, codes, 0.0))
    mean = np.divide(total, n, out=np.zeros(n.size), where=n > 0)
    return np.where(called, codes, mean[factors])
