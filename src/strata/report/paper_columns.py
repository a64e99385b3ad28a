"""The columns of a table for a paper, for each kind of table that a run writes, and how numbers stand in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from strata.plots.wording import population_label
from strata.survival import SEARCH_ROWS, TREATMENT_ROWS
from strata.survival.own_test import is_adjusted, own_test
from strata.wording import format_hazard_ratio

if TYPE_CHECKING:
    Row = Mapping[Any, Any]

__all__ = ["KINDS", "Q_LEGEND", "Kind", "kind_of", "paper_p"]

NOT_ESTIMABLE, NOT_APPLICABLE, WITHHELD = "not estimable", "not applicable", "withheld"

_FURTHER = ("first_only_vs_neither", "second_only_vs_neither", "four_groups", "interaction", "expected_both_vs_neither")
"""Rows that look further into a pair of genes: left to ``all``."""

_NOT_TWO = ("four_groups", "trend", "interaction", "expected_both_vs_neither", "treatment_interaction", "per_sd")
"""Rows that do not compare two strata."""

_NO_RATIO = ("four_groups", "trend")

_OTHER_TESTS: Mapping[str, str] = {
    "permutation_p": "P by permutation of the log-rank test",
    "wald_p": "P of Wald's test in the Cox model",
    "firth_p": "P of Firth's penalised likelihood-ratio test in the Cox model",
    "likelihood_ratio_p": "P of the likelihood-ratio test of the interaction",
}

_HR = "HR: hazard ratio of the stratum against the reference, Cox regression, with its 95 % CI."
_LOG_RANK = "P: two-sided log-rank test unless noted, not adjusted for the number of tests."
_PH = "PH P: Grambsch and Therneau's test of proportional hazards."
Q_LEGEND = "q: P adjusted for the number of tests by the method of Benjamini and Hochberg."

_BEST = 20
"""Markers of a scan that are shown, unless all are asked for."""


def _nothing(_: Row) -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of table.

    Parameters
    ----------
    title : str
    needs : tuple of str
        Columns by which it is known.
    keys : mapping of column to (heading, spelling)
        Columns that go into the caption where all rows have one value.
    columns : mapping of heading to function
        From a row to the text of its cell.
    legend : tuple of str
    main : function
        The rows that are shown unless all are asked for.
    notes : function
        What a row must be read with, beside its ``note``.
    """

    title: str
    needs: tuple[str, ...]
    keys: Mapping[str, tuple[str, Callable[[str], str]]]
    columns: Mapping[str, Callable[[Row], str]]
    legend: tuple[str, ...]
    main: Callable[[pd.DataFrame], pd.DataFrame]
    notes: Callable[[Row], Sequence[str]] = _nothing


def kind_of(table: pd.DataFrame) -> Kind | None:
    """Which kind a table is; None when it is none of these."""
    return next((kind for kind in KINDS if set(kind.needs) <= set(table.columns)), None)


def paper_p(value: float) -> str:
    """P as journals print it: three decimals, ``<0.001``, ``>0.999``."""
    return "<0.001" if value < 0.001 else ">0.999" if value > 0.999 else f"{value:.3f}"


def _p(row: Row, column: str) -> str:
    return _missing(row) if pd.isna(row[column]) else paper_p(row[column])


def _missing(row: Row) -> str:
    """Why there is no number; the note of the row says more."""
    return WITHHELD if str(row["note"]).startswith(WITHHELD) else NOT_ESTIMABLE


def _ratio(row: Row, column: str = "hazard_ratio") -> str:
    if pd.isna(row[column]):
        return NOT_APPLICABLE if row.get("comparison") in _NO_RATIO else _missing(row)
    return format_hazard_ratio(row[column], row[f"{column}_lower"], row[f"{column}_upper"])


def _patients(row: Row) -> str:
    return _no_count(row) if pd.isna(row["n"]) else _cell(row["n"], row["events"])


def _no_count(row: Row) -> str:
    """Only a run that is shared hides counts, and a factor that has no levels has none."""
    return NOT_APPLICABLE if "level" in row and pd.isna(row["level"]) else WITHHELD


def _cell(n: Any, events: Any) -> str:
    return f"{int(n):,} ({int(events):,})"


def _stratum(row: Row) -> str:
    if pd.isna(row["n"]):
        return _no_count(row)
    if pd.isna(row["n_positive"]) or row.get("comparison") in _NOT_TWO:
        return NOT_APPLICABLE
    return _cell(row["n_positive"], row["events_positive"])


