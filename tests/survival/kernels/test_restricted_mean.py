from __future__ import annotations

import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strata.survival.kernels.restricted_mean import restricted_mean

CONTRASTS = ("difference", "ratio", "rmtl_ratio")


def check(golden, close, case) -> int:
    """Compare every number of an rmst case; returns how many."""
    frame = golden.frame(case["dataset"])
    second, first = [part.split(")")[0].split("==") for part in case["call"].split("(")[1:]]
    column = second[0].strip()
    time, event = ("rfs10_time", "rfs10_event") if case["dataset"] == "rotterdam" else ("time", "event")
    labels = frame[column].astype(str).map({first[1].strip(): 0, second[1].strip(): 1})
    assert labels.notna().all()
    compared = 0
    for row in case["result"]["taus"]:
        found = restricted_mean(frame[time], frame[event], labels, horizon=row["tau"])
        compared += close(found.means, [row["arm0"]["rmst"], row["arm1"]["rmst"]])
        compared += close(found.standard_errors, [row["arm0"]["se"], row["arm1"]["se"]])
        compared += close(found.difference_standard_error, row["difference"]["se"])
        for name, wanted in ((name, row[name]) for name in CONTRASTS):
            compared += close(
                [getattr(found, name), getattr(found, f"{name}_lower"), getattr(found, f"{name}_upper")],
                [wanted["est"], wanted["lower"], wanted["upper"]],
            )
        p_values = [found.p_value, found.ratio_p_value, found.rmtl_ratio_p_value]
        compared += close(np.log10(p_values), np.log10([row[name]["p"] for name in CONTRASTS]))
        assert found.log10_p == pytest.approx(np.log10(found.p_value))
        assert found.reason == ""
    return compared


def test_bundled_numbers_of_r(bundled, close) -> None:
    assert sum(check(bundled, close, case) for case in bundled.cases("rmst").values()) == 4 * 17


def test_every_number_of_r(golden, close) -> None:
    compared = {name: check(golden, close, case) for name, case in golden.cases("rmst").items()}
    sys.stdout.write(f"rmst: {len(compared)} cases, {sum(compared.values())} numbers\n")
    assert len(compared) >= 3
    assert sum(compared.values()) >= 7 * 17


def test_means_and_errors_of_survfit(golden, close) -> None:
    compared = 0
    for case in golden.cases("survfit").values():
        if not any("rmst" in group for group in case["result"].get("groups", [])):
            continue
        model = golden.model(case["dataset"], case["call"].removeprefix("survfit(").removesuffix(")"))
        labels = np.zeros(model.time.size, int) if model.group is None else model.group
        wanted = [group["rmst"] for group in case["result"]["groups"]]
        found = restricted_mean(model.time, model.event, labels, horizon=wanted[0]["tau"])
        assert len(found.groups) == len(wanted)
        compared += close(found.means, [row["rmean"] for row in wanted])
        compared += close(found.standard_errors, [row["se"] for row in wanted])
    assert compared >= 50


def test_by_hand() -> None:
    # S: 1 to 1, 3/4 to 2, 3/4 (censored) to 3, 3/8 to 5; area to come after 1: 9/4, after 3: 3/4
    found = restricted_mean([1, 2, 3, 6, 9], [1, 0, 1, 0, 0], list("aaaab"), horizon=5)
    assert found.means.tolist() == [1 + 2 * 0.75 + 2 * 0.375, 5]
    variance = Fraction(9, 4) ** 2 / 12 + Fraction(3, 4) ** 2 / 2
    assert found.standard_errors[0] == pytest.approx(float(variance) ** 0.5, rel=1e-15)
    assert (found.difference, found.ratio) == pytest.approx((1.75, 5 / 3.25))
    assert found.difference_standard_error == found.standard_errors[0]


