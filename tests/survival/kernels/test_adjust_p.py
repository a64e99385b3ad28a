from __future__ import annotations

import sys
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strata.survival.kernels.adjust_p import ADJUSTMENTS, adjust_p


def check(close, case) -> int:
    result = case["result"]
    p = [np.nan if value == "NA" else value for value in result["p"]]
    return sum(close(adjust_p(p, name, n=result.get("n")), result[_of_r(name)]) for name in ADJUSTMENTS)


def _of_r(name: str) -> str:
    return name if name in ("BH", "BY") else name.lower()


def test_bundled_numbers_of_r(bundled, close) -> None:
    cases = [case for case in bundled.cases("padjust").values() if "p" in case["result"]]
    assert len(cases) == 6
    assert sum(check(close, case) for case in cases) == 6 * (10 + 6 + 2 + 1 + 6 + 3)


def test_every_number_of_r(golden, close) -> None:
    cases = {name: case for name, case in golden.cases("padjust").items() if "p" in case["result"]}
    compared = {name: check(close, case) for name, case in cases.items()}
    sys.stdout.write(f"padjust: {len(compared)} cases, {sum(compared.values())} numbers\n")
    assert len(compared) >= 3


def test_by_hand() -> None:
    p = [0.01, 0.04, 0.03]
    assert adjust_p(p, "Bonferroni").tolist() == pytest.approx([0.03, 0.12, 0.09])
    assert adjust_p(p, "Holm").tolist() == pytest.approx([0.03, 0.06, 0.06])
    assert adjust_p(p, "Hochberg").tolist() == pytest.approx([0.03, 0.04, 0.04])
    assert adjust_p(p, "BH").tolist() == pytest.approx([0.03, 0.04, 0.04])
    assert adjust_p(p, "BY").tolist() == pytest.approx([0.055, 11 / 150, 11 / 150])


def test_tests_that_failed_count_when_asked() -> None:
    p = [0.01, np.nan, 0.02]
    assert adjust_p(p, "bonferroni") == pytest.approx([0.02, np.nan, 0.04], nan_ok=True)
    assert adjust_p(p, "bonferroni", n=3) == pytest.approx([0.03, np.nan, 0.06], nan_ok=True)


@given(st.lists(st.sampled_from([0.001, 0.01, 0.02, 0.03, 0.04, 0.2, 0.5, 1.0]), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_hommel_is_the_closed_simes_test(p) -> None:
    def simes(chosen) -> float:
        ordered = sorted(p[j] for j in chosen)
        return min(len(ordered) * value / (k + 1) for k, value in enumerate(ordered))

    tests = range(len(p))
    sets = [chosen for size in range(1, len(p) + 1) for chosen in combinations(tests, size)]
    closed = [min(1.0, max(simes(chosen) for chosen in sets if j in chosen)) for j in tests]
    assert adjust_p(p, "Hommel").tolist() == pytest.approx(closed)


@given(st.lists(st.floats(0, 1), max_size=30), st.randoms(), st.sampled_from(ADJUSTMENTS), st.integers(0, 5))
@settings(max_examples=100, deadline=None)
def test_order_does_not_matter_and_more_tests_never_lower_p(p, random, method, failed) -> None:
    plain = adjust_p(p, method)
    assert ((plain >= np.array(p) * (1 - 1e-12)) & (plain <= 1)).all()
    order = random.sample(range(len(p)), len(p))
    assert adjust_p([p[j] for j in order], method) == pytest.approx(plain[order])
    assert (adjust_p(p, method, n=len(p) + failed) >= plain * (1 - 1e-12)).all()


def test_nothing_to_adjust() -> None:
    for method in ADJUSTMENTS:
        assert adjust_p([], method).size == 0
        assert np.isnan(adjust_p([np.nan, np.nan], method, n=2)).all()


def test_refuses_what_it_cannot_use() -> None:
    with pytest.raises(ValueError, match=r"p: 2 of 3 values are not between 0 and 1"):
        adjust_p([0.1, -0.1, 1.1], "BH")
    with pytest.raises(ValueError, match="method must be one of BH, BY"):
        adjust_p([0.1], "fdr")
    with pytest.raises(ValueError, match="n is 1, but there are 2 P values"):
        adjust_p([0.1, np.nan, 0.2], "BH", n=1)
    with pytest.raises(ValueError, match="one-dimensional"):
        adjust_p([[0.1]], "BH")
