"""search_cut_point: R's corrected P through the public path, the rows beside it, who is in, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from strata.errors import DataError, UsageError
from strata.signatures import parse_signature
from strata.stratification import CutPoints, stratify
from strata.survival import (
    compare_survival,
    cox,
    firth,
    maximally_selected_log_rank,
    proportional_hazards,
    search_cut_point,
)

EXACT = {} if int(pd.__version__.split(".")[0]) > 2 else {"float_precision": "round_trip"}
FAST = {"permutations": 199, "bootstrap": 20}


def signature(**rules):
    made = {"name": "made", "positive": {"mrna": "A", "above": "median"}} | rules
    return parse_signature(made, id="made", where="test")


def case(shared, name, topic="cutpoint"):
    cases = json.loads((shared / "golden" / f"{topic}.json").read_text())["cases"]
    return next(c["result"] for c in cases if c["id"] == name)


@pytest.fixture
def cohort_of(make_cohort):
    def make(values, time, event, **more):
        index = pd.Index([f"P{i:04d}" for i in range(len(values))], name="patient")
        mrna = pd.DataFrame({"A": np.asarray(values, dtype=float)}, index=index)
        clinical = pd.DataFrame(more, index=index, dtype="string") if more else pd.DataFrame(index=index)
        return make_cohort(clinical=clinical, mrna=mrna, endpoints={"OS": (np.asarray(time), np.asarray(event))})

    return make


@pytest.fixture
def planted(cohort_of):
    """Eighty patients; those above 1 die three times as fast."""
    rng = np.random.default_rng(8)
    values = rng.normal(1, 1, 80).round(3)
    time = rng.exponential(30 / np.where(values > 1, 3, 1)) + 0.1
    return cohort_of(values, time, rng.random(80) < 0.8, er=["positive"] * 60 + ["negative"] * 20)


def golden_cohort(shared, cohort_of, dataset, marker):
    d = pd.read_csv(shared / "golden" / "data" / f"{dataset}.csv", **EXACT)
    return cohort_of(d[marker], d["time"], d["event"])


@pytest.mark.parametrize(
    ("name", "dataset", "marker"),
    [("mx_myeloma_DEPDC1", "myeloma", "DEPDC1"), ("mx_DLBCL_MGE", "DLBCL", "MGE")],
)
def test_the_corrected_p_is_rs(shared, cohort_of, name, dataset, marker):
    r = case(shared, name)
    cohort = golden_cohort(shared, cohort_of, dataset, marker)
    found = search_cut_point(cohort, signature(), "OS", bootstrap=20)
    assert found.cut == pytest.approx(r["cutpoint"], rel=1e-12)
    assert found.p_value == pytest.approx(r["p_condMC_B99999_seed42"], abs=2e-3)
    row = found.to_frame().iloc[0]
    assert (row["n"], row["n_positive"]) == (r["n"], r["n_high"])
    assert row["log_rank_p"] == found.p_value
    for method, key in (("lau92", "p_Lau92"), ("lau94", "p_Lau94"), ("hothorn-lausen", "p_HL")):
        exact = search_cut_point(cohort, signature(), "OS", method=method, bootstrap=0)
        if r[key] == "NaN":
            assert np.isnan(exact.p_value)
            assert "no corrected P" in exact.to_frame()["note"][0]
            assert pd.isna(exact.to_frame()["log_rank_p"][0])
        else:
            assert exact.p_value == pytest.approx(r[key], rel=1e-6)
    split = found.to_frame().iloc[1]
    assert (split["comparison"], split["cut"]) == ("median_split", "median")
    assert np.log10(split["log_rank_p"]) == pytest.approx(np.log10(r["median_cut_gt"]["p"]), rel=1e-9)
    assert split["hazard_ratio"] == pytest.approx(r["median_cut_gt"]["hr"], rel=1e-7)


def test_the_rows_beside_it_are_those_of_other_functions(planted):
    result = search_cut_point(planted, signature(), "OS", **FAST).to_frame()
    assert result["comparison"].tolist() == ["positive_vs_rest", "median_split", "per_sd"]
    assert result["cut"].fillna("").tolist() == ["optimal", "median", ""]
    split = compare_survival(planted, stratify(planted, signature(), library={}), "OS").to_frame()
    shared = ["n", "events", "n_positive", "hazard_ratio", "hazard_ratio_lower", "log_rank_chi2", "log_rank_p"]
    pd.testing.assert_series_equal(result.loc[1, shared], split.loc[0, shared], check_names=False)
    values = planted.assays["mrna"].read(["A"])["A"].to_numpy()
    os = planted.endpoints["OS"]
    fit = cox(os.time.to_numpy(), os.event.to_numpy(dtype=bool), values / values.std(ddof=1))
    assert result.loc[2, "hazard_ratio"] == pytest.approx(fit.hazard_ratios[0], rel=1e-12)
    assert result.loc[2, "wald_p"] == pytest.approx(fit.p_values[0], rel=1e-12)
    assert pd.isna(result.loc[2, "log_rank_p"])


def test_a_searched_row_holds_no_test_of_its_groups(planted):
    found = search_cut_point(planted, signature(), "OS", **FAST)
    row = found.result.comparisons[0]
    assert row.searched
    assert row.log_rank.p_value == found.p_value
    assert np.isnan(row.log_rank.chi_squared)
    assert row.log_rank.observed.size == row.log_rank.expected.size == row.log_rank.covariance.size == 0
    frame = found.to_frame().iloc[0]
    empty = ["wald_p", "log_rank_chi2", "permutation_p", "firth_p", "ph_p", "rmst_p"]
    assert frame[[name for name in empty if name in frame]].isna().all()
    note = frame["note"]
    for words in (
        "corrected for the search (199 permutations, seed 0",
        "cross-fitted",
        "not a confidence interval",
        "proportional hazards are tested in the rows median_split and per_sd",
    ):
        assert words in note
    assert frame["ph_p"] != frame["ph_p"]
    assert found.to_frame()["ph_p"][1:].notna().all()
    assert found.hazard_ratio.value == frame["hazard_ratio"]
    assert found.stability[0] <= found.cut <= found.stability[1]


@pytest.mark.parametrize("comparator", ["above", "at_least", "below", "at_most"])
def test_every_comparator_parts_the_same_patients(planted, comparator):
    above = search_cut_point(planted, signature(), "OS", **FAST)
    found = search_cut_point(planted, signature(positive={"mrna": "A", comparator: "median"}), "OS", **FAST)
    high = above.strata.is_("positive")
    expected = high if comparator in ("above", "at_least") else above.strata.is_("negative")
    assert (found.strata.is_("positive") == expected).all()
    assert found.p_value == above.p_value
    ratio = above.hazard_ratio.value if comparator in ("above", "at_least") else 1 / above.hazard_ratio.value
    assert found.hazard_ratio.value == pytest.approx(ratio, rel=1e-9)
    applied = stratify(planted, signature(positive={"mrna": "A", comparator: "median"}), cut_points=found.cut_points)
    assert (applied.is_("positive") == expected).all()


def test_the_cut_can_be_saved_and_applied_elsewhere(planted, cohort_of, tmp_path):
    found = search_cut_point(planted, signature(), "OS", **FAST)
    found.cut_points.save(tmp_path / "cut.json")
    points = CutPoints.load(tmp_path / "cut.json")
    assert points == found.cut_points
    assert points.cuts[0].note == "searched on OS, in the 80 patients with a known OS"
    other = cohort_of([found.cut, found.cut + 1e-6, 99.0, np.nan], [1, 2, 3, 4], [1, 1, 0, 1])
    strata = stratify(other, signature(), cut_points=points)
    assert strata.to_frame()["call"].tolist() == ["negative", "positive", "positive", "unknown"]


def test_only_patients_of_the_population_with_value_and_endpoint_are_searched(cohort_of):
    rng = np.random.default_rng(2)
    values, time, event = rng.normal(size=60), rng.exponential(size=60), rng.random(60) < 0.7
    values[:5] = np.nan
    time[5:8] = np.nan
    time[50:] = 1e-6  # outside the population, and of another kind altogether
    er = ["positive"] * 50 + ["negative"] * 10
    cohort = cohort_of(values, time, event, er=er)
    made = signature(population={"clinical": "er", "is": "positive"})
    found = search_cut_point(cohort, made, "OS", **FAST)
    alone = search_cut_point(cohort_of(values[8:50], time[8:50], event[8:50]), signature(), "OS", **FAST)
    assert (found.cut, found.p_value) == (alone.cut, alone.p_value)
    row = found.to_frame().iloc[0]
    assert (row["n"], row["n_unknown"]) == (42, 5)
    assert dict(found.result.left_out) == {
        "outside the population": 10,
        "membership of the population unknown": 0,
        "no known OS": 3,
    }
    assert found.strata.counts == {
        "positive": row["n_positive"] + (values[5:8] > found.cut).sum(),
        "negative": 42 - row["n_positive"] + (values[5:8] <= found.cut).sum(),
        "unknown": 5,
        "not applicable": 10,
    }


def test_horizon_and_covariates(planted):
    cut = search_cut_point(planted, signature(), "OS", horizon=12, **FAST)
    assert cut.outcome.time.max() == 12
    plain = search_cut_point(planted, signature(), "OS", **FAST)
    adjusted = search_cut_point(planted, signature(), "OS", covariates=["er"], **FAST)
    assert adjusted.p_value == plain.p_value
    assert adjusted.hazard_ratio.value != plain.hazard_ratio.value
    notes = adjusted.to_frame()["note"]
    assert notes.str.contains("adjusted for er=positive in 80 patients").all()
    assert "P is not adjusted" in notes[0]
    searched = adjusted.result.comparisons[0]
    assert searched.own_p == adjusted.hazard_ratio.wald_p > adjusted.p_value
    assert np.isnan(plain.hazard_ratio.wald_p)
    assert searched.answer()[1] == "Cox Wald, adjusted for er"


def test_the_hazard_ratio_per_sd_has_rs_test_of_proportional_hazards(shared, cohort_of):
    d, r = (
        pd.read_csv(shared / "golden" / "data" / "lung.csv", **EXACT),
        case(shared, "zph_lung_age_sex_ecog", "coxzph"),
    )
    d = d[d["ph.ecog"].notna()]
    cohort = cohort_of(d["age"], d["time"], d["event"], sex=d["sex"].to_numpy(), ecog=d["ph.ecog"].to_numpy())
    found = search_cut_point(cohort, signature(), "OS", covariates=["sex", "ecog"], **FAST)
    row = found.result["per_sd"]
    assert row.checks.ph_p == pytest.approx(r["km"]["p"][r["km"]["rows"].index("age")], rel=1e-9)
    assert not any("proportional" in note for note in row.notes)
    assert np.isnan(row.checks.firth_hazard_ratio)


def fading(seed, n=200):
    """A marker that means much at first and the reverse later."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=n)
    early = rng.exponential(np.exp(-values))
    return values, np.where(early < 1, early, 1 + rng.exponential(np.exp(values)))


