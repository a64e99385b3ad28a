"""The plain rules say what was worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest

from .plain_rules import Plain, PlainCohort, Rule, positive_of, stratify
from .plain_sets import enrichment, nearest_class, set_scores, spearman
from .plain_values import (
    all_of,
    any_of,
    compared,
    count_of,
    cut_point,
    first_of,
    moments,
    opposite,
    row_is,
    word_is,
    z_score,
)

T, F, U = True, False, None

# first, second; all, any, first, the fewest and the most of count
TRUTH_TABLE = [
    (T, T, T, T, T, (2, 2)),
    (T, F, F, T, T, (1, 1)),
    (T, U, U, T, T, (1, 2)),
    (F, T, F, T, F, (1, 1)),
    (F, F, F, F, F, (0, 0)),
    (F, U, F, U, F, (0, 1)),
    (U, T, U, T, T, (1, 2)),
    (U, F, F, U, F, (0, 1)),
    (U, U, U, U, U, (0, 2)),
]


@pytest.mark.parametrize(("a", "b", "both", "either", "first", "count"), TRUTH_TABLE)
def test_two_truths(a: Any, b: Any, both: Any, either: Any, first: Any, count: Any) -> None:
    assert (all_of([a, b]), any_of([a, b]), first_of([a, b]), count_of([a, b])) == (both, either, first, count)


def test_not() -> None:
    assert [opposite(truth) for truth in (T, F, U)] == [F, T, U]


@pytest.mark.parametrize(
    ("ends", "comparator", "cut", "truth"),
    [
        ((2, 2), "above", 2, F),
        ((2, 2), "at_least", 2, T),
        ((2, 2), "below", 2, F),
        ((2, 2), "at_most", 2, T),
        ((0, 2), "at_least", 1, U),
        ((1, 2), "at_least", 1, T),
        ((0, 2), "above", 2, F),
        ((0, 1), "at_most", 1, T),
        ((0, 2), "at_most", 1, U),
        ((0, 0), "below", 1, T),
        (None, "below", 1, U),
        ((1, 1), "below", None, U),
    ],
)
def test_comparisons(ends: Any, comparator: str, cut: Any, truth: Any) -> None:
    assert compared(ends, comparator, cut) is truth


@pytest.mark.parametrize(
    ("values", "rule", "cut"),
    [
        ([3, 1, 2], "median", 2),
        ([4, 1, 2, 3], "median", 2.5),
        ([1, 2, 6], "mean", 3),
        ([1, 2, 3, 4, 5], "q25", 2),
        ([1, 2, 3, 4], "q25", 1.75),
        ([1, 2, 3, 4], "q75", 3.25),
        ([0, 10], "q90", 9),
        ([7], "q75", 7),
        ([1, 2, 3], "sd1", 3),
        ([1, 2, 3], "sd-2", 0),
        ([7], "sd1", None),
        ([], "median", None),
    ],
)
def test_cut_points(values: list[float], rule: str, cut: float | None) -> None:
    assert cut_point(values, rule) == cut


def test_z_scores_have_ddof_1() -> None:
    assert moments([1, 2, 3]) == (2, 1)
    assert z_score(4, moments([1, 2, 3])) == 2
    assert z_score(None, moments([1, 2, 3])) is None
    assert moments([0.1, 0.1, 0.1]) is None
    assert moments([5]) is None


@pytest.mark.parametrize(
    ("gene", "change", "consequence", "token", "truth"),
    [
        ("PIK3CA", "H1047R", "missense", "hotspot", T),
        ("PIK3CA", "H1047Q", "missense", "hotspot", F),
        ("PIK3CA", "H1047Q", "missense", "codon:1047", T),
        ("PIK3CA", "H1047Q", "missense", "exon:20", T),
        ("PIK3CA", "E545K", "missense", "exon:20", F),
        ("PIK3CA", "E545K", "missense", "exon:7", U),
        ("PIK3CA", "", "missense", "hotspot", U),
        ("PIK3CA", "", "missense", "missense", T),
        ("PIK3CA", "Q546fs", "truncating", "driver", F),
        ("PTEN", "R55fs", "truncating", "driver", T),
        ("PTEN", "", "unknown", "driver", U),
        ("PTEN", "R130Q", "missense", "driver", T),
        ("TP53", "A5A", "silent", "any", F),
        ("TP53", "A5A", "unknown", "any", F),
        ("TP53", "A5V", "unknown", "missense", T),
        ("TP53", "", "unknown", "nonsyn", T),
        ("TP53", "", "unknown", "truncating", U),
        ("TP53", "K5fs*3", "unknown", "truncating", T),
        ("MADE", "A5V", "missense", "hotspot", U),
        ("TP53", "A5V", "missense", "none", F),
        ("rs1", "G/T", "other", "T", T),
        ("rs1", "T/G", "other", "G/T", T),
        ("rs1", "G/G", "other", "T", F),
    ],
)
def test_rows_of_mutation_tables(gene: str, change: str, consequence: str, token: str, truth: Any) -> None:
    assert row_is(gene, change, consequence, token) is truth


def test_stages_lie_within_stages() -> None:
    assert [word_is("stage", word, ["IIIB", "IIIC"]) for word in ("IIIB", "iiic", "III", "II", None)] == [T, T, U, F, U]
    assert [word_is("stage", word, ["III"]) for word in ("IIIB", "III", "II")] == [T, T, F]
    assert word_is("er", "positive", ["Positive"]) is T


# -- cohorts of five ---------------------------------------------------------------------------------------------------

PATIENTS = ["a", "b", "c", "d", "e"]


def of_five(**columns: list[Any]) -> PlainCohort:
    """Every argument is a column of five values: of the mrna table, or of the clinical one where they are words."""
    by_patient = {name.replace("__", "@"): dict(zip(PATIENTS, values)) for name, values in columns.items()}
    words = {name for name, values in columns.items() if any(isinstance(value, str) for value in values)}
    mrna = {name: column for name, column in by_patient.items() if name not in words}
    clinical = {name: column for name, column in by_patient.items() if name in words}
    return PlainCohort(PATIENTS, {"mrna": mrna}, {"mrna": "log2"}, clinical)


def truths(cohort: PlainCohort, rule: Rule, library: dict[str, Rule] | None = None, **settings: Any) -> list[Any]:
    plain = Plain(cohort, library or {}, set(cohort.patients), **settings)
    return list(plain.truths(rule).by.values())


def points(cohort: PlainCohort, rule: Rule, scope: str = "abcde") -> list[Any]:
    number = Plain(cohort, {}, set(scope)).numbers(rule)
    return [number.point(patient) for patient in PATIENTS]


def test_median_ties_are_not_above() -> None:
    assert truths(of_five(A=[1, 2, 2, 3, None]), {"mrna": "A", "above": "median"}) == [F, F, F, T, U]


def test_mean_standardises_over_the_scope() -> None:
    cohort = of_five(A=[1, 2, 3, 9, None], B=[6, 4, 2, 0, 1])
    # over a, b, c: A has mean 2 and sd 1, B mean 4 and sd 2
    assert points(cohort, {"mean": [{"mrna": "A"}, {"mrna": "B"}]}, scope="abc") == [0, 0, 0, (7 - 2) / 2, None]


def test_a_term_at_a_time_point_is_standardised_by_the_values_before() -> None:
    cohort = of_five(A__pre=[1, 2, 3, None, None], A__post=[2, 3, 4, 5, None])
    assert points(cohort, {"mean": [{"mrna": "A", "at": "post"}]}) == [0, 1, 2, 3, None]
    assert points(cohort, {"mrna": "A"}) == [1, 2, 3, None, None]
    assert points(cohort, {"diff": [{"mrna": "A", "at": "post"}, {"mrna": "A", "at": "pre"}]}) == [1, 1, 1, None, None]


def test_arithmetic_follows_the_scale() -> None:
    cohort = of_five(A=[8, 4, 2, -1, None], B=[2, 0, 1, 1, 1])
    pair = [{"mrna": "A"}, {"mrna": "B"}]
    assert points(cohort, {"sum": pair}) == [10, 4, 3, 0, None]
    assert points(cohort, {"ratio": pair}) == [6, 4, 1, -2, None]
    assert points(cohort, {"weighted": {"mrna": {"A": 2, "B": -1}}}) == [14, 8, 3, -3, None]
    assert points(cohort, {"log2": {"mrna": "A"}}) == [None] * 5  # a log already
    cohort.scales["mrna"] = "linear"
    assert points(cohort, {"ratio": pair}) == [4, None, 2, -1, None]
    assert points(cohort, {"log2": {"mrna": "A"}}) == [3, 2, 1, None, None]
    assert points(cohort, {"ln": {"mrna": "B"}}) == [math.log(2), None, 0, 0, 0]


def test_own_score_and_references() -> None:
    library: dict[str, Rule] = {
        "x": {
            "score": {"mrna": "A"},
            "positive": {"score": "self", "above": "median"},
            "population": {"clinical": "er", "is": "positive"},
        },
        "y": {"positive": {"not": {"signature": "x"}}, "population": {"clinical": "er", "is": "negative"}},
    }
    assert positive_of(library["x"]) == {"mrna": "A", "above": "median"}
    cohort = of_five(A=[1, 2, 3, 4, None], er=["positive", "positive", "negative", "negative", "negative"])
    # the population of x does not come along; the median is y's: over c, d and e, or over everyone
    assert list(stratify(cohort, library["y"], library)[0].values()) == [
        "not applicable",
        "not applicable",
        "positive",
        "negative",
        "unknown",
    ]
    by_cohort = stratify(cohort, library["y"], library, cut_scope="cohort")[0]
    assert list(by_cohort.values())[2:] == ["negative", "negative", "unknown"]


def test_unknown_members_of_a_population_and_several_panels() -> None:
    entry: Rule = {
        "positive": {"mrna": "A", "above": 1},
        "populations": [{"clinical": "er", "is": "positive"}, {"clinical": "node", "is": "negative"}],
    }
    cohort = of_five(
        A=[2, 0, None, 2, 2],
        er=["positive", "negative", "positive", None, None],
        node=["positive", "negative", "negative", "positive", None],
    )
    calls = stratify(cohort, entry, {})[0]
    assert list(calls.values()) == ["positive", "negative", "unknown", "not applicable", "not applicable"]


def test_an_absent_assay_is_dropped_from_any_only() -> None:
    cohort = of_five(A=[2, 0, None, 2, 0])
    there, absent = {"mrna": "A", "above": 1}, {"protein": "A", "above": "median"}
    library: dict[str, Rule] = {"p": {"positive": absent}}
    assert truths(cohort, {"any": [there, absent]}) == [T, U, U, T, U]
    assert truths(cohort, {"any": [there, absent]}, drop=True) == [T, F, U, T, F]
    assert truths(cohort, {"any": [there, {"signature": "p"}]}, library, drop=True) == [T, F, U, T, F]
    assert truths(cohort, {"any": [absent, {"not": absent}]}, drop=True) == [U] * 5
    assert truths(cohort, {"all": [there, absent]}, drop=True) == [U, F, U, U, F]
    assert truths(cohort, {"count": [there, absent], "at_least": 1}, drop=True) == [T, U, U, T, U]
    assert truths(cohort, {"any": [there, {"mutation": "TP53", "is": "any"}]}, drop=True) == [T, F, U, T, F]


def test_who_was_sequenced_without_a_row_is_wild_type() -> None:
    cohort = of_five(er=["positive"] * 5)
    cohort.variants["mutation"] = [
        ("a", "TP53", "R175H", "missense"),
        ("b", "TP53", "A5A", "silent"),
        ("e", "TP53", "A5A", "silent"),
        ("c", "PTEN", "R55fs", "truncating"),
    ]
    cohort.tested["mutation"] = {"TP53": {"a", "b", "c"}}
    assert truths(cohort, {"mutation": "TP53", "is": "any"}) == [T, F, F, U, F]
    assert truths(cohort, {"mutation": "TP53", "is": ["none"]}) == [F, T, T, U, T]


def test_copy_number_words_need_gistic_calls() -> None:
    cohort = PlainCohort(PATIENTS, {"copy_number": {"A": dict(zip(PATIENTS, [2, 1, 0, -2, None]))}}, {}, {})
    cohort.scales["copy_number"] = "gistic"
    assert truths(cohort, {"copy_number": "A", "is": ["amp", "homdel"]}) == [T, F, F, T, U]
    assert truths(cohort, {"copy_number": "A", "is": 2}) == [U] * 5
    assert truths(cohort, {"copy_number": "A", "above": 3}) == [U] * 5
    cohort.scales["copy_number"] = "copies"
    assert truths(cohort, {"copy_number": "A", "is": 2}) == [T, F, F, F, U]
    assert truths(cohort, {"copy_number": "A", "is": "amp"}) == [U] * 5


# -- gene sets ---------------------------------------------------------------------------------------------------------


def test_spearman_by_hand() -> None:
    assert spearman([1, 2, 3], [10, 30, 20]) == 0.5  # 1 - 6 * (0 + 1 + 1) / (3 * 8)
    assert spearman([1, 1, 2], [1, 2, 3]) == pytest.approx(math.sqrt(3) / 2)  # ranks 1.5, 1.5, 3
    assert spearman([1, 1, 1], [1, 2, 3]) is None


def test_ssgsea_by_hand() -> None:
    # ranks A 4, B 3, C 2, D 1; the set walks 4**0.25 and 2**0.25, the others 1/2 each
    whole = 4**0.25 + 2**0.25
    inside, outside = [4**0.25 / whole, 4**0.25 / whole, 1, 1], [0, 0.5, 0.5, 1]
    values = {"A": 9.0, "B": 7.0, "C": 5.0, "D": 1.0}
    assert enrichment(values, ["A", "C"]) == pytest.approx(sum(inside) - sum(outside))
    assert enrichment(values, list("ABCD")) is None


def test_set_scores_by_hand() -> None:
    table = {"A": {"p": 1.0, "q": 3.0}, "B": {"p": 2.0, "q": None}, "C": {"p": 4.0, "q": 2.0}}

    def scores(weights: dict[str, float], method: str, scope: tuple[str, ...] = ("p", "q"), least: float = 0.5) -> Any:
        return list(set_scores(table, weights, method, list(scope), ["p", "q"], least).values())

    assert scores({"A": 2.0, "C": -1.0}, "signed-mean") == [(1 - 4) / 2, (3 - 2) / 2]
    assert scores({"A": 1.0, "C": -1.0}, "mean") == pytest.approx([-math.sqrt(2), math.sqrt(2)])
    assert scores({"A": 1.0, "B": 1.0}, "signed-mean", least=0.8) == [1.5, None]
    assert scores({"A": 1.0, "B": -1.0}, "signed-mean") == [-0.5, None]  # no down gene is known
    # minus their medians 2, 2 and 3: p has -1, 0, 1 and q has 1 and -1
    assert scores({"A": 1.0, "B": 0.0, "C": -1.0}, "correlation") == [-1, 1]


def test_nearest_class_by_hand() -> None:
    table = {"A": {"p": 1.0, "q": 3.0}, "B": {"p": 4.0, "q": 2.0}}
    centroids = {"up": {"A": 1.0, "B": 0.0}, "down": {"A": 0.0, "B": 1.0}}
    assert nearest_class(table, centroids, ["p", "q"], 0.8) == {"p": "down", "q": "up"}
    assert nearest_class(table, centroids | {"twin": centroids["up"]}, ["p", "q"], 0.8) == {"p": "down", "q": None}
