"""A table as text: whatever is in a cell stays the text of one cell."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
from html.parser import HTMLParser

import pandas as pd
import pytest

from strata.report.paper_formats import render
from strata.report.paper_table import PaperTable, paper_table

HOSTILE = [
    "=1+1",
    "@SUM(A1)",
    "a|b",
    "<script>alert(1)</script>",
    r"50 % & $x_1^2$ #{}~ \end{table}",
    "[starred] *b* `c`",
    "two\nlines\tand a tab",
    '"quoted", with a comma',
    "–−é",
]


@pytest.fixture
def hostile():
    cells = pd.DataFrame({"<First> & |one|": HOSTILE, "P": ["0.010"] * len(HOSTILE), "Notes": ["a"] * len(HOSTILE)})
    return PaperTable("T_1 <b>", {"Cohort": "=x|y"}, cells, ("L & <i>.",), {"a": "n_1 | <u> {x}"})


def test_csv_is_one_table_that_no_spreadsheet_runs(hostile):
    header, *rows = list(csv.reader(io.StringIO(render(hostile, "csv"))))
    assert header == ["Cohort", "<First> & |one|", "P", "Notes"]
    assert len(rows) == len(HOSTILE)
    assert {len(row) for row in rows} == {4}
    assert not any(cell[:1] in ("=", "+", "-", "@") for row in rows for cell in row)
    assert rows[0] == ["'=x|y", "'=1+1", "0.010", "n_1 | <u> {x}"]
    assert not any("\n" in cell for row in rows for cell in row)


def test_markdown_has_as_many_bars_in_every_row(hostile):
    lines = render(hostile, "md").splitlines()
    rows = [line for line in lines if line.startswith("|")]
    assert len(rows) == len(HOSTILE) + 2
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {4}
    assert "<script>" not in "\n".join(lines).replace(r"\<script\>", "")
    assert lines[-1] == r"- (a) n\_1 \| \<u\> {x}"


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.text = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)


def test_html_holds_no_tag_of_a_cell(hostile):
    reader = _Reader()
    reader.feed(render(hostile, "html"))
    tags = [tag for tag, _ in reader.tags]
    assert set(tags) == {"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "sup"}
    scopes = [attributes["scope"] for tag, attributes in reader.tags if tag == "th"]
    assert scopes == ["col"] * 3 + ["row"] * len(HOSTILE)
    assert "<script>alert(1)</script>" in reader.text
    assert tags.count("caption") == 1


def latex_cells(text):
    body = text.partition(r"\midrule")[2].partition(r"\bottomrule")[0]
    return [re.split(r"(?<!\\)&", line.removesuffix(r" \\")) for line in body.strip().splitlines()]


def test_latex_escapes_what_tex_would_read(hostile):
    text = render(hostile, "latex")
    rows = latex_cells(text)
    assert len(rows) == len(HOSTILE)
    assert {len(row) for row in rows} == {3}
    first = [row[0].strip() for row in rows]
    assert first[4] == r"50 \% \& \$x\_1\textasciicircum{}2\$ \#\{\}\textasciitilde{} \textbackslash{}end\{table\}"
    # a row that begins with [ or * would be an option of the line break before it
    assert first[5].startswith("{[}starred]")
    assert first[8] == "---é"
    assert text.count(r"\begin{") == text.count(r"\end{") == 2
    assert all(rule in text for rule in (r"\toprule", r"\midrule", r"\bottomrule"))
    assert r"\textsuperscript{a} n\_1 \textbar{} \textless{}u\textgreater{} \{x\}" in text


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex on this machine")
def test_latex_compiles(hostile, tmp_path):
    document = r"\documentclass{article}\usepackage{booktabs}\begin{document}" + render(hostile, "latex")
    (tmp_path / "t.tex").write_text(document + r"\end{document}", encoding="utf-8")
    subprocess.run(["pdflatex", "-interaction=batchmode", "-halt-on-error", "t.tex"], cwd=tmp_path, check=True)


@pytest.mark.parametrize("name", ["results", "several", "trial", "searched", "shared_run", "quantiles"])
@pytest.mark.parametrize("format_", ["csv", "md", "latex", "html"])
def test_the_tables_of_a_run(name, format_, request):
    results = request.getfixturevalue(name)
    made = paper_table(results.to_frame(), tests=results.tests, rows="all")
    text = render(made, format_)
    assert text.endswith("\n")
    assert len(text.splitlines()) > len(made.cells)


def test_without_notes_there_is_no_column_for_them():
    cells = pd.DataFrame({"A": ["x"], "Notes": [""]})
    table = PaperTable("T", {}, cells, (), {})
    assert render(table, "md").splitlines()[2:] == ["| A |", "| --- |", "| x |"]
    assert "tfoot" not in render(table, "html")
    assert "Notes" not in render(table, "latex")
    assert render(table, "csv") == "A,Notes\nx,none\n"