def test_hazards_that_are_not_proportional_per_sd_are_said(cohort_of):
    values, time = fading(0)
    rows = search_cut_point(cohort_of(values, time, np.ones(200)), signature(), "OS", **FAST).result
    row = rows["per_sd"]
    column = values / values.std(ddof=1)
    assert row.checks.ph_p == proportional_hazards(time, np.ones(200), column).p_values[0] < 0.05
    assert row.notes[-1] == (
        f"hazards are not proportional (P {row.checks.ph_p:.2g}): the hazard ratio is an average over time; restricted"
        " means need groups: those of the row median_split"
    )
    assert np.isnan(row.checks.rmst_difference)
    assert np.isfinite(rows["median_split"].checks.rmst_difference)


def test_restricted_means_are_only_pointed_at_where_there_are_any(cohort_of):
    values, time = fading(0)
    cohort = cohort_of(values, time, np.ones(200))
    none = pd.Series(False, index=cohort.patients, dtype="boolean")
    endpoint = replace(cohort.endpoints["OS"], competing=none, competing_words=("other",))
    rows = search_cut_point(cohort, signature(), endpoint, **FAST).result
    assert any("not available with competing events" in note for note in rows["median_split"].notes)
    assert rows["per_sd"].checks.ph_p < 0.05
    assert rows["per_sd"].notes[-1].endswith("the hazard ratio is an average over time")


