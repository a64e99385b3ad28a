"""How figures write numbers and names: P values, hazard ratios, endpoints, populations."""

from __future__ import annotations

import re
from math import isnan
from typing import TYPE_CHECKING

from strata.wording import format_hazard_ratio, format_p

if TYPE_CHECKING:
    from collections.abc import Sequence

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
) -> list[str]:
    """What a panel states: hazard ratio, log-rank P, patients and events; for sparse strata Firth's and the exact P.

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
    """
    ratios = _ratio_lines(comparison, labels) if hazard_ratio else []
    tests = [p_value] if isinstance(p_value, str) else _p_lines(comparison, weighted) if p_value else []
    return [*ratios, *tests, patients_and_events(comparison.n, comparison.events)]


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
