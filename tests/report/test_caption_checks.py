"""What a caption says about the numbers beside."""

from __future__ import annotations

from dataclasses import replace

import pytest

from strata.analysis import Plan
from strata.report.caption_checks import checks_in_words
from strata.survival import Checks


@pytest.fixture
def drawn(results):
    """A comparison of the bundled cohort, with checks of one's own."""
    first = next(results.comparisons())["positive_vs_rest"]
    return lambda **checks: replace(first, checks=Checks(**checks))


def words(drawn, **keys):
    return list(checks_in_words(drawn, Plan(cohorts=["x"], **keys)))


def test_nothing_is_said_where_nothing_is_special(drawn):
    assert words([drawn(ph_p=0.5)]) == []


def test_a_permutation_p_says_what_it_is_and_what_it_assumes(drawn):
    (said,) = words([drawn(), drawn(permutation_p=0.01, permutations=0)], sparse_patients=25)
    assert said.startswith(
        "Strata below 25 patients or 10 events: permutation P of the log-rank test (it assumes that "
    )
    assert "Firth" in said


def test_hazards_that_are_not_proportional_are_counted(drawn):
    (said,) = words([drawn(ph_p=0.049), drawn(ph_p=0.05), drawn(ph_p=0.001)])
    assert said.startswith("Hazards are not proportional (P < 0.05) in 2 of 3 panels")


def test_curves_with_competing_events_are_named(drawn):
    comparison = drawn()
    (said,) = words([replace(comparison, competing=~comparison.event)])
    assert said.startswith("Where the endpoint names competing events, curves are 1 − cumulative incidence")


def test_factors_and_landmark(drawn):
    assert words([drawn()], stratify_by=["grade", "site"], landmark=6) == [
        "HR and log-rank test stratified by grade, site.",
        "Time starts at a landmark of 6 months.",
    ]


def test_delayed_entry_is_said(drawn):
    comparison = drawn()
    late = replace(comparison, entry=comparison.time - 1)
    assert words([comparison, late]) == ["Delayed entry: patients are at risk from their entry on."]
