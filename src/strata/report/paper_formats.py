"""A table for a paper as CSV, Markdown, LaTeX or HTML: whatever a cell holds, it stays the text of one cell."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Literal

from strata.report.tables import safe_text

if TYPE_CHECKING:
    from strata.report.paper_table import PaperTable

__all__ = ["PaperFormat", "render"]

PaperFormat = Literal["csv", "md", "latex", "html"]

_NOTES = "Notes"


def render(table: PaperTable, format: PaperFormat) -> str:  # noqa: A002  the word of the option
    """A table as text.

    Parameters
    ----------
    table : PaperTable
    format : {"csv", "md", "latex", "html"}
        CSV has no caption: what all rows have in common is columns there, and notes are spelled out. LaTeX needs the
        package booktabs.
    """
    return _FORMATS[format](table)


def _csv(table: PaperTable) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*table.constants, *map(str, table.cells.columns)])
    for *cells, letters in _rows(table):
        notes = "; ".join(table.notes[letter] for letter in letters.split(", ") if letter)
        writer.writerow([safe_text(cell) for cell in (*table.constants.values(), *cells, notes or "none")])
    return text.getvalue()


def _rows(table: PaperTable) -> Iterator[list[str]]:
    yield from ([str(cell) for cell in row] for row in table.cells.itertuples(index=False))


def _headings(table: PaperTable) -> list[str]:
    """The columns that are shown: that of the letters only where there are notes."""
    return [str(name) for name in table.cells.columns if name != _NOTES or table.notes]


def _body(table: PaperTable) -> Iterator[Sequence[str]]:
    width = len(_headings(table))
    yield from (row[:width] for row in _rows(table))


def _md(table: PaperTable) -> str:
    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(map(_md_text, cells))} |"

    headings = _headings(table)
    lines = [_md_text(table.caption), "", line(headings), f"|{' --- |' * len(headings)}", *map(line, _body(table))]
    lines += [""] * bool(table.notes)
    lines += [f"- ({letter}) {_md_text(text)}" for letter, text in table.notes.items()]
    return "\n".join(lines) + "\n"


def _md_text(text: str) -> str:
    return re.sub(r"([\\`*_~<>|\[\]#])", r"\\\1", _one_line(text))


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


_LATEX: Mapping[str, str] = {
    **{character: rf"\{character}" for character in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "''",
    # after the end of a row these would be its options
    "[": "{[}",
    "*": "{*}",
    "–": "--",
    "−": "-",
}


def _latex(table: PaperTable) -> str:
    def line(cells: Sequence[str]) -> str:
        return f"{' & '.join(map(_latex_text, cells))} \\\\"

    headings = _headings(table)
    lines = [
        r"% \usepackage{booktabs}",
        r"\begin{table}",
        rf"\caption{{{_latex_text(table.caption)}}}",
        rf"\begin{{tabular}}{{{'l' * len(headings)}}}",
        r"\toprule",
        line(headings),
        r"\midrule",
        *map(line, _body(table)),
        r"\bottomrule",
        r"\end{tabular}",
    ]
    lines += [rf"\par\footnotesize\textsuperscript{{{key}}} {_latex_text(text)}" for key, text in table.notes.items()]
    return "\n".join([*lines, r"\end{table}"]) + "\n"


def _latex_text(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in _one_line(text))


def _html(table: PaperTable) -> str:
    headings = _headings(table)
    lines = ["<table>", f"<caption>{_html_text(table.caption)}</caption>"]
    columns = "".join(f'<th scope="col">{_html_text(name)}</th>' for name in headings)
    lines += [f"<thead><tr>{columns}</tr></thead>"]
    lines += ["<tbody>"]
    for first, *others in _body(table):
        cells = "".join(f"<td>{_html_text(cell)}</td>" for cell in others)
        lines.append(f'<tr><th scope="row">{_html_text(first)}</th>{cells}</tr>')
    lines += ["</tbody>"]
    if table.notes:
        notes = "<br>".join(f"<sup>{letter}</sup> {_html_text(text)}" for letter, text in table.notes.items())
        lines.append(f'<tfoot><tr><td colspan="{len(headings)}">{notes}</td></tr></tfoot>')
    return "\n".join([*lines, "</table>"]) + "\n"


def _html_text(text: str) -> str:
    return escape(_one_line(text))


_FORMATS: Mapping[str, Callable[[PaperTable], str]] = {"csv": _csv, "md": _md, "latex": _latex, "html": _html}
