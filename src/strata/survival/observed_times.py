"""The months of an endpoint, patient by patient: cut at a horizon, counted from a landmark."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from strata.errors import DataError, Problem, UsageError
from strata.survival.kernels.risk_table import TOLERANCE

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from strata.cohort import Endpoint

__all__ = ["ObservedTimes", "check_window"]


def check_window(horizon: float | None, landmark: float | None) -> None:
    """Refuse a horizon or a landmark that is no time above 0, and a horizon not beyond the landmark.

    Raises
    ------
    UsageError
    """
    named = {"horizon": horizon, "landmark": landmark}
    wrong = [
        Problem(name, f"{months} is not a number of months above 0", code="E703")
        for name, months in named.items()
        if months is not None and not months > 0
    ]
    if not wrong and horizon is not None and landmark is not None and not horizon > landmark:
        wrong = [Problem("horizon", f"{horizon:g} months are not beyond the landmark of {landmark:g}", code="E703")]
    if wrong:
        raise UsageError(wrong)


@dataclass(frozen=True, eq=False, slots=True)
class ObservedTimes:
    """Months from entry into the study to the event or to the end of follow-up.

    Parameters
    ----------
    time : array of float (n,)
        NaN where unknown.
    event : array of bool (n,)
    known : array of bool (n,)
        Time, event and (with delayed entry) entry are known.
    entry : array of float (n,), optional
        Months at which patients come under observation (left truncation).
    competing : array of bool (n,), optional
        Who has a competing event at ``time``.
    """

    time: NDArray[np.float64]
    event: NDArray[np.bool_]
    known: NDArray[np.bool_]
    entry: NDArray[np.float64] | None = None
    competing: NDArray[np.bool_] | None = None

    @classmethod
    def of(cls, endpoint: Endpoint, patients: pd.Index) -> ObservedTimes:
        """The times of ``patients``, in their order.

        Raises
        ------
        DataError
            When patients enter at or after the end of their follow-up.
        UsageError
            When the endpoint has delayed entry and competing events.
        """
        months = endpoint.in_months()
        time = months.time.reindex(patients).to_numpy(dtype=float, na_value=np.nan)
        seen = months.event.reindex(patients).astype("boolean")
        known = ~np.isnan(time) & seen.notna().to_numpy(dtype=bool)
        entry, competing = None, None
        if months.competing is not None:
            competing = months.competing.reindex(patients).astype("boolean").fillna(False).to_numpy(dtype=bool)
        if months.entry is not None:
            if competing is not None:
                what = "has delayed entry and competing events, which are not available together"
                raise UsageError(Problem(f"endpoint {endpoint.name}", what, "Leave one of them out", code="E528"))
            entry = months.entry.reindex(patients).to_numpy(dtype=float, na_value=np.nan)
            known &= ~np.isnan(entry)
            if late := int((known & (entry * (1 + TOLERANCE) >= time)).sum()):
                what = f"{late} of {known.sum()} patients enter at or after the end of their follow-up"
                raise DataError(
                    Problem(f"endpoint {endpoint.name}", what, "Correct or leave out their entry", code="E520")
                )
        return cls(time, seen.fillna(False).to_numpy(dtype=bool), known, entry, competing)

    def take(self, keep: NDArray[np.bool_]) -> ObservedTimes:
        """The patients ``keep``."""
        entry = None if self.entry is None else self.entry[keep]
        competing = None if self.competing is None else self.competing[keep]
        return ObservedTimes(self.time[keep], self.event[keep], self.known[keep], entry, competing)

    def beyond(self, months: float) -> NDArray[np.bool_]:
        """Who is followed beyond ``months``; a time that differs from them by rounding only is not beyond."""
        return self.time > months * (1 + TOLERANCE)

    def cut_at(self, horizon: float | None) -> ObservedTimes:
        """Later times censored at the horizon; an event exactly at it stays. Who enters after it is not known."""
        if horizon is None:
            return self
        within = ~self.beyond(horizon)
        competing = None if self.competing is None else self.competing & within
        seen = replace(self, time=np.minimum(self.time, horizon), event=self.event & within, competing=competing)
        return seen if self.entry is None else replace(seen, known=self.known & (self.entry < horizon))

    def counted_from(self, landmark: float) -> ObservedTimes:
        """The same with time 0 at the landmark."""
        entry = None if self.entry is None else np.maximum(self.entry - landmark, 0.0)
        return replace(self, time=self.time - landmark, entry=entry)
