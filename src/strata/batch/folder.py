"""The folder of a batch: where each thing is, and what an earlier run left in it.

::

    cohorts/NAME/           the run of a cohort, whole or not there
    outcomes/NAME.json      what became of it
    shards/I-of-N.json      every N-th cohort, from the I-th on: begun, finished; I-of-N.lock while it is written
    results.tsv, run.json   of all cohorts together: see merging
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from strata.analysis import held_by, holder_of, locked, undo_moves, write_whole
from strata.batch.outcomes import Outcome
from strata.errors import InputOutputError, Problem

__all__ = ["BatchFolder", "Shard"]

_TEMPORARY = re.compile(r"\.(.+)-[a-z0-9_]{8}")
"""What output_folder calls the folder that it writes before it has its name."""

_SHARD = re.compile(r"([0-9]+)-of-([0-9]+)\.(json|lock)")


class Shard(NamedTuple):
    """Every ``of``-th cohort of a manifest, from the ``number``-th on."""

    number: int = 1
    of: int = 1

    def __str__(self) -> str:
        return f"{self.number}-of-{self.of}"


class BatchFolder:
    """A folder that a batch, or several shards of one at the same time, write into.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(os.path.abspath(path))  # noqa: PTH100  (as in output_folder)
        self.shards = self.path / "shards"

    def cohort(self, name: str) -> Path:
        """The folder of a cohort's run."""
        return self.path / "cohorts" / name

    def record(self, shard: Shard) -> Path:
        """The record of a shard."""
        return self.shards / f"{shard}.json"

    def outcome(self, name: str) -> Outcome | None:
        """What became of a cohort; None where nothing is known, or its folder is gone."""
        try:
            found = Outcome.from_json(self._outcome(name).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            return None
        if found is None or (not found.exit_status and not (self.cohort(name) / "run.json").is_file()):
            return None
        return found

    def keep(self, outcome: Outcome) -> None:
        """Write what became of a cohort."""
        write_whole(self._outcome(outcome.cohort), outcome.to_json())

    def forget(self, name: str) -> None:
        """Remove a cohort: what became of it first, then its folder, so that half of it is never found."""
        self._outcome(name).unlink(missing_ok=True)
        if (folder := self.cohort(name)).exists():
            aside = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=folder.parent))
            folder.rename(aside / name)
            shutil.rmtree(aside)

    def _outcome(self, name: str) -> Path:
        return self.path / "outcomes" / f"{name}.json"

    def make(self) -> None:
        """Make the folder.

        Raises
        ------
        InputOutputError
            When it is there and holds no batch, or cannot be written.
        """
        try:
            found = {entry.name for entry in self.path.iterdir()} if self.path.exists() else set()
            if found and "shards" not in found:
                raise _refused(self.path, "the folder is not empty", "Give another folder")
            self.shards.mkdir(parents=True, exist_ok=True)
            for name in ("cohorts", "outcomes"):
                (self.path / name).mkdir(exist_ok=True)
        except OSError as error:
            raise _refused(self.path, f"cannot be written: {error.strerror or error}", "") from error

    def check(self, shard: Shard, *, resume: bool) -> None:
        """Refuse a folder that another way of sharing out, or (without ``resume``) this shard was written into.

        Raises
        ------
        InputOutputError
        """
        for other in self._shards("json"):
            if other.of != shard.of:
                what = f"holds shards of {other.of}, not of {shard.of}"
                raise _refused(self.path, what, f"Use --shard I/{other.of}, or another folder")
            if other == shard and not resume:
                raise _refused(self.path, "holds a batch already", "Pass --resume, or give another folder")

    @contextmanager
    def writing(self, shard: Shard | None, *, say: Callable[[str], None]) -> Iterator[None]:
        """Hold the lock of a shard; None: of all of them, to merge.

        The tables that a merge was replacing when it was killed come back.

        Raises
        ------
        InputOutputError
            When the same is being written already, shards of another number are, or a merge.
        """
        with locked(self._lock(shard), self.path, say=say):
            for other in [None, *self._shards("lock")]:
                beside = other is not None and shard is not None and other.of == shard.of
                holder = None if beside or other == shard else holder_of(self._lock(other))
                if holder is not None and not holder.is_dead:
                    raise held_by(self._lock(other), holder, self.path)
            for left in _left_in(self.path, {self.path.name}):
                undo_moves(left, self.path)
                shutil.rmtree(left, ignore_errors=True)
            yield

    def _lock(self, shard: Shard | None) -> Path:
        return self.shards / f"{'merge' if shard is None else shard}.lock"

    def _shards(self, kind: str) -> Iterator[Shard]:
        """The shards that have a record, or a lock."""
        for entry in sorted(self.shards.iterdir()) if self.shards.is_dir() else ():
            if (match := _SHARD.fullmatch(entry.name)) and match[3] == kind:
                yield Shard(int(match[1]), int(match[2]))

    def shard_records(self) -> Iterator[tuple[Shard, dict[str, Any]]]:
        """The shards that were begun, with their records.

        Raises
        ------
        InputOutputError
            When one cannot be read.
        """
        for shard in self._shards("json"):
            try:
                yield shard, json.loads(self.record(shard).read_text(encoding="utf-8"))
            except (OSError, ValueError) as error:
                fix = "Run that shard again with --resume"
                raise _refused(self.record(shard), f"cannot be read: {error}", fix) from error

    def sweep(self, cohorts: Collection[str]) -> None:
        """Remove what killed processes left half-written: of these cohorts alone, others may be at work beside."""
        for left in _left_in(self.path / "cohorts", cohorts):
            shutil.rmtree(left, ignore_errors=True)


def _left_in(folder: Path, names: Collection[str]) -> list[Path]:
    """The folders that are being written, or were when a process was killed, and would have had one of the names."""
    with os.scandir(folder) as entries:
        return [folder / e.name for e in entries if (m := _TEMPORARY.fullmatch(e.name)) and m[1] in names]


def _refused(path: Path, what: str, fix: str) -> InputOutputError:
    return InputOutputError(Problem(str(path), what, fix, code="E712"))
