"""Ranks, moments and z-scores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from strata.scoring.methods.expression import Expression, rank_samples

NAN = float("nan")


def test_tied_genes_are_ranked_in_three_ways():
    # of 5, 7, 5, 9, 5: the fives hold the ranks 1 to 3, the first of them the highest of these
    ranks = rank_samples(np.array([[5.0, 7.0, 5.0, 9.0, 5.0]]))

    assert ranks.ordinal.tolist() == [[3, 4, 2, 5, 1]]
    assert ranks.lowest.tolist() == [[1, 4, 1, 5, 1]]
    assert ranks.average.tolist() == [[2, 4, 2, 5, 2]]


def test_mean_rank_of_a_tie_loses_its_fraction():
    # the ranks 1 and 2 have the mean 1.5; R's as.integer makes it 1
    assert rank_samples(np.array([[0.0, 0.0, 4.0]])).average.tolist() == [[1, 1, 3]]


def test_unknown_genes_have_rank_zero_and_take_none():
    ranks = rank_samples(np.array([[NAN, 2.0, NAN, 1.0], [NAN, NAN, NAN, NAN]]))

    assert ranks.ordinal.tolist() == [[0, 2, 0, 1], [0, 0, 0, 0]]
    assert ranks.n_known.tolist() == [2, 0]


@given(
    st.lists(
        st.lists(st.sampled_from([-1.5, -0.0, 0.0, 1.0, 2.0, 2.5, NAN]), min_size=7, max_size=7), min_size=1, max_size=4
    )
)
def test_ranks_agree_with_scipy_and_a_stable_sort(rows):
    ranks = rank_samples(np.array(rows))

    for row, ordinal, lowest, average in zip(rows, ranks.ordinal, ranks.lowest, ranks.average):
        known = [i for i, value in enumerate(row) if value == value]
        own = [row[i] for i in known]
        descending = sorted(known, key=lambda i: -row[i])  # Python's sort is stable, as R's order is
        assert [ordinal[i] for i in descending] == list(range(len(known), 0, -1))
        assert lowest[known].tolist() == (rankdata(own, method="min").tolist() if own else [])
        assert average[known].tolist() == ([int(rank) for rank in rankdata(own)] if own else [])


def test_moments_are_those_of_the_known_values():
    expression = Expression(np.array([[1.0, 7.0, NAN, NAN], [2.0, 7.0, 4.0, NAN], [6.0, 7.0, NAN, NAN]]))
    means, sds = expression.moments

    assert means.tolist()[:3] == [3.0, 7.0, 4.0]
    # (4 + 1 + 9) / 2 = 7; the second gene is constant, the third has one value, the fourth none
    assert sds[0] == pytest.approx(7**0.5, rel=1e-15)
    assert np.isnan(sds[1:]).all()
    assert np.isnan(means[3])


def test_given_moments_replace_the_samples_own():
    values = np.array([[1.0, 5.0], [4.0, 5.0]])
    expression = Expression(values, means=np.array([2.0, 5.0]), sds=np.array([0.5, 0.0]))

    assert expression.zscores(np.array([0])).tolist() == [[-2.0, 4.0]]
    assert expression.varying.tolist() == [True, False]


def test_which_values_count():
    expression = Expression(np.array([[1.0, 3.0, 2.0], [2.0, NAN, 2.0], [4.0, 5.0, 2.0], [NAN, NAN, NAN]]))

    assert expression.usable("known").tolist() == [[True] * 3, [True, False, True], [True] * 3, [False] * 3]
    assert expression.usable("varying")[0].tolist() == [True, True, False]
    # a sample without any value does not make genes incomplete, one with some values does
    assert expression.usable("complete").tolist() == [[True, False, False]] * 3 + [[False] * 3]
