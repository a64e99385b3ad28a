from __future__ import annotations

import sys
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strata.survival.kernels.cumulative_incidence import cumulative_incidence
from strata.survival.kernels.kaplan_meier import kaplan_meier

KINDS = ("infinitesimal-jackknife", "aalen")


def patients(golden, case) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Time, cause and group of a two-cause case."""
    frame = golden.frame(case["dataset"])
    if case["dataset"] == "mgus2":
        return frame["etime"], frame["ecode"], frame["sex"]
    return frame["time"], frame["event"] * (1 + frame["er"]), frame[case["call"].rstrip(")").split(", ")[2]]


def check(golden, close, case) -> int:
    """Compare every incidence of cmprsk and of survfit in a case; returns how many numbers."""
    time, cause, group = patients(golden, case)
    result, times, compared = case["result"], case["result"]["times"], 0
    ours = result["aalen_johansen"]
    for g, label in enumerate(sorted(set(group))):
        own, part = group == label, slice(g * len(times), (g + 1) * len(times))
        jackknife, aalen = (cumulative_incidence(time[own], cause[own], variance=kind).at(times) for kind in KINDS)
        for k in (0, 1):
            wanted = result["cuminc"]
            compared += close(aalen.incidence[k], wanted["est"][f"{label} {k + 1}"])
            compared += close(aalen.standard_errors[k] ** 2, wanted["var"][f"{label} {k + 1}"])
            if "cif_pcm" in ours:
                incidence, error = ours[("cif_pcm", "cif_death")[k]], ours[("se_pcm", "se_death")[k]]
            else:
                incidence, error = ours["incidence"][k], ours["se"][k]
            compared += close(jackknife.incidence[k], incidence[part])
            compared += close(jackknife.standard_errors[k], error[part])
    return compared


def check_tiny(golden, close, case) -> int:
    frame, wanted = golden.frame("tiny_competing"), case["result"]
    found = cumulative_incidence(frame["time"], frame["event"])
    compared = close(found.times, wanted["time"]) + close(found.event_free, wanted["p0"], floor=1e-15)
    compared += close(found.incidence, [wanted["cif1"], wanted["cif2"]])
    return compared + close(found.standard_errors, [wanted["se1"], wanted["se2"]])


def check_all(golden, close) -> dict[str, int]:
    return {
        name: (check_tiny if case["dataset"] == "tiny_competing" else check)(golden, close, case)
        for name, case in golden.cases("competing").items()
    }


def test_bundled_numbers_of_r(bundled, close) -> None:
    assert list(check_all(bundled, close).values()) == [30, 64, 96, 96]


def test_every_number_of_r(golden, close) -> None:
    compared = check_all(golden, close)
    sys.stdout.write(f"cumulative incidence: {len(compared)} cases, {sum(compared.values())} numbers\n")
    assert compared == {"cr_mgus2": 80, "cr_tiny_closed_form": 30}


def test_one_minus_kaplan_meier_is_too_high(golden, close) -> None:
    wanted, frame = golden.cases("pitfalls")["competing_mgus2"]["result"], golden.frame("mgus2")
    read = cumulative_incidence(frame["etime"], frame["ecode"]).at([240])
    close(read.incidence[:, 0], [wanted["cif_right"], wanted["cif_death"]])
    wrong = [1 - kaplan_meier(frame["etime"], frame["ecode"] == cause).at([240]).survival[0] for cause in (1, 2)]
    close(wrong, [wanted["one_minus_km_wrong"], wanted["one_minus_km_death_wrong"]])
    assert wrong[0] > 2 * read.incidence[0, 0]


def test_by_hand() -> None:
    # at risk 8, 7, 5, 2, 1; event-free 1, 5/7, 3/7, 3/7, 0
    found = cumulative_incidence([1, 2, 2, 3, 3, 3, 5, 6], [0, 1, 2, 2, 0, 2, 0, 2])
    assert (found.n, found.causes) == (8, (1, 2))
    assert found.at_risk.tolist() == [8, 7, 5, 2, 1]
    assert found.events.tolist() == [[0, 1, 0, 0, 0], [0, 1, 2, 0, 1]]
    assert found.censored.tolist() == [1, 0, 1, 1, 0]
    assert found.incidence[1] == pytest.approx([0, 1 / 7, 3 / 7, 3 / 7, 6 / 7])
    # of seven alive one has each event: variance of a share, 1/7 * 6/7 / 7
    assert found.standard_errors[0, 1] == pytest.approx(float(Fraction(6, 343)) ** 0.5)
    assert np.isnan([found.lower[0, 0], found.upper[0, 0]]).all()


def test_log_log_interval_by_hand() -> None:
    found = cumulative_incidence([1, 2, 2, 3, 3, 3, 5, 6], [0, 1, 2, 2, 0, 2, 0, 2])
    half = 1.959963984540054 * (6 / 343) ** 0.5 / (1 / 7 * np.log(7))
    assert (found.lower[0, 1], found.upper[0, 1]) == pytest.approx((7 ** -np.exp(half), 7 ** -np.exp(-half)))


def test_reading_the_curves() -> None:
    read = cumulative_incidence([1.0, 2.0, 3.0], [2, 0, 1]).at([0.5, 1.0, 2.5, 3.0, 3.1])
    assert read.incidence[:, :4] == pytest.approx(np.array([[0, 0, 0, 2 / 3], [0, 1 / 3, 1 / 3, 1 / 3]]))
    assert read.at_risk.tolist() == [3, 3, 1, 1, 0]
    assert np.isnan(read.incidence[:, 4]).all()
    assert np.isnan([read.lower[0, 0], read.upper[0, 1]]).all()
    assert read.lower[1, 1] < 1 / 3 < read.upper[1, 1]


def test_nobody_and_no_event() -> None:
    assert cumulative_incidence([], []).incidence.shape == (0, 0)
    censored = cumulative_incidence([1, 2], [0, 0])
    assert (censored.causes, censored.incidence.shape) == ((), (0, 2))
    assert censored.event_free.tolist() == [1, 1]
    assert censored.at([1]).incidence.shape == (0, 1)


@pytest.mark.parametrize(
    ("time", "cause", "message"),
    [
        ([1, 2, 3], [0, 1.5, -1], "cause: 2 of 3 values are neither 0"),
        ([1, np.nan, 3], [0, np.nan, 1], "time: 1 of 3 .*cause: 1 of 3"),
        ([1, 2, 3], [0, 1], "one length"),
    ],
)
def test_bad_input(time, cause, message) -> None:
    with pytest.raises(ValueError, match=message):
        cumulative_incidence(time, cause)


def test_unknown_variance() -> None:
    with pytest.raises(ValueError, match="variance must be"):
        cumulative_incidence([1], [1], variance="greenwood")


rows = st.lists(st.tuples(st.integers(1, 20), st.integers(0, 3)), min_size=1, max_size=30)


@given(rows)
@settings(max_examples=60, deadline=None)
def test_standard_error_is_the_derivative_by_each_weight(outcome) -> None:
    time, cause = (np.array(column) for column in zip(*outcome))
    found = cumulative_incidence(time, cause)

    def curves(weight):
        incidence = np.zeros((len(found.causes), found.times.size), weight.dtype)
        free, total = 1.0, np.zeros(len(found.causes))
        for j, t in enumerate(found.times):
            deaths = np.array([weight[(time == t) & (cause == one)].sum() for one in found.causes])
            at_risk = weight[time >= t].sum()
            total = total + free * deaths / at_risk
            free, incidence[:, j] = free * (1 - deaths.sum() / at_risk), total
        return incidence

    np.testing.assert_allclose(found.incidence, curves(np.ones(time.size)), atol=1e-12)
    np.testing.assert_allclose(found.incidence.sum(axis=0) + found.event_free, 1, atol=1e-12)
    step = 1e-20j  # complex step: exact to rounding
    squares = sum(curves(np.ones(time.size) + step * (np.arange(time.size) == i)).imag ** 2 for i in range(time.size))
    np.testing.assert_allclose(found.standard_errors, np.sqrt(squares) / 1e-20, rtol=1e-9, atol=1e-9)


@given(st.lists(st.tuples(st.integers(1, 20), st.booleans()), min_size=1, max_size=30))
@settings(max_examples=60, deadline=None)
def test_with_one_cause_it_is_one_minus_kaplan_meier(outcome) -> None:
    time, event = (np.array(column) for column in zip(*outcome))
    found, curve = cumulative_incidence(time, event), kaplan_meier(time, event, confidence="plain")
    if event.any():
        np.testing.assert_allclose(found.incidence[0], 1 - curve.survival, atol=1e-12)
        inside = (curve.lower > 0) & (curve.upper < 1)
        greenwood = (curve.upper - curve.lower) / 2 / 1.959963984540054
        np.testing.assert_allclose(found.standard_errors[0, inside], greenwood[inside], rtol=1e-9)


@given(rows, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_order_unit_and_codes_change_nothing(outcome, random) -> None:
    plain = cumulative_incidence(*zip(*outcome))
    random.shuffle(outcome)
    time, cause = (np.array(column) for column in zip(*outcome))
    other = cumulative_incidence(time * 365.25, np.array([0, 5, 7, 9])[cause])
    np.testing.assert_allclose(plain.incidence, other.incidence, atol=1e-15)
    np.testing.assert_allclose(plain.standard_errors, other.standard_errors, atol=1e-12)


def test_few_are_left_at_the_end() -> None:
    generator = np.random.default_rng(4)
    time, cause = generator.exponential(1, 4000), generator.integers(1, 3, 4000)
    found = cumulative_incidence(time, cause)
    share = found.incidence[0]
    np.testing.assert_allclose(found.standard_errors[0], np.sqrt(share * (1 - share) / 4000), rtol=1e-8)
