"""The strict model of a scenario."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from strata.simulate.factors import Factor
from strata.simulate.scenario import Calls, ClinicalColumn, LaterWords, MutatedGene, Scenario, Variant


def factor(**keys: Any) -> Factor:
    return Factor.model_validate(keys)


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ({"mrna": "IGF1R"}, "mrna IGF1R above median"),
        ({"protein": ("A", "B")}, "protein A + B above median"),
        ({"clinical": "er", "is": ("a", "b")}, "clinical er is a or b"),
        ({"clinical": "age", "above": 50.0}, "clinical age above 50"),
        ({"copy_number": "ERBB2", "is": "amp"}, "copy_number ERBB2 is amp"),
        ({"mutation": "PIK3CA"}, "mutation PIK3CA mutated"),
    ],
)
def test_a_factor_says_what_it_is(keys: dict[str, Any], text: str) -> None:
    assert str(factor(**keys)) == text


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"mrna": "A", "protein": "B"},
        {"clinical": "er"},
        {"clinical": "er", "is": "a", "above": 1.0},
        {"mrna": "A", "above": 1.0},
        {"mutation": "A", "is": "missense"},
        {"copy_number": "A"},
        {"copy_number": "A", "is": "amp", "above": 1.0},
        {"mrna": ()},
    ],
)
def test_a_factor_is_exactly_one_fact(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        factor(**keys)


def test_prevalences_add_up_to_one() -> None:
    ClinicalColumn.model_validate({"values": {"a": 0.3, "b": 0.7}})
    with pytest.raises(ValidationError, match=r"add up to 0\.9, not 1"):
        ClinicalColumn.model_validate({"values": {"a": 0.3, "b": 0.6}})
    given = ({"when": {"clinical": "x", "is": "y"}, "values": {"c": 1}},)
    with pytest.raises(ValidationError, match="lacks"):
        ClinicalColumn.model_validate({"values": {"a": 0.3, "b": 0.7}, "given": given})
    with pytest.raises(ValidationError, match="either 'values' or 'normal'"):
        ClinicalColumn.model_validate({})
    with pytest.raises(ValidationError, match="more than 1"):
        Calls.model_validate({"amp": 0.6, "loss": 0.6})
    with pytest.raises(ValidationError, match=r"add up to 0\.9, not 1"):
        LaterWords.model_validate({"values": {"a": 0.3, "b": 0.6}})
    Variant.model_validate({"alleles": {"G": 0.4, "T": 0.6}})
    with pytest.raises(ValidationError, match=r"allele frequencies add up to 0\.9"):
        Variant.model_validate({"alleles": {"G": 0.4, "T": 0.5}})
    for alleles in ({"G": 1.0}, {"g": 0.5, "T": 0.5}, {"A": 0.4, "C": 0.3, "G": 0.3}):
        with pytest.raises(ValidationError):
            Variant.model_validate({"alleles": alleles})


def test_words_and_numbers_are_measured_again_in_their_own_way() -> None:
    words, number = {"values": {"a": 1.0}}, {"normal": {"mean": 1, "sd": 1, "low": 0, "high": 2}}
    ClinicalColumn.model_validate({**words, "later": {"post": {"values": {"b": 1.0}}}})
    ClinicalColumn.model_validate({**number, "change": {"day15": {"by": -1}}})
    with pytest.raises(ValidationError, match="'change' belongs to a column with 'normal'"):
        ClinicalColumn.model_validate({**words, "change": {"post": {"by": 1}}})
    with pytest.raises(ValidationError, match="'later' belong to a column with 'values'"):
        ClinicalColumn.model_validate({**number, "later": {"post": {"values": {"b": 1.0}}}})
    with pytest.raises(ValidationError):
        ClinicalColumn.model_validate({**number, "change": {"Day 15": {"by": -1}}})


def test_a_mutated_gene_needs_changes() -> None:
    MutatedGene.model_validate({"prevalence": 0})
    with pytest.raises(ValidationError, match="needs 'changes'"):
        MutatedGene.model_validate({"prevalence": 0.1})


def test_a_scenario_is_frozen_and_strict() -> None:
    keys: dict[str, Any] = {
        "name": "x",
        "description": "x",
        "seed": 1,
        "patients": 3,
        "endpoints": {"OS": {"hazard": 0.1}},
        "censoring": {"accrual": 1, "follow_up": 1},
    }
    scenario = Scenario.model_validate(keys)
    with pytest.raises(ValidationError, match="frozen"):
        scenario.seed = 2  # type: ignore[misc]
    for wrong in (
        {"seed": "1"},
        {"patients": 0},
        {"name": "../x"},
        {"endpoints": {}},
        {"time_step": 0.001},
        {"later_samples": {"pre": 1}},
    ):
        with pytest.raises(ValidationError):
            Scenario.model_validate({**keys, **wrong})
