"""What the parts of a scenario say about each other."""

from __future__ import annotations

from typing import Any

import pytest

from strata.errors import PlanError
from strata.simulate import Scenario, simulate_cohort
from strata.simulate.checks import cross_check


def scenario(**keys: Any) -> Scenario:
    whole = {
        "name": "x",
        "description": "x",
        "seed": 1,
        "patients": 10,
        "clinical": {
            "er": {"values": {"pos": 0.5, "neg": 0.5}},
            "age": {"normal": {"mean": 50, "sd": 5, "low": 20, "high": 90}},
        },
        "endpoints": {"OS": {"hazard": 0.1}},
        "censoring": {"accrual": 1, "follow_up": 10},
    }
    return Scenario.model_validate({**whole, **keys})


def places(of: Scenario) -> list[str]:
    return [".".join(map(str, place)) for place, _, _ in cross_check(of)]


def effects(*factors: dict[str, Any]) -> dict[str, Any]:
    return {"OS": {"hazard": 0.1, "effects": ({"of": factors, "hazard_ratio": 2},)}}


def test_nothing_is_found_in_a_sound_scenario() -> None:
    assert cross_check(scenario()) == []


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        (
            {"copy_number": {"features": {"G": {"calls": {}, "given": ({"when": {"mutation": "M"}, "calls": {}},)}}}},
            "copy_number.features.G.given.0.when.mutation",
        ),
        (
            {
                "mutation": {
                    "panel": "P",
                    "genes": {"M": {"prevalence": 0, "given": ({"when": {"mrna": "A"}, "prevalence": 0},)}},
                }
            },
            "mutation.genes.M.given.0.when.mrna",
        ),
        (
            {"mrna": {"features": {"A": {"mean": 1, "sd": 1, "shift": ({"when": {"mrna": "A"}, "by": 1},)}}}},
            "mrna.features.A.shift.0.when.mrna",
        ),
        (
            {
                "mrna": {
                    "features": {"A": {"mean": 1, "sd": 1}},
                    "batch_shift": ({"when": {"clinical": "batch", "is": "B"}, "by": 1},),
                }
            },
            "mrna.batch_shift.0.when.clinical",
        ),
        (
            {"clinical": {"er": {"values": {"a": 1}, "later": {"post": {"values": {"a": 1}}}}}},
            "clinical.er.later.post",
        ),
        (
            {
                "later_samples": {"post": 0.5},
                "clinical": {
                    "er": {
                        "values": {"a": 1},
                        "later": {
                            "post": {"values": {"a": 1}, "given": ({"when": {"mutation": "M"}, "values": {"a": 1}},)}
                        },
                    }
                },
            },
            "clinical.er.later.post.given.0.when.mutation",
        ),
        (
            {"mrna": {"features": {"A": {"mean": 1, "sd": 1, "change": {"post": {"by": 1}}}}}},
            "mrna.features.A.change.post",
        ),
        (
            {
                "mrna": {
                    "features": {"B001": {"mean": 1, "sd": 1}},
                    "background": {"B": {"n": 2, "mean": (1, 2), "sd": (1, 2)}},
                }
            },
            "mrna.background.B",
        ),
        (
            {
                "mrna": {
                    "features": {"A": {"mean": 1, "sd": 1}},
                    "background": {
                        "B": {
                            "n": 2,
                            "mean": (1, 2),
                            "sd": (1, 2),
                            "correlated": {"assay": "mrna", "feature": "B001", "r": 0.5},
                        }
                    },
                }
            },
            "mrna.background.B.correlated.feature",
        ),
        ({"germline": {"genes": {"BRCA1": {"prevalence": 0}}}}, "germline.genes.BRCA1"),
        (
            {
                "mutation": {"panel": "P", "genes": {"M": {"prevalence": 0}}},
                "germline": {
                    "genes": {
                        "M": {"prevalence": 0, "given": ({"when": {"clinical": "x", "is": "y"}, "prevalence": 0},)}
                    }
                },
            },
            "germline.genes.M.given.0.when.clinical",
        ),
        ({"gene_sets": {"lists": {"L": ("A",)}}}, "gene_sets.lists.L"),
        (
            {"mrna": {"features": {"A": {"mean": 1, "sd": 1}}}, "gene_sets": {"tables": {"L": {"A": 1, "B": -1}}}},
            "gene_sets.tables.L",
        ),
        (
            {
                "mrna": {"features": {"A": {"mean": 1, "sd": 1}}},
                "gene_sets": {"centroids": {"S": {"X": {"A": 1}, "Y": {"B": 1}}}},
            },
            "gene_sets.centroids.S.Y",
        ),
        ({"endpoints": effects({"clinical": "age", "is": "50"})}, "endpoints.OS.effects.0.of.0"),
        ({"endpoints": effects({"clinical": "er", "above": 1})}, "endpoints.OS.effects.0.of.0"),
        (
            {"copy_number": {"features": {"G": {"calls": {}}}}, "endpoints": effects({"copy_number": "G", "is": "up"})},
            "endpoints.OS.effects.0.of.0.is",
        ),
        ({"endpoints": {"DFS": {"hazard": 1, "death_is_event": True}}}, "endpoints.DFS.death_is_event"),
    ],
)
def test_what_is_not_there_is_found(keys: dict[str, Any], place: str) -> None:
    assert places(scenario(**keys)) == [place]


def test_a_scenario_made_in_python_is_checked_too() -> None:
    with pytest.raises(PlanError, match=r"scenario x: endpoints\.OS\.effects\.0\.of\.0\.mrna: no mrna 'A'"):
        simulate_cohort(scenario(endpoints=effects({"mrna": "A"})))
