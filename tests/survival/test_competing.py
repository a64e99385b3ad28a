"""Competing events, from the table to the numbers: against R, and by hand."""

from __future__ import annotations

import json
from math import isnan

import numpy as np
import pandas as pd
import pytest

from strata import DataError, UsageError, compare_survival, read_cohort, stratify
from strata.cohort.model import Endpoint
from strata.signatures import parse_signature
from strata.survival import CheckOptions, cox, cumulative_incidence, follow_up, log_rank
from strata.survival.competing import free_of_the_event
from strata.survival.groups import Adjustment, Outcome, several_groups, two_groups
from strata.survival.observed_times import ObservedTimes

EXACT = {} if int(pd.__version__.split(".")[0]) > 2 else {"float_precision": "round_trip"}


@pytest.fixture
def mgus2(shared):
    return pd.read_csv(shared / "golden" / "data" / "mgus2.csv", **EXACT)


@pytest.fixture
def r(shared):
    cases = json.loads((shared / "golden" / "competing.json").read_text())["cases"]
    return next(case["result"] for case in cases if case["id"] == "cr_mgus2")


@pytest.fixture
def cohort(mgus2, tmp_path):
    """Progression (1), with death before it (2) competing; the marker is being a man."""
    ids = [f"M{i}" for i in range(len(mgus2))]
    columns = {"patient_id": ids, "months": mgus2["etime"], "state": mgus2["ecode"], "decade": mgus2["dxyr"] // 10}
    pd.DataFrame(columns).to_csv(tmp_path / "clinical.tsv", sep="\t", index=False)
    male = pd.DataFrame([["MALE", *(mgus2["sex"] == "M").astype(int)]], columns=["gene", *ids])
    male.to_csv(tmp_path / "mrna.tsv", sep="\t", index=False)
    spec = tmp_path / "cohort.yaml"
    endpoint = "{PROGRESSION: {time: months, event: state, unit: months, competing: 2}}"
    spec.write_text(f"name: mgus\nclinical: clinical.tsv\nmrna: mrna.tsv\nendpoints: {endpoint}\n")
    return read_cohort(spec)


@pytest.fixture
def strata(cohort):
    men = parse_signature({"name": "men", "positive": {"mrna": "MALE", "above": 0.5}}, id="men", where="test")
    return stratify(cohort, men, library={})


def test_curves_tests_and_hazard_ratio_like_r(cohort, strata, mgus2, r):
    row = compare_survival(cohort, strata, "PROGRESSION").comparisons[0]
    for group, name in zip(row.groups, ("M 1", "F 1")):
        at = group.curve.at(r["times"])
        assert 1 - at.survival == pytest.approx(r["cuminc"]["est"][name], rel=1e-9)
        assert isnan(group.curve.median)
    assert row.checks.gray_p == pytest.approx(r["gray_test"]["p"][0], rel=1e-8)
    # the other two are cause-specific
    male, event = (mgus2["sex"] == "M").astype(float), mgus2["ecode"] == 1
    assert row.log_rank.chi_squared == pytest.approx(log_rank(mgus2["etime"], event, male).chi_squared, rel=1e-12)
    assert row.hazard_ratio.value == pytest.approx(cox(mgus2["etime"], event, male).hazard_ratios[0], rel=1e-12)
    assert row.events == int(event.sum())
    n = int((mgus2["ecode"] == 2).sum())
    assert row.notes[0] == (
        f"{n} competing events (2): curves are 1 - cumulative incidence, log-rank test and hazard ratio are"
        " cause-specific"
    )
    assert row.follow_up == follow_up(mgus2["etime"], mgus2["ecode"] > 0).median


def test_the_risk_by_240_months_is_half_of_what_kaplan_meier_says(cohort, strata, shared):
    cases = json.loads((shared / "golden" / "pitfalls.json").read_text())["cases"]
    right = next(case["result"] for case in cases if case["id"] == "competing_mgus2")
    endpoint = cohort.endpoints["PROGRESSION"]
    seen = ObservedTimes.of(endpoint, cohort.patients)
    curve = free_of_the_event(seen.time, seen.event, seen.competing)
    assert 1 - curve.at([240]).survival[0] == pytest.approx(right["cif_right"], rel=1e-9)
    assert right["one_minus_km_wrong"] > 2 * right["cif_right"]


def test_a_horizon_and_factors(cohort, strata, mgus2):
    row = compare_survival(cohort, strata, "PROGRESSION", horizon=60, stratification_factors=["decade"]).comparisons[0]
    assert row.competing.sum() == ((mgus2["ecode"] == 2) & (mgus2["etime"] <= 60)).sum()
    assert 0 < row.checks.gray_p < 1


def test_what_the_reader_says(cohort, tmp_path):
    definition = cohort.endpoints["PROGRESSION"].definition
    assert "competing: '2' (860)" in definition
    spec = tmp_path / "cohort.yaml"
    text = spec.read_text()
    spec.write_text(text.replace("competing: 2", "competing: [2, died]"))
    with pytest.raises(DataError, match="endpoint PROGRESSION: no competing event 'died'"):
        read_cohort(spec)
    spec.write_text(text.replace("competing: 2", "competing: 2, entry: decade"))
    with pytest.raises(Exception, match="has entry and competing, which are not available together"):
        read_cohort(spec)


def test_by_hand():
    # 5 patients: death at 1, event at 2, censored at 3, event at 4, censored at 5
    time, event = np.arange(1.0, 6), np.array([0, 1, 0, 1, 0], bool)
    curve = free_of_the_event(time, event, np.array([1, 0, 0, 0, 0], bool))
    # 4/5 * 1/4 = 1/5 at 2; then 4/5 * 3/4 * 1/2 = 3/10 more at 4
    assert curve.survival == pytest.approx([1, 4 / 5, 4 / 5, 1 / 2, 1 / 2])
    assert curve.at([0, 2, 4.5, 6]).at_risk.tolist() == [5, 4, 1, 0]
    assert curve.censored.tolist() == [1, 0, 1, 0, 1]
    assert isnan(curve.lower[0])
    found = cumulative_incidence(time, [2, 1, 0, 1, 0])
    assert curve.lower[1:] == pytest.approx(1 - found.upper[0, 1:])
    none = free_of_the_event(time, np.zeros(5, bool), np.array([1, 0, 0, 0, 0], bool))
    assert (none.survival == 1).all()


def test_restricted_means_are_not_of_a_curve_that_censors_the_others():
    rng = np.random.default_rng(4)
    n = 400
    up = np.arange(n) % 2 == 0
    time = np.where(up, rng.exponential(5, n), rng.weibull(4, n) * 5)
    cause = rng.choice([1, 2], n)
    outcome = Outcome(time, cause == 1, Adjustment(), None, CheckOptions(), cause == 2)
    row = two_groups("made", outcome, positive=up, reference=~up, labels=("up", "down"))
    assert row.checks.ph_p < 0.05
    assert isnan(row.checks.rmst_difference)
    assert row.notes[-1].endswith("restricted means are not available with competing events")
    several = several_groups("many", outcome, [up, ~up], labels=["up", "down"])
    assert several.checks.gray_p == pytest.approx(row.checks.gray_p, rel=1e-9)


def test_without_events_there_is_no_gray_test():
    outcome = Outcome(np.arange(1.0, 5), np.zeros(4, bool), Adjustment(), competing=np.array([1, 0, 1, 0], bool))
    up = np.array([1, 1, 0, 0], bool)
    row = two_groups("made", outcome, positive=up, reference=~up, labels=("up", "down"))
    assert isnan(row.checks.gray_p)
    assert not row.estimable


def test_delayed_entry_and_competing_events_exclude_each_other():
    patients = pd.Index(["a", "b"])
    entry, other = pd.Series([0.0, 1.0], index=patients), pd.Series([True, False], index=patients)
    time, event = pd.Series([2.0, 3.0], index=patients), pd.Series([False, True], index=patients)
    made = Endpoint("X", time, event, "months", "made", entry, other, ("died",))
    with pytest.raises(UsageError, match="delayed entry and competing events"):
        ObservedTimes.of(made, patients)
