"""Thirty ways to get survival statistics wrong, each with the number that is right.

Where each of the thirty is tested:

=========  ==================================================  ===============================
number     pitfall                                             file
=========  ==================================================  ===============================
1, 2       searched cuts, permutation P of 0                   test_pitfalls_cut_points.py
3 to 15    ties, units, weights, sparse arms, hazards, ...     here
16, 17     cuts over cohorts, heterogeneity                    test_pitfalls_pooling.py
18         multiplicity                                        here
19         predictive claims                                   test_pitfalls_pooling.py
20, 21     missing values, immortal time                       here
22         ties at the median                                  test_pitfalls_cut_points.py
23 to 28   degenerate data, concordance, tiny P, curves        here
29         cutting costs power                                 test_pitfalls_cut_points.py
30         coding of events                                    here
=========  ==================================================  ===============================
"""

from __future__ import annotations

import json
from math import acos, cos, isnan, log, sqrt

import numpy as np
import pandas as pd
import pytest

from strata.cohort import read_cohort
from strata.signatures import parse_signature
from strata.stratification import stratify
from strata.survival import (
    adjust_p,
    compare_survival,
    concordance,
    cox,
    cumulative_incidence,
    firth,
    gray_test,
    kaplan_meier,
    log_rank,
    log_rank_exact,
    max_t,
    proportional_hazards,
    restricted_mean,
    time_dependent_auc,
)

# pandas 3 reads numbers exactly by itself and deprecates the argument that asks for it
EXACT = {} if int(pd.__version__.split(".")[0]) > 2 else {"float_precision": "round_trip"}


@pytest.fixture
def r_of(shared):
    """R's answer of a case."""

    def find(topic, name):
        cases = json.loads((shared / "golden" / f"{topic}.json").read_text())["cases"]
        return next(c["result"] for c in cases if c["id"] == name)

    return find


@pytest.fixture
def table(shared):
    return lambda name: pd.read_csv(shared / "golden" / "data" / f"{name}.csv", **EXACT)


@pytest.fixture
def compare(make_cohort):
    """The user's path: a cohort with one marker (0 or 1) and an endpoint, stratified and compared."""
    above = parse_signature({"name": "made", "positive": {"mrna": "A", "above": 0.5}}, id="made", where="test")

    def made(time, event, marker, *, unit="months", **options):
        index = pd.Index([f"P{i:04d}" for i in range(len(time))], name="patient")
        cohort = make_cohort(
            clinical=pd.DataFrame(index=index),
            mrna=pd.DataFrame({"A": np.asarray(marker, dtype=float)}, index=index),
            endpoints={"OS": (np.asarray(time, dtype=float), np.asarray(event))},
            unit=unit,
        )
        return compare_survival(cohort, stratify(cohort, above, library={}), "OS", **options).comparisons[0]

    return made


def test_3_tied_events_are_efrons_unless_asked_otherwise(table, r_of):
    d = table("tiny_tg1")
    # closed forms
    third = acos(45 / 23 * sqrt(3 / 23)) / 3
    assert cox(d["time"], d["event"], d["x"], ties="breslow").coefficients[0] == pytest.approx(
        log((3 + sqrt(33)) / 2), rel=1e-10
    )
    efron = log(2 * sqrt(23 / 3) * cos(third))
    assert cox(d["time"], d["event"], d["x"]).coefficients[0] == pytest.approx(efron, rel=1e-10)
    assert efron == pytest.approx(r_of("coxph", "cox_tiny_tg1_closed_form")["efron"], rel=1e-12)
    aml, r = table("aml"), r_of("coxph", "cox_aml")
    x = aml["x"] == "Nonmaintained"
    for ties in ("efron", "breslow", "exact"):
        found = cox(aml["time"], aml["status"], x, ties=ties).coefficients[0]
        assert found == pytest.approx(r[ties]["coef"][0], rel=1e-7), ties


