from __future__ import annotations

import re
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strata.survival.kernels.concordance import concordance


def numbers(found) -> list[float]:
    return [found.concordant, found.discordant, found.tied_score, found.tied_time, found.tied_both]


def check(golden, close, case) -> int:
    """Compare Harrell's and Uno's C of a case; returns how many numbers."""
    if case["id"] == "cidx_lung_age_st_sex":
        frame, wanted = golden.frame("lung"), case["result"]
        found = concordance(frame["time"], frame["event"], frame["age"], stratification_factors=frame["sex"])
        compared = close([found.concordance, found.standard_error], [wanted["C"], wanted["se"]])
        return compared + close(numbers(found), np.sum(wanted["counts"], axis=0), 0)
    compared = 0
    model = golden.model(case["dataset"], re.search(r"Surv\(.*?\) *~ *(I\(.*\)|[\w.]+)", case["call"])[0])
    for method, key in (("harrell", "n"), ("uno", "n_over_G2")):
        wanted = case["result"][key]
        found = concordance(model.time, model.event, model.covariates.iloc[:, 0], method=method)
        compared += close([found.concordance, found.standard_error], [wanted["C"], wanted["se"]])
        compared += close(numbers(found), wanted["counts"])
    return compared


def test_bundled_numbers_of_r(bundled, close) -> None:
    frame = bundled.frame("synthetic3cohorts").dropna(subset="IGF1R")
    entry = np.where(frame["treat"] == 1, (frame["time"] - 1) / 2, -1)
    cases = bundled.cases("concordance")
    for name, case in cases.items():
        rows = frame.dropna(subset="SPHK1") if "cluster" in name else frame
        found = concordance(
            rows["time"],
            rows["event"],
            rows["IGF1R"],
            method="uno" if "uno" in name else "harrell",
            horizon=60 if "horizon" in name else None,
            stratification_factors=rows["cohort"] if "_st" in name else None,
            entry=entry if "entry" in name else None,
            cluster=rows["SPHK1"] if "cluster" in name else None,
        )
        wanted = case["result"]
        close([found.concordance, found.standard_error], [wanted["C"], wanted["se"]])
        close(numbers(found), wanted["counts"])
    assert len(cases) == 9


def test_every_number_of_r(golden, close) -> None:
    compared = {name: check(golden, close, case) for name, case in golden.cases("concordance").items()}
    sys.stdout.write(f"concordance: {len(compared)} cases, {sum(compared.values())} numbers\n")
    assert len(compared) >= 6
    assert sum(compared.values()) >= 77


def test_weights_just_before_the_event(golden, close) -> None:
    frame = golden.frame("gbsg")
    found = concordance(frame["time"], frame["event"], frame["nodes"], method="uno")
    assert found.concordance == pytest.approx(0.645082, abs=5e-7)  # 0.645923 with the share at the event


def test_concordance_of_cox_fits(golden, close) -> None:
    fits = golden.cases("coxph")
    for name in ("cox_channing_lt", "cox_lung_sex_cluster_inst", "cox_syn3_pooled_stratified"):
        model = golden.model(fits[name]["dataset"], fits[name]["call"].removeprefix("coxph(").removesuffix(")"))
        wanted = fits[name]["result"]["efron"]
        score = model.covariates.to_numpy() @ [float(b) for b in wanted["coef"]]
        frame = golden.frame("lung").dropna(subset="inst")
        found = concordance(
            model.time,
            model.event,
            score,
            entry=model.entry,
            stratification_factors=model.strata,
            cluster=frame["inst"] if "cluster" in name else None,
        )
        close([found.concordance, found.standard_error], [wanted["concordance"], wanted["concordance_se"]])


def test_by_hand() -> None:
    # events at 1 and 3; pairs (1, others): scores 2 against 1, 2, 3; (3, censored at 3): 3 against 1
    found = concordance([1, 2, 3, 3], [1, 0, 1, 0], [2, 1, 3, 2])
    assert (found.concordant, found.discordant, found.tied_score) == (2, 1, 1)
    assert found.concordance == 2.5 / 4
    assert (found.n, found.events, found.tied_time) == (4, 2, 0)


