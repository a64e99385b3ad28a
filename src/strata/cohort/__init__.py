"""Reading cohorts: clinical tables, endpoints and assays, from a folder or a cohort YAML."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from strata.cohort.clinical_words import clinical_match
    from strata.cohort.model import Assay, Cohort, Endpoint, Exclusion, MutationAssay
    from strata.cohort.options import ReadOptions, parse_read_options
    from strata.cohort.read import read_cohort
    from strata.cohort.spec import CohortSpec, cohort_specs

__all__ = [
    "Assay",
    "Cohort",
    "CohortSpec",
    "Endpoint",
    "Exclusion",
    "MutationAssay",
    "ReadOptions",
    "clinical_match",
    "cohort_specs",
    "parse_read_options",
    "read_cohort",
]

_HOME = {
    "Assay": "model",
    "Cohort": "model",
    "CohortSpec": "spec",
    "Endpoint": "model",
    "Exclusion": "model",
    "MutationAssay": "model",
    "ReadOptions": "options",
    "clinical_match": "clinical_words",
    "cohort_specs": "spec",
    "parse_read_options": "options",
    "read_cohort": "read",
}


def __getattr__(name: str) -> Any:
    # reading loads pandas; the names are resolved when they are used (PEP 562)
    if name in _HOME:
        return getattr(import_module(f"strata.cohort.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
