"""Genotypes as an assay, and what tokens say about them."""

from __future__ import annotations

from typing import Any

import pytest

from strata import stratify
from strata.cohort import read_cohort
from strata.cohort.genotypes import Genotypes
from strata.signatures import parse_signature

CLINICAL = "patient_id\tage\n" + "".join(f"P{i}\t50\n" for i in range(1, 7))
GENOTYPES = "patient_id\trs2016347\nP1\tG/T\nP2\tT/T\nP3\tG/G\nP4\t./.\n"
MAF = "Hugo_Symbol\tTumor_Sample_Barcode\tVariant_Classification\nBRCA1\tP1\tNonsense_Mutation\n"


def test_rows_and_who_was_tested() -> None:
    assay = Genotypes({"rs1": {"P1": "G/T"}, "rs2": {"P1": "A/A", "P2": "A/C"}, "rs3": {}})
    assert assay.features == ("rs1", "rs2", "rs3")
    assert assay.assayed == {"P1", "P2"}
    assert [assay.tested(rs) for rs in ("rs2", "rs3", "rs9")] == [{"P1", "P2"}, set(), set()]
    assert assay.variants(["rs2", "rs9", "rs1"]).to_numpy().tolist() == [
        ["P1", "rs2", "A/A", "other"],
        ["P2", "rs2", "A/C", "other"],
        ["P1", "rs1", "G/T", "other"],
    ]
    assert list(assay.variants([]).columns) == ["patient", "gene", "change", "consequence"]


@pytest.mark.parametrize(
    ("feature", "tokens", "expected"),
    [
        ("rs2016347", "T", "yes yes no ? ? ?"),
        ("rs2016347", ["G/G", "T/T"], "no yes yes ? ? ?"),
        ("rs2016347", "T/G", "yes no no ? ? ?"),
        ("BRCA1", "truncating", "yes no no no no ?"),
    ],
)
def test_tokens(write: Any, feature: str, tokens: Any, expected: str) -> None:
    folder = write("clinical.tsv", CLINICAL).parent
    write("germline.tsv", MAF)
    write("germline_genotypes.tsv", GENOTYPES)
    write("sequenced.tsv", "patient_id\nP1\nP2\nP3\nP4\nP5\n")
    cohort = read_cohort(folder)
    signature = parse_signature({"name": "x", "positive": {"germline": feature, "is": tokens}}, id="x", where="test")
    labels = stratify(cohort, signature).labels
    assert " ".join({"positive": "yes", "negative": "no"}.get(str(label), "?") for label in labels) == expected
    germline = cohort.mutations["germline"]
    assert germline.features == ("BRCA1", "rs2016347")
    assert (germline.assayed, germline.detail) == ({"P1", "P2", "P3", "P4", "P5"}, "variants")
