"""The whole Cox model of an adjusted comparison: the marker's hazard ratio and those of its covariates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from strata.survival.result import HazardRatio, SurvivalComparison

__all__ = ["MULTIVARIABLE_COLUMNS", "Term", "multivariable_frame"]

_OF_THE_ROW = ("comparison", "cut", "cut_scope")

MULTIVARIABLE_COLUMNS = (
    "cohort",
    "signature",
    "population",
    "endpoint",
    *_OF_THE_ROW,
    "term",
    "n",
    "events",
    "hazard_ratio",
    "hazard_ratio_lower",
    "hazard_ratio_upper",
    "wald_p",
    "ph_p",
    "estimable",
    "note",
)
"""The columns of ``multivariable.tsv``."""


@dataclass(frozen=True, slots=True)
class Term:
    """One column of the Cox model of a comparison: the marker, or a covariate that it is adjusted for.

    Parameters
    ----------
    name : str
        ``positive vs rest``, ``er=positive`` against the first level, ``age (per SD of 9.6)``.
    n, events : int
        Of the model: the patients whose covariates are all known.
    hazard_ratio : HazardRatio or None
        None where it cannot be estimated.
    ph_p : float
        Grambsch and Therneau's test that the hazard ratio stays the same over time; NaN where there is none.
    note : str
        Why there is no hazard ratio; empty when there is one.
    """

    name: str
    n: int
    events: int
    hazard_ratio: HazardRatio | None
    ph_p: float = np.nan
    note: str = ""

    def values(self) -> dict[str, Any]:
        """The columns of ``multivariable.tsv`` that belong to the term itself."""
        hazard = self.hazard_ratio
        return {
            "term": self.name,
            "n": self.n,
            "events": self.events,
            "hazard_ratio": np.nan if hazard is None else hazard.value,
            "hazard_ratio_lower": np.nan if hazard is None else hazard.lower,
            "hazard_ratio_upper": np.nan if hazard is None else hazard.upper,
            "wald_p": np.nan if hazard is None else hazard.wald_p,
            "ph_p": self.ph_p,
            "estimable": hazard is not None,
            "note": self.note,
        }


def multivariable_frame(results: Iterable[SurvivalComparison]) -> pd.DataFrame:
    """The rows of ``multivariable.tsv``: the terms of every comparison of two strata that is adjusted for covariates.

    Returns
    -------
    pandas.DataFrame
        The columns ``MULTIVARIABLE_COLUMNS``; the first term of a comparison is the marker, with the numbers of its
        row of the results. A comparison without a Cox model of its own (nobody has a call; the cut was searched, its
        hazard ratio cross-fitted) is in the results alone.

    Notes
    -----
    R: ``summary(coxph(Surv(time, event) ~ marker + covariates + strata(stratification_factors)))``. A covariate is
    there to adjust the marker's hazard ratio, its P answers no question of the run: in ``tests.tsv`` it is supporting.
    """
    rows = []
    for result in results:
        for comparison in result.comparisons:
            own = {key: value for key, value in comparison.row().items() if key in _OF_THE_ROW}
            rows += [result.keys() | own | term.values() for term in comparison.terms]
    table = pd.DataFrame(rows, columns=list(MULTIVARIABLE_COLUMNS))
    types = dict.fromkeys(MULTIVARIABLE_COLUMNS, "float64")
    types |= dict.fromkeys((*MULTIVARIABLE_COLUMNS[:8], "note"), "string") | dict.fromkeys(("n", "events"), "int64")
    return table.astype(types | {"estimable": "bool"})