def test_4_times_that_differ_by_rounding_are_tied(table, r_of):
    d, r = table("lung_jitter"), r_of("degenerate", "float_ties")
    assert d["time_years_jittered"].nunique() == r["n_unique_jittered"]
    found = cox(d["time_years_jittered"], d["event"], d["sex"]).coefficients[0]
    assert found == pytest.approx(r["coef_years_timefix"], rel=1e-9)
    assert found != pytest.approx(r["coef_years_no_timefix"], rel=1e-4)


def test_5_the_unit_of_time_does_not_matter_its_rounding_does(table, r_of, compare):
    d, r = table("lung_units"), r_of("coxph", "cox_units_days")["efron"]
    for unit in ("days", "months", "years"):
        row = compare(d[unit], d["event"], d["sex"] - 1, unit=unit)
        assert log(row.hazard_ratio.value) == pytest.approx(r["coef"][0], rel=1e-9), unit
    rounded = cox(d["months_1dp"], d["event"], d["sex"]).coefficients[0]
    assert rounded == pytest.approx(r_of("coxph", "cox_units_months_rounded")["efron"]["coef"][0], rel=1e-7)


def test_6_the_weights_of_a_log_rank_test_are_named(table, r_of):
    d, r = table("kidney"), r_of("logrank", "lr_kidney_sex")
    names = {
        "log-rank": "logrank",
        "gehan": "gehan_wilcoxon",
        "tarone-ware": "tarone_ware",
        "peto": "peto_KMleft",
        "peto-modified": "peto_modified",
        "fleming-harrington(0,1)": "fh_0_1",
    }
    for weights, name in names.items():
        test = log_rank(d["time"], d["event"], d["sex"], weights=weights)
        assert test.chi_squared == pytest.approx(r["weighted"][name]["chisq"], rel=1e-9), weights
        assert test.weights.startswith(weights.partition("(")[0])
    assert log_rank(d["time"], d["event"], d["sex"]).p_value == pytest.approx(r["survdiff_rho0"]["p"], rel=1e-9)


def test_7_a_stratified_test_adds_before_it_squares(table, r_of):
    d = table("lung").dropna(subset=["inst"])
    test = log_rank(d["time"], d["event"], d["sex"], stratification_factors=d["inst"])
    right = r_of("logrank", "lr_lung_sex_st_inst")["survdiff_rho0"]["chisq"]
    assert test.chi_squared == pytest.approx(right, rel=1e-9)
    each = [log_rank(own["time"], own["event"], own["sex"]).chi_squared for _, own in d.groupby("inst")]
    assert np.nanmean(each) < right / 5


def test_8_an_arm_without_events_has_no_cox_ratio_but_firths(table, r_of, compare):
    d, r = table("zero_events_arm"), r_of("firth", "firth_zero_events_arm")
    plain = r_of("firth", "plain_cox_on_zero_events_arm")
    row = compare(d["time"], d["event"], d["x"])
    assert row.hazard_ratio is None
    assert row.log_rank.p_value == pytest.approx(plain["score_p"], rel=1e-9)
    fit = cox(d["time"], d["event"], d["x"])
    assert fit.likelihood_ratio.p_value == pytest.approx(plain["lr_p"], rel=1e-7)
    assert isnan(fit.coefficients[0])
    checks = row.checks
    found = (checks.firth_hazard_ratio, checks.firth_hazard_ratio_lower, checks.firth_hazard_ratio_upper)
    assert found == pytest.approx((r["hr"][0], r["profile_lower_hr"][0], r["profile_upper_hr"][0]), rel=1e-5)
    assert checks.firth_p == pytest.approx(r["p_penalised_lr"][0], rel=1e-7)


def test_8_separation_by_a_covariate(shared):
    made = json.loads((shared / "golden" / "firth_breast.json").read_text())["cases"]
    r = next(c["result"] for c in made if "TNGCD" in c["id"])
    d = pd.read_csv(shared / "golden" / "data" / "coxphf_breast.csv", **EXACT)
    fit = firth(d["TIME"], d["CENS"], d[["T", "N", "G", "CD"]])
    at = r["terms"].index("G")
    assert fit.hazard_ratios[2] == pytest.approx(r["hr"][at], rel=1e-6)
    assert (fit.lower[2], fit.upper[2]) == pytest.approx(
        (r["profile_lower_hr"][at], r["profile_upper_hr"][at]), rel=1e-4
    )
    assert (round(fit.hazard_ratios[2], 2), round(fit.p_values[2], 4)) == (11.3, 0.0136)


