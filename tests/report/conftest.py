"""One run of the bundled cohort that the tests of this folder look at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from strata import run_plan
from strata.analysis import Plan, Results
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


@pytest.fixture(scope="session")
def run_of(root: Path) -> Callable[..., Results]:
    """``run_of("one-event", endpoints=["OS"])``: a run over bundled cohorts and folders, each made once."""
    made: dict[str, Results] = {}

    def run(*names: str, **keys: object) -> Results:
        bundled = [{"path": str(root / "synthetic" / name / "flat"), "name": name} for name in names]
        asked = {"cohorts": bundled, **keys}
        key = repr(asked)
        if key not in made:
            made[key] = run_plan(Plan.checked(**asked))
        return made[key]

    return run


@pytest.fixture(scope="session")
def several(run_of) -> Results:
    """Four cohorts, one of which cannot be read and one of which has one event, and a marker that most lack."""
    names = ("figure2-breast", "additive-only", "one-event", "missing-cohort")
    return run_of(*names, signatures=["igf1r-sphk1-high", "pten-loss"], endpoints=["OS"])


@pytest.fixture(scope="session")
def trial(run_of) -> Results:
    """A trial with a treatment arm, adjusted, in subgroups."""
    keys = {"treatment": "treatment", "covariates": ["age"], "subgroups": ["pr"]}
    return run_of("trial-everolimus", signatures=["p4ebp1-high"], endpoints=["TTP"], **keys)


@pytest.fixture(scope="session")
def searched(run_of) -> Results:
    """A cut that is searched on the outcome."""
    keys = {"cut": "optimal", "cut_search": {"permutations": 99, "bootstrap": 20}}
    return run_of("figure2-breast", signatures=["igf1r-high"], endpoints=["DFS"], **keys)


@pytest.fixture(scope="session")
def shared_run(run_of) -> Results:
    """A run to be shared, in populations of which one is small."""
    return run_of("figure2-breast", signatures=["igf1r-sphk1-high"], endpoints=["DFS", "OS"], share=True)
