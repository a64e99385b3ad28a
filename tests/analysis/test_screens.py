"""Several markers of the same patients: max-T in the ledger, where one of them is rare."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from strata.analysis import Plan, Results, ledger_frame, run_cohort
from strata.signatures import parse_signature
from strata.survival import log_rank, max_t

N = 120
GENES = ["RARE", "A", "B", "C"]


def signature(gene, **more):
    return parse_signature({"name": gene, "positive": {"mrna": gene, "above": 0} | more}, id=gene.lower(), where="test")


@pytest.fixture
def calls():
    """Patients by genes: True in 7 % for the rare one, in half for the others."""
    generator = np.random.default_rng(3)
    return generator.random((N, 4)) < [0.07, 0.5, 0.5, 0.5]


@pytest.fixture
def cohort(calls, make_cohort):
    generator = np.random.default_rng(5)
    index = pd.Index([f"p{i}" for i in range(N)], dtype="string")
    table = pd.DataFrame(np.where(calls, 1.0, -1.0), index, GENES)
    time = generator.exponential(np.where(calls[:, 0], 4.0, 20.0))
    clinical = pd.DataFrame({"grade": generator.choice(["1", "2"], N)}, index)
    return make_cohort(clinical=clinical, mrna=table, endpoints={"OS": (time, generator.random(N) < 0.8)})


def run(cohort, genes=GENES, **keys):
    plan = Plan.checked(cohorts=["x"], **{"endpoints": ["OS"], **keys})
    signatures = [signature(gene) for gene in genes]
    library = {s.id: s for s in signatures}
    table = ledger_frame(
        Results(plan, (run_cohort(cohort, plan, library=library, signatures=signatures),), (), library)
    )
    return table[table["family"] == "main"].set_index("signature")


def test_the_p_is_that_of_max_t_over_the_markers(cohort, calls):
    table = run(cohort)
    os = cohort.endpoints["OS"]
    order = np.lexsort((*calls.T, os.event, os.time))
    found = max_t(os.time.to_numpy()[order], os.event.to_numpy(bool)[order], calls[order], n_permutations=10_000)
    np.testing.assert_array_equal(table["max_t_p"], found.adjusted_p_values)
    assert table["max_t_tests"].tolist() == [4] * 4
    said = "max-T by 10000 permutations (seed 0); assumes that censoring is the same in the groups"
    assert set(table["note"]) == {said}
    # adjusted: never below the marker's own P, and the marker that acts is found
    assert (table["max_t_p"] >= found.p_values).all()
    assert table.loc["rare", "max_t_p"] < 0.05 < table.loc["a", "max_t_p"]


def test_no_marker_is_rare_or_there_is_one_only(cohort):
    assert run(cohort, GENES[1:])[["max_t_p", "note"]].isna().all(axis=None)
    assert run(cohort, GENES[:1])["max_t_p"].isna().all()
    assert run(cohort, sparse_patients=0, sparse_events=0)["max_t_p"].isna().all()


def test_neither_the_order_of_patients_nor_an_endpoint_asked_for_twice_changes_it(cohort, make_cohort):
    before = run(cohort)
    back = cohort.patients[::-1]
    os = cohort.endpoints["OS"]
    table = cohort.assays["mrna"].read(GENES)
    turned = make_cohort(
        clinical=cohort.clinical.loc[back],
        mrna=table.loc[back],
        endpoints={"OS": (os.time.loc[back].to_numpy(), os.event.loc[back].to_numpy(bool))},
    )
    assert run(turned)["max_t_p"].tolist() == before["max_t_p"].tolist()
    twice = run(cohort, endpoints=[{"OS": ["OS"]}, {"DSS": ["OS"]}])
    assert twice["max_t_tests"].tolist() == [4] * 8
    assert twice["max_t_p"].tolist() == np.repeat(before["max_t_p"], 2).tolist()


def test_who_has_no_call_takes_no_part_in_that_marker(cohort, calls):
    """Their survival is free to change: the observed statistic of the marker stays, as does who is compared."""
    from strata.analysis.screens import _column
    from strata.stratification import stratify

    table = cohort.assays["mrna"]._table
    table.loc[table.index[:30], "A"] = np.nan
    strata = stratify(cohort, signature("A"))
    everyone = np.zeros(N, dtype=np.int64)
    column = _column(strata, np.ones(N, dtype=bool), everyone)
    known = calls[30:, 1]
    np.testing.assert_allclose(column[:30], known.mean(), rtol=1e-15)
    assert column[30:].tolist() == known.tolist()
    scores = np.random.default_rng(0).normal(size=N)
    scores -= scores.mean()
    # sum over patients of (call - share) x score: those without a call add nothing
    assert column @ scores == pytest.approx(((known - known.mean()) * scores[30:]).sum(), abs=1e-12)
    table = run(cohort)
    assert table.loc["a", "n"] == N - 30
    assert table["max_t_tests"].tolist() == [4] * 4


def test_permuted_inside_stratification_factors(cohort, calls):
    table = run(cohort, stratify_by=["grade"])
    os, grade = cohort.endpoints["OS"], cohort.clinical["grade"].to_numpy()
    found = max_t(os.time, os.event.to_numpy(bool), calls, n_permutations=10_000, stratification_factors=grade)
    np.testing.assert_allclose(table["max_t_p"], found.adjusted_p_values, atol=0.02)
    assert not np.allclose(run(cohort)["max_t_p"], table["max_t_p"], atol=1e-4)


def test_quantile_groups_join_by_their_ranks(cohort, make_cohort):
    generator = np.random.default_rng(1)
    os = cohort.endpoints["OS"]
    values = pd.DataFrame(generator.normal(size=(N, 2)), cohort.patients, ["A", "B"])
    made = make_cohort(
        clinical=cohort.clinical, mrna=values, endpoints={"OS": (os.time.to_numpy(), os.event.to_numpy(bool))}
    )
    plan = Plan.checked(cohorts=["x"], endpoints=["OS"], cut="tertiles", sparse_patients=50)
    ids = [{"score": {"mrna": g}, "positive": {"score": "self", "above": "median"}} for g in ("A", "B")]
    signatures = [parse_signature({"name": g, **d}, id=g.lower(), where="test") for g, d in zip("AB", ids)]
    library = {s.id: s for s in signatures}
    result = run_cohort(made, plan, library=library, signatures=signatures)
    table = ledger_frame(Results(plan, (result,), (), library))
    trend = table[table["comparison"] == "trend"].set_index("signature")
    assert trend["max_t_tests"].tolist() == [2, 2]
    # two independent trends: the smaller P is about doubled, near enough to its own asymptotic P
    smaller = trend["p_value"].min()
    assert trend.loc[trend["p_value"].idxmin(), "max_t_p"] == pytest.approx(1 - (1 - smaller) ** 2, abs=0.03)
    assert table.loc[table["comparison"] != "trend", "max_t_p"].isna().all()


def test_family_wise_error_of_rare_markers(make_cohort):
    """40 markers in 5 % of 200 patients, nothing to find: Bonferroni on log-rank P is wrong far too often."""
    generator = np.random.default_rng(11)
    wrong = {"bonferroni": 0, "max_t": 0}
    repeats = 60
    for _ in range(repeats):
        calls = generator.random((200, 40)) < 0.05
        time, event = generator.exponential(10, 200), generator.random(200) < 0.7
        asymptotic = min(log_rank(time, event, calls[:, j]).p_value for j in range(40) if calls[:, j].any())
        wrong["bonferroni"] += asymptotic < 0.05 / 40
        found = max_t(time, event, calls[:, calls.any(axis=0)], n_permutations=399, seed=int(generator.integers(2**31)))
        wrong["max_t"] += np.nanmin(found.adjusted_p_values) <= 0.05
    # exact binomial 99.9 % limits of 60 at 0.05: 0 to 11
    assert wrong["max_t"] <= 11
    assert wrong["bonferroni"] > wrong["max_t"]
