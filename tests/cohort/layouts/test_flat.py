"""The flat layout: what a file name tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from strata.cohort import read_cohort
from strata.cohort.layouts.flat import kind_of
from strata.errors import DataError


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("clinical.tsv.gz", "clinical"),
        ("Clinical_data.csv", "clinical"),
        ("expression_zscores.tsv.gz", "mrna"),
        ("mRNA.parquet", "mrna"),
        ("RPPAArray.tsv", "protein"),
        ("protein.tsv", "protein"),
        ("mutations.maf", "mutation"),
        ("maf.txt", "mutation"),
        ("gistict.tsv", "copy_number"),
        ("cna.tsv", "copy_number"),
        ("copy_number.tsv", "copy_number"),
        ("serum.csv", "serum"),
        ("germline.tsv", "germline"),
        ("miRNASeqGene.tsv.gz", "mirna"),
        ("samples.tsv", "samples"),
        ("mutation_panel_samples.tsv.gz", "panel"),
        ("clinical_sequenced.txt", "panel"),
        ("expression.zip", "mrna"),
        ("README.md", ""),
        ("cohort.yaml", ""),
        ("signature.yaml", ""),
        (".clinical.tsv.swp", ""),
    ],
)
def test_kinds(name: str, kind: str) -> None:
    assert kind_of(name) == kind


def test_a_folder_without_a_clinical_table(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    with pytest.raises(DataError, match="no clinical table"):
        read_cohort(tmp_path)


def test_other_files_are_ignored_and_named(tmp_path: Path) -> None:
    (tmp_path / "clinical.tsv").write_text("patient_id\tage\nP1\t50\n", encoding="utf-8")
    (tmp_path / "supplement.tsv").write_text("x", encoding="utf-8")
    cohort = read_cohort(tmp_path)
    assert cohort.choices["ignored_files"] == ["supplement.tsv"]
    assert any("supplement.tsv" in note for note in cohort.notes)
