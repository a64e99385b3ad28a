"""TCGA barcodes: their parts, and which of several samples counts."""

from __future__ import annotations

import itertools

import pytest

from strata.cohort.barcodes import barcode, which_counts
from strata.cohort.identifiers import Links
from strata.cohort.options import ReadOptions

P = "TCGA-OR-A5J1"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (P, (P, "", "", "")),
        (f"{P}-01", (P, "01", "", "")),
        (f"{P}-06A", (P, "06", "", "")),
        (f"{P}-01A-11R-A29S-07", (P, "01", "R", "A29S")),
        ("TCGA.OR.A5J1.11B.31D.1234.08", (P, "11", "D", "1234")),
        (f"{P}-01A-21-A39K-20", (P, "01", "", "A39K")),
    ],
)
def test_parts(text: str, parts: tuple[str, ...]) -> None:
    code = barcode(text)
    assert code is not None
    assert (code.patient, code.sample_type, code.analyte, code.plate) == parts


@pytest.mark.parametrize("text", ["", "TCGA-OR", "C3L-00001-02", "TCGA-OR-A5J12", "IGF1R"])
def test_other_ids_are_no_barcodes(text: str) -> None:
    assert barcode(text) is None


def test_types() -> None:
    normal = {kind for kind in ("01", "03", "06", "09", "10", "11", "14", "20", "29", "40") if type_of(kind).is_normal}
    assert normal == {"10", "11", "14", "20", "29"}
    assert [type_of(kind).is_primary for kind in ("01", "03", "02", "06")] == [True, True, False, False]


def type_of(kind: str):
    code = barcode(f"{P}-{kind}A")
    assert code is not None
    return code


CASES = [
    # primary tumours, also of the blood, before recurrent ones before metastases
    (["06A-11R-A29S-07", "01A-11R-A29S-07"], 1, "sample type"),
    (["06A-11R-A29S-07", "02A-11R-A29S-07"], 1, "sample type"),
    (["04A-11R-A29S-07", "03A-11R-A29S-07"], 1, "sample type"),
    # RNA: H before R before T, whatever the plate
    (["01A-11T-A999-07", "01A-11R-A29S-07", "01A-11H-A11S-07"], 2, "analyte"),
    (["01A-11T-A999-07", "01A-11R-A29S-07"], 1, "analyte"),
    # DNA: D before what was amplified, unless that has a higher plate
    (["01A-11W-A29S-08", "01A-11D-A29S-08"], 1, "analyte"),
    (["01A-11D-A29S-08", "01A-11W-A30S-08"], 1, "analyte"),
    (["01A-11G-0100-08", "01A-11X-0200-08", "01A-11D-0200-08"], 2, "analyte"),
    # then the highest barcode: vial, portion, plate
    (["01A-11R-A29S-07", "01A-11R-A32S-07", "01A-11R-A30S-07"], 1, "highest barcode"),
    (["01A-21D-A100-01", "01A-11D-A999-01"], 0, "highest barcode"),
    (["01A", "01B"], 1, "highest barcode"),
    (["01A-11D-0100-08", "01A-11W-0200-08", "01A-21W-0150-08"], 2, "highest barcode"),
    # aliquots that end before the analyte leave nothing to choose by
    (["01A-21-A39K-20", "01A-11R-A29S-07"], 0, "highest barcode"),
]


@pytest.mark.parametrize(
    ("ends", "place", "why"), CASES, ids=lambda case: "+".join(case) if type(case) is list else None
)
def test_which_counts_in_every_order(ends: list[str], place: int, why: str) -> None:
    for order in itertools.permutations(range(len(ends))):
        places, reason = which_counts([f"{P}-{ends[i]}" for i in order])
        assert ([order[at] for at in places], reason) == ([place], why)


def test_what_cannot_be_decided_is_left_to_a_rule() -> None:
    assert which_counts([f"{P}-01A", f"{P}-01A"]) == ([0, 1], "")
    assert which_counts([f"{P}-01A", "S1"]) == ([0, 1], "")
    assert which_counts([P, f"{P}-01A"]) == ([0, 1], "")
    assert which_counts([f"{P}-06A", f"{P}-01A", f"{P}-01A"]) == ([1, 2], "sample type")


def test_links_use_it_unless_another_rule_is_named() -> None:
    ids = [f"{P}-06A", f"{P}-01A", f"{P}-01A"]

    def preferred(rule: str, names: list[str]) -> list[int]:
        return Links((P,), options=ReadOptions(id_rule="tcga-patient", sample_rule=rule)).preferred(names)

    assert {rule: preferred(rule, ids) for rule in ("", "gdac", "first", "primary", "mean")} == {
        "": [1, 2],
        "gdac": [1],
        "first": [0],
        "primary": [1],
        "mean": [0, 1, 2],
    }
    assert [preferred(rule, ["S1", "S1"]) for rule in ("", "gdac")] == [[0, 1], [0]]
    assert [preferred(rule, ["S1", "S2"]) for rule in ("", "gdac")] == [[0, 1], [0, 1]]
