"""Contenders run in turn, each in a process of its own; what they took, and whether their answers agree.

Nothing heavy is imported here: the peak memory of a process counts from that of its parent.
"""

from __future__ import annotations

import array
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

HERE = Path(__file__).resolve().parent
STRATA = str(Path(sys.executable).with_name("strata"))
"""The command."""
Options = Mapping[str, int | str]


@dataclass(frozen=True)
class Contender:
    """Somebody who does the work of a table.

    Parameters
    ----------
    name : str
    work : str
        A function of the topic's module, or of ``peers.R``.
    python, r : tuple of str
        The distributions that it needs; ``r`` names packages and makes it run in R. Neither: strata itself.
    options : mapping
        Arguments of the function.
    command : tuple of str
        Run this instead of a function.
    note : str
        What it does more or less than strata; of loops over a sample, the size of the sample.
    ratio, most_mb, most_seconds : float, optional
        Targets: how many times longer than strata it must take at least; what strata may take at most.
    most_memory : float, optional
        Target: how many times the memory of the table's first contender it may take.
    loose : mapping of answer to float
        Tolerances in the place of the table's, where it computes something else.
    """

    name: str
    work: str = ""
    python: tuple[str, ...] = ()
    r: tuple[str, ...] | None = None
    options: Options = field(default_factory=dict)
    command: tuple[str, ...] = ()
    note: str = ""
    ratio: float | None = None
    most_mb: float | None = None
    most_seconds: float | None = None
    most_memory: float | None = None
    loose: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """Contenders that do the same work; the first is strata, to which ratios are.

    Parameters
    ----------
    title, about : str
    contenders : tuple of Contender
    data : tuple of (str, mapping), optional
        A function of ``data`` and its arguments: the folder that the contenders are given.
    whole : bool
        Time is the wall time of the whole process; else what the work says of itself.
    tolerances : mapping of answer to float
        How far answers may lie from strata's: the difference over the larger of 1 and strata's.
    sizes : tuple of float
        Of a scaling curve: the size of each contender.
    rounds : float
        Times the rounds asked for.
    one_thread : bool
        Numerical libraries may take one thread only.
    """

    title: str
    about: str
    contenders: tuple[Contender, ...]
    data: tuple[str, Options] | None = None
    whole: bool = False
    tolerances: Mapping[str, float] = field(default_factory=dict)
    sizes: tuple[float, ...] = ()
    rounds: float = 1
    one_thread: bool = False


@dataclass
class Row:
    """What became of a contender."""

    contender: Contender
    seconds: list[float] = field(default_factory=list)
    mb: list[float] = field(default_factory=list)
    ratio: float = float("nan")
    differences: dict[str, float] = field(default_factory=dict)
    wrong: tuple[str, ...] = ()
    failed: str = ""

    @property
    def median(self) -> float:
        """Seconds."""
        return statistics.median(self.seconds) if self.seconds else float("nan")

    @property
    def peak(self) -> float:
        """MB."""
        return max(self.mb, default=float("nan"))


class FailedError(Exception):
    """A process that did not end well."""


