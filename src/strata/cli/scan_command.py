"""``strata scan``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from strata.cli.options import as_read, cohort_options, comma, no_share_option, overwrite_option

if TYPE_CHECKING:
    from strata.scan import GeneScan


@click.command("scan")
@click.argument("cohort", type=click.Path())
@click.option("--endpoint", required=True, help="Such as OS; DFS also finds RFS and DFI")
@click.option("--out", required=True, type=click.Path(), help="Folder for the results")
@overwrite_option
@click.option(
    "--cut", type=click.Choice(["median"]), default="median", show_default=True, help="Above it against the rest"
)
@click.option("--continuous", is_flag=True, help="Hazard ratio per standard deviation, uncut")
@click.option("--every-cut", is_flag=True, help="The best cut of each gene, with a P corrected for the search")
@click.option("--assay", "assays", callback=comma, metavar="KIND,...", help="Such as mrna,mutation  [default: all]")
@click.option("--genes", callback=comma, metavar="GENE,...", help="These alone, as the tables name them")
@click.option("--population", help="Signature id; ids joined by & for both at once")
@click.option(
    "--stratify-by", callback=comma, metavar="COLUMN,...", help="Clinical columns that tests are stratified by"
)
@click.option("--horizon", type=click.FloatRange(min=0, min_open=True), help="Months after which follow-up is cut")
@click.option("--permutations", type=click.IntRange(min=0), default=1000, show_default=True, help="0: none")
@click.option("--minprop", type=float, default=0.1, show_default=True, help="Of --every-cut: smallest share in a group")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of everything random")
@click.option("--jobs", type=click.IntRange(min=1), default=2, show_default=True, help="Threads")
@cohort_options
@no_share_option
def command(cohort: str, out: str, overwrite: bool, continuous: bool, every_cut: bool, **options: Any) -> int:
    """Ask of every gene of COHORT whether survival differs by it: a ranked table, a volcano and a QQ plot.

    Numbers are cut at their median over the population (--continuous: not at all; --every-cut: where survival differs
    most). Mutated, amplified and deleted are compared as they are. q is adjusted over all markers; the max-T P is by
    permutation, which holds for rare markers too.

    COHORT is a folder or a cohort YAML. The exit status is 1 when no marker could be tested.
    """
    from strata.analysis import read_marked
    from strata.errors import Problem, UsageError
    from strata.report import scan_to_folder
    from strata.scan import scan_genes

    if continuous and every_cut:
        raise UsageError(Problem("--continuous", "and --every-cut are two questions", "Give one of them", code="E703"))
    cut = "continuous" if continuous else "every" if every_cut else options["cut"]
    read = as_read(cohort, options)
    opened, marked = read_marked(**(read | {"path": cohort}))
    progress = _Progress()
    asked = {
        "assays": options["assays"] or (),
        "genes": options["genes"],
        "cut": cut,
        "population": options["population"],
        "stratification_factors": options["stratify_by"] or (),
        "horizon": options["horizon"],
        "permutations": options["permutations"],
        "minprop": options["minprop"],
        "seed": options["seed"],
    }
    found = scan_to_folder(
        opened,
        lambda: scan_genes(opened, options["endpoint"], jobs=options["jobs"], progress=progress, **asked),
        out,
        options={"cohort": read, "endpoint": options["endpoint"], **asked},
        overwrite=overwrite,
        marked=marked,
    )
    _say(found, out)
    return int(not found.to_frame()["p_value"].notna().any())


class _Progress:
    """A line on standard error for every ten thousand markers."""

    def __init__(self) -> None:
        self.done, self.said = 0, 0

    def __call__(self, markers: int) -> None:
        self.done += markers
        if self.done - self.said >= 10_000:
            self.said = self.done
            click.echo(f"{self.done:,} markers done", err=True)


def _say(scan: GeneScan, out: str) -> None:
    from pathlib import Path

    table = scan.to_frame()
    tested = int(table["p_value"].notna().sum())
    low = int((table["q_value"] < 0.05).sum())
    where = f"{scan.study.population}, {scan.study.endpoint}"
    click.echo(f"{where}: {tested:,} of {len(table):,} markers tested, {low:,} with q < 0.05", err=True)
    for row in table.head(5).itertuples():
        if row.estimable:
            click.echo(f"  {row.gene} ({row.assay}, {row.marker}): P {row.p_value:.3g}, q {row.q_value:.3g}", err=True)
    for figure in sorted(Path(out).glob("*.png")):
        click.echo(f"figure: {figure}", err=True)
    click.echo(f"table:  {Path(out) / 'scan.tsv'}", err=True)
