"""``strata demo``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from strata.cli.options import overwrite_option


@click.command("demo")
@click.option("--out", type=click.Path(), default="demo", show_default=True, help="Folder for the results")
@overwrite_option
def command(out: str, overwrite: bool) -> int:
    """Draw Figure 2 on the bundled synthetic cohort, which has no biological meaning, into ./demo.

    An earlier demo in that folder is replaced.
    """
    from strata.cli.running import run_and_write
    from strata.report import Drawing, figure2_plan
    from strata.simulate import synthetic_folder

    cohort = synthetic_folder() / "figure2-breast" / "flat"
    plan, signature, choice = figure2_plan(str(cohort), genes=("IGF1R", "SPHK1"), name="figure2-breast")
    click.echo(choice, err=True)
    note = "Synthetic data: no biological meaning, reproduces no paper."
    results = run_and_write(
        plan,
        out,
        overwrite=overwrite or _is_demo(Path(out)),
        cross_check=True,
        drawing=Drawing(caption=(note,)),
        extra=[signature],
    )
    return results.exit_status


def _is_demo(folder: Path) -> bool:
    try:
        record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        return bool(record["argv"][1] == "demo")
    except (OSError, ValueError, LookupError, TypeError):
        return False
