"""What a survival figure draws: each stratum as a step curve with its patients, in the unit of the axis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from strata.errors import Problem, UsageError
from strata.plots.look import MONTHS
from strata.plots.style import ALL_PATIENTS, Stroke, strokes
from strata.plots.wording import patients_and_events, plain, reason_for_nothing
from strata.survival.groups import Adjustment, Outcome
from strata.survival.result import Group
from strata.survival.small_cells import on_grid, shown_counts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from strata.plots.look import Look, YScale
    from strata.survival.kernels.kaplan_meier import KaplanMeier
    from strata.survival.result import Comparison

__all__ = [
    "SCALES",
    "DrawnStratum",
    "Steps",
    "drawn_strata",
    "everyone",
    "not_searched",
    "strata_frame",
    "stratum_labels",
]


@dataclass(frozen=True, eq=False, slots=True)
class Steps:
    """A step curve: ``start`` up to the first time, then each level from its time on, up to the last time.

    Parameters
    ----------
    start : float
    times, level, lower, upper : arrays of float, shape (n_times,)
        In the unit and on the scale of the axes; NaN where there is no interval.
    marked : array of bool, shape (n_times,)
        Where somebody is censored.
    """

    start: float
    times: NDArray[np.float64]
    level: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    marked: NDArray[np.bool_]

    def at(self, times: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Level, lower and upper limit at chosen times; NaN beyond the last time."""
        step = np.searchsorted(self.times, times, side="right")
        beyond = times > (self.times[-1] if self.times.size else -np.inf)
        level, lower, upper = (
            np.where(beyond, np.nan, np.concatenate([[self.start], column])[step])
            for column in (self.level, self.lower, self.upper)
        )
        return level, lower, upper


@dataclass(frozen=True, eq=False, slots=True)
class DrawnStratum:
    """A stratum as it is drawn.

    Parameters
    ----------
    label, counted : str
        Its name, and its name with patients and events.
    stroke : Stroke
    steps : Steps
    n, events : int
    curve : KaplanMeier
        In months; on a grid for a figure that leaves the house.
    median : (float, float, float)
        With its interval, in the unit of the axis; NaN where not reached.
    time, event : arrays, shape (n,)
        Of its patients, in the unit of the axis.
    competing, entry : arrays, shape (n,), optional
    """

    label: str
    counted: str
    stroke: Stroke
    steps: Steps
    n: int
    events: int
    curve: KaplanMeier
    median: tuple[float, float, float]
    time: NDArray[np.float64]
    event: NDArray[np.bool_]
    competing: NDArray[np.bool_] | None
    entry: NDArray[np.float64] | None


def stratum_labels(comparison: Comparison, labels: Sequence[str] | None = None) -> list[str]:
    """What the strata are called; checks that there is something to draw."""
    if reason := reason_for_nothing(comparison):
        raise UsageError(Problem("", f"comparison {comparison.name}: nothing to draw ({reason})", code="E810"))
    names = [group.label for group in comparison.groups] if labels is None else list(labels)
    if len(names) != len(comparison.groups):
        raise UsageError(Problem("", f"labels: {len(names)} for {len(comparison.groups)} strata", code="E703"))
    return [plain(name) for name in names]


def not_searched(comparison: Comparison) -> None:
    """Refuse strata at a searched cut: what is computed of them anew knows nothing of the search.

    Raises
    ------
    UsageError
    """
    if comparison.searched:
        what = f"comparison {comparison.name}: the cut was searched, which makes the strata differ by itself"
        raise UsageError(Problem("", what, "Draw the strata at a cut that was fixed before", code="E810"))


def everyone(comparison: Comparison) -> Group:
    """All patients compared, as one group."""
    adjustment = Adjustment()
    own = Outcome(comparison.time, comparison.event, adjustment, comparison.entry, competing=comparison.competing)
    return Group("all patients", comparison.n, comparison.events, own.curve())


def drawn_strata(
    comparison: Comparison, names: Sequence[str], look: Look, drawn_as: Sequence[Stroke] | None = None
) -> list[DrawnStratum]:
    """The strata of a comparison, named ``names``, and all patients where they are asked for."""
    if look.y == "hazard" and comparison.competing is not None:
        what = "y: with competing events there is no cumulative hazard of a share; draw 'events'"
        raise UsageError(Problem("", what, code="E703"))
    groups, strata = list(comparison.groups), [comparison.group == i for i in range(len(comparison.groups))]
    lines, names = list(drawn_as or strokes(len(groups), look.colours)), list(names)
    if look.all_patients:
        groups.append(everyone(comparison))
        strata.append(np.ones(comparison.n, dtype=bool))
        lines.append(ALL_PATIENTS)
        names.append(groups[-1].label)
    per = MONTHS[look.time_unit]
    drawn = []
    for group, here, stroke, name, counted in zip(groups, strata, lines, names, _counted(groups, names, look.min_cell)):
        curve = on_grid(group.curve, look.min_cell) if look.min_cell else group.curve
        own = DrawnStratum(
            name,
            counted,
            stroke,
            _steps(curve, look.y, per),
            group.n,
            group.events,
            curve,
            (curve.median / per, curve.median_lower / per, curve.median_upper / per),
            comparison.time[here] / per,
            comparison.event[here],
            None if comparison.competing is None else comparison.competing[here],
            None if comparison.entry is None else comparison.entry[here] / per,
        )
        drawn.append(own)
    return drawn


def _counted(groups: Sequence[Group], names: Sequence[str], min_cell: int) -> list[str]:
    """The names with all patients and events; with the patients alone where few must not be told."""
    if min_cell:
        shown = shown_counts([group.n for group in groups], min_cell)
        return [f"{name} (n = {n})" for name, n in zip(names, shown)]
    return [f"{name} ({patients_and_events(group.n, group.events)})" for name, group in zip(names, groups)]


def _cumulative_hazard(survival: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(divide="ignore"):
        hazard: NDArray[np.float64] = np.where(survival > 0.0, -np.log(survival), np.nan)
    return np.abs(hazard)  # no negative zero


SCALES: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "survival": lambda survival: survival,
    "events": lambda survival: 1.0 - survival,
    "hazard": _cumulative_hazard,
}
"""From survival to what the vertical axis shows."""


def _steps(curve: KaplanMeier, y: YScale, per: float) -> Steps:
    shown = SCALES[y]
    limits = [shown(curve.lower), shown(curve.upper)]
    lower, upper = limits if y == "survival" else limits[::-1]
    start = float(shown(np.ones(1))[0])
    return Steps(start, curve.times / per, shown(curve.survival), lower, upper, curve.censored > 0)


COLUMNS = {"survival": "survival", "events": "share_with_event", "hazard": "cumulative_hazard"}
"""What the table of plotted numbers calls the vertical axis."""


def strata_frame(strata: Sequence[DrawnStratum], look: Look) -> pd.DataFrame:
    """Every step of every curve as it is drawn; counts are missing from curves that leave the house."""
    parts = [
        pd.DataFrame(
            {
                "stratum": stratum.label,
                "time": stratum.steps.times,
                COLUMNS[look.y]: stratum.steps.level,
                "lower": stratum.steps.lower,
                "upper": stratum.steps.upper,
                "at_risk": stratum.curve.at_risk,
                "events": stratum.curve.events,
                "censored": stratum.curve.censored,
            }
        )
        for stratum in strata
    ]
    table = pd.concat(parts, ignore_index=True)
    return table.drop(columns=["at_risk", "events", "censored"]) if look.min_cell else table
