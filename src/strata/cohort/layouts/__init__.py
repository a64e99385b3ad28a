"""The on-disk layouts strata reads: one module each, one line each in ``LAYOUTS``.

A module has ``find(spec, findings)``, which gives the files of a cohort, and ``recognise(folder)``, which names what
shows a folder to be of the layout (empty when nothing does). They are imported when they are asked.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from strata.errors import InputOutputError, Problem

if TYPE_CHECKING:
    from strata.cohort.findings import Findings
    from strata.cohort.layouts.files import CohortFiles
    from strata.cohort.spec import CohortSpec

__all__ = ["LAYOUTS", "LAYOUT_NAMES", "find_files"]

LAYOUTS = (
    "cbioportal",
    "gdc",
    "xena",
    "geo",
    "h5ad",
    "adtte",
    "tidy",
    "flat",
)
"""The layouts in the order in which ``auto`` asks them; flat takes what no other recognises."""

LAYOUT_NAMES = ("auto", *LAYOUTS)
"""What a layout may be called."""


def find_files(spec: CohortSpec, findings: Findings) -> CohortFiles:
    """The files of a cohort by its layout, and why it is that layout.

    Raises
    ------
    InputOutputError
        When the folder of a cohort whose tables are not named is not there.
    """
    if not spec.tables and not spec.folder.is_dir():
        raise InputOutputError(Problem(str(spec.origin or spec.folder), f"no folder {spec.folder}", code="E101"))
    name, why = (spec.layout, "asked for") if spec.layout != "auto" else _recognised(spec)
    files: CohortFiles = _module(name).find(spec, findings)
    files.why = why
    findings.note(f"layout {name}: {why}")
    return files


def _recognised(spec: CohortSpec) -> tuple[str, str]:
    if spec.tables:
        return "flat", "the cohort YAML names the tables"
    for name in LAYOUTS[:-1]:
        if spec.folder.is_dir() and (seen := _module(name).recognise(spec.folder)):
            return name, f"the folder has {seen}"
    return "flat", "the folder has no file of another layout"


def _module(name: str) -> Any:
    return import_module(f"strata.cohort.layouts.{name}")
