"""What pooling over cohorts returns: rows of fixed columns, one a way to pool."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from strata.survival.kernels.log_rank import LogRank
    from strata.survival.kernels.meta_analysis import MetaAnalysis
    from strata.survival.result import HazardRatio

__all__ = ["POOLED_COLUMNS", "Pooled", "PooledRow", "pooled_frame", "ratios"]

POOLED_COLUMNS = (
    "signature",
    "population",
    "endpoint",
    "comparison",
    "method",
    "cohort",
    "cut",
    "cut_scope",
    "positive",
    "reference",
    "n_cohorts",
    "n",
    "events",
    "n_positive",
    "events_positive",
    "hazard_ratio",
    "hazard_ratio_lower",
    "hazard_ratio_upper",
    "p_value",
    "log_rank_chi2",
    "log_rank_p",
    "weight",
    "tau_squared",
    "tau_squared_lower",
    "tau_squared_upper",
    "i_squared",
    "i_squared_lower",
    "i_squared_upper",
    "q",
    "q_p",
    "prediction_lower",
    "prediction_upper",
    "prediction_degrees_of_freedom",
    "estimable",
    "cohorts",
    "not_contributing",
    "note",
    "adjusted_for",
)
"""The columns of ``pooled.tsv``, in order. Later versions append; they never reorder."""


@dataclass(frozen=True, eq=False, slots=True)
class PooledRow:
    """One way to pool, or one cohort.

    Parameters
    ----------
    method : str
        ``cohort`` (the cohort's own hazard ratio), ``unstratified``, ``stratified`` (by cohort), ``fixed_effect``,
        ``random_effects``, ``stratified_without`` and ``random_effects_without`` (a cohort).
    cohort : str or None
        The cohort of ``cohort``, or the one left out.
    cohorts : tuple of str
        Those that contribute.
    n, events, n_positive, events_positive : int
        Over the cohorts that contribute.
    hazard_ratio : HazardRatio or None
        With its 95 % interval and P: Wald's, of the t distribution for random effects (Hartung-Knapp).
    log_rank : LogRank or None
    meta : MetaAnalysis or None
        Behind fixed and random effects.
    weight : float
        Of a cohort: its share in the random-effects estimate; else NaN.
    not_contributing : tuple of (cohort, reason)
    notes : tuple of str
    adjusted_for : str
        The covariates of the cohorts' hazard ratios, which a log-rank test leaves out; empty where there are none.
    """

    method: str
    cohort: str | None
    cohorts: tuple[str, ...]
    n: int
    events: int
    n_positive: int
    events_positive: int
    hazard_ratio: HazardRatio | None
    log_rank: LogRank | None = None
    meta: MetaAnalysis | None = None
    weight: float = float("nan")
    not_contributing: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    adjusted_for: str = ""

    @property
    def own_p(self) -> float:
        """The P that answers the row: log-rank of an analysis of the patients, else that of the hazard ratio."""
        if self.log_rank is not None and not self.adjusted_for:
            return self.log_rank.p_value
        return np.nan if self.hazard_ratio is None else self.hazard_ratio.wald_p

    @property
    def prediction(self) -> tuple[float, float]:
        """95 % interval for the hazard ratio of a further cohort; NaN where there is none."""
        if self.meta is None:
            return np.nan, np.nan
        lower, upper = ratios(self.meta.prediction_lower, self.meta.prediction_upper)
        return lower, upper

    def values(self) -> dict[str, Any]:
        """The columns of ``pooled.tsv`` that belong to the row itself."""
        hazard, test, lower_upper = self.hazard_ratio, self.log_rank, self.prediction
        return {
            "method": self.method,
            "cohort": self.cohort,
            "n_cohorts": len(self.cohorts),
            "n": self.n,
            "events": self.events,
            "n_positive": self.n_positive,
            "events_positive": self.events_positive,
            "hazard_ratio": np.nan if hazard is None else hazard.value,
            "hazard_ratio_lower": np.nan if hazard is None else hazard.lower,
            "hazard_ratio_upper": np.nan if hazard is None else hazard.upper,
            "p_value": np.nan if hazard is None else hazard.wald_p,
            "log_rank_chi2": np.nan if test is None else test.chi_squared,
            "log_rank_p": np.nan if test is None else test.p_value,
            "weight": self.weight,
            **_heterogeneity(self.meta),
            "prediction_lower": lower_upper[0],
            "prediction_upper": lower_upper[1],
            "estimable": hazard is not None,
            "cohorts": ", ".join(self.cohorts),
            "not_contributing": "; ".join(f"{name}: {reason}" for name, reason in self.not_contributing),
            "note": "; ".join(self.notes),
            "adjusted_for": self.adjusted_for or None,
        }


@dataclass(frozen=True, eq=False, slots=True)
class Pooled:
    """One comparison of one signature in one population for one endpoint, pooled over cohorts.

    Parameters
    ----------
    signature, population, endpoint, comparison : str
        ``endpoint`` names every endpoint used: ``DFS/RFS`` where one stood in for the other in some cohorts.
    cut, cut_scope : str or None
        How each cohort was cut.
    positive, reference : str
        What the two strata are called.
    rows : tuple of PooledRow
        The cohorts, then the ways to pool, then each cohort left out.
    learned_in : tuple of (cohort, cohort)
        The cohorts whose cut was learned in another one, and that one.
    """

    signature: str
    population: str
    endpoint: str
    comparison: str
    cut: str | None
    cut_scope: str | None
    positive: str
    reference: str
    rows: tuple[PooledRow, ...]
    learned_in: tuple[tuple[str, str], ...] = ()

    def __getitem__(self, method: str) -> PooledRow:
        """The first row of a method."""
        for row in self.rows:
            if row.method == method:
                return row
        raise KeyError(method)

    def to_frame(self) -> pd.DataFrame:
        """One row a method, in the columns ``POOLED_COLUMNS``."""
        return pooled_frame([self])


def pooled_frame(pooled: Iterable[Pooled]) -> pd.DataFrame:
    """The rows of ``pooled.tsv``."""
    keys = ("signature", "population", "endpoint", "comparison", "cut", "cut_scope", "positive", "reference")
    rows = [{key: getattr(p, key) for key in keys} | row.values() for p in pooled for row in p.rows]
    table = pd.DataFrame(rows, columns=list(POOLED_COLUMNS))
    text = (*keys, "method", "cohort", "cohorts", "not_contributing", "note", "adjusted_for")
    counts = ("n_cohorts", "n", "events", "n_positive", "events_positive")
    types = dict.fromkeys(POOLED_COLUMNS, "float64")
    types |= dict.fromkeys(text, "string") | dict.fromkeys(counts, "int64") | {"estimable": "bool"}
    return table.astype(types)


def _heterogeneity(meta: MetaAnalysis | None) -> dict[str, float]:
    shown = {
        "tau_squared": "tau_squared",
        "tau_squared_lower": "tau_squared_lower",
        "tau_squared_upper": "tau_squared_upper",
        "i_squared": "i_squared",
        "i_squared_lower": "i_squared_lower",
        "i_squared_upper": "i_squared_upper",
        "q": "q",
        "q_p": "q_p_value",
        "prediction_degrees_of_freedom": "prediction_degrees_of_freedom",
    }
    return {column: np.nan if meta is None else getattr(meta, name) for column, name in shown.items()}


def ratios(*logs: float) -> list[float]:
    """Hazard ratios of their logarithms."""
    with np.errstate(over="ignore"):
        return [float(ratio) for ratio in np.exp(logs)]
