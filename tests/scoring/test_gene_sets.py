"""The checked wrappers: coverage, order, errors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from strata.errors import UsageError
from strata.scoring.gene_sets import SignedSet, nearest_centroid, score_sets
from strata.scoring.methods import METHODS

GENES = [f"G{i:02}" for i in range(40)]
SETS = {
    "up": SignedSet(dict.fromkeys(GENES[3:13], 1.0)),
    "both": SignedSet({**dict.fromkeys(GENES[10:20], 2.0), **dict.fromkeys(GENES[30:35], -1.0)}),
    "weights": SignedSet({gene: (-1.0) ** i * (i % 5 + 1) for i, gene in enumerate(GENES[5:25])}),
}


def invented(*, missing: float = 0.0, digits: int = 1) -> pd.DataFrame:
    """Expression of 14 invented patients, with ties."""
    rng = np.random.default_rng(21)
    table = pd.DataFrame(rng.normal(8, 2, (14, 40)).round(digits), index=[f"P{i:02}" for i in range(14)], columns=GENES)
    return table.mask(rng.random(table.shape) < missing)


def test_directions_of_a_set():
    genes = SignedSet({"A": 2.0, "B": -0.5, "C": 0.0, "D": 1.0})

    assert (genes.up, genes.down) == (("A", "D"), ("B",))


# -- what does not change a score --------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("missing", [0.0, 0.02])
def test_unrelated_sets_change_no_score(method, missing):
    table = invented(missing=missing)
    together = score_sets(table, SETS, method=method, min_coverage=0.1)

    for name, genes in SETS.items():
        assert_frame_equal(score_sets(table, {name: genes}, method=method, min_coverage=0.1), together[[name]])


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=10, deadline=None)
@given(order=st.randoms(use_true_random=False))
def test_order_of_rows_and_columns_changes_no_score(method, order):
    table = invented(missing=0.02)
    rows, columns = list(table.index), list(table.columns)
    order.shuffle(rows)
    order.shuffle(columns)

    mixed = score_sets(table.loc[rows, columns], SETS, method=method, min_coverage=0.1)
    assert_frame_equal(
        mixed.loc[table.index], score_sets(table, SETS, method=method, min_coverage=0.1), check_exact=True
    )


@pytest.mark.parametrize("method", ["ssgsea", "singscore"])
def test_monotone_transforms_change_no_rank_score(method):
    table = invented(missing=0.02)

    assert_frame_equal(
        score_sets(np.exp(table), SETS, method=method), score_sets(table, SETS, method=method), check_exact=True
    )


def test_normalised_scores_depend_on_the_other_sets_and_plain_ones_do_not():
    table = invented()
    plain, normalised = (score_sets(table, SETS, method="ssgsea", normalise=on) for on in (False, True))

    span = plain.to_numpy().max() - plain.to_numpy().min()
    assert normalised.to_numpy() == pytest.approx(plain.to_numpy() / span, rel=1e-15)
    alone = score_sets(table, {"up": SETS["up"]}, method="ssgsea", normalise=True)
    assert alone["up"].max() - alone["up"].min() == pytest.approx(1)
    assert normalised["up"].max() - normalised["up"].min() < 0.9


# -- coverage ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_too_few_genes_in_the_table_leave_the_set_unknown(method):
    sets = {"enough": SignedSet({g: i + 1.0 for i, g in enumerate([*GENES[:8], "X1", "X2"])})}  # 8 of 10
    few = {"few": SignedSet({g: i + 1.0 for i, g in enumerate([*GENES[:7], "X1", "X2", "X3"])})}  # 7 of 10
    scores = score_sets(invented(), sets | few, method=method, min_coverage=0.8)

    assert scores["enough"].notna().all()
    assert scores["few"].isna().all()


@pytest.mark.parametrize("method", [name for name, record in METHODS.items() if record.genes != "complete"])
def test_a_patient_with_too_few_known_genes_is_unknown(method):
    table = invented(digits=6)
    sets = {"ten": SignedSet({gene: i + 1.0 for i, gene in enumerate(GENES[:10])})}
    table.iloc[0, :2] = np.nan
    table.iloc[1, :3] = np.nan
    scores = score_sets(table, sets, method=method)["ten"]

    assert scores.isna().tolist() == [False, True] + [False] * 12


@pytest.mark.parametrize("method", ["gsva", "plage"])
def test_gsva_and_plage_leave_out_genes_that_are_unknown_in_a_patient(method):
    table = invented(digits=6)
    sets = {"ten": SignedSet(dict.fromkeys(GENES[:10], 1.0)), "other": SignedSet(dict.fromkeys(GENES[10:20], 1.0))}
    table.iloc[0, :3] = np.nan
    scores = score_sets(table, sets, method=method)

    assert scores["ten"].isna().all()
    assert_frame_equal(scores[["other"]], score_sets(table.drop(columns=GENES[:3]), sets, method=method)[["other"]])


def test_constant_genes_count_as_missing_for_z_scores_only():
    table = invented().assign(**dict.fromkeys(GENES[:3], 5.0))
    sets = {"ten": SignedSet(dict.fromkeys(GENES[:10], 1.0))}

    assert score_sets(table, sets, method="zscore")["ten"].isna().all()
    assert score_sets(table, sets, method="singscore")["ten"].notna().all()


def test_a_direction_without_a_known_gene_leaves_the_patient_unknown():
    table = invented()
    table.loc["P03", "G09"] = np.nan
    sets = {"nine up, one down": SignedSet({**dict.fromkeys(GENES[:9], 1.0), "G09": -1.0})}

    for method in ("mean", "ssgsea", "singscore", "weighted"):
        assert score_sets(table, sets, method=method).iloc[:, 0].isna().tolist() == [p == "P03" for p in table.index]


def test_genes_without_weight_are_asked_for_but_have_no_direction():
    sets = {"zero": SignedSet({"G00": 1.0, "G01": 0.0}), "plain": SignedSet({"G00": 1.0})}
    scores = score_sets(invented(), sets, method="singscore")

    assert scores["zero"].tolist() == scores["plain"].tolist()


def test_moments_learned_on_other_patients():
    table = invented()
    moments = pd.DataFrame({"mean": table[:7].mean(), "sd": table[:7].std()})
    scores = score_sets(table, SETS, method="mean", moments=moments)

    expected = ((table - moments["mean"]) / moments["sd"])[list(SETS["up"].up)].mean(axis=1)
    assert scores["up"].tolist() == pytest.approx(expected.tolist(), rel=1e-12)
    # a gene without moments counts as missing
    assert score_sets(table, SETS, method="mean", moments=moments.drop(GENES[3:6]))["up"].isna().all()


@pytest.mark.parametrize("method", METHODS)
def test_tables_without_patients_genes_or_sets(method):
    table = invented()

    assert score_sets(table[:0], SETS, method=method).shape == (0, 3)
    assert score_sets(table[[]], SETS, method=method).isna().all(axis=None)
    assert score_sets(table[:1], SETS, method=method).shape == (1, 3)
    assert score_sets(table, {}, method=method).shape == (14, 0)
    assert score_sets(table * np.nan, SETS, method=method).isna().all(axis=None)


def test_nullable_and_whole_numbers_are_read():
    table = invented(digits=0)
    nullable = table.astype("Int64").mask(table == table.iloc[2, 2])

    for method in METHODS:
        assert_frame_equal(
            score_sets(nullable, SETS, method=method, min_coverage=0.1),
            score_sets(table.mask(table == table.iloc[2, 2]), SETS, method=method, min_coverage=0.1),
        )


# -- errors ------------------------------------------------------------------------------------------------------------


def test_everything_that_is_wrong_is_said_at_once():
    table = pd.concat([invented()[["G00", "G01"]], invented()[["G01"]]], axis=1).assign(note="x")
    sets = {"empty": SignedSet({}), "odd": SignedSet({"G00": float("nan")}), "zeros": SignedSet({"G00": 0.0})}
    with pytest.raises(UsageError) as caught:
        score_sets(table, sets, method="ssgse", min_coverage=80)

    assert [str(problem) for problem in caught.value.problems] == [
        "method: unknown scoring method 'ssgse'. Did you mean 'ssgsea'?",
        "gene set empty: no gene with a weight. Give at least one gene, up or down",
        "gene set odd: weights that are not finite numbers: G00",
        "gene set zeros: no gene with a weight. Give at least one gene, up or down",
        "min_coverage: 80 is no share of genes. Give one above 0, up to 1",
        "expression: genes in two columns or more (1): G01. Keep one each",
        "expression: columns that are not numbers (1): note",
    ]


def test_options_that_a_method_does_not_have():
    moments = pd.DataFrame({"average": [1.0]}, index=["G00"])
    with pytest.raises(UsageError, match="normalise: the scores of gsva are not normalised") as caught:
        score_sets(invented(), SETS, method="gsva", normalise=True, moments=moments)
    assert [problem.where for problem in caught.value.problems] == ["normalise", "moments", "moments"]

    with pytest.raises(UsageError, match="Known: mean, zscore"):
        score_sets(invented(), SETS, method="?")
    with pytest.raises(UsageError, match="infinite values"):
        score_sets(invented().replace(invented().iloc[0, 5], np.inf), SETS, method="mean")


# -- nearest centroid --------------------------------------------------------------------------------------------------

CENTROIDS = pd.DataFrame({"one": [1.0, 2.0, 3.0, 4.0], "two": [4.0, 3.0, 2.0, 1.0]}, index=GENES[:4])


def test_nearest_class_and_ties():
    table = pd.DataFrame(
        [[1, 2, 3, 4], [9, 8, 7, 6], [1, 2, 2, 1], [5, 5, 5, 5], [1, np.nan, np.nan, 4], [1, 2, 3, np.nan]],
        columns=GENES[:4],
        index=list("abcdef"),
        dtype=float,
    )
    found = nearest_centroid(table, CENTROIDS, scaling="none", min_coverage=0.75)

    # c is as near to one as to two (both 0), d is constant, e has 2 of 4 genes
    assert found.classes.fillna("?").tolist() == ["one", "two", "?", "?", "?", "one"]
    assert found.correlations.loc["a"].tolist() == pytest.approx([1.0, -1.0])
    assert found.correlations.loc[["d", "e"]].isna().all(axis=None)


def test_median_is_taken_over_the_cohort_by_default():
    table = invented()[GENES[:4]]
    centred = table - table.median()

    assert_frame_equal(
        nearest_centroid(table, CENTROIDS).correlations,
        nearest_centroid(centred, CENTROIDS, scaling="none").correlations,
    )
    # one patient alone is the median: constant, unknown
    assert nearest_centroid(table[:1], CENTROIDS).classes.isna().all()


def test_genes_missing_from_the_table_count_against_coverage():
    table = invented()[GENES[1:40]]

    assert nearest_centroid(table, CENTROIDS, min_coverage=0.75).classes.notna().any()
    assert nearest_centroid(table, CENTROIDS).classes.isna().all()
    assert nearest_centroid(table[["G39"]], CENTROIDS).correlations.isna().all(axis=None)


def test_order_of_genes_and_classes_changes_no_class():
    table = invented()
    found = nearest_centroid(table, CENTROIDS)

    mixed = nearest_centroid(table[GENES[::-1]], CENTROIDS.loc[GENES[3::-1], ["two", "one"]])
    assert_frame_equal(mixed.correlations[["one", "two"]], found.correlations, check_exact=True)
    assert mixed.classes.equals(found.classes)


def test_errors_of_centroids():
    twice = pd.concat([CENTROIDS, CENTROIDS[:1] * np.nan])
    with pytest.raises(UsageError) as caught:
        nearest_centroid(invented(), twice, scaling="medain")

    assert [str(problem) for problem in caught.value.problems] == [
        "scaling: unknown scaling 'medain'. Did you mean 'median'?",
        "centroids: genes in two rows or more: G00",
        "centroids: values that are not finite numbers. Leave these genes out",
    ]
    with pytest.raises(UsageError, match="no genes or no classes"):
        nearest_centroid(invented(), CENTROIDS[[]])


@pytest.mark.parametrize("method", ["ssgsea", "singscore"])
def test_patients_in_blocks_get_the_same_scores(monkeypatch, method):
    from strata.scoring import gene_sets

    generator = np.random.default_rng(3)
    genes = [f"G{i:02}" for i in range(40)]
    table = pd.DataFrame(generator.normal(size=(23, 40)).round(1), [f"p{22 - i:02}" for i in range(23)], genes)
    table.iloc[4, :9] = np.nan
    sets = {
        "up": SignedSet(dict.fromkeys(genes[:12], 1.0)),
        "both": SignedSet({g: 1.5 - i % 3 for i, g in enumerate(genes)}),
    }
    whole = score_sets(table, sets, method=method, min_coverage=0.5)
    monkeypatch.setattr(gene_sets, "BLOCK", 100)
    pd.testing.assert_frame_equal(score_sets(table, sets, method=method, min_coverage=0.5), whole, check_exact=True)
