"""Reading options: one registry, and no message names an option that does not exist."""

from __future__ import annotations

import re
import shlex
from dataclasses import fields
from pathlib import Path

import pytest

from strata.cohort import ReadOptions, parse_read_options, read_cohort
from strata.cohort.options import COHORT_KEYS, cohort_key, remedy
from strata.errors import Problem, StrataError, UsageError

CLINICAL = """\
patient_id\tos_months\tos_event\tdfs_months\tdfs_event
P1\t10\t1\t5\t1
P2\t11\t0\t6\t0
P3\t12\t1\t7\t1
P4\t13\t0\t8\t0
"""
MRNA = "gene\tP1\tP2\tP3\tP4\nA\t6\t6.5\t7\t7.5\nB\t8\t8\t8\t8\n"
NAMES = {item.name for item in fields(ReadOptions)}


def test_every_option_tells_what_it_does() -> None:
    assert [item.name for item in fields(ReadOptions) if not item.metadata["help"]] == []


def test_items_become_a_mapping() -> None:
    assert parse_read_options(["sep=;", "na=a=b", "event_values=2"]) == {"sep": ";", "na": "a=b", "event_values": "2"}


def test_all_wrong_items_are_told_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        parse_read_options(["decimals=,", "sep", "orientation=sideways", "na=1", "na=2", "max_bytes=many"])
    text = str(caught.value)
    for words in (
        "Did you mean 'decimal'",
        "'sep' is not KEY=VALUE",
        "genes-in-rows",
        "na is given twice",
        "whole number",
    ):
        assert words in text


def test_values_are_converted() -> None:
    options = ReadOptions.of({"sep": "tab", "na": "9999,-9", "event_values": ["2"], "max_bytes": "10"})
    assert (options.sep, options.na, options.event_values, options.max_bytes) == ("\t", ("9999", "-9"), ("2",), 10)


def test_a_remedy_can_be_typed_into_a_shell() -> None:
    assert remedy("sep", ";") == "read: {sep: ';'} in the cohort YAML, or --read 'sep=;'"


def test_a_remedy_with_commas_and_quotes_is_read_as_it_was_meant() -> None:
    words = ("lost, then found", "it's", 'gone "away"', "plain")
    typed = shlex.split(remedy("na", *words).partition("--read ")[2])
    assert ReadOptions.of(parse_read_options(typed)).na == words


def test_a_remedy_cannot_name_an_option_that_does_not_exist() -> None:
    with pytest.raises(KeyError):
        remedy("separator", ";")
    with pytest.raises(KeyError):
        cohort_key("expression_table")


def test_no_message_names_an_option_or_key_that_does_not_exist(root: Path) -> None:
    remedies, keys = set(), set()
    for path in (root / "src" / "strata").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        remedies |= set(re.findall(r"\bremedy\(\s*[\"'](\w+)", text))
        remedies |= set(re.findall(r"--read ([a-z_]+)=", text))
        keys |= set(re.findall(r"\bcohort_key\(\s*[\"'](\w+)", text))
    assert len(remedies) > 10
    assert remedies - NAMES == set()
    assert keys - set(COHORT_KEYS) == set()


