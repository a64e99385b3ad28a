"""2,000 cohorts without any effect, through the whole path: written, read, stratified and compared.

Each test must reject about 5 % of them (1 % at the lower level): inside the exact binomial 99.9 % limits.

    make null            # 2,000 cohorts
    python benchmarks/null_simulation.py 200
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from scipy.stats import binom

from strata import compare_coexpression, read_cohort
from strata.simulate import simulate_cohort
from strata.writing import write_flat

LEVELS = (0.05, 0.01)
QUESTIONS = {
    "IGF1R, log-rank": ("IGF1R", "log_rank_p"),
    "IGF1R, Wald": ("IGF1R", "wald_p"),
    "SPHK1, log-rank": ("SPHK1", "log_rank_p"),
    "both against the rest, log-rank": ("positive_vs_rest", "log_rank_p"),
    "both against neither, Wald": ("both_vs_neither", "wald_p"),
    "four groups, log-rank": ("four_groups", "log_rank_p"),
    "interaction, Wald": ("interaction", "wald_p"),
}


def p_values(seed: int) -> list[float]:
    """The P of every question in one simulated cohort."""
    tables, _ = simulate_cohort("no-effect", seed=seed)
    with tempfile.TemporaryDirectory() as folder:
        write_flat(tables, Path(folder) / "null")
        cohort = read_cohort(Path(folder) / "null")
        table = compare_coexpression(cohort, "igf1r-sphk1-high", "OS", cut="median", population="all").to_frame()
    by_row = table.set_index("comparison")
    return [float(by_row.loc[row, column]) for row, column in QUESTIONS.values()]


def main(n: int) -> int:
    """Simulate, print a table of rejection rates, and return how many are outside their limits."""
    found = Parallel(n_jobs=-1)(delayed(p_values)(seed) for seed in range(1, n + 1))
    table = pd.DataFrame(found, columns=list(QUESTIONS))
    outside = 0
    for level in LEVELS:
        low, high = (int(x) for x in binom.interval(0.999, n, level))
        for name, p in table.items():
            rejected, estimable = int((p < level).sum()), int(p.notna().sum())
            bad = not low <= rejected <= high
            outside += bad
            verdict = "OUTSIDE" if bad else "ok"
            print(f"{level:<5} {name:34} {rejected:5} of {estimable} rejected, limits {low}-{high}: {verdict}")
    print(f"{n} cohorts, {int(np.isnan(table.to_numpy()).sum())} numbers not estimable, {outside} outside the limits")
    return outside


if __name__ == "__main__":
    sys.exit(min(main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000), 1))
