"""Writing a cohort that was read, in another layout."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from strata.errors import DataError, Problem, UsageError, shown
from strata.writing.cbioportal import write_cbioportal
from strata.writing.flat import write_flat
from strata.writing.of_cohort import COMPETING, endpoint_columns, tables_of_cohort
from strata.writing.tables import CohortTables, MutationTable
from strata.writing.text import write_text

if TYPE_CHECKING:
    from strata.cohort.model import Cohort, Endpoint

__all__ = ["Target", "write_cohort"]

Target = Literal["flat", "cbioportal"]
"""The layouts that are written."""

_WRITERS = {"flat": write_flat, "cbioportal": write_cbioportal}
_YAML = "cohort.yaml"
_ID = re.compile(r"[A-Za-z0-9._-]+")


def write_cohort(cohort: Cohort, folder: str | Path, *, layout: Target) -> tuple[str, ...]:
    """Write a cohort into a folder, which read again is the same cohort.

    Numbers keep their scale and every digit, times are in months; clinical columns have their shared names and words
    and their own beside. An endpoint with delayed entry or competing events needs ``cohort.yaml``, which is then
    written too. Numbers and mutations are read a block of genes at a time.

    Parameters
    ----------
    cohort : Cohort
    folder : str or Path
    layout : {"flat", "cbioportal"}

    Returns
    -------
    tuple of str
        What to know of the result, in plain words.

    Raises
    ------
    UsageError
        When there is no such layout.
    DataError
        All that the layout has no place for, and what is wrong in the cohort's tables.
    InputOutputError
        When a file cannot be read or written.
    """
    if layout not in get_args(Target):
        raise UsageError(
            Problem("to", f"cannot write {shown(layout)}", f"Known: {', '.join(get_args(Target))}", code="E812")
        )
    tables = tables_of_cohort(cohort)
    problems = _sequencing_problems(tables)
    if layout == "cbioportal":
        problems += _cbioportal_problems(cohort, tables)
    if problems:
        raise DataError(problems)
    _WRITERS[layout](tables, folder)
    notes = []
    if left_out := endpoint_columns(cohort):
        notes.append(f"endpoints are written in months, and not their columns {', '.join(left_out)}")
    if special := {
        name: of for name, of in cohort.endpoints.items() if of.entry is not None or of.competing is not None
    }:
        write_text(Path(folder) / _YAML, _yaml(cohort.name, layout, special))
        notes.append(f"delayed entry and competing events are told by {_YAML}: read that, not the folder")
    return tuple(notes)


def _yaml(name: str, layout: str, endpoints: Mapping[str, Endpoint]) -> list[str]:
    lines = [f"name: {json.dumps(name)}", "folder: .", f"layout: {layout}", "endpoints:"]
    for key, endpoint in endpoints.items():
        stem, event = (key.lower(), "event") if layout == "flat" else (key, "STATUS")
        columns = {"time": f"{stem}_months", "event": f"{stem}_{event}", "unit": "months"}
        if layout == "cbioportal":
            columns["time"] = f"{stem}_MONTHS"
        if endpoint.entry is not None:
            columns["entry"] = f"{key.lower()}_entry"
        said = ", ".join(f"{role}: {json.dumps(column)}" for role, column in columns.items())
        said += f", competing: [{COMPETING}]" if endpoint.competing is not None else ""
        lines.append(f"  {json.dumps(key)}: {{{said}}}")
    return lines


def _sequencing_problems(tables: CohortTables) -> list[Problem]:
    """A folder has one statement of who was sequenced, which is for inherited changes too."""
    somatic, germline = tables.mutations, tables.germline
    if somatic is None or germline is None or somatic.cells() or germline.cells():
        return []
    carriers = {row.patient for row in germline.rows}
    ours, theirs = ({i: genes for i, genes in _tested(of).items() if i not in carriers} for of in (somatic, germline))
    if bool(somatic.panels) == bool(germline.panels) and ours == theirs:
        return []
    what = "somatic and inherited mutations were looked for in other patients or genes, which no folder can say"
    return [
        Problem(
            "germline", what, "Convert the cohort without one of them: name the tables in a cohort YAML", code="E812"
        )
    ]


def _tested(mutations: MutationTable) -> dict[int, frozenset[str] | None]:
    """The genes each patient was tested for, None for those of the table."""
    return {
        int(i): None if panel.genes is None else frozenset(panel.genes)
        for panel in mutations.panels
        for i in panel.patients.nonzero()[0]
    }


def _cbioportal_problems(cohort: Cohort, tables: CohortTables) -> list[Problem]:
    """What a cBioPortal study has no place for."""
    problems = []
    fix = "Convert it to flat"
    if strange := sum(not _ID.fullmatch(patient) for patient in tables.patients):
        what = f"{strange:,} patient ids with other characters than letters, digits, . _ and -"
        problems.append(Problem(f"cohort {cohort.name}", what, fix, code="E812"))
    for table in tables.numbers.values():
        if table.kind == "copy_number" and table.scale != "gistic":
            what = f"copy numbers on the scale {table.scale}: a study holds GISTIC calls"
            problems.append(Problem("copy_number", what, fix, code="E812"))
    for kind, mutations in (("mutation", tables.mutations), ("germline", tables.germline)):
        if mutations is not None and mutations.cells():
            problems.append(
                Problem(kind, "a 0/1 matrix does not say how a gene is mutated, as a MAF has to", fix, code="E812")
            )
    return problems