BROKEN: dict[str, dict[str, str]] = {
    "another separator": {"clinical.csv": CLINICAL.replace("\t", ";")},
    "a decimal comma": {"clinical.tsv": CLINICAL.replace("10", "10,5")},
    "events coded 1 and 2": {"clinical.tsv": CLINICAL.replace("\t1\t", "\t2\t").replace("\t0\t", "\t1\t")},
    "a third code": {"clinical.tsv": CLINICAL.replace("P3\t12\t1", "P3\t12\t2")},
    "half an event": {"clinical.tsv": CLINICAL.replace("P3\t12\t1", "P3\t12\t0.5")},
    "unknown words": {
        "clinical.tsv": CLINICAL.replace("\t1\t", "\tDead\t")
        .replace("\t0\t", "\tAlive\t")
        .replace("P3\t12\tDead", "P3\t12\tlost, then 'found'")
        .replace("P4\t13\tAlive", 'P4\t13\tgone "away"')
    },
    "two endpoints wrong at once": {
        "clinical.tsv": CLINICAL.replace("P1\t10\t1\t5\t1", "P1\t-1\t2\tx y\tperhaps").replace("P3\t12\t1", "P3\t-3\t2")
    },
    "a censoring flag": {"clinical.tsv": CLINICAL.replace("os_event", "CNSR")},
    "no id column": {"clinical.tsv": CLINICAL.replace("patient_id", "patientID")},
    "ids that differ in case": {"clinical.tsv": CLINICAL, "mrna.tsv": MRNA.replace("P", "p")},
    "two ids that differ in case": {"clinical.tsv": CLINICAL.replace("P4", "p3")},
    "barcodes": {
        "clinical.tsv": CLINICAL.replace("P", "TCGA-AA-000"),
        "mrna.tsv": "gene\tTCGA-AA-0001-01A\tTCGA-AA-0002-01A\nA\t6\t7\n",
    },
    "cells that are no numbers": {
        "clinical.tsv": CLINICAL,
        "mrna.tsv": MRNA.replace("6.5", "<0,1").replace("7.5", "low"),
    },
    "an infinite cell": {"clinical.tsv": CLINICAL, "mrna.tsv": MRNA.replace("6.5", "-inf")},
    "a number with a comma": {"clinical.tsv": CLINICAL, "mrna.tsv": MRNA.replace("6.5", "1,234")},
    "copies for calls": {"clinical.tsv": CLINICAL, "cna.tsv": MRNA.replace("6.5", "3")},
    "a gene on two rows": {"clinical.tsv": CLINICAL, "mrna.tsv": MRNA + "A\t1\t2\t3\t4\n"},
    "several probes of a gene": {
        "clinical.tsv": CLINICAL,
        "mrna.tsv": MRNA.replace("gene", "ID_REF"),
        "array.csv": "probe,gene\nA,IGF1R\nB,IGF1R\n",
        "cohort.yaml": "name: a\nclinical: clinical.tsv\nmrna: mrna.tsv\nread: {probes: array.csv}\n",
    },
    "JetSet without its scores": {
        "clinical.tsv": CLINICAL,
        "mrna.tsv": MRNA,
        "array.csv": "probe,gene\nA,IGF1R\nB,IGF1R\n",
        "cohort.yaml": "name: a\nclinical: clinical.tsv\nmrna: mrna.tsv\n"
        "read: {probes: array.csv, duplicate_genes: jetset}\n",
    },
    "two samples at one time point": {
        "clinical.tsv": CLINICAL,
        "protein.tsv": "patient_id\tvisit\tA\nP1\tbaseline\t1\nP1\tday 0\t2\nP2\tpost\t3\n",
    },
    "patients on both axes": {"clinical.tsv": CLINICAL, "mrna.tsv": MRNA.replace("\nA", "\nP1")},
    "two samples of a patient": {
        "clinical.tsv": CLINICAL,
        "samples.tsv": "sample\tpatient\nS1\tP1\nS2\tP1\nS3\tP3\n",
        "mrna.tsv": "gene\tS1\tS2\tS3\nA\t1\t2\t3\n",
        "mutations.tsv": "sample\tgene\tchange\nS1\tTP53\tR175H\nS2\tTP53\tR248Q\n",
    },
    "a matrix with strange words": {"clinical.tsv": CLINICAL, "mutations.tsv": MRNA.replace("6.5", "not done")},
    "Latin-1": {"clinical.tsv": CLINICAL.replace("P4", "P\u00e4")},
    "a scale that cannot be": {
        "clinical.tsv": CLINICAL,
        "mrna.tsv": MRNA.replace("6.5", "-2"),
        "cohort.yaml": "name: a\nclinical: clinical.tsv\nmrna: mrna.tsv\nread: {scale: linear}\n",
    },
    "a time without a unit": {
        "clinical.tsv": CLINICAL.replace("dfs_months", "t"),
        "cohort.yaml": "name: a\nclinical: clinical.tsv\nendpoints: {DFS: {time: t, event: dfs_event}}\n",
    },
    "a long line": {
        "clinical.tsv": CLINICAL,
        "cohort.yaml": "name: a\nclinical: clinical.tsv\nread: {max_line_bytes: 20, max_bytes: 100}\n",
    },
}


def problems_of(path: Path, read: dict[str, str]) -> tuple[Problem, ...]:
    """What is wrong when a cohort is opened and everything in it is read."""
    try:
        cohort = read_cohort(path, read=read)
        for assay in cohort.assays.values():
            assay.read(assay.features)
        for mutations in cohort.mutations.values():
            mutations.variants(mutations.features)
    except StrataError as error:
        return error.problems
    return ()


@pytest.mark.parametrize("name", BROKEN)
def test_every_remedy_mends_what_it_is_printed_for(name: str, tmp_path: Path) -> None:
    for file, text in BROKEN[name].items():
        (tmp_path / file).write_bytes(text.encode("latin-1" if name == "Latin-1" else "utf-8"))
    path = tmp_path / "cohort.yaml" if "cohort.yaml" in BROKEN[name] else tmp_path
    problems = problems_of(path, {})
    followed = 0
    for problem in problems:
        for start in re.finditer("--read ", problem.fix):
            typed = shlex.split(problem.fix[start.end() :].replace("; read:", " read:"))[0]
            after = problems_of(path, parse_read_options([typed]))
            assert (problem.where, problem.what) not in [(other.where, other.what) for other in after], typed
            # no remedy makes an error of its own where nothing else was wrong
            assert len(after) < len(problems), typed
            followed += 1
    assert followed
