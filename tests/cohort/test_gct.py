"""GCT 1.2 and 1.3."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from strata.cohort import read_cohort
from strata.errors import DataError
from strata.writing import write_gct
from strata.writing.of_cohort import tables_of_cohort
from strata.writing.tables import NumberTable
from strata.writing.text import shortest

CLINICAL = "patient_id\tos_months\tos_event\nP1\t1\t1\nP2\t2\t0\nP3\t3\t1\n"
GCT2 = "#1.2\n2\t3\nNAME\tDescription\tP1\tP2\tP3\nIGF1R\ta b\t1.5\t\t3.5\nSPHK1\tna\tna\t-666\t6\n"
GCT3 = (
    "#1.3\n2\t3\t2\t2\nid\tgene_symbol\tchip\tP1\tP2\tP3\nbatch\tna\tna\t7\t8\tA\nage\tna\tna\t60\t61\t62\n"
    "1_at\tIGF1R\tx\t1.5\t-666.0\t3.5\n2_at\tSPHK1\tx\tNA\t5\t6\n"
)


def read(tmp_path: Path, kind: str = "mrna") -> Any:
    return read_cohort(tmp_path).assays[kind].read(["IGF1R", "SPHK1"]).to_numpy().T.tolist()


NAN = float("nan")


@pytest.mark.parametrize(
    ("text", "values"),
    [(GCT2, [[1.5, NAN, 3.5], [NAN, NAN, 6.0]]), (GCT3, [[1.5, NAN, 3.5], [NAN, 5.0, 6.0]])],
    ids=["1.2", "1.3"],
)
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_values_without_their_metadata(tmp_path, write, text, values, packed, ends):
    write("clinical.tsv", CLINICAL)
    data = text.replace("\n", ends).encode()
    (tmp_path / ("expression.gct" + ".gz" * packed)).write_bytes(gzip.compress(data) if packed else data)
    assert np.array_equal(read(tmp_path), values, equal_nan=True)
    assay = read_cohort(tmp_path).assays["mrna"]
    assert (set(assay.features), assay.assayed) == ({"IGF1R", "SPHK1"}, {"P1", "P2", "P3"})


def test_what_is_left_out_is_said(tmp_path, write):
    write("clinical.tsv", CLINICAL)
    write("expression.gct", GCT3)
    write("protein.gct", GCT2)
    notes = "\n".join(read_cohort(tmp_path).notes)
    assert "expression.gct: GCT 1.3; 2 columns and 2 rows of metadata are no values" in notes
    assert "protein.gct: GCT 1.2; its Description column is left out" in notes


def test_minus_666_is_a_number_elsewhere(tmp_path, write):
    write("clinical.tsv", CLINICAL)
    write("expression.tsv", "gene\tP1\tP2\tP3\nIGF1R\t-666\t2\t3\nSPHK1\t1\t2\t3\n")
    assert read(tmp_path)[0] == [-666.0, 2.0, 3.0]


def test_a_study_may_hold_one(tmp_path, write):
    write("data_clinical_patient.txt", "#a\n#b\n#c\n#d\nPATIENT_ID\nP1\nP2\nP3\n")
    write("data_mrna.gct", GCT2)
    said = {"genetic_alteration_type": "MRNA_EXPRESSION", "datatype": "CONTINUOUS", "data_filename": "data_mrna.gct"}
    write("meta_mrna.txt", "".join(f"{key}: {value}\n" for key, value in said.items()))
    assert np.array_equal(read(tmp_path), [[1.5, NAN, 3.5], [NAN, NAN, 6.0]], equal_nan=True)


def test_column_metadata_are_the_clinical_table_where_there_is_none(tmp_path, write):
    text = GCT3.replace("batch\tna\tna\t7\t8\tA", "os_event\tna\tna\t1\t0\t1")
    write("expression.gct", text.replace("age", "os_months"))
    cohort = read_cohort(tmp_path)
    assert cohort.endpoint("OS").time.tolist() == [60.0, 61.0, 62.0]
    assert cohort.endpoint("OS").event.tolist() == [True, False, True]
    assert any("its column metadata are the clinical columns: os_event, os_months" in note for note in cohort.notes)
    write("expression.gct", GCT2)
    with pytest.raises(DataError, match="no clinical table"):
        read_cohort(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("2\t3\n", "3\t3\n", r"expression\.gct:2: the GCT header says 3 x 3, the table is 2 x 3"),
        ("2\t3\n", "2\t4\n", "says 2 x 4, the table is 2 x 3"),
        ("2\t3\n", "2\tthree\n", "second line of a GCT 1.2 file holds the numbers of rows and columns, got '2 three'"),
        ("2\t3\n", "2\n", "second line of a GCT 1.2 file"),
        ("#1.2", "#1.3", "second line of a GCT 1.3 file holds the numbers of rows, columns, metadata columns"),
        ("SPHK1\tna\tna\t-666\t6\n", "SPHK1\tna\tna\n", "line 5 has 3"),
        ("1.5", "high", "1 cell not a number: 'high'"),
    ],
)
def test_faults(tmp_path, write, old, new, told):
    write("clinical.tsv", CLINICAL)
    write("expression.gct", GCT2.replace(old, new, 1))
    with pytest.raises(DataError, match=told):
        read(tmp_path)


@pytest.mark.parametrize("text", ["#1.2\n", "#1.3\n2\t3\t2\t2\nid\tgene_symbol\tchip\tP1\tP2\tP3\nbatch\tna\tna\t7\n"])
def test_a_file_that_was_cut_off(tmp_path, write, text):
    write("expression.gct", text)
    with pytest.raises(DataError):
        read_cohort(tmp_path)


def test_a_real_cohort_through_gct(assert_same_cohort, shared, write, tmp_path):
    folder = shared / "data" / "gse1992"
    table = folder / "expression_samples_x_genes.tsv.gz"
    real = read_cohort(write("real.yaml", f"name: x\nclinical: {folder}/clinical.tsv.gz\nmrna: {table}\n"))
    mrna = real.assays["mrna"]
    everyone = np.ones(len(real.patients), dtype=bool)
    made = NumberTable(tuple(mrna.features), mrna.read(mrna.features).to_numpy().T, everyone, {}, spell=shortest)
    write_gct(replace(tables_of_cohort(real), numbers={"mrna": made}), tmp_path / "gct")
    assert_same_cohort(real, read_cohort(tmp_path / "gct"))
