"""Cohorts we invent: a scenario says what is planted, the simulator makes the tables.

They have no biological meaning and reproduce no paper. ``synthetic/README.md`` lists those that are shipped. The
writers of the layouts also write cohorts that were read (:func:`write_cohort`).
"""

from __future__ import annotations

from strata.simulate.adtte import write_adtte
from strata.simulate.cbioportal import write_cbioportal
from strata.simulate.convert import write_cohort
from strata.simulate.flat import write_flat
from strata.simulate.gct import write_gct
from strata.simulate.gdc import write_gdc
from strata.simulate.generate import simulate_cohort
from strata.simulate.geo import write_geo
from strata.simulate.h5ad import write_h5ad
from strata.simulate.load import load_scenario, shipped_scenarios, synthetic_folder
from strata.simulate.scenario import Scenario
from strata.simulate.tables import SimulatedTables, Truth
from strata.simulate.tidy import write_tidy
from strata.simulate.write import write_scenario
from strata.simulate.xena import write_xena

__all__ = [
    "Scenario",
    "SimulatedTables",
    "Truth",
    "load_scenario",
    "shipped_scenarios",
    "simulate_cohort",
    "synthetic_folder",
    "write_adtte",
    "write_cbioportal",
    "write_cohort",
    "write_flat",
    "write_gct",
    "write_gdc",
    "write_geo",
    "write_h5ad",
    "write_scenario",
    "write_tidy",
    "write_xena",
]
