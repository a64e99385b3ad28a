"""Cohorts we invent: a scenario says what is planted, the simulator makes the tables.

They have no biological meaning and reproduce no paper. ``synthetic/README.md`` lists the scenarios that are shipped.
"""

from __future__ import annotations

from strata.simulate.cbioportal import write_cbioportal
from strata.simulate.flat import write_flat
from strata.simulate.generate import simulate_cohort
from strata.simulate.load import load_scenario, shipped_scenarios, synthetic_folder
from strata.simulate.scenario import Scenario
from strata.simulate.tables import SimulatedTables, Truth
from strata.simulate.write import write_scenario

__all__ = [
    "Scenario",
    "SimulatedTables",
    "Truth",
    "load_scenario",
    "shipped_scenarios",
    "simulate_cohort",
    "synthetic_folder",
    "write_cbioportal",
    "write_flat",
    "write_scenario",
]
