from __future__ import annotations

import math
from itertools import combinations, permutations, product

import numpy as np
import pytest

from strata.survival.kernels.selected_p import (
    by_permutation,
    hothorn_lausen,
    lausen_1992,
    lausen_1994,
    moments,
    standardised,
)


def test_standardised_by_enumeration() -> None:
    scores = np.array([0.0, 1.0, 1.0, 3.0, 5.0])
    sums = np.array([sum(chosen) for chosen in combinations(scores, 2)])
    assert standardised(sums, scores, np.int64(2)) == pytest.approx((sums - sums.mean()) / sums.std())


def test_permutation_against_every_order() -> None:
    scores, sizes = np.array([-1.2, 0.3, 0.9, 0.5, -0.4, -0.1]), np.array([2, 3, 4])
    every = np.array([np.abs(standardised(np.cumsum(p)[sizes - 1], scores, sizes)).max() for p in permutations(scores)])
    m = every[0]
    exact = np.mean(every >= m - 1e-12)
    assert 0.1 < exact < 0.9
    one = np.zeros(6, dtype=np.int64)
    assert by_permutation(m, scores, one, sizes, 40_000, seed=0) == pytest.approx(exact, abs=0.01)
    assert by_permutation(10.0, scores, one, sizes, 99, seed=0) == 0.01


def inside_strata(scores, strata):
    """Every order of the scores that stays inside the strata."""
    members = [np.flatnonzero(strata == stratum) for stratum in np.unique(strata)]
    made = []
    for orders in product(*(permutations(scores[own]) for own in members)):
        drawn = np.empty(scores.size)
        for own, order in zip(members, orders):
            drawn[own] = order
        made.append(drawn)
    return np.array(made)


def test_permutation_inside_strata_against_every_order() -> None:
    scores, strata = np.array([-1.2, 0.3, 2.0, 0.9, 0.5, -0.4, 7.0, -0.1]), np.array([0, 1, 0, 1, 1, 0, 2, 1])
    sizes = np.array([2, 3, 5, 6])
    sums = np.cumsum(inside_strata(scores, strata), axis=1)[:, sizes - 1]
    mean, error = moments(scores, strata, sizes)
    assert mean == pytest.approx(sums.mean(axis=0))
    assert error == pytest.approx(sums.std(axis=0))
    every = np.abs((sums - mean) / error).max(axis=1)
    m = np.quantile(every, 0.7)
    exact = np.mean(every >= m - 1e-12)
    assert by_permutation(m, scores, strata, sizes, 40_000, seed=0) == pytest.approx(exact, abs=0.01)


def test_a_cut_between_strata_compares_nobody() -> None:
    # the third stratum has nobody of another survival, the others are parted by the first and the last cut alone
    scores, strata = np.array([1.0, 2.0, 0.1, 0.1, 3.0, 5.0]), np.array([0, 0, 2, 2, 1, 1])
    assert (moments(scores, strata, np.arange(1, 6))[1] > 0).tolist() == [True, False, False, False, True]


def test_one_cut_of_hothorn_and_lausen_is_exact() -> None:
    # the scores 0, 1, ... 7 become 0 1 2 3 5 6 7 8 of mean 4; {0, 1, 2} and {6, 7, 8} are furthest of the 56 sets
    assert hothorn_lausen(np.arange(8.0), np.array([3])) == pytest.approx(2 / 56)
    as_far = sum(abs(sum(chosen) - 12) >= 3 for chosen in combinations([0, 1, 2, 3, 5, 6, 7, 8], 3))
    assert hothorn_lausen(np.array([7.0, 0, 1, 2, 3, 4, 5, 6]), np.array([3])) == pytest.approx(as_far / 56)


def test_hothorn_and_lausen_bound_every_order() -> None:
    generator = np.random.default_rng(2)
    for _ in range(5):
        scores, sizes = generator.permutation(np.array([1.0, 2, 3, 5, 6, 8, 9])), np.array([2, 3, 4, 5])
        rounded = np.round((scores - 1) * 7 / 8)
        every = np.array(list(permutations(rounded)))
        largest = np.abs(standardised(np.cumsum(every, axis=1)[:, sizes - 1], rounded, sizes)).max(axis=1)
        seen = np.abs(standardised(np.cumsum(rounded)[sizes - 1], rounded, sizes)).max()
        strictly = np.mean(largest > seen + 1e-9)
        bound = hothorn_lausen(scores, sizes)
        assert strictly - 0.03 <= bound <= 2.5 * strictly + 0.05  # 0.03: sets that hold the smallest scores alone
    ordered = hothorn_lausen(np.arange(1.0, 9.0), np.array([2, 3, 4, 5]))
    assert 0 < ordered < 0.1  # nothing is strictly above: R says 0


def test_formulas_by_hand() -> None:
    # at M = 2: the normal density is 0.0539909665, log(81) = 4.3944491547
    assert lausen_1992(2.0, 0.1, 0.9) == pytest.approx(0.0539909665 * (2 + 1.5 * 4.3944491547))
    assert lausen_1992(0.99, 0.1, 0.9) == 1.0
    # one cut: the two-sided normal P; a second cut adds exp(-2) / pi times t, at M = 2 without its cubic term
    assert lausen_1994(2.0, 10, np.array([5])) == pytest.approx(0.0455002639)
    t = math.sqrt(1 - 4 * 5 / (6 * 5))
    assert lausen_1994(2.0, 10, np.array([4, 5])) == pytest.approx(0.0455002639 + math.exp(-2) / math.pi * t)


def test_no_p_above_1_nor_lost_digits() -> None:
    assert lausen_1992(1.01, 0.001, 0.999) == 1.0
    assert lausen_1994(1.0, 1000, np.arange(100, 900)) == 1.0
    assert lausen_1994(9.0, 10, np.array([5])) == pytest.approx(2.2571767e-19)  # 1 - cdf is 0 here
