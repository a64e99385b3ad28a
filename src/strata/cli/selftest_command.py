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
    The exit status is 1 when a number is further from R's than its tolerance.
    """
    from strata.selftest import agreement_page, golden_set, run_selftest

    table, made_with = run_selftest(), golden_set()["made_with"]
    if markdown:
        click.echo(agreement_page(table, made_with), nl=False)
    else:
        _print(table)
    failed = int((~table["ok"]).sum())
    versions = ", ".join(f"{name} {version}" for name, version in made_with.items())
    worst = max(table.itertuples(), key=lambda row: float(str(row.relative_difference)))
    click.echo(
        f"{len(table)} numbers of {table['case'].nunique()} cases compared with {versions}: {failed} outside their "
        f"tolerance; the largest relative difference is {worst.relative_difference:.1e} ({worst.case})",
        err=True,
    )
    return int(failed > 0)


def _print(table: pd.DataFrame) -> None:
    click.echo("\t".join(("case", "number", "R", "strata", "relative difference", "tolerance", "ok")))
    for row in table.itertuples():
        numbers = (f"{row.r:.15g}", f"{row.strata:.15g}", f"{row.relative_difference:.1e}", f"{row.tolerance:g}")
        click.echo("\t".join((str(row.case), str(row.value), *numbers, "yes" if row.ok else "NO")))
