"""The good cohort that every case is a broken copy of, and hands to break it.

A case is a function that breaks one thing, registered with how the program is run, its exit status, and what it must
say. Everything is made by code: no fixture is a file.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

PATIENTS = tuple(f"P{i:03d}" for i in range(1, 31))
GENES = ("IGF1R", "SPHK1", "PIK3CA", "FGFR1", "PTEN")

SIGNATURE = """\
id: both-high
name: IGF1R and SPHK1 both high
positive:
  all:
    - {mrna: IGF1R, above: median}
    - {mrna: SPHK1, above: median}
claims: []
"""

_TOLD = ("run.json", "results.tsv", "pooled.tsv", "genes.tsv", "exclusions.tsv", "failures.tsv")

SCORE = "score {cohort} {signature} --out {out}"
COMPARE = "compare {cohort} {signature} --endpoint OS --out {out}"
INSPECT = "inspect {cohort}"
PLAN = "run {plan} --out {out}"


@dataclass(frozen=True)
class Ran:
    """What the program left behind; ``told`` is everything it said: on its streams and in the files of the run."""

    status: int
    out: str
    err: str
    told: str


@dataclass
class Bench:
    """A folder with a good cohort (``cohort/clinical.csv``, ``cohort/expression.csv``) and a signature, to break."""

    folder: Path
    patch: pytest.MonkeyPatch
    cohort: Path = field(init=False)
    signature: Path = field(init=False)
    plan: Path = field(init=False)
    out: Path = field(init=False)

    def __post_init__(self) -> None:
        self.cohort, self.out, self.plan = self.folder / "cohort", self.folder / "out", self.folder / "plan.yaml"
        self.signature = self.folder / "both-high.yaml"
        self.cohort.mkdir()
        self.write("clinical.csv", "patient,os_months,os_event,er\n" + "".join(map(_patient, range(1, 31))))
        self.write("expression.csv", ",".join(["gene", *PATIENTS]) + "\n" + "".join(map(_gene, range(5))))
        self.signature.write_text(SIGNATURE)

    def write(self, name: str, content: str | bytes) -> Path:
        """A file of the cohort."""
        path = self.folder / "cohort" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def text(self, name: str) -> str:
        """The text of a file of the cohort."""
        return (self.folder / "cohort" / name).read_text()

    def edit(self, name: str, old: str, new: str, n: int = 1) -> None:
        """Replace a text that must be there, ``n`` times (-1: wherever it is)."""
        text = self.text(name)
        assert old in text, f"{old!r} is not in {name}"
        self.write(name, text.replace(old, new, n))

    def rows(self, name: str) -> list[list[str]]:
        """The cells of a comma-separated file, header first."""
        return [line.split(",") for line in self.text(name).splitlines()]

    def put(self, name: str, rows: Sequence[Sequence[str]], sep: str = ",") -> None:
        """Write rows of cells."""
        self.write(name, "".join(sep.join(row) + "\n" for row in rows))

    def column(self, name: str, column: int, change: Callable[[int, str], str]) -> None:
        """Change the cells of one column: ``change(row from 1, cell)``."""
        header, *rows = self.rows(name)
        for i, row in enumerate(rows, start=1):
            row[column] = change(i, row[column])
        self.put(name, [header, *rows])

    def cells(self, gene: str, change: Callable[[int, str], str]) -> None:
        """Change the cells of one gene: ``change(patient from 1, cell)``."""
        header, *rows = self.rows("expression.csv")
        for row in rows:
            if row[0] == gene:
                row[1:] = [change(i, cell) for i, cell in enumerate(row[1:], start=1)]
        self.put("expression.csv", [header, *rows])

    def yaml(self, text: str) -> None:
        """Describe the cohort in a YAML, which is then what is read."""
        self.cohort = self.write("cohort.yaml", text)

    def instead(self, name: str, path: str = "") -> None:
        """A cohort YAML that names another expression table."""
        self.yaml(f"name: cohort\nclinical: clinical.csv\nexpression: {path or name}\n")

    def rule(self, text: str, name: str = "both-high") -> None:
        """Another signature, under the id ``name``."""
        self.signature = self.folder / f"{name}.yaml"
        self.signature.write_text(text)

    def run(self, command: str) -> Ran:
        """Run the program in this process."""
        from strata.cli import main

        place = {"cohort": self.cohort, "signature": self.signature, "plan": self.plan, "out": self.out}
        words = [word.format(**place) for word in command.split(" ")]
        self.patch.setattr(sys, "argv", ["strata", *words])
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as stopped:
            main()
        return self.ran(int(stopped.value.code or 0), out.getvalue(), err.getvalue())

    def ran(self, status: int, out: str, err: str) -> Ran:
        """What a run left behind."""
        files = [self.out / name for name in _TOLD]
        written = [path.read_text() for path in files if path.is_file()]
        return Ran(status, out, err, "\n".join([out, err, *written]))


@dataclass(frozen=True)
class Case:
    """One way to be wrong.

    Parameters
    ----------
    id : str
        Of BAD_INPUTS, with ``__variant`` where a case has several.
    spoil : callable
        Breaks the bench; may itself run the program and return what it left behind.
    code : str
        Of the catalogue; empty where the input must simply work.
    status : int
        The exit status.
    says : tuple of str
        What must be said, on a stream or in the files of the run.
    run : str
        The words after ``strata``.
    same : bool
        Whether the results are those of the good cohort.
    """

    id: str
    spoil: Callable[[Bench], Any]
    code: str
    status: int
    says: tuple[str, ...]
    run: str
    same: bool


CASES: list[Case] = []


def case(
    code: str, status: int, *says: str, run: str = SCORE, same: bool = False
) -> Callable[[Callable[[Bench], Any]], Callable[[Bench], Any]]:
    """Register a function as the case of its name."""

    def register(spoil: Callable[[Bench], Any]) -> Callable[[Bench], Any]:
        CASES.append(Case(spoil.__name__, spoil, code, status, says, run, same))
        return spoil

    return register


def _patient(i: int) -> str:
    return f"P{i:03d},{12.5 + i * 37 % 101},{i % 2},{'pos' if i % 3 else 'neg'}\n"


def _gene(k: int) -> str:
    step = (3, 5, 7, 11, 13)[k]
    return ",".join([GENES[k], *(str(4 + i * step % 31 / 4) for i in range(1, 31))]) + "\n"
