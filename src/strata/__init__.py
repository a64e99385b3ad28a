"""strata: score a cohort's patients with published biomarkers, stratify them, and test whether survival differs.

Five steps, and each arrow is a value that can be printed, saved and tested::

    read  ->  score  ->  stratify  ->  compare  ->  report
    Cohort -> Scores ->   Strata   -> SurvivalComparison -> files

Names are loaded when they are used: importing strata loads neither pandas nor lifelines nor matplotlib.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from strata.analysis import Plan, Results, load_plan, run_plan
    from strata.cohort import Cohort, Endpoint, read_cohort
    from strata.errors import DataError, InputOutputError, PlanError, SignatureError, StrataError, UsageError
    from strata.scan import GeneScan, PairScan, scan_genes, scan_pairs
    from strata.scoring import Scores, score
    from strata.signatures import Signature, load_signatures
    from strata.simulate import simulate_cohort
    from strata.stratification import CutPoints, Strata, stratify
    from strata.survival import (
        CutPointSearch,
        SurvivalComparison,
        compare_coexpression,
        compare_survival,
        search_cut_point,
    )

_HOME = {
    "Cohort": "cohort",
    "CutPointSearch": "survival",
    "CutPoints": "stratification",
    "DataError": "errors",
    "Endpoint": "cohort",
    "GeneScan": "scan",
    "InputOutputError": "errors",
    "PairScan": "scan",
    "Plan": "analysis",
    "PlanError": "errors",
    "Results": "analysis",
    "Scores": "scoring",
    "Signature": "signatures",
    "SignatureError": "errors",
    "Strata": "stratification",
    "StrataError": "errors",
    "SurvivalComparison": "survival",
    "UsageError": "errors",
    "compare_coexpression": "survival",
    "compare_survival": "survival",
    "load_plan": "analysis",
    "load_signatures": "signatures",
    "read_cohort": "cohort",
    "run_plan": "analysis",
    "scan_genes": "scan",
    "scan_pairs": "scan",
    "score": "scoring",
    "search_cut_point": "survival",
    "simulate_cohort": "simulate",
    "stratify": "stratification",
}

__all__ = [
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


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("strata-cohort")
    if name in _HOME:
        return getattr(import_module(f"strata.{_HOME[name]}"), name)
    raise AttributeError(f"module 'strata' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
