"""What became of one cohort of a batch: a short record, all that is kept of it beside its folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from strata.analysis import run_inputs, sha256
from strata.errors import Problem, StrataError, bug_report, shown
from strata.signatures import signature_files

if TYPE_CHECKING:
    from strata.analysis import Plan, Results
    from strata.batch.tasks import Task

__all__ = ["Outcome", "failed", "finished", "is_current", "lost", "not_run"]

_RECORD = "run.json"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A cohort that was analysed, or why it was not.

    Parameters
    ----------
    cohort : str
    exit_status : int
        0, or the exit status that the cohort would have by itself.
    problems : tuple of Problem
        Empty where it was analysed.
    key : str
        Of what it was made from: the bytes that were read, the plan, the signatures, the version of strata.
    inputs : tuple of str
        The files that were read.
    asked : str
        Of the questions alone: cohorts that were asked the same have the same.
    endpoints : tuple of str
        Those asked for, in order.
    signatures, comparisons, estimable : int
        Signatures called, rows of the results, and those with a number.
    seconds : float
    reused : bool
        Whether an earlier run had done it.
    """

    cohort: str
    exit_status: int = 0
    problems: tuple[Problem, ...] = ()
    key: str = ""
    inputs: tuple[str, ...] = ()
    asked: str = ""
    endpoints: tuple[str, ...] = ()
    signatures: int = 0
    comparisons: int = 0
    estimable: int = 0
    seconds: float = 0.0
    reused: bool = False

    def to_json(self) -> str:
        """The record as a line of JSON."""
        return json.dumps({name: value for name, value in asdict(self).items() if name != "reused"}) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Outcome | None:
        """The record that was written; None for anything else: half a record is none."""
        try:
            found = json.loads(text)
            found["problems"] = tuple(Problem(**problem) for problem in found["problems"])
            found |= {name: tuple(found[name]) for name in ("inputs", "endpoints")}
            return cls(**found)
        except (ValueError, TypeError, KeyError, AttributeError):
            return None


def finished(plan: Plan, results: Results, folder: Path, *, figures: bool, reports: bool, seconds: float) -> Outcome:
    """The outcome of a cohort whose run was written into ``folder``."""
    (cohort,) = results.cohorts
    rows = [row for result in cohort.comparisons for row in result.comparisons]
    record = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
    # a comment in the plan's file changes nothing: what it says is the plan
    plans = set() if plan.file is None else {str(plan.file.absolute())}
    # the record of a shared run has no paths
    places = [str(path.absolute()) for path in run_inputs(results)]
    hashed = zip(places, (item["sha256"] for item in record["inputs"]), strict=True)
    read = {place: found for place, found in hashed if place not in plans}
    return Outcome(
        cohort.name,
        key=_key(plan, read, figures=figures, reports=reports),
        inputs=tuple(read),
        asked=_asked_by(plan),
        endpoints=plan.endpoints,
        signatures=len({strata.signature for strata in cohort.strata}),
        comparisons=len(rows),
        estimable=sum(row.estimable for row in rows),
        seconds=seconds,
    )


def failed(cohort: str, plan: Plan, error: StrataError | Exception, *, seconds: float = 0.0) -> Outcome:
    """The outcome of a cohort that could not be analysed."""
    base = Outcome(cohort, asked=_asked_by(plan), endpoints=plan.endpoints, seconds=seconds)
    if isinstance(error, StrataError):
        return replace(base, exit_status=error.exit_status, problems=error.problems)
    return replace(base, exit_status=StrataError.exit_status, problems=(bug_report(error),))


def lost(task: Task, how: str) -> Outcome:
    """The outcome of a cohort whose process ended before it could answer."""
    what = f"the process that worked on it ended: {how} (out of memory?)"
    return _unanswered(task, Problem(task.cohort, what, "Use fewer --jobs", code="E902"))


def not_run(task: Task, error: BaseException) -> Outcome:
    """The outcome of a cohort that a cluster could not begin with."""
    what = f"the cluster could not run it: {type(error).__name__}: {shown(' '.join(str(error).split()), limit=200)}"
    fix = "Have the workers the same strata and packages as this process?"
    return _unanswered(task, Problem(task.cohort, what, fix, code="E909"))


def _unanswered(task: Task, problem: Problem) -> Outcome:
    asked = _asked_by(task.plan)
    return Outcome(task.cohort, exit_status=1, problems=(problem,), asked=asked, endpoints=task.plan.endpoints)


def _asked_by(plan: Plan) -> str:
    """A name for the questions of a plan, whichever cohort they are put to."""
    return _digest({key: value for key, value in _said(plan).items() if key not in ("cohorts", "read")})


def is_current(outcome: Outcome, plan: Plan, *, figures: bool, reports: bool) -> bool:
    """Whether a cohort was finished, from the very bytes, plan, signatures and version of strata that there are now."""
    if outcome.exit_status:
        return False
    places = dict.fromkeys([*outcome.inputs, *(str(p.absolute()) for p in _named(plan))])
    try:
        read = {place: sha256(Path(place)) for place in places}
        return outcome.key == _key(plan, read, figures=figures, reports=reports)
    except (OSError, StrataError):
        return False


def _named(plan: Plan) -> list[Path]:
    """The files beside the cohort's that a plan names; a file may have come into a folder of signatures."""
    return [*plan.signature_files(), *plan.resource_files()]


def _key(plan: Plan, read: Mapping[str, str], *, figures: bool, reports: bool) -> str:
    said: dict[str, Any] = {"plan": _said(plan), "inputs": dict(sorted(read.items())), "names": _names(plan)}
    said |= {"figures": figures, "reports": reports}
    return _digest(said | {"strata": version("strata-cohort"), "signatures": _shipped()})


def _said(plan: Plan) -> dict[str, Any]:
    return plan.model_dump(mode="json", by_alias=True)


def _names(plan: Plan) -> list[str]:
    """The names of all files in the folder of a cohort, where the layout chooses among them."""
    (spec,) = plan.cohort_specs()
    if spec.tables:
        return []
    return sorted(str(path.relative_to(spec.folder)) for path in spec.folder.rglob("*"))


@cache
def _shipped() -> str:
    return _digest({path.name: sha256(path) for path in signature_files()})


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
