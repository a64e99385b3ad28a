"""Markers that come in blocks share one set of permutations: single-step max-T, as if they had come at once."""

from __future__ import annotations

import numpy as np
import pytest

from strata.survival.kernels.joint_null import JointNull
from strata.survival.kernels.max_t import max_t


@pytest.mark.parametrize("n_strata", [1, 3])
def test_blocks_give_what_max_t_gives(n_strata):
    generator = np.random.default_rng(6)
    time, event = np.ceil(generator.exponential(9, 80)), generator.random(80) < 0.6
    strata = generator.integers(0, n_strata, 80)
    markers = generator.random((80, 12)) < 0.3
    markers[:, 5] = False
    null = JointNull(time, event, strata, n_permutations=500, seed=4)
    blocks = [null.add(markers[:, at].astype(float)) for at in (slice(0, 5), slice(5, 6), slice(6, 12))]
    statistic, own = (np.concatenate(column) for column in zip(*blocks))
    whole = max_t(time, event, markers, n_permutations=500, seed=4, stratification_factors=strata)
    np.testing.assert_allclose(statistic, whole.statistics, rtol=1e-12)
    np.testing.assert_array_equal(own, whole.p_values)
    np.testing.assert_array_equal(null.largest_p(statistic), whole.single_step_p_values)
    assert np.isnan(statistic[5])
