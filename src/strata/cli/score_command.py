"""``strata score``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from strata.cli.batch_options import batch_options, given, run_manifest
from strata.cli.options import (
    absent_assay_option,
    cohort_options,
    comma,
    cut_scope_option,
    overwrite_option,
    plan_overrides,
    privacy_options,
    resource_options,
)

if TYPE_CHECKING:
    from strata.analysis import Plan


@click.command("score")
@click.argument("words", nargs=-1, metavar="[COHORT] [SIGNATURES]...")
@click.option("--manifest", type=click.Path(), help="Score every cohort of this table, instead of COHORT")
@click.option("--signatures", "library", callback=comma, metavar="FOLDER|FILE,...", help="Add signatures of your own")
@click.option("--population", help="Signature id; ids joined by & for both at once  [default: the signature's own]")
@click.option("--cut", help="Replace learned cuts: median, mean, qNN, sdN, mixture, tertiles, quartiles")
@cut_scope_option
@absent_assay_option
@resource_options
@privacy_options
@click.option("--out", type=click.Path(), help="Folder for the results: absent or empty")
@overwrite_option
@cohort_options
@batch_options
def command(words: tuple[str, ...], manifest: str | None, out: str | None, overwrite: bool, **options: Any) -> int:
    """Score and call the patients of COHORT by SIGNATURES (ids; none: every one), without survival.

    Writes calls.tsv (counts), genes.tsv (which feature was found), cut_points.tsv, run.json, and assignments.parquet,
    which holds patient ids and is readable by its owner only. The exit status is 1 when no signature can be answered.

    With --manifest, scores many cohorts as strata batch runs them: into OUT/cohorts/NAME, with calls.tsv and
    failures.tsv of all; the exit status is then 1 when a cohort failed.
    """
    if manifest is not None:
        return _score_manifest(manifest, out, words, overwrite=overwrite, **options)
    if wrong := given(options):
        raise click.UsageError(f"{', '.join(wrong)} only with --manifest")
    if not words or out is None:
        raise click.UsageError("Missing argument 'COHORT'." if not words else "Missing option '--out'.")
    return _score_cohort(words[0], out, words[1:], overwrite=overwrite, **options)


def _plan(path: str, signatures: Sequence[str], options: Mapping[str, Any]) -> Plan:
    from strata.analysis import CohortEntry, Plan

    return Plan.checked(
        cohorts=[CohortEntry(path=path, name=options["name"], layout=options["layout"])],
        read=dict(options["read"]),
        signatures=signatures,
        library=options["library"] or (),
        populations=[options["population"]] if options["population"] else [],
        endpoints=[],
        **plan_overrides(options),
    )


def _score_manifest(
    manifest: str, out: str | None, signatures: Sequence[str], *, overwrite: bool, **options: Any
) -> int:
    from strata.batch import read_manifest

    if wrong := [f"--{name}" for name in ("name", "overwrite") if (options | {"overwrite": overwrite})[name]]:
        raise click.UsageError(f"{', '.join(wrong)} is for one cohort")
    made = read_manifest(manifest, _plan(manifest, signatures, options))
    return run_manifest(made, out, options, survival=False)


def _score_cohort(cohort: str, out: str, signatures: Sequence[str], *, overwrite: bool, **options: Any) -> int:
    from strata.cli.running import run_and_write

    results = run_and_write(_plan(cohort, signatures, options), out, overwrite=overwrite)
    found = [strata for cohort_result in results.cohorts for strata in cohort_result.strata]
    for strata in found:
        # what is unknown for everybody has its reasons
        why = f"; {'; '.join(strata.reasons)}" if strata.absent and strata.reasons else ""
        said = f"{strata.cohort}: {strata.signature} ({strata.population}): {strata.counts_in_words}"
        click.echo(said + why, err=True)
    return results.exit_status or int(all(strata.absent for strata in found))
