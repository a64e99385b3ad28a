"""The manifest of a batch: a line a cohort, and what of the plan is another for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, get_origin

from strata.analysis import CohortEntry, Plan
from strata.cohort.layouts import LAYOUT_NAMES
from strata.cohort.options import ReadOptions, closest
from strata.cohort.spec import name_problem
from strata.errors import DataError, PlanError, Problem, StrataError, shown
from strata.stratification import parse_population
from strata.survival import SearchOptions
from strata.text_file import text_lines

__all__ = ["Manifest", "Row", "read_manifest"]

_OWN = ("cohort", "path", "layout")
_OF_THE_BATCH = (
    *("cohorts", "train", "validate", "i-know", "pool", "family", "equivalents", "output", "folder", "file"),
    *("min_cell", "share"),
)
"""Keys of a plan that are about several cohorts or about the plan itself: no columns."""

_NESTED = ("read", "cut_search")
"""Keys of a plan that hold keys of their own: a column is ``read.sep``."""

_ALL = ("signatures", "populations")
"""Lists that ``all`` leaves empty, as in a plan."""

_FILES = ("library", "gene_sets", "centroids", "hgnc")
_READ_FILES = ("probes", "cache")
"""What names files, which are looked for beside the manifest."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a manifest: a cohort, where it is, and the keys of the plan that are its own."""

    cohort: str
    path: str
    layout: str
    line: int
    own: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manifest:
    """The cohorts of a batch, in order, and the plan they share.

    Parameters
    ----------
    path : Path
    plan : Plan
        Of its cohorts only the first one's layout counts: for lines that name none.
    rows : tuple of Row
    """

    path: Path
    plan: Plan
    rows: tuple[Row, ...]

    def plan_of(self, row: Row) -> Plan:
        """The plan of one cohort by itself."""
        own = dict(row.own)
        entry = CohortEntry(path=row.path, name=row.cohort, layout=row.layout, read=own.pop("read", {}))
        if not own:
            return self.plan.model_copy(update={"cohorts": (entry,)})
        values = self.plan.model_dump(by_alias=True)
        own["cut_search"] = {**values["cut_search"], **own.get("cut_search", {})}
        where = {"folder": self.plan.folder, "file": self.plan.file}
        return Plan.checked(**{**values, **own, **where, "cohorts": [entry]})


def read_manifest(path: str | Path, plan: Plan) -> Manifest:
    """Read a manifest.

    Parameters
    ----------
    path : path
        A table separated by tabs, with the columns ``cohort``, ``path`` (from the manifest's folder), ``layout``
        (optional), and any key of a plan that can differ between cohorts; an empty cell leaves the plan's. Lists are
        separated by commas; ``read.sep`` is the key ``sep`` of ``read``.
    plan : Plan
        For everything else.

    Raises
    ------
    PlanError
        Every problem of every line.
    InputOutputError
        When it cannot be read.
    """
    path = Path(path)
    try:
        lines = [(number, [cell.strip() for cell in text.split("\t")]) for number, text in text_lines(path)]
    except DataError as error:
        raise PlanError(error.problems) from error
    reading = _Reading(path, plan, *lines[0])
    rows = [row for number, cells in lines[1:] if (row := reading.row(number, cells)) is not None]
    if len(lines) == 1:
        reading.problems.append(Problem(str(path), "a header and no cohort", "Write one line a cohort", code="E713"))
    manifest = Manifest(path, plan, tuple(rows))
    reading.problems += _plan_problems(manifest)
    if reading.problems:
        raise PlanError(reading.problems)
    return manifest


