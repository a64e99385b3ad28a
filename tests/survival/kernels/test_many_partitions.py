"""Many Cox models of groups are those of the plain kernel, or are left to it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strata.survival.kernels import many_partitions
from strata.survival.kernels.cox import cox
from strata.survival.kernels.many_partitions import fit_many_partitions
from strata.survival.kernels.prepared import PreparedOutcome


class Study:
    """An outcome, and tests of patients in 2 to 5 groups; some patients are in none."""

    def __init__(self, seed: int, n: int, *, groups: int, strata: int, delayed: bool, months: bool, events: float):
        generator = np.random.default_rng(seed)
        self.codes = generator.integers(-1, groups, (6, n))
        self.codes[1] = np.where(generator.random(n) < 0.8, 0, self.codes[1])
        time = generator.exponential(20.0 / 1.5 ** self.codes[2].clip(0)) + 0.01
        self.time = np.ceil(time) if months else time
        self.codes[3] = np.digitize(self.time, np.quantile(self.time, np.arange(1, groups) / groups))
        self.event = generator.random(n) < events
        self.strata = generator.integers(0, strata, n)
        entry = np.minimum(np.floor(self.time * generator.random(n) * 0.6), self.time - 0.005)
        self.entry = entry if delayed else None
        self.groups = self.codes == np.arange(groups)[:, np.newaxis, np.newaxis]
        self.outcome = PreparedOutcome.of(self.time, self.event, self.strata, self.entry)

    def fit(self, i: int):
        keep = self.codes[i] >= 0
        indicators = self.groups[1:, i].T[keep].astype(float)
        entry = None if self.entry is None else self.entry[keep]
        strata = self.strata[keep]
        return cox(self.time[keep], self.event[keep], indicators, stratification_factors=strata, entry=entry)


def studies(n):
    return st.builds(
        Study,
        st.integers(0, 2**31),
        n,
        groups=st.integers(2, 5),
        strata=st.sampled_from([1, 1, 3]),
        delayed=st.booleans(),
        months=st.booleans(),
        events=st.sampled_from([0.05, 0.3, 0.7, 1.0]),
    )


def check(study) -> int:
    """Compare each model; returns how many were fitted."""
    found = fit_many_partitions(study.outcome, study.groups)
    fitted = np.flatnonzero(~np.isnan(found.coefficients[:, 0]))
    for i in fitted:
        fit = study.fit(i)
        assert fit.reason == ""
        error = np.sqrt(np.diag(found.covariance[i]))
        np.testing.assert_allclose(found.coefficients[i], fit.coefficients, rtol=1e-9, atol=1e-11)
        np.testing.assert_allclose(error, fit.standard_errors, rtol=1e-9)
        np.testing.assert_allclose(found.covariance[i], fit.covariance, rtol=1e-9, atol=1e-9 * error.max() ** 2)
    left = np.setdiff1d(np.arange(len(study.codes)), fitted)
    assert np.isnan(found.coefficients[left]).all()
    assert np.isnan(found.covariance[left]).all()
    return fitted.size


@given(studies(st.integers(2, 60)))
def test_as_the_plain_kernel_or_left_to_it(study):
    check(study)


@given(studies(st.integers(200, 400)).filter(lambda study: study.event.mean() > 0.2))
def test_ordinary_models_are_not_left(study):
    """Those of groups by chance. Of the others one is by time: its coefficients are large."""
    assert check(study) >= 3


def test_large_studies_in_blocks(monkeypatch):
    study = Study(1, 3_000, groups=4, strata=2, delayed=False, months=True, events=0.6)
    whole = fit_many_partitions(study.outcome, study.groups)
    monkeypatch.setattr(many_partitions, "BLOCK", 30_000)
    parts = fit_many_partitions(study.outcome, study.groups)
    np.testing.assert_array_equal(parts.coefficients, whole.coefficients)
    np.testing.assert_array_equal(parts.covariance, whole.covariance)
    assert check(study) >= 5


@pytest.mark.parametrize("codes", [[0, 0, 0, 1, 1, 1], [0, 0, 0, 0, 0, 0], [-1] * 6])
def test_infinite_and_empty_models_are_left(codes):
    """A group without an event, one that is empty, and nobody at all."""
    outcome = PreparedOutcome.of(np.arange(1.0, 7.0), np.array([1, 1, 1, 0, 0, 0], dtype=bool))
    found = fit_many_partitions(
        outcome, np.array([[code == group for code in codes] for group in (0, 1)])[:, np.newaxis]
    )
    assert np.isnan(found.coefficients).all()
    nothing = fit_many_partitions(outcome, np.zeros((4, 0, 6), dtype=bool))
    assert (nothing.coefficients.shape, nothing.covariance.shape) == ((0, 3), (0, 3, 3))


def test_without_any_event():
    outcome = PreparedOutcome.of(np.arange(1.0, 7.0), np.zeros(6, dtype=bool))
    assert np.isnan(fit_many_partitions(outcome, np.eye(2, dtype=bool)[:, [[0, 1, 0, 1, 0, 1]]]).coefficients).all()
