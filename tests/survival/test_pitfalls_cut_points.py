"""Pitfalls of cut-points, each with the right number: the search, P = 0, ties at the median, lost power."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from strata.signatures import parse_signature
from strata.stratification import stratify
from strata.survival import cox, log_rank, search_cut_point

EXACT = {} if int(pd.__version__.split(".")[0]) > 2 else {"float_precision": "round_trip"}
HIGH = parse_signature({"name": "h", "positive": {"mrna": "A", "above": "median"}}, id="h", where="test")
AT_LEAST = parse_signature({"name": "h", "positive": {"mrna": "A", "at_least": "median"}}, id="h", where="test")


def case(shared, name, topic="cutpoint"):
    cases = json.loads((shared / "golden" / f"{topic}.json").read_text())["cases"]
    return next(c["result"] for c in cases if c["id"] == name)


@pytest.fixture
def cohort_of(make_cohort):
    def make(values, time, event):
        index = pd.Index([f"P{i:04d}" for i in range(len(values))], name="patient")
        mrna = pd.DataFrame({"A": np.asarray(values, dtype=float)}, index=index)
        endpoints = {"OS": (np.asarray(time), np.asarray(event))}
        return make_cohort(clinical=pd.DataFrame(index=index), mrna=mrna, endpoints=endpoints)

    return make


@pytest.mark.parametrize(
    ("name", "dataset", "marker", "right", "median"),
    [
        ("mx_myeloma_DEPDC1", "myeloma", "DEPDC1", 6.0e-4, 5.6e-3),
        ("mx_DLBCL_MGE", "DLBCL", "MGE", 0.011, 0.080),
    ],
)
def test_pitfall_1_a_searched_cut_has_the_corrected_p(shared, cohort_of, name, dataset, marker, right, median):
    d = pd.read_csv(shared / "golden" / "data" / f"{dataset}.csv", **EXACT)
    frame = search_cut_point(cohort_of(d[marker], d["time"], d["event"]), HIGH, "OS", bootstrap=0).to_frame()
    assert frame["log_rank_p"][0] == pytest.approx(right, abs=2e-3)
    assert frame["log_rank_p"][1] == pytest.approx(median, rel=0.01)
    r = case(shared, name)
    naive = [r["naive_survdiff_p_at_cut"], r["survdiff_min_p"], r["survdiff_best_chisq"], r["M"], r["M"] ** 2]
    numbers = frame.select_dtypes("number").to_numpy(dtype=float, na_value=np.nan).ravel()
    assert not any(np.isclose(numbers, wrong, rtol=1e-6, atol=0).any() for wrong in naive)


def test_pitfall_1_the_corrected_p_of_a_marker_without_effect_is_uniform(cohort_of):
    rng = np.random.default_rng(20)
    found, naive = [], []
    for _ in range(200):
        time, censored, values = rng.exponential(size=50), rng.exponential(2, 50), rng.normal(size=50)
        cohort = cohort_of(values, np.minimum(time, censored), time <= censored)
        searched = search_cut_point(cohort, HIGH, "OS", permutations=199, bootstrap=0)
        found.append(searched.p_value)
        naive.append(log_rank(np.minimum(time, censored), time <= censored, values > searched.cut).p_value)
    for level in (0.05, 0.1, 0.25, 0.5, 0.75):
        lower, upper = binom.ppf([0.0005, 0.9995], 200, level)
        assert lower <= (np.array(found) <= level).sum() <= upper
    assert (np.array(naive) <= 0.05).mean() > 0.3  # what the search does to a P that does not know of it


def test_pitfall_2_a_permutation_p_is_never_0(shared, cohort_of):
    d = pd.read_csv(shared / "golden" / "data" / "gbsg.csv", **EXACT)
    assert case(shared, "mx_gbsg_pgr")["p_condMC_B99999_seed42"] == 0
    cohort = cohort_of(d["pgr"], d["rfstime"], d["status"])
    found = search_cut_point(cohort, HIGH, "OS", permutations=99_999, bootstrap=0)
    assert found.p_value == pytest.approx(1e-5, rel=1e-12)


def test_pitfall_22_above_the_median_is_strict_and_its_ties_are_counted(shared, cohort_of):
    r = case(shared, "cut_tied_quantiles")
    cohort = cohort_of(r["v"], np.arange(1, 15), [1] * 14)
    strata = stratify(cohort, HIGH, library={})
    assert strata.counts["positive"] == r["n_high_strict"] == 5
    assert stratify(cohort, AT_LEAST, library={}).counts["positive"] == r["n_high_ge"] == 8
    assert strata.notes == ("3 of 14 patients tie with the median of mrna A",)
    r = case(shared, "median_is_minimum", "pitfalls")
    cohort = cohort_of([0] * 60 + list(range(1, 41)), np.arange(1, 101), [1] * 100)
    strata = stratify(cohort, HIGH, library={})
    assert strata.cut_points.cuts[0].value == r["median"]
    assert strata.counts["positive"] == r["n_high_strict"] == 40
    lowest = "median of mrna A: it is also the lowest value"
    assert strata.notes == ("60 of 100 patients tie with the median of mrna A", lowest)


def test_pitfall_29_a_cut_costs_power_so_the_hazard_ratio_per_sd_stands_beside_it(cohort_of):
    # log hazard ratio 0.3 per SD, 150 patients, some 85 events: power 0.78 uncut and 0.57 at the median
    rng = np.random.default_rng(29)
    uncut, halves = [], []
    for _ in range(1000):
        values = rng.normal(size=150)
        time, censored = rng.exponential(np.exp(-0.3 * values)), rng.exponential(1.25, 150)
        observed, event = np.minimum(time, censored), time <= censored
        uncut.append(cox(observed, event, values / values.std(ddof=1)).p_values[0] < 0.05)
        halves.append(log_rank(observed, event, values > np.median(values)).p_value < 0.05)
    lower, upper = binom.ppf([0.0005, 0.9995], 1000, [[0.78], [0.57]]).T / 1000
    assert lower[0] <= np.mean(uncut) <= upper[0]
    assert lower[1] <= np.mean(halves) <= upper[1]
    row = search_cut_point(cohort_of(values, observed, event), HIGH, "OS", permutations=99, bootstrap=0).result[
        "per_sd"
    ]
    assert row.hazard_ratio.wald_p == cox(observed, event, values / values.std(ddof=1)).p_values[0]
