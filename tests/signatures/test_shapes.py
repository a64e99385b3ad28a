"""Tokens and cuts: the words the grammar takes, and no others."""

from __future__ import annotations

import pytest

from strata.errors import SignatureError
from strata.signatures import Signature, parse_signature


def positive(rule: dict[str, object]) -> Signature:
    return parse_signature({"name": "Mine", "positive": rule}, id="mine", where="test")


@pytest.mark.parametrize(
    "cut", [0, -2, 1.5, 1e3, "median", "mean", "q25", "q2.5", "q99", "sd2", "sd1.5", "sd-1", "sd0"]
)
def test_cuts(cut: object) -> None:
    positive({"mrna": "A", "above": cut})


@pytest.mark.parametrize(
    "cut", ["Median", "q", "q0", "q100", "q-5", "sd", "sd+1", "75%", "1e3", " 1", "", None, True, [1], float("nan")]
)
def test_not_cuts(cut: object) -> None:
    with pytest.raises(SignatureError, match=r"positive\.above"):
        positive({"mrna": "A", "above": cut})


GOOD_TOKENS = {
    "mutation": ["any", "nonsyn", "missense", "truncating", "inframe", "splice", "hotspot", "driver", "none", "H1047R",
                 "codon:1047", "exon:9", "R130*", "R233fs", "E746_A750del"],
    "copy_number": ["amp", "gain", "neutral", "loss", "homdel"],
    "germline": ["A/G", "T", "A|A", "truncating", "none"],
    "clinical": ["positive", "stage III", "2"],
}  # fmt: skip
BAD_TOKENS = {
    "mutation": ["Hotspot", "h1047r", "p.H1047R", "codon:", "codon:x", "codon:0", "1047", "A/G", "amp", "exon:0"],
    "copy_number": ["6", "2", "deleted", "any"],
    "germline": ["a/g", "0/1", "N"],
}


@pytest.mark.parametrize(
    ("assay", "token"), [(assay, token) for assay, tokens in GOOD_TOKENS.items() for token in tokens]
)
def test_tokens(assay: str, token: str) -> None:
    positive({assay: "X", "is": token})


@pytest.mark.parametrize(
    ("assay", "token"), [(assay, token) for assay, tokens in BAD_TOKENS.items() for token in tokens]
)
def test_not_tokens(assay: str, token: str) -> None:
    with pytest.raises(SignatureError, match=r"positive\.is"):
        positive({assay: "X", "is": [token]})


@pytest.mark.parametrize("assay", ["mrna", "protein", "serum", "mirna", "copy_number", "clinical"])
def test_every_number_assay_takes_every_comparator(assay: str) -> None:
    for comparator in ("above", "below", "at_least", "at_most"):
        positive({assay: "hsa-miR-375-3p", comparator: 1})


def test_a_number_of_copies_is_a_comparison() -> None:
    with pytest.raises(SignatureError, match="without quotes"):
        positive({"copy_number": "ERBB2", "is": "6"})
    assert str(positive({"copy_number": "ERBB2", "is": 6}).positive) == "copy_number ERBB2 is 6"
    positive({"copy_number": "ERBB2", "at_least": 6})


def test_clinical_columns_may_hold_spaces_but_symbols_may_not() -> None:
    positive({"clinical": "Days to relapse", "above": 30})
    with pytest.raises(SignatureError, match="not the name of a feature"):
        positive({"mrna": "IGF1R SPHK1", "above": 30})
