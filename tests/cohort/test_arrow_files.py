"""Columns of typed files: Feather beside Parquet, only those that are asked for, their numbers as their text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from strata.cohort import read_cohort
from strata.cohort.arrow_files import ArrowFile
from strata.errors import DataError

GENES = pd.DataFrame({"1": [6.5, 7.0], "2": [8.0, None]}, index=pd.Index(["IGF1R", "SPHK1"], name="Hugo_Symbol"))
SAMPLES = GENES.T.rename_axis("sample_id")


def parquet(frame: pd.DataFrame, folder: Path) -> Path:
    path = folder / "mrna.parquet"
    frame.to_parquet(path)
    return path


def feather(frame: pd.DataFrame, path: Path, **options: Any) -> Path:
    frame.reset_index().to_feather(path, **options)
    return path


@pytest.mark.parametrize("frame", [GENES, SAMPLES])
@pytest.mark.parametrize("name", ["mrna.feather", "mrna.arrow", "mrna.table"])
@pytest.mark.parametrize("compression", ["lz4", "uncompressed"])
def test_a_matrix_in_feather(tmp_path: Path, write: Any, frame: pd.DataFrame, name: str, compression: str) -> None:
    write("clinical.tsv", "patient_id\tage\n1\t50\n2\t60\n")
    feather(frame, tmp_path / name, compression=compression)
    assay = read_cohort(tmp_path).assays["mrna"]
    values = assay.read(["SPHK1", "IGF1R"])
    assert values["IGF1R"].tolist() == [6.5, 8.0]
    assert values["SPHK1"].isna().tolist() == [False, True]


def test_tables_in_feather(tmp_path: Path) -> None:
    feather(
        pd.DataFrame({"patient_id": ["1", "2"], "age": [50, 60]}).set_index("patient_id"), tmp_path / "clinical.feather"
    )
    long = pd.DataFrame({"sample": ["1", "2", "2"], "gene": ["A", "A", "B"], "value": [1.5, 2.5, 3.5]})
    feather(long.set_index("sample"), tmp_path / "mrna.feather")
    cohort = read_cohort(tmp_path)
    assert cohort.clinical["age"].tolist() == ["50", "60"]
    assert cohort.assays["mrna"].read(["B", "A"]).loc["2"].tolist() == [3.5, 2.5]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"ARROW1\0\0rest", "not a complete Feather file"),
        (b"ARROW1\0\0" + b"x" * 80 + b"ARROW1", "not a whole Feather file"),
        (b"FEA1" + b"x" * 80, "Feather file of version 1"),
        (b"gene,1\nA,2\n", "the content is not Feather"),
    ],
)
def test_feather_files_that_cannot_be_used(tmp_path: Path, write: Any, content: bytes, words: str) -> None:
    write("clinical.tsv", "patient_id\tage\n1\t50\n")
    (tmp_path / "mrna.feather").write_bytes(content)
    with pytest.raises(DataError, match=rf"mrna\.feather: .*{words}"):
        read_cohort(tmp_path)


@pytest.mark.parametrize("kind", ["parquet", "feather"])
def test_only_the_columns_that_are_asked_for_are_read(
    tmp_path: Path, write: Any, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    write("clinical.tsv", "patient_id\tage\n1\t50\n2\t60\n")
    wide = pd.DataFrame({"sample_id": ["1", "2"], **{f"G{i}": [float(i), -float(i)] for i in range(50)}})
    getattr(wide, f"to_{kind}")(tmp_path / f"mrna.{kind}")
    assay = read_cohort(tmp_path).assays["mrna"]
    read: set[str] = set()
    table = ArrowFile.table
    monkeypatch.setattr(ArrowFile, "table", lambda file, names: read.update(names) or table(file, names))
    assert assay.read(["G7", "G3"]).loc["2"].tolist() == [-7.0, -3.0]
    assert read == {"G3", "G7"}


@pytest.mark.parametrize("kind", ["float32", "int64", "float64", "object", "Int16"])
def test_every_type_gives_the_numbers_of_its_text(tmp_path: Path, write: Any, kind: str) -> None:
    write("clinical.tsv", "patient_id\tage\n1\t50\n2\t60\n3\t70\n")
    cells: list[Any] = ["8", "-1", "NA"] if kind == "object" else [8, -1, 3]
    frame = pd.DataFrame({"sample_id": ["1", "2", "3"], "A": pd.Series(cells, dtype=kind)})
    frame["B"] = pd.Series(
        [8.1, 0.30000000000000004, float("nan")], dtype="float32" if kind == "float32" else "float64"
    )
    values = read_cohort(parquet(frame, tmp_path).parent).assays["mrna"].read(["A", "B"])
    assert values["A"].tolist()[:2] == [8.0, -1.0]
    assert values["B"].tolist()[:2] == frame["B"].astype(float).tolist()[:2]
    assert values.isna().to_numpy()[2].tolist() == [kind == "object", True]


def test_an_infinite_number_is_placed(tmp_path: Path, write: Any) -> None:
    write("clinical.tsv", "patient_id\tage\n1\t50\n2\t60\n")
    frame = pd.DataFrame({"gene": ["A", "B"], "1": [1.0, 2.0], "2": [float("-inf"), 3.5]})
    assay = read_cohort(parquet(frame, tmp_path).parent).assays["mrna"]
    assert assay.read(["B"])["B"].tolist() == [2.0, 3.5]
    with pytest.raises(DataError, match=r"row 1 column 2: 1 cell infinite: '-inf'"):
        assay.read(["A", "B"])
