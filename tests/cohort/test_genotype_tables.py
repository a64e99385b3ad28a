"""Tables of germline genotypes: their forms, words for a call, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from strata.cohort import read_cohort
from strata.cohort.findings import Findings
from strata.cohort.genotype_tables import add_genotypes, is_genotype_table
from strata.cohort.identifiers import Links
from strata.cohort.options import ReadOptions
from strata.errors import DataError

LINKS = Links(("P1", "P2", "P3"), {"S1": "P1", "S2": "P1", "S3": "P2"})


def calls(write: Any, text: str, links: Links = LINKS) -> tuple[dict[str, dict[str, str]], Findings]:
    path: Path = write("germline_genotypes.tsv", text)
    assert is_genotype_table(path, links)
    found: dict[str, Any] = {}
    findings = Findings()
    add_genotypes(path, found, links, findings)
    return {rs: {patient: call.genotype for patient, call in of.items()} for rs, of in found.items()}, findings


EXPECTED = {"rs1": {"P1": "G/T", "P2": "T/T"}, "rs22": {"P1": "A/A"}}


@pytest.mark.parametrize(
    "text",
    [
        "patient_id\trs1\trs22\nP1\tT/G\tA/A\nP2\tTT\tNA\n",
        "patient_id\tRS1\tage\trs22\nP1\tG|T\t50\tAA\nP2\tT|T\t51\t./.\n",
        "variant\tP1\tP2\nrs1\tGT\tT/T\nrs22\tA/A\tNN\n",
        "ENTITY_STABLE_ID\tNAME\tS1\tS3\nrs1\trs1\tg/t\tT T\nrs22\trs22\tA/A\t\n",
        "patient_id\trsid\tgenotype\nP1\trs1\tG/T\nP2\trs1\tT/T\nP1\trs22\tA/A\nP2\trs22\tNo call\n",
        "sample_id\tgene\tvariant\tgenotype\nS1\tIGF1R\trs1\tG/T\nS3\tIGF1R\trs1\tT/T\nS1\tX\trs22\tA/A\n",
    ],
)
def test_every_form_says_the_same(write: Any, text: str) -> None:
    assert calls(write, text)[0] == EXPECTED


def test_longer_alleles_need_a_sign_between_them(write: Any) -> None:
    assert calls(write, "patient_id\trs1\nP1\tGA/G\n")[0] == {"rs1": {"P1": "G/GA"}}
    with pytest.raises(DataError, match=r"1 cell is no genotype: 'GAG' \(1\)"):
        calls(write, "patient_id\trs1\nP1\tGAG\n")


def test_what_was_found_is_told_without_ids(write: Any) -> None:
    _, findings = calls(write, "patient_id\trs1\trs22\nP1\tG/T\tNA\nP2\t./.\tNA\nP9\tG/G\tA/A\n")
    assert findings.notes[-1].endswith(
        "genotypes of rs1 (alleles G, T), rs22 (alleles none) for 2 patients; 3 of 4 cells not called, unknown"
    )
    assert [(item.n, item.reason) for item in findings.exclusions] == [
        (1, "germline (germline_genotypes.tsv): sample without a clinical row")
    ]


def test_codes_and_words_are_refused_at_once(write: Any) -> None:
    text = "patient_id\trs1\trs22\nP1\t0/1\thet\nP2\t1|1\tA/A\nP3\t2\t0/1\n"
    with pytest.raises(DataError) as caught:
        calls(write, text)
    codes, words = caught.value.problems
    assert codes.where.endswith("germline_genotypes.tsv:2: rs1")
    assert codes.what == ("4 genotypes are codes, and which allele is 1 is not known: '0/1' (2), '1|1' (1), '2' (1)")
    assert codes.fix == "Write the alleles: G/T"
    assert words.where.endswith("germline_genotypes.tsv:2: rs22")
    assert words.what == "1 cell is no genotype: 'het' (1)"
    assert "na=het" in words.fix


def test_a_word_can_be_declared_missing(write: Any) -> None:
    links = Links(("P1", "P2"), options=ReadOptions(na=("het",)))
    assert calls(write, "patient_id\trs1\nP1\thet\nP2\tG/G\n", links)[0] == {"rs1": {"P2": "G/G"}}


def test_samples_of_one_patient_agree_or_are_refused(write: Any) -> None:
    assert calls(write, "sample_id\trs1\nS1\tG/T\nS2\tT/G\nS3\tG/G\n")[0] == {"rs1": {"P1": "G/T", "P2": "G/G"}}
    assert calls(write, "sample_id\trs1\nS1\tNA\nS2\tT/G\n")[0] == {"rs1": {"P1": "G/T"}}
    conflict = "sample_id\trs1\nS1\tG/T\nS2\tT/T\n"
    with pytest.raises(DataError, match=r"tsv:3: rs1 is 'T/T' here and 'G/T' at .*tsv:2 in one patient"):
        calls(write, conflict)
    first = Links(LINKS.patients, LINKS.samples, options=ReadOptions(sample_rule="first"))
    assert calls(write, conflict, first)[0] == {"rs1": {"P1": "G/T"}}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("patient_id\trs1\nX1\tG/T\n", r"none of its 1 sample is in the clinical table \(such as 'A9'\)"),
        ("id\trs1\nP1\tG/T\n", "no id column"),
        ("patient_id\trs1\nP1\tG/T\n\tG/G\n", "tsv:3: column 'patient_id'.*empty id"),
        ("patient_id\trs1\nP1\tG/T\tx\nP2\tG/T\n", "another number of fields"),
    ],
)
def test_tables_that_cannot_be_used(write: Any, text: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        calls(write, text)


@pytest.mark.parametrize(
    "text",
    [
        "Hugo_Symbol\tTumor_Sample_Barcode\tdbSNP_RS\nBRCA1\tP1\trs1\n",
        "gene\tP1\tP2\nBRCA1\t1\t0\n",
        "patient_id\tgene\tgenotype\nP1\tFCGR3A\tF/V\n",
        "patient_id\n",
    ],
)
def test_other_tables_are_something_else(write: Any, text: str) -> None:
    assert not is_genotype_table(write("germline.tsv", text), LINKS)


def test_two_tables_join_or_contradict_each_other(write: Any) -> None:
    folder = write("clinical.tsv", "patient_id\tage\nP1\t50\nP2\t51\n").parent
    write("germline_a.tsv", "patient_id\trs1\nP1\tG/T\n")
    write("germline_b.tsv", "variant\tP1\tP2\nrs1\tNA\tG/G\nrs22\tA/A\tNA\n")
    found = read_cohort(folder).mutations["germline"]
    assert found.features == ("rs1", "rs22")
    assert [found.tested(rs) for rs in ("rs1", "rs22", "rs3")] == [{"P1", "P2"}, {"P1"}, set()]
    write("germline_b.tsv", "patient_id\trs1\nP1\tT/T\n")
    with pytest.raises(DataError, match=r"germline_b.tsv:2: rs1 is 'T/T' here and 'G/T' at .*germline_a.tsv:2"):
        read_cohort(folder)
