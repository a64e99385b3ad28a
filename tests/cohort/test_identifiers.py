"""Ids and feature names."""

from __future__ import annotations

import pytest

from strata.cohort.identifiers import Links, clean_id, feature_names, id_problems, spreadsheet_problems
from strata.cohort.options import ReadOptions


def test_ids_are_trimmed_and_composed_but_keep_their_letters() -> None:
    assert clean_id(" P1\u00a0\u200b") == "P1"
    assert clean_id("e\u0301") == "\u00e9"
    assert [clean_id(text) for text in ("007", "1E5", "NA", "p1")] == ["007", "1E5", "NA", "p1"]


def test_what_no_id_may_be() -> None:
    problems = id_problems(
        [("", "f:2"), ("a" * 300, "f:3"), ("a\x1bb", "f:4"), ("a\u202eb", "f:5"), ("NA", "f:6")], "id"
    )
    assert [problem.where for problem in problems] == ["f:2", "f:3", "f:4", "f:5"]
    assert "\x1b" not in str(problems)
    assert "U+202E" in problems[3].what


def test_names_a_spreadsheet_made() -> None:
    names = ["2-Sep", "1-Mar", "2006/09/02", "2.31E+13", "IGF1R", "HLA-A", "__proto__", "1060P11.3", "7SK", "Mar-01"]
    (problem,) = spreadsheet_problems(names, "f", list(range(2, 12)))
    assert problem.where == "f:2"
    assert problem.what.startswith("5 gene names")
    assert spreadsheet_problems(["IGF1R", "SEPTIN2", "MARCHF1", "NKX2-1", "5S_rRNA", "DEC1"], "f") == []


@pytest.mark.parametrize(
    ("kind", "raw", "features"),
    [
        ("mrna", "IGF1R|3480", ("IGF1R",)),
        ("mrna", "?|100130426", ()),
        ("copy_number", "FGFR1|8p11.23", ("FGFR1",)),
        ("mirna", "hsa-miR-21-5p", ("hsa-miR-21-5p",)),
        ("protein", "EIF4EBP1|4E-BP1_pS65", ("EIF4EBP1_pS65",)),
        ("protein", "EIF4EBP1|4E-BP1_pT37T46", ("EIF4EBP1_pT37_T46",)),
        ("protein", "EIF4EBP1|4E-BP1_pT37_T46-R-V", ("EIF4EBP1_pT37_T46",)),
        ("protein", "EIF4EBP1|4E-BP1-R-V", ("EIF4EBP1",)),
        ("protein", "4E-BP1-R-V", ("EIF4EBP1",)),
        ("protein", "X4EBP1_pS65", ("EIF4EBP1_pS65",)),
        ("protein", "AKT_pS473", ("AKT1_pS473", "AKT2_pS473", "AKT3_pS473")),
        ("protein", "HER2_pY1248", ("ERBB2_pY1248",)),
        ("protein", "AKT1 AKT2 AKT3|Akt_pS473", ("AKT1_pS473", "AKT2_pS473", "AKT3_pS473")),
        ("protein", "GSK3ALPHABETA_pS21S9", ("GSK3A_pS21_S9", "GSK3B_pS21_S9")),
        ("protein", "p27_pT157", ("CDKN1B_pT157",)),
        ("protein", "p27", ("CDKN1B",)),
        ("protein", "S6_pS240_S244", ("RPS6_pS240_S244",)),
        ("protein", "TUBERIN_pT1462", ("TSC2_pT1462",)),
        ("protein", "Rb_pS807_S811", ("RB1_pS807_S811",)),
        ("protein", "EIF4EBP1_pS65", ("EIF4EBP1_pS65",)),
        ("protein", "MTOR|mTOR_pS2448_Caution", ("MTOR_pS2448",)),
        ("protein", "MAPK1 MAPK3|MAPK_pT202_Y204", ("MAPK1_pT202_Y204", "MAPK3_pT202_Y204")),
        ("protein", "PTEN", ("PTEN",)),
        ("protein", "IGF1R_pY1135_Y1136", ("IGF1R_pY1135_Y1136",)),
    ],
)
def test_features_are_spelled_as_signatures_spell_them(kind: str, raw: str, features: tuple[str, ...]) -> None:
    assert feature_names(kind, raw) == features


def test_samples_find_their_patient() -> None:
    links = Links(("P1", "P2"), {"S1": "P1", "S2": "P1"})
    assert [links.patient(text) for text in ("S1", " S2 ", "P2", "s1", "X")] == ["P1", "P1", "P2", None, None]
    assert Links(("P1",), options=ReadOptions(id_case="ignore")).patient("p1") == "P1"
    assert "id_case=ignore" in links.why_no_match(["s1"])


def test_tcga_barcodes_are_cut_only_when_asked() -> None:
    ids = ["TCGA-OR-A5J1-01A-11R-A29S-07", "TCGA.OR.A5J1.11"]
    assert [Links(("TCGA-OR-A5J1",)).patient(text) for text in ids] == [None, None]
    assert "id_rule=tcga-patient" in Links(("TCGA-OR-A5J1",)).why_no_match(ids)
    links = Links(("TCGA-OR-A5J1",), options=ReadOptions(id_rule="tcga-patient", sample_rule="primary"))
    assert [links.patient(text) for text in ids] == ["TCGA-OR-A5J1"] * 2
    assert [links.is_normal(text) for text in ids] == [False, True]
    assert links.preferred(["TCGA-OR-A5J1-06A", "TCGA-OR-A5J1-01A"]) == [1]


def test_the_sample_rules() -> None:
    def preferred(rule: str) -> list[int]:
        links = Links(("P",), {"B": "P", "A": "P"}, {"A": "Primary", "B": "Metastasis"}, ReadOptions(sample_rule=rule))
        return links.preferred(["A", "B"])

    assert {rule: preferred(rule) for rule in ("first", "primary", "mean")} == {
        "first": [1],
        "primary": [0],
        "mean": [0, 1],
    }
