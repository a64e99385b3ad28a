"""Spearman's correlation with a centroid."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from strata.scoring.methods import spearman

NAN = float("nan")


def test_by_hand():
    # 1 - 6 x (sum of squared rank differences) / (n (n^2 - 1)), n = 4: differences 0 1 1 0, and -3 -1 1 3
    centroids = np.array([[1.0, 4.0], [3.0, 3.0], [2.0, 2.0], [4.0, 1.0]])

    assert spearman(np.array([[10.0, 20.0, 30.0, 40.0]]), centroids) == pytest.approx(np.array([[0.8, -1.0]]))


def test_each_sample_uses_its_known_genes():
    rng = np.random.default_rng(2)
    values, centroids = rng.integers(0, 6, (20, 12)).astype(float), rng.normal(size=(12, 3)).round(1)
    values[rng.random(values.shape) < 0.2] = NAN

    found = spearman(values, centroids)
    for row, own in zip(values, found):
        known = ~np.isnan(row)
        assert own == pytest.approx([spearmanr(row[known], c[known]).statistic for c in centroids.T], abs=1e-14)


def test_constant_values_and_constant_centroids_have_no_correlation():
    assert np.isnan(spearman(np.array([[1.0, 1.0, 1.0]]), np.array([[1.0], [2.0], [3.0]]))).all()
    assert np.isnan(spearman(np.array([[1.0, 2.0, 3.0]]), np.array([[1.0], [1.0], [1.0]]))).all()
    assert np.isnan(spearman(np.array([[1.0, NAN, NAN], [NAN] * 3]), np.array([[1.0], [2.0], [3.0]]))).all()


def test_method_takes_the_median_of_each_gene_away(score):
    # minus the medians 2, 30, 5: the first sample is -1, 0, 4, the second 0, -10, 0, the third 5, 20, -1
    values = [[1.0, 30.0, 9.0], [2.0, 20.0, 5.0], [7.0, 50.0, 4.0]]

    assert score("correlation", values, {0: -2.0, 1: 0.0, 2: 0.5})[[0, 2]] == pytest.approx([1.0, -0.5])
