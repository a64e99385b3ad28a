"""The folder of a run: tables, figures and the record, all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from strata.analysis import command_line, output_folder, run_record, write_record
from strata.report.figures import Drawing, draw_figures
from strata.report.tables import write_calls, write_survival

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
        That of the first cohort, when none could be analysed: nothing is written then.
    """
    started = datetime.now().astimezone()
    with output_folder(out, overwrite=overwrite, inputs=inputs) as folder:
        results = run()
        if not results.cohorts:
            raise results.failures[0].error()
        write_calls(results, folder)
        if results.plan.endpoints:
            write_survival(results, folder)
            draw_figures(results, folder, drawing or Drawing())
        finished = datetime.now().astimezone()
        write_record(run_record(results, argv=command_line(), started=started, finished=finished), folder)
    return results
