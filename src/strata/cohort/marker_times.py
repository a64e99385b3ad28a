"""When the marker was measured: after time zero, having it tells who lived long enough to be measured."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from strata.cohort.findings import count
from strata.cohort.identifiers import column_key

if TYPE_CHECKING:
    from strata.cohort.clinical import Column, PatientTable

__all__ = ["is_marker_time", "late_marker", "marker_time_column"]

_UNIT = "(days|months|years)"
_NAME = re.compile(
    rf"(bio)?marker_((measured|measurement)_)?(time|{_UNIT})(_{_UNIT})?|time_of_(bio)?marker(_measurement)?(_{_UNIT})?"
)
"""``marker_time``, ``Marker Days``, ``biomarker_time_months``, ``time_of_marker``."""


def is_marker_time(column: str) -> bool:
    """Whether a clinical column is called as the time at which the marker was measured."""
    return _NAME.fullmatch(column_key(column)) is not None


def marker_time_column(table: PatientTable) -> Column | None:
    """The first column of that name; None where there is none."""
    return next((column for name, column in table.columns.items() if is_marker_time(name)), None)


def late_marker(column: str, n: int, *, landmark: bool = False) -> tuple[str, str]:
    """What must be said of ``n`` patients whose marker was measured after time zero (a landmark), and its code."""
    since, later = ("the landmark", "a later") if landmark else ("time zero", "a")
    fix = f"give the endpoint entry: {column} in a cohort YAML, or begin at {later} --landmark"
    return f"column {column!r} is after {since} for {count(n, 'patient')}: immortal time; {fix}", "W809"
