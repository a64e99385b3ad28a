from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from strata.survival.kernels.cox import cox
from strata.survival.kernels.cox_exact import ExactLikelihood
from strata.survival.kernels.partial_likelihood import PartialLikelihood
from strata.survival.kernels.risk_table import risk_table


def study(seed: int, n: int = 14):
    generator = np.random.default_rng(seed)
    time = generator.integers(2, 6, n).astype(float)
    entry = np.minimum(generator.integers(0, 4, n), time - 1).astype(float)
    return time, generator.random(n) < 0.7, entry, generator.integers(0, 2, n), generator.normal(size=(n, 2))


@pytest.mark.parametrize("seed", range(4))
def test_is_the_sum_over_all_sets(seed) -> None:
    time, event, entry, strata, x = study(seed)
    likelihood = ExactLikelihood.of(x, risk_table(time, event, entry=entry, strata=strata))
    beta, wanted = np.array([0.6, -0.4]), 0.0
    for stratum in (0, 1):
        for t in np.unique(time[event & (strata == stratum)]):
            at_risk = np.flatnonzero((strata == stratum) & (time >= t) & (entry < t))
            dying = np.flatnonzero((strata == stratum) & event & (time == t))
            sets = combinations(at_risk, dying.size)
            wanted += (x[dying] @ beta).sum() - np.log(sum(np.exp((x[list(s)] @ beta).sum()) for s in sets))
    assert likelihood.at(beta)[0] == pytest.approx(wanted, rel=1e-12)


def test_derivatives_are_those_of_the_likelihood() -> None:
    time, event, entry, strata, x = study(9, n=40)
    likelihood = ExactLikelihood.of(x, risk_table(time, event, entry=entry, strata=strata))
    beta, step = np.array([0.3, -0.2]), 1e-5
    _, score, information = likelihood.at(beta)
    for k, change in enumerate(np.eye(2) * step):
        above, below = likelihood.at(beta + change), likelihood.at(beta - change)
        assert score[k] == pytest.approx((above[0] - below[0]) / (2 * step), rel=1e-6, abs=1e-6)
        np.testing.assert_allclose(information[k], (below[1] - above[1]) / (2 * step), rtol=1e-6, atol=1e-6)


def test_without_ties_all_methods_are_one() -> None:
    generator = np.random.default_rng(5)
    time, event, x = generator.permutation(30) + 1.0, generator.random(30) < 0.8, generator.normal(size=(30, 2))
    table = risk_table(time, event, strata=np.zeros(30, dtype=np.int64))
    exact, efron = ExactLikelihood.of(x, table), PartialLikelihood.of(x, table, efron=True)
    for own, other in zip(exact.at(np.array([0.5, 0.1])), efron.at(np.array([0.5, 0.1]))):
        np.testing.assert_allclose(own, other, rtol=1e-11)


def test_a_group_that_has_all_events_is_infinite() -> None:
    found = cox([1, 1, 2, 2, 3, 3], [1, 1, 1, 0, 0, 0], [1, 1, 1, 0, 0, 0], ties="exact")
    assert np.isnan(found.coefficients).all()
    assert found.reason.startswith("infinite coefficient")


def test_very_many_tied_events_are_refused() -> None:
    with pytest.raises(ValueError, match="50 events at one time at most, not 60: use efron"):
        cox(np.ones(80), np.arange(80) < 60, np.arange(80), ties="exact")


def test_no_event() -> None:
    assert cox([1, 2, 3], [0, 0, 0], [1, 2, 3], ties="exact").reason == "no event"
