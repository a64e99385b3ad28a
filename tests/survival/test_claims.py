"""What a source claims beside what the data show."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from strata.signatures import Claim, parse_signature
from strata.stratification import stratify
from strata.survival import compare_survival
from strata.survival.claims import CLAIM_COLUMNS, claim_columns


def claim(role="prognostic", effect="worse", endpoints=(), evidence="reported"):
    return Claim(role=role, effect=effect, endpoints=endpoints, evidence=evidence)


def row(ratio=2.0, p=0.01, name="positive_vs_rest"):
    """As much of a comparison as the verdict reads."""
    hazard = None if ratio is None else SimpleNamespace(value=ratio)
    return SimpleNamespace(name=name, hazard_ratio=hazard, own_p=p)


def agrees(claims, comparison, endpoint="OS", *, own_population=True):
    return claim_columns(claims, endpoint, comparison, own_population=own_population)["agrees"]


@pytest.mark.parametrize(
    ("effect", "ratio", "p", "verdict"),
    [
        ("worse", 2.0, 0.01, "yes"),
        ("worse", 0.5, 0.01, "no"),
        ("better", 0.5, 0.01, "yes"),
        ("better", 2.0, 0.01, "no"),
        ("worse", 2.0, 0.05, "not shown"),
        ("worse", 0.5, 0.3, "not shown"),
        ("worse", None, 0.01, "not estimable"),
        ("worse", 2.0, float("nan"), "not estimable"),
        ("associated", 0.5, 0.01, "yes"),
        ("associated", 2.0, 0.2, "not shown"),
        ("none", 2.0, 0.01, "no"),
        ("none", 2.0, 0.2, "not shown"),
    ],
)
def test_the_verdict(effect, ratio, p, verdict):
    assert agrees([claim(effect=effect)], row(ratio, p)) == verdict


def test_another_endpoint_or_population_is_untested():
    assert agrees([claim(endpoints=("DFS", "OS"))], row()) == "yes"
    assert agrees([claim(endpoints=("PFS",))], row()) == "untested"
    assert agrees([claim()], row(), own_population=False) == "untested"


def test_recurrence_free_answers_for_disease_free_survival():
    assert agrees([claim(endpoints=("DFS",))], row(), "RFS") == "yes"
    assert agrees([claim(endpoints=("RFS",))], row(), "DFS") == "untested"


def test_a_claim_about_a_drug_is_untested_without_a_comparison_of_treatments():
    columns = claim_columns([claim("predictive", "resistant", ("OS",))], "OS", row(), own_population=True)
    assert columns == {"claim_effect": "resistant", "claim_evidence": "reported", "agrees": "untested"}


def test_the_prognostic_claim_of_the_endpoint_comes_first():
    claims = [
        claim("predictive", "sensitive", ("OS",)),
        claim(effect="worse", endpoints=("PFS",)),
        claim(effect="worse", evidence="conflicting"),
        claim(effect="better", endpoints=("OS",), evidence="validated"),
    ]
    columns = claim_columns(claims, "OS", row(0.5), own_population=True)
    assert columns == {"claim_effect": "better", "claim_evidence": "validated", "agrees": "yes"}
    assert claim_columns(claims, "DFS", row(0.5), own_population=True)["claim_evidence"] == "conflicting"


def test_a_claim_with_a_direction_comes_before_a_mere_association():
    claims = [claim(effect="associated", endpoints=("OS",)), claim(effect="worse", evidence="conflicting")]
    assert claim_columns(claims, "OS", row(0.5), own_population=True) == {
        "claim_effect": "worse",
        "claim_evidence": "conflicting",
        "agrees": "no",
    }


@pytest.mark.parametrize("role", ["eligibility", "definition", "mechanism", "subtype", "diagnostic", "pharmacodynamic"])
def test_other_roles_are_no_claim_about_survival(role):
    nothing = dict.fromkeys(CLAIM_COLUMNS)
    if role == "definition":
        assert claim_columns([], "OS", row(), own_population=True) == nothing
    else:
        assert claim_columns([claim(role)], "OS", row(), own_population=True) == nothing


def test_only_the_question_of_the_claim_gets_a_verdict():
    for name in ("both_vs_neither", "IGF1R", "interaction", "trend"):
        assert claim_columns([claim()], "OS", row(name=name), own_population=True) == dict.fromkeys(CLAIM_COLUMNS)


def test_the_columns_stand_in_the_results(make_cohort):
    index = pd.Index([f"P{i}" for i in range(40)], name="patient")
    high = np.arange(40) >= 20
    clinical = pd.DataFrame({"er": pd.Series("positive", index=index, dtype="string")})
    time = np.where(high, 1.0, 16.0) + np.arange(40) * 7 % 40
    cohort = make_cohort(
        clinical=clinical,
        mrna=pd.DataFrame({"A": high.astype(float)}, index=index),
        endpoints={"OS": (time, [True] * 40)},
    )
    rule = {
        "name": "A",
        "positive": {"mrna": "A", "above": 0.5},
        "claims": [{"role": "prognostic", "effect": "better", "evidence": "reported"}],
    }
    mine = parse_signature(rule, id="a", where="test")
    table = compare_survival(cohort, stratify(cohort, mine), "OS").to_frame()
    assert table[list(CLAIM_COLUMNS)].iloc[0].tolist() == ["better", "reported", "no"]
    narrower = stratify(cohort, mine, population="er-positive")
    assert compare_survival(cohort, narrower, "OS").to_frame()["agrees"].iloc[0] == "untested"
