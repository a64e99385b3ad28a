"""The pages of a run and of a batch: HTML files that open from disk and ask nothing of any network."""

from strata.report.page.cells import Cell, Column, PageTable, word
from strata.report.page.cells import count as count_cell
from strata.report.page.ledgers import pooled_rows
from strata.report.page.svg import InlineFigure, inline_svg
from strata.report.page.template import render
from strata.report.page.writing import write_page

__all__ = [
    "Cell",
    "Column",
    "InlineFigure",
    "PageTable",
    "count_cell",
    "inline_svg",
    "pooled_rows",
    "render",
    "word",
    "write_page",
]
