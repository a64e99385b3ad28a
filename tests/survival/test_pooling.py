"""Pooling over cohorts: against R, by hand, and what happens to a cohort that cannot contribute."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from strata.survival.kernels.cox import cox
from strata.survival.kernels.kaplan_meier import Z_95, kaplan_meier
from strata.survival.kernels.log_rank import log_rank
from strata.survival.pooled_rows import POOLED_COLUMNS, pooled_frame
from strata.survival.pooling import pool
from strata.survival.result import Comparison, Group, HazardRatio, SurvivalComparison

METHODS = ["unstratified", "stratified", "fixed_effect", "random_effects"]


def comparison(time, event, high, *, name="positive_vs_rest", labels=("positive", "negative")):
    """Two groups, compared."""
    time, event, group = np.asarray(time, float), np.asarray(event, bool), np.where(high, 0, 1)
    parts = [group == i for i in (0, 1)]
    groups = tuple(
        Group(label, int(g.sum()), int(event[g].sum()), kaplan_meier(time[g], event[g]))
        for label, g in zip(labels, parts)
    )
    hazard = None
    if all(g.events for g in groups):
        fit = cox(time, event, (group == 0).astype(float))
        hazard = HazardRatio(*(float(x[0]) for x in (fit.hazard_ratios, fit.lower, fit.upper, fit.p_values)))
    test = log_rank(time, event, group) if event.any() and all(g.n for g in groups) else None
    return Comparison(name, groups, time, event, group, hazard_ratio=hazard, log_rank=test)


def result(cohort, *rows, endpoint="OS"):
    return SurvivalComparison(cohort, "made", "all", endpoint, "median", "population", rows)


def made(seed, n=60, effect=2.0):
    rng = np.random.default_rng(seed)
    high = rng.random(n) < 0.5
    lived, followed = rng.exponential(20 / np.where(high, effect, 1)), rng.uniform(5, 40, n)
    return np.minimum(lived, followed).round(1) + 0.1, lived <= followed, high


@pytest.fixture
def three():
    return [result(name, comparison(*made(seed))) for seed, name in enumerate("ABC")]


def test_the_rows_and_what_they_count(three):
    (pooled,) = pool(three)
    rows = [(row.method, row.cohort, row.cohorts) for row in pooled.rows]
    every = ("A", "B", "C")
    assert rows[:3] == [("cohort", name, (name,)) for name in every]
    assert rows[3:7] == [(method, None, every) for method in METHODS]
    without = [(name, tuple(other for other in every if other != name)) for name in every]
    assert rows[7:10] == [("stratified_without", *pair) for pair in without]
    assert rows[10:] == [("random_effects_without", *pair) for pair in without]
    for method in METHODS:
        row = pooled[method]
        assert (row.n, row.events) == (180, sum(r.comparisons[0].events for r in three))
        assert row.n_positive == sum(r.comparisons[0].groups[0].n for r in three)
    assert pooled.to_frame().columns.tolist() == list(POOLED_COLUMNS)
    assert set(pooled.to_frame()["cut"]) == {"median"}
    assert (pooled.positive, pooled.reference) == ("positive", "negative")


def test_the_fixed_effect_by_hand(three):
    ratios = [r.comparisons[0].hazard_ratio for r in three]
    logs = [math.log(r.value) for r in ratios]
    errors = [(math.log(r.upper) - math.log(r.lower)) / (2 * Z_95) for r in ratios]
    weights = [error**-2 for error in errors]
    mean = sum(w * b for w, b in zip(weights, logs)) / sum(weights)
    row = pool(three)[0]["fixed_effect"]
    assert row.hazard_ratio.value == pytest.approx(math.exp(mean), rel=1e-12)
    assert row.hazard_ratio.upper == pytest.approx(math.exp(mean + Z_95 / math.sqrt(sum(weights))), rel=1e-12)
    assert row.meta.q == pytest.approx(sum(w * (b - mean) ** 2 for w, b in zip(weights, logs)), rel=1e-9)


def test_leaving_a_cohort_out_is_pooling_the_others(three):
    without = {row.cohort: row for row in pool(three)[0].rows if row.method == "random_effects_without"}
    (others,) = pool([three[0], three[2]])
    assert without["B"].hazard_ratio == others["random_effects"].hazard_ratio
    stratified = {row.cohort: row for row in pool(three)[0].rows if row.method == "stratified_without"}
    assert stratified["B"].hazard_ratio == others["stratified"].hazard_ratio
    assert stratified["B"].log_rank.chi_squared == others["stratified"].log_rank.chi_squared


def test_the_weights_of_the_cohorts_add_up(three):
    assert sum(row.weight for row in pool(three)[0].rows if row.method == "cohort") == pytest.approx(1)


def test_a_cohort_without_events_in_an_arm_is_in_the_models_but_not_in_the_meta_analysis(three):
    time, event, high = made(9)
    (pooled,) = pool([*three, result("D", comparison(time, event & ~high, high))])
    n = int(high.sum())
    assert pooled["stratified"].cohorts == ("A", "B", "C", "D")
    assert pooled["stratified"].not_contributing == ()
    assert pooled["random_effects"].cohorts == ("A", "B", "C")
    assert pooled["random_effects"].not_contributing == (("D", f"no event among {n} positive"),)
    assert pooled["random_effects"].n == 180
    own = next(row for row in pooled.rows if row.cohort == "D")
    assert own.hazard_ratio is None
    assert np.isnan(own.weight)
    assert own.notes == (f"no event among {n} positive",)


def test_cohorts_that_compare_nobody_are_named_with_the_reason(three):
    time, event, high = made(9)
    empty = result("D", comparison(time, event, np.ones_like(high)))
    absent = result("E", Comparison("positive_vs_rest", (), *(np.empty(0),) * 3, notes=("no gene IGF1R",)))
    (pooled,) = pool([*three, empty, absent], left_out={"F": "could not be read"})
    for method in METHODS:
        assert dict(pooled[method].not_contributing) == {
            "D": "no patient in negative",
            "E": "no gene IGF1R",
            "F": "could not be read",
        }
    text = pooled.to_frame().set_index("method").loc["stratified", "not_contributing"]
    assert text == "D: no patient in negative; E: no gene IGF1R; F: could not be read"


def test_a_cohort_that_is_left_out_is_in_no_number_though_it_has_one(three):
    (pooled,) = pool(three, left_out={"B": "the reason"})
    (others,) = pool([three[0], three[2]])
    assert all(row.not_contributing == (("B", "the reason"),) for row in pooled.rows if row.method != "cohort")
    columns = ["not_contributing"]
    pd.testing.assert_frame_equal(pooled.to_frame().drop(columns=columns), others.to_frame().drop(columns=columns))


def test_where_every_cohort_is_left_out_the_rows_say_so(three):
    (pooled,) = pool(three, left_out=dict.fromkeys("ABC", "the reason"))
    assert [row.method for row in pooled.rows] == METHODS
    assert not pooled.to_frame()["estimable"].any()
    assert {name for row in pooled.rows for name, _ in row.not_contributing} == {"A", "B", "C"}


def test_without_any_cohort_nothing_is_estimable():
    absent = Comparison("positive_vs_rest", (), *(np.empty(0),) * 3, notes=("no gene",))
    (pooled,) = pool([result("A", absent), result("B", absent)])
    assert [row.method for row in pooled.rows] == METHODS
    table = pooled.to_frame()
    assert not table["estimable"].any()
    assert table["note"].tolist() == ["no cohort can be compared"] * 2 + ["no cohort has a hazard ratio"] * 2
    assert (table["n_cohorts"] == 0).all()


def test_one_cohort_alone_has_no_random_effect(three):
    absent = Comparison("positive_vs_rest", (), *(np.empty(0),) * 3, notes=("no gene",))
    (pooled,) = pool([three[0], result("B", absent)])
    assert pooled["random_effects"].hazard_ratio is None
    assert "one cohort cannot tell" in pooled["random_effects"].notes[-1]
    assert pooled["fixed_effect"].hazard_ratio.value == pytest.approx(three[0].hazard_ratio.value, rel=1e-12)


def test_the_words_of_the_random_effects(three):
    note = "; ".join(pool(three, method="DL")[0]["random_effects"].notes)
    assert "DL, Hartung-Knapp (t distribution, 2 degrees of freedom)" in note
    assert "prediction interval: t distribution, 2 degrees of freedom" in note


def test_searched_cuts_are_pooled_by_their_cross_fitted_hazard_ratio_only(three):
    searched = [result(r.cohort, replace(r.comparisons[0], searched=True)) for r in three]
    (pooled,) = pool(searched)
    assert pooled["stratified"].hazard_ratio is None
    assert pooled["stratified"].log_rank is None
    assert "cross-fitted" in pooled["unstratified"].not_contributing[0][1]
    assert pooled["random_effects"].cohorts == ("A", "B", "C")
    trained = pool([searched[0], *three[1:]])[0]
    assert trained["stratified"].cohorts == ("B", "C")


def test_endpoints_that_stand_in_for_another_are_named(three):
    mixed = [three[0], replace(three[1], endpoint="RFS")]
    assert pool(mixed)[0].endpoint == "OS/RFS"


def test_single_genes_and_quantile_groups_are_pooled_other_rows_are_not(three):
    main = three[0].comparisons[0]
    gene = replace(main, name="IGF1R", own_cut=("q75", "cohort"))
    rows = [
        (main, gene, replace(main, name="both_vs_neither"), replace(main, name="q3_vs_q1")),
        (main, gene, replace(main, name="both_vs_neither"), replace(main, name="q3_vs_q1")),
    ]
    pooled = pool([result(name, *r) for name, r in zip("AB", rows)])
    assert [p.comparison for p in pooled] == ["positive_vs_rest", "IGF1R", "q3_vs_q1"]
    assert (pooled[1].cut, pooled[1].cut_scope) == ("q75", "cohort")


def test_the_frame_of_nothing_has_the_columns():
    assert pooled_frame([]).columns.tolist() == list(POOLED_COLUMNS)


def test_a_hazard_ratio_whose_interval_is_infinite_is_left_out(three):
    endless = replace(three[2].comparisons[0], hazard_ratio=HazardRatio(9.0, 0.0, math.inf, 0.9))
    (pooled,) = pool([*three[:2], result("C", endless)])
    assert pooled["random_effects"].cohorts == ("A", "B")


def test_delayed_entry_is_taken_into_account(three):
    rows = [r.comparisons[0] for r in three]
    late = replace(rows[2], entry=rows[2].time / 3)
    (pooled,) = pool([three[0], three[1], result("C", late)])
    time, event, group = (np.concatenate([getattr(r, key) for r in rows]) for key in ("time", "event", "group"))
    entry = np.concatenate([np.full(120, -1.0), late.entry])
    strata = np.repeat([0, 1, 2], 60)
    test = log_rank(time, event, group, stratification_factors=strata, entry=entry)
    assert pooled["stratified"].log_rank.chi_squared == pytest.approx(test.chi_squared, rel=1e-12)
    assert pooled["stratified"].log_rank.chi_squared != pool(three)[0]["stratified"].log_rank.chi_squared
