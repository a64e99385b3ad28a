"""PLAGE: the sign, and what has no score; R's numbers are in test_golden.py."""

from __future__ import annotations

import numpy as np
import pytest


def test_two_genes_that_move_together(score):
    # both have the z-scores -1, 0, 1: the vector is these, of length 1
    values = [[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]]

    assert score("plage", values, {0: 1.0, 1: 1.0}) == pytest.approx([-(0.5**0.5), 0.0, 0.5**0.5])
    assert score("plage", values, {0: -1.0, 1: -1.0}) == pytest.approx([0.5**0.5, 0.0, -(0.5**0.5)])


def test_rises_with_the_mean_of_the_z_scores(score):
    values = np.random.default_rng(3).normal(size=(15, 40))

    for start in range(0, 40, 4):
        weights = dict.fromkeys(range(start, start + 4), 1.0)
        assert score("plage", values, weights) @ score("mean", values, weights) > 0
        assert (score("plage", values, weights) ** 2).sum() == pytest.approx(1)


def test_one_usable_gene_has_no_score(score):
    values = np.array([[1.0, 5.0, 1.0], [2.0, 5.0, np.nan], [4.0, 5.0, 7.0]])

    assert np.isnan(score("plage", values, {0: 1.0})).all()
    assert np.isnan(score("plage", values, {0: 1.0, 1: 1.0, 2: 1.0})).all()
