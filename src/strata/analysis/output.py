"""Writing a folder of results: all of it or nothing."""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from strata.errors import InputOutputError, Problem, UsageError

__all__ = ["output_folder"]

_RECORD = "run.json"


@contextmanager
def output_folder(path: str | Path, *, overwrite: bool = False, inputs: Iterable[Path] = ()) -> Iterator[Path]:
    """A folder to write into; it becomes ``path`` when the block ends well, and leaves no trace when it does not.

    Parameters
    ----------
    path : path
        Must be absent or empty unless ``overwrite``.
    overwrite : bool
        Replace the results of an earlier run: its files, as its ``run.json`` lists them, are removed; files that strata
        did not write stay.
    inputs : iterable of Path
        Files and folders that are read: ``path`` may not be, hold or lie over one of them.

    Raises
    ------
    UsageError
        When ``path`` holds an input.
    InputOutputError
        When ``path`` is not empty, is no folder, or cannot be written.
    """
    target = Path(os.path.abspath(path))  # noqa: PTH100  (resolve() would follow a link to somewhere else)
    _check(target, overwrite, [Path(p).resolve() for p in inputs])
    made = [parent for parent in target.parents if not parent.exists()]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        _remove_empty(made)
        raise _failed(target, error) from error
    done = False
    try:
        yield work
        _publish(work, target)
        done = True
    except OSError as error:
        raise _failed(target, error) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
        if not done:
            _remove_empty(made)


def _check(target: Path, overwrite: bool, inputs: list[Path]) -> None:
    resolved = target.resolve()
    for source in inputs:
        if source == resolved or resolved in source.parents:
            raise UsageError(Problem(str(target), f"holds an input ({source.name})", "Give another folder"))
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise InputOutputError(Problem(str(target), "is there and is not a folder", "Give another name"))
    if target.is_dir() and any(target.iterdir()) and not overwrite:
        fix = "Pass --overwrite or another folder"
        raise InputOutputError(Problem(str(target), "the folder is not empty", fix))


def _publish(work: Path, target: Path) -> None:
    """Move what was written to where it belongs: by one rename for a new folder, file by file into an old one."""
    for file in work.rglob("*"):
        if file.is_file():
            with file.open("rb") as handle:
                os.fsync(handle.fileno())
    work.chmod(0o777 & ~_umask())
    if not target.exists() or not any(target.iterdir()):
        work.replace(target)
        return
    for name in _files_of_last_run(target):
        stale = target / name
        if stale.is_file() or stale.is_symlink():
            stale.unlink()
    # run.json goes last: a folder without it is an unfinished run
    for file in sorted(work.rglob("*"), key=lambda f: f.name == _RECORD):
        if file.is_file():
            goal = target / file.relative_to(work)
            goal.parent.mkdir(parents=True, exist_ok=True)
            file.replace(goal)


def _files_of_last_run(target: Path) -> list[str]:
    try:
        names = json.loads((target / _RECORD).read_text(encoding="utf-8"))["outputs"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    inside = [str(name) for name in names if not Path(str(name)).is_absolute() and ".." not in Path(str(name)).parts]
    return [_RECORD, *inside]


def _remove_empty(folders: Iterable[Path]) -> None:
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _failed(target: Path, error: OSError) -> InputOutputError:
    what = {
        errno.ENOSPC: "no space left on the device",
        errno.EACCES: "permission denied",
        errno.EROFS: "the file system is read-only",
        errno.ENOTDIR: "a part of the path is a file",
        errno.EFBIG: "a file grew past the size limit",
    }.get(error.errno or 0, error.strerror or str(error))
    return InputOutputError(Problem(str(target), f"cannot be written: {what}", "Nothing was left behind"))
