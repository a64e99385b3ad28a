"""The cut between two components: where it lies, how bimodal, and when there is none."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest

from strata.scoring import LearnedCuts, learn_cut, mixture_cut


def normal_scores(mean, sd, n):
    """n values whose distribution is as normal as n values can be."""
    return np.array([NormalDist(mean, sd).inv_cdf((i + 0.5) / n) for i in range(n)])


def test_equal_components_are_cut_half_way():
    found = mixture_cut(np.concatenate([normal_scores(2, 1, 200), normal_scores(10, 1, 200)]))
    assert found.value == pytest.approx(6, abs=1e-6)
    # Wang: sqrt(1/2 * 1/2) * (10 - 2) / sd; a sample of quantiles has a little less than the variance
    sd = normal_scores(0, 1, 200).std()
    assert found.bimodality_index == pytest.approx(0.5 * 8 / sd, rel=1e-4)
    assert found.bic_two < found.bic_one
    assert found.reason == ""


def test_unequal_components_are_cut_where_share_times_density_is_equal():
    found = mixture_cut(np.concatenate([normal_scores(0, 1, 900), normal_scores(12, 2, 100)]))
    low, high = NormalDist(0, 1), NormalDist(12, 2)
    # the fitted variances are those of the quantiles, a little below 1 and 4
    assert 0.9 * low.pdf(found.value) == pytest.approx(0.1 * high.pdf(found.value), rel=0.25)
    assert low.mean < found.value < high.mean


def test_an_affine_change_of_the_scale_changes_the_cut_alike():
    values = np.random.default_rng(1).normal(size=200) + np.repeat([0, 6], 100)
    found, other = mixture_cut(values), mixture_cut(1000 * values + 7)
    assert other.value == pytest.approx(1000 * found.value + 7, rel=1e-6)
    assert other.bimodality_index == pytest.approx(found.bimodality_index, rel=1e-6)
    assert mixture_cut(values) == found  # the seed is fixed


def test_one_component_that_fits_better_is_refused():
    found = mixture_cut(normal_scores(5, 2, 300))
    assert np.isnan(found.value)
    assert found.bic_one < found.bic_two
    assert found.reason == (
        f"one component fits better than two (BIC {found.bic_one:.1f} with one, {found.bic_two:.1f} with two)"
    )


def test_components_inside_each_other_are_refused():
    found = mixture_cut(np.concatenate([normal_scores(0, 1, 300), normal_scores(0.01, 8, 300)]))
    assert np.isnan(found.value)
    assert "not side by side" in found.reason


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (np.arange(19.0), "19 values are too few for a mixture, which needs 20"),
        (np.append(np.arange(19.0), np.nan), "19 values are too few"),
        (np.full(30, 4.0), "every value is the same"),
        (np.empty(0), "0 values are too few"),
    ],
)
def test_too_little_to_tell(values, reason):
    found = mixture_cut(values)
    assert np.isnan(found.value)
    assert found.reason.startswith(reason)


def test_a_learned_mixture_keeps_its_index_or_its_reason():
    two = np.concatenate([normal_scores(2, 1, 50), normal_scores(10, 1, 50)])
    cuts = LearnedCuts(np.ones(100, dtype=bool), override="mixture")
    value = cuts.cut("mrna ESR1", "median", two)
    assert value == learn_cut("mixture", two) == mixture_cut(two).value
    (point,) = cuts.cuts
    assert (point.rule, point.n) == ("mixture", 100)
    assert point.note == f"bimodality index {mixture_cut(two).bimodality_index:.2f}"
    cuts = LearnedCuts(np.ones(100, dtype=bool))
    assert np.isnan(cuts.cut("mrna A", "mixture", normal_scores(0, 1, 100)))
    assert cuts.cuts[0].note.startswith("one component fits better than two (BIC")


def test_a_mixture_that_is_not_clearly_bimodal_says_so():
    rng = np.random.default_rng(1)
    skewed = np.exp(rng.normal(0, 0.8, 300))
    index = mixture_cut(skewed).bimodality_index
    assert 0 < index < 1.1
    cuts = LearnedCuts(np.ones(300, dtype=bool))
    assert np.isfinite(cuts.cut("mrna A", "mixture", skewed))
    assert cuts.cuts[0].note == f"bimodality index {index:.2f}: below 1.1, not clearly bimodal"
