"""What a run says while it goes on: on a terminal what is being done, everywhere a line a cohort."""

from __future__ import annotations

import logging
import shutil
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from types import TracebackType

    from strata.analysis import CohortResult, Failure

__all__ = ["RunProgress"]

_LOG = logging.getLogger("strata")


class RunProgress(logging.Handler):
    """Shows the stages that strata logs in the last line of a terminal; warnings and cohorts are lines of their own."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._live = sys.stderr.isatty()
        self._stage = ""

    def __enter__(self) -> RunProgress:
        self._level_before = _LOG.level
        _LOG.setLevel(logging.INFO)
        _LOG.addHandler(self)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        _LOG.removeHandler(self)
        _LOG.setLevel(self._level_before)
        self._show("")

    def emit(self, record: logging.LogRecord) -> None:
        """Show a stage; print a warning."""
        if record.levelno > logging.INFO:
            self._print(record.getMessage())
        else:
            self._show(record.getMessage())

    def __call__(self, outcome: CohortResult | Failure) -> None:
        """Print what came out of a cohort. Why one failed is said at the end, with how to mend it."""
        from strata.analysis import Failure
        from strata.cohort.findings import count

        if isinstance(outcome, Failure):
            return
        rows = [row for result in outcome.comparisons for row in result.comparisons]
        if rows:
            done = sum(row.estimable for row in rows)
            said = f"{count(len(rows), 'comparison')}, {done} estimable, compared"
        else:
            said = f"{count(len({strata.signature for strata in outcome.strata}), 'signature')} called"
        self._print(f"{outcome.name}: {said} in {outcome.seconds:.1f} s")

    def _print(self, line: str) -> None:
        stage = self._stage
        self._show("")
        click.echo(line, err=True)
        self._show(stage)

    def _show(self, stage: str) -> None:
        if self._live and (stage or self._stage):
            fits = stage[: shutil.get_terminal_size().columns - 1]
            # back to the start of the line, and the rest of it erased
            click.echo(f"\r\x1b[K{fits}", err=True, nl=False, color=True)
        self._stage = stage
