"""Ids of patients and samples."""

from __future__ import annotations

from strata.cohort.identifiers import Links, clean_id, id_problems, nameless, nameless_columns, natural_order
from strata.cohort.options import ReadOptions


def test_ids_are_trimmed_and_composed_but_keep_their_letters() -> None:
    assert clean_id(" P1\u00a0\u200b") == "P1"
    assert clean_id("e\u0301") == "\u00e9"
    assert [clean_id(text) for text in ("007", "1E5", "NA", "p1")] == ["007", "1E5", "NA", "p1"]


def test_ids_are_sorted_as_people_count() -> None:
    ids = ["P10", "p2", "P1", "7", "007", "P2", "P-1b", "\u00c9va", "", "P1-10", "P1-9", "9" * 5000]
    ordered = ["", "007", "7", "9" * 5000, "P1", "P1-9", "P1-10", "P2", "p2", "P10", "P-1b", "\u00c9va"]
    assert sorted(ids, key=natural_order) == ordered
    assert sorted([*ordered[1::2], *ordered[::2]], key=natural_order) == ordered


def test_more_words_than_a_vocabulary_has_are_told_by_their_forms() -> None:
    few = {f"stage {i}": i for i in range(1, 13)}
    assert nameless(few) == few
    assert nameless(few | {"Jane Doe": 1}) == {"aaaaa 9": 45, "aaaaa 99": 33, "Aaaa Aaa": 1}


def test_columns_that_look_alike_are_told_by_their_forms() -> None:
    columns = ["gene", *(f"MRN{i}" for i in range(1, 12))]
    assert nameless_columns(["gene", "MRN1", "MRN11", "MRN2"], columns) == ["gene", "AAA9", "AAA99"]
    plain = ["patient", "os_months", "os_event", "er", "ki67", "cd8"]
    assert nameless_columns(plain, plain) == plain


def test_what_no_id_may_be() -> None:
    problems = id_problems(
        [("", "f:2"), ("a" * 300, "f:3"), ("a\x1bb", "f:4"), ("a\u202eb", "f:5"), ("NA", "f:6")], "id"
    )
    assert [problem.where for problem in problems] == ["f:2", "f:3", "f:4", "f:5"]
    assert "\x1b" not in str(problems)
    assert "U+202E" in problems[3].what


def test_samples_find_their_patient() -> None:
    links = Links(("P1", "P2"), {"S1": "P1", "S2": "P1"})
    assert [links.patient(text) for text in ("S1", " S2 ", "P2", "s1", "X")] == ["P1", "P1", "P2", None, None]
    assert Links(("P1",), options=ReadOptions(id_case="ignore")).patient("p1") == "P1"
    assert "id_case=ignore" in links.why_no_match(["s1"])


def test_tcga_barcodes_are_cut_only_when_asked() -> None:
    ids = ["TCGA-OR-A5J1-01A-11R-A29S-07", "TCGA.OR.A5J1.11"]
    assert [Links(("TCGA-OR-A5J1",)).patient(text) for text in ids] == [None, None]
    assert "id_rule=tcga-patient" in Links(("TCGA-OR-A5J1",)).why_no_match(ids)
    links = Links(("TCGA-OR-A5J1",), options=ReadOptions(id_rule="tcga-patient", sample_rule="primary"))
    assert [links.patient(text) for text in ids] == ["TCGA-OR-A5J1"] * 2
    assert [links.is_normal(text) for text in ids] == [False, True]
    assert links.preferred(["TCGA-OR-A5J1-06A", "TCGA-OR-A5J1-01A"]) == [1]


def test_the_sample_rules() -> None:
    def preferred(rule: str) -> list[int]:
        links = Links(("P",), {"B": "P", "A": "P"}, {"A": "Primary", "B": "Metastasis"}, ReadOptions(sample_rule=rule))
        return links.preferred(["A", "B"])

    assert {rule: preferred(rule) for rule in ("first", "primary", "mean")} == {
        "first": [1],
        "primary": [0],
        "mean": [0, 1],
    }


def test_samples_have_time_points() -> None:
    links = Links(("P",), {"A": "P"}, options=ReadOptions(id_case="ignore"), time_points={"A": "post"})
    assert [links.time_of(sample) for sample in ("a ", "B", "P")] == ["post", "", ""]
