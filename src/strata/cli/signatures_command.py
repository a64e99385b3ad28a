"""``strata signatures``."""

from __future__ import annotations

from pathlib import Path

import click

from strata.cli.options import comma

_folders = click.option(
    "--signatures",
    "folders",
    callback=comma,
    metavar="FOLDER|FILE,...",
    help="Signatures of your own, beside the shipped",
)


@click.group("signatures")
def command() -> None:
    """List, show and lint signatures."""


@command.command("list")
@_folders
def list_them(folders: tuple[str, ...] | None) -> None:
    """Print id and name of every signature, separated by a tab."""
    from strata.signatures import load_signatures

    for signature in load_signatures(folders=folders or ()):
        click.echo(f"{signature.id}\t{signature.name}")


@command.command("show")
@click.argument("ids", nargs=-1, required=True)
@_folders
def show(ids: tuple[str, ...], folders: tuple[str, ...] | None) -> None:
    """Print what signatures mean, in words, and what their sources claim."""
    from strata.signatures import explain, load_signatures

    for signature in load_signatures(ids, folders=folders or ()):
        click.echo(explain(signature))


@command.command("lint")
@click.argument("files", nargs=-1, type=click.Path())
def lint_them(files: tuple[str, ...]) -> int:
    """Check signature FILES or folders; none given: the shipped ones. Exit status 4 when something is wrong."""
    from strata.errors import InputOutputError, Problem
    from strata.signatures import lint

    missing = [Problem(file, "no such file or folder") for file in files if not Path(file).exists()]
    if missing:
        raise InputOutputError(missing)
    problems = lint(files)
    for problem in problems:
        click.echo(str(problem), err=True)
    click.echo(f"problems: {len(problems)}", err=True)
    return 4 if problems else 0
