"""A limit on the time that one cohort may take."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from strata.errors import Problem, UsageError

__all__ = ["OutOfTimeError", "time_limit"]


class OutOfTimeError(BaseException):
    """The time is over. It is no ``Exception``, so that nothing on its way takes it for a mistake to be mended."""


@contextmanager
def time_limit(seconds: float | None) -> Iterator[None]:
    """Leave the block with :class:`OutOfTimeError` when it takes longer; None: no limit.

    An alarm of the system stops it, which Python hears between two of its steps: a compiled step is finished first.

    Raises
    ------
    UsageError
        In another thread than the main one of its process: no other hears alarms.
    """
    if seconds is None:
        yield
        return
    if threading.current_thread() is not threading.main_thread():
        raise UsageError(Problem("timeout", "a time limit needs the main thread of a process", code="E703"))
    before = signal.signal(signal.SIGALRM, _stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def _stop(*_: object) -> NoReturn:
    raise OutOfTimeError
