"""The calibration benchmark: every study gives what its checks ask for, and checks are judged by exact limits."""

from __future__ import annotations

import importlib.util
import sys

import numpy as np
import pytest


@pytest.fixture(scope="module")
def calibration(root):
    spec = importlib.util.spec_from_file_location("calibration", root / "benchmarks" / "calibration.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["calibration"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["calibration"]


def test_every_study_computes_its_checks(calibration):
    for study in calibration.studies():
        found = study.simulate(np.random.default_rng(1))
        assert {check.key for check in study.checks} <= set(found), study.name
        assert all(isinstance(float(value), float) for value in found.values())


def test_shares_are_judged_by_exact_limits(calibration):
    """R: qbinom(c(.0005, .9995), 2000, .05) is 69 and 133."""
    check = calibration.Check("x", level=0.05, share=0.05)

    def share(n, kind="exact"):
        values = np.where(np.arange(2000) < n, 0.05, 0.9)
        return calibration.judge(calibration.Check("x", kind, check.level, check.share), values)[1]

    assert [share(n) for n in (68, 69, 133, 134)] == [False, True, True, False]
    assert [share(n, "at most") for n in (0, 133, 134)] == [True, True, False]


def test_a_test_without_a_p_rejects_nothing(calibration):
    values = np.array([0.01] * 100 + [np.nan] * 1900)
    text, holds = calibration.judge(calibration.Check("x", level=0.05, share=0.05), values)
    assert holds
    assert text.startswith("0.0500, ")
    assert text.endswith("1900 not estimable")


def test_means_are_judged_by_their_error_and_one_percent(calibration):
    values = np.array([0.9, 1.1] * 50)
    # the standard error is 0.1 / sqrt(99), three of them and 1 % of the truth are the slack
    slack = 0.3 / np.sqrt(99)
    for truth, expected in ((1.0, True), (1 + slack, True), (1.02 + slack, False)):
        assert calibration.judge(calibration.Check("x", mean=truth), values)[1] == expected
    assert calibration.judge(calibration.Check("x", "at most", mean=9.0), values)[1]
