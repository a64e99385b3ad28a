"""When what happens to whom: event times with the planted hazards, and what the study gets to see of them."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from strata.errors import PlanError, Problem
from strata.simulate.factors import Factor
from strata.simulate.scenario import EndpointPlan, Scenario
from strata.writing.tables import EndpointTable

__all__ = ["Happenings", "draw_endpoints"]

Numbers = NDArray[np.float64]


class Happenings(Protocol):
    """The patients, as far as survival depends on them."""

    n: int

    def uniform(self, *name: str) -> Numbers:
        """One number in [0, 1) per patient, from the stream called ``name``."""
        raise NotImplementedError

    def holds(self, factor: Factor) -> NDArray[np.bool_]:
        """Of which patients a factor is true."""
        raise NotImplementedError


def draw_endpoints(scenario: Scenario, world: Happenings) -> tuple[dict[str, EndpointTable], dict[str, dict[str, Any]]]:
    """The endpoints of a scenario, and what was planted in each.

    An endpoint that counts deaths happens at ``min(own event, death)``. Its own event has the planted hazard less the
    hazard of death, so that the endpoint as a whole has exactly the planted one: the minimum of two independent
    exponential times is exponential with the sum of their hazards. Hence DFS <= OS, and both have proportional hazards.
    An endpoint that does not count deaths is censored by them.
    """
    censored = _censoring(scenario, world)
    hazards = {name: _hazard(plan, world) for name, plan in scenario.endpoints.items()}
    death = np.full(world.n, np.inf)
    if "OS" in hazards:
        death = _times("OS", scenario.endpoints["OS"], hazards["OS"], censored, world)
    endpoints, planted = {}, {}
    for name, plan in scenario.endpoints.items():
        own = death
        if name != "OS":
            hazard = hazards[name]
            if plan.death_is_event:
                hazard = _without_death(scenario, name, hazard, hazards["OS"])
            own = _times(name, plan, hazard, censored, world)
        happens = np.minimum(own, death) if plan.death_is_event else own
        seen_until = censored if plan.death_is_event else np.minimum(censored, death)
        event = happens <= seen_until
        time = np.maximum(np.ceil(np.minimum(happens, seen_until) / scenario.time_step), 1.0) * scenario.time_step
        known = world.uniform("endpoint", name, "missing") >= plan.missing
        endpoints[name] = EndpointTable(time.round(2), event, known)
        planted[name] = _planted(plan, world, int((event & known).sum()))
    return endpoints, planted


def _exponential(world: Happenings, *name: str) -> Numbers:
    """Times with hazard 1."""
    return np.asarray(-np.log1p(-world.uniform(*name)))


def _at_hazard(unit: Numbers, hazard: Numbers) -> Numbers:
    return np.asarray(np.divide(unit, hazard, out=np.full(len(unit), np.inf), where=hazard > 0))


def _times(name: str, plan: EndpointPlan, hazard: Numbers, censored: Numbers, world: Happenings) -> Numbers:
    times = _at_hazard(_exponential(world, "endpoint", name), hazard)
    if plan.max_events is not None:
        times[np.flatnonzero(times <= censored)[plan.max_events :]] = np.inf
    return times


def _hazard(plan: EndpointPlan, world: Happenings) -> Numbers:
    hazard = np.full(world.n, plan.hazard)
    for effect in plan.effects:
        hazard[_all(effect.of, world)] *= effect.hazard_ratio
    return hazard


def _all(factors: tuple[Factor, ...], world: Happenings) -> NDArray[np.bool_]:
    return np.asarray(np.all([world.holds(factor) for factor in factors], axis=0))


def _without_death(scenario: Scenario, name: str, hazard: Numbers, death: Numbers) -> Numbers:
    rest = hazard - death
    # rounding in two equal products is no contradiction
    too_low = rest < -1e-12 * death
    if too_low.any():
        raise PlanError(
            Problem(
                f"scenario {scenario.name}: endpoints.{name}",
                f"counts deaths but has a lower hazard than OS in {int(too_low.sum())} of {len(hazard)} patients",
                "Raise its hazard or its hazard ratios, or lower those of OS",
                code="E640",
            )
        )
    return np.maximum(rest, 0.0)


def _censoring(scenario: Scenario, world: Happenings) -> Numbers:
    plan = scenario.censoring
    in_study = plan.accrual * (1.0 - world.uniform("censoring", "entry")) + plan.follow_up
    leaves = _at_hazard(_exponential(world, "censoring", "drop_out"), np.full(world.n, plan.drop_out))
    return np.minimum(in_study, leaves)


def _planted(plan: EndpointPlan, world: Happenings, events: int) -> dict[str, Any]:
    effects = [
        {
            "of": [str(factor) for factor in effect.of],
            "hazard_ratio": effect.hazard_ratio,
            "patients": int(_all(effect.of, world).sum()),
        }
        for effect in plan.effects
    ]
    return {
        "hazard_per_month": plan.hazard,
        "death_is_event": plan.death_is_event,
        "events": events,
        "effects": effects,
    }
