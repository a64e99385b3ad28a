"""Results whose arrays cannot be written to, so that nobody changes a number that others read."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, TypeVar, cast

import numpy as np

__all__ = ["Frozen", "read_only"]

Value = TypeVar("Value")


def read_only(value: Value) -> Value:
    """A read-only view of an array, which itself stays as it is; anything else unchanged."""
    if not isinstance(value, np.ndarray):
        return value
    view = value.view()
    view.flags.writeable = False
    return cast(Value, view)


@dataclass(frozen=True, eq=False, slots=True)
class Frozen:
    """What the results of kernels inherit from: frozen dataclasses, the arrays of which are read-only as well."""

    def __post_init__(self) -> None:
        for field in fields(self):
            object.__setattr__(self, field.name, read_only(getattr(self, field.name)))

    def __reduce__(self) -> tuple[Any, ...]:
        # numpy forgets on the way through a pickle that an array was read-only, so the result is made anew
        return type(self), tuple(getattr(self, field.name) for field in fields(self))
