from __future__ import annotations

import numpy as np
import pytest

from strata.survival.kernels.cox import cox
from strata.survival.kernels.cox_robust import robust_covariance, score_residuals
from strata.survival.kernels.partial_likelihood import PartialLikelihood
from strata.survival.kernels.risk_table import risk_table


def test_therneaus_residuals_by_hand() -> None:
    # Therneau and Grambsch 2000, appendix E.1, at beta = 0: the mean at risk is 1/2 at time 1, 1/4 at time 6 (twice,
    # Breslow) and 0 at time 9
    time, event = np.array([1.0, 1, 6, 6, 8, 9]), np.array([True, False, True, True, False, True])
    table = risk_table(time, event, strata=np.zeros(6, dtype=np.int64))
    x = np.array([[1.0], [1], [1], [0], [0], [0]])
    residuals = score_residuals(PartialLikelihood.of(x, table, efron=False), np.zeros(1))[:, 0]
    first, second = 1 / 2 / 6, 2 / 4  # share of the hazard times distance from the mean, per unit
    wanted = [
        1 / 2 - first,
        -first,
        3 / 4 - first - second * 3 / 4,
        -1 / 4 + first + second / 4,
        first + second / 4,
        first + second / 4,
    ]
    np.testing.assert_allclose(residuals, wanted, atol=1e-15)


@pytest.mark.parametrize("efron", [True, False])
def test_residuals_add_up_to_the_score_and_squares_are_added_by_cluster(efron) -> None:
    generator = np.random.default_rng(2)
    x, strata = generator.normal(size=(70, 2)), generator.integers(0, 2, 70)
    time = np.ceil(generator.exponential(6, 70))
    entry = np.minimum(generator.integers(0, 4, 70), time - 1)
    table = risk_table(time, generator.random(70) < 0.7, entry=entry, strata=strata)
    likelihood, beta = PartialLikelihood.of(x, table, efron=efron), np.array([0.4, -0.3])
    residuals = score_residuals(likelihood, beta)
    np.testing.assert_allclose(residuals.sum(axis=0), likelihood.at(beta)[1], atol=1e-12)
    clusters = np.arange(residuals.shape[0]) % 5
    totals = np.array([residuals[clusters == k].sum(axis=0) for k in range(5)])
    np.testing.assert_allclose(robust_covariance(residuals, np.eye(2), clusters), totals.T @ totals, rtol=1e-12)


def test_near_the_jackknife() -> None:
    generator = np.random.default_rng(3)
    x = generator.normal(size=400)
    time, event = generator.exponential(np.exp(-0.5 * x)), generator.random(400) < 0.8
    left_out = [cox(np.delete(time, i), np.delete(event, i), np.delete(x, i)).coefficients[0] for i in range(0, 400, 4)]
    found = cox(time, event, x, cluster=np.arange(400))
    influence = np.array(left_out) - found.coefficients[0]
    assert found.robust_standard_errors[0] == pytest.approx(np.sqrt(4 * (influence**2).sum()), rel=0.15)
