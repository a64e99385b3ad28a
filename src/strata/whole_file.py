"""Files that are there whole or not at all, also after the power fails."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

__all__ = ["new_mode", "sync", "whole_file"]


@contextmanager
def whole_file(path: Path, mode: str = "w", *, private: bool = False) -> Iterator[IO[Any]]:
    """A file to write that takes the place of ``path`` when the block ends well; else what was there stays.

    Parameters
    ----------
    path : Path
    mode : {"w", "wb"}
        Text is UTF-8.
    private : bool
        Readable by its owner only: for numbers of single patients.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, mode, encoding=None if "b" in mode else "utf-8") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if not private:
            temporary.chmod(new_mode(0o666))
        temporary.replace(path)
        sync(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def new_mode(mode: int) -> int:
    """The mode that a new file or folder has, without what the umask takes away."""
    mask = os.umask(0)
    os.umask(mask)
    return mode & ~mask


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        # not every file system can do this with a folder
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)
