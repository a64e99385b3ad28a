"""Survival curves that the page draws when they are asked for: what a picture of them can show, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from strata.report.figures import shown_curves
from strata.survival.small_cells import on_grid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from strata.analysis import Plan
    from strata.survival import Comparison, SurvivalComparison
    from strata.survival.kernels.kaplan_meier import KaplanMeier

__all__ = ["MOST_CURVES", "MOST_STEPS", "Curves"]

MOST_STEPS = 60
"""Steps of a curve that are kept: without the others it is never off by more than a sixtieth of its whole fall."""

MOST_CURVES = 4_000
"""Strata whose curves one page holds."""

_SCALE = 1_000
"""Times and shares are kept in thousandths of their axis."""

_TICKS = (1, 2, 3, 6, 12, 24, 36, 60, 120, 240, 600, 1_200)
_MOST_TICKS = 6


class Curves:
    """The curves of a page, as they are collected.

    Parameters
    ----------
    plan : Plan
    most : int
        Strata that are taken; of a comparison all or none.
    """

    def __init__(self, plan: Plan, *, most: int = MOST_CURVES) -> None:
        self._plan, self._most, self._taken = plan, most, 0
        self.plots: list[dict[str, Any]] = []

    def add(self, result: SurvivalComparison) -> tuple[int | None, str]:
        """Take the curves of a result: their place, or None and why they are not on the page."""
        drawn, why = shown_curves(result, self._plan)
        if drawn is None:
            return None, why
        if self._taken + len(drawn.groups) > self._most:
            return None, f"This page holds the curves of {self._most:,} strata; these are beyond them."
        self._taken += len(drawn.groups)
        self.plots.append(_plot(drawn, self._plan))
        return len(self.plots) - 1, ""


def _plot(drawn: Comparison, plan: Plan) -> dict[str, Any]:
    least = plan.shared_cell
    curves = [on_grid(group.curve, least) if least else group.curve for group in drawn.groups]
    end = max((float(curve.times[-1]) for curve in curves if curve.times.size), default=0.0) or 1.0
    step = next((tick for tick in _TICKS if end / tick <= _MOST_TICKS), _TICKS[-1])
    ticks = np.arange(0.0, end, step)
    return {
        "ticks": [[int(tick), round(tick / end * _SCALE)] for tick in ticks.tolist()],
        "end": round(end, 1),
        "axis": "Survival" if drawn.competing is None else "Without the event",
        "groups": [
            {
                "label": group.label,
                # numbers at risk are of patients: a run that is shared does not tell them
                "risk": None if least else group.curve.at(ticks).at_risk.tolist(),
                "steps": _steps(curve, end),
            }
            for group, curve in zip(drawn.groups, curves, strict=True)
        ],
    }


def _steps(curve: KaplanMeier, end: float) -> list[int]:
    """Time, survival, lower and upper end of its interval, one after the other; -1 where there is none."""
    if not curve.times.size:
        return []
    kept = _thinned(1.0 - curve.survival)
    columns: Iterable[Any] = (curve.times[kept] / end, curve.survival[kept], curve.lower[kept], curve.upper[kept])
    scaled = [np.nan_to_num(np.round(column * _SCALE), nan=-1.0) for column in columns]
    numbers: list[int] = np.stack(scaled, axis=1).astype(int).ravel().tolist()
    return numbers


def _thinned(fallen: Any) -> Any:
    """Places of the steps that are kept: those that reach a further sixtieth of the whole fall, and the last."""
    level = np.floor(fallen / max(float(fallen[-1]), 1e-12) * MOST_STEPS)
    kept = np.flatnonzero(np.diff(level, prepend=0.0) > 0)
    return np.union1d(kept, [fallen.size - 1])
