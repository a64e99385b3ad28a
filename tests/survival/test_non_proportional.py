"""The test beside every hazard ratio, and the restricted means where it fails: against R."""

from __future__ import annotations

import json
from math import isnan

import numpy as np
import pandas as pd
import pytest

from strata.survival.checks import CheckOptions
from strata.survival.groups import Adjustment, Outcome, two_groups
from strata.survival.kernels.proportional_hazards import proportional_hazards

EXACT = {} if int(pd.__version__.split(".")[0]) > 2 else {"float_precision": "round_trip"}


def case(shared, topic, name):
    cases = json.loads((shared / "golden" / f"{topic}.json").read_text())["cases"]
    return next(c["result"] for c in cases if c["id"] == name)


def table(shared, name):
    return pd.read_csv(shared / "golden" / "data" / f"{name}.csv", **EXACT)


def outcome(time, event, *, options=None, entry=None, **adjustment):
    made = Adjustment(**adjustment)
    return Outcome(np.asarray(time, float), np.asarray(event, bool), made, entry, options or CheckOptions())


def compare(made, positive):
    positive = np.asarray(positive, dtype=bool)
    return two_groups("made", made, positive=positive, reference=~positive, labels=("up", "down"))


def test_crossing_curves(shared):
    d, r = table(shared, "crossing"), case(shared, "pitfalls", "crossing_curves")
    made = compare(outcome(d["time"], d["event"]), d["x"] == 1)
    assert made.checks.ph_p == pytest.approx(r["zph_km_p"], rel=1e-9)
    last = min(d["time"][d["x"] == x].max() for x in (0, 1))
    assert made.checks.rmst_horizon == last
    assert made.notes[-1].startswith(
        "hazards are not proportional (P 1.3e-11): the hazard ratio is an average over time; over 27.36 months, as far"
        " as both groups are followed, the group up is free of the event 2.28 months longer on average than down"
    )


def test_the_difference_of_restricted_means_by_the_area_between_the_curves(shared):
    d = table(shared, "crossing")
    made = compare(outcome(d["time"], d["event"], options=CheckOptions(rmst_horizon=10)), d["x"] == 1)
    areas = []
    for group in made.groups:
        times = np.concatenate([[0.0], group.curve.times[group.curve.times < 10], [10.0]])
        areas.append(np.diff(times) @ np.concatenate([[1.0], group.curve.survival[group.curve.times < 10]]))
    assert made.checks.rmst_difference == pytest.approx(areas[0] - areas[1], rel=1e-9)
    assert made.checks.rmst_horizon == 10
    turned = compare(outcome(d["time"], d["event"], options=CheckOptions(rmst_horizon=10)), d["x"] == 0)
    assert turned.checks.rmst_difference == pytest.approx(-made.checks.rmst_difference, rel=1e-9)
    assert turned.checks.rmst_p == pytest.approx(made.checks.rmst_p, rel=1e-9)
    assert "shorter" in (made if areas[0] < areas[1] else turned).notes[-1]


def test_restricted_means_like_survrm2(shared):
    d, r = table(shared, "veteran"), case(shared, "rmst", "rmst_veteran")["taus"][0]
    # the treatment's hazards are not proportional in the smaller cells, so that the means are asked for
    made = outcome(d["time"], d["event"], options=CheckOptions(rmst_horizon=r["tau"]))
    from strata.survival.non_proportional import _restricted_means

    found, _ = _restricted_means(made, (d["trt"] == 2).to_numpy(), ("test", "standard"))
    expected = r["difference"]
    numbers = [found[key] for key in ("rmst_difference", "rmst_difference_lower", "rmst_difference_upper", "rmst_p")]
    assert numbers == pytest.approx([expected[key] for key in ("est", "lower", "upper", "p")], rel=1e-9)


def test_proportional_hazards_need_no_restricted_means(shared):
    d, r = table(shared, "ovarian"), case(shared, "coxzph", "zph_ovarian_rx")["km"]
    checks = compare(outcome(d["time"], d["event"]), d["rx"] == 2).checks
    assert checks.ph_p == pytest.approx(r["p"][0], rel=1e-9)
    assert isnan(checks.rmst_horizon)
    assert isnan(checks.rmst_p)


def test_the_test_is_that_of_the_adjusted_model(shared):
    d, r = table(shared, "lung"), case(shared, "coxzph", "zph_lung_age_sex_ecog")["km"]
    d = d[d["ph.ecog"].notna()].reset_index(drop=True)
    covariates = d[["age", "ph.ecog"]].astype(float)
    made = compare(outcome(d["time"], d["event"], covariates=covariates), d["sex"] == 2)
    assert made.checks.ph_p == pytest.approx(r["p"][r["rows"].index("sex")], rel=1e-9)


def test_a_horizon_beyond_a_group_is_said(shared):
    d = table(shared, "crossing")
    made = compare(outcome(d["time"], d["event"], options=CheckOptions(rmst_horizon=99)), d["x"] == 1)
    assert made.notes[-1].endswith("no restricted means up to 99 months (a group is not followed so long)")
    assert isnan(made.checks.rmst_difference)


def test_one_time_of_events_has_no_test():
    made = compare(outcome([5, 5, 6, 6], [1, 1, 0, 0]), [1, 0, 1, 0])
    assert isnan(made.checks.ph_p)
    assert any(note.startswith("proportional hazards not tested (") for note in made.notes)


def alone_at_first(seed=2, n=80):
    """Delayed entry: the first patient is alone at risk when it has the event, the others come later."""
    rng = np.random.default_rng(seed)
    entry = np.concatenate([[0.0], rng.uniform(2, 5, n - 1)])
    time = np.concatenate([[1.0], entry[1:] + rng.exponential(10, n - 1)])
    return time, rng.random(n) < np.where(np.arange(n) == 0, 1.0, 0.8), entry, rng.random(n) < 0.5


def test_a_patient_alone_at_risk_at_first_leaves_the_test_on_ranks():
    time, event, entry, up = alone_at_first()
    event[0] = True
    made = compare(outcome(time, event, entry=entry), up)
    expected = proportional_hazards(time, event, up.astype(float), transform="rank", entry=entry)
    assert made.checks.ph_p == pytest.approx(expected.p_values[0], rel=1e-9)
    assert made.notes[-1].startswith(
        "proportional hazards tested on the ranks of the times: with delayed entry the Kaplan-Meier scale"
    )
    # who was alone at risk tells nothing about the marker: without that patient the usual scale gives a test
    later = compare(outcome(time[1:], event[1:], entry=entry[1:]), up[1:])
    assert not any("ranks" in note for note in later.notes)
    assert np.isfinite(later.checks.ph_p)


def test_covariates_are_tested_on_the_scale_of_the_marker():
    time, event, entry, up = alone_at_first()
    event[0] = True
    age = pd.DataFrame({"age": np.random.default_rng(0).normal(60, 9, time.size)})
    made = compare(outcome(time, event, entry=entry, covariates=age), up)
    assert all(np.isfinite(term.ph_p) for term in made.terms)
    assert made.terms[0].ph_p == made.checks.ph_p


def test_with_one_event_time_and_delayed_entry_the_reason_is_true():
    entry, time = [0.0, 2, 2, 2, 2], [1.0, 5, 5, 6, 6]
    made = compare(outcome(time, [1, 1, 1, 0, 0], entry=np.array(entry)), [1, 1, 0, 1, 0])
    assert isnan(made.checks.ph_p)
    assert "proportional hazards not tested (the hazard ratio of up vs down rests on one event time)" in made.notes
