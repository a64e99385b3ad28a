"""``strata compare``."""

from __future__ import annotations

from typing import Any

import click

from strata.cli.options import (
    analysis_options,
    cohort_options,
    control_options,
    output_options,
    plan_overrides,
    timeout_option,
)


@click.command("compare")
@click.argument("cohort", type=click.Path())
@click.argument("signature")
@click.option("--endpoint", required=True, help="Such as OS; DFS also finds RFS and DFI")
@click.option("--population", help="Signature id; ids joined by & for both at once  [default: the signature's own]")
@click.option("--comparator", type=click.Choice(["rest", "neither"]), help="Whom the figure draws a gene pair against")
@output_options
@cohort_options
@analysis_options
@control_options
@timeout_option
def command(
    cohort: str, signature: str, out: str, overwrite: bool, jobs: int, cross_check: bool, **options: Any
) -> int:
    """Compare survival by SIGNATURE in COHORT: one question without a plan.

    COHORT is a folder or a cohort YAML. The exit status is 1 when no row has a patient, as without the endpoint, and
    when one of several cohorts could not be analysed. It is 0 when there are patients to compare but no row can give a
    number, as without events: its note says why.
    """
    from strata.analysis import CohortEntry, Plan
    from strata.cli.running import last_words, run_and_write, say_rows
    from strata.report import Drawing

    entry = CohortEntry(path=cohort, name=options["name"], layout=options["layout"], read=dict(options["read"]))
    plan = Plan.checked(
        cohorts=[entry],
        signatures=[signature],
        library=options["signatures"] or (),
        populations=[options["population"]] if options["population"] else [],
        endpoints=[options["endpoint"]],
        **plan_overrides(options),
    )
    drawing = Drawing(stem="survival", every=True)
    results = run_and_write(
        plan,
        out,
        overwrite=overwrite,
        jobs=jobs,
        cross_check=cross_check,
        drawing=drawing,
        controls=options,
        timeout=options["timeout"],
    )
    say_rows(results)
    return last_words(results)
