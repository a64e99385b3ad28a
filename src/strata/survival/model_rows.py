"""The rows and columns of a Cox model: complete covariates, within the stratification factors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from strata.cohort.findings import count

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.survival.groups import Outcome

__all__ = ["ModelRows", "factors_in_words"]


def factors_in_words(factors: pd.DataFrame) -> str:
    """The names of stratification factors, and how many strata their combinations make of these patients."""
    combinations = len(factors.drop_duplicates())
    return f"{', '.join(factors.columns)} ({combinations} combination{'s' * (combinations != 1)})"


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
