"""Clinical harmonisation: names, words, disagreements; rows to patients."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from strata.cohort import read_cohort
from strata.cohort.clinical import Column, PatientTable, link_samples, patient_table
from strata.cohort.findings import Findings
from strata.cohort.harmonise import harmonise, terms
from strata.cohort.identifiers import Links
from strata.cohort.options import ReadOptions
from strata.cohort.table import read_table
from strata.errors import DataError


def mapped(columns: dict[str, list[str]]) -> tuple[dict[str, list[str | None]], dict[str, Any], Findings]:
    n = len(next(iter(columns.values())))
    table = PatientTable(tuple(f"P{i}" for i in range(n)))
    for name, cells in columns.items():
        table.columns[name] = Column(name, Path("clinical.tsv"), cells, list(range(2, n + 2)))
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
        ("stage", ["2.0", "Stage IIA", "IV", "stage iii"], "stage", "II II IV III"),
        ("PATHOLOGIC_T", ["T1c", "pT3", "T4b"], "t_stage", "1 3 4"),
        ("menopausal", ["Post", "Pre", "premenopausal"], "menopausal", "post pre pre"),
        ("INFERRED_MENOPAUSAL_STATE", ["Post"], "menopausal", "post"),
        ("chemotherapy", ["YES", "NO", "1"], "chemotherapy", "yes no yes"),
        ("hormone_therapy", ["YES", "NO"], "endocrine_therapy", "yes no"),
        ("treatment", ["Everolimus", "placebo"], "treatment", "Everolimus placebo"),
        ("AGE_AT_DIAGNOSIS", ["50.5", "60.0"], "age", "50.5 60"),
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


def test_no_column_name_belongs_to_two_concepts() -> None:
    names = [name for term in terms().values() for name in term["columns"]]
    assert len(names) == len(set(names))
    assert names == [name.lower() for name in names]


def test_no_spelling_means_two_words() -> None:
    for concept, term in terms().items():
        spellings = [s for word, more in term.get("values", {}).items() for s in {word.casefold(), *more}]
        assert len(spellings) == len(set(spellings)), concept


def from_file(write: Any, text: str, **read: Any) -> tuple[PatientTable, Findings]:
    findings = Findings()
    options = ReadOptions(**read)
    table = read_table(write("clinical.tsv", text), options, findings)
    samples, types = link_samples([table], findings)
    links = Links(("P1", "P2"), samples, types, options)
    return patient_table([table], links, findings), findings


def test_identical_lines_are_one_and_conflicts_name_their_lines(write: Any) -> None:
    table, findings = from_file(write, "patient_id\tx\nP1\t1\nP2\t2\nP1\t1\n")
    assert table.columns["x"].cells == ["1", "2"]
    assert [(item.n, item.step) for item in findings.exclusions] == [(1, "read")]
    _, findings = from_file(write, "patient_id\tx\nP1\t1\nP2\t2\nP1\t3\n")
    assert "lines 2, 4 are the same patient with different values: x '1' / '3'" in str(findings.problems[0])


def test_columns_of_samples_that_differ_are_unknown_without_a_rule(write: Any) -> None:
    head = "patient_id\tsample_id\tsample_type\ter\tsex\n"
    text = head + "P1\tS1\tMetastasis\tneg\tf\nP1\tS2\tPrimary\tpos\tf\nP2\tS3\tPrimary\tpos\tf\n"
    table, findings = from_file(write, text)
    assert (table.columns["er"].cells, table.columns["sex"].cells) == (["", "pos"], ["f", "f"])
    assert any("'er' differs between the samples of 1 patient" in note for note in findings.notes)
    assert from_file(write, text, sample_rule="primary")[0].columns["er"].cells == ["pos", "pos"]
    assert from_file(write, text, sample_rule="first")[0].columns["er"].cells == ["neg", "pos"]


def test_a_table_without_ids_names_its_columns_and_the_remedy(write: Any) -> None:
    from strata.cohort.clinical import id_column

    table = read_table(write("c.tsv", "patientID\tage\nP1\t50\n"), ReadOptions(), Findings())
    with pytest.raises(DataError, match=r"found patientID, age.*id_column=patientID"):
        id_column(table, ReadOptions())
    assert id_column(table, ReadOptions(id_column="patientid")) == "patientID"


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
