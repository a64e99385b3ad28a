"""Gene set scores beside gseapy and R's GSVA: 50 invented sets, one thread, each run in a process of its own.

    python benchmarks/gene_sets.py                        # 200 and 2,000 samples x 20,000 genes
    python benchmarks/gene_sets.py --samples 200 --rounds 5 --gseapy-python other/bin/python

Rounds are interleaved and ratios are medians over the rounds. Time is from a matrix in memory to scores; memory is the
peak of the whole process, interpreter and table included. gsva is timed on fewer genes where samples are many: its cost
is genes x samples squared. A peer that is not installed is skipped. This file itself imports nothing heavy, because the
memory of a process counts from that of its parent.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

MANY = 1000
"""From this number of samples on, gsva is timed on MANY genes."""
METHODS = {
    "ssgsea": ("strata", "gseapy", "R"),
    "zscore": ("strata", "R"),
    "plage": ("strata", "R"),
    "singscore": ("strata",),
    "gsva": ("strata", "R"),
}
R_PROGRAM = """
suppressMessages(library(GSVA))
argument <- commandArgs(TRUE); method <- argument[1]; folder <- argument[2]
shape <- scan(file.path(folder, "shape"), quiet = TRUE)                       # samples, genes
x <- matrix(readBin(file.path(folder, "values"), "double", prod(shape)), shape[2])
rownames(x) <- readLines(file.path(folder, "genes")); colnames(x) <- paste0("S", seq_len(shape[1]))
rows <- strsplit(readLines(file.path(folder, "sets.gmt")), "\\t")
sets <- setNames(lapply(rows, `[`, -(1:2)), sapply(rows, `[`, 1))
score <- function(x, sets) gsva(x, sets, method = method, ssgsea.norm = FALSE, verbose = FALSE)
invisible(capture.output(seconds <- system.time(scores <- score(x, sets))[["elapsed"]]))
writeBin(as.vector(scores), file.path(folder, paste0("R-", method)))          # a sample's sets lie together
cat(seconds)
"""


def make(folder: Path, n_samples: int, n_genes: int) -> None:
    """Write an invented table and 50 sets of 15 to 200 genes."""
    import numpy as np

    rng = np.random.default_rng(n_samples)
    genes = [f"G{i:05}" for i in range(n_genes)]
    values = rng.normal(rng.normal(7, 2, n_genes), 1.0, size=(n_samples, n_genes))
    values.tofile(folder / "values")
    (folder / "shape").write_text(f"{n_samples} {n_genes}")
    (folder / "genes").write_text("\n".join(genes) + "\n")
    sets = [rng.choice(genes, rng.integers(15, 201), replace=False) for _ in range(50)]
    rows = [f"SET{i:02}\tinvented\t" + "\t".join(members) for i, members in enumerate(sets)]
    (folder / "sets.gmt").write_text("\n".join(rows) + "\n")


def score(engine: str, method: str, folder: Path) -> float:
    """Seconds that one engine takes; its scores are kept beside the table."""
    import time

    import numpy as np
    import pandas as pd

    n_samples, n_genes = map(int, (folder / "shape").read_text().split())
    genes = (folder / "genes").read_text().split()
    values = np.fromfile(folder / "values").reshape(n_samples, n_genes)
    rows = [row.split("\t") for row in (folder / "sets.gmt").read_text().splitlines()]
    if engine == "gseapy":
        import gseapy

        table = pd.DataFrame(values.T, index=genes, columns=[f"S{i}" for i in range(n_samples)])
        sets = {row[0]: row[2:] for row in rows}
        start = time.perf_counter()
        gseapy.ssgsea(table, sets, outdir=None, sample_norm_method="rank", min_size=1, max_size=n_genes, threads=1)
        return time.perf_counter() - start
    from strata.scoring.gene_sets import SignedSet, score_sets

    frame = pd.DataFrame(values, columns=genes)
    signed = {row[0]: SignedSet(dict.fromkeys(row[2:], 1.0)) for row in rows}
    start = time.perf_counter()
    scores = score_sets(frame, signed, method=method)
    seconds = time.perf_counter() - start
    scores.to_numpy().tofile(folder / f"strata-{method}")
    return seconds


def measured(command: list[str]) -> tuple[float, float]:
    """Seconds that a process says it took, and its peak memory in MB."""
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"), "1")
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **one_thread})
    text = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"failed: {' '.join(command[:4])} ...")
    return float(text.split()[-1]), usage.ru_maxrss / 1024


def peers(gseapy_python: str) -> set[str]:
    """The engines that are installed; says which are not."""
    wanted = {"gseapy": [gseapy_python, "-c", "import gseapy"], "R": ["Rscript", "-e", "library(GSVA)"]}
    found = {"strata"}
    for name, command in wanted.items():
        if shutil.which(command[0]) and subprocess.run(command, capture_output=True, check=False).returncode == 0:
            found.add(name)
        else:
            print(f"{name} is not installed here: skipped")
    return found


def difference(folder: Path, method: str) -> str:
    """Largest difference to R over the largest score; plage's up to the sign of each set."""
    import array

    ours, theirs = array.array("d"), array.array("d")
    for name, values in (("strata", ours), ("R", theirs)):
        values.frombytes((folder / f"{name}-{method}").read_bytes())
    if method == "plage":
        ours, theirs = (array.array("d", map(abs, values)) for values in (ours, theirs))
    return f"{max(abs(a - b) for a, b in zip(ours, theirs)) / max(map(abs, theirs)):.0e}"


