"""Parquet: which column names the rows, and tables with an index."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from strata.cohort import ReadOptions, read_cohort
from strata.cohort.findings import Findings
from strata.cohort.parquet import open_parquet_matrix, parquet_rows
from strata.cohort.table import read_table
from strata.errors import DataError

GENES = pd.DataFrame({"1": [6.5, 7.0], "2": [8.0, None]}, index=pd.Index(["IGF1R", "SPHK1"], name="Hugo_Symbol"))
SAMPLES = GENES.T.rename_axis("sample_id")


def written(frame: pd.DataFrame, path: Path, **options: Any) -> Path:
    frame.to_parquet(path, **options)
    return path


@pytest.mark.parametrize(
    "frame",
    [
        GENES,
        GENES.rename_axis(None),
        GENES.reset_index(),
        GENES.reset_index().assign(Entrez_Gene_Id=[3480, 8877], Description=["a", "b"]).set_axis([3, 9]),
        SAMPLES,
        SAMPLES.rename_axis(None),
        SAMPLES.reset_index().astype({"sample_id": int}),
        SAMPLES.set_axis(pd.Index([1, 2], name="patient_id")),
        SAMPLES.set_axis(pd.Index([1, 2])),
    ],
)
def test_a_matrix_however_it_lies_and_is_indexed(write: Any, tmp_path: Path, frame: pd.DataFrame) -> None:
    write("clinical.tsv", "patient_id\tage\n1\t50\n2\t60\n")
    written(frame, tmp_path / "mrna.parquet")
    assay = read_cohort(tmp_path).assays["mrna"]
    assert tuple(assay.features) == ("IGF1R", "SPHK1")
    assert assay.scale("IGF1R") == "log2"
    values = assay.read(["SPHK1", "IGF1R"])
    assert values["IGF1R"].tolist() == [6.5, 8.0]
    assert values["SPHK1"].isna().tolist() == [False, True]


@pytest.mark.parametrize("index", ["patient_id", None])
def test_a_clinical_table_may_keep_its_ids_in_the_index(tmp_path: Path, index: str | None) -> None:
    frame = pd.DataFrame({"os_months": [1.5, 2.0], "os_event": [True, False]}, index=pd.Index(["a", "b"], name=index))
    table = read_table(written(frame, tmp_path / "clinical.parquet"), ReadOptions(), Findings())
    assert table.find("patient_id") == "patient_id"
    assert table.column("patient_id") == ["a", "b"]
    assert table.column("os_months") == ["1.5", "2"]
    assert table.column("os_event") == ["True", "False"]


def test_an_index_that_counts_rows_is_left_out(tmp_path: Path) -> None:
    frame = pd.DataFrame({"patient_id": ["a", "b"], "age": [1, None]}, index=[5, 8])
    assert list(parquet_rows(written(frame, tmp_path / "t.parquet"))) == [
        (0, ["patient_id", "age"]),
        (1, ["a", "1"]),
        (2, ["b", ""]),
    ]


def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    numbers = written(pd.DataFrame({"x": [1.0], "y": [2.0]}), tmp_path / "n.parquet")
    with pytest.raises(DataError, match="no text column names the rows"):
        open_parquet_matrix(numbers, ReadOptions())
    bare = written(pd.DataFrame({"gene": ["A"]}), tmp_path / "b.parquet")
    with pytest.raises(DataError, match="1 rows and 0 columns of values"):
        open_parquet_matrix(bare, ReadOptions())
