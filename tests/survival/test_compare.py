"""compare_survival: who is in, counted how, on which endpoint, up to when; against R and by hand."""

from __future__ import annotations

import json
from dataclasses import astuple, replace

import numpy as np
import pandas as pd
import pytest

from strata.cohort.model import Endpoint
from strata.errors import DataError, UsageError
from strata.signatures import parse_signature
from strata.stratification import stratify
from strata.survival import compare_survival, cox, find_endpoint, log_rank, search_cut_point

# pandas 3 reads numbers exactly by itself and deprecates the argument that asks for it
EXACT = {} if int(pd.__version__.split(".")[0]) > 2 else {"float_precision": "round_trip"}

nan = np.nan


def signature(**rules):
    made = {"name": "made", "positive": {"mrna": "A", "above": "median"}} | rules
    return parse_signature(made, id="made", where="test")


HIGH = signature(positive={"mrna": "A", "above": 0.5})


def case(shared, topic, name):
    cases = json.loads((shared / "golden" / f"{topic}.json").read_text())["cases"]
    return next(c["result"] for c in cases if c["id"] == name)


def table(shared, name):
    return pd.read_csv(shared / "golden" / "data" / f"{name}.csv", **EXACT)


@pytest.fixture
def cohort_of(make_cohort):
    """A cohort whose one gene is ``a`` and whose endpoint is OS."""

    def make(time, event, a, *, unit="months", label="OS", prefix="P", order=None, **clinical):
        n = len(time)
        index = pd.Index([f"{prefix}{i:03d}" for i in range(n)], name="patient")
        data = pd.DataFrame({"time": time, "event": event, "A": a}).set_axis(index)
        frame = pd.DataFrame({k: pd.Series(list(v), dtype="string") for k, v in clinical.items()})
        frame = frame.set_axis(index) if clinical else pd.DataFrame(index=index)
        if order is not None:
            data, frame = data.iloc[order], frame.iloc[order]
        endpoints = {label: (data["time"].to_numpy(float), data["event"].to_numpy())}
        return make_cohort(clinical=frame, mrna=data[["A"]].astype(float), endpoints=endpoints, unit=unit)

    return make


def compare(cohort, made=HIGH, endpoint="OS", *, population=None, cut=None, cut_scope="population", **more):
    strata = stratify(cohort, made, population=population, cut=cut, cut_scope=cut_scope, library={})
    return compare_survival(cohort, strata, endpoint, **more)


def random_cohort(cohort_of, *, n=80, seed=7, **more):
    rng = np.random.default_rng(seed)
    time, event = rng.exponential(20, n).round(1) + 0.1, rng.random(n) < 0.6
    return cohort_of(time, event, rng.normal(size=n), **more)


# -- against R ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(5))
def test_horizon_like_r(shared, cohort_of, number):
    d = table(shared, "rotterdam")
    r = case(shared, "horizon", "hz_rotterdam_hormon")["horizons"][number]
    cohort = cohort_of(d["rfs_time"], d["rfs_event"], d["hormon"], unit="days", label="RFS")
    result = compare(cohort, endpoint="RFS", horizon=r["h"] / 30.4375)
    row = result.comparisons[0]
    assert row.events == r["events"]
    assert np.log(row.hazard_ratio.value) == pytest.approx(r["coef"], rel=1e-7)
    assert row.log_rank.chi_squared == pytest.approx(r["logrank_chisq"], rel=1e-9)
    assert f"follow-up cut at {r['h'] / 30.4375:g} months" in row.notes


def test_an_event_at_the_horizon_stays(shared, cohort_of):
    r = case(shared, "horizon", "hz_tiny_event_at_horizon")
    cohort = cohort_of([1, 2, 3, 5, 5, 7, 9], [1, 0, 1, 1, 0, 1, 0], [0, 1, 0, 1, 0, 1, 0])
    row = compare(cohort, horizon=5).comparisons[0]
    assert sorted(zip(row.time, row.event.astype(int))) == sorted(zip(r["time"], r["event"]))
    assert compare(cohort, horizon=4.99).comparisons[0].events == 2


