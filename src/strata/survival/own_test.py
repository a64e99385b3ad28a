"""Which P answers a row of the results, and what its test is called: the one of the question its ratio answers."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan, nan
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from strata.survival.result import Comparison

__all__ = ["full_name_of_test", "is_adjusted", "name_of_test", "own_test"]

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


_UNADJUSTED = ("log_rank_p", "permutation_p", "gray_p", "rmst_p")
"""Columns whose P leaves covariates out, also where the hazard ratio beside it is adjusted for them."""


def own_test(name: str, row: Mapping[Any, Any]) -> str:
    """The column of the results whose P answers the row called ``name``.

    An adjusted hazard ratio is answered by the P of its own model, in small strata Firth's: the log-rank test beside it
    asks another question.
    """
    if name in _WALD_ROWS:
        return "wald_p"
    if name == "treatment_interaction":
        return "likelihood_ratio_p"
    if is_adjusted(row):
        return "wald_p" if isnan(row.get("firth_p", nan)) else "firth_p"
    return "log_rank_p" if isnan(row.get("permutation_p", nan)) else "permutation_p"


def is_adjusted(row: Mapping[Any, Any]) -> bool:
    """Whether the hazard ratio of a row is adjusted for covariates."""
    covariates = row.get("adjusted_for")
    return isinstance(covariates, str) and covariates != ""


def name_of_test(column: str, comparison: Comparison) -> str:
    """What the test is called whose P stands in ``column``."""
    if column == "log_rank_p" and comparison.searched:
        return "maximally selected log-rank"
    if column == "log_rank_p" and comparison.name == "trend":
        return "log-rank for trend"
    return _TESTS.get(column, column.removesuffix("_p").replace("_", " "))


def full_name_of_test(column: str, comparison: Comparison) -> str:
    """What the test is called, and beside an adjusted hazard ratio whether it is adjusted: ``log-rank, not adjusted``.

    Before the comma stands ``name_of_test``.
    """
    name = name_of_test(column, comparison)
    if comparison.adjusted is None:
        return name
    return f"{name}, {'not adjusted' if column in _UNADJUSTED else comparison.adjusted.said()}"
