from __future__ import annotations

import numpy as np
import pytest

from strata.survival.kernels.partial_likelihood import PartialLikelihood
from strata.survival.kernels.risk_table import risk_table


@pytest.mark.parametrize("efron", [True, False])
@pytest.mark.parametrize("delayed", [True, False])
def test_derivatives_are_those_of_the_likelihood(efron: bool, delayed: bool) -> None:
    generator = np.random.default_rng(8)
    x, strata = generator.normal(size=(60, 3)), generator.integers(0, 3, 60)
    time = np.ceil(generator.exponential(8, 60))
    entry = np.minimum(generator.integers(0, 6, 60), time - 1) if delayed else None
    table = risk_table(time, generator.random(60) < 0.7, entry=entry, strata=strata)
    likelihood = PartialLikelihood.of(x, table, efron=efron)
    beta, step = np.array([0.3, -0.2, 0.1]), 1e-5
    _, score, information = likelihood.at(beta)
    for k, change in enumerate(np.eye(3) * step):
        above, below = likelihood.at(beta + change), likelihood.at(beta - change)
        assert score[k] == pytest.approx((above[0] - below[0]) / (2 * step), rel=1e-6, abs=1e-6)
        np.testing.assert_allclose(information[k], (below[1] - above[1]) / (2 * step), rtol=1e-6, atol=1e-6)


def test_efron_terms_of_a_tie() -> None:
    # three die together among four with hazards 1: 4, 4 - 1 and 4 - 2 are left in the three terms
    table = risk_table(
        np.array([1.0, 1, 1, 2]), np.array([True, True, True, False]), strata=np.zeros(4, dtype=np.int64)
    )
    at_zero = [PartialLikelihood.of(np.eye(4), table, efron=efron).at(np.zeros(4))[0] for efron in (True, False)]
    assert at_zero == pytest.approx([-np.log(4 * 3 * 2), -np.log(4**3)])


def test_large_linear_predictors_do_not_overflow() -> None:
    table = risk_table(np.array([1.0, 2.0]), np.array([True, True]), strata=np.zeros(2, dtype=np.int64))
    value = PartialLikelihood.of(np.array([[1.0], [0.0]]), table, efron=True).at(np.array([5000.0]))[0]
    assert value == pytest.approx(0.0)
