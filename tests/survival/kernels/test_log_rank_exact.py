from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest

from strata.survival.kernels.log_rank import log_rank
from strata.survival.kernels.log_rank_exact import log_rank_exact

TEN = ([2, 4, 5, 7, 9, 12, 15, 18, 20, 24], [1, 1, 1, 0, 1, 1, 0, 1, 0, 0])


def test_bundled_numbers_of_r(bundled, close) -> None:
    cases = bundled.cases("logrank_family")
    for name, label in (("exact_4_vs_14", "g"), ("exact_tied", "x")):
        frame, wanted = bundled.frame(cases[name]["dataset"]), cases[name]["result"]
        found = log_rank_exact(frame["time"], frame["event"], frame[label])
        assert found.exact
        assert found.seed is None
        close([found.p_value, found.n_permutations], [wanted["p"], wanted["n_splits"]], 1e-12)
        close(np.abs(found.observed - found.expected), [wanted["excess"]] * 2)
        assert found.log10_p == pytest.approx(math.log10(wanted["p"]))


def test_numbers_of_r(golden, close) -> None:
    wanted = golden.cases("logrank")["lr_exact_perm_4vs14"]["result"]
    frame = golden.frame("small_unbalanced")
    found = log_rank_exact(frame["time"], frame["event"], frame["g"])
    close([found.p_value, found.n_permutations], [wanted["p_two_sided_abs"], wanted["n_perm"]], 1e-12)
    close(abs(found.observed[1] - found.expected[1]), wanted["statistic"])
    close(found.p_value, golden.cases("pitfalls")["unbalanced_exact"]["result"]["coin_exact_p"], 1e-12)


def test_by_hand() -> None:
    # scores 1 - 1/4, 1 - 1/4 - 1/3, -7/12, 1 - 7/12 - 1 = 9/12, 5/12, -7/12, -7/12: a has 9 - 7 = 2 twelfths;
    # of the six pairs the sums are 14, 2, 2, -2, -2, -14: all are as far
    found = log_rank_exact([1, 2, 3, 4], [1, 1, 0, 1], ["a", "b", "a", "b"])
    assert found.n_permutations == 6
    assert found.p_value == 1.0
    assert log_rank_exact([1, 2, 3, 4], [1, 1, 0, 1], ["a", "a", "b", "b"]).p_value == pytest.approx(2 / 6)


def test_observed_and_expected_are_those_of_the_log_rank_test() -> None:
    generator = np.random.default_rng(3)
    time, event = np.ceil(generator.exponential(8, 60)), generator.random(60) < 0.7
    group = generator.integers(0, 3, 60)
    found, plain = log_rank_exact(time, event, group, n_permutations=9), log_rank(time, event, group)
    np.testing.assert_allclose(found.observed, plain.observed, rtol=1e-12)
    np.testing.assert_allclose(found.expected, plain.expected, rtol=1e-12)
    np.testing.assert_array_equal(found.n, plain.n)


def test_random_permutations_are_near_the_whole_enumeration() -> None:
    time, event, group = np.array(TEN[0][:7]), np.array(TEN[1][:7]), np.array([0, 0, 1, 1, 1, 2, 2])
    scores = event - np.cumsum(event / np.arange(7, 0, -1))

    def distance(order):
        return sum(scores[list(order)][group == g].sum() ** 2 / (group == g).sum() for g in range(3))

    every = np.array([distance(order) for order in permutations(range(7))])
    wanted = (every >= distance(range(7)) - 1e-12).mean()
    found = log_rank_exact(time, event, group, n_permutations=20_000)
    assert not found.exact
    assert (found.n_permutations, found.seed) == (20_000, 0)
    assert found.p_value == pytest.approx(wanted, abs=4 * math.sqrt(wanted * (1 - wanted) / 20_000))


def test_large_groups_are_sampled_and_p_is_never_zero() -> None:
    time = np.arange(1.0, 101.0)
    found = log_rank_exact(time, np.ones(100), time > 50, n_permutations=999, seed=7)
    assert not found.exact
    assert found.p_value == 1 / 1000
    assert (found.n_permutations, found.seed) == (999, 7)
    assert "censoring" in found.assumption
    generator = np.random.default_rng(5)
    group = generator.random(100) < 0.5
    first, again, other = (log_rank_exact(time, np.ones(100), group, seed=seed).p_value for seed in (0, 0, 1))
    assert first == again
    assert first != other
    assert first == pytest.approx(log_rank(time, np.ones(100), group).p_value, abs=0.03)


def test_row_order_labels_and_unit_change_nothing() -> None:
    time, event = (np.array(column) for column in TEN)
    group, order = np.arange(10) % 3 == 0, np.random.default_rng(1).permutation(10)
    plain = log_rank_exact(time, event, group)
    other = log_rank_exact(time[order] / 30.4375, event[order], np.where(group, "a", "b")[order])
    assert plain.exact
    assert other.p_value == plain.p_value


@pytest.mark.parametrize(
    ("time", "event", "group"),
    [([1, 2, 3], [0, 0, 0], [0, 1, 1]), ([1, 2], [1, 1], [0, 0]), ([5, 5, 5], [1, 1, 1], [0, 1, 1]), ([], [], [])],
)
def test_nothing_to_compare(time, event, group) -> None:
    found = log_rank_exact(time, event, group)
    assert math.isnan(found.p_value)
    assert math.isnan(found.log10_p)
    assert found.n_permutations == 0


def test_refuses_what_it_cannot_use() -> None:
    with pytest.raises(ValueError, match="n_permutations must be 1 or more, not 0"):
        log_rank_exact([1, 2], [1, 1], [0, 1], n_permutations=0)
    with pytest.raises(ValueError, match="group: 1 of 2 labels are missing"):
        log_rank_exact([1, 2], [1, 1], ["a", None])
