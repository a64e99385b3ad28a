"""What a signature asks of a cohort."""

from __future__ import annotations

from typing import Any

import pytest

from strata.signatures import (
    Signature,
    cuts_of,
    legs,
    needs_of,
    needs_of_rule,
    parse_signature,
    signature_library,
)


def signature(rule: Any, **more: Any) -> Signature:
    return parse_signature({"name": "X", "positive": rule, **more}, id="x", where="test")


def test_features_through_references() -> None:
    library = signature_library()
    assert needs_of(library["igf1r-sphk1-high"], library, populations=False).features == {
        ("mrna", "IGF1R"),
        ("mrna", "SPHK1"),
    }
    assert needs_of(library["igf1r-sphk1-high"], library).features == {
        ("mrna", "IGF1R"),
        ("mrna", "SPHK1"),
        ("clinical", "er"),
        ("clinical", "node"),
    }
    genes = ("PIK3CA", "CCND1", "FGFR1", "FGFR2")
    counted = {(assay, gene) for gene in genes for assay in ("mutation", "copy_number")}
    assert needs_of(library["minimal-alterations"], library, populations=False).features == counted


def test_needs_of_one_rule() -> None:
    library = signature_library()
    positive = library["triple-negative"].positive
    assert positive is not None
    wanted = {("clinical", "er"), ("clinical", "pr"), ("clinical", "her2"), ("copy_number", "ERBB2")}
    assert needs_of_rule(positive, library).features == wanted


def test_cuts_of() -> None:
    library = signature_library()
    assert cuts_of(library["igf1r-sphk1-high"], library) == ("median",)
    assert cuts_of(library["pten-loss-or-pik3ca-mut"], library) == ("q25",)
    assert cuts_of(library["minimal-alterations"], library) == (1.0,)


def test_legs_of_the_pair() -> None:
    found = legs(signature_library()["igf1r-sphk1-high"])
    assert [(symbol, str(leg)) for symbol, leg in found] == [
        ("IGF1R", "mrna IGF1R above median"),
        ("SPHK1", "mrna SPHK1 above median"),
    ]


def test_legs_of_one_symbol_are_told_apart() -> None:
    found = legs(signature({"all": [{"mrna": "A", "above": 1}, {"protein": "A", "above": 1}]}))
    assert [symbol for symbol, _ in found] == ["mrna A", "protein A"]


@pytest.mark.parametrize(
    "rule",
    [
        {"mrna": "A", "above": 1},
        {"any": [{"mrna": "A", "above": 1}, {"mrna": "B", "above": 1}]},
        {"all": [{"mrna": "A", "above": 1}, {"mrna": "B", "above": 1}, {"mrna": "C", "above": 1}]},
        {"all": [{"mrna": "A", "above": 1}, {"clinical": "age", "above": 50}]},
        {"all": [{"mrna": "A", "above": 1}, {"mutation": "B", "is": "any"}]},
        {"all": [{"mrna": "A", "above": 1}, {"ln": {"serum": "B"}, "above": 1}]},
    ],
)
def test_everything_else_has_no_legs(rule: Any) -> None:
    assert legs(signature(rule)) == []
