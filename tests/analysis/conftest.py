"""Plans on the committed synthetic cohorts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from strata.analysis import Plan


@pytest.fixture(scope="session")
def plan_of(root: Path) -> Callable[..., Plan]:
    """``plan_of("one-event", "no-effect", signatures=["igf1r-high"])``."""

    def make(*names: str, **keys: object) -> Plan:
        cohorts = [{"path": str(root / "synthetic" / name / "flat"), "name": name} for name in names]
        return Plan.checked(cohorts=cohorts, **{"signatures": ["igf1r-high"], "endpoints": ["OS"], **keys})

    return make
