"""``strata demo``."""

from __future__ import annotations

import click


@click.command("demo")
@click.option("--out", type=click.Path(), default="demo", show_default=True, help="Folder for the results")
def command(out: str) -> int:
    """Draw Figure 2 on the bundled synthetic cohort, which has no biological meaning, into ./demo."""
    from strata.cli.running import run_and_write
    from strata.report import Drawing, figure2_plan
    from strata.simulate import synthetic_folder

    cohort = synthetic_folder() / "figure2-breast" / "flat"
    plan, signature, choice = figure2_plan(str(cohort), genes=("IGF1R", "SPHK1"), name="figure2-breast")
    click.echo(choice, err=True)
    note = "Synthetic data: no biological meaning, reproduces no paper."
    run_and_write(plan, out, overwrite=True, cross_check=True, drawing=Drawing(caption=(note,)), extra=[signature])
    return 0
