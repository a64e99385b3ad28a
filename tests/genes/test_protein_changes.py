"""Protein changes as tables spell them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from strata.genes.protein_changes import codon_of, is_protein_change, protein_changes


@pytest.mark.parametrize(
    "cell",
    [
        "H1047R",
        "p.H1047R",
        "P.H1047R",
        "p.His1047Arg",
        "p.(His1047Arg)",
        "p.(H1047R)",
        "(p.H1047R)",
        "p.[H1047R]",
        "His1047Arg",
        "HIS1047ARG",
        "his1047arg",
        "h1047r",
        "p.h1047R",
        " p.H1047R ",
        "ENSP00000263967.3:p.H1047R",
        "NP_006209.2:p.(His1047Arg)",
        "PIK3CA: p.H1047R",
        "PIK3CA:NM_006218:exon21:c.A3140G:p.H1047R",
        "PIK3CA p.H1047R",
        "pik3ca H1047R",
        "PIK3CA-H1047R",
        "PIK3CA_H1047R",
        "PIK3CA (p.H1047R)",
    ],
)
def test_one_change_in_every_spelling(cell: str) -> None:
    assert protein_changes(cell, "PIK3CA") == ("H1047R",)


@pytest.mark.parametrize(
    ("cell", "change"),
    [
        ("p.Arg88Ter", "R88*"),
        ("p.Arg88*", "R88*"),
        ("R88X", "R88*"),
        ("p.His115ProfsTer34", "H115Pfs*34"),
        ("p.Lys267fs", "K267fs"),
        ("K267fsX10", "K267fs*10"),
        ("lys6asnfster4", "K6Nfs*4"),
        ("p.-169fs", "-169fs"),
        ("p.Glu746_Ala750del", "E746_A750del"),
        ("e746_a750del", "E746_A750del"),
        ("E746_A750delELREA", "E746_A750delELREA"),
        ("p.Glu746_Ser752delinsVal", "E746_S752delinsV"),
        ("p.Leu114delinsSerVal", "L114delinsSV"),
        ("p.Asn771_His773dup", "N771_H773dup"),
        ("p.Gly12_Gly13insGly", "G12_G13insG"),
        ("p.L747_T751>P", "L747_T751>P"),
        ("p.745_750KELREA>K", "745_750KELREA>K"),
        ("p.Leu12=", "L12="),
        ("p.Leu12%3D", "L12="),
        ("p.Leu12Leu", "L12L"),
        ("p.(=)", "="),
        ("p.Met1?", "M1?"),
        ("p.Met1ext-5", "M1ext-5"),
        ("p.Ter404GlnextTer5", "*404Qext*5"),
        ("p.*404Glnext*?", "*404Qext*?"),
        ("X404Q", "*404Q"),
        ("p.X80_splice", "X80_splice"),
        ("x80_splice", "X80_splice"),
    ],
)
def test_forms(cell: str, change: str) -> None:
    assert protein_changes(cell) == (change,)
    assert is_protein_change(change)
    # what is in its form already stays as it is
    assert protein_changes(change) == (change,)


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("p.?", "?"),
        ("p.0?", "0?"),
        ("p.0", "0"),
        ("H1047", "H1047"),
        ("p.H1047?", "H1047?"),
        ("garbage text", "garbage text"),
        ("not H1047R", "not H1047R"),
        ("PTEN p.H1047R", "PTEN p.H1047R"),
        ("wild type: H1047R", "wild type: H1047R"),
        ("A:p.H1047R,B:p.H1047L", "A:p.H1047R,B:p.H1047L"),
        ("c.3140A>G", "c.3140A>G"),
        ("p.His1047Xaa", "His1047Xaa"),
        ("R88Stop", "R88Stop"),
        ("promoter", "promoter"),
        ("G/T", "G/T"),
        ("T", "T"),
        ("rs396991", "rs396991"),
        ('R175H"', 'R175H"'),
    ],
)
def test_what_is_in_no_known_form_is_kept(cell: str, kept: str) -> None:
    assert protein_changes(cell, "PIK3CA") == (kept,)
    assert not is_protein_change(kept)


def test_several_changes_of_one_cell() -> None:
    assert protein_changes("p.H1047R;p.H1047L") == ("H1047R", "H1047L")
    assert protein_changes("p.[His1047Arg;Glu545Lys]") == ("H1047R", "E545K")
    assert protein_changes("PIK3CA p.H1047R; PIK3CA p.?", "PIK3CA") == ("H1047R", "PIK3CA p.?")
    assert protein_changes("H1047R;p.His1047Arg") == ("H1047R",)
    assert protein_changes("") == ("",)


@pytest.mark.parametrize(
    ("change", "codon"),
    [
        ("H1047R", 1047), ("*404Q", 404), ("E746_A750del", 746), ("745_750KELREA>K", 745), ("-169fs", 169),
        ("X80_splice", 80), ("M1?", 1), ("H1047", 1047), ("H1047?", 1047),
        ("=", None), ("?", None), ("0?", None), ("", None), ("garbage 12", None), ("His1047Arg", None), ("G/T", None),
    ],
)  # fmt: skip
def test_codons(change: str, codon: int | None) -> None:
    assert codon_of(change) == codon


def test_the_two_columns_of_a_real_table_agree(shared: Path) -> None:
    table = pd.read_csv(shared / "data" / "metabric" / "mutations.tsv.gz", sep="\t", dtype=str, keep_default_na=False)
    both = table.loc[table["HGVSp"] != "", ["HGVSp", "HGVSp_Short"]].drop_duplicates()
    differ = [(long, short) for long, short in both.to_numpy() if protein_changes(long) != protein_changes(short)]
    assert (len(both), differ) == (12786, [])
