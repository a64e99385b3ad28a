"""GSVA: the table of the normal distribution, the walk, and missing values; R's numbers are in test_golden.py."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from strata.scoring.methods.gsva import _normal_table, _random_walk, _smoothed_share_below

VALUES = np.random.default_rng(8).normal(size=(12, 20))
"""Invented."""


def test_share_below_is_a_mean_of_the_truncated_normal_distribution():
    x, bandwidth = np.array([0.0, 1.0, 1.0, 4.0, -30.0]), 0.7

    def normal(distance):
        step = int(abs(distance) / bandwidth * 1000) / 1000  # three digits, cut off
        upper = (1 + math.erf(step / math.sqrt(2))) / 2
        return upper if distance >= 0 else 1 - upper

    expected = [sum(normal(a - b) for b in x) / 5 for a in x]
    assert _smoothed_share_below(x, bandwidth, _normal_table(60_000)) == pytest.approx(expected, abs=1e-15)


def walked(places: list[int], n: int) -> float:
    total = sum(abs(n / 2 - place) for place in places)
    height = highest = lowest = 0.0
    for place in range(n):
        height += abs(n / 2 - place) / total if place in places else -1 / (n - len(places))
        highest, lowest = max(highest, height), min(lowest, height)
    return highest + lowest


@given(st.sets(st.integers(0, 10), min_size=1, max_size=9))
def test_walk(places):
    assume(places != {6})  # n / 2 of 12: a step of 0 would be divided by itself
    assert _random_walk(np.array([sorted(places, reverse=True)]), 12) == pytest.approx(
        [walked(sorted(places), 12)], abs=1e-14
    )


def test_a_set_whose_only_step_is_zero_has_no_score():
    assert np.isnan(_random_walk(np.array([[6]]), 12)).all()


def test_genes_that_are_constant_or_unknown_in_some_sample_are_left_out(score):
    spoilt = np.hstack([VALUES, VALUES[:, :1], np.ones((12, 1))])
    spoilt[3, 20] = np.nan

    plain = score("gsva", VALUES, {1: 1.0, 5: 1.0, 7: 1.0})
    assert score("gsva", spoilt, {1: 1.0, 5: 1.0, 7: 1.0, 20: 1.0, 21: 1.0}).tolist() == plain.tolist()


def test_without_genes_outside_the_set_there_is_no_score(score):
    assert np.isnan(score("gsva", VALUES[:, :3], {0: 1.0, 1: 1.0, 2: 1.0})).all()
    assert np.isnan(score("gsva", np.full((3, 2), 4.0), {0: 1.0})).all()
