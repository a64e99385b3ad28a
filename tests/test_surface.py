"""What a user sees before anything runs: names and imports."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import strata

HEAVY = ("pandas", "sklearn", "lifelines", "matplotlib")


def modules_after(code: str) -> set[str]:
    """Top-level modules that a fresh interpreter has loaded after ``code``."""
    script = f"{code}\nimport sys, json\nsys.stderr.write(json.dumps(sorted({{m.split('.')[0] for m in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(json.loads(done.stderr))


def test_importing_strata_loads_none_of_the_heavy_libraries():
    assert modules_after("import strata").isdisjoint(HEAVY)


@pytest.mark.parametrize("words", ["--help", "--version", "-h"])
def test_help_and_version_load_no_pandas(words):
    code = f"""
import sys
sys.argv = ["strata", {words!r}]
from strata.cli import main
try:
    main()
except SystemExit as stop:
    assert stop.code == 0
"""
    assert modules_after(code).isdisjoint((*HEAVY, "numpy", "scipy", "pydantic"))


def test_help_reads_no_metadata_of_packages():
    code = """
import sys
sys.argv = ["strata", "--help"]
from strata.cli import main
try:
    main()
except SystemExit as stop:
    assert stop.code == 0
assert "importlib.metadata" not in sys.modules
"""
    assert "email" not in modules_after(code)


def test_an_ordinary_run_loads_none_of_what_only_others_need(root):
    code = f"""
from strata import Plan, run_plan
plan = Plan(cohorts=[{str(root / "synthetic" / "additive-only" / "flat")!r}], signatures=["igf1r-high"])
table = run_plan(plan).to_frame()
assert table["estimable"].all()
"""
    assert modules_after(code).isdisjoint(("scipy", "matplotlib", "sklearn", "numba", "lifelines", "joblib"))


@pytest.mark.parametrize(
    "package",
    ["cohort", "scoring", "signatures", "stratification", "survival", "analysis", "scan"],
)
def test_packages_load_neither_matplotlib_nor_lifelines(package):
    assert modules_after(f"import strata.{package}").isdisjoint(("lifelines", "matplotlib"))


def test_no_public_name_is_also_a_submodule():
    walked = [info.name for info in pkgutil.walk_packages(strata.__path__, "strata.") if "__main__" not in info.name]
    modules = [importlib.import_module(name) for name in walked]
    packages = [strata, *(module for module in modules if hasattr(module, "__path__"))]
    assert len(packages) > 8
    for package in packages:
        inside = {info.name for info in pkgutil.iter_modules(package.__path__)}
        assert not inside & set(getattr(package, "__all__", ())), package.__name__
        for name in getattr(package, "__all__", ()):
            assert not hasattr(getattr(package, name), "__path__"), f"{package.__name__}.{name} is a module"


def test_the_public_names_are_these():
    assert strata.__all__ == [
        "Cohort",
        "CutPointSearch",
        "CutPoints",
        "DataError",
        "Endpoint",
        "GeneScan",
        "InputOutputError",
        "PairScan",
        "Plan",
        "PlanError",
        "Results",
        "Scores",
        "Signature",
        "SignatureError",
        "Strata",
        "StrataError",
        "SurvivalComparison",
        "UsageError",
        "compare_coexpression",
        "compare_survival",
        "load_plan",
        "load_signatures",
        "read_cohort",
        "run_plan",
        "scan_genes",
        "scan_pairs",
        "score",
        "search_cut_point",
        "simulate_cohort",
        "stratify",
    ]
    for name in strata.__all__:
        assert getattr(strata, name).__name__ == name
    assert set(strata.__all__) < set(dir(strata))


KERNELS = {
    "kaplan_meier": "KaplanMeier",
    "log_rank": "LogRank",
    "log_rank_trend": "LogRank",
    "log_rank_exact": "LogRankExact",
    "cox": "Cox",
    "firth": "Firth",
    "proportional_hazards": "ProportionalHazards",
    "restricted_mean": "RestrictedMean",
    "cumulative_incidence": "CumulativeIncidence",
    "gray_test": "Gray",
    "follow_up": "FollowUp",
    "maximally_selected_log_rank": "MaximallySelected",
    "max_t": "MaxT",
    "interaction": "Interaction",
    "meta_analysis": "MetaAnalysis",
    "concordance": "Concordance",
    "time_dependent_auc": "TimeDependentAUC",
    "number_at_risk": "NumberAtRisk",
}


@pytest.mark.parametrize("name", KERNELS)
def test_the_kernels_and_what_they_return_are_public(name):
    from strata import survival

    assert {name, KERNELS[name]} <= set(survival.__all__)
    assert getattr(survival, name).__annotations__["return"] == KERNELS[name]


def test_p_values_are_adjusted_by_a_public_kernel():
    from strata import survival

    assert survival.adjust_p([0.01, 0.04], "BH").tolist() == [0.02, 0.04]


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'compare_survivall'"):
        strata.compare_survivall  # noqa: B018


def test_the_program_is_installed():
    program = Path(sys.executable).with_name("strata")
    done = subprocess.run(
        [program, "--version"], capture_output=True, text=True, check=True, env={"PATH": os.defpath, "LC_ALL": "C"}
    )
    assert done.stdout == f"strata {strata.__version__}\n"
    assert done.stderr == ""
