"""What the commands that run a plan have in common: progress, the closing words, the exit status."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from strata.cli.messages import STARTED, say_problems
from strata.cli.progress import RunProgress

if TYPE_CHECKING:
    from strata.analysis import Plan, Results
    from strata.report import Drawing
    from strata.survival import Comparison, HazardRatio

__all__ = ["last_words", "run_and_write", "say_left_out", "say_rows"]


_LEFT_TO_THE_TABLE = frozenset(
    {
        "both_vs_neither",
        "first_only_vs_neither",
        "second_only_vs_neither",
        "four_groups",
        "interaction",
        "expected_both_vs_neither",
    }
)
"""Rows that the screen does not repeat."""


_MOST_REASONS = 3
"""Of those why nothing was compared, how many the screen tells."""


_WARNING = re.compile(r"W\d{3}: ")
"""How a note begins that has a code of the catalogue."""


def run_and_write(
    plan: Plan,
    out: str,
    *,
    overwrite: bool,
    jobs: int = 1,
    cross_check: bool = False,
    drawing: Drawing | None = None,
    figures: bool = True,
    extra: Sequence[Any] = (),
    controls: Mapping[str, Any] | None = None,
    multiqc: bool = False,
    timeout: float | None = None,
) -> Results:
    """Run a plan into a folder, with progress on standard error and the closing words.

    ``extra`` are signatures made on the command line, which stand in for the plan's; ``controls`` are the options of
    negative controls; ``timeout`` are the seconds that a cohort may take.
    """
    from strata.analysis import Controls, run_plan
    from strata.cli.endpoint_names import refuse_unknown_endpoints
    from strata.report import run_to_folder

    keys = ("null_check", "random_signatures", "seed")
    asked = Controls(**{key: controls[key] for key in keys}) if controls else Controls()

    def run() -> Results:
        made = extra or None
        ran = run_plan(
            plan, jobs=jobs, check=cross_check, progress=progress, signatures=made, controls=asked, timeout=timeout
        )
        refuse_unknown_endpoints(ran)
        return ran

    with RunProgress() as progress:
        results = run_to_folder(
            run,
            out,
            inputs=plan.inputs(),
            overwrite=overwrite,
            drawing=drawing,
            figures=figures,
            multiqc=multiqc,
        )
    for failure in results.failures:
        say_problems(failure.problems, failure.exit_status, cohort=failure.cohort)
    _say_cross_check(results)
    click.echo(f"done in {time.perf_counter() - click.get_current_context().meta[STARTED]:.1f} s", err=True)
    _say_where(Path(out))
    return results


def last_words(results: Results) -> int:
    """The exit status; where no row compares anybody it is not 0, and the last words on the screen say why."""
    rows = [row for result in results.comparisons() for row in result.comparisons]
    if not rows or any(row.n for row in rows):
        return results.exit_status
    why = list(dict.fromkeys(note for row in rows for note in row.notes))
    more = [f"and {len(why) - _MOST_REASONS} other reasons in the table"] if len(why) > _MOST_REASONS else []
    click.echo(f"nothing was compared: {'; '.join([*why[:_MOST_REASONS], *more])}", err=True)
    return results.exit_status or 1


def say_left_out(results: Results, drawing: Drawing) -> None:
    """That figures were left out because there are too many, and how to draw one of them."""
    from strata.report import MOST_SINGLES, left_out

    if n := left_out(results, drawing):
        one = f"strata compare COHORT SIGNATURE --endpoint {results.plan.endpoints[0]} --out FOLDER"
        click.echo(f"figures: {n} left out, a run draws {MOST_SINGLES} at most; to draw one: {one}", err=True)


def say_rows(results: Results) -> None:
    """What was found, a line a row, or why nothing could be: the main comparisons and each gene alone."""
    for result in results.comparisons():
        pair = any(row.name == "four_groups" for row in result.comparisons)
        for row in result.comparisons:
            if row.name not in _LEFT_TO_THE_TABLE:
                what = "both" if pair and row.name == "positive_vs_rest" else row.name
                click.echo(f"{result.population}, {result.endpoint}, {what}: {_in_words(row)}", err=True)


def _in_words(row: Comparison) -> str:
    from strata.cohort.findings import count

    if not row.estimable:
        return ", ".join([f"n {row.n}", *_p_in_words(row), "; ".join(row.notes)])
    parts = [f"n {row.n}, {count(row.events, 'event')}"]
    if (hazard := row.hazard_ratio) is not None:
        if not row.name.startswith("treatment_"):
            parts += [f"{group.n} positive" for group in row.groups[:1]]
        how = "cross-fitted " if row.searched else ""
        parts.append(f"{how}{_ratio(hazard)}" + (f" {row.adjusted.said(row.n)}" if row.adjusted else ""))
    parts += _p_in_words(row)
    if row.likelihood_ratio is not None:
        parts.append(row.notes[-1])
    if row.checks.ph_p < 0.05:
        parts.append("hazards not proportional: see the note")
    parts += [note for note in row.notes if _WARNING.match(note)]
    return ", ".join(parts)


def _ratio(hazard: HazardRatio) -> str:
    return f"HR {hazard.value:.3g} ({hazard.lower:.3g}-{hazard.upper:.3g})"


def _p_in_words(row: Comparison) -> list[str]:
    """P of an adjusted ratio, then what is not adjusted, as far as the row has it: it may have it without a ratio."""
    from strata.survival.own_test import name_of_test, own_test

    if row.adjusted is None:
        return _log_rank_in_words(row)
    parts = []
    if (own := own_test(row.name, row.row())) != "likelihood_ratio_p" and row.own_p == row.own_p:
        parts.append(f"{name_of_test(own, row)} P {row.own_p:.3g}")
    crude = [] if row.adjusted.crude is None else [_ratio(row.adjusted.crude)]
    beside = ", ".join([*crude, *_log_rank_in_words(row)])
    return ["; ".join([*parts, *([f"not adjusted: {beside}"] if beside else [])])]


def _log_rank_in_words(row: Comparison) -> list[str]:
    """The log-rank P and that by permutation."""
    parts = []
    if row.log_rank is not None:
        searched = " corrected for the search" if row.searched else ""
        parts.append(f"log-rank P {row.log_rank.p_value:.3g}{searched}")
    if row.checks.permutations is not None:
        parts.append(f"permutation P {row.checks.permutation_p:.3g}")
    return parts


def _say_cross_check(results: Results) -> None:
    checks = [cohort.cross_check for cohort in results.cohorts if cohort.cross_check is not None]
    if checks:
        total = sum(checks[1:], checks[0])
        click.echo(
            f"cross-check with lifelines: {total.compared} curves, tests and hazard ratios computed again, "
            f"largest relative difference {total.largest:.1e}; {total.skipped} have no equivalent or no fit there",
            err=True,
        )


def _say_where(out: Path) -> None:
    for figure in sorted([*out.glob("*.png"), *out.glob("figures/*.png")]):
        click.echo(f"figure: {figure}", err=True)
    if (page := out / "report.html").exists():
        click.echo(f"report: {page}", err=True)
    table = out / "results.tsv"
    click.echo(f"table:  {table if table.exists() else out / 'calls.tsv'}", err=True)