class _Reading:
    """The lines of a manifest, and what is wrong with them."""

    def __init__(self, path: Path, plan: Plan, number: int, header: list[str]) -> None:
        self.path, self.plan, self.columns = path, plan, header
        self.problems = [Problem(f"{path}:{number}", what, fix, code="E713") for what, fix in _header_problems(header)]
        self._usable = not self.problems
        self._layout = plan.cohorts[0].layout
        self._lines: dict[str, int] = {}

    def row(self, number: int, cells: list[str]) -> Row | None:
        """A line as a row; None where it is none."""
        if not self._usable:
            return None
        if len(cells) != len(self.columns):
            what = f"{len(cells)} fields, the header has {len(self.columns)}"
            self.problems.append(
                Problem(f"{self.path}:{number}", what, "An empty cell needs its tab as well", code="E713")
            )
            return None
        found = {column: cell for column, cell in zip(self.columns, cells) if cell}
        own, wrong = self._overrides(found, number)
        wrong = [*self._own_problems(found, number), *wrong]
        self.problems += wrong
        if wrong:
            return None
        place = str((self.path.parent / found["path"]).absolute())
        return Row(found["cohort"], place, found.get("layout", self._layout), number, own)

    def _at(self, number: int, column: str) -> str:
        return f"{self.path}:{number}: column '{column}'"

    def _own_problems(self, found: Mapping[str, str], number: int) -> Iterator[Problem]:
        for column in _OWN[:2]:
            if column not in found:
                yield Problem(self._at(number, column), "is empty", code="E713")
        name, layout = found.get("cohort", ""), found.get("layout", self._layout)
        if name and (problem := name_problem(name)):
            yield Problem(self._at(number, "cohort"), problem, code="E704")
        elif name and (first := self._lines.setdefault(name.casefold(), number)) != number:
            yield Problem(
                self._at(number, "cohort"),
                f"cohort {name} is on line {first} already",
                "Rename one of them",
                code="E705",
            )
        if layout not in LAYOUT_NAMES:
            fix = closest(layout, LAYOUT_NAMES)
            yield Problem(self._at(number, "layout"), f"unknown layout {shown(layout)}", fix, code="E713")

    def _overrides(self, found: Mapping[str, str], number: int) -> tuple[dict[str, Any], list[Problem]]:
        """The keys of the plan that a line gives, and what is wrong with them."""
        own: dict[str, Any] = {}
        columns = [column for column in found if column not in _OWN]
        for column in columns:
            key, _, inner = column.partition(".")
            if inner:
                own.setdefault(key, {})[inner] = self._text(inner, found[column], _READ_FILES)
            else:
                own[key] = self._value(key, found[column])
        read = own.get("read", {})
        row = Row("a", str(self.path), "auto", number, {key: value for key, value in own.items() if key != "read"})
        checks: list[Callable[[], object]] = [
            lambda: Manifest(self.path, self.plan, ()).plan_of(row),
            lambda: ReadOptions.of(read, where={key: f"read.{key}" for key in read}),
        ]
        problems: list[Problem] = []
        for check in checks:
            try:
                check()
            except StrataError as error:
                problems += [self._placed(problem, columns, number) for problem in error.problems]
        return own, problems

    def _placed(self, problem: Problem, columns: list[str], number: int) -> Problem:
        """A problem of the line's values, with its column where one of them is to blame."""
        column = problem.where.partition("[")[0]
        where = f"{self.path}:{number}" if column not in columns else self._at(number, column)
        return Problem(where, problem.what, problem.fix, code=problem.code)

    def _value(self, key: str, cell: str) -> Any:
        if not _is_list(key):
            return self._text(key, cell, _FILES)
        parts = [] if cell == "all" and key in _ALL else [part.strip() for part in cell.split(",")]
        files = (*_FILES, *(["signatures"] if key == "signatures" else []))
        return [self._text(key, part, files) if part else part for part in parts]

    def _text(self, key: str, text: str, files: tuple[str, ...]) -> str:
        """A cell; where it names a file, from the manifest's folder. A signature's id is no file."""
        named = key in files and (key != "signatures" or "/" in text or text.endswith((".yaml", ".yml")))
        return str((self.path.parent / text).absolute()) if named else text


def _header_problems(header: list[str]) -> Iterator[tuple[str, str]]:
    known = _columns()
    if len(header) == 1 and any(mark in header[0] for mark in ",;"):
        yield "the header has no tab", "Separate the columns by tabs"
        return
    for column in _OWN[:2]:
        if column not in header:
            yield f"no column '{column}'", f"A manifest has {', '.join(_OWN)} and keys of the plan"
    for place, column in enumerate(header, start=1):
        if column in header[: place - 1]:
            yield f"column {shown(column)} is there twice", "Keep one"
        elif not column:
            yield f"column {place} has no name", "Name it or delete it"
        elif column.partition(".")[0] in _OF_THE_BATCH:
            yield f"column {shown(column)} is about all cohorts", "It belongs into the plan"
        elif column in _NESTED:
            yield f"column {shown(column)} needs its key", f"For example {column}.{known[column]}"
        elif column not in known:
            yield f"unknown column {shown(column)}", closest(column, [c for c in known if c not in _NESTED])


def _columns() -> dict[str, str]:
    """Every column that a manifest may have; of those that need a key, an example of one."""
    keys = {"read": [option.name for option in fields(ReadOptions)], "cut_search": list(SearchOptions.model_fields)}
    plain = [info.alias or name for name, info in Plan.model_fields.items() if name not in _NESTED]
    plain = [name for name in plain if name not in _OF_THE_BATCH]
    nested = [f"{key}.{inner}" for key, inners in keys.items() for inner in inners]
    return dict.fromkeys([*_OWN, *plain, *nested], "") | {key: inners[0] for key, inners in keys.items()}


def _is_list(key: str) -> bool:
    return get_origin(Plan.model_fields[key].annotation) is tuple


def _plan_problems(manifest: Manifest) -> list[Problem]:
    """What is wrong with the plan, and with the signatures, populations and files that lines name; each told once."""
    plan = manifest.plan
    if plan.train is not None or plan.cut_scope == "pooled":
        key = "train" if plan.train is not None else "cut_scope"
        where = "" if plan.file is None else f"{plan.file}: {key}"
        return [Problem(where, "a batch treats each cohort by itself", "Use strata run for this plan", code="E713")]
    problems = _asked_problems(plan)
    checked = {repr([])}
    for row in manifest.rows:
        own = {key: value for key, value in row.own.items() if key != "read"}
        if (said := repr(sorted(own.items()))) not in checked:
            checked.add(said)
            where = f"{manifest.path}:{row.line}"
            found = _asked_problems(manifest.plan_of(row))
            problems += [replace(problem, where=problem.where or where) for problem in found]
    return problems


def _asked_problems(plan: Plan) -> list[Problem]:
    try:
        library, _ = plan.load_signatures()
        plan.resources()
        for text in plan.populations:
            parse_population(text, library)
    except StrataError as error:
        return list(error.problems)
    return []
