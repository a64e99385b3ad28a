"""The grammar's values: frozen, strict, and each with one canonical text."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from strata.signatures import Predicate, Reference, Several, Signature, parse_signature


def made(**keys: object) -> Signature:
    return parse_signature({"name": "Mine", "positive": {"mrna": "A", "above": 1}, **keys}, id="mine", where="test")


def positive(rule: object) -> Predicate:
    found = made(positive=rule, score={"mrna": "S"}).positive
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ({"mrna": "IGF1R", "above": "median"}, "mrna IGF1R above median"),
        (
            {"mean": [{"mrna": "IGF1R"}, {"mrna": "SPHK1"}], "at_least": "q75"},
            "mean(mrna IGF1R, mrna SPHK1) at least q75",
        ),
        ({"diff": [{"mrna": "A"}, {"protein": "B_pS65"}], "below": 0}, "diff(mrna A, protein B_pS65) below 0"),
        (
            {"ln": {"ratio": [{"serum": "A"}, {"serum": "B"}]}, "at_most": 1.5},
            "ln(ratio(serum A, serum B)) at most 1.5",
        ),
        (
            {"weighted": {"protein": {"A": 1, "B": -0.5}}, "above": "sd-1"},
            "weighted(1*protein A, -0.5*protein B) above sd-1",
        ),
        ({"count": [{"signature": "a"}, {"signature": "b"}], "at_most": 1}, "count(a, b) at most 1"),
        ({"score": "self", "above": "mean"}, "mrna S above mean"),
        ({"mutation": "PTEN", "is": ["truncating", "driver"]}, "mutation PTEN is truncating or driver"),
        ({"all": [{"signature": "a"}, {"not": {"signature": "b"}}]}, "(a and not b)"),
        ({"any": [{"signature": "a"}, {"clinical": "er", "is": "positive"}]}, "(a or clinical er is positive)"),
        ({"first": [{"signature": "a"}, {"signature": "b"}]}, "(the first that is known of: a; b)"),
    ],
)
def test_canonical_text(rule: object, text: str) -> None:
    assert str(positive(rule)) == text


def test_own_score_is_replaced_wherever_it_stands() -> None:
    score = {"mean": [{"mrna": "A"}, {"mrna": "B"}]}
    signature = made(score=score, positive={"any": [{"not": {"score": "self", "above": 1}}, {"signature": "x"}]})
    assert str(signature.positive) == "(not mean(mrna A, mrna B) above 1 or x)"


def test_panels() -> None:
    assert made().panels == ()
    assert [str(p) for p in made(population={"signature": "a"}).panels] == ["a"]
    assert [str(p) for p in made(populations=[{"signature": "a"}, {"signature": "b"}]).panels] == ["a", "b"]


def test_positive_may_be_absent_only_when_an_assay_is_missing() -> None:
    data = {"name": "Mine", "computable": "needs-assay"}
    assert parse_signature(data, id="mine", where="test").positive is None


def test_signatures_are_frozen_and_compare_by_value() -> None:
    signature = made()
    with pytest.raises(ValidationError):
        signature.name = "Other"
    assert signature == made()
    assert signature != made(positive={"mrna": "A", "above": 2})


def test_nodes_can_be_built_by_hand() -> None:
    both = Several(kind="all", of=(Reference(signature="er-negative"), Reference(signature="node-negative")))
    assert str(both) == "(er-negative and node-negative)"
    assert positive({"all": [{"signature": "er-negative"}, {"signature": "node-negative"}]}) == both


def test_different_numbers_have_different_texts() -> None:
    def text(weight: float) -> str:
        rule = {"weighted": {"mrna": {"A": weight}}, "above": weight}
        return str(parse_signature({"name": "X", "positive": rule}, id="x", where="test").positive)

    assert text(1.0) == "weighted(1*mrna A) above 1"
    assert text(1.0000003) == "weighted(1.0000003*mrna A) above 1.0000003"
