"""Run the topics and print their tables.

    make bench                                                       # all topics at full size: about 25 minutes
    make bench ARGS=--quick                                          # small sizes: about 3 minutes
    make bench ARGS="--topics reading pairs --peers-python other/bin/python --write benchmarks/results.md"

Peers that are not installed are skipped by name. The exit status is 1 when a process failed or an answer differs;
a target that is not reached is in the tables.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from bench.markdown import faults, heading, summary, table_text
from bench.measure import Bench, Table
from bench.size import QUICK, Size

TOPICS = ("reading", "loops", "genome", "cuts", "pairs", "gene_sets", "batch", "start", "scaling")


def main() -> int:
    """Read the options, and run."""
    asked = _options()
    given = {name: value for name in ("genes", "samples", "sample", "files") if (value := getattr(asked, name))}
    size = replace(QUICK if asked.quick else Size(), **given)
    rounds = asked.rounds or (1 if asked.quick else 3)
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        bench = Bench(Path(folder), asked.peers_python, rounds)
        tables = [(f"bench.{topic}", own) for topic in asked.topics for own in _tables(topic, size)]
        versions = bench.versions([table for _, table in tables])
        start = heading(versions, " ".join(["make bench", *sys.argv[1:]]))
        start += "" if size == Size() else "\n\n**These are not the sizes that the targets are for.**"
        print(start, flush=True)
        bench.compile()
        measured, texts = [], []
        for number, (module, table) in enumerate(tables):
            rows = bench.rows(table, module, number)
            measured.append((table, rows))
            texts.append(table_text(table, rows, bench.skipped(table)))
            print(f"\n{texts[-1]}", flush=True)
    end = summary(measured)
    print(f"\n{end}")
    if asked.write:
        asked.write.write_text("\n\n".join([start, end, *texts]) + "\n")
    return int(any(faults(rows) for _, rows in measured))


def _tables(topic: str, size: Size) -> list[Table]:
    found: list[Table] = import_module(f"bench.{topic}").tables(size)
    return found


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("make bench", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--topics", nargs="+", choices=TOPICS, default=list(TOPICS))
    parser.add_argument("--quick", action="store_true", help="small sizes, one round")
    parser.add_argument("--rounds", type=int, help="default: 3, quick: 1")
    parser.add_argument("--genes", type=int, help="of the matrix, instead of 20,000")
    parser.add_argument("--samples", type=int, help="of the matrix, instead of 2,000")
    parser.add_argument("--sample", type=int, help="genes in the loops of slow peers, instead of 50")
    parser.add_argument("--files", type=int, help="of the batch, instead of 200")
    parser.add_argument("--peers-python", default=sys.executable, metavar="PATH", help="a Python that has the peers")
    parser.add_argument("--folder", type=Path, help="where the data are made (2 GB), instead of the temporary folder")
    parser.add_argument("--write", type=Path, metavar="FILE", help="keep the tables")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
