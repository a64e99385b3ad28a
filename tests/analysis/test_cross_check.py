"""The second opinion: it agrees on the committed cohorts, and it would say so if it did not."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import pytest

from strata import run_plan
from strata.analysis import CrossCheck
from strata.analysis.cross_check import cross_check


@pytest.mark.parametrize("name", ["figure2-breast", "one-event", "heavy-ties", "additive-only", "no-effect"])
def test_lifelines_agrees_on_every_number(plan_of, name):
    plan = plan_of(name, signatures=["igf1r-sphk1-high", "igf1r-high"], endpoints=["DFS", "OS"])
    results = run_plan(plan, check=True)
    check = results.cohorts[0].cross_check
    assert check.largest < 1e-8
    rows = [row for result in results.comparisons() for row in result.comparisons]
    tests = sum(row.log_rank is not None for row in rows) + sum(row.hazard_ratio is not None for row in rows)
    curves = sum(
        group.n > 0
        for row in rows
        if row.name not in ("interaction", "expected_both_vs_neither")
        for group in row.groups
    )
    assert (check.compared, check.skipped) == (tests + curves, 0)


def test_quantile_groups_and_adjusted_models(plan_of):
    quantiles = run_plan(plan_of("heavy-ties", cut="tertiles"), check=True)
    check = quantiles.cohorts[0].cross_check
    assert check.largest < 1e-8
    assert check.skipped == 1  # the trend
    adjusted = run_plan(plan_of("figure2-breast", covariates=["age"]), check=True).cohorts[0].cross_check
    assert (adjusted.hazard_ratio, adjusted.log_rank, adjusted.skipped) == (0, 0, 2)


@pytest.fixture
def result(plan_of):
    return next(run_plan(plan_of("heavy-ties")).comparisons())


def changed(result, **values):
    return replace(result, comparisons=(replace(result.comparisons[0], **values),))


def test_curves_with_competing_events_are_left_out_and_counted(result):
    row = result.comparisons[0]
    check = cross_check([changed(result, competing=~row.event)])
    assert (check.curves, check.compared, check.skipped) == (0, 2, len(row.groups))


def test_delayed_entry_is_left_out_and_counted(result):
    row = result.comparisons[0]
    check = cross_check([changed(result, entry=row.time * 0.5)])
    assert (check.compared, check.skipped) == (0, len(row.groups) + 2)


def test_a_wrong_number_is_seen(result):
    row = result.comparisons[0]
    hazard = replace(row.hazard_ratio, value=row.hazard_ratio.value * 1.01)
    assert cross_check([changed(result, hazard_ratio=hazard)]).hazard_ratio == pytest.approx(0.01 / 1.01, rel=1e-6)
    test = replace(row.log_rank, chi_squared=row.log_rank.chi_squared * 1.01)
    assert cross_check([changed(result, log_rank=test)]).log_rank == pytest.approx(0.01 / 1.01, rel=1e-6)
    curve = replace(row.groups[0].curve, survival=row.groups[0].curve.survival * 0.5)
    groups = (replace(row.groups[0], curve=curve), row.groups[1])
    assert cross_check([changed(result, groups=groups)]).curves == pytest.approx(1)
    assert cross_check([changed(result)]).largest < 1e-8


def test_a_number_that_only_one_has_is_no_agreement(result):
    hazard = replace(result.comparisons[0].hazard_ratio, value=float("nan"))
    assert cross_check([changed(result, hazard_ratio=hazard)]).largest == inf


def test_sums():
    total = CrossCheck(1e-9, 2e-9, 0, 3, 1) + CrossCheck(2e-9, 1e-9, 5e-9, 4, 0)
    assert total == CrossCheck(2e-9, 2e-9, 5e-9, 7, 1)
    assert total.largest == 5e-9
    assert CrossCheck().largest == 0
