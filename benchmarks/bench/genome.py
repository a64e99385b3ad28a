"""Every gene cut at its median: from a matrix in memory to tests, and from a file to a ranked table."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import Any

from bench.data import in_memory, matrix, outcome, picked
from bench.measure import STRATA, Contender, Table
from bench.single_tests import PEERS, tests_of
from bench.size import Size
from bench.work import Measured, looped

RATIOS = {"lifelines": 1_000}


def tables(size: Size) -> list[Table]:
    """In memory, and from disk."""
    return [_in_memory(size), _from_disk(size)]


def _in_memory(size: Size) -> Table:
    some = {"k": size.sample}
    looping = f"sample: {size.sample} genes"
    return Table(
        f"Log-rank, Cox and medians of {size.genes:,} genes x {size.samples:,} patients, from a matrix in memory",
        "Of loops and kernels a first call is not counted; in the third row it is: strata's compiled code is loaded "
        "then. strata tests proportional hazards too; `scan_genes`, from its first call, also fits a hazard ratio per "
        "standard deviation with its own such test, and ranks a table with q.",
        (
            Contender("strata, kernels", "strata", options={"jobs": 1, "first": 0, **some}),
            Contender("strata, kernels, 2 threads", "strata", options={"jobs": 2, "first": 0, **some}),
            Contender("strata, kernels, first call", "strata", options={"jobs": 1, "first": 1, **some}),
            Contender("strata scan_genes", "strata_scan", options=some),
            *(
                Contender(
                    f"{peer} loop", "peer", needs, options={"peer": peer, **some}, note=looping, ratio=RATIOS.get(peer)
                )
                for peer, needs in PEERS.items()
            ),
            Contender("R survdiff + coxph loop", "genome", r=("survival",), options=some, note=looping, ratio=150),
            Contender(
                "R survdiff.fit + coxph.fit loop", "genome_fit", r=("survival",), options=some, note=looping, ratio=15
            ),
        ),
        data=("cohort", {"genes": size.genes, "samples": size.samples}),
        tolerances={"chi_squared": 1e-6, "coefficients": 1e-4},
    )


def _from_disk(size: Size) -> Table:
    some = {"k": size.sample}
    looping = f"sample: {size.sample} genes"
    command = ("scan", "{folder}/cohort", "--endpoint", "OS", "--permutations", "0", "--out", "{prefix}scan")
    return Table(
        f"From a TSV to a ranked table: hazard ratio, interval, P and q of {size.genes:,} genes",
        "Whole process. `strata scan` draws its two figures besides.",
        (
            Contender("strata scan_genes", "strata_disk", options=some),
            Contender("`strata scan`", command=(STRATA, *command, "--overwrite")),
            Contender(
                "pandas + lifelines loop", "pandas_disk", ("pandas", "lifelines"), options=some, note=looping, ratio=300
            ),
            Contender(
                "R fread + survdiff + coxph loop",
                "genome_disk",
                r=("survival", "data.table"),
                options=some,
                note=looping,
                ratio=100,
            ),
        ),
        data=("cohort", {"genes": size.genes, "samples": size.samples}),
        whole=True,
        tolerances={"chi_squared": 1e-6, "coefficients": 1e-4},
    )


def strata(folder: Path, k: int, jobs: int, first: int) -> Measured:
    """Medians, then log-rank, Cox and proportional hazards of all genes."""
    from strata.scan.markers import median_split
    from strata.survival.kernels.many_groups import compare_many_groups
    from strata.survival.kernels.prepared import PreparedOutcome

    values, (time, event) = matrix(folder), outcome(folder)
    if not first:
        compare_many_groups(PreparedOutcome.of(time, event), values[:2] > 0, compiled=True)
    start = perf_counter()
    groups = values > median_split(values)[:, None]
    found = compare_many_groups(PreparedOutcome.of(time, event), groups, jobs=jobs)
    seconds = perf_counter() - start
    some = picked(k, len(values))
    answers = {"chi_squared": found.chi_squared[some], "coefficients": found.coefficients[some]}
    return Measured(seconds, answers=answers)


def strata_scan(folder: Path, k: int) -> Measured:
    """The whole table."""
    from strata.scan import scan_genes

    cohort = in_memory(folder)
    start = perf_counter()
    table = scan_genes(cohort, "OS", permutations=0).to_frame()
    return Measured(perf_counter() - start, answers=_answers(table, k))


def strata_disk(folder: Path, k: int) -> Measured:
    """Read, test, rank and write."""
    from strata.cohort import read_cohort
    from strata.scan import scan_genes

    start = perf_counter()
    table = scan_genes(read_cohort(folder / "cohort"), "OS", permutations=0).to_frame()
    table.to_csv(folder / "strata-ranked.tsv", sep="\t", index=False)
    return Measured(perf_counter() - start, answers=_answers(table, k))


def peer(folder: Path, peer: str, k: int) -> Measured:
    """A loop over some genes."""
    import numpy as np

    values, (time, event) = matrix(folder), outcome(folder)
    log_rank, cox = tests_of(peer, time, event)

    def one(i: int) -> tuple[float, float]:
        group = values[i] > np.median(values[i])
        return log_rank(group), cox(group)

    seconds, (chi_squared, coefficients) = looped(one, picked(k, len(values)))
    return Measured(seconds * len(values), answers={"chi_squared": chi_squared, "coefficients": coefficients})


def pandas_disk(folder: Path, k: int) -> Measured:
    """What many write: read, loop, rank and write."""
    import numpy as np
    import pandas as pd
    from lifelines import CoxPHFitter
    from lifelines.statistics import logrank_test

    start = perf_counter()
    clinical = pd.read_csv(folder / "cohort" / "clinical.tsv", sep="\t", index_col="patient_id")
    expression = pd.read_csv(folder / "cohort" / "mrna.tsv", sep="\t", index_col=0)
    n_genes = len(expression)
    expression = expression.iloc[picked(k, n_genes)]
    looping = perf_counter()
    rows = []
    for gene, values in expression.iterrows():
        table = clinical[["os_months", "os_event"]].assign(high=(values > values.median()).astype(float))
        high, low = table[table["high"] == 1], table[table["high"] == 0]
        test = logrank_test(high["os_months"], low["os_months"], high["os_event"], low["os_event"])
        summary = CoxPHFitter().fit(table, "os_months", "os_event").summary.iloc[0]
        columns = ["exp(coef)", "exp(coef) lower 95%", "exp(coef) upper 95%", "p", "coef"]
        rows.append([gene, test.test_statistic, test.p_value, *summary[columns]])
    extra = (perf_counter() - looping) * (n_genes / k - 1)
    names = ["gene", "chi2", "p", "hr", "hr_lower", "hr_upper", "wald_p", "coef"]
    found = pd.DataFrame(rows, columns=names)
    ranked = found.sort_values("p", ascending=False)
    ranked["q"] = np.minimum.accumulate(ranked["p"] * k / np.arange(k, 0, -1))
    ranked[::-1].to_csv(folder / "pandas-ranked.tsv", sep="\t", index=False)
    answers = {"chi_squared": found["chi2"], "coefficients": found["coef"]}
    return Measured(perf_counter() - start + extra, extra, answers)


def _answers(table: Any, k: int) -> dict[str, Any]:
    import numpy as np

    by_gene = table.sort_values("gene").iloc[picked(k, len(table))]
    return {"chi_squared": by_gene["log_rank_chi2"], "coefficients": np.log(by_gene["hazard_ratio"])}
