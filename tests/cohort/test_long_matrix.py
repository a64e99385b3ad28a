"""Long tables of numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from strata.cohort import ReadOptions, read_cohort
from strata.cohort.long_matrix import open_long_matrix
from strata.errors import DataError

LONG = "Hugo_Symbol\tEntrez_Gene_Id\tSample_Id\tValue\nFGFR1\t1\tS1\t2\nPTEN\t2\tS1\t-1\nFGFR1\t1\tS2\t-1.5\n"


def test_a_long_table_is_read_as_a_matrix(write: Any) -> None:
    opened = open_long_matrix(write("cna.tsv", LONG), ReadOptions())
    assert opened is not None
    matrix = opened.matrix
    assert (matrix.row_names, matrix.column_names, matrix.line(1)) == (("FGFR1", "PTEN"), ("S1", "S2"), 3)
    assert dict(matrix.rows([1])) == {1: ["-1", ""]}
    assert matrix.columns([1, 0]) == [["-1.5", ""], ["2", "-1"]]


def test_a_pair_without_a_row_is_unknown(write: Any) -> None:
    write("clinical.tsv", "patient_id\tsample_id\nP1\tS1\nP2\tS2\nP3\tS3\n")
    assay = read_cohort(write("cna.tsv", LONG).parent).assays["copy_number"]
    assert assay.assayed == frozenset({"P1", "P2"})
    values = assay.read(["FGFR1", "PTEN"])
    assert values["FGFR1"].tolist()[:2] == [2.0, -1.5]
    assert values["PTEN"].isna().tolist() == [False, True, True]


@pytest.mark.parametrize(
    "header",
    ["gene\tS1\tS2", "sample_id\tA\tB", "gene\tsample\tchange", "value\tS1", "sample_id\tvalue", "protein\tvalue"],
)
def test_other_tables_are_not_long(write: Any, header: str) -> None:
    row = "\t".join("x" for _ in header.split("\t"))
    assert open_long_matrix(write("t.tsv", f"{header}\n{row}\n"), ReadOptions()) is None


def test_faults(write: Any, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="line 5 has 3"):
        open_long_matrix(write("a.tsv", LONG + "PTEN\t2\tS2\n"), ReadOptions())
    with pytest.raises(DataError, match=r"b\.tsv:5: 1 row with a gene and sample that an earlier row"):
        open_long_matrix(write("b.tsv", LONG + "PTEN\t2\tS1\t0\n"), ReadOptions())
    write("clinical.tsv", "patient_id\nS1\nS2\n")
    write("cna.tsv", LONG.replace("-1.5", "high"))
    (tmp_path / "a.tsv").unlink()
    assay = read_cohort(tmp_path).assays["copy_number"]
    with pytest.raises(DataError, match="gene from line 2, sample 2: 1 cell not a number: 'high'"):
        assay.read(["FGFR1"])


@pytest.mark.parametrize("name", ["protein", "Analyte", "antibody", "feature", "Marker"])
@pytest.mark.parametrize("ids", ["patient_id", "patient_id\tsample_id", "sample_id"])
def test_other_names_of_the_column_of_genes(write: Any, name: str, ids: str) -> None:
    names = ids.split("\t")
    rows = "".join("\t".join(["S1"] * len(names)) + f"\t{gene}\t{i}\n" for i, gene in enumerate(("PTEN", "AKT1")))
    opened = open_long_matrix(write("serum.tsv", f"{ids}\t{name}\tvalue\n{rows}"), ReadOptions())
    assert opened is not None
    assert (opened.matrix.row_names, opened.matrix.column_names) == (("PTEN", "AKT1"), ("S1",))


def test_a_column_of_genes_goes_before_one_of_antibodies(write: Any) -> None:
    text = "patient_id\tprotein\tgene\tvalue\nS1\tx\tPTEN\t1\n"
    opened = open_long_matrix(write("protein.tsv", text), ReadOptions())
    assert opened is not None
    assert opened.matrix.row_names == ("PTEN",)
