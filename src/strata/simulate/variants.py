"""Mutations, inherited changes and genotypes of a scenario."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from strata.simulate.scenario import MutatedGene, Variant
from strata.simulate.world import Mask, World
from strata.writing.tables import MutationRow, MutationTable

__all__ = ["draw_genotypes", "draw_germline", "draw_mutations"]


def draw_mutations(world: World) -> MutationTable | None:
    """The somatic mutations, and who was sequenced."""
    plan = world.scenario.mutation
    if plan is None:
        return None
    sequenced = ~world.lost(plan.unassayed, "mutation", "unassayed")
    rows: list[MutationRow] = []
    for name, gene in plan.genes.items():
        world.mutated[name], found = _mutated(world, "mutation", name, gene, sequenced)
        rows += found
        codons = world.uniform("mutation", name, "codon")
        for i in np.flatnonzero(world.lost(plan.silent, "mutation", name, "silent") & sequenced):
            rows.append(MutationRow(int(i), name, "Silent", f"p.L{int(10 + codons[i] * 300)}="))
    return MutationTable(_in_order(rows), sequenced, plan.panel, tuple(plan.genes))


def draw_germline(world: World, mutations: MutationTable | None) -> MutationTable | None:
    """The inherited changes of those who were sequenced, in the genes of the same panel."""
    plan = world.scenario.germline
    if plan is None or mutations is None or not plan.genes:
        return None
    rows: list[MutationRow] = []
    for name, gene in plan.genes.items():
        rows += _mutated(world, "germline", name, gene, mutations.sequenced)[1]
    return MutationTable(_in_order(rows), mutations.sequenced, mutations.panel, mutations.genes)


def draw_genotypes(world: World) -> tuple[Mask, Mapping[str, tuple[str | None, ...]]]:
    """Who was genotyped, and the genotype of each variant per patient, None where missing."""
    plan = world.scenario.germline
    if plan is None:
        return np.zeros(world.n, dtype=bool), {}
    drawn = {}
    for name, variant in plan.variants.items():
        everyone = np.zeros(world.n, dtype=np.int64)
        words = world.choose([_hardy_weinberg(variant)], everyone, "germline", name)
        lost = world.lost(plan.missing, "germline", name, "missing")
        drawn[name] = tuple(None if gone else str(word) for word, gone in zip(words, lost))
    return ~world.lost(plan.unassayed, "germline", "unassayed"), drawn


def _hardy_weinberg(variant: Variant) -> dict[str, float]:
    (a, p), (b, q) = variant.alleles.items()
    return {f"{a}/{a}": p * p, f"{a}/{b}": 2 * p * q, f"{b}/{b}": q * q}


def _mutated(world: World, kind: str, name: str, gene: MutatedGene, sequenced: Mask) -> tuple[Mask, list[MutationRow]]:
    """Whose gene is changed, and a row for each of them who was sequenced."""
    shares = np.asarray([gene.prevalence, *(given.prevalence for given in gene.given)])
    mutated = world.uniform(kind, name) < shares[world.first(given.when for given in gene.given)]
    if not gene.changes:
        return mutated, []
    total = sum(gene.changes.values())
    weights = {change: weight / total for change, weight in gene.changes.items()}
    changes = world.choose([weights], np.zeros(world.n, dtype=np.int64), kind, name, "change")
    rows = [
        MutationRow(int(i), name, _classification(str(changes[i])), f"p.{changes[i]}")
        for i in np.flatnonzero(mutated & sequenced)
    ]
    return mutated, rows


def _in_order(rows: list[MutationRow]) -> tuple[MutationRow, ...]:
    return tuple(sorted(rows, key=lambda row: (row.patient, row.gene, row.change)))


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
