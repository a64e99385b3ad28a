"""What the rows and columns of a table stand for."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from strata.cohort.feature_names import feature_names
from strata.genes import GeneNames
from strata.signatures import needs_of, signature_library


@pytest.mark.parametrize(
    ("kind", "raw", "features"),
    [
        ("mrna", "IGF1R|3480", ("IGF1R",)),
        ("mrna", "?|100130426", ("100130426",)),
        ("mrna", "|ENSG00000140443.12", ("ENSG00000140443.12",)),
        ("mrna", "?", ()),
        ("mrna", "?|8p11.23", ()),
        # a symbol that was renamed stays; its id decides where it is ambiguous, unknown or now of another gene
        ("mrna", "MARCH1|55016", ("MARCH1",)),
        ("mrna", "DEC1|50514", ("DELEC1",)),
        ("mrna", "DEC1|8553", ("BHLHE40",)),
        ("mrna", "NOTANAME|3480", ("IGF1R",)),
        ("mrna", "SPHK1|3480", ("IGF1R",)),
        ("mrna", "NOTANAME|999999999", ("NOTANAME",)),
        ("copy_number", "FGFR1|8p11.23", ("FGFR1",)),
        ("copy_number", "FGFR1|ENSG00000077782.12", ("FGFR1",)),
        ("mirna", "hsa-miR-21-5p", ("hsa-miR-21-5p",)),
        ("protein", "EIF4EBP1|4E-BP1_pS65", ("EIF4EBP1_pS65",)),
        ("protein", "EIF4EBP1|4E-BP1_pT37T46", ("EIF4EBP1_pT37_T46",)),
        ("protein", "EIF4EBP1|4E-BP1_pT37_T46", ("EIF4EBP1_pT37_T46",)),
        ("protein", "EIF4EBP1|4E-BP1_pT37_T46-R-V", ("EIF4EBP1_pT37_T46",)),
        ("protein", "EIF4EBP1|4E-BP1-R-V", ("EIF4EBP1",)),
        ("protein", "4E-BP1-R-V", ("EIF4EBP1",)),
        ("protein", "4E-BP1_pT37_T46", ("EIF4EBP1_pT37_T46",)),
        ("protein", "4EBP1_pT37_pT46", ("EIF4EBP1_pT37_T46",)),
        ("protein", "X4E.BP1_pT37_T46.R.V", ("EIF4EBP1_pT37_T46",)),
        ("protein", "X4EBP1_pT37T46", ("EIF4EBP1_pT37_T46",)),
        ("protein", "X4EBP1_pS65", ("EIF4EBP1_pS65",)),
        ("protein", "EGFR_PY1068", ("EGFR_pY1068",)),
        ("protein", "AKT_pS473", ("AKT1_pS473", "AKT2_pS473", "AKT3_pS473")),
        ("protein", "HER2_pY1248", ("ERBB2_pY1248",)),
        ("protein", "AKT1 AKT2 AKT3|Akt_pS473", ("AKT1_pS473", "AKT2_pS473", "AKT3_pS473")),
        ("protein", "GSK3ALPHABETA_pS21S9", ("GSK3A_pS21_S9", "GSK3B_pS21_S9")),
        ("protein", "GSK3A GSK3B|GSK3-alpha-beta_pS21_S9", ("GSK3A_pS21_S9", "GSK3B_pS21_S9")),
        ("protein", "GSK3_pS9", ("GSK3A_pS9", "GSK3B_pS9")),
        ("protein", "c-Met_pY1235-R-C", ("MET_pY1235",)),
        ("protein", "CMET_pY1235", ("MET_pY1235",)),
        ("protein", "YB-1_pS102-R-V", ("YBX1_pS102",)),
        ("protein", "HER3_pY1298-R-C", ("ERBB3_pY1289",)),
        ("protein", "ERBB3|HER3_pY1298", ("ERBB3_pY1289",)),
        ("protein", "HER3_pY1289", ("ERBB3_pY1289",)),
        ("protein", "JNK_pT183_pT185", ("MAPK8_pT183_Y185", "MAPK9_pT183_Y185")),
        ("protein", "MAPK8|JNK_pT183_pY185", ("MAPK8_pT183_Y185",)),
        ("protein", "IGFR1|IGF1R_pY1135_Y1136", ("IGF1R_pY1135_Y1136",)),
        ("protein", "PI3K-p110-alpha-R-C", ("PIK3CA",)),
        ("protein", "PI3KP85", ("PIK3R1",)),
        ("protein", "IGF-1R-beta-R-C", ("IGF1R",)),
        ("protein", "PARP_cleaved-M-C", ("PARP1_cleaved",)),
        ("protein", "CASP7|Caspase-7_cleavedD198", ("CASP7_cleavedD198",)),
        ("protein", "PDK1|PDK1_pS241", ("PDPK1_pS241",)),
        ("protein", "PDK1", ("PDK1",)),
        ("protein", "p27_pT157", ("CDKN1B_pT157",)),
        ("protein", "p27", ("CDKN1B",)),
        ("protein", "S6_pS240_S244", ("RPS6_pS240_S244",)),
        ("protein", "TUBERIN_pT1462", ("TSC2_pT1462",)),
        ("protein", "Rb_pS807_S811", ("RB1_pS807_S811",)),
        ("protein", "EIF4EBP1_pS65", ("EIF4EBP1_pS65",)),
        ("protein", "MTOR|mTOR_pS2448_Caution", ("MTOR_pS2448",)),
        ("protein", "mTOR_pS2448-R-C_Caution", ("MTOR_pS2448",)),
        ("protein", "MAPK1 MAPK3|MAPK_pT202_Y204", ("MAPK1_pT202_Y204", "MAPK3_pT202_Y204")),
        ("protein", "PTEN", ("PTEN",)),
        ("protein", "IGF1R_pY1135_Y1136", ("IGF1R_pY1135_Y1136",)),
    ],
)
def test_features_are_spelled_as_signatures_spell_them(kind: str, raw: str, features: tuple[str, ...]) -> None:
    assert feature_names(kind, raw) == features


# the antibodies of TCGA that signatures need, as raw files, cBioPortal and Xena spell them
TCGA = (
    "4E-BP1_pS65-R-V 4E-BP1_pT37_T46-R-V 4E-BP1_pT70-R-C Akt_pS473-R-V Akt_pT308-R-V AMPK_pT172-R-V c-Met_pY1235-R-C "
    "Dvl3-R-V EGFR-R-C EGFR_pY1068-R-V GSK3-alpha-beta_pS21_S9-R-V GSK3_pS9-R-V HER3_pY1298-R-C IGF-1R-beta-R-C "
    "IGF1R_pY1135_Y1136-R-V INPP4B-G-C IRS1-R-V JNK_pT183_Y185-R-V LKB1-M-NA MAPK_pT202_Y204-R-V mTOR_pS2448-R-C "
    "p27-R-V p27_pT157-R-C p27_pT198-R-V p70S6K_pT389-R-V PRAS40_pT246-R-V PTEN-R-V Rb_pS807_S811-R-V "
    "S6_pS235_S236-R-V S6_pS240_S244-R-V Src_pY416-R-C Tuberin_pT1462-R-V VEGFR2-R-C",
    "EIF4EBP1|4E-BP1_pS65 EIF4EBP1|4E-BP1_pT37_T46 EIF4EBP1|4E-BP1_pT70 AKT1/AKT2/AKT3|Akt_pS473 "
    "AKT1/AKT2/AKT3|Akt_pT308 PRKAA1|AMPK_pT172 MET|c-Met_pY1235 DVL3|Dvl3 EGFR|EGFR EGFR|EGFR_pY1068 "
    "GSK3A/GSK3B|GSK3-alpha-beta_pS21_S9 GSK3A/GSK3B|GSK3_pS9 ERBB3|HER3_pY1289 IGF1R|IGF-1R-beta "
    "IGFR1|IGF1R_pY1135_Y1136 INPP4B|INPP4B IRS1|IRS1 MAPK8|JNK_pT183_pY185 STK11|LKB1 MAPK1/MAPK3|MAPK_pT202_Y204 "
    "MTOR|mTOR_pS2448 CDKN1B|p27 CDKN1B|p27_pT157 CDKN1B|p27_pT198 RPS6KB1|p70S6K_pT389 AKT1S1|PRAS40_pT246 PTEN|PTEN "
    "RB1|Rb_pS807_S811 RPS6|S6_pS235_S236 RPS6|S6_pS240_S244 SRC|Src_pY416 TSC2|Tuberin_pT1462 KDR|VEGFR2",
    "X4EBP1_pS65 X4EBP1_pT37T46 X4EBP1_pT70 AKT_pS473 AKT_pT308 AMPKALPHA_pT172 CMET_pY1235 DVL3 EGFR EGFR_pY1068 "
    "GSK3ALPHABETA_pS21S9 GSK3_pS9 HER3_pY1289 IGF1RBETA IGF1R_pY1135Y1136 INPP4B IRS1 JNK_pT183Y185 LKB1 "
    "MAPK_pT202Y204 MTOR_pS2448 P27 P27_pT157 P27_pT198 P70S6K_pT389 PRAS40_pT246 PTEN RB_pS807S811 S6_pS235S236 "
    "S6_pS240S244 SRC_pY416 TUBERIN_pT1462 VEGFR2",
)
NO_ANTIBODY = {"EIF4B_pS406", "ESR2", "PTEN_pS380", "SPHK1_pS225", "VEGFA"}


@pytest.mark.parametrize("antibodies", TCGA)
def test_every_protein_of_the_signatures_is_reached_from_the_antibodies_of_tcga(antibodies: str) -> None:
    library = signature_library()
    features = set().union(*(needs_of(signature, library).features for signature in library.values()))
    asked = {key.partition("@")[0] for assay, key in features if assay == "protein"}
    assert len(asked) > 30
    raw = [name.replace("/", " ") for name in antibodies.split()]
    assert asked - {feature for name in raw for feature in feature_names("protein", name)} == NO_ANTIBODY


def test_antibodies_name_approved_symbols_and_never_another_gene() -> None:
    from strata.cohort.feature_names import _antibodies

    names = GeneNames.shipped()
    for key, features in _antibodies().items():
        genes = [feature.partition("_")[0] for feature in features]
        assert all(names.resolve(gene).how in ("symbol", "unknown") for gene in genes), features
        assert names.resolve(key).how != "symbol" or genes == [key], key


def test_a_real_array_of_tcga(shared: Path) -> None:
    table = pd.read_csv(shared / "data" / "tcga_acc_mini" / "RPPAArray.tsv.gz", sep="\t", dtype=str)
    features = {feature for raw in table["feature"] for feature in feature_names("protein", raw)}
    assert len(features) == len(table) == 33
    assert {"EGFR", "INPP4B", "IRS1", "PTEN"} <= features
