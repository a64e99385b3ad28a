"""Centroids: the scheme is told by the columns; everything that is wrong with a table."""

from __future__ import annotations

import numpy as np
import pytest

from strata.errors import DataError, InputOutputError
from strata.signatures.centroids import missing_centroids, read_centroids

HEADER = "gene\tLumA\tLumB\tHer2\tBasal\tNormal"


def problems(path, text):
    path.write_text(text)
    with pytest.raises(DataError) as caught:
        read_centroids([path])
    return [str(problem).replace(str(path), path.name) for problem in caught.value.problems]


@pytest.mark.parametrize(
    "text",
    [
        f"{HEADER}\nESR1\t1\t2\t3\t4\t5\n9\t-1\t0\t1e-1\t0.5\t7\n",
        "Luminal A,Luminal.B,HER2-enriched,Basal-like,normal\nESR1,1,2,3,4,5\n9,-1,0,1e-1,.5,7\n",
        '"","LumA","LumB","Her2","Basal","Normal"\n"ESR1",1,2,3,4,5\n"9",-1,0,0.1,0.5,7\n',
    ],
)
def test_a_table_in_the_order_of_the_classes(tmp_path, text):
    path = tmp_path / "made.txt"
    path.write_text(text)
    found = read_centroids([path])["pam50"]
    assert (found.scheme, found.genes, found.source) == ("pam50", ("ESR1", "9"), path)
    assert found.classes == ("Basal", "Her2", "LumA", "LumB", "Normal")
    np.testing.assert_array_equal(found.values, [[4, 3, 1, 2, 5], [0.5, 0.1, -1, 0, 7]])


@pytest.mark.parametrize("unstable", [False, True])
def test_a_class_that_may_be_left_out(tmp_path, unstable):
    names = ["BL1", "BL2", "IM", "LAR", "M", "MSL"] + ["UNS"] * unstable
    path = tmp_path / "made.tsv"
    path.write_text("\t".join(["gene", *names]) + "\nKRT5" + "\t1" * len(names))
    found = read_centroids([path])
    assert list(found) == ["tnbctype"]
    assert found["tnbctype"].classes == tuple(names)


def test_all_faults_of_the_columns_at_once(tmp_path):
    text = "gene\tLumA\tLuminal A\tHer2\tBasal\tclaudin-low\nESR1\t1\t2\t3\t4\t5\n"
    assert problems(tmp_path / "x.tsv", text) == [
        "x.tsv:1: column 'claudin-low' is no class of pam50. Its classes are Basal, Her2, LumA, LumB, Normal; "
        "leave other columns out",
        "x.tsv:1: class LumA has 2 columns: LumA, Luminal A. Keep one",
        "x.tsv:1: class LumB of pam50 has no column. Give every class",
        "x.tsv:1: class Normal of pam50 has no column. Give every class",
    ]


def test_a_table_of_something_else(tmp_path):
    assert problems(tmp_path / "x.tsv", "patient\tage\tsex\nP1\t1\t2\n") == [
        "x.tsv:1: no column is a class ('age', 'sex'). Genes are rows, classes are columns (pam50: Basal, Her2, LumA, "
        "LumB, Normal; tnbctype: BL1, BL2, IM, LAR, M, MSL, UNS)"
    ]


def test_all_faults_of_the_rows_at_once(tmp_path):
    rows = ["ESR1\t1\t2\t3\t4\t5", "ESR1\t1\t2\t3\t4\t5", "\t1\t2\t3\t4\t5", "PGR\t1\tNA\t3\t4\t1,5", "KRT5\t1"]
    assert problems(tmp_path / "x.tsv", "\n".join([HEADER, *rows])) == [
        "x.tsv:3: gene 'ESR1' is here and on line 2. Keep one row",
        "x.tsv:4: a row without the name of a gene. Name it or leave it out",
        "x.tsv:5: column 'LumB': 'NA' is not a number. Every gene needs a value in every class",
        "x.tsv:5: column 'Normal': '1,5' is not a number. Every gene needs a value in every class",
        "x.tsv:6: 2 cells, the header has 6. Export the table again",
    ]
    assert problems(tmp_path / "x.tsv", HEADER) == ["x.tsv: a header and no genes"]


def test_two_files_for_one_scheme(tmp_path):
    for name in ("a.tsv", "b.tsv"):
        (tmp_path / name).write_text(f"{HEADER}\nESR1\t1\t2\t3\t4\t5\n")
    assert list(read_centroids([tmp_path / "a.tsv", tmp_path / "a.tsv"])) == ["pam50"]
    with pytest.raises(DataError) as caught:
        read_centroids([tmp_path / "a.tsv", tmp_path / "b.tsv"])
    assert (
        str(caught.value) == f"{tmp_path}/b.tsv: centroids of pam50 are in {tmp_path}/a.tsv too. Give one of the files"
    )


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputOutputError, match=r"gone\.tsv: cannot be read"):
        read_centroids([tmp_path / "gone.tsv"])


def test_what_is_missing():
    assert missing_centroids("pam50") == (
        "needs centroids of pam50: pass --centroids FILE (genes x classes: Basal, Her2, LumA, LumB, Normal; "
        "genefu's pam50)"
    )
    assert missing_centroids("tnbctype") == (
        "needs centroids of tnbctype: pass --centroids FILE (genes x classes: BL1, BL2, IM, LAR, M, MSL; "
        "from the genes of Lehmann 2011, doi 10.1172/JCI45014)"
    )


def test_the_real_file(shared):
    found = read_centroids([shared / "genesets" / "pam50_centroids.tsv"])["pam50"]
    assert found.values.shape == (50, 5)
    row = found.genes.index("ACTR3B")
    assert dict(zip(found.classes, found.values[row])) == {
        "Basal": 0.718331891,
        "Her2": -0.481665675,
        "LumA": 0.00998107,
        "LumB": -0.190551328,
        "Normal": 0.465722871,
    }
