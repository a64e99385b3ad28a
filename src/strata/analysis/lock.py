"""One writer at a time: a lock file that says who holds it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from strata.errors import InputOutputError, Problem

__all__ = ["Holder", "held_by", "holder_of", "locked"]


_OURS: set[Holder] = set()
"""The locks that this process holds."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock.

    Parameters
    ----------
    pid : int
    host, since : str
        The machine the process is on, and when it took the lock.
    work : str
        The folder beside the lock that it writes into; empty where there is none.
    """

    pid: int
    host: str
    since: str
    work: str = ""

    @property
    def is_dead(self) -> bool:
        """Whether the process has ended: only on this machine can that be known."""
        if self.host != socket.gethostname():
            return False
        # in a container the next program often has the number of the one before
        return self not in _OURS if self.pid == os.getpid() else not _runs(self.pid)

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host} since {self.since}"


@contextmanager
def locked(
    path: Path, target: Path, *, say: Callable[[str], None], work: str = "", undo: Callable[[Path], None] | None = None
) -> Iterator[None]:
    """Hold the lock ``path`` for a while; that of a process which has ended on this machine is taken over, and said.

    Parameters
    ----------
    path : Path
    target : Path
        What is written meanwhile.
    say : callable
        Called when a lock was taken over.
    work : str
        The folder beside ``path`` that is written first: whoever takes the lock over removes it.
    undo : callable, optional
        Called with that folder of a process which has ended, before it is removed.

    Raises
    ------
    InputOutputError
        When another process holds it, or it cannot be written.
    """
    since = datetime.now().astimezone().isoformat(timespec="seconds")
    mine = Holder(os.getpid(), socket.gethostname(), since, work)
    _OURS.add(mine)
    try:
        while not _made(path, _text(mine)):
            if (other := holder_of(path)) is None:
                continue
            if not other.is_dead:
                raise held_by(path, other, target)
            if _removed(path, other):
                if other.work:
                    left = path.parent / Path(other.work).name
                    if undo is not None:
                        undo(left)
                    shutil.rmtree(left, ignore_errors=True)
                say(f"{target}: took over from {other}, which has ended without finishing")
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
    finally:
        _OURS.discard(mine)


def held_by(path: Path, holder: Holder, target: Path) -> InputOutputError:
    """The error of a ``target`` that somebody else is writing, who holds the lock ``path``."""
    fix = f"Wait for it; if it has ended, remove {path}"
    return InputOutputError(Problem(str(target), f"is being written by {holder}", fix, code="E901"))


def holder_of(path: Path) -> Holder | None:
    """Who holds a lock; None where there is none.

    Raises
    ------
    InputOutputError
        When the file is no lock.
    """
    try:
        return Holder(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise InputOutputError(Problem(str(path), "is no lock of strata", "Remove it", code="E712")) from error


def _made(path: Path, text: str) -> bool:
    """Whether the lock could be made: of several that try, one can, also on a shared file system."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    except FileExistsError:
        return False
    except OSError as error:
        raise InputOutputError(
            Problem(str(path), f"cannot be written: {error.strerror or error}", code="E710")
        ) from error
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    return True


def _removed(path: Path, dead: Holder) -> bool:
    """Whether it was the lock of ``dead`` that was removed: somebody may have taken it over in the meantime."""
    aside = Path(tempfile.mkdtemp(prefix=".lock-", dir=path.parent)) / path.name
    try:
        path.rename(aside)
    except FileNotFoundError:
        return False
    else:
        was = holder_of(aside)
        if was is not None and was != dead:
            _made(path, _text(was))
        return was == dead
    finally:
        shutil.rmtree(aside.parent)


def _text(holder: Holder) -> str:
    return json.dumps(asdict(holder)) + "\n"


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
