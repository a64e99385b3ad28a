"""The tables of a run: TSV and Parquet of fixed columns, fixed rows and full precision."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from strata.analysis import BASELINE_COLUMNS
from strata.report.small_cells import hide_levels, shared_table, shared_terms
from strata.scoring import COVERAGE_COLUMNS
from strata.survival import SEARCH_ROWS, TREATMENT_ROWS, multivariable_frame
from strata.survival.small_cells import on_grid

if TYPE_CHECKING:
    from strata.analysis import Plan, Results
    from strata.stratification import Strata
    from strata.survival import SurvivalComparison

__all__ = [
    "CALLS_COLUMNS",
    "safe_text",
    "shown_results",
    "single_genes",
    "write_calls",
    "write_parquet",
    "write_survival",
    "write_table",
    "write_tsv",
]

_KEYS = ("cohort", "signature", "population", "endpoint")
_NO_CURVES = ("interaction", "expected_both_vs_neither")
"""Their groups are those of ``four_groups``: their curves would be written twice."""


def write_survival(results: Results, folder: Path) -> None:
    """Write what a run compared; a table is written also when it has no row.

    ``results.tsv``, ``results.parquet``, ``table_c.tsv`` (the single genes of two-gene signatures), ``curves.tsv``,
    ``survival_at.tsv``, ``baseline.tsv`` and ``exclusions.tsv``; with covariates also ``multivariable.tsv``.
    """
    plan, table = results.plan, shown_results(results)
    table["note"] = table["note"].replace("", pd.NA)
    write_tsv(table, folder / "results.tsv")
    write_parquet(table, folder / "results.parquet")
    if plan.covariates:
        terms = multivariable_frame(results.comparisons())
        shown = shared_terms(terms, results.to_frame(), plan.shared_cell) if plan.share else terms
        write_tsv(shown, folder / "multivariable.tsv")
    write_tsv(single_genes(table), folder / "table_c.tsv")
    write_tsv(_curves(results.comparisons(), plan.shared_cell), folder / "curves.tsv")
    write_tsv(_survival_at(results.comparisons(), plan.times, plan.shared_cell), folder / "survival_at.tsv")
    described = _stacked((c.baseline for c in results.cohorts), BASELINE_COLUMNS)
    write_tsv(hide_levels(described, max(plan.min_cell, plan.shared_cell)), folder / "baseline.tsv")
    write_table("exclusions", _exclusions(results), folder, plan)


def write_calls(results: Results, folder: Path) -> None:
    """Write who was called what, and by which features and cut-points.

    ``calls.tsv`` (counts), ``genes.tsv``, ``cut_points.tsv`` and, unless the plan says otherwise,
    ``assignments.parquet`` (patients: readable by the owner only).
    """
    plan = results.plan
    write_table("calls", _calls(results), folder, plan)
    write_table("genes", _stacked((c.genes for c in results.cohorts), COVERAGE_COLUMNS), folder, plan)
    write_table("cut_points", _cut_points(results), folder, plan)
    if plan.assignments and not plan.share:
        _write_private(_assignments(results), folder / "assignments.parquet")


def shown_results(results: Results) -> pd.DataFrame:
    """The rows of ``results.tsv``."""
    table = results.to_frame()
    return shared_table("results", table, results.plan.shared_cell) if results.plan.share else table


def write_table(name: str, table: pd.DataFrame, folder: Path, plan: Plan) -> None:
    """Write a table of a run as ``NAME.tsv``; of a run that is shared, what may leave the house."""
    write_tsv(shared_table(name, table, plan.shared_cell) if plan.share else table, folder / f"{name}.tsv")


def write_tsv(table: pd.DataFrame, path: Path | IO[str]) -> None:
    """Write a table as TSV: UTF-8, ``NA`` for missing, ``true``/``false``, numbers in full, text safe in spreadsheets.

    Empty text is missing.
    """
    with path.open("w", encoding="utf-8", newline="") if isinstance(path, Path) else nullcontext(path) as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(table.columns)
        writer.writerows(zip(*(_cells(column) for _, column in table.items()), strict=True))


def _cells(column: pd.Series[Any]) -> list[str]:
    """The cells of a column as text."""
    if pd.api.types.is_bool_dtype(column.dtype):
        return ["true" if value else "false" for value in column.to_list()]
    spelled = repr if pd.api.types.is_numeric_dtype(column.dtype) else safe_text
    unknown = column.isna().to_list()
    return ["NA" if missing else spelled(value) for value, missing in zip(column.to_list(), unknown, strict=True)]


@lru_cache(maxsize=1024, typed=True)
def safe_text(text: Any) -> str:
    """A text cell that a spreadsheet will not run and that stays one cell; many a column repeats a few of them."""
    one_line = str(text).replace("\t", " ").replace("\r", " ").replace("\n", " ")
    return f"'{one_line}" if one_line[:1] in ("=", "+", "-", "@") else one_line or "NA"


def write_parquet(table: pd.DataFrame, path: Path) -> None:
    """Write a table as Parquet, the same bytes whatever the version of pandas."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    # pandas would add its own metadata
    pq.write_table(pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata(None), path)


def _write_private(table: pd.DataFrame, path: Path) -> None:
    """Write a table that holds patient ids: Parquet, readable by its owner only from its first byte on."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    write_parquet(table, path)


def single_genes(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of single genes in the results of two-gene signatures: table C."""
    fixed = [*SEARCH_ROWS, *TREATMENT_ROWS, "four_groups", "trend", *_NO_CURVES]
    other = table["comparison"].str.contains("_vs_", regex=False) | table["comparison"].isin(fixed)
    return table[~other]


