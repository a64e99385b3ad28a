"""Cut-points and moments, against R and by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strata.scoring import LearnedCuts, learn_cut

nan = np.nan


@pytest.fixture
def tied(shared):
    cases = json.loads((shared / "golden" / "cutpoint.json").read_text())["cases"]
    return next(case["result"] for case in cases if case["id"] == "cut_tied_quantiles")


def test_quantiles_are_rs_type_7(tied):
    values = np.array(tied["v"], dtype=float)
    ours = [learn_cut(rule, values) for rule in ("q25", "q100/3", "q50", "q200/3", "q75")]
    np.testing.assert_allclose(ours, tied["q_type7"], rtol=1e-12)
    assert learn_cut("median", values) == tied["median"]
    assert (values > learn_cut("median", values)).sum() == tied["n_high_strict"]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [("median", 2.5), ("mean", 4.0), ("q25", 1.75), ("q75", 4.75), ("q10", 1.3), ("sd0", 4.0), ("q12.5", 1.375)],
)
def test_rules_by_hand(rule, expected):
    # sorted 1 2 3 10: the quartile is 0.75 of the way from 1 to 2, the third one 0.25 of the way from 3 to 10
    assert learn_cut(rule, np.array([10.0, 2.0, nan, 3.0, 1.0])) == pytest.approx(expected, rel=1e-15)


def test_standard_deviation_has_ddof_1():
    values = np.array([1.0, 2.0, 3.0, 10.0])
    sd = np.sqrt((9 + 4 + 1 + 36) / 3)
    assert learn_cut("sd1", values) == pytest.approx(4 + sd, rel=1e-15)
    assert learn_cut("sd-0.5", values) == pytest.approx(4 - sd / 2, rel=1e-15)


def test_nothing_to_learn_from_is_nan():
    assert np.isnan(learn_cut("median", np.array([nan, nan])))
    assert np.isnan(learn_cut("sd1", np.array([3.0])))
    assert learn_cut("mean", np.array([3.0])) == 3.0


def test_cuts_are_learned_on_the_scope_and_ties_are_counted():
    values = np.array([1.0, 2.0, 2.0, 3.0, 100.0, 200.0, nan])
    scope = np.array([True, True, True, True, False, False, True])
    cuts = LearnedCuts(scope)
    assert cuts.cut("mrna A", "median", values) == 2.0
    (cut,) = cuts.cuts
    assert (cut.number, cut.rule, cut.value, cut.n, cut.ties) == ("mrna A", "median", 2.0, 4, 2)


def test_a_cut_is_learned_once_per_number_and_rule():
    cuts = LearnedCuts(np.ones(3, dtype=bool))
    first = np.array([1.0, 2.0, 3.0])
    for rule in ("median", "q75", "median"):
        cuts.cut("mrna A", rule, first)
    cuts.cut("mrna B", "median", first + 10)
    assert [(c.number, c.rule, c.value) for c in cuts.cuts] == [
        ("mrna A", "median", 2.0),
        ("mrna A", "q75", 2.5),
        ("mrna B", "median", 12.0),
    ]


def test_the_override_replaces_the_rule():
    cuts = LearnedCuts(np.ones(5, dtype=bool), override="q75")
    assert cuts.cut("mrna A", "median", np.arange(5.0)) == 3.0
    assert [c.rule for c in cuts.cuts] == ["q75"]


def test_moments_over_the_scope():
    cuts = LearnedCuts(np.array([True, True, True, True, False]))
    mean, sd = cuts.moments("mrna A", np.array([1.0, 3.0, nan, 5.0, 1000.0]))
    assert (mean, sd) == (3.0, 2.0)
    (moments,) = cuts.all_moments
    assert (moments.number, moments.mean, moments.sd, moments.n) == ("mrna A", 3.0, 2.0, 3)
    assert np.isnan(LearnedCuts(np.ones(1, dtype=bool)).moments("mrna A", np.array([1.0]))).all()


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=40), st.randoms())
def test_order_and_missing_values_do_not_matter(values, random):
    known = np.array(values, dtype=float)
    mixed = [*values, nan, nan]
    random.shuffle(mixed)
    for rule in ("median", "q25", "q100/3", "mean", "sd1"):
        np.testing.assert_allclose(learn_cut(rule, np.array(mixed)), learn_cut(rule, known), rtol=1e-12, atol=1e-12)


@given(st.integers(1, 60), st.sampled_from([1, 2]))
def test_a_third_that_falls_on_a_patient_is_that_patients_value(m, k):
    values = np.arange(3 * m + 1, dtype=float)
    assert learn_cut(f"q{100 * k}/3", values) == k * m


@pytest.mark.parametrize("rule", ["mean", "median", "q25", "sd1"])
@pytest.mark.parametrize("value", [0.1, 0.3, 1e8 + 0.1])
def test_a_cut_over_equal_values_is_that_value(rule, value):
    assert learn_cut(rule, np.full(50, value)) == value