@pytest.mark.parametrize("tenths", [11, 13, 22, 26, 44])
def test_an_event_at_the_horizon_stays_whatever_its_unit_rounds_to(cohort_of, tenths):
    years, months = tenths / 10, tenths * 12 / 10
    assert years * 12 > months  # 1.1 years are 13.200000000000001 months
    cohort = cohort_of([years, 2 * years, years / 2], [1, 1, 0], [1, 0, 1], unit="years")
    row = compare(cohort, horizon=months).comparisons[0]
    assert row.event.tolist() == [True, False, False]
    assert row.time.max() == months


def test_co_high_of_three_cohorts_like_r(shared, make_cohort):
    d, r = table(shared, "synthetic3cohorts"), case(shared, "meta", "cohigh_two_gene_3cohorts")
    pair = signature(positive={"all": [{"mrna": "IGF1R", "above": "median"}, {"mrna": "SPHK1", "above": "median"}]})
    for i, name in enumerate(r["per_cohort"]["cohort"]):
        here = d[d["cohort"] == name].set_index("patient")
        genes = here[["IGF1R", "SPHK1"]]
        # R drops patients who lack a gene, but takes the medians over everyone with a value: so do we without endpoint
        time = here["time"].where(genes.notna().all(axis=1))
        cohort = make_cohort(
            clinical=here[[]], mrna=genes, endpoints={"OS": (time.to_numpy(), here["event"].to_numpy())}
        )
        strata = stratify(cohort, pair, library={})
        medians = {cut.number: cut.value for cut in strata.cut_points.cuts}
        assert medians == {f"mrna {gene}": values[i] for gene, values in r["medians"].items()}
        (row,) = compare_survival(cohort, strata, "OS").comparisons
        assert (row.n, row.groups[0].n, row.events) == tuple(r["per_cohort"][k][i] for k in ("n", "n_high", "events"))
        assert np.log(row.hazard_ratio.value) == pytest.approx(r["per_cohort"]["log_hr"][i], rel=1e-7)


def test_kleene_calls_and_a_stratified_model_like_r(shared, make_cohort):
    d, r = table(shared, "synthetic3cohorts"), case(shared, "pitfalls", "cohigh_kleene")["kleene"]
    d = d.set_index("patient")
    genes = d[["IGF1R", "SPHK1"]] - d.groupby("cohort")[["IGF1R", "SPHK1"]].transform("median")
    pair = signature(positive={"all": [{"mrna": "IGF1R", "above": 0}, {"mrna": "SPHK1", "above": 0}]})
    endpoints = {"OS": (d["time"].to_numpy(), d["event"].to_numpy())}
    cohort = make_cohort(clinical=d[["cohort"]].astype("string"), mrna=genes.round(9), endpoints=endpoints)
    row = compare(cohort, pair, stratification_factors=["cohort"]).comparisons[0]
    assert (row.n, row.groups[0].n, row.n_unknown) == (r["n_used"], r["n_high"], 300 - r["n_used"])
    assert row.hazard_ratio.value == pytest.approx(r["hr"][0], rel=1e-7)
    assert row.hazard_ratio.wald_p == pytest.approx(r["p"][0], rel=1e-6)


# -- who is in ---------------------------------------------------------------------------------------------------------


def test_every_patient_is_counted_once(make_cohort, memory_assay):
    index = pd.Index([f"P{i}" for i in range(10)])
    er = ["positive"] * 7 + ["negative", "negative", None]
    mrna = pd.DataFrame({"A": [9, 8, 1, 2, nan, nan, 7, 9, 1, 5]}, index=index)
    time, event = [5, 6, 7, 8, 9, 3, nan, 1, 2, 3], [1, 0, 1, 1, 1, 0, 1, 1, 1, 1]
    cohort = make_cohort(
        clinical=pd.DataFrame({"er": er}, index=index, dtype="string"), mrna=mrna, endpoints={"OS": (time, event)}
    )
    cohort.assays["mrna"].assayed = frozenset(index) - {"P5"}
    made = signature(positive={"mrna": "A", "above": 5}, population={"clinical": "er", "is": "positive"})
    result = compare(cohort, made)
    (row,) = result.comparisons
    # P0, P1 high, P2, P3 low; P4 has no value, P5 was not assayed, P6 has no endpoint; P7, P8 are outside, P9 unknown
    assert [(g.label, g.n, g.events) for g in row.groups] == [("positive", 2, 1), ("negative", 2, 2)]
    assert (row.n, row.events, row.n_unknown, row.n_not_assayed) == (4, 3, 2, 1)
    assert dict(result.left_out) == {
        "outside the population": 2,
        "membership of the population unknown": 1,
        "no known OS": 1,
    }
    assert row.n + row.n_unknown + sum(n for _, n in result.left_out) == 10


