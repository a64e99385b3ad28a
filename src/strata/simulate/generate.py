"""From a scenario to tables: who has which values, and when what happens to them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from strata.errors import PlanError, Problem, UsageError
from strata.simulate.checks import cross_check
from strata.simulate.load import load_scenario
from strata.simulate.scenario import NUMBER_ASSAYS, Calls, Factor, NumberAssay, NumberFeature, Scenario, Shift
from strata.simulate.survive import Happenings, draw_endpoints
from strata.simulate.tables import MutationRow, MutationTable, NumberTable, SimulatedTables, Truth

__all__ = ["simulate_cohort"]

_GISTIC = {"homdel": -2.0, "loss": -1.0, "neutral": 0.0, "gain": 1.0, "amp": 2.0}
_DECIMALS = 3

Mask = NDArray[np.bool_]
Numbers = NDArray[np.float64]


def simulate_cohort(scenario: Scenario | str | Path, *, seed: int | None = None) -> tuple[SimulatedTables, Truth]:
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
    SimulatedTables, Truth
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
        raise UsageError(Problem("seed", f"is {seed}", "Give 0 or a positive number"))
    findings = cross_check(scenario)
    if findings:
        raise PlanError(
            Problem(f"scenario {scenario.name}: {'.'.join(map(str, place))}", what, fix)
            for place, what, fix in findings
        )
    world = _World(scenario, scenario.seed if seed is None else seed)
    clinical = _clinical(world)
    numbers: dict[str, NumberTable] = {}
    copy_number = _copy_number(world)
    mutations = _mutations(world)
    for assay in NUMBER_ASSAYS:
        table: NumberAssay | None = getattr(scenario, assay)
        if table is not None:
            numbers[assay] = _number_table(world, assay, table)
    if copy_number is not None:
        numbers["copy_number"] = copy_number
    endpoints, planted = draw_endpoints(scenario, world)
    width = max(4, len(str(scenario.patients)))
    patients = tuple(f"{scenario.id_prefix}-{i:0{width}d}" for i in range(1, scenario.patients + 1))
    tables = SimulatedTables(scenario.name, scenario.description, patients, clinical, endpoints, numbers, mutations)
    return tables, Truth(scenario.name, world.seed, world.n, planted, dict(sorted(world.medians.items())))


class _World(Happenings):
    """What is true of the patients, before anything is missing or shifted by a batch."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.scenario, self.seed, self.n = scenario, seed, scenario.patients
        self.words: dict[tuple[str, str], NDArray[np.str_]] = {}
        self.numbers: dict[tuple[str, str], Numbers] = {}
        self.noise: dict[tuple[str, str], Numbers] = {}
        self.mutated: dict[str, Mask] = {}
        self.medians: dict[str, float] = {}

    def _stream(self, *name: str) -> np.random.Generator:
        return np.random.Generator(np.random.PCG64([self.seed, *"/".join(name).encode()]))

    def uniform(self, *name: str) -> Numbers:
        return self._stream(*name).random(self.n)

    def normal(self, *name: str) -> Numbers:
        return self._stream(*name).standard_normal(self.n)

    def choose(self, tables: Sequence[dict[str, float]], which: NDArray[np.int_], *name: str) -> NDArray[np.str_]:
        """A word per patient, from the prevalences of table ``which``."""
        drawn = self.uniform(*name)
        words = np.asarray(list(tables[0]), dtype=np.str_)
        picked = np.zeros(self.n, dtype=np.int64)
        for i, table in enumerate(tables):
            upper = np.cumsum([table.get(str(word), 0.0) for word in words])
            here = which == i
            picked[here] = np.searchsorted(upper, drawn[here], side="right")
        return words[np.minimum(picked, len(words) - 1)]

    def first(self, whens: Iterable[Factor]) -> NDArray[np.int_]:
        """Per patient, 1 + the place of the first factor that is true; 0 where none is."""
        which = np.zeros(self.n, dtype=np.int64)
        for i, when in reversed(list(enumerate(whens, start=1))):
            which[self.holds(when)] = i
        return which

    def shifted(self, shifts: Iterable[Shift]) -> Numbers:
        total = np.zeros(self.n)
        for shift in shifts:
            total += np.where(self.holds(shift.when), shift.by, 0.0)
        return total

    def holds(self, factor: Factor) -> Mask:
        """Of which patients a factor is true."""
        assay, features = factor.assay, factor.features
        if assay == "mutation":
            return self.mutated[features[0]]
        if factor.above is not None:
            return self.numbers[assay, features[0]] > factor.above
        if factor.is_ is not None:
            return np.isin(self.words[assay, features[0]], factor.is_)
        columns = [self.numbers[assay, feature] for feature in features]
        if len(columns) > 1:
            columns = [(column - column.mean()) / column.std(ddof=1) for column in columns]
        marker = sum(columns, np.zeros(self.n)) / len(columns)
        median = float(np.median(marker))
        self.medians[f"{assay} {' + '.join(features)}"] = round(median, _DECIMALS)
        return marker > median

    def lost(self, share: float, *name: str) -> Mask:
        return self.uniform(*name) < share


