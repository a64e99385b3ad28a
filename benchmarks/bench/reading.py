"""Reading a matrix of text: the genes of a few signatures, the same from gzip, and everything."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import Any

from bench.data import picked
from bench.measure import Contender, Table
from bench.size import Size
from bench.work import Measured

PLAIN, PACKED = "cohort/mrna.tsv", "cohort-gz/mrna.tsv.gz"


def tables(size: Size) -> list[Table]:
    """Three tables of the same matrix."""
    matrix_mb = size.genes * size.samples * 4 / 1e6
    shared: dict[str, Any] = {
        "data": ("cohort", {"genes": size.genes, "samples": size.samples}),
        "tolerances": {"values": 1e-6},
    }
    shape = f"{size.genes:,} genes x {size.samples:,} samples"
    some = {"k": size.wanted}
    return [
        Table(
            f"Reading {size.wanted} genes of a TSV",
            f"{shape}, {size.genes * size.samples * 7.15 / 1e6:,.0f} MB of text; pages cached.",
            (
                Contender("strata", "strata", options={"path": "cohort", **some}, most_mb=100),
                Contender("pandas", "pandas", ("pandas",), options={"path": PLAIN, **some}, ratio=30),
                Contender("polars read_csv", "polars", ("polars",), options={"path": PLAIN, **some}),
                Contender("polars scan_csv", "polars_scan", ("polars",), options={"path": PLAIN, **some}),
                Contender("R data.table fread", "fread", r=("data.table",), options={"path": PLAIN, **some}),
            ),
            **shared,
        ),
        Table(
            f"Reading {size.wanted} genes of a TSV.gz",
            "The same, gzip -6. fread reads the pipe of `gzip -dc`.",
            (
                Contender("strata", "strata", options={"path": "cohort-gz", **some}),
                Contender("pandas", "pandas", ("pandas",), options={"path": PACKED, **some}, ratio=10),
                Contender("polars read_csv", "polars", ("polars",), options={"path": PACKED, **some}),
                Contender("R data.table fread", "fread", r=("data.table",), options={"path": PACKED, **some}),
            ),
            **shared,
        ),
        Table(
            "Reading every gene",
            f"{shape} of text to numbers; as float32 they take {matrix_mb:,.0f} MB.",
            (
                Contender("strata", "strata_all", options={"path": "cohort", **some}, most_mb=2 * matrix_mb),
                Contender("pandas", "pandas_all", ("pandas",), options={"path": PLAIN, **some}, ratio=3),
                Contender("polars read_csv", "polars_all", ("polars",), options={"path": PLAIN, **some}),
                Contender("R data.table fread", "fread_all", r=("data.table",), options={"path": PLAIN, **some}),
            ),
            **shared,
        ),
    ]


def strata(folder: Path, path: str, k: int) -> Measured:
    """Open the cohort, and read some genes."""
    from strata.cohort import read_cohort

    genes = _genes(folder, k)
    start = perf_counter()
    values = read_cohort(folder / path).assays["mrna"].read(genes)
    return Measured(perf_counter() - start, answers={"values": values.to_numpy().T})


def strata_all(folder: Path, path: str, k: int) -> Measured:
    """Open the cohort, and read all genes."""
    from strata.cohort import read_cohort

    start = perf_counter()
    assay = read_cohort(folder / path).assays["mrna"]
    values = assay.read(assay.features)
    return Measured(perf_counter() - start, answers={"values": values[_genes(folder, k)].to_numpy().T})


def pandas(folder: Path, path: str, k: int) -> Measured:
    """Read all, keep some."""
    import pandas as pd

    start = perf_counter()
    values = pd.read_csv(folder / path, sep="\t", index_col=0).loc[_genes(folder, k)]
    return Measured(perf_counter() - start, answers={"values": values})


def pandas_all(folder: Path, path: str, k: int) -> Measured:
    """Read all."""
    import pandas as pd

    start = perf_counter()
    values = pd.read_csv(folder / path, sep="\t", index_col=0)
    return Measured(perf_counter() - start, answers={"values": values.loc[_genes(folder, k)]})


def polars(folder: Path, path: str, k: int) -> Measured:
    """Read all, keep some."""
    import polars as pl

    start = perf_counter()
    values = pl.read_csv(folder / path, separator="\t").filter(pl.col("gene").is_in(_genes(folder, k)))
    return Measured(perf_counter() - start, answers={"values": values.drop("gene").to_numpy()})


def polars_scan(folder: Path, path: str, k: int) -> Measured:
    """Let the plan leave out what is not wanted."""
    import polars as pl

    start = perf_counter()
    values = pl.scan_csv(folder / path, separator="\t").filter(pl.col("gene").is_in(_genes(folder, k))).collect()
    return Measured(perf_counter() - start, answers={"values": values.drop("gene").to_numpy()})


def polars_all(folder: Path, path: str, k: int) -> Measured:
    """Read all."""
    import polars as pl

    start = perf_counter()
    values = pl.read_csv(folder / path, separator="\t")
    seconds = perf_counter() - start
    some = values.filter(pl.col("gene").is_in(_genes(folder, k)))
    return Measured(seconds, answers={"values": some.drop("gene").to_numpy()})


def _genes(folder: Path, k: int) -> list[str]:
    n_genes = int((folder / "shape").read_text().split()[0])
    return [f"G{i:05}" for i in picked(k, n_genes)]