def test_an_unknown_event_is_an_unknown_endpoint(cohort_of):
    row = compare(cohort_of([1, 2, 3, 4], [1, None, 1, 0], [1, 1, 0, 0])).comparisons[0]
    assert (row.n, row.events) == (3, 2)


def test_patients_unknown_to_the_signature_change_only_n_unknown(cohort_of):
    rng = np.random.default_rng(2)
    time, event, a = rng.exponential(9, 50), rng.random(50) < 0.7, rng.normal(size=50)
    one = compare(cohort_of(time, event, a), signature()).to_frame()
    more = cohort_of([*time, 3, 4, 5], [*event, True, False, True], [*a, nan, nan, nan])
    two = compare(more, signature()).to_frame()
    assert two.loc[0, "n_unknown"] == one.loc[0, "n_unknown"] + 3
    pd.testing.assert_frame_equal(two.drop(columns="n_unknown"), one.drop(columns="n_unknown"))


def test_dfs_and_os_share_their_strata(make_cohort):
    index = pd.Index([f"P{i}" for i in range(6)])
    endpoints = {"OS": ([1, 2, 3, 4, 5, 6], [1] * 6), "DFS": ([nan, nan, nan, 4, 5, 6], [1] * 6)}
    cohort = make_cohort(
        clinical=pd.DataFrame(index=index), mrna=pd.DataFrame({"A": range(6)}, index=index), endpoints=endpoints
    )
    strata = stratify(cohort, signature(), library={})
    by_dfs = compare_survival(cohort, strata, "DFS").comparisons[0]
    by_os = compare_survival(cohort, strata, "OS").comparisons[0]
    assert ([g.n for g in by_dfs.groups], [g.n for g in by_os.groups]) == ([3, 0], [3, 3])


def test_a_gene_the_cohort_lacks(cohort_of):
    row = compare(cohort_of([1, 2], [1, 1], [1, 0]), signature(positive={"mrna": "SPHK1", "above": "median"}))
    table = row.to_frame().iloc[0]
    assert table[["n", "events", "n_positive", "n_unknown", "n_not_assayed"]].tolist() == [0, 0, 0, 2, 0]
    assert not table["estimable"]
    assert table["note"] == "no mrna SPHK1 in the cohort's tables"


def test_an_assay_the_cohort_lacks_is_not_assayed(cohort_of):
    row = compare(cohort_of([1, 2], [1, 1], [1, 0]), signature(positive={"protein": "PTEN", "below": 0})).comparisons[0]
    assert (row.n, row.n_unknown, row.n_not_assayed, row.notes) == (0, 2, 2, ("the cohort has no protein table",))


# -- the endpoint ------------------------------------------------------------------------------------------------------


def test_dfs_finds_its_equivalents_and_says_so(cohort_of):
    cohort = cohort_of([1, 2, 3], [1, 1, 0], [1, 0, 1], label="RFS")
    result = compare(cohort, endpoint="dfs")
    assert result.endpoint == "RFS"
    assert result.to_frame().loc[0, "note"].startswith("asked for DFS, RFS used")
    assert "note: asked for DFS, RFS used" in repr(result)
    assert find_endpoint(cohort, "RFS") == (cohort.endpoints["RFS"], "")
    assert find_endpoint(cohort, "PFS", equivalents={"PFS": ("PFS", "RFS")})[1] == "asked for PFS, RFS used"
    assert find_endpoint(cohort, "OS")[0] is None


def test_dfs_itself_comes_first(make_cohort):
    index = pd.Index(["a", "b"])
    ends = {"RFS": ([1, 2], [1, 1]), "DFS": ([3, 4], [1, 0])}
    cohort = make_cohort(clinical=pd.DataFrame(index=index), mrna=pd.DataFrame({"A": [0, 1]}, index), endpoints=ends)
    assert find_endpoint(cohort, "DFS") == (cohort.endpoints["DFS"], "")


