from __future__ import annotations

import sys

import numpy as np
import pytest

from strata.survival.kernels.meta_analysis import meta_analysis

SPREAD = ([-0.9, 0.2, -0.4, 0.5, -1.1], [0.2, 0.3, 0.15, 0.4, 0.25])
ITERATED = {"DL": 1e-9, "REML": 1e-7, "PM": 1e-7}
NAMES = {
    "tau_squared": "tau2",
    "estimate": "est",
    "standard_error": "se",
    "lower": "lower",
    "upper": "upper",
    "i_squared": "I2",
    "h_squared": "H2",
    "prediction_lower": "pred_lower",
    "prediction_upper": "pred_upper",
    "weights": "weights",
    "degrees_of_freedom": "df",
}


def compare(found, wanted, close, rel: float) -> int:
    """Compare what R's result has; returns how many numbers."""
    known = [(getattr(found, ours), wanted[theirs]) for ours, theirs in NAMES.items() if theirs in wanted]
    compared = sum(close(ours, theirs, rel, floor=1e-12) for ours, theirs in known)
    return compared + close(found.log10_p, np.log10(wanted["p"]), rel) + close(found.p_value, wanted["p"], 20 * rel)


def check(result, close, tolerance) -> int:
    y, se = result["yi"], result["sei"]
    fixed, wanted = meta_analysis(y, se, method="fixed"), result["fixed"]
    compared = compare(fixed, wanted, close, 1e-9)
    compared += close([fixed.q, np.log10(fixed.q_p_value)], [wanted["Q"], np.log10(wanted["Q_p"])])
    for method in ("DL", "REML", "PM"):
        normal = meta_analysis(y, se, method=method, hartung_knapp=False)
        compared += compare(normal, result[method], close, tolerance[method])
        adjusted = meta_analysis(y, se, method=method)
        compared += compare(adjusted, result[method]["hartung_knapp"], close, tolerance[method])
    return compared


def interval(result, close, rel: float) -> int:
    found, wanted = meta_analysis(result["yi"], result["sei"]), result["tau2_ci_Qprofile"]
    compared = close([found.tau_squared_lower, found.tau_squared_upper], wanted["tau2"][1:], rel, floor=1e-12)
    return compared + close([found.i_squared_lower, found.i_squared_upper], wanted["I2"][1:], rel, floor=1e-12)


def test_bundled_numbers_of_r(bundled, close) -> None:
    cases = bundled.cases("meta").values()
    assert len(cases) == 4
    assert min(check(case["result"], close, ITERATED) for case in cases) >= 70
    assert sum(interval(case["result"], close, 1e-7) for case in cases) == 16


def test_every_number_of_r(golden, close) -> None:
    """Not ML, SJ, HE. PM and the Q-profile are roots to 1.2e-4 there (metafor's default), to the last digit in ours."""
    cases = {name: case["result"].get("meta", case["result"]) for name, case in golden.cases("meta").items()}
    compared = {name: check(result, close, ITERATED | {"PM": 1e-3}) for name, result in cases.items()}
    compared = {name: number + interval(cases[name], close, 1e-3) for name, number in compared.items()}
    sys.stdout.write(f"meta: {len(compared)} cases, {sum(compared.values())} numbers\n")
    assert len(compared) >= 3


def test_by_hand() -> None:
    # two cohorts of one variance 0.02, 0.5 apart: tau squared 0.125 - 0.02, Hartung-Knapp error 0.5 / 2, t(1) 12.706
    found = meta_analysis([0.3, -0.2], [0.02**0.5] * 2, method="DL")
    assert found.estimate == pytest.approx(0.05)
    assert found.tau_squared == pytest.approx(0.105)
    assert found.standard_error == pytest.approx(0.25)
    assert found.upper - found.estimate == pytest.approx(12.7062047 * 0.25)
    assert found.p_value == pytest.approx(1 - 2 / np.pi * np.arctan(0.2))  # t(1) is Cauchy
    assert found.q == pytest.approx(0.25 / 0.04)
    assert found.weights.tolist() == [0.5, 0.5]
    assert (found.degrees_of_freedom, found.prediction_degrees_of_freedom) == (1, 1)
    assert found.prediction_upper - found.estimate == pytest.approx(12.7062047 * (0.0625 + 0.105) ** 0.5)
    assert found.warning == "two cohorts hardly tell how much cohorts differ"


