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


def tables(size: Size) -> list[Table]:
    """Numbers without ties, and numbers with four decimals."""
    about = (
        f"The best cut of all that leave a tenth on either side, and a P by {size.permutations:,} permutations. "
        "`scan_genes(cut='every')` fits a Cox model per standard deviation besides, and ranks a table with q. "
        "`surv_cutpoint` gives the cut without any P, Lau94 approximates it, condMC permutes anew for each gene."
    )
    return [
        _table(size, 12, "without ties", f"{about} Genes without ties share the largest statistics by chance."),
        _table(size, 4, "of four decimals", f"{about} Genes with ties each try their own cuts of shared permutations."),
    ]


def _table(size: Size, decimals: int, kind: str, about: str) -> Table:
    genes, some = size.genes, {"permutations": size.permutations, "k": size.sample}
    k = size.sample
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
            Contender("strata, kernels", "strata", options=some),
            Contender("strata scan_genes", "strata_scan", options=some),
            *(replace(peer, note=f"sample: {n} genes", ratio=20) for peer, n in zip(peers, samples)),
        ),
        data=("numbers", {"genes": genes, "samples": size.samples, "decimals": decimals}),
        tolerances={"statistics": 1e-6, "cuts": 1e-9, "p_values": by_chance},
    )


def strata(folder: Path, permutations: int, k: int) -> Measured:
    """Cuts, statistics and P of all genes."""
    from strata.survival.kernels.many_cuts import CutSearch
    from strata.survival.kernels.selected_null import SelectedNull

    values, (time, event) = matrix(folder), outcome(folder)
    start = perf_counter()
    search = CutSearch.of(time, event, 0.1, 0.9)
    best = search.best(values)
    null = SelectedNull(search.scores, search.sizes, n_permutations=permutations, seed=0)
    p_values = null.p_values(best.statistics, best.tried)
    seconds = perf_counter() - start
    some = picked(k, len(values))
    answers = {"cuts": best.cuts[some], "statistics": best.statistics[some], "p_values": p_values[some]}
    return Measured(seconds, answers=answers)


def strata_scan(folder: Path, permutations: int, k: int) -> Measured:
    """The whole table, which does not hold the statistics."""
    from strata.scan import scan_genes

    cohort = in_memory(folder)
    start = perf_counter()
    table = scan_genes(cohort, "OS", cut="every", permutations=permutations).to_frame()
    seconds = perf_counter() - start
    by_gene = table.sort_values("gene").iloc[picked(k, len(table))]
    return Measured(seconds, answers={"cuts": by_gene["cut"], "p_values": by_gene["p_value"]})