def _clinical(world: _World) -> dict[str, tuple[str | None, ...]]:
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


def _copy_number(world: _World) -> NumberTable | None:
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
    return NumberTable(tuple(table.features), np.asarray(rows), assayed, {})


def _with_neutral(calls: Calls) -> dict[str, float]:
    shares = calls.model_dump()
    return {"neutral": max(0.0, 1.0 - sum(shares.values())), **shares}


def _number_table(world: _World, assay: str, table: NumberAssay) -> NumberTable:
    batch = world.shifted(table.batch_shift)
    rows = []
    for name, feature in table.features.items():
        world.numbers[assay, name] = _feature(world, assay, name, feature)
        measured = (world.numbers[assay, name] + batch).round(_DECIMALS)
        rows.append(np.where(world.lost(table.missing, assay, name, "missing"), np.nan, measured))
    composite = {name: feature.composite for name, feature in table.features.items() if feature.composite is not None}
    assayed = ~world.lost(table.unassayed, assay, "unassayed")
    return NumberTable(tuple(table.features), np.asarray(rows), assayed, composite)


def _feature(world: _World, assay: str, name: str, feature: NumberFeature) -> Numbers:
    noise = world.normal(assay, name)
    if feature.correlated is not None:
        r = feature.correlated.r
        other = world.noise[feature.correlated.assay, feature.correlated.feature]
        noise = r * other + np.sqrt(1.0 - r * r) * noise
    world.noise[assay, name] = noise
    return feature.mean + feature.sd * noise + world.shifted(feature.shift)


def _mutations(world: _World) -> MutationTable | None:
    plan = world.scenario.mutation
    if plan is None:
        return None
    sequenced = ~world.lost(plan.unassayed, "mutation", "unassayed")
    rows: list[MutationRow] = []
    everyone = np.zeros(world.n, dtype=np.int64)
    for name, gene in plan.genes.items():
        shares = np.asarray([gene.prevalence, *(given.prevalence for given in gene.given)])
        mutated = world.uniform("mutation", name) < shares[world.first(given.when for given in gene.given)]
        world.mutated[name] = mutated
        if gene.changes:
            total = sum(gene.changes.values())
            weights = {change: weight / total for change, weight in gene.changes.items()}
            changes = world.choose([weights], everyone, "mutation", name, "change")
            for i in np.flatnonzero(mutated & sequenced):
                rows.append(MutationRow(int(i), name, _classification(str(changes[i])), f"p.{changes[i]}"))
        codons = world.uniform("mutation", name, "codon")
        for i in np.flatnonzero(world.lost(plan.silent, "mutation", name, "silent") & sequenced):
            rows.append(MutationRow(int(i), name, "Silent", f"p.L{int(10 + codons[i] * 300)}="))
    rows.sort(key=lambda row: (row.patient, row.gene, row.change))
    return MutationTable(tuple(rows), sequenced, plan.panel, tuple(plan.genes))


def _classification(change: str) -> str:
    """What a MAF calls a protein change, from how the change is spelled."""
    spellings = (
        ("fs", "Frame_Shift_Del"),
        (r"_splice$", "Splice_Site"),
        (r"\*$", "Nonsense_Mutation"),
        ("ins|dup", "In_Frame_Ins"),
        ("del", "In_Frame_Del"),
    )
    return next((name for spelling, name in spellings if re.search(spelling, change)), "Missense_Mutation")
