"""``strata figure2``."""

from __future__ import annotations

from typing import Any

import click

from strata.cli.options import analysis_options, comma, output_options, plan_overrides, read_options


@click.command("figure2")
@click.argument("cohort", type=click.Path())
@click.option("--genes", callback=comma, metavar="GENE,GENE", help="The two genes  [default: IGF1R,SPHK1]")
@click.option("--endpoints", callback=comma, metavar="NAME,...", help="[default: DFS,OS]; DFS also finds RFS and DFI")
@click.option(
    "--comparator", type=click.Choice(["rest", "neither"]), help="Whom the pair is drawn against  [default: rest]"
)
@click.option("--node-negative-both", is_flag=True, help="Node-negative patients only, in panel A too")
@output_options
@read_options
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

    COHORT is a folder or a cohort YAML. What cannot be drawn is a row with its reason; the exit status is 1 only when
    nothing that was asked for can be compared.
    """
    from strata.cli.running import nothing_compared, run_and_write
    from strata.report import figure2_plan

    plan, signature, choice = figure2_plan(
        cohort,
        genes=genes or ("IGF1R", "SPHK1"),
        node_negative_both=node_negative_both,
        name=options["name"],
        layout=options["layout"],
        read=dict(options["read"]),
        library=options["signatures"] or (),
        **plan_overrides(options),
    )
    click.echo(choice, err=True)
    results = run_and_write(plan, out, overwrite=overwrite, jobs=jobs, cross_check=cross_check, extra=[signature])
    _say_rows(results)
    return 1 if nothing_compared(results) else 0


def _say_rows(results: Any) -> None:
    """The pair and each gene alone, a line each: what was found, or why nothing could be."""
    table = results.to_frame()
    genes = {leg.symbol for cohort in results.cohorts for strata in cohort.strata for leg in strata.legs}
    for row in table[table["comparison"].isin({"positive_vs_rest", *genes})].itertuples():
        what = "both" if row.comparison == "positive_vs_rest" else row.comparison
        where = f"{row.population}, {row.endpoint}, {what}"
        if not row.estimable:
            click.echo(f"{where}: n {row.n}, {row.note}", err=True)
            continue
        interval = f"{row.hazard_ratio_lower:.3g}-{row.hazard_ratio_upper:.3g}"
        counts = f"n {row.n}, {row.events} events, {row.n_positive} positive"
        click.echo(
            f"{where}: {counts}, HR {row.hazard_ratio:.3g} ({interval}), log-rank P {row.log_rank_p:.3g}", err=True
        )
