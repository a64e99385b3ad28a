"""The records, and how two directions become one score."""

from __future__ import annotations

import numpy as np
import pytest

from strata.scoring.methods import METHODS, IndexedSet
from strata.scoring.methods.method import ratio, up_minus_down

VALUES = np.random.default_rng(6).normal(8, 2, size=(9, 30))
WEIGHTS = {1: 1.0, 4: 2.0, 9: -1.0, 12: 0.5, 20: -3.0, 21: 1.0}
"""Invented."""


def test_a_record_stands_under_its_name():
    assert {name: record.name for name, record in METHODS.items()} == {name: name for name in METHODS}
    assert set(METHODS) == {
        "mean",
        "zscore",
        "signed-mean",
        "weighted",
        "ssgsea",
        "gsva",
        "plage",
        "singscore",
        "correlation",
    }


@pytest.mark.parametrize("method", METHODS)
def test_record_says_whether_other_samples_count(score, method):
    alone = score(method, VALUES[:5], WEIGHTS)
    together = score(method, VALUES, WEIGHTS)[:5]

    assert (np.abs(alone - together).max() > 1e-6) == METHODS[method].depends_on_samples
    assert np.isfinite(alone).all()


@pytest.mark.parametrize("method", METHODS)
def test_record_says_whether_genes_outside_the_set_count(score, method):
    less = score(method, VALUES[:, :25], WEIGHTS)
    more = score(method, VALUES, WEIGHTS)

    assert (np.abs(less - more).max() > 1e-6) == METHODS[method].needs_all_genes


@pytest.mark.parametrize("method", METHODS)
def test_higher_up_genes_make_a_higher_score(score, method):
    values = VALUES.copy()
    values[0, [1, 4, 12, 21]] += 8
    values[0, [9, 20]] -= 8

    assert score(method, values, WEIGHTS).argmax() == 0


@pytest.mark.parametrize("method", sorted(set(METHODS) - {"weighted", "signed-mean", "correlation"}))
def test_two_directions_are_up_minus_down(score, method):
    up = score(method, VALUES, {1: 1.0, 4: 2.0, 12: 0.5, 21: 1.0})
    down = score(method, VALUES, {9: 1.0, 20: 3.0})

    assert score(method, VALUES, WEIGHTS) == pytest.approx(up - down, abs=1e-12)
    assert score(method, VALUES, {9: -1.0, 20: -3.0}) == pytest.approx(-down, abs=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_a_set_without_genes_is_unknown(score, method):
    assert np.isnan(score(method, VALUES, {})).all()


@pytest.mark.parametrize("method", METHODS)
def test_a_sample_without_values_is_unknown_and_changes_nobody(score, method):
    values = np.vstack([VALUES, np.full(30, np.nan)])
    scores = score(method, values, WEIGHTS)

    assert np.isnan(scores[-1])
    assert scores[:-1] == pytest.approx(score(method, VALUES, WEIGHTS), abs=1e-12)


def test_a_gene_without_direction_has_no_side():
    genes = IndexedSet(np.array([0, 1, 2]), np.array([1.0, 0.0, -1.0]))

    assert up_minus_down(lambda columns: np.array([10.0**i for i in columns]), [genes], 1) == [[1 - 100]]


def test_ratio_is_unknown_where_nothing_is_counted():
    assert ratio(np.array([1.0, 0.0]), np.array([2, 0])).tolist() == pytest.approx([0.5, np.nan], nan_ok=True)
