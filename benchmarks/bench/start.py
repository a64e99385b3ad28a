"""Starting: the help, and a small run as a whole process."""

from __future__ import annotations

import sys

from bench.batch import pandas_lifelines, strata
from bench.data import SIGNATURES
from bench.measure import STRATA, Contender, Table
from bench.size import Size

__all__ = ["pandas_lifelines", "strata", "tables"]


def tables(size: Size) -> list[Table]:
    """Two tables of whole processes."""
    genes, samples = size.cohort_samples, size.cohort_genes
    return [
        Table(
            "`strata --help`",
            "Whole process, beside an interpreter that does nothing and one that imports what the peers import.",
            (
                Contender("strata --help", command=(STRATA, "--help"), most_seconds=0.060),
                Contender("python -c pass", command=(sys.executable, "-c", "pass")),
                Contender("import pandas, lifelines", command=(sys.executable, "-c", "import pandas, lifelines")),
            ),
            whole=True,
            rounds=3,
        ),
        Table(
            f"Small run: one cohort of {genes} genes x {samples:,} patients, {SIGNATURES} signatures, 2 endpoints",
            "Whole process, no figure.",
            (
                Contender("strata run_plan", "strata", options={"files": 1, "jobs": 1, "k": 1}),
                Contender(
                    "pandas + lifelines",
                    "pandas_lifelines",
                    ("pandas", "lifelines"),
                    options={"files": 1, "k": 1},
                    ratio=10,
                ),
            ),
            data=("cohorts", {"files": 1, "genes": genes, "samples": samples}),
            whole=True,
            tolerances={"chi_squared": 1e-6, "coefficients": 1e-3},
        ),
    ]
