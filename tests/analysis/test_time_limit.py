"""A limit on the time that a cohort may take."""

from __future__ import annotations

import signal
import threading
import time

import pytest

from strata.analysis.time_limit import OutOfTimeError, time_limit
from strata.errors import UsageError


def test_what_takes_longer_is_left_and_what_does_not_is_left_alone():
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(OutOfTimeError), time_limit(0.05):
        time.sleep(30)
    for seconds in (None, 60):
        with time_limit(seconds):
            done = True
    assert done
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_nothing_on_the_way_takes_it_for_an_error_of_its_own():
    assert not issubclass(OutOfTimeError, Exception)


def test_another_thread_is_refused():
    found = []

    def work():
        try:
            with time_limit(1):
                pass
        except UsageError as error:
            found.append(str(error))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == ["timeout: a time limit needs the main thread of a process"]
