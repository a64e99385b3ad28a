"""What MultiQC shows of a run: Kaplan-Meier curves as steps, the main tests with their P, a line a cohort."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from strata.analysis import versions
from strata.report.figures import MOST_SINGLES, drawn_comparison, file_names
from strata.report.tables import shown_results
from strata.survival.small_cells import on_grid

if TYPE_CHECKING:
    from strata.analysis import Results
    from strata.survival import SurvivalComparison
    from strata.survival.kernels.kaplan_meier import KaplanMeier

__all__ = ["steps_of", "write_multiqc"]

_MOST_ROWS = 500
"""Rows of the table: of more MultiQC makes a violin plot."""

_STEP = 1e-6
"""Months from the upper to the lower end of a step: MultiQC draws straight lines between points of different x."""

_PARENT = {
    "parent_id": "strata",
    "parent_name": "strata",
    "parent_description": "Survival by published biomarkers.",
}
_KEYS = ["cohort", "signature", "population", "endpoint", "comparison"]
_HEADERS = {
    "n": {"title": "Patients", "format": "{:,d}", "scale": False},
    "events": {"title": "Events", "format": "{:,d}", "scale": False},
    "hazard_ratio": {"title": "HR", "description": "Hazard ratio (Cox)", "format": "{:.2f}", "scale": False},
    "hazard_ratio_lower": {"title": "HR, lower", "description": "95 % interval", "format": "{:.2f}", "scale": False},
    "hazard_ratio_upper": {"title": "HR, upper", "description": "95 % interval", "format": "{:.2f}", "scale": False},
    # as a plain number with decimals, which is MultiQC's way, a small P is 0.0
    "p_value": {"title": "P", "description": "Two-sided, not adjusted", "format": "{:.2e}", "scale": False},
    "q_value": {"title": "q", "description": "Benjamini and Hochberg", "format": "{:.2e}", "scale": False},
}
_GENERAL = {
    "patients": {"title": "Patients", "description": "In the clinical table", "format": "{:,d}"},
    "events": {"title": "Events", "description": "Of the endpoint with most", "format": "{:,d}"},
    "signatures": {"title": "Signatures", "description": "That could be called", "format": "{:,d}"},
}


def write_multiqc(results: Results, folder: Path) -> None:
    """Write ``multiqc/*_mqc.json`` and ``multiqc/strata_mqc_versions.yml``, which MultiQC finds by their names.

    Each main comparison of a signature has a graph of its curves when these are ``MOST_SINGLES`` at most; of several
    runs MultiQC puts the cohorts into one graph. The table holds ``_MOST_ROWS`` rows, those with the smallest P.
    """
    place = folder / "multiqc"
    place.mkdir()
    if results.plan.endpoints:
        _write(place / "strata_tests_mqc.json", _tests(results))
        graphs = _graphs(results)
        names = file_names(graphs) if len(graphs) <= MOST_SINGLES else []
        for name, (title, curves) in zip(names, graphs.items(), strict=False):
            _write(place / f"strata_{name}_mqc.json", _graph(f"strata_{name}", title, curves))
    _write(place / "strata_general_mqc.json", _general(results))
    lines = [f"  {name}: '{number}'\n" for name, number in versions().items()]
    (place / "strata_mqc_versions.yml").write_text("strata:\n" + "".join(lines), encoding="utf-8")


def steps_of(curve: KaplanMeier) -> list[tuple[float, float]]:
    """A curve as points (months, survival) that straight lines join to steps, to the end of its follow-up."""
    points, level = [(0.0, 1.0)], 1.0
    for time, survival in zip(curve.times.tolist(), curve.survival.tolist(), strict=True):
        if survival != level:
            points += [(time, level), (time + _STEP, survival)]
            level = survival
    last = curve.times[-1].item()
    return points if points[-1][0] >= last else [*points, (last, level)]


def _graphs(results: Results) -> dict[str, dict[str, list[tuple[float, float]]]]:
    """Curves of every cohort by group, for each signature, population and endpoint."""
    graphs: dict[str, dict[str, list[tuple[float, float]]]] = {}
    for result in results.comparisons():
        shown = drawn_comparison(result, results.plan.comparator)
        groups = [group for group in shown.groups if group.n]
        least = results.plan.shared_cell
        curves = {group.label: on_grid(group.curve, least) if least else group.curve for group in groups}
        # the cohort last: MultiQC cuts names at what looks to it like the ending of a file
        lines = {f"{label}: {result.cohort}": steps_of(curve) for label, curve in curves.items() if curve.times.size}
        if lines:
            graphs.setdefault(_about(result), {}).update(lines)
    return graphs


def _about(result: SurvivalComparison) -> str:
    return f"{result.signature}, {result.population}, {result.endpoint}"


def _graph(name: str, title: str, lines: Mapping[str, list[tuple[float, float]]]) -> dict[str, Any]:
    return {
        "id": name,
        **_PARENT,
        "section_name": escape(title),
        "description": "Kaplan-Meier estimates.",
        "plot_type": "linegraph",
        "pconfig": {
            "id": f"{name}_plot",
            "title": f"strata: {escape(title)}",
            "xlab": "Months",
            "ylab": "Survival",
            "ymin": 0,
            "ymax": 1,
            "style": "lines",
            # else it is smoothed to 500 points
            "smooth_points": None,
        },
        # pairs, not {x: y}: the keys of JSON are text, and MultiQC puts 100 before 12
        "data": {escape(line): points for line, points in lines.items()},
    }


def _tests(results: Results) -> dict[str, Any]:
    rows = _main_tests(results)
    shown = rows.nsmallest(_MOST_ROWS, "p_value", keep="first") if len(rows) > _MOST_ROWS else rows
    few = f" The {len(shown)} of {len(rows):,} with the smallest P." if len(shown) < len(rows) else ""
    return {
        "id": "strata_tests",
        **_PARENT,
        "section_name": "Main tests",
        "description": f"The main test of each signature, population and endpoint.{few}",
        "plot_type": "table",
        "pconfig": {"id": "strata_tests_table", "title": "strata: main tests", "col1_header": "Comparison"},
        "headers": _HEADERS,
        "data": {
            escape(f"{row['cohort']}: {row['signature']}, {row['population']}, {row['endpoint']}"): _known(row)
            for row in shown.to_dict("records")
        },
    }


def _main_tests(results: Results) -> pd.DataFrame:
    """The rows of the main comparisons, with the P that their own test has in ``tests.tsv``."""
    tests = results.tests
    own = tests[tests["family"] != "supporting"].drop_duplicates(_KEYS)
    rows = shown_results(results)
    rows = rows[rows["comparison"].isin(["positive_vs_rest", "trend"])]
    rows = rows.merge(own[[*_KEYS, "p_value", "q_value"]], on=_KEYS, how="left", validate="many_to_one")
    if results.plan.share:
        rows.loc[~rows["estimable"], ["p_value", "q_value"]] = np.nan
    few = rows[["n", "events"]].lt(results.plan.min_cell) & rows[["n", "events"]].gt(0)
    return rows.assign(**rows[["n", "events"]].mask(few))


def _known(row: Mapping[Any, Any]) -> dict[str, Any]:
    """The cells of a row that hold a number."""
    return {key: row[key] for key in _HEADERS if not pd.isna(row[key])}


def _general(results: Results) -> dict[str, Any]:
    return {
        "id": "strata_general",
        "namespace": "strata",
        "plot_type": "generalstats",
        "headers": [{key: header} for key, header in _GENERAL.items()],
        "data": dict(_cohorts(results)),
    }


def _cohorts(results: Results) -> Iterator[tuple[str, dict[str, int]]]:
    least = max(results.plan.min_cell, results.plan.shared_cell)
    for cohort in results.cohorts:
        events = [row.events for result in cohort.comparisons for row in result.comparisons]
        counts = {
            "patients": max((s.labels.size for s in cohort.strata), default=0),
            "events": max(events, default=0),
        }
        told = {name: n for name, n in counts.items() if not 0 < n < least}
        yield cohort.name, told | {"signatures": len({s.signature for s in cohort.strata if not s.absent})}


def _write(path: Path, content: Mapping[str, Any]) -> None:
    text = json.dumps(content, indent=1, allow_nan=False, default=lambda number: number.item())
    path.write_text(text + "\n", encoding="utf-8")
