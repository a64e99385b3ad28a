"""``strata figure2``."""

from __future__ import annotations

from typing import Any

import click

from strata.cli.options import analysis_options, cohort_options, comma, output_options, plan_overrides


@click.command("figure2")
@click.argument("cohort", type=click.Path())
@click.option("--genes", callback=comma, metavar="GENE,GENE", help="The two genes  [default: IGF1R,SPHK1]")
@click.option("--endpoints", callback=comma, metavar="NAME,...", help="[default: DFS,OS]; DFS also finds RFS and DFI")
@click.option(
    "--comparator", type=click.Choice(["rest", "neither"]), help="Whom the pair is drawn against  [default: rest]"
)
@click.option("--node-negative-both", is_flag=True, help="Node-negative patients only, in panel A too")
@output_options
@cohort_options
@analysis_options
def command(
    cohort: str,
    genes: tuple[str, ...] | None,
    node_negative_both: bool,
    out: str,
    overwrite: bool,
    jobs: int,
    cross_check: bool,
    **options: Any,
) -> int:
    """Draw Figure 2 on COHORT.

    Survival by high expression of two genes in (A) ER-positive and (B) ER-negative, node-negative patients, with (C)
    the table of each gene alone.

    COHORT is a folder or a cohort YAML. What cannot be drawn is a row with its reason. The exit status is 1 when no row
    has a patient, and when one of several cohorts could not be analysed. It is 0 when there are patients to compare but
    no row can give a number, as without events.
    """
    from strata.cli.running import last_words, run_and_write, say_rows
    from strata.report import Drawing, figure2_plan

    plan, signature, choice = figure2_plan(
        cohort,
        genes=("IGF1R", "SPHK1") if genes is None else genes,
        node_negative_both=node_negative_both,
        name=options["name"],
        layout=options["layout"],
        read=dict(options["read"]),
        library=options["signatures"] or (),
        **plan_overrides(options),
    )
    click.echo(choice, err=True)
    results = run_and_write(
        plan,
        out,
        overwrite=overwrite,
        jobs=jobs,
        cross_check=cross_check,
        drawing=Drawing(every=True),
        extra=[signature],
    )
    say_rows(results)
    return last_words(results)
