from __future__ import annotations

import math

import numpy as np
import pytest

from strata.survival.kernels.peto_one_step import peto_one_step


def test_bundled_numbers_of_r(bundled, close) -> None:
    wanted, frame = bundled.cases("logrank_family")["peto_one_step"]["result"], bundled.frame("zero_events_arm")
    found = peto_one_step(frame["time"], frame["event"], frame["x"])
    close([found.log_hazard_ratio, found.standard_error], [wanted["log_hr"], wanted["se"]])
    close([found.hazard_ratio, found.lower, found.upper], [wanted["hr"], wanted["lower"], wanted["upper"]])
    assert found.groups == (0, 1)


def test_by_hand_and_the_other_way_round() -> None:
    # O - E of b is 2 - 13/6 and V is 1/4 + 2/9
    found = peto_one_step([1, 2, 3, 4], [1, 1, 0, 1], ["a", "b", "a", "b"])
    assert found.log_hazard_ratio == pytest.approx(-6 / 17)
    assert found.standard_error == pytest.approx(math.sqrt(36 / 17))
    swapped = peto_one_step([1, 2, 3, 4], [1, 1, 0, 1], ["b", "a", "b", "a"])
    assert swapped.hazard_ratio == pytest.approx(1 / found.hazard_ratio)
    assert swapped.lower == pytest.approx(1 / found.upper)


def test_strata_add_up() -> None:
    both = peto_one_step(
        [1, 2, 3, 4] * 2, [1, 1, 0, 1] * 2, ["a", "b", "a", "b"] * 2, stratification_factors=[0] * 4 + [1] * 4
    )
    assert both.log_hazard_ratio == pytest.approx(-6 / 17)
    assert both.standard_error == pytest.approx(math.sqrt(18 / 17))


def test_nothing_to_compare() -> None:
    found = peto_one_step([1, 2], [0, 0], [0, 1])
    assert np.isnan([found.log_hazard_ratio, found.standard_error, found.lower, found.upper]).all()


def test_needs_two_groups() -> None:
    with pytest.raises(ValueError, match="group must have 2 labels, not 3"):
        peto_one_step([1, 2, 3], [1, 1, 1], [0, 1, 2])
