"""The columns of an endpoint, as a cohort YAML names them."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["EndpointColumns"]


@dataclass(frozen=True, slots=True)
class EndpointColumns:
    """Time and event columns, the unit where the column's name does not tell it, and delayed entry."""

    time: str
    event: str
    unit: str = ""
    entry: str = ""
