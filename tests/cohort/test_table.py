"""Small tables: text cells, their lines, and every fault of shape."""

from __future__ import annotations

from typing import Any

import pytest

from strata.cohort.findings import Findings
from strata.cohort.options import ReadOptions
from strata.cohort.table import read_table
from strata.errors import DataError


def test_cells_stay_text_and_know_their_line(write: Any) -> None:
    findings = Findings()
    path = write("t.tsv", '# a\n# b\nid\tnote #1\n007\tlesion #2 "left\n\n1E5\tNA\n')
    table = read_table(path, ReadOptions(), findings)
    assert (table.columns, table.header_line) == (("id", "note #1"), 3)
    assert table.rows == [["007", 'lesion #2 "left'], ["1E5", "NA"]]
    assert table.lines == [4, 6]
    assert findings.notes == ["W213: t.tsv: 2 comment lines at the top left out"]


def test_quotes_in_csv_and_in_tables_that_r_writes(write: Any) -> None:
    csv = read_table(write("t.csv", 'a,b\n"x,1","y\nz"\nu,v\n'), ReadOptions(), Findings())
    assert (csv.rows, csv.lines) == ([["x,1", "y\nz"], ["u", "v"]], [2, 4])
    tsv = read_table(write("t.tsv", '"a"\t"b"\n"1"\t"2"\n'), ReadOptions(), Findings())
    assert (tsv.columns, tsv.rows) == (("a", "b"), [["1", "2"]])


def test_a_counting_first_column_is_left_out(write: Any) -> None:
    findings = Findings()
    table = read_table(write("t.csv", ",a\n0,x\n1,y\n"), ReadOptions(), findings)
    assert (table.columns, table.rows) == (("a",), [["x"], ["y"]])
    assert "counts the rows" in findings.notes[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n", "0 data rows"),
        ("# only\n", "no header"),
        ("a;b\n1;2\n", "split by ';'"),
        ("a|b\n1|2\n", r"split by '\|'"),
        ("a,b\n1,2\n1\n1,2,3\n", "2 rows with another number of fields.*line 3 has 1, line 4 has 3"),
        ("a,b\n1,2,\n3,4,\n", "trailing separator"),
        ("a,a,b,\n1,2,3,4\n", r"column 4 has no name[^$]*column 'a' appears 2 times \(positions 1, 2\)"),
        ('a,b\n1,"2\n3,4\n', "t.csv:2: a quote opened here is never closed"),
        (b"a,b\n1,\xb5\n", r"t\.csv:2: byte 0xb5 at byte 2 .*encoding=latin-1"),
    ],
)
def test_faults_of_shape(write: Any, text: Any, words: str) -> None:
    with pytest.raises(DataError, match=words):
        read_table(write("t.csv", text), ReadOptions(), Findings())


def test_the_separator_of_the_option_counts_only_where_the_header_holds_it(write: Any) -> None:
    options = ReadOptions.of({"sep": ";"})
    assert read_table(write("a.csv", "a;b\n1;2\n"), options, Findings()).rows == [["1", "2"]]
    assert read_table(write("b.csv", "a,b\n1,2\n"), options, Findings()).rows == [["1", "2"]]
