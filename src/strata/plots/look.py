"""How a survival figure is asked to look: one value, checked once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from strata.errors import Problem, UsageError
from strata.survival.small_cells import GRID

__all__ = ["MONTHS", "Confidence", "KeyPlace", "Look", "RiskRows", "TimeUnit", "YScale"]

YScale = Literal["survival", "events", "hazard"]
RiskRows = Literal["full", "at_risk", "percent"]
TimeUnit = Literal["months", "years"]
Confidence = Literal["band", "steps", "none"]
KeyPlace = Literal["best", "upper left", "upper right", "lower left", "lower right", "above", "none"]

MONTHS: dict[str, float] = {"months": 1.0, "years": 12.0}
"""In one unit of the time axis."""

_TICKS = 100
"""More ticks than this are a slip of the pen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How survival curves are shown; the parameters are those of ``plot_survival``, ``unit`` that of the preset."""

    y: YScale = "survival"
    percent: bool = False
    confidence: Confidence = "band"
    censor_marks: bool = True
    median_lines: bool = False
    p_value: bool | str = True
    weights: str | tuple[str, float, float] = ""
    hazard_ratio: bool = True
    time_unit: TimeUnit = "months"
    break_every: float | None = None
    max_time: float | None = None
    risk_table: RiskRows | bool = "full"
    key: KeyPlace = "best"
    colours: Sequence[str] | None = None
    all_patients: bool = False
    min_cell: int = 0
    unit: float = 1.0

    def __post_init__(self) -> None:
        words = {
            "y": YScale,
            "confidence": Confidence,
            "time_unit": TimeUnit,
            "risk_table": RiskRows,
            "key": KeyPlace,
        }
        wrong = [
            f"{name}: {getattr(self, name)!r} is not {' or '.join(get_args(known))}"
            for name, known in words.items()
            if getattr(self, name) not in (*get_args(known), *((True, False) if name == "risk_table" else ()))
        ]
        wrong += [
            f"{name}: {value} is not a number of {self.time_unit} above 0"
            for name, value in (("max_time", self.max_time), ("break_every", self.break_every))
            if value is not None and not value > 0
        ]
        if self.percent and self.y == "hazard":
            wrong.append("percent: a cumulative hazard is not a share of patients")
        if self.all_patients and self.min_cell:
            wrong.append("all_patients: its counts less those of the strata would tell what min_cell hides")
        if wrong:
            raise UsageError([Problem("", text, code="E703") for text in wrong])

    @property
    def rows(self) -> RiskRows | None:
        """Which rows stand below the curves; None: none."""
        return "full" if self.risk_table is True else self.risk_table or None

    def limit(self, longest: float) -> float:
        """Where the time axis ends, in its unit, where the longest follow-up is ``longest`` months."""
        if self.max_time:
            return self.max_time
        limit = longest * 1.015 or 1.0
        # the longest time is that of one patient
        return (GRID * float(np.ceil(limit / GRID)) if self.min_cell else limit) / MONTHS[self.time_unit]

    def until(self, longest: float) -> Look:
        """The same, with the axis of panels that share it: as long as follow-up of ``longest`` months needs."""
        return replace(self, max_time=self.limit(longest))

    def hiding(self, min_cell: int) -> Look:
        """The same, with counts below ``min_cell`` hidden."""
        return replace(self, min_cell=min_cell)

    def without_band(self) -> Look:
        """The same, without confidence bands."""
        return replace(self, confidence="none")

    def breaks(self, limit: float) -> list[float] | None:
        """The ticks asked for; None where they are to be chosen.

        Raises
        ------
        UsageError
            When there would be more than anybody can read.
        """
        if self.break_every is None:
            return None
        if limit / self.break_every > _TICKS:
            what = f"break_every: {self.break_every:g} {self.time_unit} give more than {_TICKS} ticks up to {limit:.4g}"
            raise UsageError(Problem("", what, code="E703"))
        return [float(tick) for tick in np.arange(0.0, limit + self.break_every * 1e-9, self.break_every)]
