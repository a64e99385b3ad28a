from __future__ import annotations

import numpy as np

from strata.survival.kernels.follow_up import follow_up
from strata.survival.kernels.kaplan_meier import kaplan_meier


def test_every_number_of_r(golden, close) -> None:
    compared = 0
    for name, case in golden.cases("survfit").items():
        if not name.startswith("revkm_"):
            continue
        frame, result = golden.frame(case["dataset"]), case["result"]
        found = follow_up(frame["time"], frame["event"])
        compared += close(found, [result["median_followup"], result["lower"], result["upper"]])
    assert compared >= 6


def test_is_the_curve_of_the_censorings() -> None:
    generator = np.random.default_rng(3)
    time, event = generator.exponential(20, 100), generator.random(100) < 0.5
    found, curve = follow_up(time, event), kaplan_meier(time, 1 - event)
    assert found == (curve.median, curve.median_lower, curve.median_upper)
    assert found.lower < found.median < found.upper


def test_when_nobody_is_censored_there_is_no_median_follow_up() -> None:
    assert np.isnan(follow_up([1, 2, 3], [True, True, True]).median)
    assert follow_up([1, 2, 3], [0, 0, 0]).median == 2
