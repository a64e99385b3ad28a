"""Scenarios made larger and cleaner, so that what is planted can be estimated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from strata.simulate import Scenario, load_scenario

_LOSSES = ("missing", "unassayed", "silent")


def _without_losses(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: 0.0 if key in _LOSSES else _without_losses(value) for key, value in node.items()}
    return tuple(_without_losses(part) for part in node) if isinstance(node, tuple) else node


@pytest.fixture
def complete() -> Callable[..., Scenario]:
    """A shipped scenario with nothing missing and no batch, of any size."""

    def make(name: str, patients: int, **changes: Any) -> Scenario:
        keys = _without_losses(load_scenario(name).model_dump(by_alias=True, exclude_none=True))
        if "mrna" in keys:
            keys["mrna"]["batch_shift"] = ()
        return Scenario.model_validate({**keys, "patients": patients, **changes})

    return make
