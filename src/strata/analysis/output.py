"""Writing a folder of results: all of it or nothing."""

from __future__ import annotations

import errno
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path

from strata.analysis.lock import locked
from strata.errors import InputOutputError, Problem, UsageError
from strata.whole_file import new_mode, sync, whole_file

__all__ = ["output_folder", "undo_moves", "write_whole"]

_RECORD = "run.json"

_MOVES = ".moves.json"

_LOG = logging.getLogger("strata")


@contextmanager
def output_folder(
    path: str | Path, *, overwrite: bool = False, inputs: Iterable[Path] = (), alone: bool = False
) -> Iterator[Path]:
    """A folder to write into; it becomes ``path`` when the block ends well, and leaves no trace when it does not.

    Meanwhile ``.NAME.lock`` says who writes it: beside ``path``, or in it where it is there already. What a run that
    was killed has left is removed with its lock, and logged as a warning; what it moved of an earlier run comes back.

    Parameters
    ----------
    path : path
        Must be absent or empty unless ``overwrite``.
    overwrite : bool
        Replace the results of an earlier run: its files, as its ``run.json`` lists them, are removed; files that strata
        did not write stay.
    inputs : iterable of Path
        Files and folders that are read: ``path`` may not be, hold or lie over one of them.
    alone : bool
        Nobody else can be writing it, because the caller holds a lock of its own, and calls ``undo_moves`` itself.

    Raises
    ------
    UsageError
        When ``path`` holds an input.
    InputOutputError
        When ``path`` is not empty, is no folder, cannot be written, or is being written by somebody else.
    """
    target = Path(os.path.abspath(path))  # noqa: PTH100  (resolve() would follow a link to somewhere else)
    _check_place(target, [Path(os.path.realpath(p)) for p in inputs])
    made = [parent for parent in target.parents if not parent.exists()]
    # on the file system of the target, which may itself be a mount point and is never renamed
    home = target if target.is_dir() else target.parent
    lock = home / f".{target.name}.lock"
    try:
        home.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=home))
    except OSError as error:
        _remove_empty(made)
        raise _failed(target, error) from error
    done = False
    undo = partial(undo_moves, target=target)
    try:
        with nullcontext() if alone else locked(lock, target, say=_LOG.warning, work=work.name, undo=undo):
            _check_empty(target, overwrite, {work, lock})
            yield work
            # somebody may have put something there
            _check_place(target, [])
            _check_empty(target, overwrite, {work, lock})
            _publish(work, target)
            done = True
    except OSError as error:
        raise _failed(target, error) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
        if not done:
            _remove_empty(made)


def undo_moves(left: Path, target: Path) -> None:
    """Bring back what a process that was killed had moved of ``target``, unless it had moved all.

    ``left`` is the folder that it wrote into before.
    """
    _undo(_moves(left, target))


def write_whole(path: Path, text: str) -> None:
    """Write one text file: all of it, or nothing.

    Raises
    ------
    InputOutputError
        When it cannot be written; what was there before is then still there.
    """
    try:
        with whole_file(path) as file:
            file.write(text)
    except OSError as error:
        raise _failed(path, error) from error


def _check_place(target: Path, inputs: Sequence[Path]) -> None:
    resolved = target.resolve()
    for source in inputs:
        if source == resolved or resolved in source.parents:
            raise UsageError(
                Problem(str(target), f"holds an input ({source.name})", "Give another folder", code="E708")
            )
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise InputOutputError(Problem(str(target), "is there and is not a folder", "Give another name", code="E709"))


def _check_empty(target: Path, overwrite: bool, ours: Collection[Path]) -> None:
    full = target.is_dir() and any(item not in ours for item in target.iterdir())
    if full and not overwrite:
        fix = "Pass --overwrite or another folder"
        raise InputOutputError(Problem(str(target), "the folder is not empty", fix, code="E707"))


def _publish(work: Path, target: Path) -> None:
    """Move what was written to where it belongs: by one rename for a new folder, file by file into an old one."""
    for written in (*work.rglob("*"), work):
        sync(written)
    if target.exists():
        _replace_files(work, target)
    else:
        work.chmod(new_mode(0o777))
        work.rename(target)
        sync(target.parent)


def _replace_files(work: Path, target: Path) -> None:
    """Put the files of ``work`` in the place of the last run's; when a move fails, every move is undone."""
    # run.json goes last: a folder without it is an unfinished run
    new = sorted((f for f in work.rglob("*") if f.is_file()), key=lambda f: (f.name == _RECORD, f))
    names = [str(file.relative_to(work)) for file in new]
    listed = [str(name) for name in _files_of_last_run(target)]
    stale = [name for name in dict.fromkeys([*listed, *names]) if _is_file(target / name)]
    # for whoever takes over when this process is killed now
    write_whole(work / _MOVES, json.dumps({"stale": stale, "new": names}))
    moves = _moves(work, target)
    try:
        for source, goal in moves:
            goal.parent.mkdir(parents=True, exist_ok=True)
            source.replace(goal)
    except BaseException:
        _undo(moves)
        raise
    for folder in {goal.parent for _, goal in moves[len(stale) :]}:
        sync(folder)
    _remove_empty({(target / name).parent for name in stale} - {target})


def _moves(work: Path, target: Path) -> list[tuple[Path, Path]]:
    """What is moved where: files of the last run aside, then the new ones to their places. Empty before that begins."""
    try:
        names = json.loads((work / _MOVES).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    aside = [(target / name, work / ".old" / name) for name in names["stale"]]
    return aside + [(work / name, target / name) for name in names["new"]]


def _undo(moves: Sequence[tuple[Path, Path]]) -> None:
    """Bring back what was moved, unless all of it was."""
    if not moves or _is_moved(*moves[-1]):
        return
    # a place is free again, and tells whether its first file was moved, only when the second one is back
    for source, goal in reversed(moves):
        if _is_moved(source, goal):
            goal.replace(source)
    _remove_empty(sorted({goal.parent for _, goal in moves}, reverse=True))


def _is_moved(source: Path, goal: Path) -> bool:
    return _is_file(goal) and not _is_file(source)


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


def _failed(target: Path, error: OSError) -> InputOutputError:
    what = {
        errno.ENOSPC: "no space left on the device",
        errno.EACCES: "permission denied",
        errno.EROFS: "the file system is read-only",
        errno.ENOTDIR: "a part of the path is a file",
        errno.EEXIST: "a part of the path is a file",
        errno.EFBIG: "a file grew past the size limit",
    }.get(error.errno or 0, error.strerror or str(error))
    return InputOutputError(Problem(str(target), f"cannot be written: {what}", "Nothing was left behind", code="E710"))