def _curves(results: Iterable[SurvivalComparison], least: int) -> pd.DataFrame:
    """The plotted numbers: every step of every curve; on a grid, where ``least`` patients are at risk, to be shared."""
    numbers = ("times", "survival", "lower", "upper", "at_risk", "events", "censored")
    groups = [(keys, group) for keys, compared in _with_curves(results) for group in compared.groups if group.n]
    curves = [on_grid(group.curve, least) if least else group.curve for _, group in groups]
    columns: dict[str, Any] = {}
    steps = np.array([curve.times.size for curve in curves], dtype=np.intp)
    for name in (*_KEYS, "comparison", "group"):
        words = [group.label if name == "group" else keys[name] for keys, group in groups]
        columns[name] = np.repeat(np.array(words, dtype=object), steps)
    for name in numbers:
        values = [getattr(curve, name) for curve in curves]
        columns["time" if name == "times" else name] = np.concatenate(values) if values else []
    table = pd.DataFrame(columns)
    return table.assign(at_risk=np.nan, events=np.nan, censored=np.nan) if least else table


def _survival_at(results: Iterable[SurvivalComparison], times: Sequence[float], least: int) -> pd.DataFrame:
    """Survival at stated months, as far as the group's follow-up reaches and ``least`` patients are at risk."""
    rows = []
    for keys, comparison in _with_curves(results):
        for group in comparison.groups:
            at = group.curve.at(times)
            found = zip(times, at.at_risk, at.survival, at.lower, at.upper)
            # beyond the last time the curve is NaN
            rows += [
                (*keys.values(), group.label, *numbers)
                for numbers in found
                if group.n and numbers[2] == numbers[2] and numbers[1] >= least
            ]
    columns = [*_KEYS, "comparison", "group", "time", "at_risk", "survival", "lower", "upper"]
    return pd.DataFrame(rows, columns=columns)


def _with_curves(results: Iterable[SurvivalComparison]) -> Iterator[tuple[dict[str, Any], Any]]:
    for result in results:
        keys = {key: value for key, value in result.keys().items() if key in _KEYS}
        for comparison in result.comparisons:
            if comparison.name not in _NO_CURVES:
                yield {**keys, "comparison": comparison.name}, comparison


def _exclusions(results: Results) -> pd.DataFrame:
    """Who was left out, step by step, with counts."""
    rows: list[tuple[Any, ...]] = []
    for cohort in results.cohorts:
        rows += [(cohort.name, None, None, None, *exclusion) for exclusion in cohort.exclusions]
        for result in cohort.comparisons:
            keys = (result.cohort, result.signature, result.population, result.endpoint)
            rows += [(*keys, "analysis", reason, n) for reason, n in result.left_out]
            # the first row is the one of the signature's own question
            if (adjusted := result.comparisons[0].adjusted) is not None:
                rows.append((*keys, "adjusted model", *adjusted.left_out(result.comparisons[0].n)))
    return pd.DataFrame(rows, columns=[*_KEYS, "step", "reason", "n"])


def _calls(results: Results) -> pd.DataFrame:
    """How many patients got each call."""
    rows = [
        (
            *(*_called(s), call, n, s.n_not_assayed if call == "unknown" else 0),
            *(s.n_membership_unknown if call == "not applicable" else 0, "; ".join(s.reasons)),
        )
        for cohort in results.cohorts
        for s in cohort.strata
        for call, n in s.counts.items()
    ]
    return pd.DataFrame(rows, columns=list(CALLS_COLUMNS))


_CALLED = ("cohort", "signature", "population", "cut", "cut_scope")

CALLS_COLUMNS = (*_CALLED, "call", "n", "n_not_assayed", "n_membership_unknown", "note")
"""The columns of ``calls.tsv``."""


def _called(s: Strata) -> tuple[Any, ...]:
    return (s.cohort, s.signature, s.population, s.cut, s.cut_scope)


def _cut_points(results: Results) -> pd.DataFrame:
    """Every learned cut-point with its value."""
    rows = [
        (
            s.cohort,
            s.signature,
            s.population,
            s.cut_scope,
            cut.number,
            cut.rule,
            cut.value,
            cut.n,
            cut.ties,
            cut.note,
            s.cut_points.cohort,
        )
        for cohort in results.cohorts
        for s in cohort.strata
        for cut in s.cut_points.cuts
    ]
    columns = [
        "cohort",
        "signature",
        "population",
        "cut_scope",
        "number",
        "cut",
        "value",
        "n",
        "ties",
        "note",
        "learned_on",
    ]
    return pd.DataFrame(rows, columns=columns)


def _assignments(results: Results) -> pd.DataFrame:
    """One row a patient, signature and population: the call."""
    strata = [s for cohort in results.cohorts for s in cohort.strata]
    calls = [s.to_frame() for s in strata]
    stacked = _stacked(calls, ("patient", "call", "score"))
    patients = np.array([len(part) for part in calls], dtype=np.intp)
    for position, name in enumerate(_CALLED):
        words = np.array([_called(s)[position] for s in strata], dtype=object)
        stacked.insert(position, name, pd.Series(np.repeat(words, patients), dtype="string"))
    return stacked


def _stacked(parts: Iterable[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True)[list(columns)] if filled else pd.DataFrame(columns=list(columns))
