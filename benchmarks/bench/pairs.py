"""Every pair of genes: high in both against the rest."""

from __future__ import annotations

import os
from pathlib import Path
from time import perf_counter

from bench.data import in_memory, matrix, outcome
from bench.measure import Contender, Table
from bench.single_tests import tests_of
from bench.size import Size
from bench.work import Measured, looped

BEST = 20
"""Of the pairs that strata ranks first, those that the peers test again."""


def tables(size: Size) -> list[Table]:
    """One table."""
    n_pairs = size.genes * (size.genes - 1) // 2
    some = {"k": BEST}
    note = f"sample: {BEST} pairs"
    return [
        Table(
            f"All {n_pairs:,} pairs of {size.genes:,} genes, {size.samples:,} patients, from a matrix in memory",
            f"Log-rank tests of whole months; strata on {os.cpu_count()} threads, with the medians and the table of "
            f"the best pairs. The peers test the {BEST} pairs that strata ranks first.",
            (
                Contender("strata scan_pairs", "strata", options=some, most_seconds=30),
                Contender("lifelines loop", "peer", ("lifelines",), options=some, note=note, ratio=50_000),
                Contender("R survdiff loop", "pairs", r=("survival",), options=some, note=note),
                Contender("R survdiff.fit loop", "pairs_fit", r=("survival",), options=some, note=note),
            ),
            data=("cohort", {"genes": size.genes, "samples": size.samples}),
            tolerances={"chi_squared": 1e-6},
        )
    ]


def strata(folder: Path, k: int) -> Measured:
    """The scan; its best pairs stand in ``best-pairs`` for the others."""
    import numpy as np

    from strata.scan.pairs import scan_pairs

    cohort = in_memory(folder)
    start = perf_counter()
    table = scan_pairs(cohort, "OS", jobs=os.cpu_count() or 1).to_frame()
    seconds = perf_counter() - start
    best = table.head(k)
    numbers = [best[name].str.removeprefix("G").astype(float) for name in ("gene_1", "gene_2")]
    np.column_stack(numbers).tofile(folder / "best-pairs")
    return Measured(seconds, answers={"chi_squared": best["log_rank_chi2"]})


def peer(folder: Path, k: int) -> Measured:
    """A loop over those pairs."""
    import numpy as np

    values, (time, event) = matrix(folder), outcome(folder)
    log_rank, _ = tests_of("lifelines", time, event)
    best = np.fromfile(folder / "best-pairs").reshape(-1, 2).astype(int)
    high = {i: values[i] > np.median(values[i]) for i in {*best.ravel()}}
    seconds, (chi_squared,) = looped(lambda i: (log_rank(high[best[i, 0]] & high[best[i, 1]]),), list(range(k)))
    return Measured(seconds * len(values) * (len(values) - 1) / 2, answers={"chi_squared": chi_squared})
