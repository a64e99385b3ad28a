"""Where two versions of a table differ."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from strata.report.differences import differences, is_table


@pytest.fixture
def said(tmp_path):
    """``said("t.tsv", before, after)``: the differences as they are printed; tables as texts or frames."""

    def compare(name, before, after):
        for folder, content in (("then", before), ("now", after)):
            path = tmp_path / folder / name
            path.parent.mkdir(exist_ok=True)
            if isinstance(content, pd.DataFrame):
                content.to_parquet(path)
            else:
                path.write_text(content)
        return [str(item) for item in differences(name, tmp_path / "then", tmp_path / "now")]

    return compare


def test_the_same_is_no_difference(said):
    assert said("t.tsv", "gene\tp\nA\t0.1\n", "gene\tp\nA\t0.1\n") == []
    frame = pd.DataFrame({"gene": ["A", None], "p": [float("nan"), 0.1]})
    assert said("t.parquet", frame, frame) == []
    assert said("t.json", '{"a": [1, 2]}', '{ "a": [1,2] }') == []


def test_a_number_that_differs_in_its_last_bit_is_found(said):
    found = said(
        "t.parquet", pd.DataFrame({"gene": ["A"], "p": [0.1]}), pd.DataFrame({"gene": ["A"], "p": [0.1 + 1e-17 * 2]})
    )
    assert found == [
        "t.parquet: row 1 ('A'), column p: 0.1 in the run, 0.10000000000000002 now",
        "t.parquet: differs only in the last digits (relative difference 1.4e-16): another processor or numpy",
    ]
    zero = said("t.parquet", pd.DataFrame({"p": [0.0]}), pd.DataFrame({"p": [-0.0]}))
    assert zero == ["t.parquet: row 1, column p: 0.0 in the run, -0.0 now"]


def test_what_differs_by_more_than_rounding_is_not_explained_by_it(said):
    last = "differs only in the last digits (relative difference 4.0e-13): another processor or numpy"
    assert said("t.tsv", "gene\tp\nA\t5.0\n", "gene\tp\nA\t5.000000000002\n")[1:] == [f"t.tsv: {last}"]
    for then, now in [("5.0", "5.00000001"), ("5.0", "NA"), ("high", "low"), ("inf", "5.0")]:
        assert len(said("t.tsv", f"gene\tp\tq\nA\t0.1\t{then}\n", f"gene\tp\tq\nA\t0.1\t{now}\n")) == 1
    ids = said("t.tsv", "patient\tp\n1000000000000001\t1\n", "patient\tp\n1000000000000002\t1\n")
    assert ids == ["t.tsv: row 1, column patient: another one"]


def test_the_first_cells_are_told_and_all_are_counted(said):
    before = "gene\tp\tq\n" + "".join(f"G{i}\t0.{i}\t1\n" for i in range(5))
    after = before.replace("0.", "1.")
    assert said("t.tsv", before, after) == [
        *(f"t.tsv: row {i + 1} (G{i}), column p: 0.{i} in the run, 1.{i} now" for i in range(3)),
        "t.tsv: 5 cells in 5 of 5 rows differ",
    ]


def test_columns_and_their_order(said):
    assert said("t.tsv", "gene\tp\nA\t1\n", "gene\tq\nA\t1\n") == [
        "t.tsv: column p: only in the run",
        "t.tsv: column q: only now",
    ]
    assert said("t.tsv", "gene\tp\nA\t1\n", "p\tgene\n1\tA\n") == ["t.tsv: the same columns in another order"]


def test_rows_that_are_only_in_one(said):
    assert said("t.tsv", "gene\tp\nA\t1\nB\t2\n", "gene\tp\nB\t2\n") == [
        "t.tsv: 2 rows in the run, 1 now",
        "t.tsv: row 1 (A): only in the run",
    ]
    assert said("t.tsv", "gene\tp\n", "gene\tp\nB\t2\n")[1:] == ["t.tsv: row 1 (B): only now"]


def test_a_row_that_was_cut_short(said):
    assert said("t.tsv", "gene\tp\tq\nA\t1\n", "gene\tp\tq\nA\t1\t2\n") == [
        "t.tsv: row 1 (A), column q:  in the run, 2 now"
    ]


def test_numbers_of_json_are_named_by_their_keys(said):
    before, after = (
        {"data": {"x": [[0, 1.0], [2, 0.5]]}, "empty": {}},
        {"data": {"x": [[0, 1.0], [2, 0.25]]}, "empty": {}},
    )
    assert said("t.json", json.dumps(before), json.dumps(after)) == [
        "t.json: row 4 (/data/x/1/1), column value: 0.5 in the run, 0.25 now"
    ]


@pytest.mark.parametrize(("name", "table"), [("a.tsv", True), ("b.parquet", True), ("c.json", True), ("d.png", False)])
def test_what_is_compared(name, table):
    assert is_table(name) is table
