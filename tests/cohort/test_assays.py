"""Assays of numbers: scales, duplicate genes, cells that cannot be used, either orientation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from strata.cohort import Cohort, read_cohort
from strata.errors import DataError


def cohort(write: Any, small: Any, name: str, rows: list[list[str]], **read: Any) -> Cohort:
    write("clinical.tsv", small.clinical())
    return read_cohort(write(name, rows).parent, read=read)


def table(small: Any, *genes: tuple[str, list[str]]) -> list[list[str]]:
    return [["gene", *small.ids], *([gene, *cells] for gene, cells in genes)]


def test_duplicate_genes(write: Any, small: Any) -> None:
    rows = table(small, ("A", ["1", *["4"] * 11]), ("A", ["3", *["8"] * 11]), ("B", ["2"] * 12), ("B", ["2"] * 12))
    found = cohort(write, small, "mrna.tsv", rows).assays["mrna"]
    assert set(found.read(["B"])["B"]) == {2.0}
    with pytest.raises(DataError, match=r"'A' on lines 2, 3 with different values.*duplicate_genes"):
        found.read(["A", "B"])
    for rule, first in {"first": 1.0, "mean": 2.0, "max_mean": 3.0}.items():
        assert (
            cohort(write, small, "mrna.tsv", rows, duplicate_genes=rule).assays["mrna"].read(["A"])["A"].iloc[0]
            == first
        )


@pytest.mark.parametrize(
    ("name", "cells", "scale"),
    [
        ("mrna.tsv", [str(i / 2 + 4) for i in range(12)], "log2"),
        ("mrna.tsv", [str(i * 100.5) for i in range(12)], "linear"),
        ("mrna.tsv", [str(i * 100) for i in range(12)], "counts"),
        ("mrna_zscores.tsv", [str(i - 6.5) for i in range(12)], "z-score"),
        ("mrna.tsv", ["NA"] * 12, "unknown"),
        ("cna.tsv", [str(i % 5 - 2) for i in range(12)], "gistic"),
        ("serum.tsv", [str(i) for i in range(12)], "linear"),
    ],
)
def test_the_scale_is_judged(write: Any, small: Any, name: str, cells: list[str], scale: str) -> None:
    found = cohort(write, small, name, table(small, ("A", cells)))
    (assay,) = found.assays.values()
    assert assay.scale("A") == scale
    assert any(f"scale {scale}" in note for note in found.notes)


def test_standardised_genes_are_z_scores(write: Any, small: Any) -> None:
    big = type(small)(n=40)
    values = np.random.default_rng(1).normal(size=(5, 40))
    values = (values - values.mean(axis=1, keepdims=True)) / values.std(axis=1, ddof=1, keepdims=True)
    rows = table(big, *((f"G{i}", [f"{x:.6f}" for x in row]) for i, row in enumerate(values)))
    assert cohort(write, big, "mrna.tsv", rows).assays["mrna"].scale("G1") == "z-score"


def test_a_declared_scale_decides_and_is_checked(write: Any, small: Any) -> None:
    rows = table(small, ("A", ["-1", *["4"] * 11]))
    assert cohort(write, small, "mrna.tsv", rows, scale="linear").assays["mrna"].scale("A") == "linear"
    with pytest.raises(DataError, match=r"line 2 field 2: 1 cell below 0.*scale=log2"):
        cohort(write, small, "mrna.tsv", rows, scale="linear").assays["mrna"].read(["A"])


def test_copy_numbers_are_calls_unless_they_are_said_to_be_copies(write: Any, small: Any) -> None:
    rows = table(small, ("FGFR1|8p11.23", ["3", "1.7", "-1.5", *["0"] * 9]))
    with pytest.raises(DataError, match=r"2 cells not one of -2.*'3' \(1\), '1.7' \(1\).*scale=copies"):
        cohort(write, small, "cna.tsv", rows).assays["copy_number"].read(["FGFR1"])
    copies = cohort(write, small, "cna.tsv", rows, scale="copies").assays["copy_number"]
    assert copies.read(["FGFR1"])["FGFR1"].iloc[:2].tolist() == [3.0, 1.7]


@pytest.mark.parametrize("turned", [False, True])
def test_cells_that_cannot_be_used_are_placed_all_at_once(write: Any, small: Any, turned: bool) -> None:
    rows = table(small, ("A", ["low", "inf", *["4"] * 10]), ("B", ["3,5", *["4"] * 11]), ("C", ["x", *["1"] * 11]))
    found = cohort(write, small, "mrna.tsv", small.transposed(rows) if turned else rows).assays["mrna"]
    with pytest.raises(DataError) as caught:
        found.read(["A", "B"])
    text = str(caught.value)
    for words in ("'low' (1)", "'inf' (1)", "'3,5' (1)", "line 3 field 2" if turned else "line 2 field 3"):
        assert words in text
    assert "'x'" not in text


def test_an_axis_must_be_told_when_both_match(write: Any, small: Any) -> None:
    rows = [["id", *small.ids], *([patient, *["1"] * 12] for patient in small.ids)]
    with pytest.raises(DataError, match=r"both axes hold ids.*orientation=genes-in-rows"):
        cohort(write, small, "mrna.tsv", rows)
    assert len(cohort(write, small, "mrna.tsv", rows, orientation="samples-in-rows").assays["mrna"].features) == 12


def test_order_and_gaps(write: Any, small: Any) -> None:
    rows = [["gene", "P003", "X9", "P001"], ["A", "3", "9", "1"], ["", "0", "0", "0"]]
    found = cohort(write, small, "mrna.tsv", rows)
    assay = found.assays["mrna"]
    frame = assay.read(["A"])
    assert list(frame.index) == small.ids
    assert frame["A"].dropna().to_dict() == {"P001": 1.0, "P003": 3.0}
    assert (assay.features, assay.assayed) == (("A",), frozenset({"P001", "P003"}))
    assert [item.n for item in found.exclusions] == [1]
    with pytest.raises(KeyError):
        assay.read(["ZZZ"])
    assert assay.scale("ZZZ") == "unknown"


def test_features_are_columns_in_the_order_asked_however_often(write: Any, small: Any) -> None:
    found = cohort(write, small, "mrna.tsv", table(small, ("A", ["1"] * 12), ("B", ["2"] * 12)))
    write("mrna_more.tsv", table(small, ("C", ["3"] * 12)))
    found = read_cohort(found.source[0].parent)
    frame = found.assays["mrna"].read(["C", "B", "C", "A"])
    assert list(frame.columns) == ["C", "B", "C", "A"]
    assert frame.iloc[0].tolist() == [3.0, 2.0, 3.0, 1.0]
    assert found.assays["mrna"].read([]).shape == (12, 0)


@pytest.mark.parametrize("turned", [False, True])
def test_a_whole_table_is_read_without_holding_its_text(
    write: Any, small: Any, turned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tracemalloc

    # the table is small, so its blocks are as well
    monkeypatch.setattr("strata.cohort.text_matrix._RUN", 1 << 17)
    big = type(small)(n=120)
    genes = [(f"G{i}", [f"{(i * 7 + j) % 13}.{j % 10}25" for j in range(120)]) for i in range(1000)]
    rows = table(big, *genes)
    found = cohort(write, big, "mrna.tsv", small.transposed(rows) if turned else rows).assays["mrna"]
    features = list(found.features)
    found.read(features[:1])
    tracemalloc.start()
    frame = found.read(features)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert frame.loc[big.ids[3], "G999"] == float(genes[-1][1][3])
    # the parsed values, the frame and some bookkeeping; the cells as text take ten times the frame
    assert peak < 4 * frame.to_numpy().nbytes


def test_a_mean_is_of_the_rows_of_one_gene_only(write: Any, small: Any) -> None:
    rows = table(small, ("A", ["1"] * 12), ("B", ["5"] * 12), ("A", ["4"] * 12))
    found = cohort(write, small, "mrna.tsv", rows, duplicate_genes="median")
    assert found.assays["mrna"].read(["A", "B"]).iloc[0].tolist() == [2.5, 5.0]
    (about,) = found.choices["assays"]["mrna"]["tables"]
    assert (about["duplicate_genes"], about["n_duplicate_genes"]) == ("median", 1)
    assert any("mrna.tsv: 1 feature on several rows; rule: median" in note for note in found.notes)


@pytest.mark.parametrize("turned", [False, True])
def test_a_feature_tells_how_the_file_writes_it(write: Any, small: Any, turned: bool) -> None:
    cells = [str(i / 2 + 4) for i in range(12)]
    rows = table(small, ("CAP|10487", cells), ("IGF1R", cells), ("IGF1R|3480", cells))
    mrna = cohort(write, small, "mrna.tsv", small.transposed(rows) if turned else rows).assays["mrna"]
    assert [mrna.written(name) for name in ("CAP1", "IGF1R")] == ["CAP|10487", "IGF1R, IGF1R|3480"]
    with pytest.raises(KeyError):
        mrna.written("CAP|10487")


def test_a_feature_is_written_with_its_time_point_and_in_its_own_table(write: Any, small: Any) -> None:
    write("protein.tsv", table(small, ("EIF4EBP1|4E-BP1_pS65", ["1"] * 12), ("PTEN", ["1"] * 12)))
    rows = "patient_id\ttimepoint\tantibody\tvalue\nP001\tpost\tX4EBP1_pT37T46\t1\nP001\tpost\tPTEN\t2\n"
    write("protein_timepoints.tsv", rows)
    write("clinical.tsv", small.clinical())
    protein = read_cohort(write("notes.txt", "").parent).assays["protein"]
    assert {name: protein.written(name) for name in protein.features} == {
        "EIF4EBP1_pS65": "EIF4EBP1|4E-BP1_pS65",
        "PTEN": "PTEN",
        "EIF4EBP1_pT37_T46@post": "X4EBP1_pT37T46@post",
        "PTEN@post": "PTEN@post",
    }
