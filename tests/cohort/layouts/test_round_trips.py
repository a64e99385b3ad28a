"""Simulated, written in a layout and read again: the same cohort, recognised for what it is."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pandas as pd
import pytest

from strata import simulate, writing
from strata.cohort import read_cohort

SYNTHETIC = Path(__file__).resolve().parents[3] / "synthetic"
NAMES = sorted(path.parent.name for path in SYNTHETIC.glob("*/flat"))
WRITERS = {
    "adtte": ("adtte", "adtte.csv"),
    "gct": ("flat", "no file of another layout"),
    "geo": ("geo", "_series_matrix.txt"),
    "h5ad": ("h5ad", "clinical.h5ad"),
    "tidy": ("tidy", "the long table tidy.tsv"),
}


@pytest.mark.parametrize("writer", sorted(WRITERS))
@pytest.mark.parametrize("name", NAMES)
def test_simulated_written_and_read_is_the_same_cohort(assert_same_cohort, tmp_path, name, writer):
    if writer == "h5ad" and (importlib.util.find_spec("anndata") is None or pd.__version__ >= "3"):
        pytest.skip("there is no anndata that works")
    tables, _ = simulate.simulate_cohort(simulate.load_scenario(name))
    getattr(writing, f"write_{writer}")(tables, tmp_path)
    cohort = read_cohort(tmp_path)
    layout, why = WRITERS[writer]
    assert cohort.choices["layout"]["name"] == layout
    assert why in cohort.choices["layout"]["why"]
    assert_same_cohort(cohort, read_cohort(SYNTHETIC / name / "flat"))
