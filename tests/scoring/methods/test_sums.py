"""mean, zscore, weighted and signed-mean, by hand."""

from __future__ import annotations

import numpy as np
import pytest

NAN = float("nan")
# z-scores: -1, 0, 1; then 1, 0, -1; then -1, 1, unknown over sqrt(2)
THREE = [[1.0, 4.0, 0.0], [2.0, 2.0, 2.0], [3.0, 0.0, NAN]]


def test_mean_of_z_scores(score):
    assert score("mean", THREE, {0: 1.0, 2: 1.0}) == pytest.approx([(-1 - 0.5**0.5) / 2, 0.5**0.5 / 2, 1.0])
    assert score("mean", THREE, {0: 1.0, 1: -1.0}) == pytest.approx([-2.0, 0.0, 2.0])


def test_zscore_divides_by_the_root_of_the_known_genes(score):
    assert score("zscore", THREE, {0: 1.0, 2: 1.0}) == pytest.approx([-(0.5**0.5) - 0.5, 0.5, 1.0])
    assert score("zscore", THREE, {0: 1.0, 1: -1.0}) == pytest.approx([-2.0, 0.0, 2.0])


@pytest.mark.parametrize("method", ["mean", "zscore"])
def test_a_constant_gene_has_no_z_score(score, method):
    values = [[1.0, 5.0], [3.0, 5.0]]

    assert score(method, values, {0: 1.0, 1: 1.0}) == pytest.approx([-(0.5**0.5), 0.5**0.5])
    assert np.isnan(score(method, values, {1: 1.0})).all()


def test_moments_learned_elsewhere(score):
    given = {"means": np.array([1.0, 2.0, 0.0]), "sds": np.array([2.0, 1.0, 1.0])}

    # (1 - 1) / 2 and (4 - 2) / 1
    assert score("mean", THREE, {0: 1.0, 1: 1.0}, **given)[0] == pytest.approx((0 + 2) / 2)


# genefu's sig.score: share of the side x its weighted mean, up minus down
def test_weighted_is_genefus_score(score):
    # up: 2/3 of the genes, (2 x 1 + 1 x 4) / 3 = 2; down: 1/3 of the genes, 3
    weights = {0: 2.0, 1: 1.0, 2: -4.0}

    assert score("weighted", [[1.0, 4.0, 3.0]], weights) == pytest.approx([2 / 3 * 2 - 1 / 3 * 3])
    # unknown: the weights of its side are those of the known genes, the shares stay
    assert score("weighted", [[NAN, 4.0, 3.0]], weights) == pytest.approx([2 / 3 * 4 - 1 / 3 * 3])


def test_signed_mean_is_the_signed_sum_over_the_number_of_genes(score):
    assert score("signed-mean", [[1.0, 4.0, 3.0]], {0: 2.0, 1: 1.0, 2: -4.0}) == pytest.approx([(1 + 4 - 3) / 3])
    assert score("signed-mean", [[1.0, 4.0, 3.0]], {1: -0.5}) == pytest.approx([-4.0])
