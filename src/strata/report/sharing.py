"""What a run that may leave the house says of its tests and of itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from strata.report.small_cells import shared_tests, without_numbers
from strata.report.tables import write_tsv
from strata.survival import pooled_frame, subgroup_frame
from strata.survival.small_cells import hidden_cells

if TYPE_CHECKING:
    from strata.analysis import Results

__all__ = ["shared_batch_record", "shared_record", "shared_remarks", "write_tests"]

_FOLDERS = re.compile(r"(?<![\w.:])/(?:[^/\s]+/)+")
"""The folders of an absolute path in a text."""


def write_tests(results: Results, folder: Path) -> None:
    """Write ``tests.tsv``."""
    tests = results.tests
    if results.plan.share:
        compared = [results.to_frame(), subgroup_frame(results.comparisons()), pooled_frame(results.pooled)]
        tests = shared_tests(tests, compared, results.plan.shared_cell)
    write_tsv(tests, folder / "tests.tsv")


def shared_record(record: Mapping[str, Any], least: int) -> dict[str, Any]:
    """The record of a run without paths, remarks of reading that hold numbers, and counts below ``least``.

    Of the command line its first words stay: the plan says what was asked. A failed cohort has its exit status alone,
    because a message may quote the cells of a table.
    """
    without_paths = shared_batch_record(record)
    return {
        **without_paths,
        "folder": "",
        "inputs": [{"path": Path(item["path"]).name, "sha256": item["sha256"]} for item in record["inputs"]],
        "cohorts": [_cohort(cohort, least) for cohort in record["cohorts"]],
        "failures": [{key: failure[key] for key in ("cohort", "exit_status")} for failure in without_paths["failures"]],
    }


def shared_batch_record(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record of a batch, or the part of a run's that is like it, without paths and names of machines."""
    kept = {key: _without_folders(value) for key, value in record.items()}
    kept |= {"argv": kept["argv"][:2], "working_directory": ""}
    if "shards" in kept:
        kept["shards"] = [{key: value for key, value in shard.items() if key != "host"} for shard in kept["shards"]]
    return kept


def _cohort(cohort: Mapping[str, Any], least: int) -> dict[str, Any]:
    return {
        "name": cohort["name"],
        "patients": _told(cohort["patients"], least),
        "seconds": cohort["seconds"],
        "timings": cohort["timings"],
        "choices": shared_remarks(cohort["choices"]),
        "notes": shared_remarks(cohort["notes"]),
        "exclusions": [
            {"step": item["step"], "reason": shared_remarks(item["reason"]), "n": _told(item["n"], least)}
            for item in cohort["exclusions"]
        ],
        "strata": [_stratum(stratum, least) for stratum in cohort["strata"]],
    }


def _stratum(stratum: Mapping[str, Any], least: int) -> dict[str, Any]:
    counts = stratum["counts"]
    hidden = hidden_cells(list(counts.values()), least)
    told = {call: None if hide else n for (call, n), hide in zip(counts.items(), hidden, strict=True)}
    return {
        **stratum,
        "counts": told,
        "n_not_assayed": None if hidden.any() else _told(stratum["n_not_assayed"], least),
    }


def _told(n: int, least: int) -> int | None:
    return None if 0 < n < least else n


def shared_remarks(value: Any) -> Any:
    """What reading a cohort has chosen and noted, in words without numbers."""
    if isinstance(value, Mapping):
        return {shared_remarks(str(key)): shared_remarks(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [shared_remarks(item) for item in value]
    if isinstance(value, str):
        return without_numbers(_without_folders(value))
    return value if value is None or isinstance(value, bool) else None


def _without_folders(value: Any) -> Any:
    """Absolute paths as the names they end with."""
    if isinstance(value, Mapping):
        return {key: _without_folders(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_folders(item) for item in value]
    return _FOLDERS.sub("", value) if isinstance(value, str) else value
