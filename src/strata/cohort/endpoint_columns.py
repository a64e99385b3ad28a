"""The columns of an endpoint, as a cohort YAML names them."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["EndpointColumns"]


@dataclass(frozen=True, slots=True)
class EndpointColumns:
    """Time and event columns, and the unit where the column's name does not tell it.

    ``competing`` are the words of the event column for events after which this one can no longer happen.
    ``entry`` is the column of the time at which a patient came under observation (left truncation), in the same unit.
    ``where`` is the file and line that names them.
    """

    time: str
    event: str
    unit: str = ""
    where: str = field(default="", compare=False)
    entry: str = ""
    competing: tuple[str, ...] = ()
