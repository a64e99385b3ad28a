"""Months of an endpoint: the horizon and the landmark."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from strata.cohort.model import Endpoint
from strata.errors import UsageError
from strata.survival.observed_times import ObservedTimes, check_window

PATIENTS = pd.Index(["a", "b", "c", "d"])


def endpoint(time, event, *, entry=None, unit="months"):
    def column(values, kind):
        return pd.Series(values, index=PATIENTS, dtype=kind)

    late = None if entry is None else column(entry, "float64")
    return Endpoint("OS", column(time, "float64"), column(event, "boolean"), unit, "made", late)


def test_years_are_months_and_half_known_is_unknown():
    seen = ObservedTimes.of(endpoint([1, np.nan, 2, 3], [True, True, None, False], unit="years"), PATIENTS)
    assert seen.known.tolist() == [True, False, False, True]
    assert seen.time[[0, 3]].tolist() == [12, 36]


def test_the_horizon_keeps_an_event_at_it():
    seen = ObservedTimes.of(endpoint([4, 5, 6, 7], [1, 1, 1, 0]), PATIENTS).cut_at(5)
    assert seen.time.tolist() == [4, 5, 5, 5]
    assert seen.event.tolist() == [True, True, False, False]


def test_who_enters_after_the_horizon_is_not_seen():
    seen = ObservedTimes.of(endpoint([4, 5, 6, 7], [1, 1, 1, 0], entry=[0, 1, 5, np.nan]), PATIENTS).cut_at(5)
    assert seen.known.tolist() == [True, True, False, False]


def test_the_landmark_moves_time_and_entry():
    seen = ObservedTimes.of(endpoint([4, 5, 6, 7], [1, 1, 1, 0], entry=[0, 1, 5, 6]), PATIENTS)
    assert seen.beyond(5).tolist() == [False, False, True, True]
    later = seen.counted_from(5).take(seen.beyond(5))
    assert (later.time.tolist(), later.entry.tolist()) == ([1, 2], [0, 1])


@pytest.mark.parametrize(("horizon", "landmark"), [(0, None), (None, -1), (np.nan, None), (5, 5), (4, 5)])
def test_windows_that_are_none(horizon, landmark):
    with pytest.raises(UsageError):
        check_window(horizon, landmark)


def test_windows():
    check_window(None, None)
    check_window(6, 5)
