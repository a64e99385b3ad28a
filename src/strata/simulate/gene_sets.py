"""Invented gene lists and centroids on disk, made from the background genes of a scenario."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from strata.simulate.scenario import NumberAssay, Scenario
from strata.simulate.world import World
from strata.writing.text import decimals, write_table, write_text

__all__ = ["write_gene_sets"]

_INVENTED = "INVENTED for the synthetic cohort, not the published list"
_JITTER = (-0.1, 0.1)
"""Added to each cell of a centroid, since a correlation of ranks should not stand on many ties."""
_README = """# Invented gene lists

A program made these files from the scenario of the synthetic cohort `{name}`. **No list and no centroid here is
the published one**: they bear the names that the signatures ask for, and hold invented genes (the cohort's
`background`), a few real ones (`ESR1`) and invented numbers, so that every method can be tried on the synthetic cohort.
Never use them on real data.

    invented.gmt             gene lists by name
    NAME.tsv                 gene and weight
    SCHEME_centroids.tsv     genes x classes
"""


def write_gene_sets(scenario: Scenario, folder: str | Path, *, seed: int) -> None:
    """Write ``invented.gmt``, a table per weighted list, a table per set of centroids and a README that says invented.

    Raises
    ------
    InputOutputError
        When a file cannot be written.
    """
    sets, mrna = scenario.gene_sets, scenario.mrna
    if sets is None or mrna is None:
        return
    folder, world = Path(folder), World(scenario, seed)
    lists = ([name, _INVENTED, *_genes(mrna, names)] for name, names in sets.lists.items())
    write_table(folder / "invented.gmt", lists)
    for name, weights in sets.tables.items():
        rows = ([gene, f"{weight:g}"] for part, weight in weights.items() for gene in _genes(mrna, [part]))
        write_table(folder / f"{name}.tsv", [["gene", "weight"], *rows])
    for scheme, classes in sets.centroids.items():
        write_table(folder / f"{scheme}_centroids.tsv", _centroids(world, mrna, scheme, classes))
    write_text(folder / "README.md", _README.format(name=scenario.name).splitlines())


def _genes(mrna: NumberAssay, names: Iterable[str]) -> list[str]:
    """The genes of blocks and the genes named themselves, each once."""
    genes = (mrna.background[name].genes(name) if name in mrna.background else [name] for name in names)
    return list(dict.fromkeys(gene for part in genes for gene in part))


def _centroids(
    world: World, mrna: NumberAssay, scheme: str, classes: Mapping[str, Mapping[str, float]]
) -> list[list[str]]:
    parts = dict.fromkeys(part for levels in classes.values() for part in levels)
    rows = [["gene", *classes]]
    for part in parts:
        for gene in _genes(mrna, [part]):
            jitter = [world.between(_JITTER, "centroids", scheme, label, gene) for label in classes]
            cells = [levels.get(part, 0.0) + extra for levels, extra in zip(classes.values(), jitter)]
            rows.append([gene, *(decimals(cell, 3) for cell in cells)])
    return rows