def test_horizon_keeps_the_event_at_it() -> None:
    time, event, score = [1, 2, 3], [1, 1, 1], [3, 1, 2]
    assert concordance(time, event, score, horizon=1).concordant == 2
    assert concordance(time, event, score, horizon=2).discordant == 1
    assert concordance(time, event, score, horizon=2 - 1e-3).discordant == 0


def test_no_comparable_pair() -> None:
    for time, event in (([1, 2], [0, 0]), ([1, 1], [1, 1]), ([], []), ([1, 2], [0, 1])):
        found = concordance(time, event, np.arange(len(time)))
        assert np.isnan([found.concordance, found.standard_error, found.lower, found.upper]).all()
    assert concordance([1, 1], [1, 1], [0, 1]).tied_time == 1
    assert concordance([1, 1], [1, 1], [0, 0]).tied_both == 1


def test_perfect_order_has_no_interval() -> None:
    found = concordance([1, 2, 3], [1, 1, 1], [3, 2, 1])
    assert (found.concordance, found.standard_error) == (1, 0)
    assert np.isnan([found.lower, found.upper]).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "gonen"}, "method must be"),
        ({"method": "uno", "entry": [0, 0]}, "delayed entry"),
        ({"score": [1, np.nan]}, "score: 1 of 2"),
        ({"entry": [0, 2]}, "not before the time"),
    ],
)
def test_bad_input(arguments, message) -> None:
    with pytest.raises(ValueError, match=message):
        concordance(**{"time": [1, 2], "event": [1, 1], "score": [1, 2]} | arguments)


rows = st.lists(
    st.tuples(st.integers(1, 12), st.booleans(), st.integers(0, 5), st.integers(-1, 11), st.integers(0, 1)),
    min_size=1,
    max_size=30,
)


@given(rows)
@settings(max_examples=150, deadline=None)
def test_against_counting_pair_by_pair(patients) -> None:
    patients = [row for row in patients if row[3] < row[0]]
    columns = [np.array(column) for column in zip(*patients)] if patients else [np.zeros(0)] * 5
    time, event, score, entry, stratum = columns
    counts = np.zeros(5)
    for i in range(time.size):
        for j in range(time.size):
            if not event[i] or i == j or stratum[i] != stratum[j] or entry[j] >= time[i] or time[j] < time[i]:
                continue
            if time[j] == time[i] and event[j]:
                counts[4 if score[i] == score[j] else 3] += 0.5
            else:
                counts[int(1 - np.sign(score[i] - score[j])) if score[i] != score[j] else 1] += 1
    found = concordance(time, event, score, entry=entry, stratification_factors=stratum)
    assert numbers(found) == [counts[0], counts[2], counts[1], counts[3], counts[4]]


@given(rows, st.randoms(use_true_random=False), st.sampled_from(["harrell", "uno"]))
@settings(max_examples=60, deadline=None)
def test_order_unit_and_scale_of_the_score_change_nothing(patients, random, method) -> None:
    time, event, score, _, stratum = (np.array(column) for column in zip(*patients))
    plain = concordance(time, event, score, method=method, stratification_factors=stratum)
    random.shuffle(patients)
    time, event, score, _, stratum = (np.array(column) for column in zip(*patients))
    other = concordance(time * 365.25, event, np.exp(score), method=method, stratification_factors=1 - stratum)
    against = concordance(time, event, -score, method=method, stratification_factors=stratum)
    np.testing.assert_allclose(other.concordance, plain.concordance, rtol=1e-9)
    np.testing.assert_allclose(other.standard_error, plain.standard_error, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(against.concordance, 1 - plain.concordance, rtol=1e-9, atol=1e-12)


def test_agrees_with_lifelines_and_grows_nearly_linearly() -> None:
    from lifelines.utils import concordance_index

    generator = np.random.default_rng(7)
    time, event, score = (
        np.ceil(generator.exponential(40, 500)),
        generator.random(500) < 0.6,
        generator.normal(size=500),
    )
    found = concordance(time, event, score)
    assert found.concordance == pytest.approx(concordance_index(time, -score, event), rel=1e-12)
    time, score = generator.exponential(1, 50_000), generator.normal(size=50_000)
    many = concordance(time, np.ones(50_000), score)  # 1.25e9 pairs
    assert many.concordant + many.discordant + many.tied_time == 50_000 * 49_999 / 2
