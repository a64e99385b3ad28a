from __future__ import annotations

import math
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strata.survival.kernels.kaplan_meier import kaplan_meier

KINDS = ("log-log", "log", "plain", "logit", "arcsin")


def check(golden, close, case) -> int:
    """Compare every number of a survfit case; returns how many."""
    formula = case["call"].removeprefix("survfit(").removesuffix(")")
    model = golden.model(case["dataset"], formula)
    compared = 0
    for group in case["result"]["groups"]:
        label = group["group"].split("=", 1)[-1]
        rows = (
            np.ones(model.time.size, bool)
            if label == "all"
            else (
                model.group.map(lambda value: f"{value:g}" if isinstance(value, float) else str(value)) == label
            ).to_numpy()
        )
        time, event = model.time[rows], model.event[rows]
        entry = None if model.entry is None else model.entry[rows]
        for kind in group["quantiles"]:
            curve = kaplan_meier(time, event, entry=entry, confidence=kind)
            compared += close([curve.n, curve.events.sum()], [group["n"], group["events"]], 0)
            middle = group["quantiles"][kind]["p"].index(0.5)
            medians = [group["quantiles"][kind][key][middle] for key in ("est", "lower", "upper")]
            compared += close([curve.median, curve.median_lower, curve.median_upper], medians)
            compared += check_times(curve, group["at_times"], kind, close, quirk=entry is not None)
            if "curve" in group:
                whole = group["curve"]
                compared += close(curve.times, whole["time"], 1e-15)
                compared += close(curve.survival, whole["surv"])
                compared += close(curve.lower, whole["ci"][kind]["lower"])
                compared += close(curve.upper, whole["ci"][kind]["upper"])
                compared += close(curve.at_risk, whole["n_risk"], 0)
                compared += close(curve.events, whole["n_event"], 0)
                compared += close(curve.censored, whole["n_censor"], 0)
    return compared


def check_times(curve, wanted, kind, close, *, quirk) -> int:
    inside = np.array(wanted["time"]) <= curve.times[-1]  # R carries the last value on when told to extend
    read = curve.at(wanted["time"])
    compared = close(read.survival[inside], np.array(wanted["surv"], object)[inside])
    compared += close(read.lower[inside], np.array(wanted["ci"][kind]["lower"], object)[inside])
    compared += close(read.upper[inside], np.array(wanted["ci"][kind]["upper"], object)[inside])
    assert np.isnan(read.survival[~inside]).all()
    if not quirk:  # with delayed entry R's count between two times is not the number at risk
        compared += close(read.at_risk, wanted["n_risk"], 0)
    return compared


def test_bundled_numbers_of_r(bundled, close) -> None:
    compared = {name: check(bundled, close, case) for name, case in bundled.cases("survfit").items()}
    assert len(compared) == 3
    assert sum(compared.values()) >= 400


def test_every_number_of_r(golden, close) -> None:
    cases = {name: case for name, case in golden.cases("survfit").items() if "groups" in case["result"]}
    compared = {name: check(golden, close, case) for name, case in cases.items()}
    sys.stdout.write(f"survfit: {len(compared)} cases, {sum(compared.values())} numbers\n")
    assert len(compared) >= 15
    assert sum(compared.values()) >= 15_000
    assert all(set(group["quantiles"]) == set(KINDS) for case in cases.values() for group in case["result"]["groups"])


def test_intervals_of_r_near_the_end(golden, close) -> None:
    result = golden.cases("pitfalls")["km_ci_types"]["result"]
    veteran = golden.frame("veteran").query("celltype == 'large'")
    women = golden.frame("lung").query("sex == 2")
    for kind in KINDS:
        k = result["types"].index(kind)
        read = kaplan_meier(veteran["time"], veteran["event"], confidence=kind).at([500])
        close(
            [read.survival[0], read.lower[0], read.upper[0]], [result["surv"], result["lower"][k], result["upper"][k]]
        )
        curve = kaplan_meier(women["time"], women["event"], confidence=kind)
        close(
            [curve.median_lower, curve.median_upper], [result["lung_median_lower"][k], result["lung_median_upper"][k]]
        )


