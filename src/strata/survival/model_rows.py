"""The rows and columns of a Cox model: complete covariates, within the stratification factors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.survival.groups import Outcome

__all__ = ["ModelRows"]


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
        if adjustment.covariates is not None:
            columns = pd.concat([columns, adjustment.covariates.reset_index(drop=True)], axis=1)
            known: NDArray[Any] = adjustment.complete()
            columns, outcome = columns.loc[known], outcome.take(known)
            names = ", ".join(adjustment.covariates.columns)
            notes.append(f"adjusted for {names} in {outcome.time.size} patients, {outcome.event.sum()} events")
        factors = outcome.adjustment.stratification_factors
        if factors is not None:
            notes.append(f"hazard ratio and log-rank stratified by {', '.join(factors.columns)}")
        more = {"stratification_factors": factors, "entry": outcome.entry}
        return cls((outcome.time, outcome.event, columns), more, notes)
