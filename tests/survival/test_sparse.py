"""Sparse arms: against R's exact test and coxphf, by hand, and what changes nothing."""

from __future__ import annotations

import json
from math import comb, isnan

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strata.survival.checks import CheckOptions
from strata.survival.groups import Adjustment, Outcome, several_groups, two_groups

EXACT = {} if int(pd.__version__.split(".")[0]) > 2 else {"float_precision": "round_trip"}


def case(shared, topic, name):
    cases = json.loads((shared / "golden" / f"{topic}.json").read_text())["cases"]
    return next(c["result"] for c in cases if c["id"] == name)


def outcome(time, event, *, options=None, entry=None, **adjustment):
    made = Adjustment(**adjustment)
    return Outcome(np.asarray(time, float), np.asarray(event, bool), made, entry, options or CheckOptions())


def compare(made, positive):
    positive = np.asarray(positive, dtype=bool)
    return two_groups("made", made, positive=positive, reference=~positive, labels=("up", "down"))


def text(comparison):
    return "; ".join(comparison.notes)


def test_four_against_fourteen_like_coin(shared):
    d = pd.read_csv(shared / "golden" / "data" / "small_unbalanced.csv", **EXACT)
    r = case(shared, "pitfalls", "unbalanced_exact")
    made = compare(outcome(d["time"], d["event"]), d["g"] == 1)
    assert made.checks.permutation_p == pytest.approx(18 / 3060, rel=1e-12)
    assert made.checks.permutation_p == pytest.approx(r["coin_exact_p"], rel=1e-9)
    assert made.checks.permutations == 0
    assert made.log_rank.p_value == pytest.approx(r["asymptotic_p"], rel=1e-9)
    # everybody of the four dies first: R's Cox says 3.8e12
    assert made.hazard_ratio is None
    assert np.isfinite([made.checks.firth_hazard_ratio, made.checks.firth_hazard_ratio_upper]).all()
    assert "permutation P 0.0059 from all 3060 splits (assumes that censoring is the same in the groups)" in text(made)


@pytest.mark.parametrize("which", [0, 1])
def test_an_arm_without_events_like_coxphf(shared, which):
    d = pd.read_csv(shared / "golden" / "data" / "zero_events_arm.csv", **EXACT)
    r = case(shared, "firth", "firth_zero_events_arm")
    made = compare(outcome(d["time"], d["event"]), d["x"] == which)
    ratio, lower, upper = r["hr"][0], r["profile_lower_hr"][0], r["profile_upper_hr"][0]
    if which == 0:
        ratio, lower, upper = 1 / ratio, 1 / upper, 1 / lower
    checks = made.checks
    assert (made.hazard_ratio, made.estimable) == (None, False)
    assert checks.firth_hazard_ratio == pytest.approx(ratio, rel=1e-7)
    assert checks.firth_hazard_ratio_lower == pytest.approx(lower, rel=1e-5)
    assert checks.firth_hazard_ratio_upper == pytest.approx(upper, rel=1e-5)
    assert checks.firth_p == pytest.approx(r["p_penalised_lr"][0], rel=1e-7)
    assert checks.permutations == 10_000  # 2.7 million splits
    assert checks.permutation_p == pytest.approx(0.005, abs=2e-3)
    assert isnan(checks.ph_p)
    assert "Firth's hazard ratio" in text(made)


def test_by_hand_two_against_two():
    # 1+ 2+ against 3+ 4+: of the 6 splits two are as far from the expectation as this one
    made = compare(outcome([1, 2, 3, 4], [1, 1, 1, 1]), [1, 1, 0, 0])
    assert (made.checks.permutation_p, made.checks.permutations) == (pytest.approx(2 / 6), 0)


def test_arms_that_are_large_enough_have_none():
    rng = np.random.default_rng(5)
    time, event, up = rng.exponential(10, 90), np.ones(90), np.arange(90) % 2 == 0
    checks = compare(outcome(time, event), up).checks
    assert isnan(checks.permutation_p)
    assert isnan(checks.firth_p)
    assert checks.permutations is None
    strict = compare(outcome(time, event, options=CheckOptions(sparse_patients=46)), up)
    assert strict.checks.permutations == 10_000
    assert "small group (up 45 patients, 45 events; down 45 patients, 45 events)" in text(strict)


def test_a_permutation_p_within_factors_by_enumeration():
    # one carrier in each of two centres: 4 x 3 arrangements, all equally likely
    time, event = np.array([1, 5, 6, 7, 2, 8, 9.0]), np.array([1, 1, 0, 1, 1, 1, 1], bool)
    centre = pd.DataFrame({"centre": ["a"] * 4 + ["b"] * 3})
    up = np.array([1, 0, 0, 0, 1, 0, 0], bool)
    options = CheckOptions(permutations=20_000)
    made = compare(outcome(time, event, options=options, stratification_factors=centre), up)
    # event less Nelson-Aalen: 9, 5, -7, -7 twelfths in a, 8, 2, -10 in b; the carriers have 17 twelfths, and two of the
    # other arrangements (a -7 and the -10) have -17
    assert made.checks.permutation_p == pytest.approx(3 / 12, abs=4 * np.sqrt(3 / 12 * 9 / 12 / 20_000))
    assert (
        made.notes[0] == "hazard ratio and log-rank stratified by centre (2 combinations)"
    )  # also without a hazard ratio
    assert "20000 permutations inside the stratification factors (seed 0)" in text(made)


