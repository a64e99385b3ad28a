"""The exceptions of strata: one tree, every error a list of problems, all reported at once.

StrataError
├── UsageError          exit 2   the call or the options are wrong
├── DataError           exit 3   a cohort's tables are wrong
├── SignatureError      exit 4   a signature file is wrong
├── PlanError           exit 4   a plan is wrong
└── InputOutputError    exit 6   a file or folder cannot be read or written
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

__all__ = [
    "DataError",
    "InputOutputError",
    "PlanError",
    "Problem",
    "SignatureError",
    "StrataError",
    "UsageError",
    "bug_report",
    "shown",
]


def shown(value: object, *, limit: int = 60) -> str:
    """``value`` as a message may print it: quoted, control characters escaped, at most ``limit`` characters."""
    text = repr(str(value))
    return text if len(text) <= limit else text[: limit - 4] + "...'"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Parameters
    ----------
    where : str
        File, line and column, as far as they are known (``"clinical.csv:5: column 'os_months'"``).
    what : str
        What was found: the values and how many.
    fix : str
        How to mend it; empty when there is only one way and ``what`` says it.
    code : str
        Its kind, a line of ``codes.tsv``; ``strata explain CODE`` prints it.
    """

    where: str
    what: str
    fix: str = ""
    code: str = ""

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        if not self.fix:
            return text
        return f"{text} {self.fix}" if text.endswith("?") else f"{text}. {self.fix}"

    @property
    def line(self) -> str:
        """The problem as the program prints it, behind its name: ``error E101: ...``."""
        return f"error {self.code}: {self}" if self.code else f"error: {self}"


def bug_report(error: BaseException) -> Problem:
    """What to send us of an error that is our own mistake: its kind and the way to it, never its words.

    The words of an exception may hold cells of a table, names of patients and all; with the environment variable
    ``STRATA_DEBUG=1`` the whole trace is given.
    """
    import platform
    import traceback
    from importlib.metadata import version

    fix = "Please report this line; it holds no value of your data"
    if os.environ.get("STRATA_DEBUG") == "1":
        where = "".join(traceback.format_exception(error)).strip()
        fix = "Look it over before you report it: it may hold values of your data"
    else:
        ours = os.path.dirname(__file__)  # noqa: PTH120  (importing pathlib costs every command a part of its start)
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(ours)]
        ways = [f"{f.filename[len(ours) + 1 :]}:{f.lineno} {f.name}" for f in reversed(frames)]
        where = " < ".join(ways) or "outside strata"
    on = f"strata {version('strata-cohort')}, Python {platform.python_version()}, {platform.system()}"
    what = f"unexpected {type(error).__name__}, a bug of strata: {where} ({on})"
    return Problem("", what, fix, code="E970")


class StrataError(Exception):
    """The root of every error that strata raises on purpose.

    Parameters
    ----------
    problems : str, Problem or iterable of Problem
        Everything that is wrong, in the order in which it was found.
    """

    exit_status = 70

    def __init__(self, problems: str | Problem | Iterable[Problem]) -> None:
        if isinstance(problems, str):
            problems = Problem("", problems)
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[Any, ...]:
        # joblib pickles errors across processes; the default would pass the joined text back in
        return (type(self), (self.problems,))


class UsageError(StrataError):
    """The call or its options are wrong."""

    exit_status = 2


class DataError(StrataError):
    """A cohort's tables are wrong."""

    exit_status = 3


class SignatureError(StrataError):
    """A signature file is wrong."""

    exit_status = 4


class PlanError(StrataError):
    """A plan is wrong."""

    exit_status = 4


class InputOutputError(StrataError):
    """A file or folder cannot be read or written."""

    exit_status = 6
