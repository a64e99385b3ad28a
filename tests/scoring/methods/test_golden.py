"""The numbers of R's GSVA and of base R, on the same tables; the programs stand beside them."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from strata.scoring.gene_sets import SignedSet, nearest_centroid, score_sets

GOAL = 1e-12
"""Of the largest score; reached: 7e-15 (gsva), 2e-15 (ssgsea), 5e-15 (zscore), 5e-14 (plage), 6e-16 (Spearman)."""


@pytest.fixture(scope="module")
def folder(root):
    return root / "tests" / "golden" / "scoring"


@pytest.fixture(scope="module")
def gsva(folder):
    return json.loads((folder / "gsva.json").read_text())


@pytest.mark.parametrize("table", ["plain", "ties"])
@pytest.mark.parametrize("method", ["gsva", "ssgsea", "ssgsea_normalised", "zscore", "plage"])
def test_scores_equal_r(folder, gsva, table, method):
    expression = pd.read_csv(folder / f"{table}.csv", index_col=0).T
    sets = {name: SignedSet(dict.fromkeys(genes, 1.0)) for name, genes in gsva["sets"].items()}
    name, normalise = method.removesuffix("_normalised"), method.endswith("_normalised")
    expected = pd.DataFrame(gsva[table][method], index=expression.index)

    found = score_sets(expression, sets, method=name, normalise=normalise, min_coverage=0.1)
    if name == "plage":  # R leaves the sign to chance
        found = found * np.sign((found * expected).sum())
    assert found.shape == expected.shape
    assert np.abs(found - expected).to_numpy().max() <= GOAL * np.abs(expected).to_numpy().max()


def test_correlations_equal_r(folder):
    golden = json.loads((folder / "centroids.json").read_text())
    expression = pd.DataFrame(golden["values"], index=golden["genes"], dtype=float).T
    centroids = pd.DataFrame(golden["centroids"], index=golden["genes"], columns=golden["classes"])

    assert set(golden["correlations"]) == {"none", "median", "scale", "robust"}
    for scaling, expected in golden["correlations"].items():
        found = nearest_centroid(expression, centroids, scaling=scaling, min_coverage=0.01).correlations
        assert found.to_numpy() == pytest.approx(np.array(expected, dtype=float), abs=GOAL, nan_ok=True)
