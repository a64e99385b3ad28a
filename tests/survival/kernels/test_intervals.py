from __future__ import annotations

import numpy as np
import pytest

from strata.survival.kernels.intervals import Intervals


@pytest.mark.parametrize("size", [0, 1, 2, 3, 8, 13])
def test_sums_are_those_of_the_definition(size: int) -> None:
    generator = np.random.default_rng(size)
    first, last = np.sort(generator.integers(0, size + 1, (2, 50)), axis=0)
    holds = (first[:, None] <= np.arange(size)) & (np.arange(size) < last[:, None])
    intervals = Intervals.of(first, last, size)
    columns, values = generator.normal(size=(3, 50)), generator.normal(size=size)
    np.testing.assert_allclose(intervals.summed(columns), columns @ holds, atol=1e-12)
    np.testing.assert_allclose(intervals.gathered(values), holds @ values, atol=1e-12)


def test_a_small_value_survives_a_huge_one_that_leaves() -> None:
    # 1e20 is at risk at the first time only: a running sum would end at 0
    intervals = Intervals.of(np.array([0, 0]), np.array([1, 2]), 2)
    assert intervals.summed(np.array([[1e20, 1.0]]))[0].tolist() == [1e20, 1.0]
