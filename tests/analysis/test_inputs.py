"""What a run read: bytes, rows and columns of each file."""

from __future__ import annotations

import gzip
import hashlib

import pandas as pd
import pytest

from strata.analysis import input_record

TABLE = "gene\tP1\tP2\nIGF1R\t1\t2\nSPHK1\t3\t4\n"


@pytest.mark.parametrize(
    ("name", "text", "rows", "columns"),
    [
        ("mrna.tsv", TABLE, 2, 3),
        ("no_end.tsv", TABLE.rstrip(), 2, 3),
        ("header.csv", "id,a,b", 0, 3),
        ("clinical.txt", "#Patient\tName\n#STRING\tSTRING\n" + TABLE, 2, 3),
        ("calls.maf", "#version 2.4\n" + TABLE, 2, 3),
        ("crlf.tsv", TABLE.replace("\n", "\r\n"), 2, 3),
        ("table.gct", "#1.2\n2\t2\nNAME\tDescription\tP1\tP2\nA\tx\t1\t2\nB\ty\t1\t2\n", 2, 4),
        ("series.txt", f"!Series_title\t'x'\n!series_matrix_table_begin\n{TABLE}!series_matrix_table_end\n", 2, 3),
        ("sets.gmt", "ONE\tx\tA\tB\nTWO\tx\tC\n", 2, None),
        ("plan.yaml", "cohorts: here\n", None, None),
        ("empty.tsv", "", 0, 1),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_a_file_is_hashed_and_its_table_counted(tmp_path, name, text, rows, columns, packed):
    raw = gzip.compress(text.encode()) if packed else text.encode()
    path = tmp_path / name
    path.write_bytes(raw)
    assert input_record(path) == {
        "path": str(path),
        "bytes": len(raw),
        "sha256": hashlib.sha256(raw).hexdigest(),
        "rows": rows,
        "columns": columns,
    }


def test_a_table_longer_than_a_block_is_counted_whole(tmp_path):
    lines = 300_000
    path = tmp_path / "long.tsv"
    path.write_text("id\tvalue\n" + "P1\t0.5\n" * lines + "!end\n")
    assert (input_record(path)["rows"], input_record(path)["columns"]) == (lines, 2)


@pytest.mark.parametrize("write", ["to_parquet", "to_feather"])
def test_the_rows_of_typed_tables_are_in_their_heads(tmp_path, write):
    path = tmp_path / "table"
    getattr(pd.DataFrame({"a": [1, 2, 3], "b": 0.5}), write)(path)
    assert (input_record(path)["rows"], input_record(path)["columns"]) == (3, 2)


def test_a_relative_path_can_be_found_from_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.tsv").write_text(TABLE)
    from pathlib import Path

    assert input_record(Path("a.tsv"))["path"] == str(tmp_path / "a.tsv")
