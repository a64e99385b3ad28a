"""``strata simulate``."""

from __future__ import annotations

import click

from strata.cli.options import output_options


@click.command("simulate")
@click.argument("scenario")
@click.option("--seed", type=click.IntRange(min=0), help="Replaces the scenario's seed")
@output_options
def command(scenario: str, seed: int | None, out: str, overwrite: bool) -> None:
    """Make a synthetic cohort from SCENARIO: the name of a shipped one or a YAML file. Writes both layouts."""
    from strata.analysis import output_folder
    from strata.simulate import load_scenario, write_scenario

    loaded = load_scenario(scenario)
    with output_folder(out, overwrite=overwrite) as folder:
        write_scenario(loaded, folder, seed=seed)
    click.echo(f"cohort: {out} (synthetic: no biological meaning)", err=True)
