"""Two groups, any groups, ordered groups: against R, and what cannot be estimated."""

from __future__ import annotations

import json
from dataclasses import astuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from strata.survival.groups import Adjustment, Outcome, not_possible, several_groups, two_groups

# pandas 3 reads numbers exactly by itself and deprecates the argument that asks for it
EXACT = {} if int(pd.__version__.split(".")[0]) > 2 else {"float_precision": "round_trip"}


def case(shared, topic, name):
    cases = json.loads((shared / "golden" / f"{topic}.json").read_text())["cases"]
    return next(c["result"] for c in cases if c["id"] == name)


def table(shared, name):
    return pd.read_csv(shared / "golden" / "data" / f"{name}.csv", **EXACT)


def outcome(time, event, **adjustment):
    return Outcome(np.asarray(time, dtype=float), np.asarray(event, dtype=bool), Adjustment(**adjustment))


def compare(made, positive, *, reference=None, **more):
    positive = np.asarray(positive, dtype=bool)
    reference = ~positive if reference is None else np.asarray(reference, dtype=bool)
    return two_groups("made", made, positive=positive, reference=reference, labels=("up", "down"), **more)


def text(comparison):
    return "; ".join(comparison.notes)


# -- against R ---------------------------------------------------------------------------------------------------------


def test_crossing_curves(shared):
    d, r = table(shared, "crossing"), case(shared, "pitfalls", "crossing_curves")
    made = compare(outcome(d["time"], d["event"]), d["x"] == 1)
    assert made.log_rank.p_value == pytest.approx(r["logrank_p"], rel=1e-9)
    assert made.hazard_ratio.value == pytest.approx(r["cox"]["hr"][0], rel=1e-7)
    assert made.hazard_ratio.wald_p == pytest.approx(r["cox"]["p"][0], rel=1e-6)
    assert made.estimable
    # hazards that cross: see test_non_proportional
    assert [note.partition(" (P")[0] for note in made.notes] == ["hazards are not proportional"]
    b, se = r["cox"]["coef"][0], r["cox"]["se"][0]
    z = 1.959963984540054
    assert (made.hazard_ratio.lower, made.hazard_ratio.upper) == pytest.approx(
        (np.exp(b - z * se), np.exp(b + z * se)), rel=1e-7
    )


def test_a_group_without_events_has_a_log_rank_but_no_hazard_ratio(shared):
    d, r = table(shared, "zero_events_arm"), case(shared, "logrank", "lr_zero_events_arm")
    made = compare(outcome(d["time"], d["event"]), d["x"] == 0)
    assert made.hazard_ratio is None
    assert not made.estimable
    assert made.notes[0] == "hazard ratio not estimable (up: no event among 12 patients)"
    assert made.log_rank.chi_squared == pytest.approx(r["survdiff_rho0"]["chisq"], rel=1e-9)
    assert made.log_rank.log10_p == pytest.approx(r["survdiff_rho0"]["log10_p"], rel=1e-9)
    assert [(g.n, g.events) for g in made.groups] == [(12, 0), (12, 6)]


def test_stratified_by_a_factor(shared):
    d = table(shared, "synthetic3cohorts")
    r = case(shared, "meta", "cohigh_two_gene_3cohorts")
    above = d[["IGF1R", "SPHK1"]] > d.groupby("cohort")[["IGF1R", "SPHK1"]].transform("median")
    known = d[["IGF1R", "SPHK1"]].notna().all(axis=1)
    d, both = d[known], above.all(axis=1)[known]
    made = compare(outcome(d["time"], d["event"], stratification_factors=d[["cohort"]].astype("string")), both)
    assert (made.n, made.groups[0].n) == (r["n_used"], r["n_high"])
    assert made.hazard_ratio.value == pytest.approx(r["strat_cox"]["hr"][0], rel=1e-7)
    assert made.hazard_ratio.lower == pytest.approx(r["strat_cox"]["hr_lower"][0], rel=1e-7)
    assert made.log_rank.chi_squared == pytest.approx(r["strat_logrank"]["chisq"], rel=1e-9)
    assert text(made) == "hazard ratio and log-rank stratified by cohort (3 combinations)"


def test_adjusted_for_covariates(shared):
    d = table(shared, "ovarian")
    r = case(shared, "coxph", "cox_ovarian_full")["efron"]
    at = {term: i for i, term in enumerate(r["terms"])}
    covariates = d[["age", "resid.ds", "ecog.ps"]].astype(float)
    made = compare(outcome(d["time"], d["event"], covariates=covariates), d["rx"] == 2)
    assert made.hazard_ratio.value == pytest.approx(r["hr"][at["rx"]], rel=1e-7)
    assert made.hazard_ratio.wald_p == pytest.approx(r["p"][at["rx"]], rel=1e-6)
    assert "adjusted for age, resid.ds, ecog.ps in 26 patients, 12 events" in made.notes
    # the test is not adjusted
    plain = compare(outcome(d["time"], d["event"]), d["rx"] == 2)
    assert made.log_rank.chi_squared == plain.log_rank.chi_squared


