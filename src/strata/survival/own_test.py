"""Which P answers a row of the results, and what its test is called."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan, nan
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from strata.survival.result import Comparison

__all__ = ["name_of_test", "own_test"]

_TESTS = {
    "permutation_p": "permutation log-rank",
    "log_rank_p": "log-rank",
    "wald_p": "Cox Wald",
    "firth_p": "Firth penalised likelihood ratio",
    "ph_p": "proportional hazards",
    "gray_p": "Gray",
    "rmst_p": "restricted mean survival",
}
"""What the tests are called whose P stands in a column of the results; other columns by their own name."""

_WALD_ROWS = ("interaction", "expected_both_vs_neither", "per_sd")
"""Rows about a coefficient of a Cox model: the others are tested by their log-rank test."""


def own_test(name: str, row: Mapping[str, Any]) -> str:
    """The column of the results whose P answers the row called ``name``."""
    if name in _WALD_ROWS:
        return "wald_p"
    if name == "treatment_interaction":
        return "likelihood_ratio_p"
    return "log_rank_p" if isnan(row.get("permutation_p", nan)) else "permutation_p"


def name_of_test(column: str, comparison: Comparison) -> str:
    """What the test is called whose P stands in ``column``."""
    if column == "log_rank_p" and comparison.searched:
        return "maximally selected log-rank"
    if column == "log_rank_p" and comparison.name == "trend":
        return "log-rank for trend"
    return _TESTS.get(column, column.removesuffix("_p").replace("_", " "))