@pytest.mark.parametrize(("n", "events", "few"), [(15, 15, True), (60, 9, True), (60, 10, False)])
def test_few_patients_or_events_have_firths_hazard_ratio_per_sd(cohort_of, n, events, few):
    rng = np.random.default_rng(n + events)
    values, time, site = rng.normal(size=n), rng.exponential(size=n), np.arange(n) % 2
    event = np.arange(n) < events
    cohort = cohort_of(values, time, event, site=np.array(["x", "y"])[site])
    found = search_cut_point(cohort, signature(), "OS", stratification_factors=["site"], **FAST)
    row = found.result["per_sd"]
    said = f"few patients or events ({n} patients, {events} events): the Wald interval is approximate"
    assert (said in row.notes) == few
    if not few:
        assert np.isnan(row.checks.firth_hazard_ratio)
        return
    expected = firth(time, event, values / values.std(ddof=1), ties="efron", stratification_factors=site)
    for key, numbers in {
        "firth_hazard_ratio": expected.hazard_ratios,
        "firth_hazard_ratio_lower": expected.lower,
        "firth_hazard_ratio_upper": expected.upper,
        "firth_p": expected.p_values,
    }.items():
        assert getattr(row.checks, key) == pytest.approx(numbers[0], rel=1e-9)
    assert any(note.startswith("Firth's hazard ratio ") for note in row.notes)


