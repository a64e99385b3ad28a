"""Fifty gene sets: ssGSEA and GSVA. All methods, and more sizes: ``make bench-gene-sets``."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from bench.measure import Contender, Table
from bench.size import Size
from bench.work import Measured

if TYPE_CHECKING:
    import pandas as pd

PART = 4
"""The peers' ssGSEA takes one sample after another: they score one in PART of the samples."""


def tables(size: Size) -> list[Table]:
    """SsGSEA of many samples; GSVA, whose cost is samples squared, of few."""
    part = size.samples // PART
    note = f"sample: {part:,} patients"
    plain = {"part": 1}
    return [
        Table(
            f"ssGSEA of 50 sets, {size.genes:,} genes x {size.samples:,} patients",
            "One thread; from a matrix in memory; scores are not normalised.",
            (
                Contender("strata", "strata", options={"method": "ssgsea", "n": part}),
                Contender(
                    "gseapy", "gseapy", ("gseapy",), options={"method": "ssgsea", "part": PART}, note=note, ratio=25
                ),
                Contender(
                    "R GSVA", "gsva", r=("GSVA",), options={"method": "ssgsea", "part": PART}, note=note, ratio=45
                ),
            ),
            data=("expression", {"genes": size.genes, "samples": size.samples}),
            tolerances={"scores": 1e-9},
            one_thread=True,
        ),
        Table(
            f"GSVA of 50 sets, {size.genes:,} genes x {size.gsva_samples:,} patients",
            "One thread; from a matrix in memory; Gaussian kernel. gseapy and decoupler compute the kernel in another "
            "way than R: 0.01 of difference is allowed to them.",
            (
                Contender("strata", "strata", options={"method": "gsva", "n": size.gsva_samples}),
                Contender("gseapy", "gseapy", ("gseapy",), options={"method": "gsva", **plain}, loose={"scores": 0.01}),
                Contender("decoupler", "decoupler", ("decoupler",), loose={"scores": 0.01}),
                Contender("R GSVA", "gsva", r=("GSVA",), options={"method": "gsva", **plain}),
            ),
            data=("expression", {"genes": size.genes, "samples": size.gsva_samples}),
            tolerances={"scores": 1e-9},
            one_thread=True,
        ),
    ]


def strata(folder: Path, method: str, n: int) -> Measured:
    """Scores of all samples."""
    from strata.scoring.gene_sets import SignedSet, score_sets

    table, sets = _load(folder)
    signed = {name: SignedSet(dict.fromkeys(genes, 1.0)) for name, genes in sets.items()}
    start = perf_counter()
    scores = score_sets(table, signed, method=method)
    return Measured(perf_counter() - start, answers={"scores": scores.iloc[:n]})


def gseapy(folder: Path, method: str, part: int) -> Measured:
    """Scores of the first samples."""
    import gseapy

    table, sets = _load(folder)
    some = table.iloc[: len(table) // part].T
    wide: dict[str, Any] = {"outdir": None, "min_size": 1, "max_size": len(some), "threads": 1}
    start = perf_counter()
    found = (
        gseapy.ssgsea(some, sets, sample_norm_method="rank", **wide)
        if method == "ssgsea"
        else gseapy.gsva(some, sets, **wide)
    )
    seconds = perf_counter() - start
    scores = found.res2d.astype({"ES": float}).set_index(["Name", "Term"])["ES"].unstack()  # noqa: PD010
    return Measured(seconds * part, answers={"scores": scores.loc[some.columns, list(sets)]})


def decoupler(folder: Path) -> Measured:
    """GSVA of all samples."""
    import decoupler
    import pandas as pd

    table, sets = _load(folder)
    net = pd.DataFrame([(name, gene, 1.0) for name, genes in sets.items() for gene in genes])
    net.columns = ["source", "target", "weight"]
    start = perf_counter()
    scores = decoupler.mt.gsva(table, net, tmin=1)
    scores = scores[0] if isinstance(scores, tuple) else scores
    return Measured(perf_counter() - start, answers={"scores": scores[list(sets)]})


def _load(folder: Path) -> tuple[pd.DataFrame, dict[str, list[str]]]:
    """Samples x genes, and the sets."""
    import numpy as np
    import pandas as pd

    n_samples, n_genes = map(int, (folder / "shape").read_text().split())
    genes = (folder / "genes").read_text().split()
    values = np.fromfile(folder / "values").reshape(n_samples, n_genes)
    rows = [row.split("\t") for row in (folder / "sets.gmt").read_text().splitlines()]
    names = [f"S{i:05}" for i in range(n_samples)]
    return pd.DataFrame(values, names, genes), {row[0]: row[2:] for row in rows}