def test_trend(shared):
    d, r = table(shared, "larynx"), case(shared, "logrank", "lr_larynx_trend")
    stages = sorted(d["stage"].unique())
    members = [(d["stage"] == stage).to_numpy() for stage in stages]
    made = several_groups(
        "trend", outcome(d["time"], d["event"]), members, labels=[f"q{s}" for s in stages], trend=True
    )
    assert made.log_rank.chi_squared == pytest.approx(r["chisq"], rel=1e-9)
    assert made.log_rank.p_value == pytest.approx(r["p"], rel=1e-8)
    assert (made.log_rank.degrees_of_freedom, made.estimable, made.hazard_ratio) == (1, True, None)


# -- what cannot be estimated ------------------------------------------------------------------------------------------


def test_no_event_at_all():
    made = compare(outcome([1, 2, 3, 4], [0, 0, 0, 0]), [1, 1, 0, 0])
    assert (made.log_rank, made.hazard_ratio, made.estimable) == (None, None, False)
    assert text(made) == "hazard ratio not estimable (no event in 4 patients)"
    assert (made.n, made.events, made.follow_up) == (4, 0, 2.5)


def test_an_empty_group():
    made = compare(outcome([1, 2, 3, 4], [1, 0, 1, 1]), [1, 1, 1, 1])
    assert (made.log_rank, made.hazard_ratio, made.estimable) == (None, None, False)
    assert text(made) == "hazard ratio not estimable (no patient in down)"
    assert [(g.n, g.events) for g in made.groups] == [(4, 3), (0, 0)]


def test_nobody():
    made = compare(outcome([1, 2], [1, 0]), [0, 0], reference=[0, 0], unknown=(2, 1))
    assert (made.n, made.n_unknown, made.n_not_assayed) == (0, 2, 1)
    assert text(made) == "hazard ratio not estimable (no patient has a known call and a known endpoint)"
    assert np.isnan(made.follow_up)


NO_VARIANCE = "no event told the strata apart: the log-rank statistic has no variance"


@pytest.mark.parametrize("trend", [False, True])
def test_events_never_seen_with_both_groups_at_risk(trend):
    # the first group is censored before the second has its first event
    members = [np.array([1, 1, 0, 0], bool), np.array([0, 0, 1, 1], bool)]
    made = several_groups("many", outcome([1, 2, 5, 6], [0, 0, 1, 1]), members, labels=["a", "b"], trend=trend)
    assert (made.log_rank, made.estimable) == (None, False)
    assert text(made) == f"not estimable ({NO_VARIANCE})"


def test_a_hazard_ratio_without_a_log_rank_says_so():
    # everybody who is at risk has the event at the same time
    made = compare(outcome([1, 1, 2, 2], [0, 0, 1, 1]), [0, 1, 0, 1])
    assert made.log_rank is None
    assert made.hazard_ratio.value == pytest.approx(1.0, rel=1e-9)
    assert made.notes[0] == f"no log-rank test ({NO_VARIANCE})"


def test_a_group_that_dies_out_first_has_no_finite_hazard_ratio():
    made = compare(outcome([1, 2, 5, 6], [1, 1, 1, 1]), [1, 1, 0, 0])
    assert made.hazard_ratio is None
    assert "infinite coefficient of up vs down" in text(made)
    assert made.log_rank is not None


@pytest.mark.parametrize("trend", [False, True])
def test_groups_with_an_empty_one(trend):
    members = [np.array(m, bool) for m in ([1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 0, 0])]
    made = several_groups("many", outcome([1, 2, 3, 4], [1, 1, 1, 0]), members, labels=["a", "b", "c"], trend=trend)
    assert (made.log_rank, made.estimable, made.hazard_ratio) == (None, False, None)
    assert text(made) == "not estimable (no patient in c)"
    assert [g.n for g in made.groups] == [2, 2, 0]


def test_not_possible():
    made = not_possible("SPHK1", "no mrna SPHK1", unknown=(5, 4))
    assert (made.n, made.events, made.n_unknown, made.n_not_assayed, made.groups) == (0, 0, 5, 4, ())
    assert (made.estimable, made.notes) == (False, ("no mrna SPHK1",))


def test_small_groups_are_said():
    time = np.arange(1.0, 61.0)
    made = compare(outcome(time, np.arange(60) % 2 == 0), np.arange(60) % 4 == 0)
    # 15 patients are fewer than 20; 45 patients with 15 events are enough
    small = "small group (up 15 patients, 15 events): log-rank P and Wald interval are approximate"
    assert made.notes[0] == small
    assert compare(outcome(time, np.ones(60)), np.arange(60) % 2 == 0).notes == ()


# -- covariates --------------------------------------------------------------------------------------------------------


