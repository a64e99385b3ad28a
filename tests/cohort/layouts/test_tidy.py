"""Tidy tables: what was measured is a column."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from strata.cohort import read_cohort
from strata.errors import DataError

CLINICAL = "patient_id\tos_months\tos_event\nP1\t1\t1\nP2\t2\t0\nP3\t3\t1\n"
TIDY = (
    "sample\tmodality\tgene\tvalue\nP1\tmRNA\tIGF1R\t5\nP2\tmRNA\tIGF1R\t6\nP1\trna_seq\tSPHK1\t7\n"
    "P1\tProtein\tIGF1R\t0.5\nP3\tProtein\tAKT1_pS473\tNA\nP2\tCNV\tFGFR1\t2\n"
)


def test_a_modality_column_parts_the_assays(write: Any, tmp_path: Path) -> None:
    write("clinical.tsv", CLINICAL)
    write("values.tsv", TIDY)
    cohort = read_cohort(tmp_path)
    assert cohort.choices["layout"] == {"name": "tidy", "why": "the folder has the long table values.tsv"}
    assert {kind: set(assay.features) for kind, assay in cohort.assays.items()} == {
        "mrna": {"IGF1R", "SPHK1"},
        "protein": {"IGF1R", "AKT1_pS473"},
        "copy_number": {"FGFR1"},
    }
    assert cohort.assays["mrna"].read(["IGF1R"])["IGF1R"].fillna(0).tolist() == [5.0, 6.0, 0.0]
    assert cohort.assays["protein"].read(["IGF1R"])["IGF1R"].fillna(0).tolist() == [0.5, 0.0, 0.0]
    assert cohort.assays["protein"].assayed == {"P1", "P3"}
    assert cohort.assays["copy_number"].scale("FGFR1") == "gistic"
    assert any("assays by column 'modality': mrna (2 rows 'mRNA'), mrna (1 row 'rna_seq')" in n for n in cohort.notes)


def test_the_same_in_parquet_and_through_a_cache(write: Any, tmp_path: Path) -> None:
    write("clinical.tsv", CLINICAL)
    text = write("values.tsv", TIDY.replace("\tNA\n", "\t\n"))
    pd.read_csv(text, sep="\t").to_parquet(tmp_path / "values.parquet")
    text.unlink()
    for _ in range(2):
        cohort = read_cohort(tmp_path, read={"cache": str(tmp_path / "cache")})
        assert cohort.assays["mrna"].read(["IGF1R"])["IGF1R"].fillna(0).tolist() == [5.0, 6.0, 0.0]
        assert cohort.assays["protein"].read(["IGF1R"])["IGF1R"].fillna(0).tolist() == [0.5, 0.0, 0.0]


def test_two_modalities_of_the_same_shape_are_two_entries_of_the_cache(write: Any, tmp_path: Path) -> None:
    write("clinical.tsv", CLINICAL)
    rows = [f"P{i}\t{kind}\tIGF1R\t{i + 10 * k}" for k, kind in enumerate(("mrna", "protein")) for i in (1, 2, 3)]
    write("values.tsv", "\n".join(["sample\tmodality\tgene\tvalue", *rows]) + "\n")
    for _ in range(2):
        cohort = read_cohort(tmp_path, read={"cache": str(tmp_path / "cache")})
        found = {kind: assay.read(["IGF1R"])["IGF1R"].tolist() for kind, assay in cohort.assays.items()}
        assert found == {"mrna": [1.0, 2.0, 3.0], "protein": [11.0, 12.0, 13.0]}


@pytest.mark.parametrize("name", ["tidy.csv", "long_values.csv", "numbers.csv"])
def test_without_a_modality_it_is_expression(write: Any, tmp_path: Path, name: str) -> None:
    write("clinical.tsv", CLINICAL)
    write(name, "sample,gene,value\nP1,IGF1R,5\nP2,IGF1R,6\n")
    cohort = read_cohort(tmp_path)
    assert (cohort.choices["layout"]["name"], set(cohort.assays)) == ("tidy", {"mrna"})


def test_a_flat_folder_with_long_tables_stays_one(write: Any, tmp_path: Path) -> None:
    write("clinical.tsv", CLINICAL)
    write("protein.csv", "sample,gene,value\nP1,IGF1R,5\nP2,IGF1R,6\n")
    write("more.csv", "sample,gene,value\nP1,IGF1R,5\n")
    cohort = read_cohort(tmp_path)
    assert (cohort.choices["layout"]["name"], set(cohort.assays)) == ("flat", {"protein"})
    assert cohort.choices["ignored_files"] == ["more.csv"]


def test_rows_that_contradict_each_other(write: Any, tmp_path: Path) -> None:
    write("clinical.tsv", CLINICAL)
    write("tidy.tsv", TIDY + "P1\tmRNA\tIGF1R\t5\nP2\tmRNA\tIGF1R\t9\nP1\tProtein\tIGF1R\t8\n")
    with pytest.raises(DataError) as caught:
        read_cohort(tmp_path)
    text = str(caught.value)
    assert "tidy.tsv:9: 1 row with a gene and sample that an earlier row gives another value (line 9)" in text
    assert "tidy.tsv:10: 1 row" in text


def test_words_that_are_no_assay(write: Any, tmp_path: Path) -> None:
    write("clinical.tsv", CLINICAL)
    write("tidy.tsv", TIDY.replace("Protein", "metabolite").replace("CNV", ""))
    with pytest.raises(
        DataError, match=r"tidy\.tsv:5: column 'modality': no assay of numbers: 'metabolite' \(2 rows\)"
    ):
        read_cohort(tmp_path)
    write("tidy.tsv", TIDY.replace("Protein", "mutation"))
    with pytest.raises(DataError, match=r"'mutation'.*Call it mrna, protein"):
        read_cohort(tmp_path)


def test_a_yaml_names_the_assay(write: Any, tmp_path: Path) -> None:
    write("clinical.tsv", CLINICAL)
    write("x.tsv", "sample\tgene\tvalue\nP1\tIGF1R\t5\n")
    yaml = write("c.yaml", "name: c\nlayout: tidy\nclinical: clinical.tsv\nserum: x.tsv\n")
    assert set(read_cohort(yaml).assays) == {"serum"}
    with pytest.raises(DataError, match="no long table"):
        read_cohort(write("d.yaml", "name: d\nlayout: tidy\nclinical: clinical.tsv\nserum: clinical.tsv\n"))


def test_a_pointer_in_place_of_the_table(write: Any, tmp_path: Path) -> None:
    write("clinical.tsv", CLINICAL)
    write("tidy.tsv", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    with pytest.raises(DataError, match="git lfs pull"):
        read_cohort(tmp_path, layout="tidy")
