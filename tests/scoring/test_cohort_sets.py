"""Gene sets and classes in a cohort: which genes are found, what is refused, and the scores by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from strata.scoring import CohortSource, LearnedCuts, Resources, coverage, score
from strata.scoring.gene_sets import SignedSet, nearest_centroid, score_sets
from strata.signatures import Centroids, GeneList, needs_of, parse_signature
from strata.stratification import stratify

GENES = [f"G{i}" for i in range(12)]
PATIENTS = pd.Index([f"P{i}" for i in range(30)], name="patient")


@pytest.fixture
def table():
    values = np.random.default_rng(5).normal(8, 2, (len(PATIENTS), len(GENES)))
    return pd.DataFrame(values, index=PATIENTS, columns=GENES)


@pytest.fixture
def cohort_of(make_cohort):
    def make(table=None, **more):
        clinical = pd.DataFrame({"er": ["positive", "negative"] * 15}, index=PATIENTS, dtype="string")
        return make_cohort(clinical=clinical, **({} if table is None else {"mrna": table}), **more)

    return make


def lists(**genes):
    made = {
        name: GeneList(
            name, dict.fromkeys(of, 1.0) if not isinstance(of, dict) else of, isinstance(of, dict), Path("x")
        )
        for name, of in genes.items()
    }
    return Resources(made)


def signature(genes, by="mean", **more):
    rule = {"name": "S", "score": {"genes": genes, "by": by}, "positive": {"score": "self", "above": "median"}}
    return parse_signature(rule | more, id="s", where="test")


def scores_of(cohort, rules):
    return score(cohort, rules).to_frame().query("signature == 's'")["score"]


def number(cohort, rule, resources=None):
    source = CohortSource(cohort, needs_of(rule, {}), resources)
    return source.gene_set(rule.score, LearnedCuts(np.ones(len(PATIENTS), dtype=bool)))


def test_a_missing_list_is_named_with_what_to_give(cohort_of, table):
    rule = signature({"up": "HALLMARK_MTORC1_SIGNALING"}, "ssgsea")
    found = number(cohort_of(table), rule)
    assert found.absent
    assert found.reasons == ("needs gene set HALLMARK_MTORC1_SIGNALING (MSigDB H): pass --gene-sets h.all.gmt",)
    both = number(cohort_of(table), signature({"up": "UP_LIST", "down": "DOWN_LIST"}), lists(UP_LIST=["G1", "G2"]))
    assert both.reasons == ("needs gene set DOWN_LIST: pass --gene-sets FILE with it",)


def test_a_cohort_without_expression_says_so(cohort_of):
    found = number(cohort_of(), signature({"up": ["G1", "G2"]}))
    assert found.absent
    assert found.unassayed.all()
    assert found.reasons == ("the cohort has no mrna table",)


def test_mean_of_z_scores_by_hand(cohort_of, table):
    rule = signature({"up": ["G1", "G2"], "down": ["G3"]})
    z = (table - table.mean()) / table.std(ddof=1)
    found = number(cohort_of(table), rule)
    np.testing.assert_allclose(found.point, (z["G1"] + z["G2"]) / 2 - z["G3"], rtol=1e-12)
    assert (found.scale, found.reasons) == ("z-score", ("mean(up G1+G2, down G3): 3 of 3 genes found",))


@pytest.mark.parametrize("method", ["ssgsea", "singscore", "signed-mean", "zscore", "plage", "gsva", "correlation"])
def test_every_method_is_that_of_the_arrays(cohort_of, table, method):
    rule = signature({"up": "UP", "down": "DOWN"}, method)
    resources = lists(UP=["G1", "G2", "G5"], DOWN=["G3", "G7"])
    found = number(cohort_of(table), rule, resources)
    sets = {"s": SignedSet({"G1": 1, "G2": 1, "G5": 1, "G3": -1, "G7": -1})}
    np.testing.assert_allclose(found.point, score_sets(table, sets, method=method)["s"], rtol=1e-12)
    assert not np.isnan(found.point).any()


def test_weights_come_from_the_table(cohort_of, table):
    resources = lists(W={"G1": 2.0, "G2": -0.5}, PLAIN=["G1", "G2"])
    found = number(cohort_of(table), signature({"table": "W"}, "weighted"), resources)
    sets = {"s": SignedSet({"G1": 2.0, "G2": -0.5})}
    np.testing.assert_allclose(found.point, score_sets(table, sets, method="weighted")["s"], rtol=1e-12)
    refused = number(cohort_of(table), signature({"table": "PLAIN"}, "weighted"), resources)
    assert refused.reasons == ("gene list PLAIN has no weights",)


def test_coverage_below_the_least_share_is_not_scored(cohort_of, table):
    rule = signature({"up": "L"})
    resources = lists(L=["G1", "G2", "G3", "X1", "X2"])
    found = number(cohort_of(table), rule, resources)
    assert found.absent
    assert found.reasons == ("mean(up L): 3 of 5 genes found, fewer than the share 0.8 (missing X1, X2)",)
    lower = Resources(resources.gene_lists, min_coverage=0.6)
    assert not number(cohort_of(table), rule, lower).absent


def test_a_patient_with_too_few_genes_is_unknown(cohort_of, table):
    table.loc["P3", ["G1", "G2"]] = np.nan
    table.loc["P4", "G1"] = np.nan
    found = number(cohort_of(table), signature({"up": "L"}, "signed-mean"), lists(L=GENES[:5]))
    assert np.isnan(found.point[3])
    assert found.point[4] == pytest.approx(table.loc["P4", ["G0", "G2", "G3", "G4"]].mean())


def test_genes_are_found_by_their_other_names(cohort_of, table):
    renamed = table.rename(columns={"G1": "HER2", "G2": "3480", "G3": "ENSG00000176170.12", "G4": "STK11"})
    rule = signature({"up": ["ERBB2", "IGF1R", "SPHK1", "LKB1"]})
    cohort = cohort_of(renamed)
    source = CohortSource(cohort, needs_of(rule, {}))
    rows = coverage(source, [rule], {})
    assert rows["found"].all()
    assert rows["found_as"].tolist() == ["HER2", "3480", "ENSG00000176170.12", "STK11"]
    same = number(cohort_of(table), signature({"up": ["G1", "G2", "G3", "G4"]}))
    np.testing.assert_allclose(number(cohort, rule).point, same.point, rtol=1e-12)


def test_coverage_says_why_a_gene_is_not_used(cohort_of, table):
    rule = signature({"up": "UP", "down": "DOWN"})
    resources = lists(UP=["G1", "G2", "STK11", "LKB1", "X1"], DOWN=["G1", "G3"])
    cohort = cohort_of(table.rename(columns={"G4": "STK11"}))
    rows = coverage(CohortSource(cohort, needs_of(rule, {}), resources), [rule], {})
    said = rows.set_index("feature")["reason"].to_dict()
    assert said["G1"] == "both up and down"
    assert "LKB1" not in said  # another name of STK11: one gene, asked for once
    assert said["X1"] == "no mrna X1 in the cohort's tables"
    assert rows["gene_set"].tolist() == ["UP"] * 4 + ["DOWN"]
    assert rows.loc[rows["found"], "n_patients"].tolist() == [30, 30, 30]


def test_genes_of_another_scale_are_left_out(cohort_of, table, memory_assay):
    class TwoScales(memory_assay):
        def scale(self, feature):
            return "linear" if feature == "G1" else "log2"

    cohort = cohort_of(table)
    cohort.assays["mrna"] = TwoScales("mrna", table)
    rule = signature({"up": ["G1", "G2", "G3", "G4", "G5"]}, "ssgsea")
    source = CohortSource(cohort, needs_of(rule, {}))
    rows = coverage(source, [rule], {})
    assert rows.loc[~rows["found"], "reason"].tolist() == [
        "on the scale 'linear', while most genes are on the scale 'log2'"
    ]
    sets = {"s": SignedSet(dict.fromkeys(["G1", "G2", "G3", "G4", "G5"], 1.0))}
    expected = score_sets(table.drop(columns="G1"), sets, method="ssgsea")["s"]
    np.testing.assert_allclose(scores_of(cohort, [rule]), expected, rtol=1e-12)


def test_scores_do_not_change_when_unrelated_signatures_are_added(cohort_of, table):
    one = signature({"up": ["G1", "G2"]}, "ssgsea")
    rule = {
        "name": "O",
        "score": {"genes": {"up": ["G3"], "down": ["G9"]}, "by": "ssgsea"},
        "positive": {"score": "self", "above": 0},
    }
    other = parse_signature(rule, id="o", where="test")
    alone = scores_of(cohort_of(table), [one])
    together = scores_of(cohort_of(table), [other, one])
    assert alone.tolist() == together.tolist()


def test_the_order_of_patients_and_genes_does_not_matter(cohort_of, table):
    tied = table.round(0)
    rule = signature({"up": ["G1", "G2", "G8"]}, "ssgsea")
    expected = scores_of(cohort_of(tied), [rule])
    shuffled = tied.sample(frac=1, axis=1, random_state=3)
    assert scores_of(cohort_of(shuffled), [rule]).tolist() == expected.tolist()


def test_z_scores_are_taken_over_the_scope_and_are_applied_elsewhere(cohort_of, table):
    rule = signature({"up": ["G1", "G2"]}, population={"clinical": "er", "is": "positive"})
    cohort = cohort_of(table)
    learned = stratify(cohort, rule, library={})
    inside = table[learned.inside]
    z = (table[["G1", "G2"]] - inside[["G1", "G2"]].mean()) / inside[["G1", "G2"]].std(ddof=1)
    np.testing.assert_allclose(learned.score, z.mean(axis=1), rtol=1e-12)
    assert [m.number for m in learned.cut_points.moments] == ["mrna G1", "mrna G2"]
    shifted = cohort_of(table + 5)
    applied = stratify(shifted, rule, library={}, cut_points=learned.cut_points)
    expected = (table[["G1", "G2"]] + 5 - inside[["G1", "G2"]].mean()) / inside[["G1", "G2"]].std(ddof=1)
    np.testing.assert_allclose(applied.score, expected.mean(axis=1), rtol=1e-12)


# -- classes -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def centroids():
    values = np.random.default_rng(1).normal(size=(10, 5))
    return Centroids("pam50", tuple(GENES[:10]), ("Basal", "Her2", "LumA", "LumB", "Normal"), values, Path("c.tsv"))


def classed(**more):
    return parse_signature(
        {"name": "C", "positive": {"class": "pam50", "is": ["LumA", "LumB"]}} | more, id="c", where="test"
    )


def test_the_class_of_the_nearest_centroid(cohort_of, table, centroids):
    strata = stratify(cohort_of(table), classed(), library={}, resources=Resources(centroids={"pam50": centroids}))
    frame = pd.DataFrame(np.asarray(centroids.values), index=list(centroids.genes), columns=list(centroids.classes))
    nearest = nearest_centroid(table[GENES[:10]], frame).classes
    assert nearest.notna().sum() > 20
    assert strata.is_("positive").tolist() == nearest.isin(["LumA", "LumB"]).tolist()
    # as near to two: unknown
    assert strata.unknown.tolist() == nearest.isna().tolist()
    assert strata.notes == (
        "pam50: 10 of 10 genes found; nearest centroid by Spearman correlation, genes minus their median",
    )


def test_classes_without_centroids_or_with_too_few_genes(cohort_of, table, centroids):
    strata = stratify(cohort_of(table), classed(), library={})
    assert strata.absent
    assert "pass --centroids FILE" in strata.reasons[0]
    few = stratify(
        cohort_of(table[GENES[4:]]), classed(), library={}, resources=Resources(centroids={"pam50": centroids})
    )
    assert few.reasons == ("pam50: 6 of 10 genes found, fewer than the share 0.8 (missing G0, G1, G2, G3)",)
    assert few.counts["unknown"] == 30


def test_a_patient_without_expression_has_no_class(cohort_of, table, centroids):
    table.loc["P7"] = np.nan
    strata = stratify(cohort_of(table), classed(), library={}, resources=Resources(centroids={"pam50": centroids}))
    assert strata.unknown.tolist() == [patient == "P7" for patient in PATIENTS]