def test_an_endpoint_that_is_not_there(cohort_of):
    cohort = cohort_of([1, 2], [1, 1], [1, 0])
    with pytest.raises(DataError, match=r"asked for DFS: the cohort has no DFS or RFS or DFI \(endpoints found: OS\)"):
        compare(cohort, endpoint="DFS")


def test_an_endpoint_of_ones_own_is_matched_by_patient(cohort_of):
    cohort = random_cohort(cohort_of)
    own = cohort.endpoints["OS"]
    turned = Endpoint("OS", own.time[::-1], own.event[::-1], "months", "turned round")
    pd.testing.assert_frame_equal(compare(cohort, endpoint=turned).to_frame(), compare(cohort).to_frame())


def test_strata_of_another_cohort_are_refused(cohort_of):
    cohort = random_cohort(cohort_of)
    strata = stratify(cohort, HIGH, library={})
    other = random_cohort(cohort_of, order=list(range(80))[::-1])  # same name, same patients, another order
    with pytest.raises(UsageError, match="cannot be compared"):
        compare_survival(other, strata, "OS")
    with pytest.raises(UsageError, match="cannot be compared"):
        compare_survival(replace(cohort, name="other"), strata, "OS")


@pytest.mark.parametrize("horizon", [0, -5, nan])
def test_a_horizon_is_above_0(cohort_of, horizon):
    with pytest.raises(UsageError, match="not a number of months above 0"):
        compare(cohort_of([1, 2], [1, 1], [1, 0]), horizon=horizon)


# -- what the row says -------------------------------------------------------------------------------------------------


def test_the_row_names_what_was_asked(cohort_of):
    cohort = random_cohort(cohort_of, er=["positive"] * 80)
    made = signature(population={"clinical": "er", "is": "positive"})
    row = compare(cohort, made, cut="q75", cut_scope="cohort").to_frame().iloc[0]
    assert row[["cohort", "signature", "population", "endpoint", "comparison", "cut", "cut_scope"]].tolist() == [
        "made",
        "made",
        "clinical er is positive",
        "OS",
        "positive_vs_rest",
        "q75",
        "cohort",
    ]
    assert row[["n", "n_positive"]].tolist() == [80, 20]
    number = compare(cohort, HIGH).to_frame().iloc[0]
    assert number["cut"] == "0.5"
    assert number["cut_scope"] is pd.NA


def test_ties_with_the_cut_are_in_the_note(cohort_of):
    note = compare(cohort_of([1, 2, 3, 4], [1, 1, 1, 1], [1, 2, 2, 3]), signature()).to_frame().loc[0, "note"]
    assert note.startswith("2 of 4 patients tie with the median of mrna A; ")


def test_quantile_groups(cohort_of):
    rng = np.random.default_rng(1)
    time, event, a = rng.exponential(9, 91), rng.random(91) < 0.8, rng.permutation(91)
    made = signature(score={"mrna": "A"})
    result = compare(cohort_of(time, event, a), made, cut="tertiles")
    assert [row.name for row in result.comparisons] == ["q2_vs_q1", "q3_vs_q1", "trend"]
    second, third, trend = result.comparisons
    assert [g.n for g in trend.groups] == [31, 30, 30]
    assert [[(g.label, g.n) for g in row.groups] for row in (second, third)] == [
        [("q2", 30), ("q1", 31)],
        [("q3", 30), ("q1", 31)],
    ]
    # q3 against q1 is positive against rest among the patients of those two
    two = compare(cohort_of(time[(a <= 30) | (a > 60)], event[(a <= 30) | (a > 60)], a[(a <= 30) | (a > 60)] > 60))
    np.testing.assert_allclose(astuple(third.hazard_ratio), astuple(two.comparisons[0].hazard_ratio), rtol=1e-11)
    assert third.log_rank.chi_squared == pytest.approx(two.comparisons[0].log_rank.chi_squared, rel=1e-11)
    assert (trend.hazard_ratio, trend.log_rank.degrees_of_freedom, trend.estimable) == (None, 1, True)
    quarters = compare(cohort_of(time, event, a), made, cut="quartiles")
    assert [row.name for row in quarters.comparisons] == ["q2_vs_q1", "q3_vs_q1", "q4_vs_q1", "trend"]
    assert set(quarters.to_frame()["cut"]) == {"quartiles"}