def test_a_marker_that_parts_the_events_has_firths_hazard_ratio_alone(cohort_of):
    cohort = cohort_of(range(12), range(12, 0, -1), [1] * 12)
    row = search_cut_point(cohort, signature(), "OS", **FAST).result["per_sd"]
    assert row.hazard_ratio is None
    assert np.isnan(row.checks.ph_p)
    values = np.arange(12) / np.arange(12).std(ddof=1)
    assert row.checks.firth_hazard_ratio == pytest.approx(
        firth(range(12, 0, -1), [1] * 12, values, ties="efron").hazard_ratios[0], rel=1e-9
    )


def test_the_cut_is_searched_inside_stratification_factors(cohort_of):
    rng = np.random.default_rng(12)
    site = rng.integers(0, 3, 120)
    values, time = rng.normal(site).round(2), rng.exponential(3.0**-site)
    event = rng.random(120) < 0.9
    cohort = cohort_of(values, time, event, site=np.array(["x", "y", "z"])[site], age=rng.normal(60, 9, 120).round())
    found = search_cut_point(cohort, signature(), "OS", stratification_factors=["site"], **FAST)
    kernel = maximally_selected_log_rank(
        values, time, event, n_permutations=199, stratification_factors=site, minprop=0.1
    )
    assert (found.cut, found.p_value) == (kernel.cut, kernel.p_value)
    plain = search_cut_point(cohort, signature(), "OS", **FAST)
    assert plain.p_value == 0.005 < found.p_value
    assert plain.stability != found.stability
    notes = found.to_frame()["note"]
    assert "(199 permutations inside the stratification factors, seed 0; " in notes[0]
    assert "Cox model stratified by fold and by site (3 combinations)," in notes[0]
    assert "P is not adjusted" not in notes[0]
    assert found.profile["cut"].tolist() == kernel.cuts.tolist()
    above_one = (found.profile["relative_statistic"] >= 1 - 1e-9).any()
    assert above_one == (found.p_value <= 0.05)
    column = values / values.std(ddof=1)
    fit = cox(time, event, column, stratification_factors=site)
    assert found.result["per_sd"].hazard_ratio.value == pytest.approx(fit.hazard_ratios[0], rel=1e-9)
    test = proportional_hazards(time, event, column, stratification_factors=site)
    assert found.result["per_sd"].checks.ph_p == pytest.approx(test.p_values[0], rel=1e-9)
    both = search_cut_point(
        cohort, signature(), "OS", stratification_factors=["site"], covariates=["age"], **FAST
    ).to_frame()["note"][0]
    assert "inside the stratification factors" in both
    assert "P is not adjusted for covariates;" in both


