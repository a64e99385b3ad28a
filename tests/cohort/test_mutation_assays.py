"""From mutation tables to an assay: which kind of table, several of them, who was sequenced."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from strata.cohort import read_cohort
from strata.errors import DataError

CLINICAL = "patient_id\tage\n" + "".join(f"P{i}\t50\n" for i in range(1, 6))
MAF = [["Hugo_Symbol", "Tumor_Sample_Barcode", "Variant_Classification", "HGVSp_Short"]]
MAF += [["TP53", "P1", "Missense_Mutation", "p.R175H"], ["PTEN", "P2", "Silent", "p.A1="]]


@pytest.fixture
def folder(write: Any) -> Path:
    return Path(write("clinical.tsv", CLINICAL).parent)


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Hugo_Symbol\tTumor_Sample_Barcode\tVariant_Classification\tHGVSp_Short", "TP53\tP1\tMissense\tp.R175H"),
        ("sample\tgene\tchange", "P1\tTP53\tR175H"),
        ("Sample ID\tGene\tProtein Change\tMutation Type", "P1\tTP53\tR175H\tMissense_Mutation"),
        ("patient_id\tgene\tamino_acid_change", "P1\tTP53\tp.R175H"),
    ],
)
def test_the_spellings_of_a_long_table(write: Any, folder: Path, header: str, row: str) -> None:
    write("mutations.tsv", f"{header}\n{row}\n")
    (found,) = read_cohort(folder).mutations["mutation"].variants(["TP53"]).to_numpy().tolist()
    assert found[:3] == ["P1", "TP53", "R175H"]


def test_a_table_of_sample_and_gene_alone_says_mutated_but_not_how(write: Any, folder: Path) -> None:
    write("mutations.tsv", "sample\tgene\nP1\tTP53\n")
    assert read_cohort(folder).mutations["mutation"].variants(["TP53"]).to_numpy().tolist() == [
        ["P1", "TP53", "", "unknown"]
    ]


@pytest.mark.parametrize("index", [None, [4, 9]])
def test_a_maf_in_parquet_is_as_in_text(write: Any, folder: Path, index: Any) -> None:
    write("mutations.tsv", MAF)
    expected = read_cohort(folder, read={"sequenced": "all"}).mutations["mutation"]
    rows = expected.variants(["TP53", "PTEN"])
    (folder / "mutations.tsv").unlink()
    pd.DataFrame(MAF[1:], columns=MAF[0], index=index).to_parquet(folder / "mutations.parquet")
    found = read_cohort(folder, read={"sequenced": "all"}).mutations["mutation"]
    pd.testing.assert_frame_equal(found.variants(["TP53", "PTEN"]), rows)
    assert (found.assayed, found.tested("PTEN")) == (expected.assayed, expected.tested("PTEN"))


def test_two_tables_are_one_list(write: Any, folder: Path) -> None:
    write("mutations_1.tsv", MAF[:2])
    write("mutations_2.tsv", [MAF[0], MAF[2]])
    assert sorted(read_cohort(folder).mutations["mutation"].features) == ["PTEN", "TP53"]


def test_a_matrix_beside_a_list_is_refused(write: Any, folder: Path) -> None:
    write("mutations_1.tsv", MAF)
    write("mutations_2.tsv", "patient_id\tTP53\nP1\t1\n")
    with pytest.raises(DataError, match="a 0/1 matrix beside another mutation table"):
        read_cohort(folder)


@pytest.mark.parametrize(
    ("head", "assayed", "said"),
    [
        ("", 2, "who was sequenced is not known"),
        ("#n.analyzed.samples 2\n", 2, "the table's own statement"),
        ("#n.analyzed.samples 4\n", 2, "says that 4 samples were analysed"),
        ("#tumor.aliquot P1\n#tumor.aliquot P2\n#tumor.aliquot P3\n", 3, "the table's own statement"),
    ],
)
def test_what_the_table_itself_says(write: Any, folder: Path, head: str, assayed: int, said: str) -> None:
    write("mutations.maf", head + "".join("\t".join(row) + "\n" for row in MAF))
    cohort = read_cohort(folder)
    assert len(cohort.mutations["mutation"].assayed) == assayed
    assert any(said in note for note in cohort.notes)


GERMLINE = [[*MAF[0], "Mutation_Status"]]
GERMLINE += [
    ["TP53", "P1", "Missense_Mutation", "p.R175H", "SOMATIC"],
    ["BRCA1", "P2", "Nonsense_Mutation", "p.E23*", "GERMLINE"],
    ["BRCA1", "P3", "Missense_Mutation", "p.C61G", "Germline"],
    ["PTEN", "P3", "Missense_Mutation", "p.R130Q", "Wildtype"],
]


def test_germline_rows_of_a_mutation_table_are_the_germline(write: Any, folder: Path) -> None:
    write("mutations.maf", GERMLINE)
    write("sequenced.tsv", "patient_id\nP1\nP2\nP3\nP4\n")
    cohort = read_cohort(folder)
    somatic, germline = cohort.mutations["mutation"], cohort.mutations["germline"]
    genes = ["TP53", "BRCA1", "PTEN"]
    assert somatic.variants(genes).to_numpy().tolist() == [["P1", "TP53", "R175H", "missense"]]
    assert germline.variants(genes).to_numpy().tolist() == [
        ["P2", "BRCA1", "E23*", "truncating"],
        ["P3", "BRCA1", "C61G", "missense"],
    ]
    # both are of one sequencing
    assert somatic.assayed == germline.assayed == germline.tested("BRCA1") == {"P1", "P2", "P3", "P4"}
    notes = [note for note in cohort.notes if "wild type" in note or "Germline" in note]
    assert notes == [
        "mutation: 4 patients sequenced (sequenced.tsv); 3 without a row are wild type",
        "mutations.maf: 2 rows with Mutation_Status Germline",
        "germline: 4 patients sequenced (sequenced.tsv); 2 without a row are wild type",
    ]
    assert [(item.n, item.reason) for item in cohort.exclusions] == [
        (1, "mutation (mutations.maf): row with Mutation_Status None, LOH or Wildtype")
    ]


def test_a_table_of_germline_changes_without_a_status_is_germline_as_a_whole(write: Any, folder: Path) -> None:
    write("germline.tsv", MAF)
    cohort = read_cohort(folder, read={"sequenced": "all"})
    assert list(cohort.mutations) == ["germline"]
    germline = cohort.mutations["germline"]
    assert germline.variants(["TP53"])["change"].tolist() == ["R175H"]
    assert germline.assayed == {"P1", "P2", "P3", "P4", "P5"}


def test_germline_rows_join_a_germline_table(write: Any, folder: Path) -> None:
    write("mutations.maf", GERMLINE)
    write("germline.tsv", [MAF[0], ["BRCA2", "P4", "Frame_Shift_Del", "p.S1982fs"]])
    germline = read_cohort(folder).mutations["germline"]
    assert germline.variants(["BRCA1", "BRCA2"])["patient"].tolist() == ["P4", "P2", "P3"]


def test_germline_samples_of_any_time_point_count(write: Any, folder: Path) -> None:
    write("samples.tsv", "patient_id\tsample_id\ttimepoint\nP1\tS1\tpre\nP1\tS2\tpost\nP2\tS3\tpost\n")
    rows = [["BRCA1", sample, "Nonsense_Mutation", "p.E23*"] for sample in ("S2", "S3")]
    write("germline.tsv", [MAF[0], *rows])
    assert read_cohort(folder).mutations["germline"].variants(["BRCA1"])["patient"].tolist() == ["P1", "P2"]
