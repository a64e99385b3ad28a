"""Expression tables of probes. The arrays, probes and scores are invented."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from strata.cohort import Cohort, read_cohort
from strata.cohort.findings import Findings
from strata.cohort.options import ReadOptions
from strata.cohort.probes import look_like_probes, read_probes
from strata.errors import DataError, InputOutputError

CLINICAL = "patient_id\tage\nP1\t50\nP2\t60\nP3\t70\n"
# IGF1R: means 4, 6, 5; variances 4, 1, 9; medians by patient 5, 6, 6
MRNA = """\
ID_REF\tP1\tP2\tP3
1_at\t2\t4\t6
2_s_at\t5\t6\t7
3_x_at\t8\t5\t2
4_at\t9\t9\t9
5_at\t1\t1\t1
6_at\t3\t3\t3
7_at\t3\t3\t4
AFFX-1_at\t0\t0\t0
"""
PROBES = """\
probeset,nProbes,overall,EntrezID,symbol,best
1_at,11,0.5,3480,IGF1R,FALSE
2_s_at,11,0.2,3480,IGF1R,FALSE
3_x_at,11,0.5,3480,IGF1R,FALSE
4_at,11,NA,8877,SPHK1,FALSE
5_at,11,0.9,1,A1BG /// A1CF,FALSE
7_at,11,0.1,,NA,FALSE
9_at,11,0.9,8877,SPHK1,TRUE
"""


def cohort(write: Any, probes: str = PROBES, name: str = "probes.csv", mrna: str = MRNA, **read: str) -> Cohort:
    write("clinical.tsv", CLINICAL)
    write("mrna.tsv", mrna)
    path = write(name, probes)
    return read_cohort(path.parent, read={"probes": str(path), **read})


def igf1r(found: Cohort) -> list[float]:
    values: list[float] = found.assays["mrna"].read(["IGF1R"])["IGF1R"].tolist()
    return values


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("first", [2.0, 4.0, 6.0]),
        ("mean", [5.0, 5.0, 5.0]),
        ("median", [5.0, 5.0, 6.0]),
        ("max_mean", [5.0, 6.0, 7.0]),
        ("max_variance", [8.0, 5.0, 2.0]),
    ],
)
def test_rules(write: Any, rule: str, expected: list[float]) -> None:
    found = cohort(write, duplicate_genes=rule)
    assay = found.assays["mrna"]
    assert tuple(assay.features) == ("IGF1R", "SPHK1")
    assert igf1r(found) == expected
    (about,) = found.choices["assays"]["mrna"]["tables"]
    assert (about["duplicate_genes"], about["n_duplicate_genes"], about["n_features"]) == (rule, 1, 2)
    assert Path(about["probes"]).name == "probes.csv"
    notes = "\n".join(found.notes)
    over = " over the cohort's patients in this table" if rule.startswith("max") else ""
    assert f"mrna.tsv: 1 feature on several probes; rule: {rule}{over}" in notes.splitlines()
    kept = "mrna.tsv: 4 probes of 2 genes by probes.csv"
    assert f"{kept}; left out: 1 control, 1 not in that table, 2 of several genes or none" in notes
    assert {item.reason: item.n for item in found.exclusions} == {
        "mrna (mrna.tsv): control probe": 1,
        "mrna (mrna.tsv): probe that is not in probes.csv": 1,
        "mrna (mrna.tsv): probe of several genes or none": 2,
    }
    assert [path.name for path in found.source] == ["clinical.tsv", "probes.csv", "mrna.tsv"]


def test_the_cohort_s_patients_alone_decide(write: Any) -> None:
    # X9 is not in the cohort; with it the first row would have the larger mean
    mrna = "ID_REF\tP1\tX9\n1_at\t1\t90\n2_s_at\t2\t2\n"
    assert igf1r(cohort(write, mrna=mrna, duplicate_genes="max_mean"))[0] == 2.0


def test_jetset_takes_the_best_probe_else_the_highest_score(write: Any) -> None:
    # none is marked and two share the highest score: the first of them
    found = cohort(write, duplicate_genes="jetset")
    assert igf1r(found) == [2.0, 4.0, 6.0]
    assert found.assays["mrna"].read(["SPHK1"])["SPHK1"].tolist() == [9.0, 9.0, 9.0]
    marked = PROBES.replace("2_s_at,11,0.2,3480,IGF1R,FALSE", "2_s_at,11,0.2,3480,IGF1R,TRUE")
    found = cohort(write, marked, duplicate_genes="jetset")
    assert igf1r(found) == [5.0, 6.0, 7.0]
    (about,) = found.choices["assays"]["mrna"]["tables"]
    assert (about["duplicate_genes"], about["n_duplicate_genes"]) == ("jetset", 1)
    assert any("rule: jetset, the probe marked best, else the one with the highest" in note for note in found.notes)


def test_several_probes_without_a_rule_fail_when_they_are_read(write: Any) -> None:
    found = cohort(write)
    assert any("1 feature on several probes; where the probes of one differ" in note for note in found.notes)
    assert found.assays["mrna"].read(["SPHK1"])["SPHK1"].tolist() == [9.0, 9.0, 9.0]
    with pytest.raises(
        DataError, match=r"'IGF1R' on lines 2, 3, 4 with different values.*max_variance.*duplicate_genes"
    ):
        igf1r(found)


def test_samples_in_rows(write: Any) -> None:
    turned = "".join("\t".join(column) + "\n" for column in zip(*map(str.split, MRNA.splitlines()), strict=True))
    assert igf1r(cohort(write, mrna=turned, duplicate_genes="max_mean")) == [5.0, 6.0, 7.0]


@pytest.mark.parametrize("header", ["ID\tGene Symbol", "probe\tgene", "Probe_ID\tHugo_Symbol", "ID_REF\tsymbol"])
def test_annotation_of_an_array(write: Any, header: str) -> None:
    text = f"# an array\n{header}\tTitle\n1_at\tIGF1R\ta\n2_s_at\t IGF1R \tb\n4_at\t---\tc\n"
    text += "5_at\tA1BG\td\n5_at\tA1CF\te\n6_at\tSPHK1 /// SPHK1\tf\n"
    probes = read_probes(ReadOptions(probes=str(write("gpl.txt", text))), Findings())
    assert probes.genes == {"1_at": "IGF1R", "2_s_at": "IGF1R", "4_at": "", "5_at": "", "6_at": "SPHK1"}
    assert probes.quality is None


@pytest.mark.parametrize(
    ("probes", "rule", "words"),
    [
        ("x,symbol\n1_at,A\n", "first", r"probes\.csv:1: no column of probes; found x, symbol.*Name it probe or"),
        ("probe,x\n1_at,A\n", "first", r"probes\.csv:1: no column of genes; found probe, x.*Name it symbol or gene"),
        (
            "x,y\n1_at,A\n",
            "jetset",
            r"(?s)no column of probes; found x, y.*no column of genes; found x, y.*"
            r"duplicate_genes is jetset, and there is no column overall and no column best",
        ),
        (
            "probe,gene\n77_at,A\n",
            "first",
            r"mrna\.tsv: none of the 8 names \(first '1_at'\) is a probe of one gene in probes\.csv",
        ),
        ("probe,gene\n1_at,2-Sep\n", "first", r"probes\.csv:2: 1 gene name looks.*'2-Sep'"),
        ("probe,gene\n1_at,A\n", "jetset", r"probes\.csv:1: duplicate_genes is jetset, and there is no column overall"),
        ("probe,gene,overall\n1_at,A,1\n", "jetset", r"there is no column best.*duplicate_genes=max_mean"),
        (
            "probe,gene,overall,best\n1_at,A,high,perhaps\n",
            "jetset",
            r"(?s)probes\.csv:2: column 'overall': 1 cell not a number: 'high'.*"
            r"probes\.csv:2: column 'best': 1 cell neither TRUE nor FALSE \('perhaps' on line 2\)",
        ),
        ("probe,gene\n1_at,A,B\n", "first", r"probes\.csv:2: every data row has 3 fields"),
    ],
)
def test_a_table_of_probes_that_cannot_be_used(write: Any, probes: str, rule: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        cohort(write, probes, duplicate_genes=rule)


def test_jetset_without_a_table_of_probes(write: Any) -> None:
    write("clinical.tsv", CLINICAL)
    with pytest.raises(DataError, match=r"duplicate_genes: jetset chooses among the probes.*probes=jetset\.csv"):
        read_cohort(write("mrna.tsv", MRNA).parent, read={"duplicate_genes": "jetset"})


def test_names_that_look_like_probes_are_told(write: Any) -> None:
    write("clinical.tsv", CLINICAL)
    found = read_cohort(write("mrna.tsv", MRNA).parent)
    (note,) = [note for note in found.notes if "look like probes" in note]
    assert "--read probes=FILE" in note
    assert look_like_probes(["ILMN_1343291", "A_23_P100001", "200000_s_at"])
    assert not look_like_probes(["ILMN_1343291", "IGF1R"])
    assert not look_like_probes([])


def test_other_assays_do_not_ask_the_probes(write: Any) -> None:
    write("protein.tsv", "gene\tP1\nAKT1\t1\n")
    assert tuple(cohort(write).assays["protein"].features) == ("AKT1",)


def test_the_yaml_names_probes_from_its_folder_and_the_call_from_here(
    write: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in {"clinical.tsv": CLINICAL, "mrna.tsv": MRNA, "p.csv": PROBES}.items():
        write(f"study/{name}", text)
    yaml = "name: a\nfolder: study\nclinical: clinical.tsv\nmrna: mrna.tsv\nread: {probes: p.csv}\n"
    path = write("c.yaml", yaml)
    monkeypatch.chdir(tmp_path / "study")
    assert tuple(read_cohort(path).assays["mrna"].features) == ("IGF1R", "SPHK1")
    assert tuple(read_cohort(path, read={"probes": "p.csv"}).assays["mrna"].features) == ("IGF1R", "SPHK1")
    with pytest.raises(InputOutputError, match=r"p\.tsv: no such file"):
        read_cohort(tmp_path / "study", read={"probes": "p.tsv"})


SOFT = """\
^PLATFORM = GPL96
!Platform_title = invented
#ID = a probe
!platform_table_begin
ID\tGENE\tGENE_SYMBOL
1_at\t3480\tIGF1R
2_s_at\t8877\tSPHK1
!platform_table_end
^SAMPLE = GSM1
!sample_table_begin
ID_REF\tVALUE
!sample_table_end
"""


def test_a_platform_as_geo_writes_it_and_agilent_names_its_columns(write: Any) -> None:
    found = cohort(write, SOFT, "GPL96_family.soft")
    assert set(found.assays["mrna"].features) == {"IGF1R", "SPHK1"}
    assert igf1r(found) == [2.0, 4.0, 6.0]


def test_control_probes_are_left_out_without_a_table_too(write: Any) -> None:
    write("clinical.tsv", CLINICAL)
    found = read_cohort(write("mrna.tsv", MRNA).parent)
    assert not any(feature.startswith("AFFX") for feature in found.assays["mrna"].features)
    assert [(item.reason, item.n) for item in found.exclusions] == [("mrna (mrna.tsv): control probe", 1)]
