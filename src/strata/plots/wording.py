"""How figures write numbers and names: P values, hazard ratios, endpoints, populations."""

from __future__ import annotations

import re
from math import isnan
from typing import TYPE_CHECKING

from strata.survival.own_test import own_test
from strata.wording import format_hazard_ratio, format_p

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from strata.survival.kernels.log_rank import LogRank
    from strata.survival.result import Comparison

__all__ = [
    "endpoint_label",
    "format_hazard_ratio",
    "format_p",
    "patients_and_events",
    "plain",
    "population_label",
    "ratio_name",
    "reason_for_nothing",
    "statistics_lines",
    "test_in_words",
]

ENDPOINTS = {
    "OS": "Overall survival",
    "DFS": "Disease-free survival",
    "RFS": "Relapse-free survival",
    "DFI": "Disease-free interval",
    "PFS": "Progression-free survival",
    "PFI": "Progression-free interval",
    "DSS": "Disease-specific survival",
    "DMFS": "Distant metastasis-free survival",
}
RATIOS = {
    "interaction": "Interaction (ratio of hazard ratios)",
    "expected_both_vs_neither": "HR expected without interaction, both vs neither",
}
"""Comparisons whose ratio is not that of the first stratum against the last."""

WEIGHTED = {
    "log-rank": "Log-rank",
    "gehan": "Gehan",
    "tarone-ware": "Tarone-Ware",
    "peto": "Peto-Peto",
    "peto-modified": "Peto-Peto (Andersen)",
}
"""What the tests of the log-rank family are called; Fleming and Harrington's has its powers in its name."""

_OF_MODELS = {"wald_p": "Wald", "firth_p": "Firth", "likelihood_ratio_p": "likelihood-ratio"}
"""What the tests are called that answer adjusted hazard ratios, by the column of the results."""

_RECEPTORS = re.compile(r"\b(er|pr|hr|her2)(?=-)")


def plain(text: str) -> str:
    """``text`` on one line, without characters that no font draws and no SVG may hold."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def patients_and_events(n: int, events: int) -> str:
    """``"n = 1,903, 771 events"``."""
    return f"n = {n:,}, {events:,} event{'' if events == 1 else 's'}"


def endpoint_label(endpoint: str) -> str:
    """``"DFS"`` as ``"Disease-free survival"``; a name that is not common stays as it is."""
    return ENDPOINTS.get(endpoint.upper(), plain(endpoint)) if endpoint else "Survival probability"


def population_label(population: str) -> str:
    """``"er-negative & node-negative"`` as ``"ER-negative, node-negative"``."""
    if population == "all":
        return "All patients"
    return _RECEPTORS.sub(lambda found: found[0].upper(), plain(population).replace(" & ", ", "))


def ratio_name(comparison: Comparison, labels: Sequence[str]) -> str:
    """Which ratio a comparison's hazard ratio is, with its reference: ``"HR, both high vs rest"``."""
    return RATIOS.get(comparison.name, f"HR, {labels[0]} vs {labels[-1]}")


