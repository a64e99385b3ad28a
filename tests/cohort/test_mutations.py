"""Mutation tables: kinds of change, rows that do not count, who was sequenced, 0/1 matrices."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from strata.cohort import Cohort, read_cohort
from strata.cohort.mutations import consequence
from strata.errors import DataError

HEAD = ["Hugo_Symbol", "Variant_Classification", "Tumor_Sample_Barcode", "HGVSp_Short", "Mutation_Status"]


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("Missense_Mutation", "missense"),
        ("missense_variant", "missense"),
        ("Nonsense_Mutation", "truncating"),
        ("Frame_Shift_Ins", "truncating"),
        ("frameshift_variant", "truncating"),
        ("stop_gained", "truncating"),
        ("In_Frame_Del", "inframe"),
        ("inframe_deletion", "inframe"),
        ("Splice_Site", "splice"),
        ("splice_acceptor_variant", "splice"),
        ("Splice_Region", "other"),
        ("Silent", "silent"),
        ("synonymous_variant", "silent"),
        ("Intron", "silent"),
        ("IGR", "silent"),
        ("3'UTR", "silent"),
        ("5'UTR", "silent"),
        ("3'Flank", "silent"),
        ("5'Flank", "silent"),
        ("5_prime_UTR_variant", "silent"),
        ("Fusion", "other"),
        ("", "unknown"),
        ("NA", "unknown"),
    ],
)
def test_kinds_of_change(word: str, kind: str) -> None:
    assert consequence(word) == kind


def test_the_promoter_of_tert_counts() -> None:
    assert consequence("5'Flank", "TERT") == "other"


def cohort(write: Any, small: Any, rows: list[list[str]] | str, **read: Any) -> Cohort:
    write("clinical.tsv", small.clinical())
    return read_cohort(write("mutations.maf", rows).parent, read=read)


def test_stray_quotes_and_statuses(write: Any, small: Any) -> None:
    rows = [
        HEAD,
        ["TP53", "Missense_Mutation", "P001", 'p.R175H"', "Somatic"],
        ["TP53", "Missense_Mutation", "P002", "p.R175H", "Germline"],
        ["TP53", "Missense_Mutation", "P003", "p.R175H", "Wildtype"],
        ["TP53", 'Missense_"Mutation', "P004", "", ""],
    ]
    found = cohort(write, small, rows)
    variants = found.mutations["mutation"].variants(["TP53"])
    assert variants["patient"].tolist() == ["P001", "P004"]
    assert variants["change"].tolist() == ['R175H"', ""]
    assert [item.n for item in found.exclusions if "Mutation_Status" in item.reason] == [1]
    assert found.mutations["germline"].variants(["TP53"]).to_numpy().tolist() == [["P002", "TP53", "R175H", "missense"]]


def test_the_table_may_say_itself_who_was_sequenced(write: Any, small: Any) -> None:
    rows = "\n".join("\t".join(row) for row in [HEAD, ["TP53", "Silent", "P001", "p.L1=", ""]])
    aliquots = "".join(f"#tumor.aliquot {patient}\n" for patient in small.ids[:7])
    said = cohort(write, small, f"#version gdc-1.0.0\n{aliquots}{rows}\n")
    assert said.mutations["mutation"].assayed == frozenset(small.ids[:7])
    complete = cohort(write, small, f"#n.analyzed.samples 1\n{rows}\n")
    assert complete.choices["assays"]["mutation"]["sequenced"] == "the table's own statement"
    partial = cohort(write, small, f"#n.analyzed.samples 9\n{rows}\n")
    assert partial.mutations["mutation"].assayed == frozenset({"P001"})
    assert any("9 samples were analysed" in note for note in partial.notes)


def test_a_long_table(write: Any, small: Any) -> None:
    found = cohort(write, small, [["sample", "gene", "change"], ["P001", "PIK3CA", "p.H1047R"]])
    assert found.mutations["mutation"].variants(["PIK3CA"]).to_numpy().tolist() == [
        ["P001", "PIK3CA", "H1047R", "unknown"]
    ]


def test_changes_are_read_in_every_spelling_and_told(write: Any, small: Any) -> None:
    cells = ["p.His1047Arg", "p.H1047R", "NP_1.2:p.(H1047R)", "PIK3CA h1047r", "p.H1047R;p.E545K", "p.?", "", "NA", "?"]
    rows = [["PIK3CA", "Missense_Mutation", small.ids[i], cell, ""] for i, cell in enumerate(cells)]
    found = cohort(write, small, [HEAD, *rows])
    variants = found.mutations["mutation"].variants(["PIK3CA"])
    changes = variants.groupby("patient")["change"].agg(list).tolist()
    assert changes == [["H1047R"]] * 4 + [["H1047R", "E545K"], ["?"], [""], [""], [""]]
    assert set(variants["consequence"]) == {"missense"}
    assert [note for note in found.notes if "protein change" in note] == [
        "mutations.maf: 4 protein changes put into the short form of HGVS (H1047R)",
        "mutations.maf: 1 protein change in no known form: '?' (1); which change that is stays unknown",
    ]


@pytest.mark.parametrize("column", ["HGVSp", "HGVSp_Short", "Protein_Change"])
@pytest.mark.parametrize(
    ("cell", "answer"),
    [
        ("p.His1047Arg", "positive"),
        ("ENSP00000263967.3:p.H1047R", "positive"),
        ("p.(H1047R)", "positive"),
        ("h1047r", "positive"),
        ("PIK3CA p.H1047R", "positive"),
        ("p.H1047R;p.H1047L", "positive"),
        ("p.Glu2Lys", "negative"),
        ("p.His1047%3D", "negative"),
        ("p.?", "unknown"),
        ("p.0?", "unknown"),
        ("garbage text", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_change_that_cannot_be_read_is_never_negative(
    write: Any, small: Any, column: str, cell: str, answer: str
) -> None:
    from strata import stratify
    from strata.signatures import parse_signature

    kind = "Silent" if cell.endswith("%3D") else "Missense_Mutation"
    head = [*HEAD[:3], column]
    found = cohort(write, small, [head, ["PIK3CA", kind, "P001", cell]], sequenced="all")
    for token in ("H1047R", "hotspot", "codon:1047", "exon:20"):
        rule = {"name": "x", "positive": {"mutation": "PIK3CA", "is": token}}
        labels = stratify(found, parse_signature(rule, id="x", where="test")).labels.astype("string").fillna("unknown")
        assert labels[["P001", "P002"]].tolist() == [answer, "negative"]


@pytest.mark.parametrize("words", [("1", "0"), ("TRUE", "FALSE"), ("MUT", "WT"), ("Yes", "No")])
@pytest.mark.parametrize("turned", [False, True])
def test_a_matrix_of_mutated_and_not(write: Any, small: Any, words: tuple[str, str], turned: bool) -> None:
    rows = [["gene", *small.ids[:6]], ["TP53", words[0], *[words[1]] * 4, "NA"], ["KRAS", *[words[1]] * 6]]
    found = cohort(write, small, small.transposed(rows) if turned else rows).mutations["mutation"]
    assert (found.detail, found.assayed) == ("binary", frozenset(small.ids[:6]))
    assert found.tested("TP53") == frozenset(small.ids[:5])
    assert found.variants(["TP53", "KRAS"]).to_numpy().tolist() == [["P001", "TP53", "", "unknown"]]


def test_a_matrix_of_changes_and_of_words_that_mean_nothing(write: Any, small: Any) -> None:
    rows = [["gene", *small.ids[:3]], ["TP53", "p.R175H", "WT", "maybe"]]
    found = cohort(write, small, rows)
    with pytest.raises(DataError, match=r"'maybe' \(1\)"):
        found.mutations["mutation"].variants(["TP53"])
    again = read_cohort(found.source[0].parent, read={"na": "maybe"}).mutations["mutation"]
    assert again.variants(["TP53"])["change"].tolist() == ["R175H"]
    assert again.tested("TP53") == frozenset({"P001", "P002"})


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([HEAD, ["TP53", "Silent", "X1", "", ""]], r"none of its 1 sample.*'A9'.*'A999'"),
        ([HEAD, ["TP53", "Silent", "P001"]], "line 2 has 3"),
        ([HEAD, ["2-Sep", "Silent", "P001", "", ""]], "2-Sep"),
    ],
)
def test_tables_that_cannot_be_used(write: Any, small: Any, rows: list[list[str]], words: str) -> None:
    with pytest.raises(DataError, match=words):
        cohort(write, small, rows)


def test_panels_decide_who_was_tested_for_which_gene(write: Any, small: Any, tmp_path: Path) -> None:
    write("clinical.tsv", small.clinical())
    write("cna.tsv", small.copy_number())
    write("mutations.maf", [HEAD, ["TP53", "Silent", "P001", "", ""]])
    panel = [["SAMPLE_ID", "study_mutations", "study_cna"]]
    panel += [
        [p, "NA" if i >= 8 else "SMALL" if i < 4 else "LARGE", "CN" if i < 6 else "NA"] for i, p in enumerate(small.ids)
    ]
    write("panel_matrix.tsv", panel)
    write("gene_panel_small.txt", "stable_id: SMALL\ngene_list: TP53\n")
    write("gene_panel_large.txt", "stable_id: LARGE\ndescription: x\ngene_list: TP53\tKRAS\n")
    found = read_cohort(tmp_path)
    mutation = found.mutations["mutation"]
    assert mutation.assayed == frozenset(small.ids[:8])
    assert mutation.tested("TP53") == frozenset(small.ids[:8])
    assert mutation.tested("KRAS") == frozenset(small.ids[4:8])
    assert mutation.tested("PTEN") == frozenset()
    assert found.assays["copy_number"].assayed == frozenset(small.ids[:6])
    assert found.assays["copy_number"].read(["FGFR1"])["FGFR1"].notna().tolist() == [True] * 6 + [False] * 6
