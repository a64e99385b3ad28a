"""The run record: what was run, with which versions, on which bytes, and what was decided on the way."""

from __future__ import annotations

import hashlib
import json
import math
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from strata.analysis.ledger import family_counts
from strata.scoring import CLASS_RECORD, METHODS
from strata.signatures import needs_of

if TYPE_CHECKING:
    from strata.analysis.run import CohortResult, Results
    from strata.cohort import Cohort

__all__ = ["command_line", "run_record", "scan_record", "sha256", "write_record"]

_PACKAGES = (
    *("numpy", "scipy", "pandas", "pyarrow", "scikit-learn", "lifelines"),
    *("matplotlib", "joblib", "pydantic", "ruamel.yaml", "numba"),
)


def run_record(results: Results, *, argv: Sequence[str], started: datetime, finished: datetime) -> dict[str, Any]:
    """Everything about a run that is not a result, as plain data: the content of ``run.json``."""
    checks = [cohort.cross_check for cohort in results.cohorts if cohort.cross_check is not None]
    record = _circumstances(argv, started, finished) | {
        "plan": results.plan.model_dump(mode="json", by_alias=True),
        "inputs": [_input(path) for path in _inputs(results)],
        "signatures": sorted({result.signature for result in results.comparisons()}),
        "gene_sets": _gene_sets(results),
        "negative_controls": results.controls.record(),
        "tests": family_counts(results.tests),
        "cohorts": [_cohort(cohort) for cohort in results.cohorts],
        "failures": [
            {"cohort": f.cohort, "exit_status": f.exit_status, "problems": [str(problem) for problem in f.problems]}
            for f in results.failures
        ],
    }
    if checks:
        total = sum(checks[1:], checks[0])
        record["cross_check"] = {"engine": f"lifelines {version('lifelines')}", "largest": total.largest} | asdict(
            total
        )
    return record


def scan_record(
    cohort: Cohort, about: Mapping[str, Any], *, argv: Sequence[str], started: datetime, finished: datetime
) -> dict[str, Any]:
    """The content of ``run.json`` of a scan: ``about`` is what only the scan knows of itself."""
    read = {
        "cohort": cohort.name,
        "inputs": [_input(path) for path in cohort.source],
        "choices": dict(cohort.choices),
        "notes": list(cohort.notes),
        "exclusions": [{"step": e.step, "reason": e.reason, "n": e.n} for e in cohort.exclusions],
    }
    return _circumstances(argv, started, finished) | read | dict(about)


def _circumstances(argv: Sequence[str], started: datetime, finished: datetime) -> dict[str, Any]:
    """Which program ran, how it was called, and when."""
    return {
        "strata": version("strata-cohort"),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in _PACKAGES},
        "argv": list(argv),
        "started": started.isoformat(timespec="seconds"),
        "finished": finished.isoformat(timespec="seconds"),
        "seconds": (finished - started).total_seconds(),
    }


def write_record(record: Mapping[str, Any], folder: Path) -> None:
    """Write ``run.json``, last of all, with the names of the other files of ``folder``: strict JSON, no NaN."""
    outputs = sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())
    text = json.dumps(_strict({**record, "outputs": outputs}), indent=2, allow_nan=False, ensure_ascii=False)
    (folder / "run.json").write_text(text + "\n", encoding="utf-8")


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _inputs(results: Results) -> list[Path]:
    """The plan's file, signature files of the user's own, and every table that was read, each once."""
    plan = results.plan
    named = [*([plan.file] if plan.file else []), *plan.signature_files(), *plan.resource_files()]
    return list(dict.fromkeys([*named, *(Path(name) for cohort in results.cohorts for name in cohort.source)]))


def _input(path: Path) -> dict[str, Any]:
    return {"path": str(path), "bytes": path.stat().st_size, "sha256": sha256(path)}


def _gene_sets(results: Results) -> list[dict[str, Any]]:
    """How each gene set of the run was scored: its method's record."""
    names = {strata.signature for cohort in results.cohorts for strata in cohort.strata}
    needs = [needs_of(results.library[name], results.library) for name in sorted(names)]
    nodes = sorted({node for need in needs for node in need.gene_sets}, key=str)
    said = ("formula", "range", "direction", "reference", "depends_on_samples")
    scores = [
        {"score": str(node), "method": node.by} | {key: getattr(METHODS[node.by], key) for key in said}
        for node in nodes
    ]
    schemes = sorted({scheme for need in needs for scheme in need.schemes})
    return [*scores, *({"score": f"class {scheme}", **CLASS_RECORD} for scheme in schemes)]


def _cohort(cohort: CohortResult) -> dict[str, Any]:
    return {
        "name": cohort.name,
        "seconds": cohort.seconds,
        "choices": cohort.choices,
        "notes": cohort.notes,
        "exclusions": [{"step": step, "reason": reason, "n": n} for step, reason, n in cohort.exclusions],
        "strata": [
            {
                "signature": s.signature,
                "population": s.population,
                "cut": s.cut,
                "counts": s.counts,
                "n_not_assayed": s.n_not_assayed,
            }
            for s in cohort.strata
        ],
    }


def _strict(value: Any) -> Any:
    """``value`` as JSON can hold it: NaN and infinity become null, other things their text."""
    if isinstance(value, Mapping):
        return {str(key): _strict(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_strict(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    return _strict(value.item()) if hasattr(value, "item") else str(value)


def command_line() -> list[str]:
    """The command as it was typed, without the path of the program."""
    return [Path(sys.argv[0]).name, *sys.argv[1:]]