def test_9_a_tiny_arm_has_an_exact_p(table, r_of, compare):
    d, r = table("small_unbalanced"), r_of("pitfalls", "unbalanced_exact")
    row = compare(d["time"], d["event"], d["g"])
    assert row.log_rank.p_value == pytest.approx(r["asymptotic_p"], rel=1e-9)
    assert row.checks.permutation_p == pytest.approx(18 / 3060, rel=1e-12)
    assert log_rank_exact(d["time"], d["event"], d["g"]).p_value == pytest.approx(r["coin_exact_p"], rel=1e-9)


def test_10_proportional_hazards_are_tested_by_the_score_test(table, r_of):
    d, r = table("gbsg"), r_of("coxzph", "zph_gbsg_full")["km"]
    test = proportional_hazards(d["time"], d["event"], d[r["rows"][:-1]])
    assert test.chi_squared == pytest.approx(r["chisq"][:-1], rel=1e-7)
    assert round(test.chi_squared[r["rows"].index("meno")], 3) == 5.706


def test_10_curves_that_cross_are_said_to(table, r_of, compare):
    d, r = table("crossing"), r_of("pitfalls", "crossing_curves")
    row = compare(d["time"], d["event"], d["x"])
    assert row.checks.ph_p == pytest.approx(r["zph_km_p"], rel=1e-9)
    assert row.log_rank.p_value == pytest.approx(r["logrank_p"], rel=1e-9)
    peto = log_rank(d["time"], d["event"], d["x"], weights="peto")
    assert peto.p_value == pytest.approx(r["peto_rho1_p"], rel=1e-9)
    assert "hazards are not proportional" in row.notes[-1]
    assert not isnan(row.checks.rmst_difference)


def test_11_the_variance_of_a_restricted_mean_is_greenwoods(table, r_of):
    d, taus = table("aml"), r_of("rmst", "rmst_aml")["taus"]
    for r in taus:
        means = restricted_mean(d["time"], d["status"], d["x"] == "Maintained", horizon=r["tau"])
        assert means.standard_errors == pytest.approx([r["arm0"]["se"], r["arm1"]["se"]], rel=1e-9)
        assert means.difference == pytest.approx(r["difference"]["est"], rel=1e-9)
        assert means.p_value == pytest.approx(r["difference"]["p"], rel=1e-8)


def test_12_delayed_entry_is_counted_from_entry(table, r_of):
    d, r = table("channing"), r_of("pitfalls", "left_truncation_channing")
    assert int((d["entry"] >= d["exit"]).sum()) == r["n_dropped_entry_ge_exit"]
    d = d[d["entry"] < d["exit"]]
    fit = cox(d["exit"], d["event"], (d["gender"] == 1).astype(float), entry=d["entry"])
    assert fit.hazard_ratios[0] == pytest.approx(r["right_entry"]["hr"][0], rel=1e-7)
    women = d[d["gender"] == 2]
    curve = kaplan_meier(women["exit"], women["event"], entry=women["entry"])
    assert curve.at([960]).survival[0] == pytest.approx(r["S_female_960mo_right"], rel=1e-9)


def test_13_competing_events_are_not_censored(table, r_of):
    d, r = table("mgus2"), r_of("pitfalls", "competing_mgus2")
    curve = cumulative_incidence(d["etime"], d["ecode"])
    at = curve.at([240]).incidence
    assert at[:, 0] == pytest.approx([r["cif_right"], r["cif_death"]], rel=1e-9)
    wrong = 1 - kaplan_meier(d["etime"], d["ecode"] == 1).at([240]).survival[0]
    assert wrong == pytest.approx(r["one_minus_km_wrong"], rel=1e-9)
    gray = gray_test(d["etime"], d["ecode"], d["sex"])
    tests = r_of("competing", "cr_mgus2")["gray_test"]
    assert gray.chi_squared == pytest.approx(tests["stat"], rel=1e-9)
    assert gray.p_values == pytest.approx(tests["p"], rel=1e-8)


