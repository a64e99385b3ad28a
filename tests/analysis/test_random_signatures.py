"""Signatures beside as many genes drawn at random, on invented cohorts in memory."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from strata.analysis import PROLIFERATION_GENES, RANDOM_COLUMNS, Controls, Plan
from strata.analysis.random_signatures import _empirical_p, compare_with_random
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
    return compare_with_random(cohort, units, plan, library=library, resources=Resources(), controls=controls)


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


def with_genes(cohort, invented, *genes):
    """The cohort with a table of these genes only."""
    return replace(cohort, assays={"mrna": type(cohort.assays["mrna"])("mrna", invented[0][list(genes)])})


def test_where_few_signatures_can_be_drawn_each_is_used_once(cohort, invented):
    table, _, time = invented
    row = compared(with_genes(cohort, invented, "STRONG", "NOISE1", "NOISE2", "NOISE3"), signature(), n=40).iloc[0]
    own = [log_rank(time, [1] * N, table[g] > table[g].median()).chi_squared for g in ("NOISE1", "NOISE2", "NOISE3")]
    assert row["n_random"] == 3
    assert row["random_chi_squared_median"] == pytest.approx(np.median(own), rel=1e-12)
    assert row["random_chi_squared_q95"] == pytest.approx(np.quantile(own, 0.95), rel=1e-12)
    assert row["random_p_chi_squared"] == 1 / 4
    assert row["note"].startswith("only 3 distinct signatures of 1 gene can be drawn from 3 other genes; ")


def pair(name="pair"):
    genes = {"mean": [{"mrna": "STRONG"}, {"mrna": "NOISE0"}]}
    return signature(name, score=genes, positive={"score": "self", "above": "median"})


@pytest.mark.parametrize(
    ("n", "n_random", "note"),
    [
        (5, 5, False),
        (6, 6, False),
        (7, 6, True),
    ],
)
def test_sets_are_enumerated_when_as_many_are_asked_for(cohort, invented, n, n_random, note):
    small = with_genes(cohort, invented, "STRONG", "NOISE0", "NOISE1", "NOISE2", "NOISE3", "NOISE4")
    table, _, time = invented
    row = compared(small, pair(), n=n).iloc[0]
    assert row["n_random"] == n_random
    said = "only 6 distinct signatures of 2 genes can be drawn from 4 other genes"
    assert (said in row["note"]) == note
    if n > 5:
        scaled = (table - table.mean()) / table.std(ddof=1)
        means = [scaled[list(two)].mean(axis=1) for two in combinations([f"NOISE{i}" for i in (1, 2, 3, 4)], 2)]
        own = [log_rank(time, [1] * N, score > score.median()).chi_squared for score in means]
        assert row["random_chi_squared_median"] == pytest.approx(np.median(own), rel=1e-12)
        assert row["random_p_chi_squared"] == (sum(x >= row["chi_squared"] for x in own) + 1) / 7


def test_which_gene_stands_in_which_place_is_left_to_chance(cohort, invented):
    """One gene high and another low: of the two genes that are left either may be the high one."""
    rule = {"all": [{"mrna": "STRONG", "above": "median"}, {"mrna": "NOISE0", "below": "median"}]}
    small = with_genes(cohort, invented, "STRONG", "NOISE0", "NOISE1", "NOISE2")
    found = {
        compared(small, signature("two", positive=rule), seed=s).iloc[0]["random_chi_squared_median"] for s in range(8)
    }
    assert len(found) == 2


def test_too_few_other_genes_are_counted(cohort, invented):
    row = compared(with_genes(cohort, invented, "STRONG", "NOISE0", "NOISE1"), pair()).iloc[0]
    assert row["n_random"] == 0
    assert row["note"].startswith("only 1 other gene to draw 2 from; ")


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


@pytest.mark.parametrize(
    ("there", "said"),
    [
        (PROLIFERATION_GENES[:2], "the mrna table has only MKI67 and AURKA"),
        (PROLIFERATION_GENES[4:], "the mrna table has only MYBL2"),
        ((), "the mrna table has none of them"),
    ],
)
def test_without_its_genes_there_is_no_proliferation_score_and_the_note_says_so(cohort, invented, there, said):
    noise = [f"NOISE{i}" for i in range(5)]
    rows = compared(with_genes(cohort, invented, "STRONG", *noise, *there), signature(), n=3)
    assert rows["signature"].tolist() == ["one"]
    (row,) = rows.itertuples()
    assert np.isnan(row.correlation_with_proliferation)
    asked = "3 of MKI67, AURKA, BIRC5, CCNB1, MYBL2"
    assert row.note == f"no proliferation score: it needs {asked}, and {said}"


def test_without_an_mrna_table_both_notes_are_there(cohort, invented):
    protein = type(cohort.assays["mrna"])("protein", invented[0][["STRONG", "NOISE1", "NOISE2"]])
    mark = signature(score={"protein": "STRONG"}, positive={"score": "self", "above": "median"})
    (row,) = compared(replace(cohort, assays={"protein": protein}), mark, n=3).itertuples()
    assert row.n_random == 2
    assert row.note == (
        "only 2 distinct signatures of 1 gene can be drawn from 2 other genes; "
        "no proliferation score: the cohort has no mrna table"
    )


def test_where_nothing_is_amiss_there_is_no_note(cohort):
    assert compared(cohort, signature(), n=3)["note"].isna().all()


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


def test_a_random_signature_whose_hazard_ratio_is_infinite_reached_the_observed_one(make_cohort):
    """Events in one group only: no hazard ratio can be estimated, and none is further from 1."""
    n = 40
    index = [f"p{i}" for i in range(n)]
    first = np.arange(n) < n // 2
    generator = np.random.default_rng(0)
    table = pd.DataFrame({"OWN": generator.normal(size=n), "PARTS": np.where(first, 1.0, -1.0)}, index)
    cohort = make_cohort(
        clinical=pd.DataFrame(index=index), mrna=table, endpoints={"OS": (np.arange(1.0, n + 1), first.astype(int))}
    )
    own = signature("own", positive={"mrna": "OWN", "above": "median"})
    row = compared(cohort, own, n=1).iloc[0]
    assert row["n_random"] == 1
    assert np.isfinite(row["abs_log_hazard_ratio"])
    assert np.isnan(row["random_abs_log_hazard_ratio_median"])
    assert row["random_p_hazard_ratio"] == 1.0
    parts = signature("parts", positive={"mrna": "PARTS", "above": 0})
    assert "number" in compared(cohort, parts, n=1).iloc[0]["note"]
