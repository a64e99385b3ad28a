"""``strata explain``, and errors for machines."""

from __future__ import annotations

import json

import pytest

from strata.codes import catalogue


@pytest.mark.parametrize("code", ["E101", "w305"])
def test_a_code_is_explained(strata, code):
    ran = strata("explain", code)
    entry = catalogue()[code.upper()]
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith(f"{entry.code} ({entry.severity}")
    assert entry.meaning in ran.out
    assert f"To mend: {entry.mend}" in ran.out


def test_all_codes_are_listed(strata):
    ran = strata("explain")
    assert [line.split()[0] for line in ran.out.splitlines()] == list(catalogue())


def test_an_unknown_code_is_2_with_those_that_are_near(strata):
    ran = strata("explain", "E1011")
    assert ran.status == 2
    assert "no code E1011. Near: " in ran.err
    assert "E101" in ran.err


def documents(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def test_json_errors_are_one_document_a_problem(strata, small, tmp_path):
    lines = (small / "clinical.tsv").read_text().splitlines()
    lines[3] = lines[3].replace("\t4.0\t", "\t-4.0\t")
    (small / "clinical.tsv").write_text("\n".join(lines) + "\n")
    (small / "mrna.tsv").write_bytes(b"")
    ran = strata("--json-errors", "score", small, "igf1r-high", "--out", tmp_path / "out")
    assert ran.status == 3
    time, empty = documents(ran.err)
    assert (time["code"], time["line"], time["column"]) == ("E501", 4, None)
    assert time["file"] == str(small / "clinical.tsv")
    assert (empty["code"], empty["file"], empty["line"]) == ("E104", str(small / "mrna.tsv"), None)
    assert empty["what"] == "the file is empty (0 bytes)"
    assert {item["exit_status"] for item in (time, empty)} == {3}
    assert {item["severity"] for item in (time, empty)} == {"error"}


def test_the_column_of_a_yaml_and_of_a_cell(strata, small, tmp_path):
    (tmp_path / "plan.yaml").write_text("cohorts: [small]\nname: PTEN: loss\n")
    (found,) = documents(strata("--json-errors", "run", tmp_path / "plan.yaml").err)
    assert (found["code"], found["line"], found["column"]) == ("E601", 2, 11)
    table = (small / "mrna.tsv").read_text().splitlines()
    cells = table[2].split("\t")
    table[2] = "\t".join([cells[0], "low", *cells[2:]])
    (small / "mrna.tsv").write_text("\n".join(table) + "\n")
    words = ("score", small, "igf1r-high", "--out", tmp_path / "out")
    (cell,) = documents(strata("--json-errors", *words).err)
    assert (cell["code"], cell["line"], cell["column"]) == ("E404", 3, 2)


def test_a_usage_error_is_a_document_too(strata):
    (found,) = documents(strata("--json-errors", "score", "--nothing").err)
    assert (found["code"], found["exit_status"], found["file"]) == ("E701", 2, None)


def test_a_failed_cohort_is_named(strata, small, tmp_path):
    plan = tmp_path / "plan.yaml"
    plan.write_text("cohorts: [small, nowhere]\nsignatures: [igf1r-high]\nendpoints: []\noutput: out\n")
    ran = strata("--json-errors", "run", plan)
    (found,) = documents(ran.err)
    assert (ran.status, found["code"], found["cohort"]) == (1, "E101", "nowhere")
    (failure,) = json.loads((tmp_path / "out" / "run.json").read_text())["failures"]
    assert failure["problems"][0].startswith("E101: ")
