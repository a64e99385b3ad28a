"""The rows and columns of a Cox model: complete covariates, within the stratification factors."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING, Any

import pandas as pd

from strata.cohort.findings import count

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.survival.groups import Outcome
    from strata.survival.result import HazardRatio

__all__ = ["ADJUSTED_COLUMNS", "AdjustedModel", "ModelRows", "factors_in_words"]

ADJUSTED_COLUMNS = (
    "adjusted_for",
    "n_adjusted",
    "hazard_ratio_unadjusted",
    "hazard_ratio_unadjusted_lower",
    "hazard_ratio_unadjusted_upper",
)
"""The columns of a row that say what its hazard ratio is adjusted for: those of ``AdjustedModel.row``."""


def factors_in_words(factors: pd.DataFrame) -> str:
    """The names of stratification factors, and how many strata their combinations make of these patients."""
    combinations = len(factors.drop_duplicates())
    return f"{', '.join(factors.columns)} ({combinations} combination{'s' * (combinations != 1)})"


@dataclass(frozen=True, slots=True)
class AdjustedModel:
    """What the hazard ratio of a comparison is adjusted for.

    Parameters
    ----------
    covariates : tuple of str
        Clinical columns.
    n : int
        Patients of the comparison whose covariates are all known: those of the model.
    crude : HazardRatio or None
        Without the covariates, of all patients of the comparison, as the log-rank test; None where there is none.
    """

    covariates: tuple[str, ...]
    n: int
    crude: HazardRatio | None = None

    @classmethod
    def of(cls, outcome: Outcome, crude: HazardRatio | None = None) -> AdjustedModel | None:
        """Of a comparison of all patients of ``outcome``; None without covariates."""
        adjustment = outcome.adjustment
        if adjustment.covariates is None:
            return None
        return cls(adjustment.names, int(adjustment.complete().sum()), crude)

    def said(self, of: int | None = None, *, least: int = 0) -> str:
        """``adjusted for er, grade``, and in how many patients where they are fewer than the ``of`` compared.

        Less than ``least`` patients are not told, neither of the model nor left out of it.
        """
        out = 0 if of is None else of - self.n
        few = f" in {count(self.n, 'patient')}" if out and min(out, self.n) >= least else ""
        return f"adjusted for {', '.join(self.covariates)}{few}"

    def left_out(self, of: int) -> tuple[str, int]:
        """Who of the ``of`` patients compared is not in the model, and how many they are."""
        return f"without {' or '.join(self.covariates)}: not in the adjusted model", of - self.n

    def row(self) -> dict[str, Any]:
        """The columns of the results that say so."""
        crude = self.crude
        ratio = (nan, nan, nan) if crude is None else (crude.value, crude.lower, crude.upper)
        return dict(zip(ADJUSTED_COLUMNS, (", ".join(self.covariates), self.n, *ratio), strict=True))


@dataclass(frozen=True, eq=False, slots=True)
class ModelRows:
    """What ``cox``, ``firth`` and ``proportional_hazards`` are called with, so that all three see one model.

    Parameters
    ----------
    data : tuple
        Months, events and columns of the patients whose covariates are all known.
    more : dict
        ``stratification_factors`` and ``entry``.
    notes : list of str
        What the model is adjusted for and stratified by, in words.
    """

    data: tuple[Any, Any, pd.DataFrame]
    more: dict[str, Any]
    notes: list[str]

    @classmethod
    def of(cls, outcome: Outcome, columns: pd.DataFrame) -> ModelRows:
        """The model of ``columns`` beside the covariates of ``outcome``."""
        notes: list[str] = []
        adjustment = outcome.adjustment
        all_factors = adjustment.stratification_factors
        if adjustment.covariates is not None:
            columns = pd.concat([columns, adjustment.covariates.reset_index(drop=True)], axis=1)
            known: NDArray[Any] = adjustment.complete()
            columns, outcome = columns.loc[known], outcome.take(known)
            names = ", ".join(adjustment.covariates.columns)
            n, events = count(outcome.time.size, "patient"), count(int(outcome.event.sum()), "event")
            notes.append(f"adjusted for {names} in {n}, {events}")
        if all_factors is not None:
            notes.append(f"hazard ratio and log-rank stratified by {factors_in_words(all_factors)}")
        more = {"stratification_factors": outcome.adjustment.stratification_factors, "entry": outcome.entry}
        return cls((outcome.time, outcome.event, columns), more, notes)
