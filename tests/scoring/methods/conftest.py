"""Small tables for the kernels."""

from __future__ import annotations

import numpy as np
import pytest

from strata.scoring.methods import METHODS, Expression, IndexedSet


@pytest.fixture
def score():
    """``score(method, values, weights)``: scores (n_samples,) of one set whose weights go by column."""

    def one(method, values, weights, **given):
        genes = IndexedSet(np.array(list(weights), dtype=np.intp), np.array(list(weights.values()), dtype=float))
        return METHODS[method].kernel(Expression(np.array(values, dtype=float), **given), [genes])[:, 0]

    return one
