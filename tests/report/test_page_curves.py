"""Curves that a page draws: few steps, and none that is off by more than can be seen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strata.report.page.curves import MOST_STEPS, Curves, _steps
from strata.survival import kaplan_meier


def level_at(flat, time):
    """Survival at a time, in thousandths, of what the page draws."""
    points = [(0, 1000), *((flat[i], flat[i + 1]) for i in range(0, len(flat), 4))]
    return [share for at, share in points if at <= time][-1]


@given(st.integers(0, 10_000), st.integers(1, 900))
def test_a_curve_is_never_off_by_more_than_a_step(seed, n):
    rng = np.random.default_rng(seed)
    curve = kaplan_meier(rng.exponential(50, n).round(1) + 0.1, rng.random(n) < 0.6)
    end = float(curve.times[-1])
    flat = _steps(curve, end)
    assert len(flat) % 4 == 0
    assert len(flat) // 4 <= MOST_STEPS + 1
    assert flat[-4] == 1000
    assert flat[-3] == round(float(curve.survival[-1]) * 1000)
    fall = 1000 * (1 - float(curve.survival[-1]))
    for time, survival in zip(curve.times, curve.survival, strict=True):
        # rounded times lie to the right or to the left of the step
        before, after = (level_at(flat, max(time / end * 1000 + shift, 0)) for shift in (-0.51, 0.51))
        off = fall / MOST_STEPS + 1
        assert after - off <= 1000 * survival <= before + off


def test_a_page_holds_so_many_strata_and_says_so(results):
    found = list(results.comparisons())
    curves = Curves(results.plan, most=2)
    places = [curves.add(result) for result in found]
    assert places[0] == (0, "")
    assert all(place is None and "holds the curves of 2 strata" in why for place, why in places[1:])
    assert len(curves.plots) == 1


def test_times_and_numbers_at_risk_are_those_of_the_curve(results):
    result = next(iter(results.comparisons()))
    curves = Curves(results.plan)
    curves.add(result)
    (plot,) = curves.plots
    group = result.comparisons[0].groups[0]
    ticks = [tick for tick, _ in plot["ticks"]]
    assert ticks[0] == 0
    assert 2 < len(ticks) <= 7
    assert plot["groups"][0]["risk"] == group.curve.at(ticks).at_risk.tolist()
    assert plot["groups"][0]["risk"][0] == group.n
    ends = [float(each.curve.times[-1]) for each in result.comparisons[0].groups]
    assert plot["end"] == pytest.approx(max(ends), abs=0.05)


def test_of_a_run_that_is_shared_curves_are_on_a_grid_without_numbers(results):
    plan = results.plan.model_copy(update={"share": True})
    curves = Curves(plan)
    for result in results.comparisons():
        curves.add(result)
    assert curves.plots
    for plot in curves.plots:
        assert plot["end"] % 3 == 0
        for group in plot["groups"]:
            assert group["risk"] is None
            times = [round(time / 1000 * plot["end"], 1) for time in group["steps"][::4]]
            assert all(min(time % 3, 3 - time % 3) <= plot["end"] / 1000 for time in times)
