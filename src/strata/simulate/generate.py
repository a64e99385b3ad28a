"""From a scenario to tables: who has which values, and when what happens to them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from strata.errors import PlanError, Problem, UsageError
from strata.simulate.checks import cross_check
from strata.simulate.factors import NUMBER_ASSAYS
from strata.simulate.load import load_scenario
from strata.simulate.scenario import Background, Calls, NumberAssay, NumberFeature, Scenario
from strata.simulate.survive import draw_endpoints
from strata.simulate.truth import Truth
from strata.simulate.variants import draw_genotypes, draw_germline, draw_mutations
from strata.simulate.world import DECIMALS, Numbers, World
from strata.writing.tables import CohortTables, NumberTable
from strata.writing.text import calls

__all__ = ["simulate_cohort"]

_GISTIC = {"homdel": -2.0, "loss": -1.0, "neutral": 0.0, "gain": 1.0, "amp": 2.0}


def simulate_cohort(scenario: Scenario | str | Path, *, seed: int | None = None) -> tuple[CohortTables, Truth]:
    """Draw a cohort from a scenario.

    Every column, feature and endpoint draws from a stream of its own (PCG64 seeded with the seed and its name), so
    adding a gene to a scenario changes no other gene. Times are exponential: with the planted hazard ratios hazards
    are proportional, and ``time = min(event, drop-out, end of study)``.

    Parameters
    ----------
    scenario : Scenario, str or Path
        A scenario, the name of a shipped one, or its file.
    seed : int, optional
        Instead of the scenario's own.

    Returns
    -------
    CohortTables, Truth
        The tables as a reader would meet them, and what was planted.

    Raises
    ------
    PlanError
        When the scenario refers to what it does not hold, or an endpoint that counts deaths is planted with a lower
        hazard than death itself.
    UsageError
        When the seed is negative.
    """
    if not isinstance(scenario, Scenario):
        scenario = load_scenario(scenario)
    if seed is not None and seed < 0:
        raise UsageError(Problem("seed", f"is {seed}", "Give 0 or a positive number", code="E703"))
    findings = cross_check(scenario)
    if findings:
        raise PlanError(
            Problem(f"scenario {scenario.name}: {'.'.join(map(str, place))}", what, fix, code="E640")
            for place, what, fix in findings
        )
    world = World(scenario, scenario.seed if seed is None else seed)
    clinical = _clinical(world)
    later_clinical = {time: _later_clinical(world, time) for time in world.later}
    numbers: dict[str, NumberTable] = {}
    copy_number = _copy_number(world)
    mutations = draw_mutations(world)
    germline = draw_germline(world, mutations)
    genotyped, genotypes = draw_genotypes(world)
    for assay in NUMBER_ASSAYS:
        table: NumberAssay | None = getattr(scenario, assay)
        if table is not None:
            numbers[assay] = _number_table(world, assay, table)
    if copy_number is not None:
        numbers["copy_number"] = copy_number
    endpoints, planted = draw_endpoints(scenario, world)
    width = max(4, len(str(scenario.patients)))
    patients = tuple(f"{scenario.id_prefix}-{i:0{width}d}" for i in range(1, scenario.patients + 1))
    tables = CohortTables(
        name=scenario.name,
        description=scenario.description,
        patients=patients,
        clinical=clinical,
        endpoints=endpoints,
        numbers=numbers,
        mutations=mutations,
        germline=germline,
        genotypes=genotypes,
        genotyped=genotyped,
        later_samples=world.later,
        later_clinical=later_clinical,
    )
    return tables, Truth(scenario.name, world.seed, world.n, planted, dict(sorted(world.medians.items())))


def _clinical(world: World) -> dict[str, tuple[str | None, ...]]:
    shown: dict[str, tuple[str | None, ...]] = {}
    for name, column in world.scenario.clinical.items():
        if column.normal is not None:
            n = column.normal
            values = np.clip(n.mean + n.sd * world.normal("clinical", name), n.low, n.high).round(n.decimals)
            world.numbers["clinical", name] = values
            texts = [f"{value:.{n.decimals}f}" for value in values]
        else:
            tables = [column.values or {}, *(given.values for given in column.given)]
            which = world.first(given.when for given in column.given)
            world.words["clinical", name] = world.choose(tables, which, "clinical", name)
            texts = [str(word) for word in world.words["clinical", name]]
        lost = world.lost(column.missing, "clinical", name, "missing")
        shown[name] = tuple(None if gone else text for text, gone in zip(texts, lost))
    return shown


def _later_clinical(world: World, time: str) -> dict[str, tuple[str | None, ...]]:
    """The columns that were measured again at ``time``; None for patients without a sample then."""
    shown: dict[str, tuple[str | None, ...]] = {}
    for name, column in world.scenario.clinical.items():
        if (words := column.later.get(time)) is not None:
            tables = [words.values, *(given.values for given in words.given)]
            which = world.first(given.when for given in words.given)
            texts = [str(word) for word in world.choose(tables, which, "clinical", name, time)]
        elif (change := column.change.get(time)) is not None and (n := column.normal) is not None:
            drawn = world.numbers["clinical", name] + change.by + change.sd * world.normal("clinical", name, time)
            texts = [f"{value:.{n.decimals}f}" for value in np.clip(drawn, n.low, n.high).round(n.decimals)]
        else:
            continue
        lost = world.lost(column.missing, "clinical", name, time, "missing") | ~world.later[time]
        shown[name] = tuple(None if gone else text for text, gone in zip(texts, lost))
    return shown


def _copy_number(world: World) -> NumberTable | None:
    table = world.scenario.copy_number
    if table is None:
        return None
    rows = []
    for name, gene in table.features.items():
        tables = [_with_neutral(gene.calls), *(_with_neutral(given.calls) for given in gene.given)]
        words = world.choose(tables, world.first(given.when for given in gene.given), "copy_number", name)
        world.words["copy_number", name] = words
        row = np.asarray([_GISTIC[str(word)] for word in words])
        rows.append(np.where(world.lost(table.missing, "copy_number", name, "missing"), np.nan, row))
    assayed = ~world.lost(table.unassayed, "copy_number", "unassayed")
    return NumberTable(tuple(table.features), np.asarray(rows), assayed, {}, spell=calls)


def _with_neutral(calls: Calls) -> dict[str, float]:
    shares = calls.model_dump()
    return {"neutral": max(0.0, 1.0 - sum(shares.values())), **shares}


def _number_table(world: World, assay: str, table: NumberAssay) -> NumberTable:
    batch = world.shifted(table.batch_shift)
    assayed = ~world.lost(table.unassayed, assay, "unassayed")
    features = {**table.features, **_background(world, assay, table.background)}
    rows = []
    later: dict[str, dict[str, Numbers]] = {}
    for name, feature in features.items():
        world.numbers[assay, name] = _feature(world, assay, name, feature)
        rows.append(_measured(world, world.numbers[assay, name] + batch, table.missing, assay, name))
        for time, change in feature.change.items():
            then = world.numbers[assay, name] + change.by + change.sd * world.normal(assay, name, time) + batch
            seen = _measured(world, then, table.missing, assay, name, time)
            later.setdefault(time, {})[name] = np.where(assayed & world.later[time], seen, np.nan)
    composite = {name: feature.composite for name, feature in features.items() if feature.composite is not None}
    return NumberTable(tuple(features), np.asarray(rows), assayed, composite, later)


def _measured(world: World, values: Numbers, missing: float, *name: str) -> Numbers:
    return np.where(world.lost(missing, *name, "missing"), np.nan, values.round(DECIMALS))


def _background(world: World, assay: str, blocks: Mapping[str, Background]) -> dict[str, NumberFeature]:
    """The genes of the background blocks as features."""
    return {
        gene: NumberFeature(
            mean=world.between(block.mean, assay, gene, "mean"),
            sd=world.between(block.sd, assay, gene, "sd"),
            correlated=block.correlated,
            shift=block.shift,
        )
        for name, block in blocks.items()
        for gene in block.genes(name)
    }


def _feature(world: World, assay: str, name: str, feature: NumberFeature) -> Numbers:
    noise = world.normal(assay, name)
    if feature.correlated is not None:
        r = feature.correlated.r
        other = world.noise[feature.correlated.assay, feature.correlated.feature]
        noise = r * other + np.sqrt(1.0 - r * r) * noise
    world.noise[assay, name] = noise
    return feature.mean + feature.sd * noise + world.shifted(feature.shift)
