"""What reading a cohort has found so far: problems, notes, exclusions and files, collected to be told at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from strata.cohort.model import Exclusion
from strata.errors import DataError, InputOutputError, Problem

__all__ = ["Findings", "count", "listed", "on_lines"]


def count(n: int, noun: str, plural: str = "") -> str:
    """``1 row``, ``3 rows``."""
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def listed(items: Sequence[object], limit: int = 5) -> str:
    """The first ``limit`` items, and how many more there are."""
    text = ", ".join(str(item) for item in items[:limit])
    return text if len(items) <= limit else f"{text} and {len(items) - limit:,} more"


def on_lines(lines: Sequence[object]) -> str:
    """``line 5``; ``lines 2, 3, 4 and 7 more``."""
    return f"{'line' if len(lines) == 1 else 'lines'} {listed(lines, 3)}"


@dataclass(eq=False)
class Findings:
    """Collects everything that is to be told about one cohort."""

    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    exclusions: list[Exclusion] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    unreadable: bool = False

    def problem(self, where: str, what: str, fix: str = "", *, code: str) -> None:
        """Add one problem."""
        self.problems.append(Problem(where, what, fix, code))

    def note(self, text: str, code: str = "") -> None:
        """Add one note, once; with a code where it is a warning of the catalogue."""
        text = f"{code}: {text}" if code else text
        if text not in self.notes:
            self.notes.append(text)

    def exclude(self, reason: str, n: int) -> None:
        """Count what reading left out."""
        if n:
            self.exclusions.append(Exclusion("read", reason, n))

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Keep the problems of a step instead of stopping at it."""
        try:
            yield
        except InputOutputError as error:
            self.unreadable = True
            self.problems += error.problems
        except DataError as error:
            self.problems += error.problems

    def stop_if_any(self) -> None:
        """Raise every problem so far, if there is one.

        Raises
        ------
        InputOutputError
            When a file could not be read at all.
        DataError
            For everything else.
        """
        if self.problems:
            unique = tuple(dict.fromkeys(self.problems))
            raise InputOutputError(unique) if self.unreadable else DataError(unique)
