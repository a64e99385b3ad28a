"""The run record: what was run, with which versions, on which bytes, and what was decided on the way."""

from __future__ import annotations

import json
import math
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from strata.analysis.inputs import input_record, sha256
from strata.analysis.ledger import family_counts
from strata.scoring import CLASS_RECORD, METHODS
from strata.signatures import needs_of, written_signature

if TYPE_CHECKING:
    from strata.analysis.results import CohortResult, Results
    from strata.cohort import Cohort

__all__ = ["batch_record", "command_line", "run_inputs", "run_record", "scan_record", "versions", "write_record"]

_PACKAGES = (
    *("numpy", "scipy", "pandas", "pyarrow", "scikit-learn", "lifelines"),
    *("matplotlib", "joblib", "pydantic", "ruamel.yaml", "numba"),
)


def run_record(
    results: Results, *, argv: Sequence[str], started: datetime, finished: datetime, writing: float = 0.0
) -> dict[str, Any]:
    """Everything about a run that is not a result, as plain data: the content of ``run.json``.

    ``writing`` are the seconds that tables and figures took. What ``rerun`` needs is here too: the resolved plan, the
    folder that its relative paths start from, and the signatures that were made in code.
    """
    checks = [cohort.cross_check for cohort in results.cohorts if cohort.cross_check is not None]
    record = _circumstances("run", argv, started, finished) | {
        "timings": {"writing": writing},
        "plan": results.plan.model_dump(mode="json", by_alias=True),
        "folder": str(results.plan.folder.absolute()),
        "made_signatures": [written_signature(signature) for signature in results.made],
        "seeds": {
            "permutation": results.plan.permutation_seed,
            "cut_search": results.plan.cut_search.seed,
            "negative_controls": results.controls.seed,
        },
        "inputs": [input_record(path) for path in run_inputs(results)],
        "signatures": sorted({strata.signature for cohort in results.cohorts for strata in cohort.strata}),
        "gene_sets": _gene_sets(results),
        "negative_controls": results.controls.record(),
        "tests": family_counts(results.tests),
        "cohorts": [_cohort(cohort) for cohort in results.cohorts],
        "failures": [
            {
                "cohort": f.cohort,
                "exit_status": f.exit_status,
                "problems": [problem.line.removeprefix("error ") for problem in f.problems],
            }
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
    """The content of ``run.json`` of a scan: ``about`` is what only the scan knows of itself, as its ``kind``."""
    read = {
        "cohort": cohort.name,
        "inputs": [input_record(path) for path in cohort.source],
        "choices": dict(cohort.choices),
        "notes": list(cohort.notes),
        "exclusions": [{"step": e.step, "reason": e.reason, "n": e.n} for e in cohort.exclusions],
    }
    return _circumstances(about["kind"], argv, started, finished) | read | dict(about)


def batch_record(
    about: Mapping[str, Any], *, argv: Sequence[str], started: datetime, finished: datetime
) -> dict[str, Any]:
    """The content of ``run.json`` of a batch, or the record of a shard, which ``about`` says as its ``kind``."""
    return _circumstances(about["kind"], argv, started, finished) | dict(about)


_version = cache(version)


def versions() -> dict[str, str]:
    """The versions of strata, of Python, and of the packages that numbers and figures come from."""
    packages = {name: _version(name) for name in _PACKAGES}
    return {"strata": _version("strata-cohort"), "python": platform.python_version(), **packages}


def _circumstances(kind: str, argv: Sequence[str], started: datetime, finished: datetime) -> dict[str, Any]:
    """Which program ran, how it was called, and when."""
    found = versions()
    return {
        "kind": kind,
        "strata": found.pop("strata"),
        "python": found.pop("python"),
        "packages": found,
        "argv": list(argv),
        "working_directory": str(Path.cwd()),
        "started": started.isoformat(timespec="seconds"),
        "finished": finished.isoformat(timespec="seconds"),
        "seconds": (finished - started).total_seconds(),
    }


def write_record(record: Mapping[str, Any], folder: Path) -> None:
    """Write ``run.json``, last of all, with the SHA-256 of every other file of ``folder``: strict JSON, no NaN."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    outputs = {str(file.relative_to(folder)): sha256(file) for file in files}
    text = json.dumps(_strict({**record, "outputs": outputs}), indent=2, allow_nan=False, ensure_ascii=False)
    (folder / "run.json").write_text(text + "\n", encoding="utf-8")


def run_inputs(results: Results) -> list[Path]:
    """The plan's file, signature files of the user's own, and every table that was read, each once."""
    plan = results.plan
    named = [*([plan.file] if plan.file else []), *plan.signature_files(), *plan.resource_files()]
    return list(dict.fromkeys([*named, *(Path(name) for cohort in results.cohorts for name in cohort.source)]))


def _gene_sets(results: Results) -> list[dict[str, Any]]:
    """How each gene set of the run was scored: its method's record; none of a signature that no cohort could answer."""
    names = {strata.signature for cohort in results.cohorts for strata in cohort.strata if not strata.absent}
    needs = [needs_of(results.library[name], results.library) for name in sorted(names)]
    # without the files of lists and centroids nothing was scored by them
    given, centroids = bool(results.plan.gene_sets), bool(results.plan.centroids)
    nodes = sorted({node for need in needs for node in need.gene_sets if given or not node.named}, key=str)
    said = ("formula", "range", "direction", "reference", "depends_on_samples")
    scores = [
        {"score": str(node), "method": node.by} | {key: getattr(METHODS[node.by], key) for key in said}
        for node in nodes
    ]
    schemes = sorted({scheme for need in needs for scheme in need.schemes}) if centroids else []
    return [*scores, *({"score": f"class {scheme}", **CLASS_RECORD} for scheme in schemes)]


def _cohort(cohort: CohortResult) -> dict[str, Any]:
    return {
        "name": cohort.name,
        "patients": max((s.labels.size for s in cohort.strata), default=0),
        "seconds": cohort.seconds,
        "timings": dict(cohort.timings),
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
