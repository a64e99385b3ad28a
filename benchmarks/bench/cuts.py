"""The best cut of every gene, with a P that is corrected for the search."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from bench.data import in_memory, matrix, outcome, picked
from bench.measure import Contender, Table
from bench.size import Size
from bench.work import Measured

TIED = 20
"""Of genes with ties, whose permutations are not shared, one in TIED is searched."""


def tables(size: Size) -> list[Table]:
    """Numbers without ties, and numbers with four decimals."""
    about = (
        "`scan_genes(cut='every')`: the best cut of all that leave a tenth on either side, a P by "
        f"{size.permutations:,} permutations, and a Cox model per standard deviation besides. `surv_cutpoint` gives "
        "the cut without any P, Lau94 approximates it, condMC permutes anew for each gene."
    )
    return [
        _table(size, size.genes, 12, "without ties", f"{about} Genes without ties share their permutations."),
        _table(size, size.genes // TIED, 4, "of four decimals", f"{about} Genes with ties each try their own cuts."),
    ]


def _table(size: Size, genes: int, decimals: int, kind: str, about: str) -> Table:
    k = min(size.sample, genes)
    few = max(2, k // 10)
    by_chance = 4.5 * math.sqrt(0.5 / size.permutations)
    condition = {"method": "condMC", "permutations": size.permutations}
    peers = [
        Contender("R survminer surv_cutpoint", "surv_cutpoint", r=("survminer", "survival"), options={"k": k}),
        Contender("R maxstat Lau94", "maxstat", r=("maxstat", "survival"), options={"k": k, "method": "Lau94"}),
        Contender(
            "R maxstat condMC", "maxstat", r=("maxstat", "survival"), options={"k": k, "first": few, **condition}
        ),
    ]
    samples = [k, k, few]
    return Table(
        f"Every cut of {genes:,} genes {kind} x {size.samples:,} patients, from a matrix in memory",
        about,
        (
            Contender("strata scan_genes", "strata", options={"permutations": size.permutations, "k": k}),
            *(replace(peer, note=f"sample: {n} genes", ratio=20) for peer, n in zip(peers, samples)),
        ),
        data=("numbers", {"genes": genes, "samples": size.samples, "decimals": decimals}),
        tolerances={"statistics": 1e-6, "cuts": 1e-9, "p_values": by_chance},
    )


def strata(folder: Path, permutations: int, k: int) -> Measured:
    """The whole table; the statistics, which it does not hold, are asked for afterwards."""
    from strata.scan import scan_genes
    from strata.survival.kernels.maximally_selected import try_cuts

    cohort = in_memory(folder)
    start = perf_counter()
    table = scan_genes(cohort, "OS", cut="every", permutations=permutations).to_frame()
    seconds = perf_counter() - start
    values, (time, event) = matrix(folder), outcome(folder)
    some = picked(k, len(values))
    by_gene = table.sort_values("gene").iloc[some]
    answers = {
        "cuts": by_gene["cut"],
        "p_values": by_gene["p_value"],
        "statistics": [try_cuts(values[i], time, event).statistic for i in some],
    }
    return Measured(seconds, answers=answers)
