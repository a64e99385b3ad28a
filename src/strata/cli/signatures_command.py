"""``strata signatures``: what there is, what it means, and what a cohort can answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from strata.cli.options import absent_assay_option, cohort_options, comma, read_resources, resource_options
from strata.cli.signatures_files import import_file, lint_files, new_file

if TYPE_CHECKING:
    import pandas as pd

    from strata.signatures import Signature

_folders = click.option(
    "--signatures",
    "folders",
    callback=comma,
    metavar="FOLDER|FILE,...",
    help="Signatures of your own, beside the shipped",
)


@click.group("signatures")
def command() -> None:
    """List, show, check and lint signatures; start and import your own."""


command.add_command(lint_files)
command.add_command(new_file)
command.add_command(import_file)


@command.command("list")
@click.option("--assay", callback=comma, metavar="WORD,...", help="Needs one of these assays: mrna, protein ...")
@click.option("--role", callback=comma, metavar="WORD,...", help="Has a claim of this role: prognostic, predictive ...")
@click.option("--drug", callback=comma, metavar="TEXT,...", help="Has a claim about this drug (a part of its name)")
@click.option("--evidence", callback=comma, metavar="WORD,...", help="Has a claim of this evidence: validated ...")
@click.option("--document", callback=comma, metavar="TEXT,...", help="A document's number (000), or part of a source")
@click.option("--computable-in", "cohort", type=click.Path(), metavar="COHORT", help="Can be scored in this cohort")
@_folders
@cohort_options
@resource_options
def list_them(cohort: str | None, folders: tuple[str, ...] | None, **options: Any) -> None:
    """Print a table of the signatures: one row each, separated by tabs, with a header.

    Of several words in one option any is enough; all options must hold, those about claims for one and the same claim.
    The other options say how the cohort of --computable-in is read, and what is given beside it.
    """
    from strata.signatures import SUMMARY_COLUMNS, load_signatures, select_signatures, signature_library, summaries

    library, known = signature_library(folders=folders or ()), load_signatures(folders=folders or ())
    filters = {name: options[name] or () for name in ("assay", "role", "drug", "evidence", "document")}
    found = select_signatures(known, library, **filters)
    if cohort is not None:
        table = _checked(cohort, found, library, **options)
        can = set(table.loc[table["can_be_scored"], "signature"])
        found = [signature for signature in found if signature.id in can]
    _print_table(SUMMARY_COLUMNS, summaries(found, library))
    click.echo(f"{len(found)} of {len(known)} signatures", err=True)


@command.command("show")
@click.argument("ids", nargs=-1, required=True)
@_folders
def show(ids: tuple[str, ...], folders: tuple[str, ...] | None) -> None:
    """Print what signatures mean, in words, what they need, and what their sources claim."""
    from strata.scoring.methods import METHODS
    from strata.signatures import explain, load_signatures, signature_library

    methods = {
        name: {
            "formula": method.formula,
            "range": method.range,
            "direction": method.direction,
            "reference": f"doi:{method.reference}",
            "other samples": "change a sample's score" if method.depends_on_samples else "do not change it",
        }
        for name, method in METHODS.items()
    }
    # files among the ids belong to the library too
    chosen = load_signatures(ids, folders=folders or ())
    library = signature_library(folders=folders or ()) | {signature.id: signature for signature in chosen}
    for signature in chosen:
        click.echo(explain(signature, library, methods=methods))


@command.command("check")
@click.argument("cohort", type=click.Path())
@_folders
@cohort_options
@absent_assay_option
@resource_options
def check(cohort: str, folders: tuple[str, ...] | None, **options: Any) -> None:
    """Print a table that says of each signature whether COHORT can answer it, with which genes and how many patients.

    Standard error sums up how many can be scored and why the others cannot.
    """
    from strata.report import verdict
    from strata.signatures import load_signatures, signature_library

    library = signature_library(folders=folders or ())
    table = _checked(cohort, load_signatures(folders=folders or ()), library, **options)
    _print_table(table.columns, table.itertuples(index=False))
    for line in verdict(table):
        click.echo(line, err=True)


@command.command("page")
def page() -> None:
    """Print the catalogue as a page of Markdown."""
    from strata.signatures import catalogue_page, signature_library

    click.echo(catalogue_page(signature_library()), nl=False)


def _checked(
    path: str,
    signatures: Sequence[Signature],
    library: Mapping[str, Signature],
    *,
    layout: str,
    name: str | None,
    read: Mapping[str, str],
    absent_assay: str | None = None,
    **options: Any,
) -> pd.DataFrame:
    from strata.analysis import check_signatures
    from strata.cohort import read_cohort

    resources = read_resources(options)
    cohort = read_cohort(path, layout=layout, name=name, read=read)
    return check_signatures(cohort, signatures, library, resources=resources, absent_assay=absent_assay or "unknown")


def _print_table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """A table separated by tabs; every cell is one line."""
    click.echo("\t".join(columns))
    for row in rows:
        click.echo("\t".join(map(_cell, row)))


def _cell(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else " ".join(str(value).split())