def test_patients_without_a_covariate_leave_the_cox_model_only():
    rng = np.random.default_rng(3)
    time, event, up = rng.exponential(10, 80), rng.random(80) < 0.7, rng.random(80) < 0.5
    age = pd.DataFrame({"age": np.where(np.arange(80) < 20, np.nan, rng.normal(60, 9, 80))})
    made = compare(outcome(time, event, covariates=age), up)
    assert made.n == 80
    assert f"adjusted for age in 60 patients, {event[20:].sum()} events" in made.notes
    rest = compare(outcome(time[20:], event[20:], covariates=age[20:]), up[20:])
    assert made.hazard_ratio == rest.hazard_ratio
    assert made.log_rank.chi_squared == compare(outcome(time, event), up).log_rank.chi_squared


def test_a_constant_covariate_does_not_cost_the_hazard_ratio():
    rng = np.random.default_rng(4)
    time, event, up = rng.exponential(10, 60), rng.random(60) < 0.7, rng.random(60) < 0.5
    made = compare(outcome(time, event, covariates=pd.DataFrame({"grade": np.full(60, 3.0)})), up)
    plain = compare(outcome(time, event), up)
    assert made.hazard_ratio.value == pytest.approx(plain.hazard_ratio.value, rel=1e-9)
    assert "covariate grade is constant" in text(made)


def test_no_covariate_known():
    made = compare(outcome([1, 2, 3, 4], [1, 1, 1, 0], covariates=pd.DataFrame({"age": [np.nan] * 4})), [1, 0, 1, 0])
    assert made.hazard_ratio is None
    assert text(made).startswith("adjusted for age in 0 patients, 0 events; hazard ratio not estimable (no event)")
    assert text(made).endswith("no Firth hazard ratio (no event)")
    assert made.log_rank is not None


# -- invariants --------------------------------------------------------------------------------------------------------


def chi_squared(comparison):
    return np.nan if comparison.log_rank is None else comparison.log_rank.chi_squared


patients = st.lists(st.tuples(st.integers(1, 30), st.booleans(), st.booleans()), min_size=6, max_size=40).map(
    lambda rows: [np.array(column) for column in zip(*rows)]
)


@settings(max_examples=40, deadline=None)
@given(patients)
def test_the_complement_inverts_the_hazard_ratio(data):
    time, event, up = data
    one, two = compare(outcome(time, event), up), compare(outcome(time, event), ~up)
    assert (one.hazard_ratio is None) == (two.hazard_ratio is None)
    assume(one.hazard_ratio is not None)
    assert two.hazard_ratio.value == pytest.approx(1 / one.hazard_ratio.value, rel=1e-6)
    assert two.hazard_ratio.lower == pytest.approx(1 / one.hazard_ratio.upper, rel=1e-6)
    assert two.hazard_ratio.wald_p == pytest.approx(one.hazard_ratio.wald_p, rel=1e-5)
    assert chi_squared(two) == pytest.approx(chi_squared(one), rel=1e-9, abs=1e-12, nan_ok=True)


@settings(max_examples=40, deadline=None)
@given(patients, st.randoms())
def test_the_order_of_patients_does_not_matter(data, random):
    time, event, up = data
    order = random.sample(range(time.size), time.size)
    one, two = compare(outcome(time, event), up), compare(outcome(time[order], event[order]), up[order])
    assert one.notes == two.notes
    assume(one.hazard_ratio is not None)
    assert two.hazard_ratio.value == pytest.approx(one.hazard_ratio.value, rel=1e-7)
    assert chi_squared(two) == pytest.approx(chi_squared(one), rel=1e-9, abs=1e-12, nan_ok=True)


@settings(max_examples=40, deadline=None)
@given(patients, st.sampled_from([30.4375, 1 / 12, 365.25, 0.1]))
def test_the_unit_of_time_does_not_matter(data, factor):
    time, event, up = data
    one, two = compare(outcome(time, event), up), compare(outcome(time * factor, event), up)
    assert [note[:20] for note in one.notes] == [note[:20] for note in two.notes]  # restricted means are in months
    np.testing.assert_allclose(two.follow_up, one.follow_up * factor, rtol=1e-12)
    assume(one.hazard_ratio is not None)
    assert two.hazard_ratio.value == pytest.approx(one.hazard_ratio.value, rel=1e-7)


@settings(max_examples=40, deadline=None)
@given(patients)
def test_patients_outside_both_groups_change_nothing(data):
    time, event, up = data
    one = compare(outcome(time, event), up)
    wide = outcome(np.append(time, [3, 40]), np.append(event, [True, False]))
    two = compare(wide, np.append(up, [False, False]), reference=np.append(~up, [False, False]))
    assert (one.n, one.notes) == (two.n, two.notes)
    assert (one.hazard_ratio is None) == (two.hazard_ratio is None)
    if one.hazard_ratio is not None:  # sums over event times that nobody compared has are the same sums, rounded anew
        np.testing.assert_allclose(astuple(one.hazard_ratio), astuple(two.hazard_ratio), rtol=1e-10)
