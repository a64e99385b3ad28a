from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strata.survival.kernels.gray_test import gray_test
from strata.survival.kernels.log_rank import log_rank


def check(golden, close, case) -> int:
    """Compare every Gray test of a case; returns how many numbers."""
    frame, strata = golden.frame(case["dataset"]), None
    if case["dataset"] == "mgus2":
        time, cause, group = frame["etime"], frame["ecode"], frame["sex"]
    else:
        time, cause = frame["time"], frame["event"] * (1 + frame["er"])
        group = frame[case["call"].rstrip(")").split(", ")[2]]
        strata = frame["treat"] if "strata = treat" in case["call"] else None
    wanted, found = case["result"]["gray_test"], gray_test(time, cause, group, stratification_factors=strata)
    compared = close(found.causes, wanted["event"], 0) + close(found.degrees_of_freedom, wanted["df"], 0)
    compared += close(found.chi_squared, wanted["stat"])
    compared += close(found.log10_p, np.log10(wanted["p"]))
    return compared + close(np.log10(found.p_values), np.log10(wanted["p"]))


def test_bundled_numbers_of_r(bundled, close) -> None:
    cases = {name: case for name, case in bundled.cases("competing").items() if "gray_test" in case["result"]}
    assert {name: check(bundled, close, case) for name, case in cases.items()} == {
        "cr_syn3_treat": 10,
        "cr_syn3_cohort": 10,
        "cr_syn3_cohort_st_treat": 10,
    }


def test_every_number_of_r(golden, close) -> None:
    cases = [case for case in golden.cases("competing").values() if "gray_test" in case["result"]]
    assert sum(check(golden, close, case) for case in cases) >= 10


def test_two_events_by_hand() -> None:
    # time 1: 1 of 2 + 2 at risk, expected in group 0: 1/2; time 2: the other cause; then 1 of 1 + 1, where the patient
    # lost to the other cause counts as still at risk: 2 * (1 - 1/2) in group 0, 2 * (1 - 0) in group 1
    found = gray_test([1, 3, 2, 4], [1, 1, 2, 0], [0, 0, 1, 1])
    assert found.observed.tolist() == [[2, 0], [0, 1]]
    assert found.n.tolist() == [2, 2]
    score = (1 - 1 / 2) + (1 - 1 / (1 + 2))
    # covariance of the score: events of the cause at 1 and 3 in each group, the other cause at 2 in group 1
    assert found.chi_squared[0] == pytest.approx(score**2 / by_hand_variance(), rel=1e-12)


def by_hand_variance() -> float:
    # h is 2 in each group at both events of the cause: two at risk, then one over the half without an event
    h, total = np.array([[2.0, 2.0], [2.0, 2.0]]), np.array([4.0, 4.0])
    pooled = np.array([1 / 4, 1 / 4 + 1 / 4])
    a = h[0] * (1 - h[0] / total)  # the same for both groups but for the sign
    c1, c2 = a[0] / total[0], a[0] / total[0] + a[1] / (total[1] * (1 - pooled[0]))
    after, before = np.array([[1 / 2, 0.0], [1.0, 1 / 2]]), np.array([[1.0, 1 / 2], [1.0, 1 / 2]])
    at_risk = np.array([[2, 1], [2, 1]])
    variance = 0.0
    for group in (0, 1):
        for j, c in enumerate((c1, c2)):
            factor = 1 - (1 - pooled[j]) / after[group, j] if after[group, j] else 1.0
            own = a[j] + factor * (c2 - c)
            variance += own**2 * before[group, j] / (total[j] * at_risk[group, j])
    other = (1 - pooled[0]) / (1 / 2) * (c2 - c1)  # at time 2, one of two in group 1, half of them event-free after it
    return variance + other**2 / 4


def test_nothing_to_compare() -> None:
    one = gray_test([1, 2, 3], [1, 2, 0], ["a", "a", "a"])
    apart = gray_test([1, 2, 3, 4], [0, 0, 1, 1], [0, 0, 1, 1])
    for found in (one, apart):
        assert np.isnan([*found.chi_squared, *found.p_values, *found.log10_p]).all()
        assert not found.degrees_of_freedom.any()
    assert gray_test([1, 2], [0, 0], [0, 1]).causes == ()


def test_a_group_that_leaves_before_the_first_event_does_not_count() -> None:
    time, cause, group = [3, 4, 5, 6, 7, 8], [1, 2, 1, 0, 2, 1], [0, 1, 1, 0, 1, 0]
    two, three = gray_test(time, cause, group), gray_test([1, 2, *time], [0, 0, *cause], [2, 2, *group])
    assert three.degrees_of_freedom.tolist() == [1, 1]
    np.testing.assert_allclose(three.chi_squared, two.chi_squared, rtol=1e-12)


def test_all_of_one_group_have_the_event_first() -> None:
    found = gray_test([1, 2, 3, 4, 5], [1, 1, 1, 1, 1], [0, 0, 1, 1, 1])
    assert np.isfinite(found.chi_squared).all()
    assert found.degrees_of_freedom.tolist() == [1]


def test_a_tiny_p_is_not_zero() -> None:
    time = np.arange(4000.0)
    found = gray_test(time, np.ones(4000), time < 2000)
    assert found.log10_p[0] < -300


rows = st.lists(st.tuples(st.integers(1, 15), st.integers(0, 2), st.integers(0, 2)), min_size=2, max_size=40)


@given(rows, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_order_unit_labels_and_an_empty_stratum_change_nothing(outcome, random) -> None:
    plain = gray_test(*zip(*outcome))
    random.shuffle(outcome)
    time, cause, group = (np.array(column) for column in zip(*outcome))
    other = gray_test(
        np.append(time, 99) * 365.25,
        np.append(cause, 0),
        np.append(np.array(["z", "y", "x"])[group], "x"),
        stratification_factors=["one"] * time.size + ["another"],
    )
    np.testing.assert_allclose(plain.chi_squared, other.chi_squared, rtol=1e-8, atol=1e-8)
    np.testing.assert_array_equal(plain.degrees_of_freedom, other.degrees_of_freedom)


def test_with_one_cause_and_equal_groups_it_is_near_the_log_rank_test() -> None:
    generator = np.random.default_rng(2)
    time, event, group = generator.exponential(1, 2000), generator.random(2000) < 0.8, generator.integers(0, 3, 2000)
    assert gray_test(time, event, group).chi_squared[0] == pytest.approx(
        log_rank(time, event, group).chi_squared, rel=0.05
    )
