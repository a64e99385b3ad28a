"""Singscore against exact fractions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strata.scoring.methods import METHODS, Expression, IndexedSet

NAN = float("nan")


def test_by_hand(score):
    # the singscore package's own example: ranks 1, 2, 3, 3. Up {3, 4}: mean 3 between 3/2 and 7/2: 3/4 - 1/2
    values = [[1.0, 2.0, 5.0, 5.0]]
    assert score("singscore", values, {2: 1.0, 3: 1.0}) == [0.25]
    # down {1}: rank 1, the least of 1 to 4: 1 - 0 - 1/2
    assert score("singscore", values, {2: 1.0, 3: 1.0, 0: -1.0}) == [0.75]
    # of {1, 2}, which stand lowest: mean 3/2, the least possible
    assert score("singscore", values, {0: 1.0, 1: 1.0}) == [-0.5]
    # ranks 1, 2, 3 of the known genes; the set keeps one of two, of rank 2, between 1 and 3
    assert score("singscore", [[1.0, 2.0, NAN, 5.0]], {1: 1.0, 2: 1.0}) == [0.0]


def exact(row: list[float], up: list[int]) -> Fraction:
    """Mean rank (ties: lowest) between (k + 1) / 2 and (2 N - k + 1) / 2, minus a half."""
    known = [value for value in row if value == value]
    ranks = [1 + sum(other < row[i] for other in known) for i in up if row[i] == row[i]]
    k, n = len(ranks), len(known)
    low, high = Fraction(k + 1, 2), Fraction(2 * n - k + 1, 2)
    return (Fraction(sum(ranks), k) - low) / (high - low) - Fraction(1, 2)


@given(
    st.lists(st.sampled_from([0.0, 1.0, 2.0, 3.5, NAN]), min_size=8, max_size=8),
    st.sets(st.integers(0, 5), min_size=1, max_size=5),
)
def test_equals_exact_fractions(row, up):
    row = [*row, 1.0]  # one known gene outside the set
    genes = IndexedSet(np.array(sorted(up)), np.ones(len(up)))
    (found,) = METHODS["singscore"].kernel(Expression(np.array([row])), [genes])[:, 0]

    if any(row[i] == row[i] for i in up):
        assert found == pytest.approx(float(exact(row, sorted(up))), abs=1e-15)
    else:
        assert np.isnan(found)


def test_without_genes_outside_the_set_there_is_no_score(score):
    assert np.isnan(score("singscore", [[1.0, 2.0]], {0: 1.0, 1: 1.0})).all()
