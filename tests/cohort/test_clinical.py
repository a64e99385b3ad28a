"""Clinical harmonisation: names, words, disagreements; rows to patients."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from strata.cohort import read_cohort
from strata.cohort.clinical import Column, PatientTable, patient_table
from strata.cohort.clinical_ids import link_samples
from strata.cohort.findings import Findings
from strata.cohort.harmonise import harmonise
from strata.cohort.identifiers import Links
from strata.cohort.options import ReadOptions
from strata.cohort.table import read_table
from strata.errors import DataError


def mapped(columns: dict[str, list[str]]) -> tuple[dict[str, list[str | None]], dict[str, Any], Findings]:
    n = len(next(iter(columns.values())))
    table = PatientTable(tuple(f"P{i}" for i in range(n)))
    for name, cells in columns.items():
        table.add(Column(name, Path("clinical.tsv"), cells, list(range(2, n + 2))))
    findings = Findings()
    return *harmonise(table, findings), findings


@pytest.mark.parametrize(
    ("column", "cells", "concept", "values"),
    [
        ("er_status", ["Positive", "NEGATIVE", "Positve", "0.0", ""], "er", "positive negative positive negative -"),
        ("er_status", ["1", "0"], "er", "positive negative"),
        ("ER_STATUS_BY_IHC", ["Positive", "Indeterminate", "[Not Evaluated]"], "er", "positive - -"),
        ("er", ["+", "-", "NA"], "er", "positive negative -"),
        ("ER_IHC", ["pos", "-", "neg"], "er", "positive - negative"),
        ("pr_status", ["1", "0", "Positve"], "pr", "positive negative positive"),
        ("HER2_STATUS", ["3+", "0", "Equivocal", "Negative"], "her2", "positive negative - negative"),
        ("ln_positive", ["0.0", "1.0", "12", ""], "node", "negative positive positive -"),
        ("pathologic_N", ["N0 (i-)", "pN0", "N0 (i+)", "NX"], "node", "negative negative negative -"),
        ("pathologic_N", ["N1a", "pN2", "ypN1mi"], "node", "positive positive positive"),
        ("node_status", ["1.0", "0.0"], "node", "positive negative"),
        ("lymph_node_status", ["node-negative", "Positive"], "node", "negative positive"),
        ("grade", ["3.0", "G2", "Grade I", "x"], "grade", "3 2 1 -"),
        ("stage", ["2.0", "Stage IIA", "IV", "stage iii", "3b"], "stage", "II IIA IV III IIIB"),
        ("PATHOLOGIC_T", ["T1c", "pT3", "T4b"], "t_stage", "1 3 4"),
        ("menopausal", ["Post", "Pre", "premenopausal"], "menopausal", "post pre pre"),
        ("INFERRED_MENOPAUSAL_STATE", ["Post"], "menopausal", "post"),
        ("chemotherapy", ["YES", "NO", "1"], "chemotherapy", "yes no yes"),
        ("hormone_therapy", ["YES", "NO"], "endocrine_therapy", "yes no"),
        ("treatment", ["Everolimus", "placebo"], "treatment", "Everolimus placebo"),
        ("AGE_AT_DIAGNOSIS", ["50.5", "60.0"], "age", "50.5 60"),
        ("stage", ["Stage IIIC", "IB", "Stage X", "Stage IV"], "stage", "IIIC IB - IV"),
        ("KI67_INDEX", ["15%", "12.5 %", "20", "7.0", "<1%", "NA"], "ki67", "15 12.5 20 7 <1% -"),
        ("CNS_METASTASES", ["Yes", "0", "maybe"], "cns_mets", "yes no -"),
        ("PRIOR_AROMATASE_INHIBITOR", ["YES", "no"], "prior_ai", "yes no"),
        ("AI_RESPONSE", ["Progressive Disease", "SD", "CR", "x"], "ai_response", "progressed stable response -"),
        ("ec_response", ["No change", "PR", "PD"], "ec_response", "no-response response no-response"),
        ("endocrine_resistance", ["De novo", "acquired", "no"], "endocrine_resistance", "primary secondary sensitive"),
        ("IGF1R_IHC", ["2+", "0", "Absent", "1+"], "igf1r_ihc", "positive negative negative -"),
        ("PTEN_STATUS", ["Loss", "Reduced", "neg", "Retained"], "pten_ihc", "lost low negative positive"),
        ("p95HER2", ["+", "-"], "p95her2", "positive negative"),
        ("FRACTION_GENOME_ALTERED", ["0.25", ""], "cin_score", "0.25 -"),
        ("HISTOLOGICAL_TYPE", ["Ductal carcinoma in situ", "LCIS", "Ductal/NST"], "histology", "DCIS LCIS IDC"),
        ("histology", ["Mucinous", "NA", "atypical ductal hyperplasia"], "histology", "Mucinous - ADH"),
        ("CANCER_TYPE", ["Pancreatic Adenocarcinoma", "Pancreatic Cancer"], "cancer_type", "pancreatic pancreatic"),
        ("CANCER_TYPE", ["Ewing Sarcoma", "Osteosarcoma", "Breast Sarcoma"], "cancer_type", "sarcoma sarcoma sarcoma"),
        ("CANCER_TYPE", ["Prostate Cancer", "Breast Carcinoma", "Glioma"], "cancer_type", "prostate breast Glioma"),
        ("tumor_type", ["Carcinosarcoma", "Lymphoma"], "cancer_type", "Carcinosarcoma Lymphoma"),
    ],
)  # fmt: skip
def test_words_of_one_column(column: str, cells: list[str], concept: str, values: str) -> None:
    columns, about, _ = mapped({column: cells})
    assert [value or "-" for value in columns[concept]] == values.split(" ")
    assert about[concept]["column"] == column


def test_the_first_name_in_order_wins_whole_and_disagreements_are_counted() -> None:
    columns, about, findings = mapped(
        {"er_ihc": ["Negative", "Positive", "Positive"], "er_status": ["Positive", "", "Positive"]}
    )
    assert columns["er"] == ["positive", None, "positive"]
    assert about["er"]["disagreements"] == {"er_ihc": 1}
    assert any("er_status is used; er_ihc disagrees in 1 patient and is not merged" in note for note in findings.notes)


def test_words_that_are_not_understood_are_unknown_and_told() -> None:
    columns, about, findings = mapped({"her2": ["Equivocal", "Equivocal", "neg"]})
    assert columns["her2"] == [None, None, "negative"]
    assert about["her2"]["not_understood"] == {"Equivocal": 2}
    assert "'Equivocal' (2)" in findings.notes[0]


def from_file(write: Any, text: str, **read: Any) -> tuple[PatientTable, Findings]:
    findings = Findings()
    options = ReadOptions(**read)
    table = read_table(write("clinical.tsv", text), options, findings)
    samples = link_samples([table], findings)
    links = Links(("P1", "P2"), samples.patients, samples.types, options, samples.time_points)
    return patient_table([table], links, findings), findings


def test_identical_lines_are_one_and_conflicts_name_their_lines(write: Any) -> None:
    table, findings = from_file(write, "patient_id\tx\nP1\t1\nP2\t2\nP1\t1\n")
    assert table.columns["x"].cells == ["1", "2"]
    assert [(item.n, item.step) for item in findings.exclusions] == [(1, "read")]
    _, findings = from_file(write, "patient_id\tx\nP1\t1\nP2\t2\nP1\t3\n")
    assert "lines 2, 4 are the same patient with different values: x '1' / '3'" in str(findings.problems[0])


LONG = "patient_id\ttimepoint\tki_67\tage\n"


def test_a_table_with_time_points_gives_columns_at_each(write: Any) -> None:
    text = LONG + "P1\tBaseline\t20%\t50\nP1\tDay 15\t5\t50\nP2\tday_15\t9\t61\nP1\tsurgery\tNA\t50\n"
    table, findings = from_file(write, text)
    assert {name: column.cells for name, column in table.columns.items()} == {
        "ki_67": ["20%", ""],
        # the age never differs between the time points of a patient, so it is the patient's
        "age": ["50", "61"],
    }
    assert {time: {n: c.cells for n, c in at.columns.items()} for time, at in table.at_times.items()} == {
        "pre": {"ki_67": ["20%", ""], "age": ["50", ""]},
        "day15": {"ki_67": ["5", "9"], "age": ["50", "61"]},
        "post": {"age": ["50", ""]},
    }
    assert (table.columns["ki_67"].lines, table.columns["age"].lines) == ([2, 0], [2, 4])
    note = "clinical.tsv: time points pre (1 patient), day15 (2 patients), post (1 patient), from timepoint"
    assert note in findings.notes


def test_a_column_at_later_time_points_only_has_no_plain_value(write: Any) -> None:
    table, _ = from_file(write, LONG + "P1\tpost\t5\t50\nP2\tpost\t9\t61\n")
    assert (list(table.columns), list(table.at_times)) == ([], ["post"])


def test_a_row_without_a_time_point_goes_before_the_one_at_pre(write: Any) -> None:
    table, _ = from_file(write, LONG + "P1\tpre\t20\tNA\nP1\t\t30\tNA\nP2\tpre\t9\tNA\nP2\t\t\tNA\n")
    assert table.columns["ki_67"].cells == ["30", "9"]
    assert table.at_times["pre"].columns["ki_67"].cells == ["20", "9"]


def test_two_rows_of_one_time_point_agree_or_name_their_lines(write: Any) -> None:
    table, findings = from_file(write, LONG + "P1\tpre\t5\t50\nP1\tpre\t5\t50\n")
    assert (table.columns["ki_67"].cells, findings.problems) == (["5", ""], [])
    _, findings = from_file(write, LONG + "P1\tpre\t5\t50\nP1\tpost\t7\t50\nP1\tBaseline\t6\t50\n")
    assert [problem.what for problem in findings.problems] == [
        "lines 2, 4 are the same patient at 'pre' with different values: timepoint 'pre' / 'Baseline', ki_67 '5' / '6'"
    ]


def test_of_many_patients_whose_lines_differ_five_are_shown(write: Any) -> None:
    text = LONG + "".join(f"P{i}\tBaseline\t5\t50\nP{i}\tscreening\t6\t50\n" for i in range(12))
    with pytest.raises(DataError) as caught:
        read_cohort(write("clinical.tsv", text).parent)
    told = [(problem.where.rpartition("/")[2], problem.what) for problem in caught.value.problems]
    differ = "are the same patient at 'pre' with different values: timepoint 'Baseline' / 'screening', ki_67 '5' / '6'"
    assert told == [
        *(("clinical.tsv", f"lines {line}, {line + 1} {differ}") for line in (2, 4, 6, 8, 10)),
        ("clinical.tsv", "7 more patients with lines that differ at 'pre'"),
    ]


def test_a_visit_that_tells_no_time_is_a_column_as_any_other(write: Any) -> None:
    table, _ = from_file(write, "patient_id\tvisit\tx\nP1\t3\t1\nP2\t4\t2\n")
    assert ({name: column.cells for name, column in table.columns.items()}, table.at_times) == (
        {"visit": ["3", "4"], "x": ["1", "2"]},
        {},
    )


def test_samples_at_time_points_need_no_rule(write: Any) -> None:
    head = "patient_id\tsample_id\ttimepoint\tki67\n"
    text = head + "P1\tS1\tpre\t20\nP1\tS2\tpost\t5\nP2\tS3\tpost\t9\n"
    table, findings = from_file(write, text)
    assert table.columns["ki67"].cells == ["20", ""]
    assert table.at_times["post"].columns["ki67"].cells == ["5", "9"]
    assert "sample_id" not in table.columns
    assert not any("differs between the samples" in note for note in findings.notes)
    table, findings = from_file(write, text + "P1\tS4\tpost\t6\n")
    assert table.at_times["post"].columns["ki67"].cells == ["", "9"]
    assert any("'ki67' differs between the samples of 1 patient" in note for note in findings.notes)
    table, _ = from_file(write, text + "P1\tS4\tpost\t6\n", sample_rule="first")
    assert table.at_times["post"].columns["ki67"].cells == ["5", "9"]


def test_columns_of_samples_that_differ_are_unknown_without_a_rule(write: Any) -> None:
    head = "patient_id\tsample_id\tsample_type\ter\tsex\n"
    text = head + "P1\tS1\tMetastasis\tneg\tf\nP1\tS2\tPrimary\tpos\tf\nP2\tS3\tPrimary\tpos\tf\n"
    table, findings = from_file(write, text)
    assert (table.columns["er"].cells, table.columns["sex"].cells) == (["", "pos"], ["f", "f"])
    assert any("'er' differs between the samples of 1 patient" in note for note in findings.notes)
    assert from_file(write, text, sample_rule="primary")[0].columns["er"].cells == ["pos", "pos"]
    assert from_file(write, text, sample_rule="first")[0].columns["er"].cells == ["neg", "pos"]


def test_everything_wrong_with_the_rows_is_told_beside_the_rest(write: Any) -> None:
    text = "patient_id\tos_months\tos_event\nP1\t1\t0\nP1\t2\t0\n\t3\t0\nTotal\t6\t0\nP2\t-4\tperhaps\n"
    with pytest.raises(DataError) as caught:
        read_cohort(write("clinical.tsv", text).parent)
    for words in (
        "lines 2, 3 are the same patient",
        "tsv:4",
        "empty patient id",
        "'Total' is not",
        "'-4'",
        "'perhaps'",
    ):
        assert words in str(caught.value)
