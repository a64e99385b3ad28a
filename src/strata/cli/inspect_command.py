"""``strata inspect``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from strata.cli.options import cohort_options, comma, read_resources, resource_options


@click.command("inspect")
@click.argument("path", type=click.Path())
@cohort_options
@click.option(
    "--signatures", callback=comma, metavar="FOLDER|FILE,...", help="Signatures of your own, beside the shipped"
)
@click.option(
    "--all", "every_reason", is_flag=True, help="Tell each signature that cannot be scored, with all it lacks"
)
@resource_options
def command(
    path: str,
    layout: str,
    name: str | None,
    read: Mapping[str, str],
    signatures: tuple[str, ...] | None,
    every_reason: bool,
    **options: Any,
) -> None:
    """Say in plain words what PATH holds: tables, patients, endpoints, scales, and which signatures can be scored."""
    from strata.cohort import cohort_specs, read_cohort
    from strata.report import describe
    from strata.signatures import load_signatures, signature_library

    folders = signatures or ()
    resources = read_resources(options)
    library, chosen = signature_library(folders=folders), load_signatures(folders=folders)
    for spec in cohort_specs(path, layout=layout, read=read):
        cohort = read_cohort(spec, name=name)
        click.echo(describe(cohort, chosen, library, resources, every_reason=every_reason), nl=False)
