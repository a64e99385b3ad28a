"""Matrices: names at opening, numbers only where they are asked for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from strata.cohort.findings import Findings
from strata.cohort.open_matrix import open_matrix
from strata.cohort.options import ReadOptions
from strata.cohort.scales import head_numbers
from strata.errors import DataError, InputOutputError


def opened(path: Path) -> Any:
    return open_matrix(path, ReadOptions(), Findings()).matrix


def test_names_and_single_rows_and_columns(write: Any) -> None:
    matrix = opened(write("m.tsv", "Hugo_Symbol\tEntrez_Gene_Id\tS1\tS2\nA\t1\t1.5\t2\nB\t2\t\tNA\nC\t3\t5\t6\n"))
    assert (matrix.row_names, matrix.column_names) == (("A", "B", "C"), ("S1", "S2"))
    assert dict(matrix.rows([2, 0])) == {0: ["1.5", "2"], 2: ["5", "6"]}
    assert matrix.columns([1, 0]) == [["2", "NA", "6"], ["1.5", "", "5"]]
    assert matrix.place(1, 1) == "line 3 field 4"


def test_cells_that_are_not_asked_for_are_not_parsed(write: Any) -> None:
    matrix = opened(write("m.tsv", "gene\tS1\nA\t1\nB\tnot a number\n"))
    assert dict(matrix.rows([0])) == {0: ["1"]}


def test_quoted_names_and_cells(write: Any) -> None:
    matrix = opened(write("m.csv", '"gene","S,1","S2"\n"A","1,5","2"\n'))
    assert matrix.column_names == ("S,1", "S2")
    assert dict(matrix.rows([0])) == {0: ["1,5", "2"]}
    assert matrix.columns([0]) == [["1,5"]]


def test_parquet_either_way(tmp_path: Path) -> None:
    frame = pd.DataFrame({"gene": ["A", "B"], "S1": [1.5, 2.5], "S2": [None, 4.0]})
    frame.to_parquet(tmp_path / "m.parquet", index=False)
    matrix = opened(tmp_path / "m.parquet")
    assert (matrix.row_names, matrix.column_names) == (("A", "B"), ("S1", "S2"))
    assert dict(matrix.rows([1])) == {1: ["2.5", "4"]}
    assert matrix.columns([1]) == [["", "4"]]
    frame.set_index("gene").rename_axis(None).to_parquet(tmp_path / "i.parquet")
    assert opened(tmp_path / "i.parquet").row_names == ("A", "B")


def test_a_damaged_parquet_page_is_noticed(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path / "m.parquet"
    table = pa.table({"gene": ["A", "B", "C"], "S1": [1.25, 2.5, 9.0]})
    pq.write_table(table, path, write_page_checksum=True, compression="none", use_dictionary=False)
    data = bytearray(path.read_bytes())
    import struct

    at = data.index(struct.pack("<d", 2.5))  # neither least nor largest: it stands in the page only
    data[at] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(DataError, match=r"m\.parquet: not a whole Parquet file"):
        opened(path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("gene\tS1\tS2\nA\t1\n", "line 2 has 2"),
        ("gene\tS1\t\nA\t1\t2\n", "column 3 has no name"),
        ("gene\tS1\n", "0 data rows"),
        ("gene\nA\n", "no columns with values"),
        ("#1.2\n3\t1\nNAME\tDescription\tS1\nA\tx\t1\n", "GCT header says 3 x 1, the table is 1 x 1"),
    ],
)
def test_faults_of_shape(write: Any, text: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        opened(write("m.tsv", text))


def test_a_file_that_changed_after_it_was_opened_is_refused(write: Any) -> None:
    path = write("m.tsv", "gene\tS1\nA\t1\n")
    matrix = opened(path)
    path.write_text("gene\tS1\nB\t2\n", encoding="utf-8")
    os.utime(path, ns=(1, 1))
    with pytest.raises(InputOutputError, match="changed after it was opened"):
        list(matrix.rows([0]))


@pytest.mark.parametrize(
    "text",
    [
        "sample\tvisit\tA\nS1\tBaseline\t1\nS2\tDay 15\t2\n",
        "visit\tA\nS1\tBaseline\t1\nS2\tDay 15\t2\n",
        '"sample","A","visit"\n"S1",1,"Baseline"\n"S2",2,"Day 15"\n',
        "visit,id,A\nBaseline,S1,1\nDay 15,S2,2\n",
    ],
)
def test_a_column_of_time_points_holds_no_values(write: Any, text: str) -> None:
    found = open_matrix(write("m.tsv", text), ReadOptions(), Findings())
    assert (found.matrix.row_names, found.matrix.column_names) == (("S1", "S2"), ("A",))
    assert (found.row_times, found.column_times) == (("pre", "day15"), ())
    assert head_numbers(found.head, ReadOptions()).tolist() == [[1.0], [2.0]]


def test_columns_in_the_order_asked(write: Any) -> None:
    matrix = opened(write("m.csv", 'gene,S1,S2,S3\nA,1,2,3\n"B","4","5","6"\n'))
    assert list(matrix.rows([0, 1], [2, 0])) == [(0, ["3", "1"]), (1, ["6", "4"])]
