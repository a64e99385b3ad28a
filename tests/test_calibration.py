"""The calibration benchmark: every study gives what its checks ask for, and checks are judged by exact limits."""

from __future__ import annotations

import importlib.util
import sys

import numpy as np
import pytest

from strata.survival.kernels.concordance import concordance


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


def test_whatever_is_not_held_to_both_limits_says_why(calibration):
    checks = [check for study in calibration.studies() for check in study.checks]
    assert {check.kind for check in checks} == set(calibration.KINDS)
    assert all(bool(check.why) == (check.kind != "exact") for check in checks)


def test_how_a_check_is_judged_is_printed_with_the_reason(calibration, monkeypatch, capsys):
    """Only what is judged can fail, after a second run with five times the simulations."""
    checks = (calibration.Check("x", share=0.5), calibration.Check("y", "shown", share=0.5, why="few patients"))
    monkeypatch.setattr(calibration, "studies", lambda: (calibration.Study("study", dict, checks),))
    monkeypatch.setattr(calibration, "run", lambda _study, n, **_seed: {"x": np.zeros(n), "y": np.zeros(n)})
    assert calibration.main(20) == 1
    lines = capsys.readouterr().out.strip().splitlines()
    assert lines[0] == "study (20 simulations)"
    assert lines[1] == "  judged: must lie inside the limits"
    assert "; again with 100: 0.0000, limits " in lines[2]
    assert lines[2].endswith(": FAIL")
    assert lines[3] == "  shown, not judged (few patients)"
    assert lines[4].endswith(": outside, as known")
    assert lines[-1] == "2 checks (1 exact, 0 at most, 0 at least, 1 shown), 1 failed twice"


def test_the_true_concordance_is_that_of_many_simulated_patients(calibration, monkeypatch):
    generator = np.random.default_rng(1)
    arm = calibration.arms(generator, 0.5, 40_000)
    time, event = calibration.survival(generator, 0.05 * 2.0**arm)
    found = concordance(time, event, arm)
    monkeypatch.setattr(calibration, "N", 40_000)
    assert abs(found.concordance - calibration.true_concordance()) < 3 * found.standard_error


def test_shares_are_judged_by_exact_limits(calibration):
    """R: qbinom(c(.0005, .9995), 2000, .05) is 69 and 133."""
    check = calibration.Check("x", level=0.05, share=0.05)

    def share(n, kind="exact"):
        values = np.where(np.arange(2000) < n, 0.05, 0.9)
        return calibration.judge(calibration.Check("x", kind, check.level, check.share), values)[1]

    assert [share(n) for n in (68, 69, 133, 134)] == [False, True, True, False]
    assert [share(n, "at most") for n in (0, 133, 134)] == [True, True, False]
    assert [share(n, "at least") for n in (68, 69, 2000)] == [False, True, True]


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
    assert calibration.judge(calibration.Check("x", "at least", mean=-9.0), values)[1]