def test_14_an_event_at_the_horizon_stays(r_of, compare):
    r = r_of("horizon", "hz_tiny_event_at_horizon")
    row = compare([1, 2, 3, 5, 5, 7, 9], [1, 0, 1, 1, 0, 1, 0], [0, 1, 0, 1, 0, 1, 0], horizon=5)
    assert sorted(zip(row.time, row.event.astype(int))) == sorted(zip(r["time"], r["event"]))
    curve = kaplan_meier(row.time, row.event)
    assert curve.survival == pytest.approx(r["surv"], rel=1e-12)


def test_15_disease_free_survival_ends_at_the_first_of_both(table, r_of, compare):
    d, r = table("rotterdam"), r_of("pitfalls", "dfs_definition_rotterdam")
    row = compare(d["rfs_time"], d["rfs_event"], d["hormon"], unit="days")
    assert log(row.hazard_ratio.value) == pytest.approx(r["dfs_right"]["coef"][0], rel=1e-7)
    assert row.events == r["n_dfs_events"]
    # deaths after the recurrence clock stopped would be events at the wrong time
    mixed = cox(d["rtime"], np.maximum(d["recur"], d["death"]), d["hormon"]).coefficients[0]
    assert mixed == pytest.approx(r["wrong_mix"]["coef"][0], rel=1e-7)


@pytest.mark.parametrize("method", ["BH", "BY", "Holm", "Hochberg", "Hommel", "Bonferroni"])
def test_18_adjusted_p_leaves_out_what_is_missing_and_counts_what_failed(r_of, method):
    def numbers(values):
        return np.array([np.nan if value == "NA" else value for value in values])

    r = r_of("padjust", "padj_pn")
    p = numbers(r["p"])
    right = numbers(r["BH" if method == "BH" else "BY" if method == "BY" else method.lower()])
    np.testing.assert_allclose(adjust_p(p, method), right, rtol=1e-12)
    assert np.nanmin(adjust_p(p, method, n=6)) > np.nanmin(right)


def test_18_rare_markers_are_adjusted_by_permutation(table, r_of):
    d, r = table("westfall_young10"), r_of("padjust", "wy_maxT_3markers")
    found = max_t(d["time"], d["event"], d[["m1", "m2", "m3"]])
    assert found.statistics == pytest.approx(r["obs_T"], rel=1e-9)
    assert found.adjusted_p_values == pytest.approx(r["p_step_down"], abs=0.015)
    assert found.single_step_p_values == pytest.approx(r["p_single_step"], abs=0.015)


def test_20_low_and_missing_is_low_and_high_and_missing_is_unknown(table, r_of, make_cohort):
    d, r = table("synthetic3cohorts").set_index("patient"), r_of("pitfalls", "cohigh_kleene")["kleene"]
    genes = d[["IGF1R", "SPHK1"]] - d.groupby("cohort")[["IGF1R", "SPHK1"]].transform("median")
    both = {"all": [{"mrna": "IGF1R", "above": 0}, {"mrna": "SPHK1", "above": 0}]}
    pair = parse_signature({"name": "pair", "positive": both}, id="pair", where="test")
    cohort = make_cohort(
        clinical=d[["cohort"]].astype("string"),
        mrna=genes.round(9),
        endpoints={"OS": (d["time"].to_numpy(), d["event"].to_numpy())},
    )
    strata = stratify(cohort, pair, library={})
    row = compare_survival(cohort, strata, "OS", stratification_factors=["cohort"]).comparisons[0]
    assert (row.n, row.groups[0].n) == (r["n_used"], r["n_high"])
    assert row.hazard_ratio.value == pytest.approx(r["hr"][0], rel=1e-7)


