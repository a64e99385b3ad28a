"""The whole Cox model of an adjusted comparison: every term like R, and what cannot be estimated."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter

from strata.signatures import parse_signature
from strata.stratification import stratify
from strata.survival import (
    MULTIVARIABLE_COLUMNS,
    Treatment,
    compare_coexpression,
    compare_interaction,
    compare_survival,
    cox,
    multivariable_frame,
)

# pandas 3 reads numbers exactly by itself and deprecates the argument that asks for it
EXACT = {} if int(pd.__version__.split(".")[0]) > 2 else {"float_precision": "round_trip"}

HIGH = parse_signature({"name": "made", "positive": {"mrna": "A", "above": 0.5}}, id="made", where="test")
PAIR = parse_signature(
    {"name": "p", "positive": {"all": [{"mrna": "A", "above": 0.5}, {"mrna": "B", "above": 0.5}]}}, id="pair", where="t"
)
ADJUSTED = ["grade", "age"]
NUMBERS = ["hazard_ratio", "hazard_ratio_lower", "hazard_ratio_upper", "wald_p", "ph_p"]

# R 4.2.2, survival 3.5-3, coxph.control(eps = 1e-14):
#   i <- 0:59
#   d <- data.frame(time = (i * 37) %% 61 + 1 + (i %% 3) * 5, event = as.integer((i * 7) %% 5 != 0),
#                   marker = as.integer((i * 11) %% 4 < 2), grade = paste0("g", (i * 5) %% 3 + 1),
#                   age = (i * 13) %% 29 + 40, site = paste0("s", i %% 2))
#   d$age <- d$age / sd(d$age); d$grade[i %% 15 == 4] <- NA
#   fit <- coxph(Surv(time, event) ~ marker + grade + age, d); b <- coef(fit); se <- sqrt(diag(vcov(fit)))
#   cbind(exp(b), exp(b - qnorm(.975) * se), exp(b + qnorm(.975) * se), 2 * pnorm(-abs(b / se)),
#         cox.zph(fit, terms = FALSE)$table[1:4, "p"])
R_PLAIN = [
    (0.650129402637157, 0.346391748627715, 1.220202969175254, 0.1801093612403478, 0.841411531450309),
    (0.412235469420671, 0.190484012691391, 0.892138294691446, 0.0244667697940303, 0.629766762643849),
    (0.574891255602716, 0.250244308869456, 1.320709179208059, 0.1920726627247267, 0.600805336336285),
    (1.026939110984668, 0.717876646468758, 1.469060099471945, 0.8843025007877239, 0.266076495637602),
]
#   the same with + strata(site)
R_STRATIFIED = [
    (0.679343292480021, 0.357291584126772, 1.291682562760409, 0.2382847128688858, 0.965943979502802),
    (0.407835931027809, 0.187438472653455, 0.887385307203388, 0.0237481920030549, 0.612117502151008),
    (0.598615840440849, 0.258902976187577, 1.384074179846756, 0.2301733792954434, 0.619934138875839),
    (0.968080205029858, 0.665522723250572, 1.408185251426495, 0.8652709413810619, 0.429975691203739),
]
#   coxph(Surv(time, event) ~ marker + grade + age, d, subset = grade != "g3")
R_WITHOUT_G3 = [
    (0.520301395012975, 0.242827587415309, 1.114838493162829, 0.0928854408875287),
    (0.394497672935144, 0.178125204330687, 0.873702374327225, 0.0218610610271298),
    (1.312009237006874, 0.873553745975759, 1.970535008202148, 0.1906862764983089),
]


def table():
    i = np.arange(60)
    return pd.DataFrame(
        {
            "time": (i * 37) % 61 + 1.0 + (i % 3) * 5,
            "event": (i * 7) % 5 != 0,
            "A": ((i * 11) % 4 < 2).astype(float),
            "B": (i % 5 < 2).astype(float),
            "grade": [None if k % 15 == 4 else f"g{(k * 5) % 3 + 1}" for k in i],
            "age": [str((k * 13) % 29 + 40) for k in i],
            "site": [f"s{k % 2}" for k in i],
            "arm": [("drug", "control")[k % 2] for k in i],
        },
        index=pd.Index([f"P{k:02d}" for k in i], name="patient"),
    )


@pytest.fixture
def cohort_of(make_cohort):
    def make(frame):
        endpoints = {"OS": (frame["time"].to_numpy(), frame["event"].to_numpy())}
        clinical = frame[["grade", "age", "site", "arm"]].astype("string")
        return make_cohort(clinical=clinical, mrna=frame[["A", "B"]], endpoints=endpoints)

    return make


@pytest.fixture
def compared(cohort_of):
    def make(frame, covariates=ADJUSTED, **more):
        cohort = cohort_of(frame)
        return compare_survival(cohort, stratify(cohort, HIGH, library={}), "OS", covariates=covariates, **more)

    return make


@pytest.mark.parametrize(("factors", "wanted"), [([], R_PLAIN), (["site"], R_STRATIFIED)])
def test_every_term_like_r(compared, factors, wanted):
    found = multivariable_frame([compared(table(), stratification_factors=factors)])
    assert found["term"].tolist() == ["positive vs negative", "grade=g2", "grade=g3", "age (per SD of 8.491)"]
    assert set(zip(found["n"], found["events"])) == {(56, 44)}  # the four without a grade are in no Cox model
    np.testing.assert_allclose(found[NUMBERS], wanted, rtol=1e-9)
    assert found["estimable"].all()
    assert (found["note"] == "").all()


def test_the_answer_is_of_the_adjusted_model_like_lifelines(compared):
    frame = table()
    result = compared(frame)
    (row,) = result.comparisons
    columns = frame.assign(marker=(frame["A"] > 0.5).astype(float), age=frame["age"].astype(float))
    columns = columns.join(pd.get_dummies(frame["grade"], drop_first=True, dtype=float))
    complete = columns[frame["grade"].notna()]
    own = CoxPHFitter().fit(complete[["time", "event", "marker", "g2", "g3", "age"]], "time", "event").summary
    alone = CoxPHFitter().fit(columns[["time", "event", "marker"]], "time", "event").summary
    limits = ["exp(coef)", "exp(coef) lower 95%", "exp(coef) upper 95%"]
    hazard, crude = row.hazard_ratio, row.adjusted.crude
    np.testing.assert_allclose((hazard.value, hazard.lower, hazard.upper), own.loc["marker", limits], rtol=1e-6)
    np.testing.assert_allclose((crude.value, crude.lower, crude.upper), alone.loc["marker", limits], rtol=1e-6)
    assert row.own_p == hazard.wald_p == pytest.approx(own.loc["marker", "p"], rel=1e-6)
    assert row.own_p != row.log_rank.p_value
    assert row.answer()[1] == "Cox Wald, adjusted for grade, age"
    (cells,) = result.to_frame().to_dict("records")
    assert (cells["adjusted_for"], cells["n_adjusted"], cells["n"]) == ("grade, age", 56, 60)
    assert cells["hazard_ratio_unadjusted"] == crude.value
    said = str(row)
    assert f"{hazard}, adjusted for grade, age in 56 patients" in said
    assert "log-rank, not adjusted" in said
    assert compared(frame, covariates=[]).comparisons[0].adjusted is None


def test_a_claim_is_held_against_the_adjusted_p(make_cohort):
    """The marker is associated with survival only because it goes with the grade."""
    rng = np.random.default_rng(0)
    grade = np.repeat([0.0, 1.0], 100)
    high = rng.random(200) < np.where(grade > 0, 0.8, 0.2)
    time = rng.exponential(np.where(grade > 0, 10.0, 60.0))
    claims = [{"role": "prognostic", "effect": "worse", "evidence": "reported"}]
    rule = {"name": "made", "positive": {"mrna": "A", "above": 0.5}, "claims": claims}
    index = pd.Index([f"P{i}" for i in range(200)], name="patient")
    cohort = make_cohort(
        clinical=pd.DataFrame({"grade": pd.array(grade.astype(str), "string")}, index),
        mrna=pd.DataFrame({"A": high.astype(float)}, index),
        endpoints={"OS": (time, np.ones(200, dtype=bool))},
    )
    strata = stratify(cohort, parse_signature(rule, id="made", where="test"), library={})
    alone = compare_survival(cohort, strata, "OS").to_frame().iloc[0]
    beside = compare_survival(cohort, strata, "OS", covariates=["grade"]).to_frame().iloc[0]
    assert alone["log_rank_p"] == beside["log_rank_p"] < 0.05 < beside["wald_p"]
    assert (alone["agrees"], beside["agrees"]) == ("yes", "not shown")


def test_small_strata_are_answered_by_firths_p_of_the_same_model(compared):
    row = compared(table().head(24)).comparisons[0]
    assert row.checks.permutation_p == row.checks.permutation_p
    assert row.own_p == row.checks.firth_p
    assert row.answer()[1] == "Firth penalised likelihood ratio, adjusted for grade, age"


def test_a_real_cohort_like_r(shared, make_cohort):
    d = pd.read_csv(shared / "golden" / "data" / "veteran.csv", **EXACT)
    cases = json.loads((shared / "golden" / "coxph.json").read_text())["cases"]
    r = next(case["result"]["efron"] for case in cases if case["id"] == "cox_veteran_full")
    words = {"celltype": d["celltype"], **{name: d[name].astype(str) for name in ("karno", "age", "prior")}}
    cohort = make_cohort(
        clinical=pd.DataFrame(words).astype("string"),
        mrna=pd.DataFrame({"A": d["trt"] - 1.0}),
        endpoints={"OS": (d["time"].to_numpy(), d["event"].to_numpy())},
    )
    result = compare_survival(cohort, stratify(cohort, HIGH, library={}), "OS", covariates=list(words))
    terms = {term.name.partition(" (")[0]: term.hazard_ratio for term in result.comparisons[0].terms}
    at = {term: i for i, term in enumerate(r["terms"])}
    assert np.log(terms["positive vs negative"].value) == pytest.approx(r["coef"][at["trt"]], rel=1e-7)
    assert np.log(terms["karno"].value) == pytest.approx(r["coef"][at["karno"]] * d["karno"].std(), rel=1e-7)
    assert terms["prior"].wald_p == pytest.approx(r["p"][at["prior"]], rel=1e-6)
    assert set(terms) == {"positive vs negative", *(f"celltype={x}" for x in sorted(set(d["celltype"]))[1:])} | {
        *("karno", "age", "prior")
    }


def test_the_first_term_is_the_row_of_the_results(compared):
    result = compared(table())
    (row,) = result.to_frame()[NUMBERS].to_numpy()
    np.testing.assert_array_equal(multivariable_frame([result])[NUMBERS].iloc[0], row)


def test_a_covariate_whose_level_has_no_event_has_no_number_and_the_others_have(compared):
    frame = table()
    frame.loc[frame["grade"] == "g3", "event"] = False
    found = multivariable_frame([compared(frame)]).set_index("term")
    lost = found.loc["grade=g3"]
    assert lost[NUMBERS].isna().all()
    assert not lost["estimable"]
    assert lost["note"].startswith("infinite coefficient of grade=g3: the likelihood rises without end")
    # patients whose hazard runs to 0 are in no risk set: R's coxph without them
    rest = found.drop(index="grade=g3")
    assert rest["estimable"].all()
    np.testing.assert_allclose(rest[NUMBERS[:4]], R_WITHOUT_G3, rtol=1e-7)
    assert rest["ph_p"].isna().all()  # with an infinite coefficient there is no test


def test_a_marker_without_events_has_the_reason_of_its_row_and_the_covariates_their_numbers(compared):
    frame = table()
    frame.loc[frame["A"] > 0.5, "event"] = False
    result = compared(frame)
    marker, *covariates = result.comparisons[0].terms
    assert (marker.hazard_ratio, marker.note) == (None, "positive: no event among 30 patients")
    assert "hazard ratio not estimable (positive: no event among 30 patients)" in result.comparisons[0].notes
    rest = frame[(frame["A"] < 0.5) & frame["grade"].notna()]
    columns = pd.DataFrame({f"g{k}": (rest["grade"] == f"g{k}").astype(float) for k in (2, 3)})
    fit = cox(
        rest["time"], rest["event"], columns.assign(age=rest["age"].astype(float) / frame["age"].astype(float).std())
    )
    np.testing.assert_allclose([term.hazard_ratio.value for term in covariates], fit.hazard_ratios, rtol=1e-7)


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"event": False}, "no event in 60 patients"), ({"A": 1.0}, "no patient in negative")],
)
def test_where_nothing_can_be_compared_every_term_says_why(compared, change, reason):
    found = multivariable_frame([compared(table().assign(**change))])
    assert len(found) == 4
    assert found[NUMBERS].isna().all(axis=None)
    assert (found["note"] == reason).all()
    assert (found["n"] == 56).all()


def test_nobody_with_all_covariates(compared):
    found = multivariable_frame([compared(table().assign(grade=None, event=lambda d: d["A"] > 0.5))])
    assert set(zip(found["n"], found["events"])) == {(0, 0)}
    assert found["note"].tolist() == ["negative: no event among 30 patients", "no event", "no event"]


def test_a_constant_covariate_is_named(compared):
    found = multivariable_frame([compared(table().assign(grade="g1"))]).set_index("term")
    assert found.loc["grade=g1", "note"].startswith("covariate grade=g1 is constant")
    assert found["estimable"].tolist() == [True, False, True]
    assert found["ph_p"].notna().tolist() == [True, False, True]


def test_every_comparison_of_two_strata_has_its_terms(cohort_of):
    result = compare_coexpression(cohort_of(table()), PAIR, "OS", covariates=["age"], library={})
    found = multivariable_frame([result])
    first = found.groupby("comparison", sort=False).first()
    assert first["term"].to_dict() == {
        "positive_vs_rest": "both high vs rest",
        "both_vs_neither": "both vs neither",
        "first_only_vs_neither": "A only vs neither",
        "second_only_vs_neither": "B only vs neither",
        "A": "A high vs A low",
        "B": "B high vs B low",
    }
    rows = result.to_frame().set_index("comparison").loc[first.index]
    pd.testing.assert_frame_equal(first[[*NUMBERS, "cut", "cut_scope"]], rows[[*NUMBERS, "cut", "cut_scope"]])


def test_a_treatment_is_compared_by_its_words(cohort_of):
    cohort = cohort_of(table())
    strata = stratify(cohort, HIGH, library={})
    result = compare_interaction(cohort, strata, Treatment("arm"), "OS", covariates=["age"])
    assert [row.terms[0].name if row.terms else "" for row in result.comparisons] == ["drug vs control"] * 2 + [""]


def test_without_covariates_there_are_no_terms(compared):
    result = compared(table(), covariates=[])
    assert result.comparisons[0].terms == ()
    found = multivariable_frame([result])
    assert found.empty
    assert found.columns.tolist() == list(MULTIVARIABLE_COLUMNS)