def _reference(row: Row) -> str:
    if (positive := _stratum(row)) in (WITHHELD, NOT_APPLICABLE):
        return positive
    return _cell(row["n"] - row["n_positive"], row["events"] - row["events_positive"])


def _medians(row: Row) -> str:
    if (positive := _stratum(row)) in (WITHHELD, NOT_APPLICABLE):
        return positive
    # a run that is shared hides the times of patients: also that of follow-up, which is known elsewhere
    unknown = "not told" if bool(pd.isna(row["median_follow_up"])) else "not reached"
    sides = ((row["n_positive"], row["median_positive"]), (row["n"] - row["n_positive"], row["median_negative"]))
    return " / ".join(
        "no patient" if n == 0 else unknown if pd.isna(median) else f"{median:.1f}" for n, median in sides
    )


def _proportional(row: Row) -> str:
    if pd.isna(row["ph_p"]):
        return "not tested"
    return f"{_p(row, 'ph_p')}{' (not proportional)' * (row['ph_p'] < 0.05)}"


def _comparison(row: Row) -> str:
    name = str(row["comparison"])
    ours = "_vs_" in name or name in (*SEARCH_ROWS, *TREATMENT_ROWS, *_NOT_TWO)
    return name.replace("_", " ") if ours else f"{name} alone"


def _own_p(row: Row) -> str:
    return _p(row, _own_test(row))


def _own_test(row: Row) -> str:
    return own_test(row.get("comparison", "positive_vs_rest"), row)


def _how_tested(row: Row) -> Sequence[str]:
    column = _own_test(row)
    if is_adjusted(row):
        return (_adjusted_in_words(row, column),)
    return () if pd.isna(row[column]) or column not in _OTHER_TESTS else (_OTHER_TESTS[column],)


def _adjusted_in_words(row: Row, column: str) -> str:
    """What HR is adjusted for, which P belongs to it, and both without the covariates."""
    n, inside = row["n"], row["n_adjusted"]
    few = "" if pd.isna(n) or pd.isna(inside) or inside == n else f" in {int(inside):,} patients"
    said = f"HR adjusted for {row['adjusted_for']}{few}"
    said += "" if pd.isna(row[column]) else f"; {_OTHER_TESTS[column]}"
    crude = "hazard_ratio_unadjusted"
    parts: list[str] = [] if pd.isna(row[crude]) else [f"HR {_ratio(row, crude)}"]
    # a search has its own corrected P there, an interaction has none
    parts += [] if pd.isna(row["log_rank_p"]) else [f"log-rank P {paper_p(row['log_rank_p'])}"]
    return f"{said}; not adjusted: {', '.join(parts)}" if parts else said


def _main_results(table: pd.DataFrame) -> pd.DataFrame:
    return table[~table["comparison"].isin(_FURTHER)]


def _all(table: pd.DataFrame) -> pd.DataFrame:
    return table


def _without_left_out(table: pd.DataFrame) -> pd.DataFrame:
    return table[~table["method"].str.endswith("_without")]


def _text(row: Row, column: str) -> str:
    return "none" if pd.isna(row[column]) else str(row[column])


def _scan_ratio(row: Row) -> str:
    """Of two groups; of a marker that was not cut, per standard deviation."""
    per_sd = "per_sd_hazard_ratio"
    if pd.isna(row["hazard_ratio"]) and not pd.isna(row[per_sd]):
        return f"{_ratio(row, per_sd)} per SD"
    return _ratio(row)


def _percent(row: Row) -> str:
    return NOT_APPLICABLE if pd.isna(row["i_squared"]) else f"{row['i_squared']:.0f} %"


def _prediction(row: Row) -> str:
    if pd.isna(row["prediction_lower"]):
        return NOT_APPLICABLE
    return f"{row['prediction_lower']:.2f}–{row['prediction_upper']:.2f}"


def _method(row: Row) -> str:
    # of a batch no cohort is a row, and there is no log-rank test: it pools the cohorts' ratios
    name, cohort = str(row["method"]).replace("_", " "), row.get("cohort")
    return name if pd.isna(cohort) else str(cohort) if name == "cohort" else f"{name} {cohort}"


def _pooled_p(row: Row) -> str:
    return _p(row, "p_value" if pd.isna(row.get("log_rank_p")) or is_adjusted(row) else "log_rank_p")


