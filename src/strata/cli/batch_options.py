"""What the commands that run a manifest have in common: options, progress, the closing words."""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from strata.cli.options import timeout_option

if TYPE_CHECKING:
    from strata.batch import Ended, Manifest, Merged, Outcome

__all__ = ["batch_options", "given", "run_manifest", "say", "say_merged"]


def _shard(ctx: click.Context, param: click.Parameter, value: str) -> tuple[int, int]:
    match = re.fullmatch(r"([0-9]+)/([0-9]+)", value)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise click.BadParameter(f"{value!r} is not I/N with I from 1 to N, such as 3/8", ctx, param)
    return int(match[1]), int(match[2])


_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Processes, a cohort each"),
    click.option("--scheduler", metavar="ADDRESS", help="Use the workers of a Dask scheduler, such as tcp://HOST:8786"),
    click.option(
        "--shard",
        default="1/1",
        callback=_shard,
        metavar="I/N",
        help="Run every N-th cohort, from the I-th on; strata merge then makes one set of tables of all shards",
    ),
    click.option("--resume", is_flag=True, help="Go on in OUT: what was finished from the same files and plan stays"),
    click.option("--fail-fast", is_flag=True, help="Stop at the first cohort that fails"),
    timeout_option,
    click.option("--dry-run", is_flag=True, help="Print what would run, compute and write nothing"),
)


def batch_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """How a manifest is run."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def given(options: Mapping[str, Any]) -> list[str]:
    """Those of these options that were not left at their default."""
    plain = {"jobs": 1, "shard": (1, 1)}
    names = ("jobs", "scheduler", "shard", "resume", "fail_fast", "timeout", "dry_run")
    return [f"--{name.replace('_', '-')}" for name in names if options[name] and options[name] != plain.get(name)]


def run_manifest(manifest: Manifest, out: str | None, options: Mapping[str, Any], **how: Any) -> int:
    """Run or preview a manifest; returns the exit status. ``how`` are options of the batch that one command has."""
    from strata.batch import BatchOptions, Shard, run_batch
    from strata.errors import Problem, UsageError

    if options["dry_run"]:
        return _print_preview(manifest)
    if out is None:
        raise UsageError(Problem("--out", "no folder for the results", "Pass --out, or --dry-run", code="E703"))
    signal.signal(signal.SIGTERM, _terminated)
    shard = Shard(*options["shard"])
    asked: dict[str, Any] = {name: options[name] for name in ("jobs", "scheduler", "resume", "fail_fast", "timeout")}
    chosen = BatchOptions(shard=shard, **asked, **how)
    progress = _Progress(len(manifest.rows[shard.number - 1 :: shard.of]))
    try:
        ended = run_batch(manifest, out, chosen, progress=progress, say=say)
    except KeyboardInterrupt:
        _stop("interrupted", 130)
    finally:
        progress.close()
    _say_ended(ended, shard, out)
    return ended.exit_status


def _print_preview(manifest: Manifest) -> int:
    from strata.batch import PREVIEW_COLUMNS, preview

    click.echo("\t".join(PREVIEW_COLUMNS))
    wrong = 0
    for row in preview(manifest):
        click.echo("\t".join(" ".join(row[column].split()) for column in PREVIEW_COLUMNS))
        wrong += bool(row["problem"])
    return int(wrong > 0)


class _Progress:
    """A line a cohort; on a terminal also a bar with the time that is left."""

    def __init__(self, total: int) -> None:
        from tqdm import tqdm

        self._bar = tqdm(total=total, unit="cohort", file=sys.stderr, disable=None)

    def __call__(self, outcome: Outcome) -> None:
        self._bar.write(_in_words(outcome), file=sys.stderr)
        self._bar.update()

    def close(self) -> None:
        self._bar.close()


def _in_words(outcome: Outcome) -> str:
    from strata.cohort.findings import count

    if outcome.exit_status:
        first, *more = outcome.problems
        also = f" (and {count(len(more), 'more problem')})" if more else ""
        return f"{outcome.cohort}: failed: {first}{also}"
    if outcome.endpoints:
        said = f"{count(outcome.comparisons, 'comparison')}, {outcome.estimable} estimable"
    else:
        said = f"{count(outcome.signatures, 'signature')} called"
    return f"{outcome.cohort}: {said}, " + ("done before" if outcome.reused else f"{outcome.seconds:.1f} s")


def say(text: str) -> None:
    """What a user must know beside the progress."""
    click.echo(f"strata: {text}", err=True)


def _say_ended(ended: Ended, shard: Any, out: str) -> None:
    from strata.cohort.findings import count

    done = ended.cohorts - ended.failed
    before = f" ({ended.reused} of them before)" if ended.reused else ""
    click.echo(f"{count(ended.cohorts, 'cohort')}: {done} analysed{before}, {ended.failed} failed", err=True)
    if ended.stopped:
        say(f"stopped at the first failure; what is done is kept in {out}: --resume goes on from there")
    elif ended.merged is None:
        say(f"shard {shard.number} of {shard.of} is done; when all are: strata merge {out}")
    else:
        say_merged(ended.merged, out)


def say_merged(merged: Merged, out: str) -> None:
    """Where the index and the tables are: in the folder as the user wrote it."""
    folder = Path(out)
    click.echo(f"report: {folder / 'report.html'}", err=True)
    results = folder / "results.tsv"
    click.echo(f"table:  {results if results.exists() else folder / 'calls.tsv'}", err=True)
    if merged.failed:
        click.echo(f"failed: {folder / 'failures.tsv'} ({merged.failed} of {merged.cohorts} cohorts)", err=True)


def _terminated(*_: object) -> NoReturn:
    _stop("terminated", 128 + signal.SIGTERM)


def _stop(how: str, status: int) -> NoReturn:
    """Leave as the program does, but for its words: of a batch something was written."""
    say(f"{how}; cohorts that were finished are kept: the same command with --resume goes on from there")
    raise SystemExit(status)