def test_trend_of_two_groups_is_the_log_rank(cohort_of):
    cohort = cohort_of([5, 6, 7, 8, 9, 10, 11, 12, 13], [1] * 9, [1, 1, 1, 1, 1, 2, 2, 2, 2])
    result = compare(cohort, signature(score={"mrna": "A"}), cut="tertiles")
    assert [g.n for g in result["trend"].groups] == [5, 4, 0]  # 1 is the first third, 2 the second: nobody is above it
    assert result["trend"].log_rank is None
    assert "no patient in q3" in result["trend"].notes[-1]
    assert result["q2_vs_q1"].log_rank is not None


def test_quantile_groups_of_an_absent_gene(cohort_of):
    made = signature(score={"mrna": "SPHK1"})
    result = compare(cohort_of([1, 2], [1, 1], [1, 0]), made, cut="tertiles")
    table = result.to_frame()
    assert table["comparison"].tolist() == ["q2_vs_q1", "q3_vs_q1", "trend"]
    assert (table["n"] == 0).all()
    assert (table["n_unknown"] == 2).all()
    assert table["note"].str.contains("SPHK1").all()


# -- covariates and factors --------------------------------------------------------------------------------------------


def test_covariates_as_numbers_and_words(shared, cohort_of):
    d, r = table(shared, "veteran"), case(shared, "coxph", "cox_veteran_full")["efron"]
    words = {"celltype": d["celltype"], **{name: d[name].astype(str) for name in ("karno", "age", "prior")}}
    cohort = cohort_of(d["time"], d["event"], d["trt"] - 1, **words)
    row = compare(cohort, covariates=["celltype", "karno", "age", "prior"]).comparisons[0]
    at = r["terms"].index("trt")
    assert row.hazard_ratio.value == pytest.approx(r["hr"][at], rel=1e-7)
    assert row.hazard_ratio.lower == pytest.approx(r["hr_lower"][at], rel=1e-7)
    assert row.notes[0] == (
        "adjusted for celltype=large, celltype=smallcell, celltype=squamous, karno (per SD of 20.04), "
        "age (per SD of 10.54), prior in 137 patients, 128 events"
    )


def test_a_stratified_model_like_r(shared, cohort_of):
    d, r = table(shared, "veteran"), case(shared, "coxph", "cox_veteran_st_cell")["efron"]
    cohort = cohort_of(d["time"], d["event"], d["trt"] - 1, celltype=d["celltype"], karno=d["karno"].astype(str))
    row = compare(cohort, covariates=["karno"], stratification_factors=["celltype"]).comparisons[0]
    assert row.hazard_ratio.value == pytest.approx(r["hr"][r["terms"].index("trt")], rel=1e-7)
    test = case(shared, "logrank", "lr_veteran_trt_st_cell")["survdiff_rho0"]
    assert row.log_rank.chi_squared == pytest.approx(test["chisq"], rel=1e-9)


def test_a_word_covariate_with_a_missing_value(cohort_of):
    grade = [["1", "2", "3"][i % 3] if i % 10 else None for i in range(80)]
    row = compare(random_cohort(cohort_of, grade=grade), covariates=["grade"]).comparisons[0]
    assert row.n == 80
    sd = np.std([float(g) for g in grade if g], ddof=1)
    assert f"adjusted for grade (per SD of {sd:.4g}) in 72 patients" in row.notes[0]
    named = [None if g is None else "g" + g for g in grade]
    by_word = compare(random_cohort(cohort_of, grade=named), covariates=["grade"]).comparisons[0]
    assert "adjusted for grade=g2, grade=g3 in 72 patients" in by_word.notes[0]


def test_a_covariate_with_one_word_is_named_as_constant(cohort_of):
    cohort = random_cohort(cohort_of, er=["positive"] * 80)
    row = compare(cohort, covariates=["er"]).comparisons[0]
    assert row.hazard_ratio.value == pytest.approx(compare(cohort).comparisons[0].hazard_ratio.value, rel=1e-9)
    assert any("er=positive is constant" in note for note in row.notes)


# -- landmark ----------------------------------------------------------------------------------------------------------


