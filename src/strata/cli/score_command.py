"""``strata score``."""

from __future__ import annotations

from typing import Any

import click

from strata.cli.options import (
    absent_assay_option,
    cohort_options,
    comma,
    cut_scope_option,
    output_options,
    plan_overrides,
    resource_options,
)


@click.command("score")
@click.argument("cohort", type=click.Path())
@click.argument("signatures", nargs=-1)
@click.option("--signatures", "library", callback=comma, metavar="FOLDER|FILE,...", help="Add signatures of your own")
@click.option("--population", help="Signature id; ids joined by & for both at once  [default: the signature's own]")
@click.option("--cut", help="Replace learned cuts: median, mean, qNN, sdN, mixture, tertiles, quartiles")
@cut_scope_option
@absent_assay_option
@resource_options
@output_options
@cohort_options
def command(cohort: str, signatures: tuple[str, ...], out: str, overwrite: bool, **options: Any) -> int:
    """Score and call the patients of COHORT by SIGNATURES (ids; none: every one), without survival.

    Writes calls.tsv (counts), genes.tsv (which feature was found), cut_points.tsv, run.json, and assignments.parquet,
    which holds patient ids and is readable by its owner only. The exit status is 1 when no signature can be answered.
    """
    from strata.analysis import CohortEntry, Plan
    from strata.cli.running import run_and_write

    plan = Plan.checked(
        cohorts=[CohortEntry(path=cohort, name=options["name"], layout=options["layout"], read=dict(options["read"]))],
        signatures=signatures,
        library=options["library"] or (),
        populations=[options["population"]] if options["population"] else [],
        endpoints=[],
        **plan_overrides(options),
    )
    results = run_and_write(plan, out, overwrite=overwrite)
    found = [strata for cohort_result in results.cohorts for strata in cohort_result.strata]
    for strata in found:
        # what is unknown for everybody has its reasons
        why = f"; {'; '.join(strata.reasons)}" if strata.absent and strata.reasons else ""
        said = f"{strata.cohort}: {strata.signature} ({strata.population}): {strata.counts_in_words}"
        click.echo(said + why, err=True)
    return results.exit_status or int(all(strata.absent for strata in found))
