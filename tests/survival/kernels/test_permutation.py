from __future__ import annotations

import numpy as np
import pytest

from strata.survival.kernels import permutation
from strata.survival.kernels.permutation import permutation_p, permuted, reached


def test_draws_stay_inside_strata() -> None:
    scores, strata = np.arange(6.0), np.array([0, 1, 0, 1, 1, 1])
    drawn = np.concatenate(list(permuted(scores, strata, 500, seed=1)))
    assert drawn.shape == (500, 6)
    for stratum in (0, 1):
        own = np.sort(drawn[:, strata == stratum], axis=1)
        assert (own == scores[strata == stratum]).all()
    assert len({tuple(row) for row in drawn.tolist()}) == 2 * 24


def test_every_order_is_as_likely_and_the_seed_decides() -> None:
    (drawn,) = permuted(np.array([0.0, 1.0, 2.0]), np.zeros(3, dtype=np.int64), 6000, seed=0)
    _, counts = np.unique(drawn, axis=0, return_counts=True)
    assert counts.size == 6
    assert ((counts - 1000) ** 2 / 1000).sum() < 20.5  # chi-squared, 5 degrees of freedom, P = 0.001
    (again,) = permuted(np.array([0.0, 1.0, 2.0]), np.zeros(3, dtype=np.int64), 6000, seed=0)
    (other,) = permuted(np.array([0.0, 1.0, 2.0]), np.zeros(3, dtype=np.int64), 6000, seed=1)
    assert (again == drawn).all()
    assert (other != drawn).any()


def test_the_size_of_the_blocks_changes_no_draw(monkeypatch) -> None:
    whole = np.concatenate(list(permuted(np.arange(5.0), np.zeros(5, dtype=np.int64), 50, seed=3)))
    monkeypatch.setattr(permutation, "BLOCK", 35)
    blocks = list(permuted(np.arange(5.0), np.zeros(5, dtype=np.int64), 50, seed=3))
    assert [len(block) for block in blocks] == [7] * 7 + [1]
    assert (np.concatenate(blocks) == whole).all()


def test_p_is_never_0() -> None:
    assert permutation_p([0, 1, 9], 9).tolist() == pytest.approx([0.1, 0.2, 1.0])
    assert reached(0.3 * (1 + 1e-12)) < 0.3
    assert 2.99 < reached(3.0) < 3.0
