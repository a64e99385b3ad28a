from __future__ import annotations

import numpy as np
import pytest

from strata.survival.kernels.moments import RiskSetMoments
from strata.survival.kernels.partial_likelihood import PartialLikelihood
from strata.survival.kernels.risk_table import risk_table


def random_likelihood(*, efron: bool) -> PartialLikelihood:
    generator = np.random.default_rng(21)
    time = np.ceil(generator.exponential(8, 70))
    entry = np.minimum(generator.integers(0, 6, 70), time - 1)
    table = risk_table(time, generator.random(70) < 0.7, entry=entry, strata=generator.integers(0, 2, 70))
    return PartialLikelihood.of(generator.normal(size=(70, 3)), table, efron=efron)


@pytest.mark.parametrize("efron", [True, False])
def test_sums_to_the_partial_likelihood(efron: bool) -> None:
    likelihood, beta = random_likelihood(efron=efron), np.array([0.4, -0.3, 0.2])
    moments = RiskSetMoments.at(likelihood, beta)
    value, score, information = likelihood.at(beta)
    assert moments.log_likelihood == pytest.approx(value, rel=1e-13)
    np.testing.assert_allclose(moments.x[likelihood.event].sum(axis=0) - moments.mean.sum(axis=1), score, atol=1e-11)
    np.testing.assert_allclose(moments.information(np.ones(moments.total.size)), information, atol=1e-11)
    np.testing.assert_allclose((moments.x[likelihood.event] - moments.at_events()).sum(axis=0), score, atol=1e-11)


@pytest.mark.parametrize("efron", [True, False])
def test_what_terms_give_is_what_patients_receive(efron: bool) -> None:
    likelihood = random_likelihood(efron=efron)
    moments, generator = RiskSetMoments.at(likelihood, np.array([0.4, -0.3, 0.2])), np.random.default_rng(3)
    of_patients, of_terms = generator.normal(size=moments.hazard.size), generator.normal(size=moments.total.size)
    assert of_terms @ moments.average(of_patients) == pytest.approx(of_patients @ moments.received(of_terms))
    assert moments.received(np.ones(moments.total.size)).sum() == pytest.approx(moments.total.size)


def test_two_tied_events_by_hand() -> None:
    # hazards 1, 1 and 2 at risk; the two with hazard 1 die together: the second Efron term keeps half of either
    table = risk_table(np.array([1.0, 1.0, 2.0]), np.array([True, True, False]), strata=np.zeros(3, dtype=np.int64))
    likelihood = PartialLikelihood.of(np.array([[0.0], [0.0], [1.0]]), table, efron=True)
    moments = RiskSetMoments.at(likelihood, np.array([np.log(2.0)]))
    centre = 2 / 4
    np.testing.assert_allclose(moments.mean[0] + centre, [2 / 4, 2 / 3])
    np.testing.assert_allclose(moments.at_events()[:, 0] + centre, [(2 / 4 + 2 / 3) / 2] * 2)
    np.testing.assert_allclose(moments.average(np.array([3.0, 3.0, 0.0])), [3 / 2, 1.0])
    np.testing.assert_allclose(moments.received(np.array([1.0, 0.0])), [1 / 4, 1 / 4, 2 / 4])
    np.testing.assert_allclose(moments.received(np.array([0.0, 1.0])), [1 / 6, 1 / 6, 4 / 6])
    assert moments.information(np.array([1.0, 10.0]))[0, 0] == pytest.approx(1 / 4 + 10 * 2 / 9)


def test_small_variances_keep_their_digits() -> None:
    # nearly all the hazard lies on x = 1: the variance is r / (r + 1)^2 for r = exp(30)
    table = risk_table(np.array([1.0, 2.0]), np.array([True, False]), strata=np.zeros(2, dtype=np.int64))
    likelihood = PartialLikelihood.of(np.array([[1.0], [0.0]]), table, efron=True)
    information = RiskSetMoments.at(likelihood, np.array([30.0])).information(np.ones(1))
    assert information[0, 0] == pytest.approx(np.exp(-30), rel=1e-10)