def test_21_a_group_known_later_needs_a_landmark(table, compare):
    d = table("jasa")
    naive = compare(d["futime"], d["fustat"], d["tx"], unit="days")
    assert round(naive.hazard_ratio.value, 2) == 0.27
    by_60_days = (d["wait.time"] <= 60).astype(float)
    row = compare(d["futime"], d["fustat"], by_60_days, unit="days", landmark=60 / 30.4375)
    assert (round(row.hazard_ratio.value, 2), round(row.hazard_ratio.wald_p, 2)) == (0.77, 0.47)
    heart = table("heart")
    right = cox(heart["stop"], heart["event"], heart["transplant"], entry=heart["start"])
    assert (round(right.hazard_ratios[0], 2), round(right.p_values[0], 2)) == (1.14, 0.67)


def test_21_a_marker_that_was_measured_later_is_said_and_entry_mends_it(table, tmp_path):
    heart = table("heart").rename(columns={"stop": "os_days", "event": "os_event", "start": "marker_time"})
    heart.insert(0, "patient", [f"P{i:03d}" for i in range(len(heart))])
    heart[["patient", "os_days", "os_event", "marker_time"]].to_csv(tmp_path / "clinical.csv", index=False)
    marker = heart.set_index("patient")[["transplant"]].rename(columns={"transplant": "TX"}).T
    marker.to_csv(tmp_path / "mrna.csv", index_label="gene")
    columns = "time: os_days, event: os_event"
    rule = parse_signature({"name": "made", "positive": {"mrna": "TX", "above": 0.5}}, id="made", where="test")

    def ratio(endpoint):
        described = f"name: heart\nclinical: clinical.csv\nmrna: mrna.csv\nendpoints: {{OS: {{{endpoint}}}}}\n"
        (tmp_path / "cohort.yaml").write_text(described)
        cohort = read_cohort(tmp_path / "cohort.yaml")
        row = compare_survival(cohort, stratify(cohort, rule), "OS").comparisons[0]
        return round(row.hazard_ratio.value, 2), [note for note in row.notes if note.startswith("W809")]

    late = "W809: column 'marker_time' is after time zero for 69 patients: immortal time; "
    mend = "give the endpoint entry: marker_time in a cohort YAML, or begin at a --landmark"
    assert ratio(columns) == (0.6, [late + mend])
    assert ratio(f"{columns}, entry: marker_time") == (1.14, [])


def test_23_one_group_or_no_event_has_a_reason_and_no_p(compare):
    one = compare([1, 2, 3], [1, 1, 0], [1, 1, 1])
    assert (one.log_rank, one.hazard_ratio, one.estimable) == (None, None, False)
    assert one.notes == ("hazard ratio not estimable (no patient in negative)",)
    none = compare([1, 2, 3], [0, 0, 0], [1, 0, 1])
    assert (none.log_rank, none.hazard_ratio, none.estimable) == (None, None, False)
    assert none.notes == ("hazard ratio not estimable (no event in 3 patients)",)
    assert isnan(none.checks.permutation_p)


def test_24_concordance_and_auc_weigh_by_who_is_uncensored_just_before(table, r_of):
    d, r = table("gbsg"), r_of("concordance", "cidx_gbsg_nodes")
    assert concordance(d["time"], d["event"], d["nodes"]).concordance == pytest.approx(r["n"]["C"], rel=1e-9)
    uno = concordance(d["time"], d["event"], d["nodes"], method="uno").concordance
    assert uno == pytest.approx(r["n_over_G2"]["C"], rel=1e-9)
    assert uno != pytest.approx(0.645923, abs=1e-4)
    auc = r_of("auc", "auc_gbsg")
    found = time_dependent_auc(d["time"], d["event"], d["nodes"], auc["times"]).auc
    assert found == pytest.approx(auc["auc"], rel=1e-9)