def test_a_landmark_of_60_days(shared, cohort_of):
    d = table(shared, "jasa")
    transplanted = (d["wait.time"] <= 60).astype(int)  # by the landmark
    cohort = cohort_of(d["futime"], d["fustat"], transplanted, unit="days")
    result = compare(cohort, landmark=60 / 30.4375)
    row = result.comparisons[0]
    late = d["futime"] > 60
    fit = cox(d["futime"][late] - 60, d["fustat"][late], transplanted[late])
    assert row.hazard_ratio.value == pytest.approx(fit.hazard_ratios[0], rel=1e-9)
    # R: coxph(Surv(futime - 60, fustat) ~ tx_by_60, subset(jasa, futime > 60))
    assert (round(row.hazard_ratio.value, 2), round(row.hazard_ratio.wald_p, 2)) == (0.77, 0.47)
    assert ("event or censored by the landmark of 1.97125 months", int((~late).sum())) in result.left_out
    assert "landmark analysis: time starts at 1.97125 months, among those still followed then" in row.notes


def test_a_landmark_moves_time_and_the_horizon_stays(cohort_of):
    cohort = cohort_of([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 0, 1], [0, 1, 0, 1, 0, 1])
    result = compare(cohort, landmark=2, horizon=5)
    assert sorted(zip(result.comparisons[0].time, result.comparisons[0].event)) == [
        (1, True),
        (2, True),
        (3, False),
        (3, False),
    ]
    assert result.left_out[-1] == ("event or censored by the landmark of 2 months", 2)
    with pytest.raises(UsageError, match="not beyond the landmark"):
        compare(cohort, landmark=5, horizon=5)


# -- delayed entry -----------------------------------------------------------------------------------------------------


def test_delayed_entry_like_r(shared, cohort_of):
    d, r = table(shared, "channing"), case(shared, "pitfalls", "left_truncation_channing")
    d = d[d["entry"] < d["exit"]].reset_index(drop=True)
    cohort = cohort_of(d["exit"], d["event"], (d["gender"] == 1).astype(int))
    entry = pd.Series(d["entry"].to_numpy(float), index=cohort.patients)
    late = replace(cohort.endpoints["OS"], entry=entry)
    row = compare(cohort, endpoint=late).comparisons[0]
    assert row.hazard_ratio.value == pytest.approx(r["right_entry"]["hr"][0], rel=1e-7)
    assert row.hazard_ratio.wald_p == pytest.approx(r["right_entry"]["p"][0], rel=1e-6)
    assert row.groups[1].curve.at([960]).survival[0] == pytest.approx(r["S_female_960mo_right"], rel=1e-9)
    assert "delayed entry: patients are at risk from their entry on" in row.notes
    # without it the men look better off than they are
    wrong = compare(cohort).comparisons[0]
    assert wrong.hazard_ratio.value == pytest.approx(r["wrong_no_entry"]["hr"][0], rel=1e-7)
    test = log_rank(d["exit"], d["event"], d["gender"], entry=d["entry"])
    assert row.log_rank.chi_squared == pytest.approx(test.chi_squared, rel=1e-12)


def test_an_unknown_entry_is_an_unknown_endpoint(cohort_of):
    cohort = cohort_of([3, 4, 5, 6], [1, 1, 1, 0], [1, 0, 1, 0])
    late = replace(cohort.endpoints["OS"], entry=pd.Series([0, 1, nan, 2], index=cohort.patients))
    result = compare(cohort, endpoint=late)
    assert result.comparisons[0].n == 3
    assert ("no known OS", 1) in result.left_out


def test_a_cut_is_not_searched_with_delayed_entry(cohort_of):
    cohort = random_cohort(cohort_of)
    late = replace(cohort.endpoints["OS"], entry=cohort.endpoints["OS"].time * 0.5)
    with pytest.raises(UsageError, match="a cut cannot be searched with delayed entry"):
        search_cut_point(cohort, signature(positive={"mrna": "A", "above": "optimal"}), late, library={})


def test_an_entry_after_the_end_is_refused(cohort_of):
    cohort = cohort_of([3, 4, 5, 6], [1, 1, 1, 0], [1, 0, 1, 0])
    late = replace(cohort.endpoints["OS"], entry=pd.Series([0, 4, 1, 7], index=cohort.patients))
    with pytest.raises(DataError, match="2 of 4 patients enter at or after the end of their follow-up"):
        compare(cohort, endpoint=late)


