"""Ids of clinical tables, and what they say about samples."""

from __future__ import annotations

from typing import Any

import pytest

from strata.cohort.clinical_ids import id_column, link_samples, row_ids, time_points
from strata.cohort.findings import Findings
from strata.cohort.options import ReadOptions
from strata.cohort.table import Table, read_table
from strata.errors import DataError


def table(write: Any, text: str) -> Table:
    return read_table(write("samples.tsv", text), ReadOptions(), Findings())


def test_a_table_without_ids_names_its_columns_and_the_remedy(write: Any) -> None:
    table = read_table(write("c.tsv", "patientID\tage\nP1\t50\n"), ReadOptions(), Findings())
    with pytest.raises(DataError, match=r"found patientID, age.*id_column=patientID"):
        id_column(table, ReadOptions())
    assert id_column(table, ReadOptions(id_column="patientid")) == "patientID"


def test_ids_are_trimmed_and_lines_of_totals_are_refused(write: Any) -> None:
    findings = Findings()
    rows = table(write, "age\tpatient\n1\t P1 \n2\tMean\n3\t\n")
    assert row_ids(rows, ReadOptions(), findings) == ("patient", ["P1", "Mean", ""])
    assert findings.notes == ["W305: samples.tsv: 1 id with spaces around, trimmed"]
    assert [problem.what for problem in findings.problems] == [
        "empty patient id",
        "'Mean' is not a patient: a line of totals?",
    ]


HEAD = "patient_id\tsample_id\tsample_type\ttimepoint\n"


def test_samples_with_their_types_and_time_points(write: Any) -> None:
    findings = Findings()
    rows = table(write, HEAD + "P1\tS1\tPrimary\tBaseline\nP1\tS2\tPrimary\tDay 15\nP2\tS3\tMetastasis\tNA\n")
    found = link_samples([rows, table(write, "sample_id\tx\nS1\t1\n")], findings)
    assert found.patients == {"S1": "P1", "S2": "P1", "S3": "P2"}
    assert found.types == {"S1": "Primary", "S2": "Primary", "S3": "Metastasis"}
    assert found.time_points == {"S1": "pre", "S2": "day15"}
    assert findings.problems == []


def test_a_sample_is_of_one_patient_and_one_time_point(write: Any) -> None:
    findings = Findings()
    link_samples([table(write, HEAD + "P1\tS1\t\tpre\nP2\tS1\t\tpost\n")], findings)
    assert [(problem.where[-5:], problem.what) for problem in findings.problems] == [
        ("tsv:3", "this sample belongs to another patient on an earlier line"),
        ("tsv:3", "this sample is at 'post' here and at 'pre' on another line"),
    ]


def test_of_many_lines_that_contradict_others_five_are_shown(write: Any) -> None:
    findings = Findings()
    rows = "".join(f"P1\tS{i}\t\tpre\n" for i in range(8)) + "".join(f"P2\tS{i}\t\tpost\n" for i in range(8))
    link_samples([table(write, HEAD + rows)], findings)
    assert [problem.what for problem in findings.problems] == [
        *["this sample belongs to another patient on an earlier line"] * 5,
        "3 more samples of another patient on an earlier line",
        *["this sample is at 'post' here and at 'pre' on another line"] * 5,
        "3 more samples at another time point on another line",
    ]
    findings = Findings()
    row_ids(table(write, "patient_id\tage\n" + "\t1\n" * 6), ReadOptions(), findings)
    assert [str(problem).rpartition("/")[2] for problem in findings.problems[4:]] == [
        "samples.tsv:6: column 'patient_id': empty patient id. Give it an id, or delete the line",
        "samples.tsv: 1 more line whose 'patient_id' names no patient",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("patient_id\tVisit Name\nP1\tscreening\nP2\t2\n", ("Visit Name", ["pre", "2"])),
        ("patient_id\tvisit\nP1\t1\nP1\t2\n", ("visit", ["1", "2"])),
        ("patient_id\tvisit\nP1\t1\nP2\t2\n", ("", ["", ""])),
        ("patient_id\tvisit\nP1\t\nP1\tNA\n", ("", ["", ""])),
        ("patient_id\tage\nP1\t1\n", ("", [""])),
    ],
)
def test_a_column_tells_time_when_a_word_is_known_or_patients_have_several_rows(
    write: Any, text: str, expected: tuple[str, list[str]]
) -> None:
    rows = table(write, text)
    assert time_points(rows, rows.column("patient_id")) == expected
