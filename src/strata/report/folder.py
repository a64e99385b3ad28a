"""The folder of a run: tables, figures, the page and the record, all of it or nothing."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from strata.analysis import (
    check_inputs,
    command_line,
    mark_inputs,
    output_folder,
    run_inputs,
    run_record,
    write_record,
)
from strata.errors import StrataError
from strata.report.controls import write_controls
from strata.report.figures import Drawing, draw_figures
from strata.report.multiqc import write_multiqc
from strata.report.page import write_page
from strata.report.pooling import write_pooled
from strata.report.searches import write_searches
from strata.report.sharing import shared_record, write_tests
from strata.report.subgroups import write_subgroups
from strata.report.tables import write_calls, write_survival
from strata.report.treatment import draw_treatment

if TYPE_CHECKING:
    from strata.analysis import Results

__all__ = ["run_to_folder"]

_LOG = logging.getLogger("strata")


def run_to_folder(
    run: Callable[[], Results],
    out: str | Path,
    *,
    inputs: Sequence[Path] = (),
    overwrite: bool = False,
    drawing: Drawing | None = None,
    figures: bool = True,
    page: bool | None = None,
    multiqc: bool = False,
    alone: bool = False,
) -> Results:
    """Run, then write the tables, the figures, ``report.html`` and ``run.json`` into ``out``.

    The folder is checked before the work starts, and it appears when everything is written. A plan without endpoints
    writes scores and calls alone; a run that is shared leaves out what holds patients, cut-points and forest plots.

    Parameters
    ----------
    run : callable
        Does the work.
    out : path
    inputs : sequence of Path
        What is read; ``out`` may not hold any of it, and none of it may change meanwhile.
    overwrite : bool
    drawing : Drawing, optional
        What to draw; None: the two-gene signatures.
    figures : bool
        False: tables alone.
    page : bool, optional
        Write ``report.html`` of what was compared; None: with figures.
    multiqc : bool
        Write what MultiQC shows of the run.
    alone : bool
        As for ``output_folder``.

    Returns
    -------
    Results

    Raises
    ------
    StrataError
        When no cohort could be analysed: the problems of all, the exit status of the first. Nothing is written then.
    InputOutputError
        When a file that was read is another one now.
    """
    started = datetime.now().astimezone()
    marked = mark_inputs(inputs)
    with output_folder(out, overwrite=overwrite, inputs=inputs, alone=alone) as folder:
        results = run()
        if not results.cohorts:
            raise _nothing_left(results)
        plan, done, drawing = results.plan, time.perf_counter(), drawing or Drawing()
        _LOG.info("writing tables")
        write_calls(results, folder)
        if plan.endpoints:
            _write_compared(results, folder, drawing, figures=figures)
        if multiqc:
            write_multiqc(results, folder)
        writing = time.perf_counter() - done
        finished = datetime.now().astimezone()
        # before and after they are hashed
        check_inputs(run_inputs(results), marked)
        record = run_record(results, argv=command_line(), started=started, finished=finished, writing=writing)
        check_inputs(run_inputs(results), marked)
        if plan.endpoints and (figures if page is None else page):
            _LOG.info("writing report.html")
            write_page(results, record, folder, remarks=drawing.caption)
        write_record(shared_record(record, plan.shared_cell) if plan.share else record, folder)
    return results


def _write_compared(results: Results, folder: Path, drawing: Drawing, *, figures: bool) -> None:
    write_survival(results, folder)
    write_tests(results, folder)
    write_controls(results, folder)
    write_pooled(results, folder, figures=figures)
    write_subgroups(results, folder, figures=figures)
    write_searches(results, folder, figures=figures)
    if figures:
        draw_figures(results, folder, drawing)
        draw_treatment(results, folder)


def _nothing_left(results: Results) -> StrataError:
    error = StrataError(
        replace(problem, where=problem.where or f"cohort {failure.cohort}")
        for failure in results.failures
        for problem in failure.problems
    )
    error.exit_status = results.failures[0].exit_status
    return error