def _not_contributing(row: Row) -> Sequence[str]:
    left = row["not_contributing"]
    adjusted = (f"HR adjusted for {row['adjusted_for']}, with its own P",) if is_adjusted(row) else ()
    return (*adjusted, *([f"not contributing: {left}"] if isinstance(left, str) and left else []))


def _same(text: str) -> str:
    return text


_KEYS: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "cohort": ("Cohort", _same),
    "signature": ("Signature", _same),
    "population": ("Population", population_label),
    "endpoint": ("Endpoint", _same),
    "cut": ("Cut", _same),
}
_COUNTS: Mapping[str, Callable[[Row], str]] = {
    "Patients (events)": _patients,
    "Stratum, n (events)": _stratum,
    "Reference, n (events)": _reference,
}

_RESULTS = Kind(
    title="Survival by marker",
    needs=("cohort", "comparison", "n_positive", "log_rank_p", "ph_p", "median_positive"),
    keys=_KEYS,
    columns={
        "Comparison": _comparison,
        **_COUNTS,
        "Median, months (stratum / reference)": _medians,
        "HR (95 % CI)": _ratio,
        "P": _own_p,
        "PH P": _proportional,
    },
    legend=(_HR, _LOG_RANK, _PH),
    main=_main_results,
    notes=_how_tested,
)

_SUBGROUPS = Kind(
    title="The marker in subgroups, exploratory",
    needs=("factor", "level", "n_positive", "log_rank_p", "interaction_p"),
    keys=_KEYS,
    columns={
        "Factor": partial(_text, column="factor"),
        "Level": partial(_text, column="level"),
        **_COUNTS,
        "HR (95 % CI)": _ratio,
        "P": _own_p,
        "Interaction P": partial(_p, column="interaction_p"),
    },
    legend=(_HR, _LOG_RANK, "Interaction P: likelihood-ratio test that the hazard ratio is the same in all levels."),
    main=_all,
    notes=_how_tested,
)

_MULTIVARIABLE = Kind(
    title="Multivariable Cox models",
    needs=("comparison", "term", "hazard_ratio", "wald_p", "ph_p"),
    keys=_KEYS,
    columns={
        "Comparison": _comparison,
        "Term": partial(_text, column="term"),
        "Patients (events)": _patients,
        "HR (95 % CI)": _ratio,
        "P": partial(_p, column="wald_p"),
        "PH P": _proportional,
    },
    legend=("HR: hazard ratio, Cox regression, with its 95 % CI.", "P: Wald's test, not adjusted.", _PH),
    main=_main_results,
)

_POOLED = Kind(
    title="The cohorts pooled",
    needs=("comparison", "method", "n_cohorts", "p_value", "prediction_lower"),
    keys={key: _KEYS[key] for key in ("signature", "population", "endpoint", "cut")},
    columns={
        "Comparison": _comparison,
        "Cohort or method": _method,
        "Cohorts": lambda row: f"{row['n_cohorts']}",
        **_COUNTS,
        "HR (95 % CI)": _ratio,
        "P": _pooled_p,
        "I2": _percent,
        "95 % prediction interval": _prediction,
    },
    legend=(
        "HR: hazard ratio of the stratum against the reference with its 95 % CI (random effects: Hartung and Knapp).",
        "P: log-rank test of cohorts and of the (un)stratified analysis, of the HR elsewhere and where it is adjusted.",
    ),
    main=_without_left_out,
    notes=_not_contributing,
)

_SCAN = Kind(
    title="Markers by the P of their test",
    needs=("assay", "gene", "marker", "p_value", "q_value", "max_t_p"),
    keys={key: _KEYS[key] for key in ("cohort", "population", "endpoint")},
    columns={
        "Gene": partial(_text, column="gene"),
        "Assay": partial(_text, column="assay"),
        "Marker": partial(_text, column="marker"),
        **_COUNTS,
        "HR (95 % CI)": _scan_ratio,
        "P": partial(_p, column="p_value"),
        "q": partial(_p, column="q_value"),
    },
    legend=("HR: Cox regression, with its 95 % CI. P: of the test that ranks the markers.", Q_LEGEND),
    main=lambda table: table.head(_BEST),
)

KINDS: tuple[Kind, ...] = (_SUBGROUPS, _MULTIVARIABLE, _POOLED, _SCAN, _RESULTS)
