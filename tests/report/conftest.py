"""One run of the bundled cohort that the tests of this folder look at."""

from __future__ import annotations

from pathlib import Path

import pytest

from strata import run_plan
from strata.analysis import Results
from strata.report import figure2_plan


@pytest.fixture(scope="session")
def results(root: Path) -> Results:
    """Figure 2 on the bundled cohort."""
    folder = root / "synthetic" / "figure2-breast" / "flat"
    plan, signature, _ = figure2_plan(str(folder), name="figure2-breast")
    return run_plan(plan, signatures=[signature])


@pytest.fixture(scope="session")
def quantiles(root: Path) -> Results:
    """The same cohort in thirds of the pair's score."""
    folder = root / "synthetic" / "figure2-breast" / "flat"
    plan, signature, _ = figure2_plan(str(folder), name="figure2-breast", cut="tertiles")
    return run_plan(plan, signatures=[signature])
