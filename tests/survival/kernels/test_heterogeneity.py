from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strata.survival.kernels.heterogeneity import TAU_SQUARED, cochran_q, pooled, q_profile, share_between

EFFECTS, VARIANCES = np.array([0.0, 1.0, 5.0]), np.array([1.0, 1.0, 1.0])


def test_equal_variances_by_hand() -> None:
    # with one variance v every estimator is the sample variance less v: 7 - 1 = 6
    assert pooled(EFFECTS, VARIANCES, 0.0)[0] == 2.0
    assert cochran_q(EFFECTS, VARIANCES) == pytest.approx(14.0)
    assert cochran_q(EFFECTS, VARIANCES, 6.0) == pytest.approx(2.0)
    for method in ("DL", "REML", "PM"):
        assert TAU_SQUARED[method](EFFECTS, VARIANCES) == pytest.approx(6.0)
    assert TAU_SQUARED["fixed"](EFFECTS, VARIANCES) == 0.0
    assert share_between(6.0, VARIANCES) == pytest.approx(600 / 7)
    # chi-squared quantiles of 2 degrees of freedom: -2 log(0.025) and -2 log(0.975)
    lower, upper = q_profile(EFFECTS, VARIANCES)
    assert lower == pytest.approx(14 / (-2 * math.log(0.025)) - 1)
    assert upper == pytest.approx(14 / (-2 * math.log(0.975)) - 1)


def test_no_more_spread_than_chance() -> None:
    for method in ("DL", "REML", "PM"):
        assert TAU_SQUARED[method](np.array([0.1, 0.11, 0.1]), VARIANCES) == 0.0
    assert q_profile(np.array([0.1, 0.1, 0.1]), VARIANCES) == (0.0, 0.0)


@given(st.integers(0, 2**32 - 1), st.integers(2, 12))
@settings(max_examples=60, deadline=None)
def test_reml_is_the_highest_point_of_the_restricted_likelihood(seed, k) -> None:
    generator = np.random.default_rng(seed)
    effects, variances = generator.normal(0, 0.5, k), generator.uniform(0.01, 1.0, k)

    def height(tau_squared: float) -> float:
        # the normal density of the k - 1 contrasts that do not hold the mean
        contrasts = np.linalg.svd(np.ones((1, k)))[2][1:]
        covariance = contrasts @ np.diag(variances + tau_squared) @ contrasts.T
        rest = contrasts @ effects
        return -np.linalg.slogdet(covariance)[1] - rest @ np.linalg.solve(covariance, rest)

    found = TAU_SQUARED["REML"](effects, variances)
    assert found >= 0.0
    assert all(height(found) >= height(other) - 1e-9 for other in np.append(np.linspace(0, 3, 61), found * 1.001))


@given(st.integers(0, 2**32 - 1), st.sampled_from(["DL", "REML", "PM"]))
@settings(max_examples=40, deadline=None)
def test_order_shift_and_scale(seed, method) -> None:
    generator = np.random.default_rng(seed)
    effects, variances = generator.normal(0, 0.5, 6), generator.uniform(0.01, 0.5, 6)
    plain = TAU_SQUARED[method](effects, variances)
    order = generator.permutation(6)
    assert TAU_SQUARED[method](10.0 * effects[order] + 3.0, 100.0 * variances[order]) == pytest.approx(
        100.0 * plain, rel=1e-7, abs=1e-9
    )
