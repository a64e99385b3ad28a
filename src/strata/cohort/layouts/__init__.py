"""The on-disk layouts strata reads: one module each, one line each in ``LAYOUTS``."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from strata.cohort.findings import Findings
from strata.cohort.layouts import cbioportal, flat
from strata.cohort.layouts.files import CohortFiles
from strata.cohort.spec import CohortSpec

__all__ = ["LAYOUTS", "find_files"]

LAYOUTS: Mapping[str, Callable[[CohortSpec, Findings], CohortFiles]] = {
    "flat": flat.find,
    "cbioportal": cbioportal.find,
}
"""A layout's name and the function that finds a cohort's files in it."""


def find_files(spec: CohortSpec, findings: Findings) -> CohortFiles:
    """The files of a cohort, by its layout; ``auto`` takes cbioportal for a folder with ``meta_*`` files."""
    if spec.layout != "auto":
        files = LAYOUTS[spec.layout](spec, findings)
        files.why = "asked for"
    elif not spec.tables and (seen := cbioportal.recognise(spec.folder)):
        files = cbioportal.find(spec, findings)
        files.why = f"the folder has {seen}"
    else:
        files = flat.find(spec, findings)
        files.why = "the cohort YAML names the tables" if spec.tables else "the folder has no meta_*.txt file"
    findings.note(f"layout {files.layout}: {files.why}")
    return files
