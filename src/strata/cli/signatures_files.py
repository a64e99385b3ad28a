"""``strata signatures lint``, ``new`` and ``import``: files of signatures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

_overwrite = click.option("--overwrite", is_flag=True, help="Replace files of the same names")


@click.command("lint")
@click.argument("files", nargs=-1, type=click.Path())
@click.option(
    "--hgnc", type=click.Path(), metavar="FILE", help="hgnc_complete_set.txt: every symbol must be one of its"
)
def lint_files(files: tuple[str, ...], hgnc: str | None) -> int:
    """Check signature FILES or folders of them; none given: the shipped ones. Exit status 4 when something is wrong."""
    return _linted(files, hgnc)


@click.command("new")
@click.argument("id")
@click.option("--out", default=".", metavar="FOLDER|FILE", help="Where to write it  [default: ID.yaml here]")
@_overwrite
def new_file(id: str, out: str, overwrite: bool) -> None:  # noqa: A002
    """Write ID.yaml, a commented signature to be changed line by line."""
    from strata.errors import Problem, UsageError
    from strata.signatures import new_signature, signature_library

    text = new_signature(id)
    if id in signature_library():
        raise UsageError(Problem("ID", f"'{id}' is the id of a shipped signature", "Choose another", code="E624"))
    target = Path(out)
    if target.suffix != ".yaml" or target.is_dir():
        target /= f"{id}.yaml"
    if target.stem != id:
        raise UsageError(Problem(out, f"is not the name of the file of '{id}'", f"Call it {id}.yaml", code="E624"))
    _write_all(target.parent, {target.name: text}, overwrite=overwrite)
    click.echo(f"wrote {target}; change it, then: strata signatures lint {target}", err=True)


@click.command("import")
@click.argument("file", type=click.Path())
@click.option("--out", default=".", show_default=True, metavar="FOLDER", help="Where to write the signatures")
@click.option("--prefix", default="", help="Put before every id")
@_overwrite
def import_file(file: str, out: str, prefix: str, overwrite: bool) -> int:
    """Write a signature for each gene list of FILE (GMT, GMX, decoupler, genefu or hacksig table), and lint them.

    All of them are written, or none. Exit status 4 when a signature should be mended, which lint says.
    """
    from strata.signatures import import_signatures

    texts = {f"{id_}.yaml": text for id_, text in import_signatures(file, prefix=prefix).items()}
    _write_all(Path(out), texts, overwrite=overwrite)
    click.echo(f"wrote {_many(len(texts), 'signature')} to {out}", err=True)
    return _linted([str(Path(out) / name) for name in texts], None)


def _linted(files: Sequence[str], hgnc: str | None) -> int:
    """Say what is wrong with files, and the exit status."""
    from strata.signatures import lint, signature_files, unchecked_symbols

    read = signature_files(files)
    problems = lint(files, hgnc=hgnc)
    for problem in problems:
        click.echo(str(problem), err=True)
    if hgnc is None and not problems and (unknown := unchecked_symbols(files)):
        shown = ", ".join(unknown[:5]) + (f" and {len(unknown) - 5} more" if len(unknown) > 5 else "")
        many = "symbol that the shipped names lack" if len(unknown) == 1 else "symbols that the shipped names lack"
        click.echo(f"not checked: {len(unknown)} {many} ({shown}); give all names with --hgnc FILE", err=True)
    click.echo(f"{_many(len(read), 'file')}, {_many(len(problems), 'problem')}", err=True)
    return 4 if problems else 0


def _write_all(folder: Path, texts: Mapping[str, str], *, overwrite: bool) -> None:
    """Write files into a folder, all of them or none."""
    from tempfile import TemporaryDirectory

    from strata.analysis import write_whole
    from strata.errors import InputOutputError, Problem
    from strata.whole_file import sync

    there = [folder / name for name in texts if (folder / name).exists() and not overwrite]
    if there:
        fix = "Pass --overwrite or another --out"
        raise InputOutputError([Problem(str(path), "is already there", fix, code="E707") for path in there])
    folder.mkdir(parents=True, exist_ok=True)
    # on the file system of the folder, so that each move is a rename
    with TemporaryDirectory(prefix=".strata-", dir=folder) as work:
        for name, text in texts.items():
            write_whole(Path(work) / name, text)
        for name in texts:
            (Path(work) / name).replace(folder / name)
        sync(folder)


def _many(n: int, thing: str) -> str:
    return f"{n} {thing}" if n == 1 else f"{n} {thing}s"
