"""A run done once more, from nothing but its record."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import chdir, nullcontext
from pathlib import Path
from typing import Any

from strata.analysis import Controls, Plan, read_marked, run_plan
from strata.errors import DataError, Problem
from strata.report.folder import run_to_folder
from strata.report.pairing import pairs_to_folder
from strata.report.scanning import scan_to_folder
from strata.scan import scan_genes, scan_pairs
from strata.signatures import Signature, parse_signature

__all__ = ["made_signatures", "plan_of", "rerun"]


def rerun(record: Mapping[str, Any], out: Path) -> None:
    """Do a run again and write its tables into another folder.

    Parameters
    ----------
    record : mapping
        The content of a ``run.json``. Of a plan the resolved plan is run, whatever became of its file; of a scan, the
        options are used that it was called with. Relative paths start in the folder that they started in.
    out : Path
        Absent or empty, absolute.

    Raises
    ------
    StrataError
        As the run itself; a ``DataError`` when the record does not say how its cohort was read.
    """
    place = Path(record["working_directory"])
    with chdir(place) if place.is_dir() else nullcontext():
        if record["kind"] == "run":
            _run(record, out)
        else:
            _scan(record, out)


def plan_of(record: Mapping[str, Any]) -> Plan:
    """The resolved plan of a run."""
    return Plan.checked(**record["plan"], folder=Path(record["folder"]))


def made_signatures(record: Mapping[str, Any]) -> list[Signature]:
    """The signatures that a run was given in the place of its plan's."""
    return [parse_signature(data, id=data["id"], where="run.json") for data in record["made_signatures"]]


def _run(record: Mapping[str, Any], out: Path) -> None:
    plan, made = plan_of(record), made_signatures(record)
    controls = Controls(**record["negative_controls"])
    check = "cross_check" in record
    multiqc = any(name.startswith("multiqc/") for name in record["outputs"])
    run_to_folder(
        lambda: run_plan(plan, check=check, signatures=made or None, controls=controls),
        out,
        figures=False,
        multiqc=multiqc,
    )


def _scan(record: Mapping[str, Any], out: Path) -> None:
    options = dict(record["options"])
    if "cohort" not in options:
        what = "the run was made in Python, and does not say how its cohort was read"
        raise DataError(Problem("run.json", what, "Scan with strata scan or strata pairs", code="E712"))
    read, endpoint = options.pop("cohort"), options.pop("endpoint")
    cohort, marked = read_marked(**read)
    how: dict[str, Any] = {"options": record["options"], "overwrite": False, "marked": marked}
    if record["kind"] == "scan":
        scan_to_folder(cohort, lambda: scan_genes(cohort, endpoint, **options), out, **how)
    else:
        pairs_to_folder(cohort, lambda: scan_pairs(cohort, endpoint, **options), out, **how)
