"""Gene names that a spreadsheet destroyed."""

from __future__ import annotations

import pytest

from strata.genes.spreadsheets import spreadsheet_problems


def test_names_a_spreadsheet_made() -> None:
    names = ["2-Sep", "1-Mar", "2006/09/02", "2.31E+13", "IGF1R", "HLA-A", "__proto__", "1060P11.3", "7SK", "Mar-01"]
    (problem,) = spreadsheet_problems(names, "f", list(range(2, 12)))
    assert problem.where == "f:2"
    assert problem.what.startswith("5 gene names")
    assert spreadsheet_problems(["IGF1R", "SEPTIN2", "MARCHF1", "NKX2-1", "5S_rRNA", "DEC1"], "f") == []


@pytest.mark.parametrize(
    ("name", "genes"),
    [
        ("2-Sep", "SEPTIN2"),
        ("1-Mar", "MARCHF1 or MTARC1"),
        ("Mar-01", "MARCHF1 or MTARC1"),
        ("3-Mar-2006", "MARCHF3"),
        ("1-Dec", "DELEC1"),
        ("15-Sep", "SELENOF"),
        ("2006/09/02", "SEPTIN2"),
        ("2001-03-01", "MARCHF1 or MTARC1"),
        ("2001-03-01 00:00:00", "MARCHF1 or MTARC1"),
        ("2010-09-01", "SEPTIN1 or SEPTIN10"),
        ("3/9/2020", "MARCHF9 or SEPTIN3"),
        # days since 30 December 1899: 1 March 2020, 2 September 2022
        ("43891", "MARCHF1 or MTARC1"),
        ("44806", "SEPTIN2"),
    ],
)
def test_a_date_names_the_genes_it_may_have_been(name: str, genes: str) -> None:
    (problem,) = spreadsheet_problems(["IGF1R", name, "SPHK1"], "f")
    assert problem.what == (
        f"1 gene name looks like a date or number made by a spreadsheet: '{name}' (may have been {genes})"
    )


def test_a_date_that_no_gene_was_called_like_names_none() -> None:
    (problem,) = spreadsheet_problems(["4-May", "2.31E+13"], "f")
    assert problem.what.endswith(": '4-May', '2.31E+13'")


def test_numbers_are_days_only_among_names() -> None:
    entrez = ["3480", "8877", "43891", "44806", "5728", "2064"]
    assert spreadsheet_problems(entrez, "f") == []
    # one of 300 names is an Entrez id: still a table of names
    assert len(spreadsheet_problems([*(f"G{i}" for i in range(298)), "8877", "44806"], "f")) == 1
    # 44000 is 18 June 2020 and 99999 is in 2173: no gene was called so
    assert spreadsheet_problems(["IGF1R", "44000", "99999"], "f") == []
