"""The exceptions of strata: one tree, every error a list of problems, all reported at once.

StrataError
├── UsageError          exit 2   the call or the options are wrong
├── DataError           exit 3   a cohort's tables are wrong
├── SignatureError      exit 4   a signature file is wrong
├── PlanError           exit 4   a plan is wrong
└── InputOutputError    exit 6   a file or folder cannot be read or written
"""

from __future__ import annotations

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
    """

    where: str
    what: str
    fix: str = ""

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text}. {self.fix}" if self.fix else text


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
