from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strata.survival.kernels.cumulative_incidence import cumulative_incidence
from strata.survival.kernels.kaplan_meier import kaplan_meier
from strata.survival.kernels.log_rank import log_rank
from strata.survival.kernels.risk_table import checked, number_at_risk, rank_times, risk_table, strata_codes


def test_near_ties_are_one_time() -> None:
    distinct, (rank,) = rank_times(np.array([3.0, 0.1 + 0.2, 0.3, 3.0 + 1e-9, 5.0]))
    assert rank.tolist() == [1, 0, 0, 1, 2]
    assert distinct.tolist() == [0.3, 3.0, 5.0]


def test_near_ties_are_judged_beside_the_mean_time() -> None:
    assert rank_times(np.array([10_000.0, 10_000.0001]))[0].size == 1
    assert rank_times(np.array([10_000.0, 10_000.001]))[0].size == 2
    assert rank_times(np.array([1e-3, 1e-3 + 1e-8]))[0].size == 1  # as it is, whatever the mean
    assert rank_times(np.array([1e-3, 1e-3 + 1e-7]))[0].size == 2


def test_the_jittered_lung_times(golden) -> None:
    wanted = golden.cases("degenerate")["float_ties"]["result"]
    frame = golden.frame("lung_jitter")
    jittered = next(name for name in frame if frame[name].nunique() == wanted["n_unique_jittered"])
    assert rank_times(frame[jittered].to_numpy())[0].size == wanted["n_unique_days"]


def test_all_problems_at_once() -> None:
    with pytest.raises(ValueError, match=r"time: 2 of 4 values are missing or infinite; event: 1 of 4 .* neither 0"):
        checked([1.0, np.nan, np.inf, 2.0], [0, 1, 2, 1])
    with pytest.raises(ValueError, match="event: 1 of 2 values are missing"):
        checked([1.0, 2.0], pd.Series([True, None], dtype="boolean"))
    with pytest.raises(ValueError, match="of one length"):
        checked([1.0, 2.0], [1])
    with pytest.raises(ValueError, match="entry: 1 of 2 values are not before the time"):
        number_at_risk([1.0, 2.0], [1, 1], [1.0], entry=[0.0, 2.0])


@pytest.mark.parametrize("kind", [list, np.array, pd.Series, lambda words: pd.Series(words, dtype="string")])
def test_words_are_no_events(kind) -> None:
    with pytest.raises(ValueError, match=r"^event: values that are not numbers: 'dead', 'alive'$"):
        kaplan_meier([1.0, 2.0], kind(["dead", "alive"]))
    with pytest.raises(ValueError, match=r"^time: values that are not numbers: 'a', 'b', 'c' \.\.\.$"):
        kaplan_meier(kind(["a", "b", "c", "d"]), [1, 1, 0, 0])


def test_what_is_no_table_of_numbers_says_why() -> None:
    with pytest.raises(ValueError, match=r"^time: values that are not numbers: '\[1.0, 2.0\]', '\[3.0\]'$"):
        kaplan_meier([[1.0, 2.0], [3.0]], [1, 0])
    with pytest.raises(ValueError, match=r"^cause: values that are not numbers: 'dead'$"):
        cumulative_incidence([1.0, 2.0], [1, "dead"])


def test_labels_of_words_and_numbers_have_no_order() -> None:
    with pytest.raises(ValueError, match=r"^group: labels of several types, which have no order: int, str$"):
        log_rank([1.0, 2.0], [1, 1], ["high", 1])


def test_times_asked_for_are_known_and_their_own_array() -> None:
    curve, incidence = kaplan_meier([1.0, 2.0], [1, 1]), cumulative_incidence([1.0, 2.0], [1, 2])
    ways = {
        "times": (lambda at: curve.at(at).times, lambda at: incidence.at(at).times),
        "at": (lambda at: number_at_risk([1.0, 2.0], [1, 1], at).at,),
    }
    for name, functions in ways.items():
        for tell in functions:
            asked = np.array([1.0, 2.0])
            told = tell(asked)
            asked[0] = 99.0
            assert told.tolist() == [1.0, 2.0]
            with pytest.raises(ValueError, match=f"^{name}: 1 of 2 values are missing$"):
                tell([1.0, np.nan])


def test_risk_sets_stay_inside_their_stratum() -> None:
    time, event = np.array([1.0, 2.0, 1.0, 3.0]), np.array([True, True, False, True])
    table = risk_table(time, event, strata=np.array([0, 0, 1, 1]))
    assert table.times.tolist() == [1, 2, 3]
    at_risk, events = table.counts(np.array([0, 1, 0, 1]), 2)
    assert at_risk.tolist() == [[1, 0, 0], [1, 1, 1]]
    assert events.tolist() == [[1, 0, 0], [0, 1, 1]]


def test_strata_codes_combine_factors() -> None:
    codes = strata_codes(pd.DataFrame({"a": ["x", "y", "x", "y"], "b": [1, 1, 2, 1]}), 4)
    assert codes[1] == codes[3]
    assert len(set(codes.tolist())) == 3
    assert strata_codes(None, 2).tolist() == [0, 0]


def test_numbers_under_a_curve_by_hand() -> None:
    found = number_at_risk([1, 2, 2, 3], [1, 0, 1, 0], [0, 1, 2, 2.5, 9])
    assert found.at_risk.tolist() == [4, 4, 3, 1, 0]
    assert found.events.tolist() == [0, 0, 1, 2, 2]
    assert found.censored.tolist() == [0, 0, 0, 1, 2]


def test_a_tick_that_differs_by_rounding() -> None:
    assert number_at_risk([11.999999999999998, 30.0], [1, 1], [12.0]).at_risk.tolist() == [2]
    assert number_at_risk([], [], [0.0, 5.0]).at_risk.tolist() == [0, 0]


outcomes = st.lists(st.tuples(st.integers(2, 20), st.booleans(), st.integers(0, 10)), min_size=1, max_size=40)


@given(outcomes)
@settings(max_examples=100, deadline=None)
def test_numbers_add_up(outcome) -> None:
    time, event, entry = (np.array(column) for column in zip(*outcome))
    entry = np.minimum(entry, time - 1)
    ticks = np.arange(0.0, 25.0, 0.5)
    plain, late = number_at_risk(time, event, ticks), number_at_risk(time, event, ticks, entry=entry)
    assert (plain.at_risk + plain.events + plain.censored == time.size).all()
    for k, t in enumerate(ticks):
        assert plain.at_risk[k] == (time >= t).sum()
        assert late.at_risk[k] == ((time >= t) & (entry < t)).sum()
        assert plain.events[k] == late.events[k] == ((time < t) & event).sum()
        assert late.at_risk[k] + late.events[k] + late.censored[k] == (entry < t).sum()
