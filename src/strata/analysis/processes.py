"""Processes that share the work: they leave Ctrl-C to their parent, and end when it is gone."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["WORKING", "end_with", "uninterrupted", "worker_processes"]

WORKING = threading.Lock()
"""Held by work that is finished also where nobody waits for it any more, so that it removes what it has written."""

_LOOK_EVERY = 0.5
"""Seconds between two looks for the parent."""


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Processes started in this block ignore Ctrl-C: their parent ends them, and alone says so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def worker_processes() -> Any:
    """Joblib's loky processes, for ``Parallel(backend=...)``.

    Left to themselves they wait five minutes for work when their parent was killed, and hold its pipes open.
    """
    from joblib.parallel import LokyBackend

    class Backend(LokyBackend):  # type: ignore[misc]
        def configure(self, *args: Any, **how: Any) -> Any:
            return super().configure(*args, initializer=end_with, initargs=(os.getpid(),), **how)

    return Backend()


def end_with(parent: int) -> None:
    """End this process soon after ``parent`` is gone."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK_EVERY)
        with WORKING:
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