def test_hothorn_and_lausen_above_its_limit_says_so_and_gives_no_p(cohort_of):
    rng = np.random.default_rng(1)
    cohort = cohort_of(rng.normal(size=171), rng.exponential(size=171), np.ones(171))
    found = search_cut_point(cohort, signature(), "OS", method="hothorn-lausen", bootstrap=0)
    assert np.isnan(found.p_value)
    assert np.isfinite(found.cut)
    row = found.result.comparisons[0]
    assert row.log_rank is None
    assert row.notes[0] == (
        "the cut was searched (137 cuts tried, each group at least 10 % of the patients), but there is no corrected P"
        " (hothorn-lausen is for 170 patients at most, these are 171; the method permutation has no such limit)"
    )
    within = search_cut_point(
        cohort_of(rng.normal(size=170), rng.exponential(size=170), np.ones(170)),
        signature(),
        "OS",
        method="hothorn-lausen",
        bootstrap=0,
    )
    assert 0 < within.p_value <= 1
    assert "corrected for the search (hothorn-lausen)" in within.to_frame()["note"][0]


def test_curves_at_the_cut_know_of_competing_events(planted):
    competing = pd.Series(np.arange(80) % 8 == 0, index=planted.patients, dtype="boolean")
    os = planted.endpoints["OS"]
    endpoint = replace(os, event=os.event & ~competing, competing=competing, competing_words=("other",))
    row = search_cut_point(planted, signature(), endpoint, **FAST).result.comparisons[0]
    assert row.competing.sum() == 10


def test_the_same_seed_gives_the_same_search(planted):
    frames = [search_cut_point(planted, signature(), "OS", seed=seed, **FAST).to_frame() for seed in (3, 3, 4)]
    pd.testing.assert_frame_equal(frames[0], frames[1])
    assert frames[0]["hazard_ratio"][0] != frames[2]["hazard_ratio"][0]


def test_a_score_of_several_genes_takes_its_moments_along(make_cohort):
    rng = np.random.default_rng(5)
    index = pd.Index([f"P{i}" for i in range(60)], name="patient")
    mrna = pd.DataFrame({"A": rng.normal(5, 2, 60), "B": rng.normal(9, 1, 60)}, index=index)
    endpoints = {"OS": (rng.exponential(size=60), rng.random(60) < 0.8)}
    cohort = make_cohort(clinical=pd.DataFrame(index=index), mrna=mrna, endpoints=endpoints)
    pair = signature(
        positive={"all": [{"mrna": "A", "above": "median"}, {"mrna": "B", "above": "median"}]},
        score={"mean": [{"mrna": "A"}, {"mrna": "B"}]},
    )
    found = search_cut_point(cohort, pair, "OS", **FAST)
    assert found.number == "mean(mrna A, mrna B)"
    assert {moments.number for moments in found.cut_points.moments} == {"mrna A", "mrna B"}
    applied = stratify(cohort, pair, cut="optimal", cut_points=found.cut_points, library={})
    assert (applied.labels == found.strata.labels).all()


