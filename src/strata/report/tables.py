"""The tables of a run: TSV and Parquet of fixed columns, fixed rows and full precision."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from strata.analysis import BASELINE_COLUMNS
from strata.scoring import COVERAGE_COLUMNS
from strata.survival import SEARCH_ROWS, TREATMENT_ROWS, multivariable_frame

if TYPE_CHECKING:
    from strata.analysis import Results
    from strata.stratification import Strata
    from strata.survival import SurvivalComparison

__all__ = ["single_genes", "write_calls", "write_parquet", "write_survival", "write_tsv"]

_KEYS = ("cohort", "signature", "population", "endpoint")
_NO_CURVES = ("interaction", "expected_both_vs_neither")
"""Their groups are those of ``four_groups``: their curves would be written twice."""


def write_survival(results: Results, folder: Path) -> None:
    """Write what a run compared; a table is written also when it has no row.

    ``results.tsv``, ``results.parquet``, ``table_c.tsv`` (the single genes of two-gene signatures), ``curves.tsv``,
    ``survival_at.tsv``, ``baseline.tsv`` and ``exclusions.tsv``; with covariates also ``multivariable.tsv``.
    """
    table = results.to_frame()
    table["note"] = table["note"].replace("", pd.NA)
    write_tsv(table, folder / "results.tsv")
    write_parquet(table, folder / "results.parquet")
    if results.plan.covariates:
        write_tsv(multivariable_frame(results.comparisons()), folder / "multivariable.tsv")
    write_tsv(single_genes(table), folder / "table_c.tsv")
    write_tsv(_curves(results.comparisons()), folder / "curves.tsv")
    write_tsv(_survival_at(results.comparisons(), results.plan.times), folder / "survival_at.tsv")
    write_tsv(_stacked((c.baseline for c in results.cohorts), BASELINE_COLUMNS), folder / "baseline.tsv")
    write_tsv(_exclusions(results), folder / "exclusions.tsv")


def write_calls(results: Results, folder: Path) -> None:
    """Write who was called what, and by which features and cut-points.

    ``calls.tsv`` (counts), ``genes.tsv``, ``cut_points.tsv`` and ``assignments.parquet`` (patients: readable by the
    owner only).
    """
    write_tsv(_calls(results), folder / "calls.tsv")
    write_tsv(_stacked((c.genes for c in results.cohorts), COVERAGE_COLUMNS), folder / "genes.tsv")
    write_tsv(_cut_points(results), folder / "cut_points.tsv")
    _write_private(_assignments(results), folder / "assignments.parquet")


def write_tsv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as TSV: UTF-8, ``NA`` for missing, ``true``/``false``, numbers in full, text safe in spreadsheets.

    Empty text is missing.
    """
    shown = table.copy()
    for column in shown.columns:
        if pd.api.types.is_bool_dtype(shown[column].dtype):
            shown[column] = np.where(shown[column], "true", "false")
        elif not pd.api.types.is_numeric_dtype(shown[column].dtype):
            shown[column] = shown[column].map(_safe, na_action="ignore")
    shown.to_csv(path, sep="\t", index=False, na_rep="NA", lineterminator="\n", encoding="utf-8")


def _safe(text: Any) -> str | None:
    """A text cell that a spreadsheet will not run and that stays one cell."""
    one_line = str(text).replace("\t", " ").replace("\r", " ").replace("\n", " ")
    return f"'{one_line}" if one_line[:1] in ("=", "+", "-", "@") else one_line or None


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


def _curves(results: Iterable[SurvivalComparison]) -> pd.DataFrame:
    """The plotted numbers: every step of every curve."""
    numbers = ("times", "survival", "lower", "upper", "at_risk", "events", "censored")
    parts = [
        pd.DataFrame({**keys, "group": group.label} | {name: getattr(group.curve, name) for name in numbers})
        for keys, comparison in _with_curves(results)
        for group in comparison.groups
        if group.n
    ]
    stacked = _stacked(parts, (*_KEYS, "comparison", "group", *numbers))
    return stacked.rename(columns={"times": "time"})


def _survival_at(results: Iterable[SurvivalComparison], times: Sequence[float]) -> pd.DataFrame:
    """Survival at stated months, as far as the group's follow-up reaches."""
    rows = []
    for keys, comparison in _with_curves(results):
        for group in comparison.groups:
            at = group.curve.at(times)
            found = zip(times, at.at_risk, at.survival, at.lower, at.upper)
            # beyond the last time the curve is NaN
            rows += [
                (*keys.values(), group.label, *numbers) for numbers in found if group.n and numbers[2] == numbers[2]
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
    return pd.DataFrame(rows, columns=[*_KEYS, "step", "reason", "n"])


def _calls(results: Results) -> pd.DataFrame:
    """How many patients got each call."""
    rows = [
        (*_called(s), call, n, s.n_not_assayed if call == "unknown" else 0, "; ".join(s.reasons))
        for cohort in results.cohorts
        for s in cohort.strata
        for call, n in s.counts.items()
    ]
    return pd.DataFrame(rows, columns=[*_CALLED, "call", "n", "n_not_assayed", "note"])


_CALLED = ("cohort", "signature", "population", "cut", "cut_scope")


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
    parts = []
    for cohort in results.cohorts:
        for s in cohort.strata:
            calls = s.to_frame()
            for position, (key, value) in enumerate(zip(_CALLED, _called(s))):
                calls.insert(position, key, pd.Series(value, index=calls.index, dtype="string"))
            parts.append(calls)
    return _stacked(parts, (*_CALLED, "patient", "call", "score"))


def _stacked(parts: Iterable[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True)[list(columns)] if filled else pd.DataFrame(columns=list(columns))