def test_patients_without_a_factor_are_left_out_and_counted(cohort_of):
    site = ["a", "b"] * 35 + [None] * 10
    result = compare(random_cohort(cohort_of, site=site), stratification_factors=["site"])
    assert result.comparisons[0].n == 70
    assert ("a stratification factor is unknown", 10) in result.left_out


def test_a_column_that_is_not_there(cohort_of):
    with pytest.raises(DataError, match="no clinical column stage, grade"):
        compare(random_cohort(cohort_of, er=["positive"] * 80), covariates=["stage"], stratification_factors=["grade"])


@pytest.mark.parametrize("role", ["covariates", "stratification_factors"])
def test_the_outcome_explains_nothing(cohort_of, role):
    cohort = random_cohort(cohort_of, os_event=["0", "1"] * 40, er=["positive"] * 80)
    told = replace(cohort.endpoints["OS"], columns=("os_months", "os_event"))
    with pytest.raises(DataError, match="os_event is the outcome of OS"):
        compare(replace(cohort, endpoints={"OS": told}), **{role: ["er", "os_event"]})


def test_near_names_are_offered(cohort_of):
    cohort = random_cohort(cohort_of, er=["positive"] * 80, grade=["1"] * 80)
    with pytest.raises(
        DataError, match=r"no clinical column Grade, gradee, x\. Did you mean 'grade'\? It has er, grade"
    ):
        compare(cohort, covariates=["Grade", "er", "gradee"], stratification_factors=["x"])


# -- invariants --------------------------------------------------------------------------------------------------------


def numbers(result):
    return result.to_frame().drop(columns="cohort")


@pytest.mark.parametrize("seed", range(3))
def test_order_and_ids_of_patients_do_not_matter(cohort_of, seed):
    one = numbers(compare(random_cohort(cohort_of, seed=seed), signature()))
    order = np.random.default_rng(seed).permutation(80)
    for other in ({"order": order}, {"prefix": "TCGA-"}, {"prefix": "0", "order": order}):
        two = numbers(compare(random_cohort(cohort_of, seed=seed, **other), signature()))
        pd.testing.assert_frame_equal(two, one, rtol=1e-9)


@pytest.mark.parametrize(("unit", "factor"), [("days", 30.4375), ("years", 1 / 12)])
def test_the_unit_of_the_times_does_not_matter(cohort_of, unit, factor):
    rng = np.random.default_rng(8)
    time, event, a = rng.exponential(20, 60).round(1) + 0.1, rng.random(60) < 0.6, rng.normal(size=60)
    months = compare(cohort_of(time, event, a), signature(), horizon=36).to_frame()
    other = compare(cohort_of(time * factor, event, a, unit=unit), signature(), horizon=36).to_frame()
    pd.testing.assert_frame_equal(other, months, rtol=1e-9)


def test_the_complement_inverts_the_hazard_ratio(cohort_of):
    cohort = random_cohort(cohort_of)
    above = compare(cohort, signature()).comparisons[0]
    below = compare(cohort, signature(positive={"mrna": "A", "at_most": "median"})).comparisons[0]
    assert below.hazard_ratio.value == pytest.approx(1 / above.hazard_ratio.value, rel=1e-9)
    assert below.log_rank.chi_squared == pytest.approx(above.log_rank.chi_squared, rel=1e-9)


@pytest.mark.parametrize("dtype", ["object", "category", "string"])
def test_string_dtypes_do_not_matter(cohort_of, dtype):
    columns = {"er": ["positive", "negative", "positive", None] * 20, "site": ["a", "a", "b", "b", "a"] * 16}
    cohort = random_cohort(cohort_of, **columns)
    made = signature(population={"not": {"clinical": "er", "is": "unclear"}})
    ask = {"covariates": ["er"], "stratification_factors": ["site"]}
    expected = compare(cohort, made, **ask).to_frame()
    assert expected.loc[0, "n"] == 60
    other = replace(cohort, clinical=cohort.clinical.astype(dtype))
    pd.testing.assert_frame_equal(compare(other, made, **ask).to_frame(), expected)