def main() -> None:
    """Read the options, and time every method on every size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, nargs="+", default=[200, 2000])
    parser.add_argument("--genes", type=int, default=20_000)
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=METHODS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--gseapy-python", default=sys.executable, help="a Python that has gseapy")
    parser.add_argument("--run", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        engine, method, folder = arguments.run
        print(
            make(Path(folder), *json.loads(method)) or 0.0 if engine == "make" else score(engine, method, Path(folder))
        )
        return
    installed = peers(arguments.gseapy_python)
    for n_samples in arguments.samples:
        for method in arguments.methods:
            n_genes = min(arguments.genes, MANY) if method == "gsva" and n_samples >= MANY else arguments.genes
            engines = [engine for engine in METHODS[method] if engine in installed]
            with tempfile.TemporaryDirectory() as folder:
                measured([sys.executable, __file__, "--run", "make", f"[{n_samples}, {n_genes}]", folder])
                report(method, n_samples, n_genes, engines, Path(folder), arguments)


def report(
    method: str, n_samples: int, n_genes: int, engines: list[str], folder: Path, arguments: argparse.Namespace
) -> None:
    """Run the engines in turn and print a line for each."""
    runs: dict[str, list[tuple[float, float]]] = {engine: [] for engine in engines}
    for _ in range(arguments.rounds):
        for engine in engines:
            python = arguments.gseapy_python if engine == "gseapy" else sys.executable
            command = [python, __file__, "--run", engine, method, str(folder)]
            runs[engine].append(
                measured(["Rscript", "-e", R_PROGRAM, method, str(folder)] if engine == "R" else command)
            )
    for engine, own in runs.items():
        seconds = statistics.median(s for s, _ in own)
        ratio = statistics.median(s / ours for (s, _), (ours, _) in zip(own, runs["strata"]))
        agrees = f"  differs from strata by {difference(folder, method)}" if engine == "R" else ""
        print(
            f"{n_samples:>5} samples x {n_genes:>6} genes  {method:<9} {engine:<6} {seconds:>8.3f} s"
            f"  {ratio:>6.1f} x strata's time  {max(mb for _, mb in own):>6.0f} MB{agrees}",
            flush=True,
        )


if __name__ == "__main__":
    main()
