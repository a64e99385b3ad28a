"""A scenario on disk: both layouts, the invented gene lists and what was planted."""

from __future__ import annotations

import json
from pathlib import Path

from strata.simulate.gene_sets import write_gene_sets
from strata.simulate.generate import simulate_cohort
from strata.simulate.load import load_scenario
from strata.simulate.scenario import Scenario
from strata.simulate.truth import Truth
from strata.writing.cbioportal import write_cbioportal
from strata.writing.flat import write_flat
from strata.writing.text import write_text

__all__ = ["write_scenario"]


def write_scenario(scenario: Scenario | str | Path, folder: str | Path, *, seed: int | None = None) -> Truth:
    """Simulate a scenario and write ``flat/``, ``cbioportal/`` and ``truth.json`` into a folder.

    A scenario with invented gene lists writes them into ``gene-sets/``.

    Parameters
    ----------
    scenario : Scenario, str or Path
        A scenario, the name of a shipped one, or its file.
    folder : str or Path
        Made when absent; files of the same name are replaced.
    seed : int, optional
        Instead of the scenario's own.

    Returns
    -------
    Truth
        What was planted.

    Raises
    ------
    PlanError, UsageError
        See ``load_scenario`` and ``simulate_cohort``.
    InputOutputError
        When a file cannot be written.
    """
    if not isinstance(scenario, Scenario):
        scenario = load_scenario(scenario)
    tables, truth = simulate_cohort(scenario, seed=seed)
    folder = Path(folder)
    write_flat(tables, folder / "flat")
    write_cbioportal(tables, folder / "cbioportal")
    write_gene_sets(scenario, folder / "gene-sets", seed=truth.seed)
    write_text(folder / "truth.json", [json.dumps(truth.to_dict(), indent=2)])
    return truth
