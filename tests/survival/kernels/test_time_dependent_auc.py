from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strata.survival.kernels.time_dependent_auc import time_dependent_auc


def test_every_number_of_r(golden, close) -> None:
    compared = 0
    for case in golden.cases("auc").values():
        frame, name = golden.frame(case["dataset"]), case["call"].split("marker = ")[1]
        prefix = "rfs10_" if case["dataset"] == "rotterdam" else ""
        frame = frame.dropna(subset=[name.removeprefix("-")])
        score = -frame[name[1:]] if name.startswith("-") else frame[name]
        found = time_dependent_auc(frame[f"{prefix}time"], frame[f"{prefix}event"], score, case["result"]["times"])
        compared += close(found.auc, case["result"]["auc"])
    assert compared >= 9


def test_by_hand() -> None:
    # G(t-): 1 for the events at 1 and 2, then of the three left one is censored at 3: 2/3 for the event at 4
    found = time_dependent_auc([1, 2, 3, 4, 5], [1, 1, 0, 1, 0], [3, 1, 9, 2, 2], [2, 4, 4.5])
    # by 2: cases 3 and 1 against 9, 2, 2; by 4: cases 3, 1 and 2 (weight 3/2) against 2
    assert found.auc == pytest.approx([2 / 6, (1 + 0 + 1.5 / 2) / 3.5, 1.75 / 3.5])
    assert found.cases.tolist() == [2, 3, 3]
    assert found.controls.tolist() == [3, 1, 1]


def test_no_case_and_no_control() -> None:
    found = time_dependent_auc([1, 2, 3], [0, 1, 1], [1, 2, 3], [1, 2, 3])
    assert np.isnan(found.auc[[0, 2]]).all()
    assert found.cases.tolist() == [0, 1, 2]
    assert found.controls.tolist() == [2, 1, 0]


def test_bad_input() -> None:
    with pytest.raises(ValueError, match="score: 1 of 2"):
        time_dependent_auc([1, 2], [1, 0], [1, np.nan], [1])
    with pytest.raises(ValueError, match="times: 1 of 2 values are missing"):
        time_dependent_auc([1, 2], [1, 0], [1, 2], [1, np.nan])


def test_the_times_are_its_own() -> None:
    at = np.array([1.5])
    found = time_dependent_auc([1, 2], [1, 0], [1, 2], at)
    at[0] = 99.0
    assert found.times.tolist() == [1.5]


rows = st.lists(st.tuples(st.integers(1, 20), st.booleans(), st.integers(0, 9)), min_size=2, max_size=40)


@given(rows, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_order_unit_and_scale_of_the_score_change_nothing(patients, random) -> None:
    at = np.arange(0.0, 21.0, 2.5)
    plain = time_dependent_auc(*zip(*patients), at)
    random.shuffle(patients)
    time, event, score = (np.array(column) for column in zip(*patients))
    other = time_dependent_auc(time / 30.4375, event, np.exp(score), at / 30.4375)
    against = time_dependent_auc(time, event, -score, at)
    np.testing.assert_allclose(other.auc, plain.auc, rtol=1e-12)
    np.testing.assert_allclose(against.auc, 1 - plain.auc, rtol=1e-9, atol=1e-12)


def test_without_censoring_it_is_the_auc_of_the_event_by_then() -> None:
    from sklearn.metrics import roc_auc_score

    generator = np.random.default_rng(9)
    time, score = generator.exponential(1, 300), generator.integers(0, 30, 300)
    found = time_dependent_auc(time, np.ones(300), score, [0.3, 1.0])
    assert found.auc == pytest.approx([roc_auc_score(time <= t, score) for t in (0.3, 1.0)], rel=1e-12)