@pytest.mark.parametrize(
    ("values", "event", "reason"),
    [
        ([1.0] * 30, [1] * 30, "no cut of mrna A could be searched in 30 patients (no cut leaves the shares"),
        (range(30), [0] * 30, "no cut of mrna A could be searched in 30 patients (no event)"),
        ([np.nan] * 30, [1] * 30, "mrna A has no value in any patient"),
    ],
)
def test_without_a_cut_the_rows_say_why(cohort_of, values, event, reason):
    found = search_cut_point(cohort_of(values, range(1, 31), event), signature(), "OS", **FAST)
    assert np.isnan(found.cut)
    assert np.isnan(found.p_value)
    frame = found.to_frame()
    assert not frame["estimable"].any()
    assert frame["hazard_ratio"].isna().all()
    assert reason in frame["note"][0]
    assert found.strata.counts["positive"] == 0
    assert found.profile.empty


def test_a_gene_the_cohort_lacks(cohort_of):
    cohort = cohort_of(range(30), range(1, 31), [1] * 30)
    found = search_cut_point(cohort, signature(positive={"mrna": "ZZZ", "above": "median"}), "OS", **FAST)
    assert found.to_frame()["note"].str.contains("ZZZ").all()
    assert found.to_frame()["n_unknown"].tolist() == [30, 30, 30]


def test_what_is_refused(planted):
    with pytest.raises(UsageError, match="no signature 'zzz'"):
        search_cut_point(planted, "zzz", "OS", library={})
    with pytest.raises(DataError, match="the cohort has no PFS"):
        search_cut_point(planted, signature(), "PFS")
    with pytest.raises(UsageError, match=r"lau92 knows no stratification factors\. Use the method permutation"):
        search_cut_point(planted, signature(), "OS", method="lau92", stratification_factors=["er"])
    late = replace(planted.endpoints["OS"], entry=pd.Series(0.05, index=planted.patients))
    with pytest.raises(UsageError, match=r"cannot be searched with delayed entry.*`strata compare --cut median`"):
        search_cut_point(planted, signature(), late)
    with pytest.raises(UsageError) as refused:
        search_cut_point(planted, signature(), "OS", method="best", minprop=0.5, folds=1, permutations=0)
    said = str(refused.value)
    for words in ("method: ", "minprop: ", "folds: ", "permutations: "):
        assert words in said


def test_the_profile_is_rs_curve_in_units_of_the_critical_value(shared, cohort_of):
    r = case(shared, "mx_DLBCL_MGE")["stats_curve"]
    found = search_cut_point(golden_cohort(shared, cohort_of, "DLBCL", "MGE"), signature(), "OS", bootstrap=0)
    profile = found.profile
    assert profile["cut"].to_numpy() == pytest.approx(r["cut"], rel=1e-9, abs=1e-12)
    critical = np.array(r["stat"]) / profile["relative_statistic"]
    assert critical.to_numpy() == pytest.approx(critical[0], rel=1e-9)
    assert 2.5 < critical[0] < 3.0
    assert (profile["n_low"] + profile["n_high"] == 40).all()
    at = profile[profile["n_low"] == 20].iloc[0]
    assert at["hazard_ratio"] == pytest.approx(case(shared, "mx_DLBCL_MGE")["median_cut_gt"]["hr"], rel=1e-7)


@pytest.mark.parametrize(("folds", "said"), [(2, False), (3, True), (5, True)])
def test_more_than_two_folds_are_said_to_give_too_narrow_an_interval(planted, folds, said):
    note = search_cut_point(planted, signature(), "OS", folds=folds, **FAST).to_frame()["note"][0]
    assert ("with more than 2 folds the 95 % interval is too narrow" in note) == said
