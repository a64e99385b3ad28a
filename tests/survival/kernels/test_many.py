"""Many tests at once give what the plain kernels give one by one, with and without numba."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strata.survival import cox, log_rank, proportional_hazards
from strata.survival.kernels.many_groups import INFINITE, NOTHING, compare_many_groups
from strata.survival.kernels.many_values import WIDEST, fit_many_values
from strata.survival.kernels.prepared import PreparedOutcome

N_TESTS = 6


class Study:
    """An outcome, groups and values of ``N_TESTS`` markers, drawn from one seed."""

    def __init__(self, seed: int, n: int, *, strata: int, delayed: bool, missing: float, months: bool, events: float):
        generator = np.random.default_rng(seed)
        time = generator.exponential(20.0, n) + 0.01
        self.time = np.ceil(time) if months else time
        self.event = generator.random(n) < events
        self.strata = generator.integers(0, strata, n)
        entry = np.minimum(np.floor(self.time * generator.random(n) * 0.6), self.time - 0.005)
        self.entry = entry if delayed else None
        self.groups = generator.random((N_TESTS, n)) < np.linspace(0.0, 0.9, N_TESTS)[:, np.newaxis]
        self.values = generator.normal(size=(N_TESTS, n))
        self.values[0] = 1.5
        self.values[1] = self.time
        self.values[2] = self.values[2] > 0.5
        self.values[3] = np.exp(3.0 * self.values[3])
        self.values[4] = generator.poisson(0.15, n)
        known = generator.random((N_TESTS, n)) >= missing
        self.known = known if missing else None
        self.values[~known] = np.nan
        self.outcome = PreparedOutcome.of(self.time, self.event, self.strata, self.entry)

    def of(self, keep):
        entry = None if self.entry is None else self.entry[keep]
        return (self.time[keep], self.event[keep]), {
            "stratification_factors": self.strata[keep],
            "entry": entry,
        }


studies = st.builds(
    Study,
    st.integers(0, 2**31),
    st.integers(2, 60),
    strata=st.sampled_from([1, 1, 3]),
    delayed=st.booleans(),
    missing=st.sampled_from([0.0, 0.25]),
    months=st.booleans(),
    events=st.sampled_from([0.0, 0.1, 0.6, 1.0]),
)


def same(found, expected, rtol, what):
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=1e-11, equal_nan=True, err_msg=what)


def check_groups(study, found):
    for i, groups in enumerate(study.groups):
        keep = np.ones(study.time.size, dtype=bool) if study.known is None else study.known[i]
        data, more = study.of(keep)
        inside = groups[keep]
        assert (found.n[i], found.events[i]) == (keep.sum(), data[1].sum())
        assert (found.n_positive[i], found.events_positive[i]) == (inside.sum(), data[1][inside].sum())
        test = log_rank(*data, inside, **more)
        if len(test.groups) == 2:
            assert found.observed[i] == test.observed[1]
            same(found.expected[i], test.expected[1], 1e-12, "expected")
            same(found.variance[i], test.covariance[1, 1], 1e-12, "variance")
        same(found.chi_squared[i], test.chi_squared, 1e-9, "log-rank")
        check_model(i, found, data, inside.astype(float), more)


def check_model(i, found, data, x, more):
    fit = cox(*data, x, **more)
    same(found.coefficients[i], fit.coefficients[0], 1e-9, f"coefficient ({fit.reason})")
    same(found.standard_errors[i], fit.standard_errors[0], 1e-9, "standard error")
    test = proportional_hazards(*data, x, **more)
    same(found.ph_chi_squared[i], test.chi_squared[0], 1e-7, f"proportional hazards ({test.reason})")
    why = {NOTHING: "no information", INFINITE: "infinite"}.get(found.missing[i])
    assert (why is None) == (fit.reason == "")


@given(studies)
@settings(max_examples=60)
def test_groups_as_the_plain_kernels(study):
    check_groups(study, compare_many_groups(study.outcome, study.groups, study.known, compiled=False))


@given(studies)
@settings(max_examples=60)
def test_values_as_the_plain_kernels(study):
    found = fit_many_values(study.outcome, study.values, compiled=False)
    for i, values in enumerate(study.values):
        keep = ~np.isnan(values)
        data, more = study.of(keep)
        deviation = np.std(values[keep], ddof=1) if keep.sum() > 1 else np.nan
        if np.ptp(values[keep]) == 0 if keep.any() else False:
            deviation = 0.0 if keep.sum() > 1 else np.nan
        same(found.standard_deviations[i], deviation, 1e-12, "standard deviation")
        x = (values[keep] - values[keep].mean()) / deviation if deviation > 0 else np.zeros(keep.sum())
        if keep.any():
            check_model(i, found, data, x, more)


@given(studies)
@settings(max_examples=25)
def test_numba_gives_the_same(study):
    for make in (
        lambda compiled: compare_many_groups(study.outcome, study.groups, study.known, compiled=compiled),
        lambda compiled: fit_many_values(study.outcome, study.values, compiled=compiled),
    ):
        by_numpy, by_numba = make(False), make(True)
        for field in fields(by_numpy):
            rtol = 1e-9 if field.name == "ph_chi_squared" else 1e-12
            same(getattr(by_numba, field.name), getattr(by_numpy, field.name), rtol, field.name)


@pytest.mark.parametrize("months", [True, False])
def test_skewed_and_rare_values_of_a_larger_study(months):
    """Far from normal: hazards of many sizes, and models that Newton's method leaves to the plain kernels."""
    generator = np.random.default_rng(11)
    time, event = generator.exponential(40.0, 400) + 0.01, generator.random(400) < 0.5
    time = np.ceil(time) if months else time
    values = np.concatenate(
        [
            np.exp(3.0 * generator.normal(size=(20, 400))),
            generator.poisson(0.01, (20, 400)).astype(float),
            generator.normal(size=(5, 400)) - 2.0 * np.log(time),
        ]
    )
    values[::4][generator.random((12, 400)) < 0.1] = np.nan
    found = fit_many_values(PreparedOutcome.of(time, event), values, compiled=True)
    assert set(found.missing) == {0, INFINITE}
    for i, row in enumerate(values):
        known = ~np.isnan(row)
        x = (row[known] - row[known].mean()) / np.std(row[known], ddof=1)
        check_model(i, found, (time[known], event[known]), x, {})


