"""Which signatures ask for a searched cut, and what stratify says about it; mixture cuts through stratify."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from strata.errors import UsageError
from strata.scoring import CohortSource, CutPoint
from strata.signatures import needs_of, parse_signature
from strata.stratification import CutPoints, is_searched, searched_signature, stratify, stratify_in


def signature(positive, **more):
    return parse_signature({"name": "made", "positive": positive} | more, id="made", where="test")


OPTIMAL = signature({"mrna": "A", "above": "optimal"})
MEDIAN = signature({"mrna": "A", "below": "median"})
FIXED = signature({"mrna": "A", "above": 3})
PAIR = signature(
    {"all": [{"mrna": "A", "above": "optimal"}, {"mrna": "B", "above": "optimal"}]},
    score={"sum": [{"mrna": "A"}, {"mrna": "B"}]},
)
OTHER = parse_signature({"name": "o", "positive": {"signature": "made"}}, id="other", where="test")


@pytest.fixture
def cohort(make_cohort):
    index = pd.Index([f"P{i}" for i in range(6)], name="patient")
    mrna = pd.DataFrame({"A": [1.0, 2, 3, 4, 5, np.nan], "B": [6.0, 5, 4, 3, 2, 1]}, index=index)
    return make_cohort(clinical=pd.DataFrame(index=index), mrna=mrna)


@pytest.mark.parametrize(
    ("made", "cut", "searched"),
    [
        (OPTIMAL, None, True),
        (OPTIMAL, "median", False),  # the cut replaces it
        (MEDIAN, None, False),
        (MEDIAN, "optimal", True),
        (FIXED, "optimal", False),  # a number is never replaced
        (PAIR, None, True),
        (OTHER, None, True),
    ],
)
def test_when_a_cut_is_searched(made, cut, searched):
    assert is_searched(made, cut, {"made": OPTIMAL}) is searched


def test_what_is_searched():
    assert str(searched_signature(MEDIAN, {}).positive) == "mrna A below optimal"
    assert str(searched_signature(FIXED, {}).positive) == "mrna A above optimal"
    assert str(searched_signature(OTHER, {"made": MEDIAN}).positive) == "mrna A below optimal"
    assert str(searched_signature(PAIR, {}).positive) == "sum(mrna A, mrna B) above optimal"
    assert str(searched_signature(MEDIAN, {}).score) == "mrna A"


def test_several_parts_without_a_score_have_no_number_to_search():
    rule = signature({"any": [{"mrna": "A", "above": "median"}, {"mrna": "B", "above": "median"}]})
    with pytest.raises(UsageError, match="its rule is not one comparison of a number, and it has no score"):
        searched_signature(rule, {})


@pytest.mark.parametrize(("made", "cut"), [(OPTIMAL, None), (MEDIAN, "optimal")])
def test_stratify_does_not_know_the_endpoint(cohort, made, cut):
    with pytest.raises(UsageError, match=r"searched on an endpoint.*search_cut_point.*strata cutpoint"):
        stratify(cohort, made, cut=cut, library={})


@pytest.mark.parametrize(("made", "cut"), [(OPTIMAL, None), (MEDIAN, "optimal"), (PAIR, "optimal")])
def test_stratify_applies_a_searched_cut(cohort, made, cut):
    number = str(searched_signature(made, {}).score)
    points = CutPoints("made", "elsewhere", "all", "population", (CutPoint(number, "optimal", 3.0, 80, 1),))
    strata = stratify(cohort, made, cut=cut, cut_points=points, library={})
    known = {"A": ("negative", "negative", "negative", "positive", "positive")}["A"]
    if made is MEDIAN:
        known = ("positive", "positive", "negative", "negative", "negative")
    if made is PAIR:
        known = ("positive",) * 5
    assert tuple(strata.to_frame()["call"]) == (*known, "unknown")
    assert strata.notes == ("cut-points learned on elsewhere, applied to made",)
    assert strata.cut == "optimal"


@pytest.mark.parametrize(
    ("made", "reason"),
    [(OPTIMAL, "a searched cut needs an endpoint"), (PAIR, "a cut is searched for one number at a time")],
)
def test_a_run_without_a_search_says_why_nobody_is_called(cohort, made, reason):
    strata = stratify_in(CohortSource(cohort, needs_of(made, {})), made, library={})
    assert strata.absent
    assert strata.reasons[0].startswith(reason)
    assert strata.counts["unknown"] == 6


def test_cut_points_of_a_signature_without_cuts_are_not_said_to_be_applied(cohort):
    nothing = CutPoints("made", "elsewhere", "all", "population")
    assert stratify(cohort, FIXED, cut_points=nothing, library={}).notes == ()


def test_a_mixture_cut_says_how_bimodal_or_why_not(make_cohort):
    index = pd.Index([f"P{i}" for i in range(200)], name="patient")
    draws = np.random.default_rng(3).normal(size=200)
    mrna = pd.DataFrame({"A": draws + np.repeat([0, 9], 100), "B": draws}, index=index)
    cohort = make_cohort(clinical=pd.DataFrame(index=index), mrna=mrna)
    strata = stratify(cohort, signature({"mrna": "A", "above": "mixture"}), library={})
    assert strata.counts["positive"] == strata.counts["negative"] == 100
    assert strata.notes[0].startswith("mixture of mrna A: bimodality index 4.")
    assert strata.cut == "mixture"
    strata = stratify(cohort, signature({"mrna": "B", "above": "median"}), cut="mixture", library={})
    assert strata.counts["unknown"] == 200
    assert any(reason.startswith("mixture of mrna B: one component fits better") for reason in strata.reasons)
