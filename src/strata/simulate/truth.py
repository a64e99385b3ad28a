"""What was planted in a simulated cohort."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Truth"]


@dataclass(frozen=True, slots=True)
class Truth:
    """What was planted.

    Parameters
    ----------
    scenario : str
    seed : int
        The seed that was used.
    patients : int
    endpoints : mapping
        Per endpoint: the baseline hazard per month, whether death is an event, the number of events seen, and every
        effect with its factors, its hazard ratio and the number of patients of whom all its factors are true.
    medians : mapping of marker to float
        Where each marker that acts was cut: its median over the cohort, before batch shifts and missing values.
    """

    scenario: str
    seed: int
    patients: int
    endpoints: Mapping[str, Mapping[str, Any]]
    medians: Mapping[str, float]

    def to_dict(self) -> dict[str, Any]:
        """The same as plain dictionaries and lists, ready for JSON."""
        return {
            "scenario": self.scenario,
            "seed": self.seed,
            "patients": self.patients,
            "endpoints": {name: dict(planted) for name, planted in self.endpoints.items()},
            "medians": dict(self.medians),
        }
