"""``strata init``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from strata.cli.options import cohort_options, read_resources, resource_options


@click.command("init")
@click.argument("path", type=click.Path())
@click.option("--out", default="plan.yaml", show_default=True, help="File to write; - prints the plan")
@click.option("--overwrite", is_flag=True, help="Replace the file when it is there")
@cohort_options
@resource_options
def command(
    path: str, out: str, overwrite: bool, layout: str, name: str | None, read: Mapping[str, str], **options: Any
) -> None:
    """Write a commented plan filled in for the cohort at PATH."""
    from strata.analysis import CohortEntry, write_whole
    from strata.cohort import read_cohort
    from strata.errors import InputOutputError, Problem
    from strata.report import plan_template
    from strata.signatures import load_signatures, signature_library

    target = Path(out)
    if out != "-" and target.exists() and not overwrite:
        raise InputOutputError(Problem(out, "is already there", "Pass --overwrite or another --out", code="E707"))
    cohort = read_cohort(path, layout=layout, name=name, read=read)
    start = Path.cwd() if out == "-" else target.resolve().parent
    try:
        where = Path(path).resolve().relative_to(start)
    except ValueError:
        where = Path(path).resolve()
    entry = CohortEntry(path=str(where), name=cohort.name, layout=layout, read=dict(read))
    text = plan_template(cohort, entry, load_signatures(), signature_library(), read_resources(options))
    if out == "-":
        click.echo(text, nl=False)
        return
    write_whole(target, text)
    click.echo(f"wrote {out}; run it with: strata run {out}", err=True)