def test_degenerate_numbers_of_r(golden, close) -> None:
    result = golden.cases("degenerate")["R_behaviour"]["result"]
    last = kaplan_meier([1, 2, 3], [1, 1, 1])
    close(last.survival, result["last_obs_event_loglog_ci"]["surv"], floor=1e-15)
    close(last.lower, result["last_obs_event_loglog_ci"]["lower"])
    close(last.upper, result["last_obs_event_loglog_ci"]["upper"])
    for name, first in (("negative_time", -1), ("zero_time", 0)):
        close(kaplan_meier([first, 2, 3], [1, 1, 1]).survival, result[name]["surv"], floor=1e-15)
    tiny = golden.cases("horizon")["hz_tiny_event_at_horizon"]["result"]
    curve = kaplan_meier(tiny["time"], tiny["event"])
    close(curve.times, tiny["km_time"])
    close(curve.survival, tiny["surv"])


def test_delayed_entry_lowers_the_curve(golden, close) -> None:
    result = golden.cases("pitfalls")["left_truncation_channing"]["result"]
    women = golden.frame("channing").query("entry < exit and gender == 2")
    right = kaplan_meier(women["exit"], women["event"], entry=women["entry"])
    wrong = kaplan_meier(women["exit"], women["event"])
    close(right.at([960]).survival, [result["S_female_960mo_right"]])
    close(wrong.at([960]).survival, [result["S_female_960mo_wrong"]])
    assert right.at([960]).at_risk[0] == ((women["exit"] >= 960) & (women["entry"] < 960)).sum()


def test_by_hand() -> None:
    curve = kaplan_meier([3, 1, 2, 2, 5], [1, 1, 1, 0, 0])
    assert curve.times.tolist() == [1, 2, 3, 5]
    assert curve.survival == pytest.approx([4 / 5, 3 / 5, 3 / 10, 3 / 10], rel=1e-15)
    assert curve.at_risk.tolist() == [5, 4, 2, 1]
    assert curve.events.tolist() == [1, 1, 1, 0]
    assert curve.censored.tolist() == [0, 1, 0, 1]
    assert curve.median == 3
    assert np.isnan(curve.median_upper)


def test_intervals_by_hand() -> None:
    # S = 1/2 after five of ten; the Greenwood sum is 1/90 + 1/72 + 1/56 + 1/42 + 1/30 = 1/5 - 1/10
    half = 1.959963984540054 * math.sqrt(1 / 10)
    by_hand = {
        "plain": (0.5 - half / 2, 0.5 + half / 2),
        "log": (math.exp(-half) / 2, math.exp(half) / 2),
        "log-log": (0.5 ** math.exp(half / math.log(2)), 0.5 ** math.exp(-half / math.log(2))),
        "logit": (1 / (1 + math.exp(2 * half)), 1 / (1 + math.exp(-2 * half))),
        "arcsin": (math.sin(math.pi / 4 - half / 2) ** 2, math.sin(math.pi / 4 + half / 2) ** 2),
    }
    assert set(by_hand) == set(KINDS)
    for kind, limits in by_hand.items():
        curve = kaplan_meier(range(1, 11), [1] * 5 + [0] * 5, confidence=kind)
        assert (curve.lower[4], curve.upper[4]) == pytest.approx(limits, rel=1e-12)


def test_no_interval_at_the_ends_of_the_scale() -> None:
    for kind in KINDS:
        curve = kaplan_meier([1, 2, 3], [0, 1, 1], confidence=kind)
        ends = [curve.lower[0], curve.upper[0], curve.lower[2], curve.upper[2]]
        width = [1, 1] if kind in ("log", "plain") else [np.nan, np.nan]  # as in R
        np.testing.assert_array_equal(ends, [*width, np.nan, np.nan])
        assert curve.lower[1] < 0.5 < curve.upper[1]


def test_median_in_the_middle_of_a_level_stretch() -> None:
    assert kaplan_meier([1, 2, 4, 5], [1, 1, 1, 1]).median == 3
    assert kaplan_meier([1, 2, 4, 9], [1, 1, 0, 0]).median == 5.5  # level to the end of follow-up
    assert np.isnan(kaplan_meier([1, 2, 4], [1, 0, 0]).median)


