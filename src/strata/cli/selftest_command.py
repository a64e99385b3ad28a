"""``strata selftest``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import pandas as pd


@click.command("selftest")
@click.option("--markdown", is_flag=True, help='Print the page "Agreement with R" instead of the table')
def command(markdown: bool) -> int:
    """Compute the bundled golden set on this machine and print R's numbers beside strata's.

    Columns: case, number, R, strata, relative difference, tolerance, and ok. P values are compared by their logarithm.
    Lines after the table that begin with # say what it was computed with: versions of strata, Python and dependencies,
    optional parts present or absent, and which fast paths are in use. The exit status is 1 when a number is further
    from R's than its tolerance, and when the compiled kernels do not work or differ from numpy's.
    """
    from strata.selftest import agreement_page, describe_environment, golden_set, run_selftest

    table, made_with = run_selftest(), golden_set()["made_with"]
    parts = [] if markdown else describe_environment()
    if markdown:
        click.echo(agreement_page(table, made_with), nl=False)
    else:
        _print(table)
        click.echo("\n".join(f"# {part.name}: {part.words}" for part in parts))
    failed = int((~table["ok"]).sum())
    versions = ", ".join(f"{name} {version}" for name, version in made_with.items())
    worst = max(table.itertuples(), key=lambda row: float(str(row.relative_difference)))
    click.echo(
        f"{len(table)} numbers of {table['case'].nunique()} cases compared with {versions}: {failed} outside their "
        f"tolerance; the largest relative difference is {worst.relative_difference:.1e} ({worst.case})",
        err=True,
    )
    return int(failed > 0 or not all(part.ok for part in parts))


def _print(table: pd.DataFrame) -> None:
    click.echo("\t".join(("case", "number", "R", "strata", "relative difference", "tolerance", "ok")))
    for row in table.itertuples():
        numbers = (f"{row.r:.15g}", f"{row.strata:.15g}", f"{row.relative_difference:.1e}", f"{row.tolerance:g}")
        click.echo("\t".join((str(row.case), str(row.value), *numbers, "yes" if row.ok else "NO")))
