"""AnnData files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from strata.cohort import read_cohort
from strata.errors import DataError, UsageError

FIT = pd.__version__ < "3"
"""The anndata that pip finds for pandas 3 was made before it and does not work with it."""

pytestmark = pytest.mark.skipif(not FIT, reason="anndata does not work with pandas 3 yet")


def made(path: Path, x: Any = None, **parts: Any) -> Path:
    anndata = pytest.importorskip("anndata")
    x = np.array([[1.0, 2.0, 3.0, 4.0], [5.0, np.nan, 7.0, 8.0], [9.0, 10.0, 11.0, 12.0]]) if x is None else x
    obs = pd.DataFrame(
        {
            "er": pd.Categorical(["pos", "neg", None]),
            "os_months": [1.0, 2.5, np.nan],
            "os_event": [True, False, True],
            "OS_STATUS": pd.Categorical(["1:DECEASED", "0:LIVING", "1:DECEASED"]),
            "age": pd.array([60, None, 62], dtype="Int64"),
        },
        index=["P1", "P2", "P3"],
    )
    var = pd.DataFrame(index=["IGF1R", "SPHK1", "PTEN", "ESR1"])
    anndata.AnnData(x, **{"obs": obs, "var": var, **parts}).write_h5ad(path)
    return path


def test_samples_are_obs_and_clinical_columns_come_from_it(tmp_path: Path) -> None:
    made(tmp_path / "x.h5ad")
    cohort = read_cohort(tmp_path)
    assert cohort.choices["layout"] == {"name": "h5ad", "why": "the folder has x.h5ad"}
    assert list(cohort.patients) == ["P1", "P2", "P3"]
    assert cohort.clinical["er"].fillna("").tolist() == ["positive", "negative", ""]
    assert cohort.clinical["age"].fillna("").tolist() == ["60", "", "62"]
    assert cohort.endpoint("OS").time.fillna(-1).tolist() == [1.0, 2.5, -1.0]
    assert cohort.endpoint("OS").event.tolist() == [True, False, True]
    values = cohort.assays["mrna"].read(["ESR1", "SPHK1"])
    assert np.array_equal(values, [[4.0, 2.0], [8.0, np.nan], [12.0, 10.0]], equal_nan=True)
    assert [path.name for path in cohort.source] == ["x.h5ad"]


@pytest.mark.parametrize("form", ["csr_matrix", "csc_matrix", "dense"])
@pytest.mark.parametrize("block", [1, 1 << 22])
def test_sparse_and_dense_in_blocks(tmp_path: Path, monkeypatch: Any, form: str, block: int) -> None:
    sparse = pytest.importorskip("scipy.sparse")
    dense = np.arange(12.0).reshape(3, 4)
    monkeypatch.setattr("strata.cohort.h5ad._CELLS", block)
    made(tmp_path / "x.h5ad", dense if form == "dense" else getattr(sparse, form)(dense))
    assay = read_cohort(tmp_path).assays["mrna"]
    assert assay.read(["PTEN", "IGF1R"]).to_numpy().tolist() == [[2.0, 0.0], [6.0, 4.0], [10.0, 8.0]]
    assert assay.read(["SPHK1", "PTEN"]).to_numpy().tolist() == [[1.0, 2.0], [5.0, 6.0], [9.0, 10.0]]


@pytest.mark.parametrize(
    ("uns", "scale"),
    [
        ({"scale": "z-score"}, "z-score"),
        ({"scale": "counts", "log1p": {"base": 2}}, "counts"),
        ({"log1p": {"base": 2}}, "log2"),
        ({"log1p": {"base": None}}, "unknown"),
        ({"log1p": {"base": 10}}, "unknown"),
        ({"scale": "rpkm"}, "log2"),
        ({}, "log2"),
    ],
)
def test_the_scale_is_as_uns_states_it(tmp_path: Path, uns: dict[str, Any], scale: str) -> None:
    made(tmp_path / "x.h5ad", uns=uns)
    cohort = read_cohort(tmp_path)
    assert cohort.assays["mrna"].scale("IGF1R") == scale
    assert any("natural logarithms" in note for note in cohort.notes) == (uns == {"log1p": {"base": None}})
    assert any("'rpkm', none of" in note for note in cohort.notes) == (uns == {"scale": "rpkm"})
    assert read_cohort(tmp_path, read={"scale": "linear"}).assays["mrna"].scale("IGF1R") == "linear"


def test_symbols_in_var_and_patients_in_obs(tmp_path: Path) -> None:
    var = pd.DataFrame({"gene_symbol": ["IGF1R", "SPHK1", "PTEN", "ESR1"]}, index=[f"ENSG{i}" for i in range(4)])
    obs = pd.DataFrame({"patient_id": ["A", "A", "B"]}, index=["S1", "S2", "S3"])
    made(tmp_path / "x.h5ad", obs=obs, var=var, layers={"raw_counts": np.ones((3, 4))})
    cohort = read_cohort(tmp_path, read={"sample_rule": "first"})
    assert list(cohort.patients) == ["A", "B"]
    assert cohort.assays["mrna"].read(["IGF1R"])["IGF1R"].tolist() == [1.0, 9.0]
    assert any("by .var column gene_symbol; not used: raw_counts" in note for note in cohort.notes)


def test_one_file_for_each_assay_and_tables_beside(tmp_path: Path, write: Any) -> None:
    made(tmp_path / "protein_rppa.h5ad", obs=pd.DataFrame(index=["P1", "P2", "P3"]))
    made(tmp_path / "expression.h5ad")
    write("mutations.tsv", "patient_id\tgene\nP1\tTP53\n")
    cohort = read_cohort(tmp_path)
    assert set(cohort.assays) == {"mrna", "protein"}
    assert set(cohort.mutations) == {"mutation"}
    made(tmp_path / "mutation.h5ad")
    with pytest.raises(DataError, match="mutation is not read from AnnData files"):
        read_cohort(tmp_path)


def test_cells_that_are_infinite_are_refused(tmp_path: Path) -> None:
    made(tmp_path / "x.h5ad", np.array([[np.inf, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1]]))
    assay = read_cohort(tmp_path).assays["mrna"]
    assert assay.read(["SPHK1"])["SPHK1"].tolist() == [1.0, 1.0, 1.0]
    with pytest.raises(DataError, match=r"x\.h5ad: row 1 column 1: 1 cell infinite"):
        assay.read(["IGF1R"])


def test_files_that_are_something_else(tmp_path: Path, write: Any) -> None:
    h5py = pytest.importorskip("h5py")
    whole = made(tmp_path / "x.h5ad").read_bytes()
    (tmp_path / "x.h5ad").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="no whole HDF5 file"):
        read_cohort(tmp_path)
    with h5py.File(tmp_path / "x.h5ad", "w") as file:
        file["X"] = np.ones(3)
    with pytest.raises(DataError, match="no AnnData file: it has no obs, no var"):
        read_cohort(tmp_path)
    write("x.h5ad", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    with pytest.raises(DataError, match="git lfs pull"):
        read_cohort(tmp_path)


def test_a_file_that_is_replaced_after_it_was_opened(tmp_path: Path) -> None:
    made(tmp_path / "x.h5ad")
    assay = read_cohort(tmp_path).assays["mrna"]
    made(tmp_path / "x.h5ad", np.ones((3, 4)))
    with pytest.raises(Exception, match="changed after it was opened"):
        assay.read(["IGF1R"])


def test_without_anndata_the_extra_is_named(tmp_path: Path, write: Any, monkeypatch: Any) -> None:
    write("x.h5ad", b"\x89HDF\r\n\x1a\n")
    monkeypatch.setitem(sys.modules, "anndata", None)
    monkeypatch.setitem(sys.modules, "anndata.io", None)
    with pytest.raises(UsageError, match=r"pip install 'strata-cohort\[h5ad\]'"):
        read_cohort(tmp_path)


def test_an_anndata_that_does_not_work_with_pandas_3_is_refused(tmp_path: Path, monkeypatch: Any) -> None:
    pytest.importorskip("anndata")
    made(tmp_path / "x.h5ad")
    versions = {"anndata": "0.12.6", "pandas": "3.1.1"}
    monkeypatch.setattr("strata.cohort.h5ad.version", versions.__getitem__)
    with pytest.raises(UsageError, match=r"anndata 0\.12\.6 does not work with pandas 3\.1\.1"):
        read_cohort(tmp_path)


def test_in_a_flat_folder_the_layout_is_named(tmp_path: Path, write: Any) -> None:
    write("clinical.tsv", "patient_id\nP1\nP2\nP3\n")
    made(tmp_path / "mrna.h5ad")
    with pytest.raises(DataError, match=r"An \.h5ad file takes layout h5ad"):
        read_cohort(tmp_path, layout="flat")
