"""The cache of parsed matrices: the same numbers with and without, whatever happened to it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from strata.cohort import Cohort, read_cohort
from strata.errors import DataError, InputOutputError


@pytest.fixture
def folder(write: Any, small: Any) -> Path:
    write("clinical.tsv", small.clinical())
    rows = [["gene", *small.ids]]
    rows += [[f"G{i}", *(f"{i}.{j}5" for j in range(11)), "NA" if i % 3 else "9999"] for i in range(30)]
    rows[8][2] = "low"
    path: Path = write("study/mrna.tsv", rows)
    write("study/clinical.tsv", small.clinical())
    return path.parent


def opened(folder: Path, cache: Path, **read: Any) -> Cohort:
    return read_cohort(folder, read={"cache": str(cache), **read})


def entries(cache: Path) -> list[Path]:
    return sorted(cache.iterdir())


GOOD = [f"G{i}" for i in range(30) if i != 7]


@pytest.mark.parametrize("turned", [False, True])
def test_numbers_are_the_same_the_first_and_the_second_time(
    folder: Path, tmp_path: Path, write: Any, small: Any, turned: bool
) -> None:
    if turned:
        cells = [line.split("\t") for line in (folder / "mrna.tsv").read_text().splitlines()]
        write("study/mrna.tsv", small.transposed(cells))
    plain = read_cohort(folder).assays["mrna"].read(GOOD)
    cache = tmp_path / "deep" / "cache"
    for words in ("parsed and kept in the cache", "numbers from the cache"):
        cohort = opened(folder, cache)
        assert any(f"mrna.tsv: {words}" in note for note in cohort.notes)
        assert cohort.assays["mrna"].read(GOOD).equals(plain)
        assert cohort.assays["mrna"].read(["G9", "G2"]).equals(plain[["G9", "G2"]])
        with pytest.raises(DataError, match="'low'"):
            cohort.assays["mrna"].read(["G7"])
    (entry,) = entries(cache)
    assert entry.stat().st_mode & 0o77 == 0


@pytest.mark.parametrize("kind", ["parquet", "feather"])
def test_columnar_and_scaled_tables(write: Any, small: Any, tmp_path: Path, kind: str) -> None:
    import pandas as pd

    write("study/clinical.tsv", small.clinical())
    frame = pd.DataFrame({"gene": ["FGFR1", "MYC"], **{patient: [1.0, 3.0] for patient in small.ids}})
    getattr(frame, f"to_{kind}")(tmp_path / "study" / f"cna.{kind}")
    for _ in range(2):
        assay = opened(tmp_path / "study", tmp_path / "cache").assays["copy_number"]
        assert set(assay.read(["FGFR1"])["FGFR1"]) == {1.0}
        with pytest.raises(DataError, match="'3'"):
            assay.read(["MYC"])


def test_what_is_read_otherwise_is_another_entry(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    opened(folder, cache)
    coded = opened(folder, cache, na="9999").assays["mrna"].read(["G0"])
    assert np.isnan(coded.iloc[-1, 0])
    assert opened(folder, cache).assays["mrna"].read(["G0"]).iloc[-1, 0] == 9999.0
    assert len(entries(cache)) == 2
    (folder / "mrna.tsv").write_text((folder / "mrna.tsv").read_text().replace("0.05", "8.25"))
    assert opened(folder, cache).assays["mrna"].read(["G0"]).iloc[0, 0] == 8.25
    assert len(entries(cache)) == 3


@pytest.mark.parametrize("damage", ["cut", "empty", "header", "pickle", "shape"])
def test_a_damaged_entry_is_made_again(folder: Path, tmp_path: Path, damage: str) -> None:
    cache = tmp_path / "cache"
    plain = opened(folder, cache).assays["mrna"].read(GOOD)
    (entry,) = entries(cache)
    whole = entry.read_bytes()
    if damage == "pickle":
        np.save(entry, np.array([{"os": "system"}], dtype=object), allow_pickle=True)
    elif damage == "shape":
        np.save(entry, np.zeros((30, 12)))
    else:
        entry.write_bytes({"cut": whole[:-9], "empty": b"", "header": b"x" * len(whole)}[damage])
    cohort = opened(folder, cache)
    assert any("parsed and kept" in note for note in cohort.notes)
    assert cohort.assays["mrna"].read(GOOD).equals(plain)
    assert entries(cache) == [entry]
    assert entry.read_bytes() == whole


def test_a_damaged_row_is_read_from_the_table_itself(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    plain = opened(folder, cache).assays["mrna"].read(GOOD)
    (entry,) = entries(cache)
    whole = entry.read_bytes()
    data = bytearray(whole)
    data[-100] ^= 1
    entry.write_bytes(bytes(data))
    assay = opened(folder, cache).assays["mrna"]
    assert assay.read(["G1"]).equals(plain[["G1"]])
    assert entry.exists()
    assert assay.read(GOOD).equals(plain)
    assert not entry.exists()
    assert assay.read(GOOD).equals(plain)
    opened(folder, cache)
    assert entry.read_bytes() == whole


def test_a_file_that_changed_after_it_was_opened_is_refused(folder: Path, tmp_path: Path) -> None:
    assay = opened(folder, tmp_path / "cache").assays["mrna"]
    os.utime(folder / "mrna.tsv", ns=(1, 1))
    with pytest.raises(InputOutputError, match="changed after it was opened"):
        assay.read(["G1"])


def test_a_folder_that_cannot_be(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputOutputError, match=r"clinical\.tsv/x: cannot be a folder for a cache.*--cache"):
        opened(folder, folder / "clinical.tsv" / "x")

    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("strata.cohort.matrix_cache.whole_file", full)
    cohort = opened(folder, tmp_path / "cache")
    assert "mrna.tsv: not kept in the cache (No space left on device)" in cohort.notes
    assert cohort.assays["mrna"].read(["G1"]).iloc[0, 0] == 1.05


def test_an_entry_is_for_its_owner_alone(folder: Path, tmp_path: Path) -> None:
    opened(folder, tmp_path / "cache").assays["mrna"].read(["G1"])
    (entry,) = entries(tmp_path / "cache")
    assert entry.stat().st_mode & 0o777 == 0o600


def test_nothing_half_written_stays_behind(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("strata.cohort.matrix_cache._with_checksums", full)
    assert any("not kept" in note for note in opened(folder, tmp_path / "cache").notes)
    assert entries(tmp_path / "cache") == []


def test_a_cohort_yaml_names_it_from_its_own_folder(folder: Path) -> None:
    (folder / "cohort.yaml").write_text("name: a\nclinical: clinical.tsv\nmrna: mrna.tsv\nread: {cache: kept}\n")
    read_cohort(folder / "cohort.yaml")
    assert len(entries(folder / "kept")) == 1
