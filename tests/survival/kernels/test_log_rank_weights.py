from __future__ import annotations

import numpy as np
import pytest

from strata.survival.kernels.log_rank_weights import LogRankWeights


def test_two_strata() -> None:
    at_risk, deaths, stratum = np.array([4, 2, 3, 2]), np.array([1, 1, 1, 2]), np.array([0, 0, 1, 1])
    for name, wanted in (
        ("log-rank", [1, 1, 1, 1]),
        ("gehan", [4, 2, 3, 2]),
        ("tarone-ware", [2, 2**0.5, 3**0.5, 2**0.5]),
        ("peto", [1, 3 / 4, 1, 2 / 3]),
        ("peto-modified", [4 / 5, 4 / 5 * 2 / 3, 3 / 4, 3 / 4 * 1 / 3]),
        ("fleming-harrington(0, 1)", [0, 1 / 4, 0, 1 / 3]),
    ):
        found = LogRankWeights.read(name).at(at_risk, deaths, stratum)
        np.testing.assert_allclose(found, wanted, rtol=1e-14, atol=1e-15)


def test_no_event_time() -> None:
    none = np.zeros(0, dtype=np.int64)
    for name in ("log-rank", "gehan", "peto-modified"):
        assert LogRankWeights.read(name).at(none, none, none).size == 0


def test_text_and_tuple_are_the_same() -> None:
    assert LogRankWeights.read("fleming-harrington(0.5, 1)") == LogRankWeights.read(("fleming-harrington", 0.5, 1))
    assert LogRankWeights.read(("fleming-harrington", 1.0, 0)).rho == 1.0


@pytest.mark.parametrize(
    "weights",
    [
        "wilcoxon",
        "",
        "fleming-harrington",
        "fleming-harrington(1)",
        "fleming-harrington(-1, 0)",
        ("fleming-harrington", np.nan, 0),
        ("fleming-harrington", -1, 0),
        ("gehan", 0, 1),
        None,
        (),
        1.0,
    ],
)
def test_others_are_refused(weights) -> None:
    with pytest.raises(ValueError, match="weights must be log-rank, gehan"):
        LogRankWeights.read(weights)
