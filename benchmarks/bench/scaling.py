"""How strata's time grows with patients, genes and files."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

from bench.batch import strata
from bench.measure import Contender, Table
from bench.size import Size
from bench.work import Measured

GENES = 2_000
"""Of the curve over patients."""

__all__ = ["in_memory", "strata", "tables"]


def tables(size: Size) -> list[Table]:
    """Three curves; ratios are to their first point."""
    patients, genes, files = size.patient_curve, size.gene_curve, _up_to(size.files, size.file_curve)
    about = "Medians, log-rank, Cox and proportional hazards from a matrix in memory; compiled code is loaded before."
    return [
        Table(
            f"Scaling with patients, {GENES:,} genes",
            about,
            tuple(Contender(f"{n:,} patients", "in_memory", options={"genes": GENES, "patients": n}) for n in patients),
            sizes=patients,
        ),
        Table(
            f"Scaling with genes, {size.samples:,} patients",
            about,
            tuple(
                Contender(f"{n:,} genes", "in_memory", options={"genes": n, "patients": size.samples}) for n in genes
            ),
            sizes=genes,
        ),
        Table(
            f"Scaling with files of {size.cohort_genes:,} genes x {size.cohort_samples} patients",
            "`run_plan` as in the batch, one process, without its imports.",
            tuple(Contender(f"{n} files", "strata", options={"files": n, "jobs": 1, "k": 1}) for n in files),
            data=("cohorts", {"files": size.files, "genes": size.cohort_genes, "samples": size.cohort_samples}),
            sizes=files,
            rounds=1 / 3,
        ),
    ]


def _up_to(most: int, curve: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(n for n in curve if n <= most)


def in_memory(folder: Path, genes: int, patients: int) -> Measured:  # noqa: ARG001
    """The kernels, after a first call of a few genes."""
    import numpy as np

    from strata.scan.markers import median_split
    from strata.survival.kernels.many_groups import compare_many_groups
    from strata.survival.kernels.prepared import PreparedOutcome

    rng = np.random.default_rng(0)
    time, event = np.ceil(rng.exponential(30, patients)), rng.random(patients) < 0.6
    values = rng.normal(size=(genes, patients))

    def scan(rows: np.ndarray) -> None:
        groups = rows > median_split(rows)[:, None]
        compare_many_groups(PreparedOutcome.of(time, event), groups, compiled=True)

    scan(values[:10])
    start = perf_counter()
    scan(values)
    return Measured(perf_counter() - start)
