"""Cohorts we invent: a scenario says what is planted, the simulator makes the tables.

They have no biological meaning and reproduce no paper. ``synthetic/README.md`` lists those that are shipped;
``strata.writing`` writes them.
"""

from __future__ import annotations

from strata.simulate.generate import simulate_cohort
from strata.simulate.load import load_scenario, shipped_scenarios, synthetic_folder
from strata.simulate.scenario import Scenario
from strata.simulate.truth import Truth
from strata.simulate.write import write_scenario

__all__ = [
    "Scenario",
    "Truth",
    "load_scenario",
    "shipped_scenarios",
    "simulate_cohort",
    "synthetic_folder",
    "write_scenario",
]
