"""Generated cohorts and rules for the tests with hypothesis.

Values are multiples of an eighth: sums of them are exact, so neither order nor program changes a tie.
"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from .plain_rules import PlainCohort, Rule

FEATURES = {
    "mrna": ("IGF1R", "SPHK1", "EGFR"),
    "protein": ("PTEN", "IGF1R@pre", "IGF1R@post"),
    "serum": ("IGF1", "IGF2"),
    "copy_number": ("ERBB2", "CCND1"),
}
SCALES = {"mrna": "log2", "protein": "log2", "serum": "linear", "copy_number": "gistic"}
VALUES = {
    "mrna": (-2.0, -0.5, 0.0, 0.125, 1.5, 3.0, 8.0),
    "protein": (-1.0, -0.25, 0.0, 0.5, 2.0),
    "serum": (0.0, 0.125, 1.0, 4.0, 7.5),
    "copy_number": (-2.0, -1.0, 0.0, 1.0, 2.0),
}
WORDS = {"er": ("positive", "negative"), "stage": ("II", "III", "IIIA", "IIIB"), "ki67": ("0", "5", "12.5", "30")}
GENES = {"mutation": ("PIK3CA", "PTEN"), "germline": ("BRCA1",)}
CHANGES = (
    ("H1047R", "missense"),
    ("E545K", "missense"),
    ("A5V", "missense"),
    ("R55fs", "truncating"),
    ("A5A", "silent"),
    ("", "unknown"),
    ("", "missense"),
    ("K7fs", "unknown"),
)
CLINICAL_TOKENS = {"er": ("positive", "negative"), "stage": ("II", "III", "IIIB", "IV")}
VARIANT_TOKENS = ("any", "missense", "truncating", "hotspot", "driver", "none", "H1047R", "codon:545", "exon:20")
QUANTILES = ("median", "q10", "q25", "q50", "q75", "q90")
LEARNED = (*QUANTILES, "mean", "sd1", "sd-0.5")
COMPARATORS = ("above", "below", "at_least", "at_most")
LIBRARY_IDS = ("one", "two")


# -- tables ------------------------------------------------------------------------------------------------------------


def columns(patients: list[str], values: tuple[Any, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """A column with unknown values and ties; now and then a constant one, or one without any value."""
    n = len(patients)
    mixed = st.lists(st.sampled_from((*values, None)), min_size=n, max_size=n)
    known = st.lists(st.sampled_from(values), min_size=n, max_size=n)
    constant = st.sampled_from((*values, None)).map(lambda value: [value] * n)
    return st.one_of(mixed, mixed, known, constant).map(lambda column: dict(zip(patients, column)))


@st.composite
def cohorts(draw: Any, max_patients: int = 12) -> PlainCohort:
    patients = [f"P{number}" for number in range(draw(st.integers(1, max_patients)))]
    numbers: dict[str, Any] = {}
    for assay, features in FEATURES.items():
        if draw(st.integers(0, 9)):  # now and then the cohort has no such table
            numbers[assay] = {feature: draw(columns(patients, VALUES[assay])) for feature in features}
            for patient in draw(st.sets(st.sampled_from(patients), max_size=2)):
                for column in numbers[assay].values():
                    column[patient] = None
    clinical = {name: draw(columns(patients, words)) for name, words in WORDS.items()}
    cohort = PlainCohort(patients, numbers, SCALES, clinical)
    for kind, genes in GENES.items():
        if draw(st.integers(0, 9)):
            rows = st.tuples(st.sampled_from(patients), st.sampled_from(genes), st.sampled_from(CHANGES))
            cohort.variants[kind] = [(who, gene, *change) for who, gene, change in draw(st.lists(rows, max_size=8))]
            cohort.tested[kind] = {gene: draw(st.sets(st.sampled_from(patients))) for gene in genes}
    return cohort


# -- rules -------------------------------------------------------------------------------------------------------------


def _once(parts: st.SearchStrategy[Rule], least: int, most: int) -> st.SearchStrategy[list[Rule]]:
    return st.lists(parts, min_size=least, max_size=most, unique_by=lambda rule: json.dumps(rule, sort_keys=True))


def leaves() -> st.SearchStrategy[Rule]:
    plain = [{assay: feature} for assay, features in FEATURES.items() for feature in features if "@" not in feature]
    timed = [{"protein": "IGF1R"}, *({"protein": "IGF1R", "at": time} for time in ("pre", "post"))]
    other = [{"clinical": "ki67"}, {"mrna": "SPHK1"}, {"mrna": "MYC"}]  # the last is in no table
    return st.sampled_from([*plain, *timed, *other])


def numbers(depth: int) -> st.SearchStrategy[Rule]:
    if depth <= 1:
        return leaves()
    inner = numbers(depth - 1)
    weights = st.dictionaries(st.sampled_from(FEATURES["mrna"]), st.sampled_from([-2, 0.5, 1]), min_size=1)
    return st.one_of(
        leaves(),
        _once(leaves(), 1, 3).map(lambda terms: {"mean": terms}),
        _once(inner, 1, 3).flatmap(lambda terms: st.sampled_from([{"mean": terms}, {"sum": terms}])),
        _once(inner, 2, 2).flatmap(lambda terms: st.sampled_from([{"diff": terms}, {"ratio": terms}])),
        inner.flatmap(lambda term: st.sampled_from([{"ln": term}, {"log2": term}])),
        st.lists(predicates(depth - 1), min_size=1, max_size=3).map(lambda parts: {"count": parts}),
        weights.map(lambda chosen: {"weighted": {"mrna": chosen}}),
    )


def tokens() -> st.SearchStrategy[Rule]:
    clinical = [{"clinical": name, "is": token} for name, words in CLINICAL_TOKENS.items() for token in words]
    clinical.append({"clinical": "stage", "is": ["IIIA", "IIIB"]})
    copies = [{"copy_number": "ERBB2", "is": token} for token in ("amp", ["gain", "amp"], "homdel", 2)]
    genes = [(kind, gene) for kind, names in GENES.items() for gene in names]
    chosen = st.lists(st.sampled_from(VARIANT_TOKENS), min_size=1, max_size=2, unique=True)
    variants = st.tuples(st.sampled_from(genes), chosen).map(lambda drawn: {drawn[0][0]: drawn[0][1], "is": drawn[1]})
    return st.one_of(st.sampled_from([*clinical, *copies]), variants)


def comparisons(depth: int, cuts: tuple[Any, ...] = (*LEARNED, -0.5, 0, 1, 1.5)) -> st.SearchStrategy[Rule]:
    made = st.tuples(numbers(depth), st.sampled_from(COMPARATORS), st.sampled_from(cuts))
    return made.map(lambda drawn: {**drawn[0], drawn[1]: drawn[2]})


def joined(parts: st.SearchStrategy[Rule], kinds: tuple[str, ...] = ("all", "any", "first")) -> st.SearchStrategy[Rule]:
    listed = st.tuples(st.sampled_from(kinds), st.lists(parts, min_size=1, max_size=3))
    return st.one_of(listed.map(lambda drawn: {drawn[0]: drawn[1]}), parts.map(lambda part: {"not": part}))


def predicates(depth: int) -> st.SearchStrategy[Rule]:
    """Rules of at most ``depth`` levels, of every kind but gene sets and classes."""
    simple = st.one_of(tokens(), comparisons(1), st.sampled_from([{"signature": name} for name in LIBRARY_IDS]))
    if depth <= 1:
        return simple
    return st.one_of(simple, comparisons(depth), joined(predicates(depth - 1)), joined(predicates(depth - 1)))


@st.composite
def libraries(draw: Any) -> dict[str, Rule]:
    """The signatures that generated rules may refer to."""
    simple = st.one_of(tokens(), comparisons(2).filter(lambda rule: "signature" not in json.dumps(rule)))
    one = {"score": draw(leaves()), "positive": {"score": "self", "above": "median"}}
    two = {
        "positive": {"any": [{"signature": "one"}, draw(simple)]},
        "population": {"clinical": "er", "is": "positive"},
    }
    return {"one": one, "two": two}


# -- rules of special kinds --------------------------------------------------------------------------------------------


def quantile_rules(depth: int = 4) -> st.SearchStrategy[Rule]:
    """Quantile cuts on single features, and tokens."""
    numeric = [leaf for assay in ("mrna", "protein", "serum") for leaf in _single(assay)]
    made = st.tuples(st.sampled_from(numeric), st.sampled_from(COMPARATORS), st.sampled_from(QUANTILES))
    cuts = made.map(lambda drawn: {**drawn[0], drawn[1]: drawn[2]})
    rules = st.one_of(cuts, cuts, tokens())
    for _ in range(depth - 1):
        rules = st.one_of(cuts, joined(rules))
    return rules


def _single(assay: str) -> list[Rule]:
    pairs = [feature.partition("@") for feature in FEATURES[assay]]
    return [{assay: feature} | ({"at": time} if time else {}) for feature, _, time in pairs]


def open_rules(depth: int = 4, kinds: tuple[str, ...] = ("all", "any", "first")) -> st.SearchStrategy[Rule]:
    """Rules that nothing but values can decide: a count's cut lies inside what the count can be."""
    simple = st.one_of(tokens(), comparisons(1))
    if depth <= 1:
        return simple
    parts = open_rules(depth - 1, kinds)
    numbers_of_features = [{"mean": [{"mrna": "IGF1R"}, {"protein": "IGF1R", "at": "post"}]}, {"ln": {"serum": "IGF1"}}]
    numbers_of_features += [{"diff": [{"mrna": "IGF1R"}, {"mrna": "EGFR"}]}, {"weighted": {"mrna": {"SPHK1": -2}}}]
    made = st.tuples(st.sampled_from(numbers_of_features), st.sampled_from(COMPARATORS), st.sampled_from((*LEARNED, 0)))
    return st.one_of(
        simple,
        made.map(lambda drawn: {**drawn[0], drawn[1]: drawn[2]}),
        joined(parts, kinds),
        st.tuples(st.lists(parts, min_size=1, max_size=3), st.sampled_from(COMPARATORS), st.integers(0, 2)).map(_open),
    )


def _open(drawn: tuple[list[Rule], str, int]) -> Rule:
    parts, comparator, number = drawn
    cut = number % len(parts)  # 0 to n - 1: above and at_most are open; at_least and below from 1 to n
    return {"count": parts, comparator: cut + (comparator in ("at_least", "below"))}
