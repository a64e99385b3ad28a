"""Signatures beside as many genes drawn at random, on invented cohorts in memory."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from strata.analysis import PROLIFERATION_GENES, RANDOM_COLUMNS, Controls, Plan
from strata.analysis.random_signatures import _empirical_p, compare_with_random
from strata.analysis.run import _setting
from strata.scoring import Resources
from strata.signatures import parse_signature, signature_library
from strata.stratification import EVERYONE, parse_population
from strata.survival.kernels.log_rank import log_rank

N = 80


@pytest.fixture(scope="module")
def invented():
    """Forty genes of noise, one that tells how long patients live, and the proliferation genes with it."""
    generator = np.random.default_rng(7)
    strong = generator.normal(size=N)
    table = {"STRONG": strong} | {f"NOISE{i}": generator.normal(size=N) for i in range(40)}
    table |= {gene: strong + generator.normal(size=N) for gene in PROLIFERATION_GENES}
    index = [f"p{i}" for i in range(N)]
    time = generator.exponential(np.exp(-1.5 * strong) * 20)
    return pd.DataFrame(table, index=index), pd.DataFrame({"er": ["positive", "negative"] * (N // 2)}, index), time


@pytest.fixture
def cohort(invented, make_cohort):
    table, clinical, time = invented
    return make_cohort(clinical=clinical, mrna=table, endpoints={"OS": (time, [1] * N)})


def signature(name="one", **data):
    data = data or {"score": {"mrna": "STRONG"}, "positive": {"score": "self", "above": "median"}}
    return parse_signature({"name": name, **data}, id=name, where="test")


def compared(cohort, *signatures, n=30, population=EVERYONE, seed=0, **keys):
    plan = Plan.checked(cohorts=["x"], endpoints=["OS"], **keys)
    library = signature_library() | {s.id: s for s in signatures}
    units = [(s, population) for s in signatures]
    controls = Controls(random_signatures=n, seed=seed)
    return compare_with_random(
        cohort, units, plan, library=library, resources=Resources(), controls=controls, setting=_setting
    )


def test_a_strong_gene_is_better_than_all_random_ones(cohort, invented):
    table, _, time = invented
    rows = compared(cohort, signature())
    assert tuple(rows.columns) == RANDOM_COLUMNS
    first = rows.iloc[0]
    high = table["STRONG"] > table["STRONG"].median()
    assert first["chi_squared"] == pytest.approx(log_rank(time, [1] * N, high).chi_squared, rel=1e-12)
    assert first["n_random"] == 30
    assert first["random_p_chi_squared"] == first["random_p_hazard_ratio"] == 1 / 31
    assert first["chi_squared"] > first["random_chi_squared_q95"] > first["random_chi_squared_median"]


def test_each_random_gene_gives_its_own_statistic(cohort, invented):
    """With as many draws as genes of noise or more, every statistic is that of one of them, cut at its median."""
    table, _, time = invented
    small = table[["STRONG", "NOISE1", "NOISE2"]]
    one = replace(cohort, assays={"mrna": type(cohort.assays["mrna"])("mrna", small)})
    row = compared(one, signature(), n=40).iloc[0]
    own = [log_rank(time, [1] * N, small[g] > small[g].median()).chi_squared for g in ("NOISE1", "NOISE2")]
    assert row["random_chi_squared_q95"] == pytest.approx(max(own), rel=1e-12)
    assert row["random_chi_squared_median"] >= min(own) * (1 - 1e-12)


def test_proliferation_is_one_more_signature_and_a_correlation(cohort, invented):
    table, _, _ = invented
    rows = compared(cohort, signature())
    assert rows["signature"].tolist() == ["one", "proliferation"]
    assert rows.iloc[1]["genes"] == len(PROLIFERATION_GENES)
    genes = table[list(PROLIFERATION_GENES)]
    score = ((genes - genes.mean()) / genes.std(ddof=1)).mean(axis=1)
    expected = table["STRONG"].corr(score, method="spearman")
    assert rows.iloc[0]["correlation_with_proliferation"] == pytest.approx(expected, rel=1e-12)
    assert np.isnan(rows.iloc[1]["correlation_with_proliferation"])


def test_proliferation_has_the_cut_of_the_signature(cohort):
    by_cut = compared(cohort, signature("high", positive={"mrna": "STRONG", "above": "q75"}), n=3)
    assert by_cut["cut"].tolist() == ["q75", "q75"]
    assert compared(cohort, signature(), n=3, cut="tertiles")["cut"].tolist() == ["tertiles", "tertiles"]


def test_without_its_genes_there_is_no_proliferation_score(cohort, invented):
    few = invented[0].drop(columns=list(PROLIFERATION_GENES[2:]))
    rows = compared(replace(cohort, assays={"mrna": type(cohort.assays["mrna"])("mrna", few)}), signature(), n=3)
    assert rows["signature"].tolist() == ["one"]


def test_a_gene_set_is_compared_with_sets_of_its_size(cohort):
    genes = {"genes": {"up": ["STRONG", "NOISE1"], "down": ["NOISE2"]}, "by": "zscore"}
    row = compared(cohort, signature("set", score=genes, positive={"score": "self", "above": "median"})).iloc[0]
    assert row["genes"] == 3
    assert row["n_random"] == 30
    assert 0 < row["random_chi_squared_median"] < row["chi_squared"]


def test_only_what_is_drawn_is_read(cohort, monkeypatch):
    asked = []
    assay = cohort.assays["mrna"]
    read = type(assay).read
    monkeypatch.setattr(type(assay), "read", lambda self, features: asked.append(set(features)) or read(self, features))
    compared(cohort, signature(), n=5)
    assert max(len(features) for features in asked if "STRONG" in features) <= 6


def test_the_population_keeps_its_own_genes(cohort):
    """A population defined by a gene: that gene is never drawn, so the patients stay the same."""
    inside = signature("inside", positive={"mrna": "NOISE1", "above": "median"})
    library = signature_library() | {"inside": inside}
    plan = Plan.checked(cohorts=["x"], endpoints=["OS"])
    population = parse_population("inside", library)
    units = [(signature(), population)]
    rows = compare_with_random(
        cohort,
        units,
        plan,
        library=library,
        resources=None,
        controls=Controls(random_signatures=60),
        setting=_setting,
    )
    assert rows.iloc[0]["n_failed"] == 0
    assert rows.iloc[0]["population"] == "inside"


@pytest.mark.parametrize(
    ("positive", "said"),
    [
        ({"mrna": "STRONG", "above": 0.5}, "the cut is a number"),
        ({"clinical": "er", "is": "positive"}, "one table of numbers"),
        ({"mutation": "TP53", "is": "any"}, "one table of numbers"),
        ({"mrna": "ABSENT", "above": "median"}, "none of its genes"),
    ],
)
def test_what_cannot_be_compared_says_why(cohort, positive, said):
    row = compared(cohort, signature("odd", positive=positive), n=3).iloc[0]
    assert said in row["note"]
    assert row["n_random"] == 0
    assert np.isnan(row["random_p_chi_squared"])


def test_a_searched_cut_is_left_to_its_own_p(cohort):
    rows = compared(cohort, signature(), n=3, cut="optimal")
    assert rows["n_random"].isna().all()
    assert rows["note"].str.contains("the cut was searched").all()


def test_random_signatures_are_compared_as_the_signature_is(cohort, invented):
    """Cut at 12 months: the statistic is that of the results, which are cut there as well."""
    table, _, time = invented
    row = compared(cohort, signature(), n=2, horizon=12.0).iloc[0]
    cut, seen = np.minimum(time, 12.0), time <= 12.0
    expected = log_rank(cut, seen, table["STRONG"] > table["STRONG"].median()).chi_squared
    assert row["chi_squared"] == pytest.approx(expected, rel=1e-12)


def test_the_seed_decides(cohort):
    def numbers(seed):
        return compared(cohort, signature(), n=5, seed=seed).iloc[0]["random_chi_squared_median"]

    assert numbers(1) == numbers(1) != numbers(2)


def test_the_empirical_p():
    assert _empirical_p(2.0, np.array([1.0, 2.0, 3.0])) == 3 / 4
    assert _empirical_p(9.0, np.array([1.0, 2.0, 3.0])) == 1 / 4
    assert np.isnan(_empirical_p(np.nan, np.array([1.0])))
    assert np.isnan(_empirical_p(1.0, np.array([])))