def test_compiled_code_takes_any_array_and_any_number_of_threads():
    generator = np.random.default_rng(6)
    time, event = generator.exponential(30, 90), generator.random(90) < 0.5
    outcome, values = PreparedOutcome.of(time, event), generator.normal(size=(7, 90))
    reversed_twice = values[:, ::-1].copy()[:, ::-1]
    reversed_twice.flags.writeable = False
    for one, other in (
        (
            fit_many_values(outcome, values, compiled=True),
            fit_many_values(outcome, reversed_twice, compiled=True, jobs=3),
        ),
        (
            compare_many_groups(outcome, values > 0, compiled=True),
            compare_many_groups(outcome, (values > 0)[:, ::-1].copy()[:, ::-1], compiled=True, jobs=3),
        ),
    ):
        for field in fields(one):
            np.testing.assert_array_equal(getattr(one, field.name), getattr(other, field.name))


def test_exponentials_to_the_last_digit_but_one():
    from strata.survival.kernels.compiled_exponentials import exponentials

    x = np.concatenate([np.linspace(-WIDEST, WIDEST, 20_001), np.random.default_rng(8).normal(size=20_000), [0.0]])
    found = np.empty_like(x)
    exponentials(x, 1.0, found, np.empty(x.size, dtype=np.int64))
    np.testing.assert_allclose(found, np.exp(x), rtol=4e-16)
    assert found[-1] == 1.0
    exponentials(x, -0.3, found, np.empty(x.size, dtype=np.int64))
    np.testing.assert_allclose(found, np.exp(-0.3 * x), rtol=4e-16)


def test_a_large_study_in_blocks_and_threads():
    """20,000 patients, more tests than one block holds: the order of the rows and the numbers stay."""
    generator = np.random.default_rng(2)
    time, event = np.ceil(generator.exponential(30, 20_000)), generator.random(20_000) < 0.5
    outcome = PreparedOutcome.of(time, event)
    groups = generator.random((250, 20_000)) < generator.random((250, 1))
    one, two = (compare_many_groups(outcome, groups, jobs=jobs, compiled=False) for jobs in (1, 2))
    for i in (0, 120, 249):
        test = log_rank(time, event, groups[i])
        same(one.expected[i], test.expected[1], 1e-12, "expected")
        same(one.coefficients[i], cox(time, event, groups[i].astype(float)).coefficients[0], 1e-9, "coefficient")
    for field in fields(one):
        np.testing.assert_array_equal(getattr(one, field.name), getattr(two, field.name))


@pytest.mark.parametrize(("n_tests", "imported"), [(100, False), (60_000, True)])
def test_numba_is_imported_only_where_it_pays(n_tests, imported):
    program = f"""
import sys
import numpy as np
from strata.survival.kernels.many_groups import compare_many_groups
from strata.survival.kernels.prepared import PreparedOutcome
time = np.arange(1.0, 201.0)
groups = np.random.default_rng(0).random(({n_tests}, 200)) < 0.5
found = compare_many_groups(PreparedOutcome.of(time, time > 50), groups)
assert found.n.size == {n_tests}
sys.exit(("numba" in sys.modules) is not {imported})
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_nothing_to_test():
    outcome = PreparedOutcome.of(np.array([1.0, 2.0]), np.array([True, False]))
    assert compare_many_groups(outcome, np.zeros((0, 2), dtype=bool)).n.size == 0
    assert fit_many_values(outcome, np.zeros((0, 2))).n.size == 0
