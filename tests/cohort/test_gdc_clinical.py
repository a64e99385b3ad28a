"""The clinical table of the GDC portal, one row a case."""

from __future__ import annotations

from pathlib import Path

from strata.cohort.findings import Findings
from strata.cohort.gdc_clinical import one_row_a_case, rows_of
from strata.cohort.table import Table


def table(columns: str, *rows: str) -> Table:
    cells = [row.split("|") for row in rows]
    return Table(Path("clinical.tsv"), tuple(columns.split("|")), cells, list(range(2, 2 + len(cells))))


def test_names_lose_their_entity_where_that_leaves_one_column() -> None:
    text = "project.project_id|cases.submitter_id|diagnoses.submitter_id|demographic.gender|diagnoses.age_at_diagnosis"
    made = one_row_a_case(table(text, "P|C1|D1|male|20000"), Findings())
    names = ("patient_id", "project_id", "diagnoses.submitter_id", "gender", "age_at_diagnosis_days")
    assert (made.columns, made.rows) == (names, [["C1", "P", "D1", "male", "20000"]])


def test_lines_of_a_case_become_one() -> None:
    findings = Findings()
    columns = "case_submitter_id|stage|treatment|days_to_last_follow_up"
    made = one_row_a_case(table(columns, "C1|II|a|9", "C2|'--|a|'--", "C1|'--|b|10", "C1|II|c|'--"), findings)
    assert made.rows == [["C1", "II", "", "10"], ["C2", "'--", "a", "'--"]]
    assert made.lines == [2, 3]
    assert findings.notes == [
        "clinical.tsv: 4 lines of 2 cases, one kept for each; unknown where the lines of a case differ: treatment (1)"
    ]


def test_follow_up_that_is_no_number_is_unknown_where_it_differs() -> None:
    made = one_row_a_case(table("case_submitter_id|days_to_last_follow_up", "C1|9", "C1|soon"), Findings())
    assert made.rows == [["C1", ""]]


def test_another_table_stays_as_it_is() -> None:
    other = table("patient_id|stage", "C1|II", "C1|III")
    assert one_row_a_case(other, Findings()) is other
    findings = Findings()
    assert rows_of(other, ["C2"], findings).rows == []
    assert findings.exclusions[0].n == 2
    assert rows_of(table("stage", "II"), ["C2"], findings).rows == [["II"]]
