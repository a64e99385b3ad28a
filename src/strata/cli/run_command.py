"""``strata run``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from strata.cli.options import (
    analysis_options,
    comma,
    control_options,
    overwrite_option,
    plan_overrides,
    read_option,
    timeout_option,
)


@click.command("run")
@click.argument("plan", type=click.Path())
@click.option("--out", type=click.Path(), help="Folder for the results: absent or empty  [default: the plan's output]")
@overwrite_option
@click.option("--cohorts", callback=comma, metavar="PATH,...", help="Replace the plan's cohorts")
@click.option("--populations", callback=comma, metavar="ID,...", help="Signature ids, joined by & for both at once")
@click.option("--endpoints", callback=comma, metavar="NAME,...", help="Such as DFS,OS")
@click.option("--comparator", type=click.Choice(["rest", "neither"]), help="Whom figures draw a gene pair against")
@click.option(
    "--no-figures",
    is_flag=True,
    help="Write the tables alone: figures and report.html take most of the time of a small run",
)
@read_option
@analysis_options
@control_options
@timeout_option
def command(
    plan: str, out: str | None, overwrite: bool, no_figures: bool, jobs: int, cross_check: bool, **options: Any
) -> int:
    """Run PLAN: every cohort, signature, population and endpoint it names.

    Every option replaces the plan's key of its name. Signatures given by id replace the plan's; folders and files are
    added to them. A cohort that fails is reported and the others are finished; the exit status is then 1, as it is when
    no row has a patient.
    """
    from strata.analysis import load_plan
    from strata.cli.running import last_words, run_and_write, say_left_out
    from strata.errors import Problem, UsageError
    from strata.report import Drawing

    overrides = plan_overrides(options)
    if options["cohorts"]:
        overrides["cohorts"] = [str(Path(path).absolute()) for path in options["cohorts"]]
    loaded = load_plan(plan, **overrides).extended(read=options["read"], signatures=options["signatures"] or ())
    if out is None and loaded.output is None:
        raise UsageError(
            Problem(plan, "the plan names no output folder", "Pass --out, or add output: to the plan", code="E703")
        )
    folder = out or str(loaded.folder / str(loaded.output))
    drawing = Drawing(singles=True)
    results = run_and_write(
        loaded,
        folder,
        overwrite=overwrite,
        jobs=jobs,
        cross_check=cross_check,
        drawing=drawing,
        figures=not no_figures,
        controls=options,
        multiqc=True,
        timeout=options["timeout"],
    )
    if not no_figures:
        say_left_out(results, drawing)
    return last_words(results)
