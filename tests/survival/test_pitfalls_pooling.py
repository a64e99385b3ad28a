"""Pitfalls of pooling and of predictive claims, each with the number that is right."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from strata.signatures import parse_signature
from strata.stratification import stratify
from strata.survival import compare_coexpression, compare_interaction, compare_survival
from strata.survival.kernels.log_rank import log_rank
from strata.survival.pooling import pool

EXACT = {} if int(pd.__version__.split(".")[0]) > 2 else {"float_precision": "round_trip"}


@pytest.fixture
def case(shared):
    def find(topic, name):
        cases = json.loads((shared / "golden" / f"{topic}.json").read_text())["cases"]
        found = next(c for c in cases if c["id"] == name)
        return found["result"], pd.read_csv(shared / "golden" / "data" / f"{found['dataset']}.csv", **EXACT)

    return find


def cohorts_of(make_cohort, data, genes):
    """One cohort in memory for each value of the column ``cohort``."""
    for name, part in data.groupby("cohort", sort=False):
        index = pd.Index([f"{name}{i}" for i in range(len(part))], name="patient")
        endpoints = {"OS": (part["time"].to_numpy(float), part["event"].to_numpy(bool))}
        tables = part[list(genes)].astype(float).set_axis(index)
        yield make_cohort(name=name, clinical=pd.DataFrame(index=index), mrna=tables, endpoints=endpoints)


def legs(*genes):
    rule = {"name": "made", "positive": {"all": [{"mrna": gene, "above": "median"} for gene in genes]}}
    return parse_signature(rule, id="made", where="test")


def close(hazard, r):
    """A hazard ratio with its interval and P, as R has them."""
    assert hazard.value == pytest.approx(r["hr"][0], rel=1e-7)
    assert hazard.lower == pytest.approx(r["hr_lower"][0], rel=1e-7)
    assert hazard.upper == pytest.approx(r["hr_upper"][0], rel=1e-7)
    assert np.log10(hazard.wald_p) == pytest.approx(np.log10(r["p"][0]), rel=1e-7)


def random_effects(row, r):
    assert row.hazard_ratio.value == pytest.approx(np.exp(r["est"]), rel=1e-5)
    # metafor stops iterating tau squared at 1e-5
    assert row.meta.tau_squared == pytest.approx(r["tau2"], rel=1e-5, abs=1e-5)
    assert row.hazard_ratio.wald_p == pytest.approx(r["hartung_knapp"]["p"], rel=1e-5)
    assert row.hazard_ratio.lower == pytest.approx(np.exp(r["hartung_knapp"]["lower"]), rel=1e-5)
    assert row.hazard_ratio.upper == pytest.approx(np.exp(r["hartung_knapp"]["upper"]), rel=1e-5)


def test_16_cuts_lie_inside_cohorts_and_the_test_is_stratified(case, make_cohort):
    r, data = case("meta", "cohigh_two_gene_3cohorts")
    # R took the patients who have both genes, and the medians of all who have a gene
    data.loc[data[["IGF1R", "SPHK1"]].isna().any(axis=1), "time"] = np.nan
    cohorts = cohorts_of(make_cohort, data, ["IGF1R", "SPHK1"])
    made = [compare_coexpression(cohort, legs("IGF1R", "SPHK1"), "OS", library={}) for cohort in cohorts]
    pooled = pool(made)[0]
    stratified = pooled["stratified"]
    assert (stratified.n, stratified.n_positive, stratified.events) == (295, 88, 167)
    close(stratified.hazard_ratio, r["strat_cox"])
    assert stratified.hazard_ratio.value == pytest.approx(1.975, abs=5e-4)
    assert stratified.hazard_ratio.lower == pytest.approx(1.429, abs=5e-4)
    assert stratified.hazard_ratio.upper == pytest.approx(2.731, abs=5e-4)
    assert stratified.log_rank.chi_squared == pytest.approx(r["strat_logrank"]["chisq"], rel=1e-9)
    assert stratified.log_rank.chi_squared == pytest.approx(17.60, abs=5e-3)
    close(pooled["unstratified"].hazard_ratio, r["unstrat_cox"])
    assert pooled["unstratified"].hazard_ratio.value == pytest.approx(1.81, abs=5e-3)
    for method in ("REML", "DL", "PM"):
        random_effects(pool(made, method=method)[0]["random_effects"], r["meta"][method])


def test_16_a_gene_missing_beside_a_low_one_is_no_reason_to_drop_the_patient(case, make_cohort):
    r, _ = case("pitfalls", "cohigh_kleene")
    _, data = case("meta", "cohigh_two_gene_3cohorts")
    cohorts = cohorts_of(make_cohort, data, ["IGF1R", "SPHK1"])
    made = [compare_coexpression(cohort, legs("IGF1R", "SPHK1"), "OS", library={}) for cohort in cohorts]
    row = pool(made)[0]["stratified"]
    assert (row.n, row.n_positive) == (r["kleene"]["n_used"], r["kleene"]["n_high"])
    assert row.hazard_ratio.value == pytest.approx(r["kleene"]["hr"][0], rel=1e-7)


def test_17_cohorts_that_differ_are_not_one_effect(case, make_cohort):
    r, data = case("meta", "meta_pgr_4cohorts")
    gene = parse_signature({"name": "made", "positive": {"mrna": "x", "above": "median"}}, id="made", where="test")
    made = [
        compare_survival(cohort, stratify(cohort, gene, library={}), "OS")
        for cohort in cohorts_of(make_cohort, data, ["x"])
    ]
    pooled = {method: pool(made, method=method)[0] for method in ("REML", "DL", "PM")}
    fixed = pooled["REML"]["fixed_effect"]
    assert fixed.hazard_ratio.wald_p == pytest.approx(r["fixed"]["p"], rel=1e-6)
    assert fixed.hazard_ratio.wald_p < 1e-7
    for method, found in pooled.items():
        random_effects(found["random_effects"], r[method])
    row = pooled["REML"]["random_effects"]
    assert row.hazard_ratio.wald_p == pytest.approx(0.174, abs=5e-4)
    assert row.meta.i_squared == pytest.approx(91.23, abs=5e-3)
    assert row.meta.q_p_value == pytest.approx(r["fixed"]["Q_p"], rel=1e-6)
    assert row.prediction[0] < 1 < row.prediction[1]
    close(pooled["REML"]["stratified"].hazard_ratio, r["pooled_stratified_cox"])
    close(pooled["REML"]["unstratified"].hazard_ratio, r["pooled_unstratified_cox"])
    chi2 = pooled["REML"]["stratified"].log_rank.chi_squared
    assert chi2 == pytest.approx(r["stratified_logrank"]["chisq"], rel=1e-9)


def trial(make_cohort, data, marker, arm, endpoint="OS"):
    """A cohort in memory with a marker of 0 and 1 and a treatment of 0 and 1."""
    index = pd.Index([f"P{i}" for i in range(len(data))], name="patient")
    clinical = pd.DataFrame({"arm": [str(int(given)) for given in arm]}, index=index, dtype="string")
    tables = pd.DataFrame({"M": np.asarray(marker, float)}, index=index)
    endpoints = {endpoint: (data["time"].to_numpy(float), data["event"].to_numpy(bool))}
    return make_cohort(clinical=clinical, mrna=tables, endpoints=endpoints)


@pytest.mark.parametrize(
    ("name", "columns", "p", "word"),
    [
        ("int_gbsg_hormon_er", lambda d: (d["er"] > 10, d["hormon"] == 1), 0.27, False),
        ("int_veteran_trt_karno", lambda d: (d["karno"] >= 70, d["trt"] == 2), 0.040, True),
    ],
)
def test_19_only_the_interaction_makes_a_marker_predictive(case, make_cohort, name, columns, p, word):
    r, data = case("interaction", name)
    marker, arm = columns(data)
    cohort = trial(make_cohort, data, marker, arm)
    made = parse_signature({"name": "made", "positive": {"mrna": "M", "above": 0.5}}, id="made", where="test")
    result = compare_interaction(cohort, stratify(cohort, made, library={}), "arm", "OS")
    row = result["treatment_interaction"]
    assert row.likelihood_ratio.chi_squared == pytest.approx(r["lrt"]["stat"], rel=1e-7)
    assert row.likelihood_ratio.p_value == pytest.approx(r["lrt"]["p"], rel=1e-7)
    assert row.likelihood_ratio.p_value == pytest.approx(p, abs=5e-3)
    assert row.hazard_ratio.value == pytest.approx(r["full"]["hr"][2], rel=1e-7)
    assert row.hazard_ratio.wald_p == pytest.approx(r["full"]["p"][2], rel=1e-7)
    assert (": predictive if the treatment was given by randomisation" in row.notes[-1]) == word
    for stratum, short in (("positive", "pos"), ("negative", "neg")):
        alone = result[f"treatment_in_{stratum}"].hazard_ratio
        assert np.log(alone.value) == pytest.approx(r["separate_fits"][f"log_hr_{short}"], rel=1e-6)


def test_16_one_cut_over_pooled_values_separates_cohorts():
    """Nothing is planted but cohorts that differ in survival and in the level of the assay."""
    rng = np.random.default_rng(16)
    wrong = right = 0
    for _ in range(200):
        cohort = np.repeat([0, 1, 2], 80)
        values = rng.normal(3.0 * cohort, 1.0)
        lived = rng.exponential(np.array([10.0, 20.0, 40.0])[cohort])
        followed = rng.uniform(10, 60, cohort.size)
        time, event = np.minimum(lived, followed), lived <= followed
        medians = np.array([np.median(values[cohort == i]) for i in range(3)])
        wrong += log_rank(time, event, values > np.median(values)).p_value < 0.05
        right += log_rank(time, event, values > medians[cohort], stratification_factors=cohort).p_value < 0.05
    assert wrong == 200
    # exact binomial 99.9 % limits of 200 draws at 0.05
    assert 2 <= right <= 21
