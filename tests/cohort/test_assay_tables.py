"""Opening assays: every kind of table however it is written, which way it lies, whose samples it holds."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from strata.cohort import Cohort, read_cohort
from strata.errors import DataError

SYNTHETIC = Path(__file__).resolve().parents[2] / "synthetic" / "figure2-breast" / "flat"
KINDS = ("mrna", "protein", "copy_number", "serum", "mirna")
CLINICAL = "patient_id\tage\nP1\t50\nP2\t60\nP3\t70\n"


def rewritten(folder: Path, name: str, way: str) -> None:
    """One table of numbers, genes in rows, written another way."""
    frame = pd.read_csv(SYNTHETIC / f"{name}.tsv", sep="\t", index_col=0, dtype=str)
    if "transposed" in way:
        frame = frame.T.rename_axis("Sample_ID")
    if "shuffled" in way:
        frame = frame.iloc[::-1, ::-1]
    if "annotated" in way:
        frame.insert(0, "Entrez_Gene_Id", range(len(frame)))
        frame.insert(1, "Description", "a text, with a comma")
        frame.insert(2, "Chromosome", "8")
    if "parquet" in way:
        numbers = frame.astype(float)
        named = {frame.index.name: frame.index, **{column: numbers[column].to_numpy() for column in numbers}}
        (numbers if "index" in way else pd.DataFrame(named)).to_parquet(folder / f"{name}.parquet")
        return
    text = frame.to_csv(sep="," if "csv" in way else "\t")
    suffix = ".csv" if "csv" in way else ".tsv"
    if "gz" in way:
        (folder / f"{name}{suffix}.gz").write_bytes(gzip.compress(text.encode()))
    else:
        (folder / f"{name}{suffix}").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def expected() -> Cohort:
    return read_cohort(SYNTHETIC)


@pytest.mark.parametrize(
    "way",
    [
        "csv gz",
        "annotated csv",
        "transposed",
        "transposed csv shuffled",
        "shuffled gz",
        "parquet",
        "parquet index",
        "parquet transposed",
        "parquet transposed index shuffled",
    ],
)
def test_every_kind_of_table_however_it_is_written(expected: Cohort, tmp_path: Path, way: str) -> None:
    for path in SYNTHETIC.glob("*.tsv"):
        if path.stem not in KINDS:
            shutil.copy(path, tmp_path / path.name)
    for kind in KINDS:
        rewritten(tmp_path, kind, way)
    cohort = read_cohort(tmp_path)
    for kind in KINDS:
        ours, theirs = cohort.assays[kind], expected.assays[kind]
        pd.testing.assert_frame_equal(ours.read(theirs.features), theirs.read(theirs.features), rtol=1e-12)
        assert sorted(ours.features) == sorted(theirs.features)
        assert (ours.assayed, ours.scale(theirs.features[0])) == (theirs.assayed, theirs.scale(theirs.features[0]))
        table = cohort.choices["assays"][kind]["tables"][0]
        assert table["orientation"] == ("samples-in-rows" if "transposed" in way else "genes-in-rows")


@pytest.mark.parametrize("header", ["Hugo_Symbol", "Gene.Symbol", "gene symbol", "HGNC_Symbol", "Gene Name", "SYMBOL"])
def test_the_symbol_names_the_rows_wherever_it_stands(write: Any, header: str) -> None:
    write("clinical.tsv", CLINICAL)
    text = f"Entrez_Gene_Id\t{header}\tCytoband\tP1\tP2\n3480\tIGF1R\t15q26\t6\t7\n8877\tSPHK1\t17q25\t8\t9\n"
    assay = read_cohort(write("mrna.tsv", text).parent).assays["mrna"]
    assert tuple(assay.features) == ("IGF1R", "SPHK1")
    assert assay.assayed == frozenset({"P1", "P2"})


def test_columns_that_are_no_samples_do_not_decide_the_scale(write: Any) -> None:
    write("clinical.tsv", CLINICAL)
    text = "gene\tposition\tP1\tP2\nA\t1000000\t6.5\t7\nB\t2000000\t8\t9\n"
    cohort = read_cohort(write("mrna.tsv", text).parent)
    assert cohort.assays["mrna"].scale("A") == "log2"
    assert any("1 of 3 samples have no clinical row" in note for note in cohort.notes)


def test_the_orientation_is_an_error_only_when_both_axes_hold_ids_or_neither(write: Any, tmp_path: Path) -> None:
    write("clinical.tsv", CLINICAL)
    write("mrna.tsv", "gene\tP1\tP2\nP3\t1\t2\nB\t3\t4\n")
    with pytest.raises(DataError, match=r"both axes hold ids of the cohort.*orientation=genes-in-rows"):
        read_cohort(tmp_path)
    # the option is for the table that needs it; another lies the other way for certain
    write("protein.tsv", "sample\tAKT1\nP1\t1\nP2\t2\n")
    cohort = read_cohort(tmp_path, read={"orientation": "genes-in-rows"})
    assert tuple(cohort.assays["mrna"].features) == ("P3", "B")
    assert cohort.assays["protein"].read(["AKT1"])["AKT1"].tolist()[:2] == [1.0, 2.0]
    write("mrna.tsv", "gene\tX1\nA\t1\n")
    with pytest.raises(DataError, match="no patient or sample of the clinical table is in this table"):
        read_cohort(tmp_path)


def test_ids_that_look_like_numbers_stay_texts(write: Any) -> None:
    ids = ["007", "1E5", "1.0", "NA", "10"]
    write("clinical.csv", "Patient\n" + "\n".join(ids) + "\n")
    write("mrna.csv", "," + ",".join(ids) + "\nA,1,2,3,4,5\n")
    cohort = read_cohort(write("protein.csv", "ID,AKT1\n" + "".join(f"{i},7\n" for i in ids)).parent)
    assert list(cohort.patients) == ["1.0", "1E5", "007", "10", "NA"]
    assert cohort.assays["mrna"].read(["A"])["A"].to_dict() == dict(zip(ids, [1.0, 2.0, 3.0, 4.0, 5.0]))
    assert cohort.assays["protein"].assayed == frozenset(ids)


def test_samples_of_the_matrix_are_linked_by_the_yaml(write: Any) -> None:
    write("clinical.tsv", CLINICAL)
    write("e.tsv", "gene\tS1\tS2\nA\t1\t2\n")
    yaml = write("c.yaml", "name: a\nclinical: clinical.tsv\nmrna: e.tsv\nsamples: {S1: P2, S2: P3}\n")
    assert read_cohort(yaml).assays["mrna"].read(["A"])["A"].tolist()[1:] == [1.0, 2.0]
