"""The notebooks in examples/ run from top to bottom, draw their figures inline, and show no patient."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import nbformat
import pytest

nbclient = pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
FIGURES = {"05_trial_with_treatment": 2, "06_metabric_like": 5}
"""Cells that end in a figure."""


def test_these_are_all():
    assert sorted(path.stem for path in EXAMPLES.glob("*.ipynb")) == sorted(FIGURES)


@pytest.mark.parametrize("name", FIGURES)
def test_it_is_kept_without_outputs_and_says_that_its_data_are_synthetic(name):
    notebook = nbformat.read(EXAMPLES / f"{name}.ipynb", as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    assert "**All data are synthetic.**" in notebook.cells[0].source
    assert "reproduce no paper" in re.sub(r"\s+", " ", notebook.cells[0].source).replace("reproduces", "reproduce")


@pytest.mark.parametrize("name", FIGURES)
def test_it_runs(name):
    notebook = nbformat.read(EXAMPLES / f"{name}.ipynb", as_version=4)
    with warnings.catch_warnings():
        # of the notebook's own machinery, not of strata: the kernel runs in a process of its own
        warnings.simplefilter("ignore")
        nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(EXAMPLES)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert not [output for output in outputs if output.get("name") == "stderr"]
    shown = [output["data"] for output in outputs if "data" in output]
    assert sum("image/png" in data for data in shown) == FIGURES[name]
    assert sum("strata-summary" in data.get("text/html", "") for data in shown) >= 4
    told = " ".join(str(data.get(kind, "")) for data in shown for kind in ("text/plain", "text/html"))
    assert not re.search(r"SYN-\d{4}", told)
