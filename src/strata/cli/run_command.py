"""``strata run``."""

from __future__ import annotations

from typing import Any

import click

from strata.cli.options import analysis_options, comma, output_options, plan_overrides, read_options


@click.command("run")
@click.argument("plan", type=click.Path())
@output_options
@click.option("--cohorts", callback=comma, metavar="PATH,...", help="Replace the plan's cohorts")
@click.option("--populations", callback=comma, metavar="ID,...", help="Signature ids, joined by & for both at once")
@click.option("--endpoints", callback=comma, metavar="NAME,...", help="Such as DFS,OS")
@click.option("--comparator", type=click.Choice(["rest", "neither"]), help="Whom figures draw a gene pair against")
@read_options
@analysis_options
def command(plan: str, out: str, overwrite: bool, jobs: int, cross_check: bool, **options: Any) -> int:
    """Run PLAN: every cohort, signature, population and endpoint it names.

    Signatures given by id replace the plan's; folders and files are added to them. A cohort that fails is reported
    and the others are finished; the exit status is then 1.
    """
    from strata.analysis import load_plan
    from strata.cli.running import run_and_write

    overrides = plan_overrides(options)
    if options["cohorts"]:
        overrides["cohorts"] = options["cohorts"]
    loaded = load_plan(plan, read=options["read"], signatures=options["signatures"], **overrides)
    results = run_and_write(loaded, out, overwrite=overwrite, jobs=jobs, cross_check=cross_check)
    bugs = any(failure.exit_status == 70 for failure in results.failures)
    return 70 if bugs else 1 if results.failures else 0
