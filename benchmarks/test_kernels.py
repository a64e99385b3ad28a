"""The kernels' times, to be compared from one change to the next: ``make bench-kernels``. None of them is asserted.

Beside each name stands how it compares with the last run kept in the same environment.
"""

# ruff: noqa: D103  the names say it
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from strata.survival.kernels.adjust_p import adjust_p
from strata.survival.kernels.cox import cox
from strata.survival.kernels.firth import firth
from strata.survival.kernels.joint_null import JointNull
from strata.survival.kernels.kaplan_meier import kaplan_meier
from strata.survival.kernels.log_rank import log_rank
from strata.survival.kernels.many_cuts import CutSearch
from strata.survival.kernels.many_groups import compare_many_groups
from strata.survival.kernels.many_partitions import fit_many_partitions
from strata.survival.kernels.many_values import fit_many_values
from strata.survival.kernels.maximally_selected import maximally_selected_log_rank
from strata.survival.kernels.pair_layout import PairLayout
from strata.survival.kernels.pairs import PackedMarkers, compare_pairs
from strata.survival.kernels.prepared import PreparedOutcome
from strata.survival.kernels.proportional_hazards import proportional_hazards
from strata.survival.kernels.restricted_mean import restricted_mean
from strata.survival.kernels.selected_null import SelectedNull

PATIENTS, TESTS = 2_000, 500
RNG = np.random.default_rng(0)
TIME = np.ceil(RNG.exponential(30, PATIENTS))
EVENT = RNG.random(PATIENTS) < 0.6
VALUES = RNG.normal(size=(TESTS, PATIENTS))
GROUPS = VALUES > 0.0
OUTCOME = PreparedOutcome.of(TIME, EVENT)

by_numpy_and_numba = pytest.mark.parametrize("compiled", [False, True], ids=["numpy", "numba"])


def test_kaplan_meier(benchmark: Any) -> None:
    benchmark(kaplan_meier, TIME, EVENT)


def test_log_rank(benchmark: Any) -> None:
    benchmark(log_rank, TIME, EVENT, GROUPS[0])


def test_cox_of_a_group(benchmark: Any) -> None:
    benchmark(cox, TIME, EVENT, GROUPS[0].astype(float))


def test_cox_of_five_covariates(benchmark: Any) -> None:
    benchmark(cox, TIME, EVENT, VALUES[:5].T)


def test_proportional_hazards(benchmark: Any) -> None:
    benchmark(proportional_hazards, TIME, EVENT, GROUPS[0].astype(float))


def test_firth(benchmark: Any) -> None:
    benchmark(firth, TIME[:100], EVENT[:100], GROUPS[0, :100].astype(float))


def test_restricted_mean(benchmark: Any) -> None:
    benchmark(restricted_mean, TIME, EVENT, GROUPS[0], horizon=60.0)


def test_maximally_selected_log_rank(benchmark: Any) -> None:
    benchmark(maximally_selected_log_rank, VALUES[0], TIME, EVENT, n_permutations=999)


def test_best_of_many_cuts(benchmark: Any) -> None:
    benchmark(CutSearch.of(TIME, EVENT, 0.1, 0.9).best, VALUES)


@pytest.mark.parametrize("decimals", [12, 4, 1])
def test_p_values_of_many_cuts(benchmark: Any, decimals: int) -> None:
    search = CutSearch.of(TIME, EVENT, 0.1, 0.9)
    best = search.best(VALUES.round(decimals))
    null = SelectedNull(search.scores, search.sizes, n_permutations=1_000, seed=0)
    benchmark(null.p_values, best.statistics, best.tried)


def test_fit_many_partitions(benchmark: Any) -> None:
    one, other = GROUPS[:250], GROUPS[250:]
    benchmark(fit_many_partitions, OUTCOME, np.stack([~one & ~other, one & ~other, ~one & other, one & other]))


def test_prepared_outcome(benchmark: Any) -> None:
    benchmark(PreparedOutcome.of, TIME, EVENT)


@by_numpy_and_numba
def test_compare_many_groups(benchmark: Any, compiled: bool) -> None:
    compare_many_groups(OUTCOME, GROUPS[:2], compiled=compiled)
    benchmark(compare_many_groups, OUTCOME, GROUPS, compiled=compiled)


@by_numpy_and_numba
def test_fit_many_values(benchmark: Any, compiled: bool) -> None:
    fit_many_values(OUTCOME, VALUES[:2], compiled=compiled)
    benchmark(fit_many_values, OUTCOME, VALUES[:50], compiled=compiled)


@by_numpy_and_numba
def test_compare_pairs(benchmark: Any, compiled: bool) -> None:
    layout = PairLayout.of(OUTCOME)
    markers = PackedMarkers(layout.pack(np.packbits(GROUPS[:100], axis=1)))
    compare_pairs(layout, markers, markers, compiled=compiled)
    benchmark(compare_pairs, layout, markers, markers, compiled=compiled)


def test_joint_null(benchmark: Any) -> None:
    null = JointNull(TIME, EVENT, OUTCOME.strata, n_permutations=999, seed=0)
    benchmark(null.add, GROUPS[:100].T.astype(float))


def test_adjust_p(benchmark: Any) -> None:
    benchmark(adjust_p, RNG.random(20_000), "BH")
