"""``strata convert``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from strata.cli.options import cohort_options, output_options

if TYPE_CHECKING:
    from strata.writing.convert import Target


@click.command("convert")
@click.argument("cohort", type=click.Path())
@click.option("--to", required=True, type=click.Choice(["flat", "cbioportal"]), help="Layout to write")
@output_options
@cohort_options
def command(
    cohort: str, to: Target, out: str, overwrite: bool, layout: str, name: str | None, read: Mapping[str, str]
) -> None:
    """Write COHORT, in any layout that is read, as a flat folder or a cBioPortal study.

    The result read again is the same cohort: patients, endpoints in months, numbers and their scales, mutations and
    who was sequenced.
    """
    from strata.analysis import output_folder
    from strata.cohort import read_cohort
    from strata.writing import write_cohort

    found = read_cohort(cohort, layout=layout, name=name, read=read)
    with output_folder(out, overwrite=overwrite, inputs=found.source) as folder:
        notes = write_cohort(found, folder, layout=to)
    for note in notes:
        click.echo(f"{found.name}: {note}", err=True)
    kept = f"{len(found.patients):,} patients, {len(found.endpoints)} endpoints"
    assays = ", ".join([*found.assays, *found.mutations]) or "no assay"
    click.echo(f"{out}: {found.name} as {to}: {kept}, {assays}", err=True)
