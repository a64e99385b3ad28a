"""Tokens for mutations, and the shipped list of sites."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from strata.signatures import not_listed, variant_matches


@pytest.mark.parametrize(
    ("gene", "change", "consequence", "token", "expected"),
    [
        ("PIK3CA", "H1047R", "missense", "hotspot", True),
        ("PIK3CA", "H1047R", "missense", "driver", True),
        ("PIK3CA", "H1047Q", "missense", "hotspot", False),
        ("PIK3CA", "R88*", "truncating", "driver", False),
        ("PIK3CA", "", "missense", "hotspot", None),
        ("PIK3CA", "", "unknown", "any", True),
        ("PIK3CA", "", "unknown", "missense", None),
        ("PIK3CA", "H1047R", "missense", "codon:1047", True),
        ("PIK3CA", "H1047R", "missense", "codon:104", False),
        ("PIK3CA", "H1047R", "missense", "H1047R", True),
        ("PIK3CA", "H1047R", "missense", "H1047L", False),
        ("PIK3CA", "H1047R", "missense", "none", False),
        ("PIK3CA", "H1047R", "silent", "any", False),
        ("PIK3CA", "", "splice", "nonsyn", True),
        ("PIK3CA", "", "other", "nonsyn", True),
        ("KRAS", "G12D", "missense", "hotspot", True),
        ("KRAS", "A146T", "missense", "hotspot", True),
        ("KRAS", "G12_G13insG", "inframe", "codon:12", True),
        ("PTEN", "K267fs", "truncating", "driver", True),
        ("PTEN", "", "splice", "driver", True),
        ("PTEN", "R130Q", "missense", "driver", True),
        ("PTEN", "A79T", "missense", "driver", False),
        ("PTEN", "K267fs", "truncating", "hotspot", False),
        ("PTEN", "", "unknown", "driver", None),
        ("PTEN", "K6Nfs*4", "truncating", "truncating", True),
        ("STK11", "F354L", "missense", "driver", False),
        ("STK11", "F354L", "missense", "hotspot", False),
        ("NOSUCH", "A1B", "missense", "driver", None),
        ("NOSUCH", "A1B", "missense", "any", True),
        ("rs2016347", "T/T", "unknown", "T", True),
        ("rs2016347", "G|T", "unknown", "T", True),
        ("rs2016347", "G/T", "unknown", "T/G", True),
        ("rs2016347", "G/T", "unknown", "T/T", False),
        ("rs2016347", "G/G", "unknown", "T", False),
        ("BRCA1", "", "truncating", "truncating", True),
        ("PTEN", "R233*", "unknown", "driver", True),
        ("PTEN", "K6Nfs*4", "unknown", "truncating", True),
        ("PTEN", "K6Nfs*4", "unknown", "missense", False),
        ("PTEN", "A79T", "unknown", "driver", False),
        ("PTEN", "A79A", "unknown", "any", False),
        ("PTEN", "A79=", "unknown", "any", False),
        ("PTEN", "X80_splice", "unknown", "driver", True),
        ("EGFR", "E746_A750del", "unknown", "inframe", True),
        ("PTEN", "promoter", "unknown", "truncating", None),
        ("EGFR", "745_750KELREA>K", "unknown", "inframe", True),
        ("PTEN", "=", "unknown", "any", False),
        # a text in no known form may be any change, unless the consequence decides
        *(
            ("PIK3CA", text, "missense", token, None)
            for text in ("His1047Arg", "p.H1047R", "?", "0?", "garbage text", "E545K;H1047R", "h1047r")
            for token in ("H1047R", "codon:1047", "exon:20", "hotspot", "driver")
        ),
        ("PIK3CA", "garbage text", "missense", "missense", True),
        ("PIK3CA", "garbage text", "missense", "truncating", False),
        ("PIK3CA", "garbage text", "silent", "hotspot", False),
        ("PIK3CA", "garbage text", "unknown", "any", True),
        ("PTEN", "garbage text", "truncating", "driver", True),
        ("PTEN", "garbage text", "missense", "driver", None),
        ("BRCA1", "garbage text", "missense", "driver", False),
        ("PTEN", "fs*", "unknown", "truncating", None),
        # the codon alone says where, not what
        ("PIK3CA", "H1047", "missense", "codon:1047", True),
        ("PIK3CA", "H1047", "missense", "exon:9", False),
        ("PIK3CA", "H1047", "missense", "H1047R", None),
        ("rs2016347", "G/T", "other", "C", False),
        ("rs2016347", "0/1", "other", "T", None),
    ],
)
def test_one_row(gene: str, change: str, consequence: str, token: str, expected: bool | None) -> None:
    assert variant_matches(gene, change, consequence, (token,)) is expected


def test_one_token_of_several_is_enough_and_doubt_stays() -> None:
    assert variant_matches("PTEN", "R130Q", "missense", ("truncating", "driver")) is True
    assert variant_matches("PTEN", "", "missense", ("truncating", "driver")) is None
    assert variant_matches("PTEN", "A79T", "missense", ("truncating", "splice")) is False
    assert variant_matches("PTEN", "", "silent", ("any", "driver")) is False


def test_the_list_has_a_source_and_a_form_in_every_row(root: Path) -> None:
    text = (root / "src" / "strata" / "signatures" / "variants.tsv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines(), delimiter="\t"))
    kinds: dict[str, set[str]] = {}
    for row in rows:
        kinds.setdefault(row["gene"], set()).add(row["kind"])
        assert re.search(r"(18|19|20)\d\d ", row["source"]), row
        assert all(re.fullmatch(r"[A-Z]\d+[A-Z*]|codon:\d+", site) for site in row["changes"].split()), row
        assert row["changes"] or row["kind"] == "suppressor", row
    assert set.union(*kinds.values()) == {"oncogene", "suppressor"}
    assert all(len(kind) == 1 for kind in kinds.values())


def test_every_gene_that_a_shipped_rule_calls_by_list_is_listed() -> None:
    from strata.signatures import load_signatures
    from strata.signatures.model import Is

    asked = [
        node
        for signature in load_signatures()
        for node in (() if signature.positive is None else signature.positive.walk())
        if isinstance(node, Is) and node.assay in ("mutation", "germline")
    ]
    assert {"exon:9", "exon:20", "hotspot", "driver"} <= {token for node in asked for token in node.tokens}
    assert [str(node) for node in asked if not_listed(node.feature, node.tokens)] == []


@pytest.mark.parametrize(
    ("change", "consequence", "exon_9", "exon_20"),
    [
        ("E545K", "missense", True, False),
        ("V514M", "missense", True, False),
        ("F513L", "missense", False, False),
        ("H1047R", "missense", False, True),
        ("N1068fs*5", "truncating", False, True),
        ("X979_splice", "splice", False, True),
        ("H1047H", "unknown", False, False),
        ("", "missense", None, None),
    ],
)
def test_an_exon_is_its_codons(change: str, consequence: str, exon_9: bool | None, exon_20: bool | None) -> None:
    assert variant_matches("PIK3CA", change, consequence, ("exon:9",)) is exon_9
    assert variant_matches("PIK3CA", change, consequence, ("exon:20",)) is exon_20


def test_an_exon_without_a_table_is_unknown_and_says_so() -> None:
    assert variant_matches("EGFR", "L858R", "missense", ("exon:21",)) is None
    assert variant_matches("EGFR", "L858R", "missense", ("exon:21", "L858R")) is True
    assert not_listed("EGFR", ("exon:21", "missense")) == "no table of the codons of EGFR exon:21"
    assert not_listed("EGFR", ("driver",)) == "no list of hotspots and drivers for EGFR"
    assert not_listed("PIK3CA", ("exon:9", "hotspot")) == ""
