"""``strata pairs``."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from strata.cli.options import as_read, cohort_options, comma, no_share_option, overwrite_option

if TYPE_CHECKING:
    from strata.scan import PairProgress, PairScan

_SAID_EVERY = 10.0
"""Seconds between two lines where there is no terminal."""


def _names(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    """``A,B``, or the names in a file of that name, set apart by commas, spaces or lines; None for all."""
    if value == "all":
        return None
    if value is None or not Path(value).is_file():
        return comma(ctx, param, value)
    from strata.text_file import text_lines

    return tuple(" ".join(line for _, line in text_lines(Path(value))).replace(",", " ").split())


@click.command("pairs")
@click.argument("cohort", type=click.Path())
@click.option("--endpoint", required=True, help="Such as OS; DFS also finds RFS and DFI")
@click.option("--out", required=True, type=click.Path(), help="Folder for the results")
@overwrite_option
@click.option("--genes", callback=_names, metavar="FILE|GENE,...", help="Pairs of these alone  [default: all genes]")
@click.option("--with", "partner", metavar="GENE", help="This gene with every other, instead of all pairs")
@click.option("--assay", default="mrna", show_default=True, metavar="KIND", help="Whose features are paired")
@click.option("--population", help="Signature id; ids joined by & for both at once")
@click.option(
    "--stratify-by", callback=comma, metavar="COLUMN,...", help="Clinical columns that tests are stratified by"
)
@click.option("--horizon", type=click.FloatRange(min=0, min_open=True), metavar="MONTHS", help="Cut follow-up there")
@click.option("--top", type=click.IntRange(min=1), default=1000, show_default=True, help="Pairs in the table")
@click.option(
    "--permutations", type=click.IntRange(min=0), default=0, show_default=True, help="Behind the max-T P: as many scans"
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the permutations")
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Threads")
@click.option(
    "--min-patients", type=click.IntRange(min=0), default=20, show_default=True, help="In both groups, to be ranked"
)
@click.option("--min-events", type=click.IntRange(min=0), default=10, show_default=True, help="In both groups as well")
@cohort_options
@no_share_option
def command(cohort: str, out: str, overwrite: bool, jobs: int, **options: Any) -> int:
    """Ask of every pair of genes of COHORT whether patients high in both survive differently from the rest.

    High is above the median of the population. Writes the best pairs with their hazard ratios, those of each gene
    alone, and the interaction that tells synergy from two single effects; a histogram of all pairs; and run.json.
    What an interrupted run has done stays in OUT.partial, and the same command goes on from there.

    COHORT is a folder or a cohort YAML. The exit status is 1 when no pair could be ranked.
    """
    from strata.analysis import read_marked
    from strata.report import pairs_to_folder, partial_state
    from strata.scan import scan_pairs

    read = as_read(cohort, options)
    opened, marked = read_marked(**(read | {"path": cohort}))
    state, progress = partial_state(out), _Progress()
    asked: dict[str, Any] = {
        "assay": options["assay"],
        "genes": options["genes"],
        "partner": options["partner"],
        "population": options["population"],
        "stratification_factors": options["stratify_by"] or (),
        "horizon": options["horizon"],
        **{key: options[key] for key in ("top", "min_patients", "min_events", "permutations", "seed")},
    }
    more: dict[str, Any] = {"jobs": jobs, "progress": progress, "state": state, "overwrite": overwrite}
    try:
        found = pairs_to_folder(
            opened,
            lambda: scan_pairs(opened, options["endpoint"], **asked, **more),
            out,
            options={"cohort": read, "endpoint": options["endpoint"], **asked},
            overwrite=overwrite,
            marked=marked,
        )
    except (KeyboardInterrupt, SystemExit):
        if state.exists():
            click.echo(f"strata: what is done is kept in {state}: the same command goes on from there", err=True)
        raise
    finally:
        progress.close()
    _say(found, Path(out), options)
    return int(not found.counts["ranked"])


class _Progress:
    """A bar on a terminal; elsewhere an estimate at the start, and a line every ten seconds."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._said = math.nan

    def __call__(self, now: PairProgress) -> None:
        if now.seconds == 0.0 and now.resumed:
            share = now.resumed / now.total
            click.echo(f"goes on from {share:.0%} of {now.total:,} pairs, which an interrupted run had done", err=True)
        if sys.stderr.isatty():
            self._draw(now)
        elif now.seconds >= 1.0 and not now.seconds - self._said < _SAID_EVERY:
            about = f"about {_in_words(now.seconds_left)} left"
            click.echo(f"{now.done:,} of {now.total:,} pairs ({now.done / now.total:.0%}), {about}", err=True)
            self._said = now.seconds

    def _draw(self, now: PairProgress) -> None:
        if self._bar is None:
            from tqdm import tqdm

            self._bar = tqdm(total=now.total, initial=now.resumed, unit="pair", unit_scale=True, file=sys.stderr)
        self._bar.update(now.done - self._bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()


def _in_words(seconds: float) -> str:
    """A length of time, roughly."""
    for unit, size in (("h", 3600.0), ("min", 60.0)):
        if seconds >= 2.0 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def _say(scan: PairScan, out: Path, options: Mapping[str, Any]) -> None:
    counts = {name: f"{n:,}" for name, n in scan.counts.items()}
    small = f"below {options['min_patients']} patients or {options['min_events']} events in a group"
    parts = (
        f"{scan.study.population}, {scan.study.endpoint}: {counts['pairs']} pairs of {counts['markers']} markers",
        f"{counts['ranked']} ranked, {counts['small']} too small ({small}), {counts['not_testable']} not testable",
    )
    click.echo(": ".join(parts), err=True)
    if options["permutations"] > scan.n_permutations:
        click.echo("no max-T P: with delayed entry there are no permutations", err=True)
    for row in scan.to_frame().head(5).to_dict("records"):
        both = f"{row['gene_1']} + {row['gene_2']}: HR {row['hazard_ratio']:.3g}, log-rank P {row['log_rank_p']:.3g}"
        many = f"{row['bonferroni_p']:.3g} over all pairs"
        click.echo(f"  {both} ({many}), interaction {row['interaction']:.3g} (P {row['interaction_p']:.3g})", err=True)
    click.echo(f"table:  {out / 'pairs.tsv'}", err=True)
