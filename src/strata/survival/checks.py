"""What stands beside a log-rank P and a hazard ratio: the numbers, and when they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from math import nan
from typing import Any

from strata.errors import Problem, UsageError

__all__ = ["CHECK_COLUMNS", "CheckOptions", "Checks"]


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """When an arm is sparse, and how the numbers beside are made.

    Parameters
    ----------
    sparse_patients, sparse_events : int
        An arm with fewer patients, or fewer events, gets a permutation P and Firth's hazard ratio.
    permutations : int
        Random permutations where the splits of the patients are too many to look at all of them (above 200,000).
    seed : int
        Of the permutations.
    rmst_horizon : float, optional
        Months up to which restricted means are taken; None: as far as both groups are followed.
    """

    sparse_patients: int = 20
    sparse_events: int = 10
    permutations: int = 10_000
    seed: int = 0
    rmst_horizon: float | None = None

    def __post_init__(self) -> None:
        least = {"sparse_patients": 0, "sparse_events": 0, "permutations": 1, "seed": 0}
        too_low = {key: low for key, low in least.items() if getattr(self, key) < low}
        wrong = [Problem(key, f"{getattr(self, key)} is below {low}", code="E703") for key, low in too_low.items()]
        if self.rmst_horizon is not None and not self.rmst_horizon > 0:
            wrong.append(Problem("rmst_horizon", f"{self.rmst_horizon} is not a number of months above 0", code="E703"))
        if wrong:
            raise UsageError(wrong)


@dataclass(frozen=True, slots=True)
class Checks:
    """The columns of the results that stand beside the log-rank P and Cox's hazard ratio; NaN where not asked for.

    Parameters
    ----------
    permutation_p : float
        Of the log-rank test, for sparse arms. It assumes that censoring is the same in the groups compared.
    permutations : int or None
        How many were drawn; 0: every split of the patients was looked at.
    firth_hazard_ratio, firth_hazard_ratio_lower, firth_hazard_ratio_upper, firth_p : float
        Cox regression with Firth's penalty, 95 % profile interval and penalised likelihood-ratio P, for sparse arms.
    ph_p : float
        Grambsch and Therneau's test that the hazard ratio stays the same over time.
    rmst_horizon, rmst_difference, rmst_difference_lower, rmst_difference_upper, rmst_p : float
        Where ``ph_p`` is below 0.05: restricted mean event-free months up to the horizon, positive less reference.
    gray_p : float
        Of Gray's test of the cumulative incidences, where the endpoint names competing events.
    """

    permutation_p: float = nan
    permutations: int | None = None
    firth_hazard_ratio: float = nan
    firth_hazard_ratio_lower: float = nan
    firth_hazard_ratio_upper: float = nan
    firth_p: float = nan
    ph_p: float = nan
    rmst_horizon: float = nan
    rmst_difference: float = nan
    rmst_difference_lower: float = nan
    rmst_difference_upper: float = nan
    rmst_p: float = nan
    gray_p: float = nan

    def row(self) -> dict[str, Any]:
        """The columns ``CHECK_COLUMNS``."""
        return asdict(self)


CHECK_COLUMNS: Sequence[str] = tuple(field.name for field in fields(Checks))
"""The columns of the results that ``Checks`` holds."""
