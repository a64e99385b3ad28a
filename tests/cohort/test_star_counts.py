"""STAR counts as a matrix of samples by genes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from strata.cohort.findings import Findings
from strata.cohort.options import ReadOptions
from strata.cohort.star_counts import StarCounts, StarFile, open_star_counts
from strata.errors import DataError, InputOutputError

HEADER = "gene_id\tgene_name\tgene_type\tunstranded\ttpm_unstranded\n"


def star(*tpm: str) -> str:
    rows = [f"ENSG0000000000{i}.2\tG{i}\tprotein_coding\t{i}\t{value}\n" for i, value in enumerate(tpm, start=1)]
    return f"# gene-model: GENCODE v36\n{HEADER}N_unmapped\t\t\t9\t\n{''.join(rows)}"


@pytest.fixture
def two(tmp_path: Path) -> list[StarFile]:
    texts = {"a": star("1.5", "2", ""), "b": star("4", "nan", "6_0")}
    for name, text in texts.items():
        (tmp_path / f"{name}.tsv").write_text(text, encoding="utf-8")
    return [StarFile(tmp_path / f"{name}.tsv", f"S{name}", line) for line, name in enumerate(texts, start=2)]


def opened(files: list[StarFile], **options: str) -> StarCounts:
    matrix = open_star_counts(Path("x"), files, ReadOptions(**options), Findings()).matrix
    assert isinstance(matrix, StarCounts)
    return matrix


def test_names_and_places(two: list[StarFile]) -> None:
    matrix = opened(two)
    assert matrix.row_names == ("Sa", "Sb")
    assert matrix.column_names == ("G1|ENSG00000000001", "G2|ENSG00000000002", "G3|ENSG00000000003")
    assert (matrix.place(1, 2), matrix.line(1)) == ("b.tsv line 6 field 5", 3)


def test_cells(two: list[StarFile]) -> None:
    matrix = opened(two)
    assert list(matrix.rows([1, 0], [2, 0])) == [(0, ["", "1.5"]), (1, ["6_0", "4"])]
    assert list(matrix.rows([1])) == [(1, ["4", "nan", "6_0"])]
    assert matrix.columns([1, 0]) == [["2", "nan"], ["1.5", "4"]]
    assert opened(two, star_column="unstranded").columns([2]) == [["3", "3"]]


def test_only_plain_finite_numbers_are_certain(two: list[StarFile]) -> None:
    matrix = opened(two)
    for columns, certain in (([0], [True, True]), ([1], [True, False]), ([2], [False, False])):
        parts = list(matrix.numbers([0, 1], columns))
        assert [bool(part.certain[0]) for part in parts] == certain
        assert [part.places for part in parts] == [(0,), (1,)]
    (part,) = matrix.numbers([0], [1, 0])
    np.testing.assert_array_equal(part.values, [[2.0, 1.5]])
    assert part.cells(0) == ["2", "1.5"]


def test_lines_end_as_they_like(two: list[StarFile]) -> None:
    two[1].path.write_bytes(star("4", "5", "6").replace("\n", "\r\n").encode())
    matrix = opened(two)
    assert [part.values[0].tolist() for part in matrix.numbers([1], [0, 2])] == [[4.0, 6.0]]


def test_files_without_the_column_without_genes_and_without_anything(two: list[StarFile]) -> None:
    with pytest.raises(DataError, match=r"no columns gene_id, gene_name \(the first two\) and fpkm_unstranded; found"):
        opened(two, star_column="fpkm_unstranded")
    for file in two:
        file.path.write_text(f"# x\n{HEADER}N_unmapped\t\t\t9\t\n", encoding="utf-8")
    with pytest.raises(DataError, match="a header was found, and 0 genes"):
        opened(two)
    two[0].path.write_text("# x\n", encoding="utf-8")
    two[1].path.unlink()
    with pytest.raises(InputOutputError) as caught:
        opened(two)
    assert "no header and no row found" in str(caught.value)
    assert "no such file" in str(caught.value)


def test_more_than_five_bad_files_are_counted(tmp_path: Path) -> None:
    files = [StarFile(tmp_path / f"{i}.tsv", f"S{i}", i) for i in range(8)]
    for file in files:
        file.path.write_text("<html>", encoding="utf-8")
    with pytest.raises(DataError, match="3 more files that cannot be used") as caught:
        opened(files)
    assert len(caught.value.problems) == 6
