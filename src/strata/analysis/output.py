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

__all__ = ["output_folder", "write_whole"]

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
    # on the file system of the target, which may itself be a mount point and is never renamed
    home = target if target.is_dir() else target.parent
    try:
        home.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=home))
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


def write_whole(path: Path, text: str) -> None:
    """Write one text file: all of it, or nothing.

    Raises
    ------
    InputOutputError
        When it cannot be written; what was there before is then still there.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    except OSError as error:
        raise _failed(path, error) from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(path)
    except OSError as error:
        raise _failed(path, error) from error
    finally:
        Path(name).unlink(missing_ok=True)


def _check(target: Path, overwrite: bool, inputs: list[Path]) -> None:
    resolved = target.resolve()
    for source in inputs:
        if source == resolved or resolved in source.parents:
            raise UsageError(Problem(str(target), f"holds an input ({source.name})", "Give another folder"))
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise InputOutputError(Problem(str(target), "is there and is not a folder", "Give another name"))
    try:
        full = target.is_dir() and any(target.iterdir())
    except OSError as error:
        raise _failed(target, error) from error
    if full and not overwrite:
        fix = "Pass --overwrite or another folder"
        raise InputOutputError(Problem(str(target), "the folder is not empty", fix))


def _publish(work: Path, target: Path) -> None:
    """Move what was written to where it belongs: by one rename for a new folder, file by file into an old one."""
    for file in work.rglob("*"):
        if file.is_file():
            with file.open("rb") as handle:
                os.fsync(handle.fileno())
    if target.exists():
        _replace_files(work, target)
    else:
        work.chmod(0o777 & ~_umask())
        work.rename(target)


def _replace_files(work: Path, target: Path) -> None:
    """Put the files of ``work`` in the place of the last run's; when a move fails, every move is undone."""
    old = Path(tempfile.mkdtemp(prefix=".old-", dir=work))
    # run.json goes last: a folder without it is an unfinished run
    new = sorted((f for f in work.rglob("*") if f.is_file()), key=lambda f: (f.name == _RECORD, f))
    names = [file.relative_to(work) for file in new]
    stale = [name for name in dict.fromkeys([*_files_of_last_run(target), *names]) if _is_file(target / name)]
    moves = [(target / name, old / name) for name in stale] + [(work / name, target / name) for name in names]
    folders = {goal.parent for _, goal in moves if not goal.parent.exists()}
    done: list[tuple[Path, Path]] = []
    try:
        for source, goal in moves:
            goal.parent.mkdir(parents=True, exist_ok=True)
            done.append((source, goal))
            source.replace(goal)
    except BaseException:
        for source, goal in reversed(done):
            if _is_file(goal) and not _is_file(source):
                goal.replace(source)
        _remove_empty(sorted(folders, reverse=True))
        raise
    _remove_empty({(target / name).parent for name in stale} - {target})


def _is_file(path: Path) -> bool:
    return path.is_file() or path.is_symlink()


def _files_of_last_run(target: Path) -> list[Path]:
    try:
        record = json.loads((target / _RECORD).read_text(encoding="utf-8"))
        listed = [Path(str(name)) for name in record["outputs"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [Path(_RECORD), *(name for name in listed if not name.is_absolute() and ".." not in name.parts)]


def _remove_empty(folders: Iterable[Path]) -> None:
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            continue


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
        errno.EEXIST: "a part of the path is a file",
        errno.EFBIG: "a file grew past the size limit",
    }.get(error.errno or 0, error.strerror or str(error))
    return InputOutputError(Problem(str(target), f"cannot be written: {what}", "Nothing was left behind"))