def test_25_no_p_is_0(table, r_of):
    from strata.survival.kernels.chi_squared import chi_squared_p

    d, r = table("flchain"), r_of("logrank", "lr_flchain_flcgrp")["survdiff_rho0"]
    test = log_rank(d["time"], d["event"], d["flc.grp"])
    assert test.log10_p == pytest.approx(r["log10_p"], rel=1e-9)
    assert test.p_value == pytest.approx(r["p"], rel=1e-6)
    tiny = r_of("pitfalls", "tiny_p")
    found = [chi_squared_p(statistic, 1)[1] for statistic in tiny["chisq"]]
    assert found == pytest.approx(tiny["log10_p"], rel=1e-12)


def test_26_a_curve_that_rests_at_one_half_has_a_stated_median(table, r_of):
    d = table("camis_plateau")
    curve = kaplan_meier(d["time"], d["event"])
    at = r_of("survfit", "km_camis_plateau")["groups"][0]["quantiles"]["log-log"]
    assert curve.median == at["est"][at["p"].index(0.5)] == 102.5
    ovarian = table("ovarian")
    second = ovarian[ovarian["rx"] == 2]
    reached = kaplan_meier(second["time"], second["event"])
    quantiles = r_of("survfit", "km_ovarian_rx")["groups"][1]["quantiles"]["log-log"]
    assert quantiles["est"][1] == "NA"
    assert isnan(reached.median)
    assert reached.median_lower == quantiles["lower"][1]


def test_27_the_interval_of_a_curve_has_a_name(table, r_of):
    d, r = table("veteran"), r_of("pitfalls", "km_ci_types")
    large = d[d["celltype"] == "large"]
    for at, kind in enumerate(r["types"]):
        curve = kaplan_meier(large["time"], large["event"], confidence=kind)
        found = curve.at([500])
        assert found.survival[0] == pytest.approx(r["surv"], rel=1e-9)
        assert (found.lower[0], found.upper[0]) == pytest.approx((r["lower"][at], r["upper"][at]), rel=1e-9), kind
    assert kaplan_meier(large["time"], large["event"]).confidence == "log-log"


def test_28_no_interval_where_survival_is_0_or_1(r_of):
    r = r_of("degenerate", "R_behaviour")["last_obs_event_loglog_ci"]
    curve = kaplan_meier([1, 2, 3], [1, 1, 1])
    assert curve.survival == pytest.approx(r["surv"])
    assert curve.lower[:2] == pytest.approx(r["lower"][:2], rel=1e-9)
    assert isnan(curve.lower[2])
    assert isnan(curve.upper[2])
    none = kaplan_meier([1, 2, 3], [0, 0, 0])
    assert (none.survival == 1).all()
    assert not (none.lower == 1).all()


def test_30_the_word_for_the_event_is_read_the_right_way_round(table, r_of, tmp_path):
    from strata import read_cohort

    d, r = table("lung"), r_of("pitfalls", "coding_errors_lung")
    words = d["event"].map({1: "DECEASED", 0: "LIVING"})
    clinical = pd.DataFrame(
        {"patient_id": [f"L{i}" for i in range(len(d))], "os_days": d["time"], "os_status": words, "sex": d["sex"]}
    )
    clinical.to_csv(tmp_path / "clinical.tsv", sep="\t", index=False)
    cohort = read_cohort(tmp_path)
    endpoint = cohort.endpoints["OS"]
    test = log_rank(endpoint.time, endpoint.event.astype(bool), d["sex"])
    assert test.p_value == pytest.approx(r["right"], rel=1e-9)
    for wrong, event in (("all_events", np.ones(len(d))), ("inverted_CNSR", 1 - d["event"])):
        assert log_rank(d["time"], event, d["sex"]).p_value == pytest.approx(r[wrong], rel=1e-9)
    # 1 and 2 may mean either: never guessed
    clinical["os_status"] = d["event"] + 1
    clinical.to_csv(tmp_path / "clinical.tsv", sep="\t", index=False)
    from strata import DataError

    with pytest.raises(DataError, match="os_status"):
        read_cohort(tmp_path)
