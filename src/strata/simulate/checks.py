"""What a scenario's parts say about each other: every name that is used exists, and is drawn before it is used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

from strata.simulate.factors import NUMBER_ASSAYS, Factor
from strata.simulate.scenario import Background, NumberFeature, Scenario

__all__ = ["Finding", "cross_check"]

Place = tuple[str | int, ...]
Finding = tuple[Place, str, str]
"""Where in the scenario, what is wrong there, and how to mend it."""

_CALLS = ("amp", "gain", "neutral", "loss", "homdel")


def cross_check(scenario: Scenario) -> list[Finding]:
    """Everything in a scenario that refers to what is not there, in the order in which parts are drawn."""
    return [*_tables(scenario), *_germline(scenario), *_gene_sets(scenario), *_endpoints(scenario)]


def _tables(scenario: Scenario) -> Iterator[Finding]:
    known: dict[str, list[str]] = {"clinical": []}
    yield from _columns(scenario, known)
    if scenario.copy_number is not None:
        for name, gene in scenario.copy_number.features.items():
            for i, given_calls in enumerate(gene.given):
                place = ("copy_number", "features", name, "given", i, "when")
                yield from _factor(scenario, given_calls.when, known, place)
        known["copy_number"] = list(scenario.copy_number.features)
    if scenario.mutation is not None:
        for name, mutated in scenario.mutation.genes.items():
            for i, given_share in enumerate(mutated.given):
                yield from _factor(scenario, given_share.when, known, ("mutation", "genes", name, "given", i, "when"))
        known["mutation"] = list(scenario.mutation.genes)
    yield from _numbers(scenario, known)


def _columns(scenario: Scenario, known: dict[str, list[str]]) -> Iterator[Finding]:
    for name, column in scenario.clinical.items():
        for i, given in enumerate(column.given):
            yield from _factor(scenario, given.when, known, ("clinical", name, "given", i, "when"))
        known["clinical"].append(name)
        for time, words in column.later.items():
            for i, given in enumerate(words.given):
                yield from _factor(scenario, given.when, known, ("clinical", name, "later", time, "given", i, "when"))
        yield from _times(scenario, column.later, ("clinical", name, "later"))
        yield from _times(scenario, column.change, ("clinical", name, "change"))


def _numbers(scenario: Scenario, known: dict[str, list[str]]) -> Iterator[Finding]:
    drawn: dict[str, list[str]] = {assay: [] for assay in NUMBER_ASSAYS}
    for assay in NUMBER_ASSAYS:
        table = getattr(scenario, assay)
        if table is None:
            continue
        for i, shift in enumerate(table.batch_shift):
            yield from _factor(scenario, shift.when, known, (assay, "batch_shift", i, "when"))
        for name, feature in table.features.items():
            place: Place = (assay, "features", name)
            yield from _feature(scenario, feature, known, drawn, place)
            yield from _times(scenario, feature.change, (*place, "change"))
            drawn[assay].append(name)
        for name, block in table.background.items():
            yield from _feature(scenario, block, known, drawn, (assay, "background", name))
            drawn[assay] += block.genes(name)
            twice = sorted(set(block.genes(name)) & set(table.features))
            if twice:
                yield (assay, "background", name), f"makes {', '.join(twice)}, which are features", "Rename the block"


def _feature(
    scenario: Scenario,
    feature: NumberFeature | Background,
    known: Mapping[str, list[str]],
    drawn: Mapping[str, list[str]],
    place: Place,
) -> Iterator[Finding]:
    for i, shift in enumerate(feature.shift):
        yield from _factor(scenario, shift.when, known, (*place, "shift", i, "when"))
    if feature.correlated is not None:
        other = feature.correlated
        yield from _name(other.feature, drawn[other.assay], (*place, "correlated", "feature"), other.assay)


def _times(scenario: Scenario, times: Iterable[str], place: Place) -> Iterator[Finding]:
    for time in times:
        yield from _name(time, scenario.later_samples, (*place, time), "time point of later_samples")


def _germline(scenario: Scenario) -> Iterator[Finding]:
    if scenario.germline is None:
        return
    panel = list(scenario.mutation.genes) if scenario.mutation is not None else []
    for name, gene in scenario.germline.genes.items():
        yield from _name(name, panel, ("germline", "genes", name), "gene of the mutation panel")
        for i, given in enumerate(gene.given):
            known = {"clinical": list(scenario.clinical), "mutation": panel}
            yield from _factor(scenario, given.when, known, ("germline", "genes", name, "given", i, "when"))


def _gene_sets(scenario: Scenario) -> Iterator[Finding]:
    sets = scenario.gene_sets
    if sets is None:
        return
    mrna = scenario.mrna
    known = [*mrna.features, *mrna.background] if mrna is not None else []
    parts: list[tuple[Place, Iterable[str]]] = [
        *((("gene_sets", "lists", name), names) for name, names in sets.lists.items()),
        *((("gene_sets", "tables", name), weights) for name, weights in sets.tables.items()),
        *(
            (("gene_sets", "centroids", scheme, label), levels)
            for scheme, classes in sets.centroids.items()
            for label, levels in classes.items()
        ),
    ]
    for place, names in parts:
        for name in names:
            yield from _name(name, known, place, "gene or background block of mrna")


def _endpoints(scenario: Scenario) -> Iterator[Finding]:
    known = {"clinical": list(scenario.clinical)}
    if scenario.copy_number is not None:
        known["copy_number"] = list(scenario.copy_number.features)
    if scenario.mutation is not None:
        known["mutation"] = list(scenario.mutation.genes)
    known |= {assay: list(table.features) for assay in NUMBER_ASSAYS if (table := getattr(scenario, assay)) is not None}
    for name, endpoint in scenario.endpoints.items():
        if endpoint.death_is_event and (name == "OS" or "OS" not in scenario.endpoints):
            yield (
                ("endpoints", name, "death_is_event"),
                "death is the endpoint OS",
                "Say it of another endpoint, beside OS",
            )
        for i, effect in enumerate(endpoint.effects):
            for j, factor in enumerate(effect.of):
                yield from _factor(scenario, factor, known, ("endpoints", name, "effects", i, "of", j))


def _factor(scenario: Scenario, factor: Factor, known: Mapping[str, list[str]], place: Place) -> Iterator[Finding]:
    for feature in factor.features:
        missing = list(_name(feature, known.get(factor.assay, ()), (*place, factor.assay), factor.assay))
        yield from missing
        if missing:
            continue
        if factor.assay == "clinical":
            yield from _clinical(scenario, factor, (*place, "is"))
        elif factor.assay == "copy_number":
            for word in factor.is_ or ():
                yield from _name(word, _CALLS, (*place, "is"), "call")


def _clinical(scenario: Scenario, factor: Factor, place: Place) -> Iterator[Finding]:
    column = scenario.clinical[factor.features[0]]
    if (column.normal is None) != (factor.above is None):
        fix = "A column with 'values' takes 'is', one with 'normal' takes 'above'"
        yield place[:-1], "compares words with a number, or a number with words", fix
    elif column.values is not None:
        for word in factor.is_ or ():
            yield from _name(word, column.values, place, "value")


def _name(name: str, known: Iterable[str], place: Place, kind: str) -> Iterator[Finding]:
    names = list(known)
    if name not in names:
        close = get_close_matches(name, names, n=1)
        fix = f"Did you mean {close[0]!r}?" if close else f"Listed before this: {', '.join(names) or 'none'}"
        yield place, f"no {kind} {name!r} to refer to", fix
