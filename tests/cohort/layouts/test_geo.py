"""GEO series matrices: characteristics cell by cell, probes, platforms, and files that are something else."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from strata.cohort import ReadOptions, read_cohort
from strata.cohort.findings import Findings
from strata.cohort.series_matrix import read_series
from strata.errors import DataError, InputOutputError, StrataError
from strata.writing import write_geo
from strata.writing.of_cohort import tables_of_cohort
from strata.writing.tables import NumberTable
from strata.writing.text import shortest

GSM = ["GSM1", "GSM2", "GSM3", "GSM4"]
CHARACTERISTICS = (
    ["er status: pos", "er status: neg", "age: 50", "er status: pos"],
    ["age: 60", "age: 61", "er status: neg", ""],
    ["os months: 10", "os months: 20", "os months: 30", "os months: 40"],
    ["os event: 1", "os event: 0", "os event: 1", "os event: 0"],
)
TABLE = (
    ['"1007_s_at"', "7.1", "7.2", "null", "7.4"],
    ['"200_at"', "5.1", "", "5.3", "NA"],
    ['"201_at"', "3", "4", "5", "6"],
    ['"AFFX-BioB-5_at"', "1", "2", "3", "4"],
)
GPL = (
    "^Annotation\n!Annotation_date = today\n#ID = a probe\n!platform_table_begin\nID\tGene title\tGene symbol\n"
    "1007_s_at\tx\tDDR1///MIR4640\n200_at\ty\tIGF1R\n201_at\tz\tSPHK1\n!platform_table_end\n"
)


def series(
    characteristics: Sequence[Sequence[str]] = CHARACTERISTICS,
    rows: Sequence[Sequence[str]] = TABLE,
    ids: Sequence[str] = GSM,
    *,
    kind: str = "Expression profiling by array",
    platform: str = "GPL96",
) -> str:
    def line(name: str, cells: Sequence[str]) -> str:
        return "\t".join([name, *(f'"{cell}"' for cell in cells)])

    lines = [
        '!Series_title\t"a title, 3 µm"',
        f'!Series_type\t"{kind}"',
        "",
        line("!Sample_title", [f"tumour {i}" for i in ids]),
        line("!Sample_geo_accession", ids),
        line("!Sample_source_name_ch1", ["breast"] * len(ids)),
        *(line("!Sample_characteristics_ch1", cells) for cells in characteristics),
        line("!Sample_data_processing", ["RMA"] * len(ids)),
        line("!Sample_platform_id", [platform] * len(ids)),
        "!series_matrix_table_begin",
        line('"ID_REF"', ids),
        *("\t".join(row) for row in rows),
        "!series_matrix_table_end",
    ]
    return "\n".join(lines) + "\n"


def test_a_characteristic_is_parsed_in_each_cell(write: Any, tmp_path: Path) -> None:
    write("GSE1_series_matrix.txt", series())
    cohort = read_cohort(tmp_path)
    assert list(cohort.patients) == GSM
    assert cohort.choices["layout"] == {"name": "geo", "why": "the folder has GSE1_series_matrix.txt"}
    assert cohort.clinical["er status"].tolist() == ["pos", "neg", "neg", "pos"]
    assert cohort.clinical["er"].tolist() == ["positive", "negative", "negative", "positive"]
    assert cohort.clinical["age"].fillna("").tolist() == ["60", "61", "50", ""]
    assert cohort.clinical[["title", "source_name"]].iloc[0].tolist() == ["tumour GSM1", "breast"]
    assert "platform_id" not in cohort.clinical
    endpoint = cohort.endpoint("OS")
    assert (endpoint.time.tolist(), endpoint.unit) == ([10.0, 20.0, 30.0, 40.0], "months")
    assert [path.name for path in cohort.source] == ["GSE1_series_matrix.txt"]


def test_probes_become_genes_by_the_platform_beside_and_what_is_dropped_is_counted(write: Any, tmp_path: Path) -> None:
    (tmp_path / "GSE1_series_matrix.txt.gz").write_bytes(gzip.compress(series().encode()))
    write("GPL97.annot", GPL.replace("IGF1R", "ESR1"))
    write("GPL96.annot", GPL)
    cohort = read_cohort(tmp_path)
    assay = cohort.assays["mrna"]
    assert tuple(assay.features) == ("IGF1R", "SPHK1")
    values = assay.read(["SPHK1", "IGF1R"])
    assert values["SPHK1"].tolist() == [3.0, 4.0, 5.0, 6.0]
    assert np.array_equal(values["IGF1R"], [5.1, np.nan, 5.3, np.nan], equal_nan=True)
    assert assay.scale("IGF1R") == "log2"
    left_out = {item.reason.partition("): ")[2]: item.n for item in cohort.exclusions}
    assert left_out == {"control probe": 1, "probe of several genes or none": 1}
    assert "GPL96.annot" in {path.name for path in cohort.source}
    assert any("values as submitted: 'RMA'" in note for note in cohort.notes)


def test_a_map_of_ones_own_goes_first_and_without_one_the_probes_stay(write: Any, tmp_path: Path) -> None:
    write("GSE1_series_matrix.txt", series())
    assert tuple(read_cohort(tmp_path).assays["mrna"].features) == ("1007_s_at", "200_at", "201_at")
    write("GPL96.annot", GPL)
    own = write("map.csv", "probe,symbol\n1007_s_at,DDR1\n200_at,SPHK1\n201_at,SPHK1\n")
    read = {"probes": str(own), "duplicate_genes": "max_mean"}
    assay = read_cohort(tmp_path, read=read).assays["mrna"]
    assert set(assay.features) == {"DDR1", "SPHK1"}
    assert assay.read(["SPHK1"])["SPHK1"].fillna(-1).tolist() == [5.1, -1.0, 5.3, -1.0]


def test_a_series_is_read_where_it_stands(write: Any, tmp_path: Path) -> None:
    path = write("GSE1_series_matrix.txt", series())
    assay: Any = read_cohort(tmp_path).assays["mrna"]
    matrix, text = assay.tables[0].matrix, path.read_bytes()
    assert text[matrix.starts[1] : matrix.stops[1]] == b'"200_at"\t5.1\t\t5.3\tNA'
    assert matrix.line(1) == text[: matrix.starts[1]].count(b"\n") + 1


def test_free_texts_and_several_values_are_kept(write: Any) -> None:
    cells = (["grade: 2", "a note"], ["grade: 3", "another"], ["url: http://x.org/a:b", "er:"])
    found = Findings()
    path = write("GSE1_series_matrix.txt", series(cells, [["1_at", "1", "2"]], GSM[:2]))
    columns = read_series(path, ReadOptions(), found).columns
    assert columns["grade"] == ["2; 3", ""]
    assert columns["characteristics"] == ["", "a note; another"]
    assert columns["url"] == ["http://x.org/a:b", ""]
    assert columns["er"] == ["", ""]
    assert any("2 characteristics without a key" in note for note in found.notes)
    assert any("2 cells with several values of one key" in note for note in found.notes)


def test_samples_of_one_patient_need_a_rule(write: Any, tmp_path: Path) -> None:
    patients = ["patient id: A", "patient id: A", "patient id: B", "patient id: C"]
    same = [["os months: 10", "os months: 10", "os months: 30", "os months: 40"]]
    same += [["os event: 1", "os event: 1", "os event: 1", "os event: 0"]]
    write("GSE1_series_matrix.txt", series([patients, *same]))
    with pytest.raises(DataError, match="1 patient with several samples"):
        read_cohort(tmp_path)
    cohort = read_cohort(tmp_path, read={"sample_rule": "mean"})
    assert list(cohort.patients) == ["A", "B", "C"]
    assert cohort.assays["mrna"].read(["201_at"])["201_at"].tolist() == [3.5, 5.0, 6.0]


def test_patients_that_not_every_sample_names_are_no_ids(write: Any, tmp_path: Path) -> None:
    patients = ["patient id: A", "", "patient id: B", "patient id: C"]
    write("GSE1_series_matrix.txt", series([patients, ["sample: 1", "sample: 2", "sample: 3", "sample: 4"]]))
    cohort = read_cohort(tmp_path)
    assert list(cohort.patients) == GSM
    assert cohort.clinical["patient id (characteristics)"].fillna("").tolist() == ["A", "", "B", "C"]
    assert cohort.clinical["sample (characteristics)"].tolist() == ["1", "2", "3", "4"]
    assert any("patient id is empty in 1 sample" in note for note in cohort.notes)


def test_two_arrays_of_the_same_patients_are_one_cohort(write: Any, tmp_path: Path) -> None:
    patients = [[f"patient id: P{i}" for i in range(4)], *CHARACTERISTICS]
    write("GSE1-GPL96_series_matrix.txt", series(patients))
    other = [f"GSM{i}" for i in range(11, 15)]
    rows = [["300_at", "1", "2", "3", "4"]]
    write("GSE1-GPL97_series_matrix.txt", series(patients[:1], rows, other, platform="GPL97"))
    write("GPL96.annot", GPL)
    write("GPL97-123.txt", "#ID = a probe\nID\tGENE\tGENE_SYMBOL\n300_at\t2099\tESR1\n")
    cohort = read_cohort(tmp_path)
    assert list(cohort.patients) == ["P0", "P1", "P2", "P3"]
    values = cohort.assays["mrna"].read(["SPHK1", "ESR1"])
    assert values.to_numpy().tolist() == [[3.0, 1.0], [4.0, 2.0], [5.0, 3.0], [6.0, 4.0]]
    assert any("2 tables are not on one scale" in note for note in cohort.notes)


def test_of_two_platforms_the_larger_gives_a_gene(write: Any, tmp_path: Path) -> None:
    write("GSE1-GPL1_series_matrix.txt", series([], [["201_at", "9"]], ["GSM0"], platform="GPL1"))
    write("GSE1-GPL96_series_matrix.txt", series())
    cohort = read_cohort(tmp_path)
    assert list(cohort.patients) == ["GSM0", *GSM]
    assert cohort.clinical["platform_id"].tolist() == ["GPL1"] + ["GPL96"] * 4
    values = cohort.assays["mrna"].read(["201_at"])["201_at"]
    assert values.fillna(-1).tolist() == [-1.0, 3.0, 4.0, 5.0, 6.0]
    yaml = write("one.yaml", "name: one\nlayout: geo\nmrna: GSE1-GPL1_series_matrix.txt\n")
    alone = read_cohort(yaml)
    assert alone.assays["mrna"].read(["201_at"])["201_at"].tolist() == [9.0]


def test_sequencing_has_its_values_beside(write: Any, tmp_path: Path) -> None:
    kind = "Expression profiling by high throughput sequencing"
    write("GSE1_series_matrix.txt", series(rows=(), kind=kind))
    alone = read_cohort(tmp_path)
    assert (dict(alone.assays), [path.name for path in alone.source]) == ({}, ["GSE1_series_matrix.txt"])
    write("expression_counts.tsv", "gene\tGSM1\tGSM2\tGSM3\tGSM4\nIGF1R\t100\t2000\t5\t70\n")
    cohort = read_cohort(tmp_path)
    assert cohort.assays["mrna"].scale("IGF1R") == "counts"
    assert any("its table has no values" in note for note in cohort.notes)


@pytest.mark.parametrize(
    ("kind", "assay"),
    [
        ("Non-coding RNA profiling by array", "mirna"),
        ("Protein profiling by protein array", "protein"),
        ("Methylation profiling by array", None),
    ],
)
def test_what_a_series_measured(write: Any, tmp_path: Path, kind: str, assay: str | None) -> None:
    write("GSE1_series_matrix.txt", series(kind=kind))
    cohort = read_cohort(tmp_path)
    assert set(cohort.assays) == ({assay} if assay else set())
    assert any("its table is not used" in note for note in cohort.notes) == (assay is None)


def test_endpoints_may_be_named(write: Any, tmp_path: Path) -> None:
    cells = [["t.rfs: 365", "t.rfs: 730", "t.rfs: 10", "t.rfs: 20"], ["e.rfs: 1", "e.rfs: 0", "e.rfs: 1", "e.rfs: 0"]]
    write("GSE1_series_matrix.txt", series(cells))
    yaml = write("c.yaml", "name: c\nlayout: geo\nendpoints: {RFS: {time: t.rfs, event: e.rfs, unit: days}}\n")
    endpoint = read_cohort(yaml).endpoint("RFS")
    assert (endpoint.time.tolist(), endpoint.event.tolist()) == ([365.0, 730.0, 10.0, 20.0], [True, False, True, False])


def test_a_word_that_is_no_event_is_told_by_its_sample(write: Any, tmp_path: Path) -> None:
    cells = [[f"os months: {i}" for i in range(4)], ["os event: 0", "os event: 1", "os event: maybe", "os event: 1"]]
    write("GSE1_series_matrix.txt", series(cells))
    with pytest.raises(DataError, match=r"GSE1_series_matrix\.txt\[sample\]:3: column 'os event': .*'maybe'"):
        read_cohort(tmp_path)


FAULTS = {
    "no end": (series().replace("!series_matrix_table_end\n", ""), "no line !series_matrix_table_end"),
    "no begin": (series().partition("!series_matrix_table_begin")[0], "no line !series_matrix_table_begin"),
    "no ids": (series().replace("!Sample_geo_accession", "!Sample_other"), "no line !Sample_geo_accession"),
    "a sample less": (series([["age: 1", "age: 2"]]), "!Sample_characteristics_ch1 has 2 samples, not 4"),
    "ragged": (series(rows=[["1_at", "1"]]), "line 15 has 2"),
    "pointer": ("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "git lfs pull"),
    "login page": ("<!DOCTYPE html><html><body>Log in</body></html>", "looks like a web page"),
    "empty": ("", "the file is empty"),
}


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_files_that_are_something_else(write: Any, tmp_path: Path, fault: str) -> None:
    text, told = FAULTS[fault]
    write("GSE1_series_matrix.txt", text)
    with pytest.raises(DataError, match=told):
        read_cohort(tmp_path)


@pytest.mark.parametrize(("name", "packed"), [("a_series_matrix.txt", True), ("a_series_matrix.txt.gz", False)])
def test_a_name_that_does_not_say_how_it_is_packed(tmp_path: Path, name: str, packed: bool) -> None:
    text = series().encode()
    (tmp_path / name).write_bytes(gzip.compress(text) if packed else text)
    cohort = read_cohort(tmp_path)
    assert list(cohort.patients) == GSM
    assert any("although the name ends in" in note for note in cohort.notes)


@pytest.mark.parametrize("keep", [60, 400, -30])
def test_a_truncated_gz(tmp_path: Path, keep: int) -> None:
    rows = [[f'"{i}_at"', *(repr(value) for value in np.random.default_rng(i).normal(size=4))] for i in range(3000)]
    whole = gzip.compress(series(rows=rows).encode())
    (tmp_path / "GSE1_series_matrix.txt.gz").write_bytes(whole[:keep])
    with pytest.raises(StrataError, match=r"ends early|damaged gzip"):
        read_cohort(tmp_path)


def test_every_fault_of_every_file_is_told_at_once(write: Any, tmp_path: Path) -> None:
    write("GSE1_series_matrix.txt", FAULTS["no ids"][0])
    write("GSE2_series_matrix.txt", FAULTS["a sample less"][0])
    write("protein.tsv", FAULTS["login page"][0])
    with pytest.raises(DataError) as caught:
        read_cohort(tmp_path)
    assert all(told in str(caught.value) for told in ("no line !Sample_geo", "not 4", "web page"))


def test_no_series_and_a_missing_one(write: Any, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no file \*_series_matrix\.txt"):
        read_cohort(tmp_path, layout="geo")
    yaml = write("c.yaml", "name: c\nlayout: geo\nmrna: GSE2_series_matrix.txt\n")
    with pytest.raises(InputOutputError, match="no such file"):
        read_cohort(yaml)


def test_a_real_cohort_through_a_series_matrix(
    assert_same_cohort: Any, shared: Path, write: Any, tmp_path: Path
) -> None:
    folder = shared / "data" / "gse1992"
    table = folder / "expression_samples_x_genes.tsv.gz"
    real = read_cohort(write("real.yaml", f"name: x\nclinical: {folder}/clinical.tsv.gz\nmrna: {table}\n"))
    mrna = real.assays["mrna"]
    values = mrna.read(mrna.features).to_numpy().T
    everyone = np.ones(len(real.patients), dtype=bool)
    made = NumberTable(tuple(mrna.features), values, everyone, {}, spell=shortest)
    write_geo(replace(tables_of_cohort(real), numbers={"mrna": made}), tmp_path / "geo")
    cohort = read_cohort(tmp_path / "geo")
    assert_same_cohort(real, cohort)
    assert {item.reason.partition("): ")[2] for item in cohort.exclusions} == {"control probe"}
