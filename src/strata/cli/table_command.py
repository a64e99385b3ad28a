"""``strata table``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


@click.command("table")
@click.argument("results", type=click.Path())
@click.option(
    "--format",
    "as_format",
    type=click.Choice(["csv", "md", "latex", "html"]),
    default="md",
    show_default=True,
    help="Markdown, LaTeX with booktabs, HTML, or CSV for a spreadsheet",
)
@click.option(
    "--rows",
    type=click.Choice(["main", "all"]),
    default="main",
    show_default=True,
    help="main: without the rows that look further into a pair of genes, and the first 20 markers of a scan",
)
@click.option("--out", default="-", show_default=True, help="File to write; - prints the table")
@click.option("--overwrite", is_flag=True, help="Replace the file when it is there")
def command(results: str, as_format: Any, rows: Any, out: str, overwrite: bool) -> None:
    """Print RESULTS as the table of a paper: patients, events, medians, hazard ratios with intervals, P and q.

    RESULTS is the folder of a run, or one of its tables: results, pooled, multivariable, subgroups or scan, as TSV or
    Parquet. What could not be estimated says so, and notes say why. P is rounded to three decimals or said to be below
    0.001; the tables of the run have it in full.
    """
    from strata.analysis import write_whole
    from strata.errors import InputOutputError, Problem
    from strata.report import read_paper_table, render

    target = Path(out)
    if out != "-" and target.exists() and not overwrite:
        raise InputOutputError(Problem(out, "is already there", "Pass --overwrite or another --out", code="E707"))
    text = render(read_paper_table(results, rows=rows), as_format)
    if out == "-":
        click.echo(text, nl=False)
        return
    write_whole(target, text)
    click.echo(f"wrote {out}", err=True)
