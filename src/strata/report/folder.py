"""The folder of a run: tables, figures and the record, all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from strata.analysis import command_line, output_folder, run_record, write_record
from strata.errors import StrataError
from strata.report.controls import write_controls
from strata.report.figures import Drawing, draw_figures
from strata.report.pooling import write_pooled
from strata.report.searches import write_searches
from strata.report.subgroups import write_subgroups
from strata.report.tables import write_calls, write_survival, write_tsv
from strata.report.treatment import draw_treatment

if TYPE_CHECKING:
    from strata.analysis import Results

__all__ = ["run_to_folder"]


def run_to_folder(
    run: Callable[[], Results],
    out: str | Path,
    *,
    inputs: Sequence[Path] = (),
    overwrite: bool = False,
    drawing: Drawing | None = None,
) -> Results:
    """Run, then write the tables, the figures and ``run.json`` into ``out``.

    The folder is checked before the work starts, and it appears when everything is written. A plan without endpoints
    writes scores and calls alone.

    Parameters
    ----------
    run : callable
        Does the work.
    out : path
    inputs : sequence of Path
        What is read; ``out`` may not hold any of it.
    overwrite : bool
    drawing : Drawing, optional
        What to draw; None: the two-gene signatures.

    Returns
    -------
    Results

    Raises
    ------
    StrataError
        When no cohort could be analysed: the problems of all, the exit status of the first. Nothing is written then.
    """
    started = datetime.now().astimezone()
    with output_folder(out, overwrite=overwrite, inputs=inputs) as folder:
        results = run()
        if not results.cohorts:
            raise _nothing_left(results)
        write_calls(results, folder)
        if results.plan.endpoints:
            write_survival(results, folder)
            write_tsv(results.tests, folder / "tests.tsv")
            write_controls(results, folder)
            draw_figures(results, folder, drawing or Drawing())
            write_pooled(results, folder)
            draw_treatment(results, folder)
            write_subgroups(results, folder)
            write_searches(results, folder)
        finished = datetime.now().astimezone()
        write_record(run_record(results, argv=command_line(), started=started, finished=finished), folder)
    return results


def _nothing_left(results: Results) -> StrataError:
    error = StrataError(problem for failure in results.failures for problem in failure.problems)
    error.exit_status = results.failures[0].exit_status
    return error
