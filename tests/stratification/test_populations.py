"""Populations: own, requested, intersected, in panels; and how they are written."""

from __future__ import annotations

import pytest

from strata.errors import UsageError
from strata.signatures import Needs, parse_signature, signature_library
from strata.stratification import EVERYONE, one_population, parse_population, plan_populations

POSITIVE = {"mrna": "A", "above": "median"}
ER_POS, ER_NEG, NODE = ({"signature": f"{name}"} for name in ("er-positive", "er-negative", "node-negative"))


@pytest.fixture(scope="module")
def library():
    return signature_library()


def signature(**rules):
    return parse_signature({"name": "made", "positive": POSITIVE} | rules, id="made", where="test")


def names(signature, requested, library):
    return [population.name for population in plan_populations(signature, requested, library)]


def test_no_population_is_everyone():
    assert one_population(signature(), None, signature_library()) == EVERYONE
    assert (EVERYONE.name, EVERYONE.predicate, EVERYONE.needs({})) == ("all", None, Needs())


def test_own(library):
    own = one_population(signature(population=ER_NEG), None, signature_library())
    assert own.name == "er-negative"
    assert own.needs(library).features == {("clinical", "er")}


def test_a_conjunction_joins_ids_with_an_ampersand(library):
    own = one_population(signature(population={"all": [ER_NEG, NODE]}), None, signature_library())
    assert own.name == "er-negative & node-negative"
    assert own.needs(library).features == {("clinical", "er"), ("clinical", "node")}


def test_several_panels_together_are_any_of_them():
    made = one_population(signature(populations=[ER_POS, {"all": [ER_NEG, NODE]}]), None, signature_library())
    assert made.name == "(er-positive) | (er-negative & node-negative)"
    assert made.predicate.kind == "any"


@pytest.mark.parametrize(
    "text", ["er-negative & node-negative", "er-negative&node-negative", " er-negative  &node-negative "]
)
def test_parsing(text, library):
    assert parse_population(text, library).name == "er-negative & node-negative"


def test_an_id_named_twice_counts_once(library):
    assert parse_population("er-negative & er-negative", library).name == "er-negative"


def test_all_is_everyone(library):
    assert parse_population("all", library) == EVERYONE
    assert parse_population(" all ", library) == EVERYONE


def test_every_unknown_id_is_told_with_a_suggestion(library):
    with pytest.raises(UsageError) as caught:
        parse_population("er-negtive & node-negative & zzz", library)
    assert len(caught.value.problems) == 2
    assert "Did you mean 'er-negative'?" in str(caught.value)
    assert "no signature 'zzz'" in str(caught.value)


def test_nothing_requested_gives_each_panel(library):
    assert names(signature(), [], library) == ["all"]
    assert names(signature(population=ER_NEG), [], library) == ["er-negative"]
    assert names(library["igf1r-sphk1-high"], [], library) == [
        "er-positive",
        "er-negative & node-negative",
        "er-positive & node-negative",
    ]


def test_a_requested_population_is_intersected_with_the_signatures(library):
    made = signature(population=ER_NEG)
    assert names(made, ["node-negative"], library) == ["node-negative & er-negative"]
    assert names(made, ["all"], library) == ["er-negative"]
    assert names(signature(), ["node-negative", "all"], library) == ["node-negative", "all"]


def test_a_requested_panel_is_that_panel(library):
    made = signature(populations=[ER_POS, {"all": [ER_NEG, NODE]}])
    assert names(made, ["er-positive"], library) == ["er-positive"]
    assert names(made, ["node-negative & er-negative"], library) == ["node-negative & er-negative"]
    assert names(made, ["er-negative & node-negative", "er-positive"], library) == [
        "er-negative & node-negative",
        "er-positive",
    ]


def test_a_population_is_made_once(library):
    made = signature(population=ER_NEG)
    assert names(made, ["all", "er-negative"], library) == ["er-negative"]
    assert names(signature(), ["er-negative & node-negative", "node-negative & er-negative"], library) == [
        "er-negative & node-negative"
    ]


def test_a_population_written_as_a_rule_is_named_by_it():
    own = one_population(signature(population={"clinical": "er", "is": "positive"}), None, signature_library())
    assert own.name == "clinical er is positive"
