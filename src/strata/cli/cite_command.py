"""``strata cite``."""

from __future__ import annotations

import click


@click.command("cite")
@click.argument("run", type=click.Path())
@click.option("--bibtex", is_flag=True, help="The BibTeX alone, as for a file of references")
def command(run: str, bibtex: bool) -> int:
    """Describe RUN, the folder of a run: a methods paragraph, and BibTeX of exactly what it used.

    The paragraph says what was done and nothing that was not. It cites by the keys of the BibTeX, as in [@cox1972].
    """
    from strata.report import cite_run

    found = cite_run(run)
    click.echo(found.bibtex if bibtex else f"{found.methods}\n\n{found.bibtex}", nl=False)
    return 0
