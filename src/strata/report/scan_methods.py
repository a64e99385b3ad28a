"""The methods of a scan in sentences, as in ``methods.py``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from strata.report.facts import and_list
from strata.report.methods import software

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["pair_sentences", "scan_sentences"]

_CUTS = {
    "median": "Numbers were cut at the median of the population, strictly above is high",
    "continuous": "Numbers were not cut: hazard ratios are per standard deviation",
    "every": (
        "The cut of each number was searched where the log-rank statistic is largest [@lausen1992], and its P corrected"
        " for the search by permutation"
    ),
}
_LOG_RANK = "the two-sided log-rank test with the hypergeometric variance for tied times [@mantel1966; @peto1972]"
_COX = "Cox regression [@cox1972] with Efron's method for tied times [@efron1977] and 95 % Wald intervals"


def scan_sentences(record: Mapping[str, Any], table: pd.DataFrame) -> list[str]:
    """What ``strata scan`` did; ``table`` is its ``scan.tsv``."""
    options = record["options"]
    found = [
        f"{_whom(record)} {record['markers']:,} markers were asked whether survival differs by them, of which"
        f" {record['tested']:,} could be tested.",
        f"{_CUTS[options['cut']]}; mutated, amplified and deleted genes were compared with the others.",
        f"Groups were compared by {_LOG_RANK}{_stratified(options)}." * _any(table, "log_rank_p"),
        f"Hazard ratios are from {_COX}." * _any(table, "hazard_ratio", "per_sd_hazard_ratio"),
        "Proportional hazards were tested by Grambsch and Therneau's test [@grambsch1994]." * _any(table, "ph_p"),
        "q is by the method of Benjamini and Hochberg over all markers [@benjamini1995].",
        _permuted(options, "max-T P over all markers [@westfall1993]") * _any(table, "max_t_p"),
        _permuted(options, "P of markers with few patients or events [@phipson2010]") * _any(table, "permutation_p"),
    ]
    return [*filter(None, found), software(record)]


def pair_sentences(record: Mapping[str, Any], table: pd.DataFrame) -> list[str]:
    """What ``strata pairs`` did; ``table`` is its ``pairs.tsv``."""
    options = record["options"]
    small = f"{options['min_patients']} patients and {options['min_events']} events in both groups"
    found = [
        f"{_whom(record)} all {record['pairs']:,} pairs of {record['markers']:,} markers were compared: patients high"
        f" in both, above the medians of the population, with the rest; {record['ranked']:,} pairs with at least"
        f" {small} were ranked.",
        f"Groups were compared by {_LOG_RANK}{_stratified(options)}." * _any(table, "log_rank_p"),
        f"Hazard ratios are from {_COX}, the interaction of two genes from one model of both." * _any(table, "wald_p"),
        "Proportional hazards were tested by Grambsch and Therneau's test [@grambsch1994]." * _any(table, "ph_p"),
        "q is by the method of Benjamini and Hochberg over all ranked pairs [@benjamini1995], beside Bonferroni's P.",
        _permuted(options, "max-T P over all pairs [@westfall1993]") * _any(table, "max_t_p"),
    ]
    return [*filter(None, found), software(record)]


def _whom(record: Mapping[str, Any]) -> str:
    horizon = record["options"].get("horizon")
    cut = f", follow-up cut at {horizon:g} months" if horizon else ""
    population = "" if record["population"] == "all" else f", in {record['population']} patients"
    return f"In the cohort {record['cohort']}{population}, for {record['endpoint']}{cut},"


def _stratified(options: Mapping[str, Any]) -> str:
    factors = options.get("stratification_factors")
    return f", stratified by {and_list(factors)}" if factors else ""


def _permuted(options: Mapping[str, Any], what: str) -> str:
    return f"The {what} is by {options['permutations']:,} permutations (seed {options['seed']})."


def _any(table: pd.DataFrame, *columns: str) -> bool:
    return any(column in table and bool(table[column].notna().any()) for column in columns)
