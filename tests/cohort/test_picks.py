"""Samples of patients at time points, in every way a table can carry them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from strata.cohort import Cohort, read_cohort
from strata.cohort.assay_tables import TableSource, build_assay
from strata.cohort.findings import Findings
from strata.cohort.identifiers import Links
from strata.cohort.options import ReadOptions
from strata.errors import DataError

CLINICAL = "patient_id\tage\nP1\t50\nP2\t60\nP3\t70\nP4\t80\n"
LONG = [
    ["patient_id", "timepoint", "gene", "value"],
    ["P1", "Baseline", "AKT1", "1"],
    ["P1", "Day 15", "AKT1", "2"],
    ["P2", "screening", "AKT1", "3"],
    ["P2", "Surgery", "AKT1", "4"],
    ["P1", "baseline", "PTEN", "5"],
    ["P3", "Surgery", "PTEN", "6"],
]
KEYS = {"AKT1", "PTEN", *(f"{gene}@{time}" for gene in ("AKT1", "PTEN") for time in ("pre", "day15", "post"))}


def cohort(write: Any, **files: Any) -> Cohort:
    folder = write("clinical.tsv", CLINICAL).parent
    for name, rows in files.items():
        write(f"{name}.tsv", rows)
    return read_cohort(folder)


def values(cohort: Cohort, kind: str, *features: str) -> dict[str, list[float | None]]:
    frame = cohort.assays[kind].read(features)
    return {name: [None if pd.isna(value) else value for value in frame[name]] for name in frame}


def wide(rows: list[list[str]]) -> list[list[str]]:
    """The long table as one row for each patient and time point."""
    head, *data = rows
    genes = list(dict.fromkeys(row[2] for row in data))
    cells: dict[tuple[str, str], dict[str, str]] = {}
    for patient, time, gene, value in data:
        cells.setdefault((patient, time.capitalize()), {})[gene] = value
    return [[*head[:2], *genes], *([*key, *(of.get(gene, "NA") for gene in genes)] for key, of in cells.items())]


@pytest.mark.parametrize("way", ["long", "wide", "wide, time first", "long parquet", "wide parquet"])
def test_a_table_with_a_column_of_time_points(write: Any, tmp_path: Path, way: str) -> None:
    rows = LONG if "long" in way else wide(LONG)
    if way == "wide, time first":
        rows = [[row[1], row[0], *row[2:]] for row in rows]
    if "parquet" in way:
        head, *data = rows
        numbers = dict.fromkeys({"AKT1", "PTEN", "value"} & set(head), float)
        frame = pd.DataFrame(data, columns=head).replace("NA", None).astype(numbers)
        frame.to_parquet(tmp_path / "protein.parquet", index=False)
        found = cohort(write)
    else:
        found = cohort(write, protein=rows)
    assay = found.assays["protein"]
    assert set(assay.features) == KEYS
    assert assay.assayed == frozenset({"P1", "P2", "P3"})
    assert values(found, "protein", "AKT1@post", "AKT1", "AKT1@pre", "AKT1@day15", "PTEN", "PTEN@post") == {
        "AKT1@post": [None, 4.0, None, None],
        "AKT1": [1.0, 3.0, None, None],
        "AKT1@pre": [1.0, 3.0, None, None],
        "AKT1@day15": [2.0, None, None, None],
        "PTEN": [5.0, None, None, None],
        "PTEN@post": [None, None, 6.0, None],
    }
    assert assay.scale("AKT1@post") == assay.scale("AKT1")
    about = found.choices["assays"]["protein"]
    assert about["n_features"] == 2
    assert about["tables"][0]["time_points"] == {"pre": 2, "day15": 1, "post": 2}
    told = "time points pre (2 patients), day15 (1 patient), post (2 patients); plain values: without a time point"
    assert any(f"{told}, else pre (2 patients)" in note for note in found.notes)


def test_a_table_without_a_baseline_has_no_plain_features(write: Any) -> None:
    found = cohort(write, protein=[LONG[0], *[row for row in LONG if row[1] in {"Day 15", "Surgery"}]])
    assert not {"AKT1", "PTEN"} & set(found.assays["protein"].features)
    assert any("no plain values" in note for note in found.notes)
    with pytest.raises(KeyError):
        found.assays["protein"].read(["AKT1"])


def test_the_value_without_a_time_point_comes_before_the_one_at_baseline(write: Any) -> None:
    rows = [*LONG, ["P1", "", "AKT1", "7"], ["P4", "", "AKT1", "8"]]
    assert values(cohort(write, protein=rows), "protein", "AKT1", "AKT1@pre") == {
        "AKT1": [7.0, 3.0, None, 8.0],
        "AKT1@pre": [1.0, 3.0, None, None],
    }


def test_plain_features_come_from_the_plain_table(write: Any) -> None:
    plain = [["patient_id", "AKT1"], ["P1", "10"], ["P2", "NA"]]
    found = cohort(write, protein=plain, protein_timepoints=LONG)
    assert values(found, "protein", "AKT1", "AKT1@pre", "PTEN") == {
        "AKT1": [10.0, None, None, None],
        "AKT1@pre": [1.0, 3.0, None, None],
        "PTEN": [5.0, None, None, None],
    }
    assert any(note.startswith("protein: 1 feature in more than one table") for note in found.notes)


@pytest.mark.parametrize("turned", [False, True])
def test_samples_with_time_points_of_their_own(write: Any, turned: bool) -> None:
    rows = [["gene", "S1", "S2", "S3", "S4"], ["AKT1", "1", "2", "3", "4"], ["HOXA@", "5", "6", "7", "8"]]
    rows = [list(row) for row in zip(*rows, strict=True)] if turned else rows
    samples = {"S1": "P1", "S2": "P1", "S3": "P2", "S4": "P2"}
    links = Links(("P2", "P1"), samples, time_points={"S1": "pre", "S2": "post", "S3": "post"})
    assay, about = build_assay("mrna", [TableSource(write("mrna.tsv", rows))], links, links.options, Findings())
    assert assay is not None
    assert about["tables"][0]["time_points"] == {"post": 2, "": 1, "pre": 1}
    frame = assay.read(["AKT1", "HOXA@", "AKT1@post", "HOXA@@pre"])
    np.testing.assert_array_equal(frame.to_numpy(), [[4.0, 8.0, 3.0, np.nan], [1.0, 5.0, 2.0, 5.0]])


def test_several_samples_at_one_time_point_need_a_rule(write: Any) -> None:
    rows = [["sample_id", "visit", "AKT1"], ["S1", "pre", "1"], ["S2", "pre", "3"], ["S3", "post", "9"]]
    path = write("protein.tsv", rows)

    def assay(rule: str) -> Any:
        options = ReadOptions(sample_rule=rule)
        links = Links(("P1", "P2"), {"S1": "P1", "S2": "P1", "S3": "P1"}, options=options)
        findings = Findings()
        found, _ = build_assay("protein", [TableSource(path)], links, options, findings)
        return found, findings

    none, findings = assay("")
    assert none is None
    (problem,) = findings.problems
    assert "1 patient with several samples at pre (first: samples of one patient at positions 1, 2" in problem.what
    assert "sample_rule=first" in problem.fix
    for rule, value, left_out in (("first", 1.0, [1]), ("mean", 2.0, [])):
        found, findings = assay(rule)
        frame = found.read(["AKT1", "AKT1@post"])
        np.testing.assert_array_equal(frame.to_numpy(), [[value, 9.0], [np.nan, np.nan]])
        assert [item.n for item in findings.exclusions] == left_out


def test_the_mean_of_samples_is_taken_over_what_is_known(write: Any) -> None:
    rows = [["gene", "S1", "S2", "S3", "S4"], ["A", "1", "NA", "NA", "NA"], ["B", "1", "2", "3", "NA"]]
    links = Links(
        ("P1", "P2"), {"S1": "P1", "S2": "P1", "S3": "P2", "S4": "P2"}, options=ReadOptions(sample_rule="mean")
    )
    assay, _ = build_assay("mrna", [TableSource(write("mrna.tsv", rows))], links, links.options, Findings())
    assert assay is not None
    np.testing.assert_array_equal(assay.read(["B", "A"]).to_numpy(), [[1.5, 1.0], [3.0, np.nan]])


def test_two_values_at_one_time_point_are_placed(write: Any) -> None:
    rows = [*LONG, ["P1", "before", "AKT1", "1.5"], ["P1", "day_15", "AKT1", "2"], ["P2", "pre", "AKT1", "0"]]
    words = r"protein\.tsv:8: 2 rows with a gene, sample and time point .* gives another value \(lines 8, 10\)"
    with pytest.raises(DataError, match=words):
        cohort(write, protein=rows)


def test_bad_cells_of_every_time_point_are_placed(write: Any) -> None:
    found = cohort(write, protein=wide([*LONG, ["P4", "Surgery", "AKT1", "high"]]))
    with pytest.raises(DataError, match=r"line 7 field 3: 1 cell not a number: 'high'"):
        found.assays["protein"].read(["AKT1@pre"])


def test_time_points_beside_genes_are_refused(write: Any) -> None:
    rows = [["gene", "timepoint", "P1", "P2"], ["AKT1", "pre", "1", "2"], ["AKT1", "post", "3", "4"]]
    with pytest.raises(DataError, match=r"a column of time points beside rows that are genes.*a long table"):
        cohort(write, protein=rows)


def test_the_row_that_counts_is_the_same_at_every_time_point(write: Any) -> None:
    # the means over all samples are 3.5 and 4; at baseline alone the first row is larger
    rows = [["gene", "S1", "S2"], ["A", "6", "1"], ["A", "3", "5"]]
    options = ReadOptions(duplicate_genes="max_mean")
    links = Links(("P1",), {"S1": "P1", "S2": "P1"}, options=options, time_points={"S1": "pre", "S2": "post"})
    assay, about = build_assay("mrna", [TableSource(write("mrna.tsv", rows))], links, options, Findings())
    assert assay is not None
    np.testing.assert_array_equal(assay.read(["A", "A@pre", "A@post"]).to_numpy(), [[3.0, 3.0, 5.0]])
    assert about["tables"][0]["duplicate_genes"] == "max_mean"
