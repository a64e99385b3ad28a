"""Clinical columns under shared names and words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from strata.cohort.clinical import Column, PatientTable
from strata.cohort.clinical_words import terms
from strata.cohort.findings import Findings
from strata.cohort.harmonise import harmonise

ER = ("er_status", "er_status_by_ihc", "er", "er_ihc")
NODE = ("lymph_node_status", "node_status", "ln_status", "ln_positive", "pathologic_n")


def harmonised(columns: dict[str, list[str]]) -> tuple[dict[str, Any], dict[str, Any], Findings]:
    n = len(next(iter(columns.values())))
    table = PatientTable(tuple(f"P{i}" for i in range(n)))
    for name, cells in columns.items():
        table.add(Column(name, Path("clinical.tsv"), cells, list(range(2, n + 2))))
    findings = Findings()
    return *harmonise(table, findings), findings


@pytest.mark.parametrize("cell", ["Positive", "positive", "1", "1.0", "+", "Positve", " POS ", "ER+", "yes"])
def test_positive(cell: str) -> None:
    assert harmonised({"ER_Status": [cell]})[0] == {"er": ["positive"]}


@pytest.mark.parametrize("cell", ["Negative", "NEGATIVE", "0", "0.0", "neg", "ER-", "No"])
def test_negative(cell: str) -> None:
    assert harmonised({"er_ihc": [cell]})[0] == {"er": ["negative"]}


def test_a_minus_is_negative_only_beside_a_plus() -> None:
    assert harmonised({"er": ["+", "-"]})[0] == {"er": ["positive", "negative"]}
    assert harmonised({"er": ["Positive", "-"]})[0] == {"er": ["positive", None]}


@pytest.mark.parametrize("column", NODE)
def test_nodes(column: str) -> None:
    negative = ["pN0", "N0 (i-)", "0", "0.0", "N0(i+)", "ypN0", "Negative", "pN0 (mol-)"]
    positive = ["pN1a", "N2", "3", "12.0", "pN1mi", "Positve", "N1 (sn)", "1-3"]
    assert harmonised({column: negative})[0] == {"node": ["negative"] * 8}
    assert harmonised({column: positive})[0] == {"node": ["positive"] * 8}
    assert harmonised({column: ["NX", "pNx", "unknown"]})[0] == {"node": [None] * 3}


@pytest.mark.parametrize(("concept", "names"), [("er", ER), ("node", NODE)])
def test_the_first_name_in_the_order_wins_whole_and_is_never_merged(concept: str, names: tuple[str, ...]) -> None:
    assert [name for name in terms()[concept]["columns"] if name in names] == list(names)
    for i, name in enumerate(names):
        columns = {other: ["0", "0", "0"] for other in reversed(names[i + 1 :])} | {name.upper(): ["1", "", "0"]}
        values, described, findings = harmonised(columns)
        assert values[concept] == ["positive", None, "negative"]
        assert described[concept]["column"] == name.upper()
        assert described[concept]["disagreements"] == dict.fromkeys(names[i + 1 :], 1)
        assert len([note for note in findings.notes if "disagrees in 1 patient" in note]) == len(names) - i - 1


def test_spaces_and_dots_in_a_column_name_do_not_count() -> None:
    found, _, _ = harmonised({"ER Status": ["1"], "PR.Status": ["0"], "her2-status": ["3+"]})
    assert found == {"er": ["positive"], "pr": ["negative"], "her2": ["positive"]}


def test_words_not_understood_are_unknown_and_told() -> None:
    values, described, findings = harmonised({"her2_status": ["Equivocal", "Equivocal", "Positive"]})
    assert values == {"her2": [None, None, "positive"]}
    assert described["her2"]["not_understood"] == {"Equivocal": 2}
    assert any("'Equivocal' (2)" in note for note in findings.notes)


def test_what_was_mapped_is_kept() -> None:
    _, described, _ = harmonised({"grade": ["G3", "3.0", "3"]})
    assert {(item["raw"], item["value"], item["n"]) for item in described["grade"]["mapped"]} == {
        ("G3", "3", 1),
        ("3.0", "3", 1),
        ("3", "3", 1),
    }


def test_a_dash_that_is_read_as_missing_is_told() -> None:
    values, _, findings = harmonised({"er_status": ["Positive", "-", "-"]})
    assert values == {"er": ["positive", None, None]}
    assert "er: 2 cells '-' of column er_status read as missing" in findings.notes
    signs, _, quiet = harmonised({"er_status": ["+", "-", "-"]})
    assert signs == {"er": ["positive", "negative", "negative"]}
    assert not any("read as missing" in note for note in quiet.notes)


def test_concepts_at_a_time_point_are_named_after_it() -> None:
    table = PatientTable(("P1", "P2"))
    table.add(Column("Ki_67", Path("clinical.tsv"), ["15%", "high"], [2, 3]))
    table.add(Column("igf1r_ihc", Path("clinical.tsv"), ["?!", "absent"], [2, 3]))
    findings = Findings()
    values, described = harmonise(table, findings, time="post")
    assert values == {"ki67@post": ["15", "high"], "igf1r_ihc@post": [None, "negative"]}
    assert described["ki67@post"]["column"] == "Ki_67"
    assert findings.notes == ["igf1r_ihc@post: column igf1r_ihc has words not understood, read as unknown: '?!' (1)"]


def test_a_table_without_time_points_goes_first_whatever_its_column_is_called() -> None:
    table = PatientTable(("P1", "P2"))
    table.add(Column("ki67", Path("b.tsv"), ["9", "20"], [2, 3], timed=True))
    table.add(Column("ki_67", Path("a.tsv"), ["9", "30"], [2, 3]))
    findings = Findings()
    assert harmonise(table, findings)[0] == {"ki67": ["9", "30"]}
    assert findings.notes == ["ki67: column ki_67 is used; ki67 disagrees in 1 patient and is not merged"]


def test_percents_that_look_like_shares_are_told() -> None:
    assert "above 1: shares?" in harmonised({"ki67": ["0.15", "1", "NA"]})[2].notes[0]
    assert harmonised({"ki67": ["0.5%", "20"]})[2].notes == []
    assert harmonised({"ki67": ["0", "1"]})[2].notes == []
