"""What is to be read: folders and cohort YAMLs, and everything that can be wrong in one."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

from strata.cohort import cohort_specs
from strata.cohort.endpoint_columns import EndpointColumns
from strata.errors import InputOutputError, PlanError, UsageError


def test_a_folder_is_one_cohort(tmp_path: Path) -> None:
    folder = tmp_path / "my study (1)"
    folder.mkdir()
    (spec,) = cohort_specs(folder)
    assert (spec.name, spec.folder, spec.layout) == ("my_study_1_", folder, "auto")


def test_a_yaml_of_cohorts_opens_no_table_and_survives_pickling(write: Any) -> None:
    path = write(
        "cohorts.yaml",
        "cohorts:\n"
        "- {name: a, clinical: missing.tsv, expression: [x.tsv, y.tsv], read: {sep: ';'}}\n"
        "- {name: b, folder: study, layout: cbioportal, endpoints: {os: {time: t, event: e, unit: days}}}\n",
    )
    first, second = pickle.loads(pickle.dumps(cohort_specs(path, read={"decimal": ","})))
    assert first.tables["mrna"] == (path.parent / "x.tsv", path.parent / "y.tsv")
    assert (first.options.sep, first.options.decimal) == (";", ",")
    assert (second.folder, second.layout) == (path.parent / "study", "cbioportal")
    assert second.endpoints["OS"].unit == "days"


def test_words_stay_words(write: Any) -> None:
    (spec,) = cohort_specs(write("c.yaml", "name: a\nclinical: c.tsv\nsequenced: [007, 1e5, NO]\n"))
    assert spec.sequenced == ("007", "1e5", "NO")


@pytest.mark.parametrize(
    "name", ["../../evil", "/abs", "a/b", "..", ".", "CON", "a.", "", "x" * 65, "-x", "nul.txt", "a b", "é"]
)
def test_a_name_that_cannot_be_a_folder(write: Any, name: str) -> None:
    with pytest.raises(PlanError, match="cohort name") as caught:
        cohort_specs(write("c.yaml", f"name: '{name}'\nclinical: c.tsv\n"))
    assert caught.value.exit_status == 4


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name: a\nclinicl: c.tsv\n", ["c.yaml:2", "'clinicl'", "Did you mean 'clinical'"]),
        ("name: a\nname: b\n", ["c.yaml:2", "twice", "line 1"]),
        ("clinical: c.tsv\n", ["name is required"]),
        ("name: a\nclinical: c.tsv\nread: {decimals: 1}\n", ["c.yaml:3", "Did you mean 'decimal'"]),
        ("name: a\nread: [1]\n", ["read: must be a mapping"]),
        ("name: a\nlayout: flatt\n", ["c.yaml:2", "Did you mean 'flat'"]),
        ("name: a\nendpoints: {OS: {time: t}}\n", ["both a time and an event"]),
        ("name: a\nendpoints: {OS: {time: t, event: e, unit: weeks}}\n", ["weeks", "days, months or years"]),
        ("name: a\nendpoints: {OS: {time: t, evnt: e}}\n", ["'evnt'", "'event'"]),
        ("name: a\nendpoints: {OS: {time: t, event: e, competing: {a: b}}}\n", ["needs {time: COLUMN"]),
        ("name: a\nendpoints: {OS: {time: t, event: e, entry: s, competing: d}}\n", ["not available together"]),
        ("cohorts: []\n", ["list of cohorts"]),
        ("name: x\ncohorts:\n- {name: a}\n", ["beside cohorts"]),
        ("cohorts:\n- {name: a}\n- {name: A}\n", ["c.yaml:3", "differ only in case"]),
        ("cohorts:\n- {name: a}\n- {name: a}\n", ["two cohorts are called 'a'"]),
        ("- a\n", ["one mapping"]),
        ("", ["one mapping"]),
        ("name: a\n---\nname: b\n", ["one mapping"]),
        ("name: !!python/object/apply:os.system [id]\n", ["tag", "not allowed"]),
        ("name: &x a\nmrna: *x\n", ["aliases"]),
        ("name: " + "[" * 3000 + "]" * 3000 + "\n", ["deeper than 20"]),
        ("name:\tx: y: z\n\tb\n", ["not valid YAML", "c.yaml:"]),
    ],
)
def test_everything_wrong_in_a_yaml_is_told_with_its_line(write: Any, text: str, words: list[str]) -> None:
    with pytest.raises(PlanError) as caught:
        cohort_specs(write("c.yaml", text))
    assert [word for word in words if word not in str(caught.value)] == []


def test_all_problems_at_once(write: Any) -> None:
    with pytest.raises(PlanError) as caught:
        cohort_specs(write("c.yaml", "cohorts:\n- {name: a/b, foo: 1}\n- {layout: x}\n- 3\n"))
    assert len(caught.value.problems) == 5


def test_paths_that_are_no_cohort(write: Any, tmp_path: Path) -> None:
    with pytest.raises(InputOutputError, match="no such file"):
        cohort_specs(tmp_path / "nothing")
    with pytest.raises(InputOutputError, match="neither a folder nor a cohort YAML"):
        cohort_specs(write("c.tsv", "a\tb\n"))
    with pytest.raises(UsageError, match="Did you mean 'cbioportal'"):
        cohort_specs(tmp_path, layout="cbioportl")


def test_the_traversal_fixture_is_refused(shared: Path) -> None:
    with pytest.raises(PlanError, match="cannot be a folder name"):
        cohort_specs(shared / "bad_inputs" / "c04_traversal" / "cohorts.yaml")


def test_samples_may_be_linked_in_the_yaml_itself(write: Any) -> None:
    yaml = write("c.yaml", "name: a\nclinical: c.tsv\nsamples: {007: P1, 1E5: P2}\n")
    (spec,) = cohort_specs(yaml)
    assert spec.sample_links == {"007": "P1", "1E5": "P2"}
    assert "samples" not in spec.tables
    with pytest.raises(PlanError, match="a file or a mapping of samples to patients"):
        cohort_specs(write("d.yaml", "name: a\nclinical: c.tsv\nsamples: {S1: [P1]}\n"))


@pytest.mark.parametrize(("written", "words"), [("2", ("2",)), ("[2, died]", ("2", "died"))])
def test_competing_events_are_one_word_or_several(tmp_path, written, words):
    path = tmp_path / "c.yaml"
    path.write_text(f"name: a\nendpoints: {{REC: {{time: t, event: e, competing: {written}}}}}\n")
    (spec,) = cohort_specs(path)
    assert spec.endpoints["REC"].competing == words
    assert spec.endpoints["REC"].entry == ""


def test_an_entry_column_is_a_part_of_an_endpoint(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text("name: a\nendpoints: {OS: {time: t, event: e, entry: s}}\n")
    (spec,) = cohort_specs(path)
    assert spec.endpoints["OS"] == EndpointColumns("t", "e", entry="s")