def test_the_factors_of_the_rows_are_those_of_their_patients():
    rng = np.random.default_rng(8)
    n = 40
    time, event, up = rng.exponential(5, n), rng.random(n) < 0.8, rng.random(n) < 0.3
    centre = pd.DataFrame({"centre": rng.choice(["a", "b", "c"], n)})
    one = compare(outcome(time, event, stratification_factors=centre), up)
    order = rng.permutation(n)
    two = compare(outcome(time[order], event[order], stratification_factors=centre.iloc[order]), up[order])
    assert one.checks.permutation_p == pytest.approx(two.checks.permutation_p, abs=0.02)
    assert one.checks.firth_hazard_ratio == pytest.approx(two.checks.firth_hazard_ratio, rel=1e-7)


def test_several_sparse_strata():
    members = [np.arange(9) // 3 == i for i in range(3)]
    made = several_groups("many", outcome(np.arange(1, 10), np.ones(9)), members, labels=list("abc"))
    assert made.checks.permutations == 10_000
    trend = several_groups("trend", outcome(np.arange(1, 10), np.ones(9)), members, labels=list("abc"), trend=True)
    assert "no permutation P for trend" in text(trend)
    centre = pd.DataFrame({"centre": list("xyxyxyxyx")})
    factors = outcome(np.arange(1, 10), np.ones(9), stratification_factors=centre)
    stratified = several_groups("many", factors, members, labels=list("abc"))
    assert "log-rank stratified by centre (2 combinations)" in stratified.notes
    assert "no permutation P of several strata inside stratification factors" in text(stratified)
    assert isnan(stratified.checks.permutation_p)


def test_nothing_to_compare_has_no_permutation_p():
    # everybody who is at risk has the event at the same time
    made = compare(outcome([1, 1, 2, 2], [0, 0, 1, 1]), [0, 1, 0, 1])
    assert isnan(made.checks.permutation_p)
    assert "no permutation P (nothing could be compared)" in text(made)


def test_delayed_entry_has_firth_and_no_permutation_p():
    late = outcome([3, 4, 5, 6], [1, 1, 1, 1], entry=np.array([0.0, 1, 2, 2]))
    made = compare(late, [1, 0, 1, 0])
    assert "no permutation P with delayed entry" in text(made)
    assert np.isfinite(made.checks.firth_hazard_ratio)


patients = st.lists(st.tuples(st.integers(1, 9), st.booleans(), st.booleans()), min_size=4, max_size=14).map(
    lambda rows: [np.array(column) for column in zip(*rows)]
)


@settings(max_examples=40, deadline=None)
@given(patients, st.randoms())
def test_neither_the_order_of_patients_nor_which_arm_is_called_positive_changes_p(data, random):
    time, event, up = data
    order = random.sample(range(time.size), time.size)
    one = compare(outcome(time, event), up).checks
    moved = compare(outcome(time[order], event[order]), up[order]).checks
    turned = compare(outcome(time, event), ~up).checks
    assert one.permutation_p == pytest.approx(moved.permutation_p, nan_ok=True)
    assert one.permutation_p == pytest.approx(turned.permutation_p, nan_ok=True)
    assert one.firth_hazard_ratio == pytest.approx(1 / turned.firth_hazard_ratio, rel=1e-6, nan_ok=True)
    assert one.permutations in (None, 0)
    if one.permutations == 0:
        splits = one.permutation_p * comb(time.size, int(up.sum()))
        assert splits == pytest.approx(round(splits), abs=1e-6)


def test_drawn_permutations_too_depend_neither_on_order_nor_on_the_name_of_the_arm():
    rng = np.random.default_rng(2)
    time, event, up = rng.exponential(5, 60).round(), rng.random(60) < 0.6, np.arange(60) < 15
    order = rng.permutation(60)
    ps = [
        compare(outcome(time, event), up).checks.permutation_p,
        compare(outcome(time[order], event[order]), up[order]).checks.permutation_p,
        compare(outcome(time, event), ~up).checks.permutation_p,
    ]
    assert ps[0] == ps[1] == ps[2]
    assert compare(outcome(time, event, options=CheckOptions(seed=1)), up).checks.permutation_p != ps[0]


def test_one_patient_and_one_event_are_in_the_singular():
    made = compare(outcome(np.arange(1, 10), np.eye(1, 9, 0)[0]), np.arange(9) == 0)
    assert "up 1 patient, 1 event" in text(made)
    assert "down: no event among 8 patients" in text(made)
