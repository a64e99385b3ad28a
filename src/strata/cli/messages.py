"""How the program says what is wrong: a line a problem, or with ``--json-errors`` a JSON document a problem."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from typing import Any

import click

from strata.errors import Problem

__all__ = ["JSON_ERRORS", "STARTED", "say_problems"]

JSON_ERRORS = "--json-errors"

STARTED = "strata.started"
"""Where the context of a command keeps when it began, in the seconds of ``time.perf_counter``."""

_PLACE = re.compile(
    r"(?P<file>[^\n]*?[/.\\][^\n:]*?)(:(?P<line>\d+))?(:(?P<column>\d+))?"
    r"(: (line (?P<in_line>\d+) field (?P<field>\d+)[^\n]*|[^\n]*))?"
)
"""``clinical.csv:5:2: ...`` and ``expression.csv: line 2 field 6``."""


def say_problems(problems: Iterable[Problem], exit_status: int, *, cohort: str = "") -> None:
    """Say on standard error what is wrong, one problem after the other.

    Parameters
    ----------
    problems : iterable of Problem
    exit_status : int
        What the program, or the cohort by itself, ends with.
    cohort : str
        Which of several it is about.
    """
    for problem in problems:
        if JSON_ERRORS in sys.argv[1:]:
            # imported here: a command without errors starts without it
            import json

            click.echo(json.dumps(_document(problem, exit_status, cohort)), err=True)
        else:
            kind, _, text = problem.line.partition(": ")
            of = f"cohort {cohort}: " if cohort else ""
            click.echo(f"strata: {kind}: {of}{text}", err=True)


def _document(problem: Problem, exit_status: int, cohort: str) -> dict[str, Any]:
    place = None if problem.where.startswith("--") else _PLACE.fullmatch(problem.where)
    found = place.groupdict() if place else {}
    line, column = found.get("line") or found.get("in_line"), found.get("column") or found.get("field")
    return {
        "code": problem.code or None,
        "severity": "error",
        "cohort": cohort or None,
        "where": problem.where or None,
        "file": found.get("file"),
        "line": int(line) if line else None,
        "column": int(column) if column else None,
        "what": problem.what,
        "fix": problem.fix or None,
        "exit_status": exit_status,
    }
