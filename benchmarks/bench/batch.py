"""Many cohorts: ten signatures of six genes and two endpoints each."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

from bench.data import SIGNATURES, members
from bench.measure import Contender, Table
from bench.size import Size
from bench.work import Measured

ENDPOINTS = ("OS", "DFS")


def tables(size: Size) -> list[Table]:
    """The batch, and its memory."""
    shape = f"{size.cohort_genes:,} genes x {size.cohort_samples} patients"
    k, wide = size.sampled_files, 10 * size.cohort_genes
    few = min(5, size.files)
    return [
        Table(
            f"{size.files} cohort files of {shape}, {SIGNATURES} signatures x 2 endpoints",
            "Whole process. strata's `run_plan` also tests proportional hazards, follow-up, small groups and claims.",
            (
                Contender("strata run_plan", "strata", options={"files": size.files, "jobs": 1, "k": k}),
                Contender("strata run_plan, 2 processes", "strata", options={"files": size.files, "jobs": 2, "k": k}),
                Contender(
                    "pandas + lifelines, serial",
                    "pandas_lifelines",
                    ("pandas", "lifelines"),
                    options={"files": size.files, "k": k},
                    note=f"sample: {k} files",
                    ratio=100,
                ),
            ),
            data=("cohorts", {"files": size.files, "genes": size.cohort_genes, "samples": size.cohort_samples}),
            whole=True,
            rounds=2 / 3,
            tolerances={"chi_squared": 1e-6, "coefficients": 1e-3},
        ),
        Table(
            f"Memory of {few} cohort files, of {size.cohort_genes:,} and of {wide:,} genes",
            "Whole process; the second must not need more than the first.",
            (
                Contender(f"strata, {size.cohort_genes:,} genes", "strata_wide", options={"files": few, "wide": 0}),
                Contender(f"strata, {wide:,} genes", "strata_wide", options={"files": few, "wide": 1}, most_memory=1.1),
            ),
            data=("narrow_and_wide", {"files": few, "genes": size.cohort_genes, "samples": size.cohort_samples}),
            whole=True,
            rounds=2 / 3,
        ),
    ]


def strata(folder: Path, files: int, jobs: int, k: int) -> Measured:
    """One plan; the answers are those of the first cohorts."""
    import numpy as np

    from strata.analysis import Plan, run_plan

    start = perf_counter()
    cohorts = [str(folder / f"c{i:03}") for i in range(files)]
    plan = Plan(cohorts=cohorts, signatures=[str(folder / "signatures")], endpoints=ENDPOINTS)
    results = run_plan(plan, jobs=jobs)
    if results.failures:
        raise RuntimeError(results.failures[0].problems[0])
    table = results.to_frame()
    table.to_csv(folder / "strata-results.tsv", sep="\t", index=False)
    seconds = perf_counter() - start
    some = table[table["comparison"].eq("positive_vs_rest")].sort_values(["cohort", "signature", "endpoint"])
    some = some.head(k * SIGNATURES * len(ENDPOINTS))
    answers = {"chi_squared": some["log_rank_chi2"], "coefficients": np.log(some["hazard_ratio"].astype(float))}
    return Measured(seconds, answers=answers)


def strata_wide(folder: Path, files: int, wide: int) -> Measured:
    """The same work in narrow or in wide cohorts."""
    return strata(folder / ("wide" if wide else "narrow"), files, 1, files)


def pandas_lifelines(folder: Path, files: int, k: int) -> Measured:
    """What many write, file after file."""
    import numpy as np
    import pandas as pd
    from lifelines import CoxPHFitter
    from lifelines.statistics import logrank_test

    start = perf_counter()
    rows = []
    for i in range(k):
        clinical = pd.read_csv(folder / f"c{i:03}" / "clinical.tsv", sep="\t", index_col="patient_id")
        expression = pd.read_csv(folder / f"c{i:03}" / "mrna.tsv", sep="\t", index_col=0).T
        for signature in range(SIGNATURES):
            genes = expression[members(signature)]
            score = ((genes - genes.mean()) / genes.std()).mean(axis=1)
            for endpoint in sorted(ENDPOINTS):
                time, event = f"{endpoint.lower()}_months", f"{endpoint.lower()}_event"
                table = clinical[[time, event]].assign(high=(score > score.median()).astype(float))
                high, low = table[table["high"] == 1], table[table["high"] == 0]
                test = logrank_test(high[time], low[time], high[event], low[event])
                summary = CoxPHFitter().fit(table, time, event).summary.iloc[0]
                rows.append([i, signature, endpoint, test.test_statistic, test.p_value, summary["coef"], *summary])
    extra = (perf_counter() - start) * (files / k - 1)
    found = pd.DataFrame(rows)
    found.to_csv(folder / "pandas-results.tsv", sep="\t", index=False)
    answers = {"chi_squared": found[3], "coefficients": np.asarray(found[5])}
    return Measured(perf_counter() - start + extra, extra, answers)