def test_reading_the_curve() -> None:
    read = kaplan_meier([1.0, 2.0, 3.0], [1, 0, 1]).at([0.5, 1.0, 1.5, 2.0, 3.0, 3.1])
    assert read.survival[:5] == pytest.approx([1, 2 / 3, 2 / 3, 2 / 3, 0])
    assert read.at_risk.tolist() == [3, 3, 2, 2, 1, 0]
    assert (read.lower[0], read.upper[0]) == (1.0, 1.0)
    assert np.isnan([read.survival[5], read.lower[5], read.upper[5], read.lower[4], read.upper[4]]).all()


def test_reading_at_a_time_that_differs_by_rounding() -> None:
    curve = kaplan_meier([12.000000000000002, 24.0], [1, 0])
    assert curve.at([12.0]).survival[0] == 0.5
    assert curve.at([24.000000000000004]).survival[0] == 0.5
    assert curve.at([1e300]).at_risk[0] == 0


def test_no_events_and_nobody() -> None:
    curve = kaplan_meier([1, 2], [0, 0])
    assert curve.survival.tolist() == [1, 1]
    assert np.isnan([curve.median, *curve.lower, *curve.upper]).all()
    empty = kaplan_meier([], [])
    assert empty.times.size == 0
    assert np.isnan([empty.median, *empty.at([1.0]).survival]).all()


def test_unknown_interval_is_refused() -> None:
    with pytest.raises(ValueError, match="confidence must be"):
        kaplan_meier([1], [1], confidence="exact")


outcomes = st.lists(st.tuples(st.integers(1, 30), st.booleans()), min_size=1, max_size=40)


@given(outcomes, st.randoms(use_true_random=False), st.sampled_from([1 / 30.4375, 12.0, 365.25]))
@settings(max_examples=100, deadline=None)
def test_row_order_and_unit_change_nothing(outcome, random, unit) -> None:
    plain = kaplan_meier(*zip(*outcome))
    random.shuffle(outcome)
    time, event = zip(*outcome)
    other = kaplan_meier(np.array(time) * unit, event)
    np.testing.assert_array_equal(plain.survival, other.survival)
    np.testing.assert_array_equal(plain.lower, other.lower)
    np.testing.assert_array_equal(plain.at_risk, other.at_risk)
    np.testing.assert_allclose(plain.times * unit, other.times, rtol=1e-15)
    np.testing.assert_allclose(plain.median * unit, other.median, rtol=1e-15)
    assert plain.at_risk[0] == plain.events.sum() + plain.censored.sum() == len(outcome)


@given(outcomes)
@settings(max_examples=100, deadline=None)
def test_interval_holds_the_curve_and_without_censoring_it_is_the_share_alive(outcome) -> None:
    time, event = zip(*outcome)
    for kind in KINDS:
        curve = kaplan_meier(time, event, confidence=kind)
        known = ~np.isnan(curve.lower)
        assert (curve.lower[known] <= curve.survival[known] + 1e-12).all()
        assert (curve.survival[known] <= curve.upper[known] + 1e-12).all()
    everyone = kaplan_meier(time, np.ones(len(time)))
    alive = [(np.array(time) > t).mean() for t in everyone.times]
    np.testing.assert_allclose(everyone.survival, alive, atol=1e-12)


def test_agrees_with_lifelines() -> None:
    from lifelines import KaplanMeierFitter

    generator = np.random.default_rng(5)
    time, event = np.ceil(generator.exponential(20, 300)), generator.random(300) < 0.6
    curve = kaplan_meier(time, event)
    other = KaplanMeierFitter().fit(time, event)
    np.testing.assert_allclose(curve.survival, other.survival_function_.iloc[1:, 0], rtol=1e-12)
    known = ~np.isnan(curve.lower)  # lifelines gives [0, 0] at S = 0
    np.testing.assert_allclose(curve.lower[known], other.confidence_interval_.iloc[1:, 0][known], rtol=1e-9)
    np.testing.assert_allclose(curve.upper[known], other.confidence_interval_.iloc[1:, 1][known], rtol=1e-9)
    np.testing.assert_array_equal(curve.at_risk, other.event_table["at_risk"].iloc[1:])
    assert curve.median == other.median_survival_time_