def statistics_lines(
    comparison: Comparison,
    labels: Sequence[str],
    *,
    hazard_ratio: bool = True,
    p_value: bool | str = True,
    weighted: LogRank | None = None,
    min_cell: int = 0,
) -> list[str]:
    """What a panel states: hazard ratio, log-rank P, patients and events; for sparse strata Firth's and the exact P.

    Of an adjusted hazard ratio it states what for, in how many patients where not in all, and the P of its own model;
    beside it the ratio and the log-rank P without covariates.

    Parameters
    ----------
    comparison : Comparison
    labels : sequence of str
    hazard_ratio : bool
        Whether to state the ratios.
    p_value : bool or str
        Whether to state the P values; a text stands in their place.
    weighted : LogRank, optional
        A test that stands in place of the comparison's own.
    min_cell : int
        Smaller numbers of patients are not told of an adjusted model.
    """
    adjusted = comparison.adjusted
    ratios = _ratio_lines(comparison, labels) if hazard_ratio else []
    if ratios and adjusted is not None:
        ratios.append(_capital(adjusted.said(comparison.n, least=min_cell)))
    tests = [p_value] if isinstance(p_value, str) else _p_lines(comparison, weighted) if p_value else []
    if hazard_ratio and adjusted is not None and (crude := adjusted.crude) is not None:
        beside = f"Not adjusted: {format_hazard_ratio(crude.value, crude.lower, crude.upper, name='95 % CI ')}"
        # after the P of the adjusted ratio, before the tests without covariates
        tests.insert(sum(line.startswith("Adjusted") for line in tests), beside)
    return [*ratios, *tests, patients_and_events(comparison.n, comparison.events)]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def test_in_words(comparisons: Iterable[Comparison], log_rank: str) -> str:
    """What P of a figure is, for its caption: ``log_rank`` in words, and of adjusted hazard ratios their own test."""
    adjusted = dict.fromkeys(", ".join(row.adjusted.covariates) for row in comparisons if row.adjusted)
    if not adjusted:
        return log_rank
    said = f"Wald's test of the HR adjusted for {'; '.join(adjusted)} (Firth's in small groups)"
    return f"{said}, {log_rank} where no HR is adjusted"


def _ratio_lines(comparison: Comparison, labels: Sequence[str]) -> list[str]:
    lines, hazard = [], comparison.hazard_ratio
    if hazard is not None:
        how = "Cross-fitted " if comparison.searched else ""
        lines.append(how + format_hazard_ratio(hazard.value, hazard.lower, hazard.upper, name="95 % CI "))
    elif len(labels) == 2 or comparison.name in RATIOS:
        lines.append("HR not estimable")
    checks = comparison.checks
    if not isnan(checks.firth_hazard_ratio):
        numbers = (checks.firth_hazard_ratio, checks.firth_hazard_ratio_lower, checks.firth_hazard_ratio_upper)
        lines.append(f"Firth {format_hazard_ratio(*numbers, name='95 % CI ')}")
    return lines


def _p_lines(comparison: Comparison, weighted: LogRank | None) -> list[str]:
    if comparison.adjusted is None:
        return _log_rank_lines(comparison, weighted)
    beside = [f"{line} (not adjusted)" for line in _log_rank_lines(comparison, weighted)]
    if weighted is not None:
        return beside
    test = _OF_MODELS[own_test(comparison.name, comparison.row())]
    return [f"Adjusted {test} {format_p(comparison.own_p)}", *beside]


def _log_rank_lines(comparison: Comparison, weighted: LogRank | None) -> list[str]:
    if weighted is not None:
        name = WEIGHTED.get(weighted.weights, weighted.weights.title())
        return [f"{name} {format_p(weighted.p_value)}{_freedom(weighted)}"]
    lines, test, checks = [], comparison.log_rank, comparison.checks
    if test is not None:
        trend = "trend " if comparison.name == "trend" else ""
        searched = ", corrected for the search" if comparison.searched else ""
        lines.append(f"Log-rank {trend}{format_p(test.p_value)}{_freedom(test)}{searched}")
    elif comparison.name not in RATIOS:
        lines.append("Log-rank P not estimable")
    if not isnan(checks.gray_p):
        lines.append(f"Gray {format_p(checks.gray_p)}")
    if not isnan(checks.permutation_p):
        lines.append(f"Permutation {format_p(checks.permutation_p)}")
    return lines


def _freedom(test: LogRank) -> str:
    return f" ({test.degrees_of_freedom} df)" if test.degrees_of_freedom > 1 else ""


def reason_for_nothing(comparison: Comparison | None) -> str:
    """Why a comparison has no curve to draw; empty when it has one."""
    if comparison is None:
        return "not compared"
    if comparison.n:
        return ""
    return "; ".join(comparison.notes) or "no patient has a known call and a known endpoint"