def test_a_group_that_loses_nothing_has_no_ratio_of_time_lost() -> None:
    found = restricted_mean([1, 2, 3, 6, 9], [1, 0, 1, 0, 0], list("aaaab"), horizon=5)
    assert np.isnan([found.rmtl_ratio, found.rmtl_ratio_lower, found.rmtl_ratio_p_value]).all()
    nobody = restricted_mean([6, 7], [0, 0], [0, 1], horizon=5)
    assert (nobody.difference, nobody.ratio) == (0, 1)
    assert np.isnan([nobody.p_value, nobody.difference_lower, nobody.ratio_upper]).all()
    assert nobody.reason == "the standard error of the difference is zero"


def test_horizon_beyond_the_last_time() -> None:
    time, group = [1, 3, 2, 4], [0, 0, 1, 1]
    for event, known in (([1, 0, 1, 1], [False, True]), ([1, 1, 1, 1], [True, True]), ([1, 1, 1, 0], [True, False])):
        found = restricted_mean(time, event, group, horizon=10)
        assert (~np.isnan(found.means)).tolist() == known
        assert np.isnan(found.difference) == np.isnan(found.p_value) == (not all(known))
        assert ("censored" in found.reason) == (not all(known))
    assert restricted_mean(time, [1, 1, 1, 1], group, horizon=10).means.tolist() == [2, 3]
    tied = restricted_mean([1, 3, 3, 2, 4], [1, 1, 0, 1, 1], [0, 0, 0, 1, 1], horizon=10)
    assert np.isnan(tied.means[0])  # censored together with the last event
    exactly = restricted_mean(np.array([1.1, 3.3, 2, 4]) * 3, [1, 0, 1, 1], group, horizon=9.9)
    assert exactly.reason == ""  # 3.3 * 3 is 9.899999999999999


def test_one_group_and_three() -> None:
    one = restricted_mean([1, 2], [1, 1], ["a", "a"], horizon=2)
    three = restricted_mean([1, 2, 3], [1, 1, 1], ["a", "b", "c"], horizon=2)
    assert one.means.tolist() == [1.5]
    assert three.means.tolist() == [1, 2, 2]
    for found in (one, three):
        assert np.isnan([found.difference, found.ratio, found.rmtl_ratio, found.p_value]).all()
        assert "two groups" in found.reason


@pytest.mark.parametrize("horizon", [0, -1, float("nan"), float("inf")])
def test_a_horizon_that_is_none(horizon) -> None:
    with pytest.raises(ValueError, match="horizon must be a positive number"):
        restricted_mean([1, 2], [1, 0], [0, 1], horizon=horizon)


rows = st.lists(st.tuples(st.integers(1, 30), st.booleans(), st.integers(0, 1)), min_size=2, max_size=40)


@given(rows, st.randoms(use_true_random=False), st.sampled_from([1 / 30.4375, 12.0, 365.25]))
@settings(max_examples=50, deadline=None)
def test_order_unit_and_labels(patients, random, unit) -> None:
    time, event, group = (np.array(column) for column in zip(*patients))
    horizon = float(min((time[group == g].max() for g in set(group)), default=1))
    plain = restricted_mean(time, event, group, horizon=horizon)
    random.shuffle(patients)
    time, event, group = (np.array(column) for column in zip(*patients))
    scaled = restricted_mean(time * unit, event, group, horizon=horizon * unit)
    swapped = restricted_mean(time, event, 1 - group, horizon=horizon)
    np.testing.assert_allclose(scaled.means, plain.means * unit, rtol=1e-9)
    np.testing.assert_allclose(scaled.p_value, plain.p_value, rtol=1e-6)
    np.testing.assert_allclose(swapped.difference, -plain.difference, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(
        [swapped.ratio_lower, swapped.p_value], [1 / plain.ratio_upper, plain.p_value], rtol=1e-6
    )


def test_agrees_with_lifelines() -> None:
    from lifelines import KaplanMeierFitter
    from lifelines.utils import restricted_mean_survival_time

    generator = np.random.default_rng(8)
    time, event = np.ceil(generator.exponential(20, 300)), generator.random(300) < 0.6
    found = restricted_mean(time, event, np.zeros(300), horizon=30)
    assert found.means[0] == pytest.approx(
        restricted_mean_survival_time(KaplanMeierFitter().fit(time, event), t=30), rel=1e-9
    )
