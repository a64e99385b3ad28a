"""Rows, samples and genes in another order: the same bytes in every table."""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from strata.analysis import Plan, run_plan
from strata.report import run_to_folder

ASKED = {
    "signatures": [
        *("igf1r-sphk1-high", "igf1r-high", "akt-mtor-4ebp1-activated", "erk-feedback", "her2-resistance-panel"),
        *(
            "hallmark-mtorc1",
            "her2-enriched",
            "fc-receptor",
            "brca-mutated",
            "everolimus-outlier",
            "chromosomal-instability",
        ),
    ],
    "populations": ["all"],
    "endpoints": ["DFS", "OS"],
    "covariates": ["node"],
    "subgroups": ["er"],
    "min_coverage": 0.1,
}
"""Means over patients and over genes, ranks, classes, genotypes, time points, permutations, a model with covariates."""

LAYOUTS = ("flat", "cbioportal")
MATRIX = re.compile("mrna|mirna|cna|copy_number|protein|rppa|serum")
"""Tables with patients in columns, unless they have time points."""


@pytest.fixture(scope="module")
def plain(root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes]]:
    """The tables of each layout as it is."""
    home, cohort = tmp_path_factory.mktemp("plain"), root / "synthetic" / "figure2-breast"
    return {layout: tables(root, cohort / layout, home / layout) for layout in LAYOUTS}


def tables(root: Path, cohort: Path, out: Path) -> dict[str, bytes]:
    """Every table of a run."""
    lists = root / "synthetic" / "gene-sets"
    files = {"gene_sets": [str(lists / "invented.gmt")], "centroids": [str(lists / "pam50_centroids.tsv")]}
    plan = Plan.checked(cohorts=[{"path": str(cohort), "name": "breast"}], **files, **ASKED)
    assert run_to_folder(lambda: run_plan(plan), out, figures=False).exit_status == 0
    found = {path.name: path.read_bytes() for path in out.iterdir() if path.suffix in (".tsv", ".parquet")}
    assert len(found) > 10
    return found


def shuffle(table: Path, chance: random.Random) -> None:
    """The rows of a text table in another order, and the samples of a matrix; what stands above its header stays."""
    lines = table.read_text().splitlines()
    top = [line for line in lines if line.startswith("#")]
    header, *rows = (line.split("\t") for line in lines[len(top) :])
    chance.shuffle(rows)
    places = list(range(1, len(header)))
    if MATRIX.search(table.name) and "timepoints" not in table.name:
        chance.shuffle(places)
    turned = [[row[0], *(row[place] for place in places)] for row in [header, *rows]]
    table.write_text("".join(line + "\n" for line in [*top, *("\t".join(row) for row in turned)]))


@pytest.mark.parametrize("layout", LAYOUTS)
@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 1000))
def test_the_order_of_rows_and_columns_changes_no_byte(root, plain, tmp_path, layout, seed):
    chance = random.Random(seed)
    cohort = tmp_path / f"{layout}-{seed}"
    shutil.copytree(root / "synthetic" / "figure2-breast" / layout, cohort, dirs_exist_ok=True)
    for table in sorted(cohort.glob("data_*.txt" if layout == "cbioportal" else "*.tsv")):
        shuffle(table, chance)
    assert tables(root, cohort, tmp_path / f"out-{layout}-{seed}") == plain[layout]
    shutil.rmtree(cohort)
    shutil.rmtree(tmp_path / f"out-{layout}-{seed}")
