"""``strata batch``."""

from __future__ import annotations

from typing import Any

import click

from strata.cli.batch_options import batch_options, run_manifest
from strata.cli.options import plan_overrides, privacy_options


@click.command("batch")
@click.argument("manifest", type=click.Path())
@click.option("--plan", required=True, type=click.Path(), help="What to run in each cohort; its cohorts are not used")
@click.option("--out", type=click.Path(), help="Folder for the results: absent or empty")
@click.option("--figures", is_flag=True, help="Draw the figures of each cohort as well")
@click.option("--reports", is_flag=True, help="Write report.html of each cohort as well: takes about a second each")
@privacy_options
@batch_options
def command(manifest: str, plan: str, out: str | None, figures: bool, reports: bool, **options: Any) -> int:
    """Run a plan in every cohort of MANIFEST, each by itself, and put the tables together.

    MANIFEST is a table separated by tabs with the columns cohort, path (from its folder), layout (optional) and any key
    of a plan, such as cut, endpoints or read.sep, which is then another for that cohort; an empty cell leaves the
    plan's.

    Each cohort gets the folder OUT/cohorts/NAME that strata run would write, whole or not at all; a cohort that fails
    is a row of failures.tsv. Then all rows in the order of the manifest: results.tsv, a Parquet dataset in results/,
    tests.tsv with P adjusted over the batch, pooled.tsv, calls.tsv, failures.tsv and run.json. report.html is an index
    over the cohorts, and pooled.html shows what they say together. The exit status is 1 when a cohort failed.
    """
    from strata.analysis import load_plan
    from strata.batch import read_manifest

    loaded = load_plan(plan, cohorts=[manifest], **plan_overrides(options))
    return run_manifest(read_manifest(manifest, loaded), out, options, figures=figures, reports=reports)