@dataclass(frozen=True)
class Bench:
    """Where measurements are made.

    Parameters
    ----------
    folder : Path
        Of data and answers.
    peers_python : str
        A Python that has the peers; what it lacks is looked for in this one.
    rounds : int
    """

    folder: Path
    peers_python: str
    rounds: int

    @cached_property
    def pythons(self) -> dict[str, dict[str, str]]:
        """The distributions of each Python, with their versions."""
        program = (
            "import json; from importlib.metadata import distributions;"
            "print(json.dumps({d.metadata['Name'].lower(): d.version for d in distributions()}))"
        )
        found = {}
        for python in dict.fromkeys((self.peers_python, sys.executable)):
            done = subprocess.run([python, "-c", program], capture_output=True, text=True, check=True)
            found[python] = json.loads(done.stdout)
        return found

    @cached_property
    def r(self) -> dict[str, str]:
        """The packages of R, with their versions; nothing without R."""
        if not shutil.which("Rscript"):
            return {}
        program = 'p <- installed.packages()[, "Version"]; cat(paste(names(p), p, sep = "\\t"), sep = "\\n")'
        done = subprocess.run(["Rscript", "-e", program], capture_output=True, text=True, check=True)
        versions = dict(line.split("\t") for line in done.stdout.splitlines())
        return versions | {"R": versions["base"]}

    def python_of(self, contender: Contender) -> str:
        """The Python that has all it needs; empty where none has."""
        if not contender.python:
            return sys.executable
        return next((p for p, has in self.pythons.items() if has.keys() >= {*contender.python}), "")

    def lacks(self, contender: Contender) -> str:
        """What is not installed of what a contender needs."""
        if contender.r is not None:
            return ", ".join(f"R {name}".removesuffix(" R") for name in ("R", *contender.r) if name not in self.r)
        if self.python_of(contender):
            return ""
        return ", ".join(name for name in contender.python if name not in self.pythons[self.peers_python])

    def skipped(self, table: Table) -> list[str]:
        """The contenders that are not installed, and what they lack."""
        return [f"{c.name} ({lacking})" for c in table.contenders if (lacking := self.lacks(c))]

    def compile(self) -> None:
        """Let numba fill its cache: compiling is not what is measured."""
        _run(
            [sys.executable, "-m", "bench.work", "bench.data", "compiled", str(self.folder), "", "{}"], one_thread=False
        )

    def versions(self, tables: Sequence[Table]) -> dict[str, str]:
        """Of everything that takes part."""
        found = {"Python": sys.version.split()[0]}
        has = self.pythons[sys.executable]
        found |= {name: has[name] for name in ("strata-cohort", "numpy", "scipy", "pandas", "numba")}
        for contender in (c for table in tables for c in table.contenders if not self.lacks(c)):
            if contender.r is None:
                found |= {name: self.pythons[self.python_of(contender)][name] for name in contender.python}
            else:
                found |= {"R": self.r["R"]} | {f"R {name}": self.r[name] for name in contender.r}
        return found

    def rows(self, table: Table, module: str, number: int) -> list[Row]:
        """Run the contenders that are installed, round by round."""
        rows = [Row(contender) for contender in table.contenders if not self.lacks(contender)]
        try:
            folder = self._data(table.data)
        except FailedError as error:
            rows[0].failed = f"no data: {error}"
            return rows[:1]
        prefixes = [self.folder / f"{module.rpartition('.')[2]}-{number}-{i}-" for i in range(len(rows))]
        for _ in range(max(1, round(self.rounds * table.rounds))):
            for row, prefix in zip(rows, prefixes):
                if not row.failed:
                    self._measure(row, self._command(row.contender, module, folder, prefix), table)
        ours = rows[0]
        for row, prefix in zip(rows, prefixes):
            if row.seconds and not (row.failed or ours.failed):
                row.ratio = statistics.median(s / own for s, own in zip(row.seconds, ours.seconds))
                _compare(row, prefix, prefixes[0], table.tolerances)
        return rows

    def _data(self, data: tuple[str, Options] | None) -> Path:
        if data is None:
            return self.folder
        function, options = data
        folder = self.folder / "-".join([function, *map(str, options.values())])
        if not folder.exists():
            folder.mkdir()
            arguments = ["bench.data", function, str(folder), "", json.dumps(options)]
            try:
                _run([sys.executable, "-m", "bench.work", *arguments], one_thread=False)
            except FailedError:
                shutil.rmtree(folder)
                raise
        return folder

    def _command(self, contender: Contender, module: str, folder: Path, prefix: Path) -> list[str]:
        if contender.command:
            return [word.format(folder=folder, prefix=prefix) for word in contender.command]
        if contender.r is not None:
            options = [f"{name}={value}" for name, value in contender.options.items()]
            return ["Rscript", str(HERE / "peers.R"), contender.work, str(folder), str(prefix), *options]
        arguments = [module, contender.work, str(folder), str(prefix), json.dumps(contender.options)]
        return [self.python_of(contender), "-m", "bench.work", *arguments]

    def _measure(self, row: Row, command: list[str], table: Table) -> None:
        try:
            wall, mb, said = _run(command, one_thread=table.one_thread)
        except FailedError as error:
            row.failed = str(error)
            return
        row.mb.append(mb)
        if row.contender.command:
            row.seconds.append(wall)
        else:
            measured = json.loads(said.splitlines()[-1])
            row.seconds.append(measured["extra"] + (wall if table.whole else measured["seconds"]))


def _run(command: list[str], *, one_thread: bool) -> tuple[float, float, str]:
    """Wall seconds, peak MB of the largest process, and what it printed."""
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS", "NUMBA_NUM_THREADS")
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent), "PYTHONWARNINGS": "ignore"}
    environment |= dict.fromkeys(threads, "1") if one_thread else {}
    with tempfile.TemporaryFile("w+") as errors:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment)
        said = process.stdout.read() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            lines = [line.strip() for line in errors if line.strip() not in {"", "Execution halted"}]
            raise FailedError(lines[-1] if lines else f"exit status {process.returncode}")
    return wall, usage.ru_maxrss / 1024, said


def _compare(row: Row, prefix: Path, ours: Path, tolerances: Mapping[str, float]) -> None:
    for name, tolerance in tolerances.items():
        theirs = Path(f"{prefix}{name}")
        if theirs.exists():
            row.differences[name] = _difference(_read(theirs), _read(Path(f"{ours}{name}")))
            if not row.differences[name] <= row.contender.loose.get(name, tolerance):
                row.wrong = (*row.wrong, name)


def _read(path: Path) -> array.array[float]:
    return array.array("d", path.read_bytes())


def _difference(theirs: array.array[float], ours: array.array[float]) -> float:
    """The largest, over the larger of 1 and ours; infinite where one has a number that the other lacks.

    A smaller sample is the beginning of a larger one.
    """
    if not 0 < len(theirs) <= len(ours):
        return float("inf")
    largest = 0.0
    for a, b in zip(theirs, ours):
        if (a != a) != (b != b):
            return float("inf")
        if a == a:
            largest = max(largest, abs(a - b) / max(1.0, abs(b)))
    return largest
