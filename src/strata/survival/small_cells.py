"""Counts of few patients, which could tell who they are: which to hide, and curves that do not show single patients."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from strata.survival.kernels.kaplan_meier import KaplanMeier

__all__ = ["GRID", "SHARED_CELL", "hidden_cells", "on_grid", "shown_counts"]

SHARED_CELL = 11
"""The smallest count that may leave the house: the rule of the US Centers for Medicare and Medicaid Services."""

GRID = 3.0
"""Months between the points of a curve that is shared."""


def hidden_cells(counts: ArrayLike, least: int) -> NDArray[np.bool_]:
    """Which counts of a whole that is known to hide.

    Counts from 1 to ``least`` - 1 are hidden. Where what is hidden could be told from the rest, because it is one count
    or fewer than ``least`` patients together, the next smallest are hidden too, zeros last.

    Parameters
    ----------
    counts : array-like of int (n_cells,)
        They add up to the whole.
    least : int
        The smallest count that is shown; 0 and 1 hide nothing.

    Returns
    -------
    array of bool (n_cells,)

    Examples
    --------
    >>> hidden_cells([40, 3, 12], 5), hidden_cells([40, 0, 12], 5)
    (array([False,  True,  True]), array([False, False, False]))
    """
    cells = np.asarray(counts, dtype=np.int64)
    hidden = (cells > 0) & (cells < least)
    if not hidden.any():
        return hidden
    for i in np.lexsort((cells, cells == 0)):
        if hidden.sum() > 1 and cells[hidden].sum() >= least:
            break
        hidden[i] = True
    return hidden


def shown_counts(counts: ArrayLike, least: int) -> list[str]:
    """Counts of a whole as they may be printed: ``<5`` for one that is too small, ``-`` for one that would tell it."""
    cells = np.asarray(counts, dtype=np.int64).tolist()
    return [
        f"{count:,}" if not hide else f"<{least}" if 0 < count < least else "-"
        for count, hide in zip(cells, hidden_cells(counts, least))
    ]


def on_grid(curve: KaplanMeier, least: int, step: float = GRID) -> KaplanMeier:
    """A curve read every ``step`` months, as long as ``least`` patients are at risk; it marks nobody's time.

    Survival and interval at the grid's times are those of the curve. Events, censored and medians are times of
    patients: they are left out.
    """
    followed = float(curve.times[-1]) if curve.times.size else 0.0
    at = curve.at(np.arange(step, followed + step * 1e-9, step))
    keep = at.at_risk >= least
    nothing = np.zeros(int(keep.sum()), dtype=np.int64)
    return replace(
        curve,
        times=at.times[keep],
        survival=at.survival[keep],
        lower=at.lower[keep],
        upper=at.upper[keep],
        at_risk=at.at_risk[keep],
        events=nothing,
        censored=nothing,
        median=np.nan,
        median_lower=np.nan,
        median_upper=np.nan,
    )