def test_hartung_knapp_is_for_random_effects() -> None:
    with pytest.raises(ValueError, match="Hartung-Knapp is for random effects"):
        meta_analysis(*SPREAD, method="fixed", hartung_knapp=True)
    assert not meta_analysis(*SPREAD, method="fixed").hartung_knapp
    assert meta_analysis(*SPREAD, method="PM").hartung_knapp
    normal = meta_analysis(*SPREAD, hartung_knapp=False)
    assert np.isinf([normal.degrees_of_freedom, normal.prediction_degrees_of_freedom]).all()


def test_says_when_hartung_knapp_is_narrower_than_the_fixed_effect() -> None:
    alike = ([0.1, 0.11, 0.105, 0.102], [0.3, 0.2, 0.25, 0.22])
    found, fixed = meta_analysis(*alike), meta_analysis(*alike, method="fixed")
    assert found.upper - found.lower < fixed.upper - fixed.lower
    assert "narrower than the fixed-effect one" in found.warning
    assert meta_analysis(*alike, hartung_knapp=False).warning == ""
    assert meta_analysis(*SPREAD).warning == fixed.warning == ""
    same = meta_analysis([0.1, 0.1, 0.1], [0.3, 0.2, 0.25])
    assert "agree to the last digit" in same.warning
    assert np.isnan([same.lower, same.upper, same.p_value, same.prediction_lower]).all()


def test_one_cohort() -> None:
    fixed = meta_analysis([0.3], [0.1], method="fixed")
    assert [fixed.estimate, fixed.lower, fixed.upper] == pytest.approx([0.3, 0.10400360, 0.49599640])
    assert np.isnan([fixed.q_p_value, fixed.i_squared, fixed.h_squared]).all()
    for method in ("DL", "REML", "PM"):
        found = meta_analysis([0.3], [0.1], method=method)
        assert (found.estimate, found.n_cohorts, found.q, found.weights.tolist()) == (0.3, 1, 0.0, [1.0])
        assert np.isnan(
            [found.standard_error, found.lower, found.p_value, found.tau_squared, found.prediction_upper]
        ).all()
        assert found.warning.startswith("one cohort")


@pytest.mark.parametrize("method", ["fixed", "DL", "REML", "PM"])
def test_order_and_sign(method) -> None:
    effects, errors = np.array(SPREAD[0]), np.array(SPREAD[1])
    plain = meta_analysis(effects, errors, method=method)
    order = [3, 0, 4, 1, 2]
    other = meta_analysis(-effects[order], errors[order], method=method)
    assert [other.estimate, other.lower, other.upper] == pytest.approx([-plain.estimate, -plain.upper, -plain.lower])
    assert other.p_value == pytest.approx(plain.p_value)
    assert other.weights == pytest.approx(plain.weights[order])
    assert [other.i_squared, other.q] == pytest.approx([plain.i_squared, plain.q])


def test_thousands_of_cohorts_are_looked_at_in_blocks_with_the_same_answer(monkeypatch) -> None:
    rng = np.random.default_rng(5)
    errors = rng.uniform(0.1, 0.6, 700)
    effects = rng.normal(0.2, np.hypot(errors, 0.15))
    found = []
    for block in (2_000, 100_000, 10_000_000):
        monkeypatch.setattr("strata.survival.kernels.heterogeneity.BLOCK", block)
        found.append(meta_analysis(effects, errors).tau_squared)
    assert found[0] == found[1] == found[2] > 0.0


def test_a_tiny_p_keeps_its_digits() -> None:
    found = meta_analysis([50.0, 50.0], [1.0, 1.0], method="fixed")
    assert found.p_value == 0.0
    # R: pchisq(5000, 1, lower.tail = FALSE, log.p = TRUE) / log(10)
    assert found.log10_p == pytest.approx(-1087.68383651432)


def test_refuses_what_it_cannot_use() -> None:
    with pytest.raises(ValueError, match=r"log_hr: 1 of 2 values are missing .*; se: 2 of 2 values are missing, inf"):
        meta_analysis([np.nan, 0.1], [0.0, -1.0])
    with pytest.raises(ValueError, match="of one length and not empty"):
        meta_analysis([0.1, 0.2], [0.1])
    with pytest.raises(ValueError, match="of one length and not empty"):
        meta_analysis([], [])
    with pytest.raises(ValueError, match="method must be one of fixed, DL, REML, PM"):
        meta_analysis([0.1, 0.2], [0.1, 0.1], method="ML")
