"""Survival: planted hazard ratios come back, endpoints agree with each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from strata.errors import PlanError
from strata.simulate import Scenario, load_scenario, shipped_scenarios, simulate_cohort
from strata.writing import CohortTables

Make = Callable[..., Scenario]
N = 20_000


def indicator(tables: CohortTables, factor: Any) -> np.ndarray:
    """Whether a factor holds, read off the tables as an analyst would."""
    if factor.assay == "clinical":
        column = tables.clinical[factor.features[0]]
        return np.array(column, dtype=float) > factor.above if factor.above is not None else np.isin(column, factor.is_)
    table = tables.numbers[factor.assay]
    z = pd.DataFrame(table.cells.T, columns=list(table.features))[list(factor.features)]
    mean = ((z - z.mean()) / z.std()).mean(axis=1)
    return (mean > mean.median()).to_numpy()


def cox(tables: CohortTables, endpoint: str, columns: dict[str, np.ndarray]) -> pd.DataFrame:
    from lifelines import CoxPHFitter

    seen = tables.endpoints[endpoint]
    data = pd.DataFrame({"time": seen.time, "event": seen.event, **columns}).astype(float)
    fit: pd.DataFrame = CoxPHFitter().fit(data, "time", "event").summary
    return fit


@pytest.mark.parametrize("name", ["figure2-breast", "additive-only", "trial-everolimus", "heavy-ties"])
def test_planted_hazard_ratios_are_recovered(complete: Make, name: str) -> None:
    scenario = complete(name, N, time_step=0.01)
    tables, _ = simulate_cohort(scenario)
    for endpoint, plan in scenario.endpoints.items():
        columns = {
            str(i): np.all([indicator(tables, factor) for factor in effect.of], axis=0)
            for i, effect in enumerate(plan.effects)
        }
        fit = cox(tables, endpoint, columns)
        planted = np.log([effect.hazard_ratio for effect in plan.effects])
        off = (fit["coef"].to_numpy() - planted) / fit["se(coef)"].to_numpy()
        assert np.abs(off).max() < 3, (endpoint, fit["coef"], planted)


def test_no_effect_has_none(complete: Make) -> None:
    scenario = complete("no-effect", N)
    tables, truth = simulate_cohort(scenario)
    mrna = tables.numbers["mrna"]
    columns = {gene: row > np.median(row) for gene, row in zip(mrna.features, mrna.cells)}
    columns["both"] = columns["IGF1R"] & columns["SPHK1"]
    columns |= {name: np.array(tables.clinical[name]) == "Positive" for name in ("er_status", "node_status")}
    for endpoint in ("OS", "DFS"):
        assert truth.endpoints[endpoint]["effects"] == []
        assert cox(tables, endpoint, columns)["z"].abs().max() < 3


def test_the_baseline_hazard_is_the_stated_one(complete: Make) -> None:
    tables, _ = simulate_cohort(complete("no-effect", N))
    for endpoint, hazard in (("OS", 0.003), ("DFS", 0.006)):
        seen = tables.endpoints[endpoint]
        events = seen.event.sum()
        assert abs(events / seen.time.sum() / hazard - 1) < 4 / np.sqrt(events)


@pytest.mark.parametrize("name", sorted(shipped_scenarios()))
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_endpoints_agree_with_each_other(name: str, seed: int) -> None:
    scenario = load_scenario(name)
    tables, truth = simulate_cohort(scenario, seed=seed)
    os = tables.endpoints["OS"]
    for endpoint, plan in scenario.endpoints.items():
        seen = tables.endpoints[endpoint]
        assert (seen.time >= scenario.time_step).all()
        assert (seen.time <= os.time).all()
        if plan.death_is_event:
            assert seen.event[os.event].all()
        elif endpoint != "OS":
            assert (seen.event | (seen.time == os.time)).all()
        assert truth.endpoints[endpoint]["events"] == (seen.event & seen.known).sum()


@pytest.mark.parametrize("seed", range(5))
def test_one_event_has_one_with_every_seed(seed: int) -> None:
    tables, _ = simulate_cohort(load_scenario("one-event"), seed=seed)
    assert {name: int(seen.event.sum()) for name, seen in tables.endpoints.items()} == {"OS": 1, "DFS": 1}


def test_heavy_ties_are_heavy() -> None:
    tables, _ = simulate_cohort(load_scenario("heavy-ties"))
    seen = tables.endpoints["DFS"]
    assert set(seen.time % 6) == {0.0}
    assert seen.event.sum() > 5 * len(set(seen.time[seen.event]))


def test_dying_faster_than_relapsing_or_dying_is_refused(complete: Make) -> None:
    keys = complete("additive-only", 50).model_dump(by_alias=True, exclude_none=True)
    keys["endpoints"]["DFS"]["hazard"] = 0.002
    with pytest.raises(PlanError, match=r"endpoints\.DFS: counts deaths but has a lower hazard than OS in 50 of 50"):
        simulate_cohort(Scenario.model_validate(keys))
