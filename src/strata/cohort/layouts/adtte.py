"""The ADTTE layout: CDISC time-to-event tables, with ADSL for what is known of the patients.

Biomarker tables lie beside them, found by their names as in a flat folder.
"""

from __future__ import annotations

import re
from pathlib import Path

from strata.cohort.adtte import endpoint_tables, is_adtte, read_clinical
from strata.cohort.findings import Findings
from strata.cohort.layouts.files import CohortFiles
from strata.cohort.layouts.flat import add_tables, files_in
from strata.cohort.spec import CohortSpec
from strata.cohort.table import Table

__all__ = ["find", "recognise"]

_TABLES = r"\w*\.((csv|tsv|txt)(\.gz)?|parquet|xpt|sas7bdat)"
_ADTTE, _ADSL = (re.compile(name + _TABLES, re.IGNORECASE) for name in ("adtte", "adsl"))


def recognise(folder: Path) -> str:
    """The name of an ADTTE table in a folder; empty when there is none."""
    return next((path.name for path in files_in(folder, _ADTTE)), "")


def find(spec: CohortSpec, findings: Findings) -> CohortFiles:
    """The files of a cohort whose endpoints are in ADTTE tables."""
    files = CohortFiles("adtte", "")
    paths = [*spec.tables.get("clinical", ())] or [*files_in(spec.folder, _ADSL), *files_in(spec.folder, _ADTTE)]
    add_tables(spec, files, findings, paths)
    of_patients: list[Table] = []
    of_endpoints: list[Table] = []
    for path in paths:
        with findings.collecting():
            table = read_clinical(path, spec.options, findings)
            if is_adtte(table) or _ADTTE.fullmatch(path.name):
                of_endpoints += endpoint_tables(table, spec.options, findings)
            else:
                of_patients.append(table)
    files.clinical[:0] = [*of_patients, *of_endpoints]
    if not of_endpoints:
        findings.problem(str(spec.origin or spec.folder), "no table with PARAMCD and CNSR (adtte.csv)", code="E218")
    return files
