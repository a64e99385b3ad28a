"""What is to be read: a folder or the entries of a cohort YAML, without opening a table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from strata.cohort.endpoint_columns import EndpointColumns
from strata.cohort.files import stamp
from strata.cohort.layouts import LAYOUT_NAMES
from strata.cohort.options import COHORT_KEYS, ReadOptions, closest
from strata.errors import InputOutputError, PlanError, Problem, UsageError, shown
from strata.yaml_file import KeyPath, YamlDocument, read_yaml

__all__ = ["KIND_WORDS", "CohortSpec", "cohort_specs"]

KIND_WORDS: Mapping[str, tuple[str, ...]] = {
    "clinical": ("clinical",),
    "mrna": ("mrna", "expression", "rnaseq", "rna_seq"),
    "protein": ("protein", "rppa"),
    "mutation": ("mutation", "mutations", "maf"),
    "copy_number": ("copy_number", "cna", "gistic"),
    "serum": ("serum",),
    "germline": ("germline",),
    "mirna": ("mirna",),
    "samples": ("samples", "sample"),
}
"""The kinds of tables, and the words a file name may start with and a YAML key may be."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{d}{i}" for d in ("com", "lpt") for i in range(1, 10))})


@dataclass(frozen=True, slots=True)
class CohortSpec:
    """One cohort to read; a plain value that can be printed, compared and sent to another process.

    Parameters
    ----------
    name : str
    folder : Path
        Where relative file names start, and where the layout looks when no table is named.
    layout : str
        One of ``LAYOUT_NAMES``.
    tables : mapping of kind to files
        As a cohort YAML names them; empty for a folder.
    sequenced : tuple of str
        Ids, file names or ``all``; empty when not given.
    panel_genes : tuple of str
        Genes or a file name; empty when not given.
    endpoints : mapping of name to EndpointColumns
    sample_links : mapping of sample to patient
        Where the YAML holds them itself.
    options : ReadOptions
    origin : Path or None
        The cohort YAML.
    """

    name: str
    folder: Path
    layout: str = "auto"
    tables: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    sequenced: tuple[str, ...] = ()
    panel_genes: tuple[str, ...] = ()
    endpoints: Mapping[str, EndpointColumns] = field(default_factory=dict)
    sample_links: Mapping[str, str] = field(default_factory=dict)
    options: ReadOptions = field(default_factory=ReadOptions)
    origin: Path | None = None

    def inputs(self) -> list[Path]:
        """The files and folders that may be read; some need not be there."""
        tables = [table for files in self.tables.values() for table in files] or [self.folder]
        named = [self.folder / item for item in (*self.sequenced, *self.panel_genes, self.options.sequenced) if item]
        named += [Path(self.options.probes)] if self.options.probes else []
        return [*([self.origin] if self.origin else []), *tables, *named]


def cohort_specs(path: str | Path, *, layout: str = "auto", read: Mapping[str, Any] | None = None) -> list[CohortSpec]:
    """The cohorts that a path names: one for a folder, one for each entry of a cohort YAML.

    No table is opened.

    Parameters
    ----------
    path : str or Path
        A folder or a cohort YAML.
    layout : str
        One of ``LAYOUT_NAMES``. For a YAML, used where it names none.
    read : mapping, optional
        Reading options; they win over the YAML's own.

    Returns
    -------
    list of CohortSpec

    Raises
    ------
    UsageError
        Unknown layout or reading option.
    InputOutputError
        The path cannot be read.
    PlanError
        Everything that is wrong in the YAML, with its lines: unknown keys, names that cannot be a folder's, two cohorts
        whose names differ only in case.
    """
    path = Path(path)
    if layout not in LAYOUT_NAMES:
        raise UsageError(
            Problem("layout", f"unknown layout {shown(layout)}", closest(layout, LAYOUT_NAMES), code="E703")
        )
    ReadOptions.of(read or {})
    if path.is_dir():
        return [CohortSpec(folder_name(path), path, layout, options=ReadOptions.of(read or {}))]
    stamp(path)
    if path.suffix.lower() not in {".yaml", ".yml"}:
        fix = "Give the folder it is in, or a cohort YAML that names the tables"
        raise InputOutputError(Problem(str(path), "is neither a folder nor a cohort YAML", fix, code="E102"))
    return _yaml_specs(read_yaml(path, PlanError, as_text=True), layout, read or {})


def folder_name(path: Path) -> str:
    """A cohort name from a folder's: what a name may not hold becomes ``_``."""
    cleaned = re.sub(r"[^A-Za-z0-9._-]+", "_", path.resolve().name).lstrip("._-")[:64]
    return cleaned if cleaned and not name_problem(cleaned) else "cohort"


def name_problem(name: str) -> str:
    """Why ``name`` cannot be a cohort's name; empty when it can."""
    allowed = "allowed: letters, digits, . _ - and at most 64, the first a letter or digit"
    if len(name) > 64:
        return f"cohort name of {len(name)} characters; {allowed}"
    if not _NAME.fullmatch(name) or name.endswith(".") or name.partition(".")[0].casefold() in _RESERVED:
        return f"cohort name {shown(name)} cannot be a folder name; {allowed}"
    return ""


def _yaml_specs(file: YamlDocument, layout: str, read: Mapping[str, Any]) -> list[CohortSpec]:
    problems: list[Problem] = []
    if "cohorts" in file.value:
        entries = file.value["cohorts"]
        extra = [key for key in file.value if key != "cohorts"]
        problems += [
            Problem(file.where((key,)), f"{shown(key)} beside cohorts:", "Move it into each cohort", code="E606")
            for key in extra
        ]
        if not isinstance(entries, list) or not entries:
            problems.append(Problem(file.where(("cohorts",)), "cohorts: must be a list of cohorts", code="E615"))
            raise PlanError(problems)
        found = [_Entry(file, ("cohorts", i), entry, problems) for i, entry in enumerate(entries)]
    else:
        found = [_Entry(file, (), file.value, problems)]
    specs = [entry.spec(layout, read) for entry in found]
    problems += _name_clashes(file, specs)
    if problems:
        raise PlanError(problems)
    return specs


def _name_clashes(file: YamlDocument, specs: list[CohortSpec]) -> list[Problem]:
    seen: dict[str, str] = {}
    problems = []
    for i, spec in enumerate(specs):
        other = seen.setdefault(spec.name.casefold(), spec.name)
        where = file.where(("cohorts", i, "name"))
        if not spec.name:
            continue
        if other != spec.name:
            problems.append(
                Problem(where, f"cohorts {shown(other)} and {shown(spec.name)} differ only in case", code="E705")
            )
        elif spec.name in [s.name for s in specs[:i]]:
            problems.append(Problem(where, f"two cohorts are called {shown(spec.name)}", code="E705"))
    return problems


class _Entry:
    """One cohort of a YAML, with what is wrong in it."""

    def __init__(self, file: YamlDocument, at: KeyPath, value: Any, problems: list[Problem]) -> None:
        self.file, self.at, self.problems = file, at, problems
        self.value: dict[str, Any] = value if isinstance(value, dict) else {}
        if not isinstance(value, dict):
            self.wrong("expected a mapping with name and tables", code="E609")

    def wrong(self, what: str, *key: str | int, fix: str = "", code: str) -> None:
        self.problems.append(Problem(self.file.where((*self.at, *key)), what, fix, code))

    def spec(self, layout: str, read: Mapping[str, Any]) -> CohortSpec:
        folder = Path(self.file.name).parent / (self.text("folder") or ".")
        name = self.text("name")
        if "name" not in self.value and self.value:
            self.wrong("name is required", code="E610")
        elif self.value and (problem := name_problem(name)):
            self.wrong(problem, "name", code="E704")
        said = self.text("layout") or layout
        if said not in LAYOUT_NAMES:
            self.wrong(f"unknown layout {shown(said)}", "layout", fix=closest(said, LAYOUT_NAMES), code="E615")
        return CohortSpec(
            name,
            folder,
            said,
            self._tables(folder),
            tuple(self.items("sequenced")),
            tuple(self.items("panel_genes")),
            self._endpoints(),
            self._sample_links(),
            self._options(read, folder),
            Path(self.file.name),
        )

    def text(self, key: str) -> str:
        value = self.value.get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.wrong(f"{key}: must be one text", key, code="E615")
            return ""
        return value

    def items(self, key: str) -> list[str]:
        value = self.value.get(key)
        items = value if isinstance(value, list) else [] if value is None else [value]
        if not all(isinstance(item, str) for item in items):
            self.wrong(f"{key}: must be one text or a list of texts", key, code="E615")
            return []
        return items

    def _tables(self, folder: Path) -> dict[str, tuple[Path, ...]]:
        kinds = {word: kind for kind, words in KIND_WORDS.items() for word in (kind, *words)}
        known = [*COHORT_KEYS, *(word for word in kinds if word not in COHORT_KEYS)]
        tables: dict[str, tuple[Path, ...]] = {}
        for key in self.value:
            if key == "samples" and isinstance(self.value[key], dict):
                continue
            if key in kinds:
                files = tuple(folder / item for item in self.items(key))
                tables[kinds[key]] = tables.get(kinds[key], ()) + files
            elif key not in COHORT_KEYS or key == "cohorts":
                self.wrong(f"unknown key {shown(key)}", key, fix=closest(key, known), code="E606")
        return tables

    def _sample_links(self) -> dict[str, str]:
        value = self.value.get("samples")
        links = value if isinstance(value, dict) else {}
        if not all(isinstance(patient, str) for patient in links.values()):
            self.wrong("samples: must be a file or a mapping of samples to patients", "samples", code="E615")
            return {}
        return links

    def _endpoints(self) -> dict[str, EndpointColumns]:
        value = self.value.get("endpoints")
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.wrong("endpoints: must be a mapping of names to columns", "endpoints", code="E615")
            return {}
        found = {}
        for name, columns in value.items():
            if problem := _endpoint_problem(columns):
                self.wrong(f"endpoint {shown(name)}: {problem[0]}", "endpoints", name, fix=problem[1], code="E510")
            else:
                where = self.file.where((*self.at, "endpoints", name))
                competing = tuple(_words(columns.get("competing", [])))
                found[name.upper()] = EndpointColumns(**{**columns, "competing": competing}, where=where)
        return found

    def _options(self, read: Mapping[str, Any], folder: Path) -> ReadOptions:
        value = self.value.get("read")
        own = dict(value) if isinstance(value, dict) else {}
        for key in ("probes", "cache"):
            if isinstance(own.get(key), str):
                own[key] = str(folder / own[key])
        if value is not None and not isinstance(value, dict):
            self.wrong("read: must be a mapping of options to values", "read", code="E615")
        places = {key: self.file.where((*self.at, "read", key)) for key in own}
        try:
            return ReadOptions.of({**own, **read}, error=PlanError, where=places)
        except PlanError as error:
            self.problems += error.problems
            return ReadOptions()


def _endpoint_problem(columns: Any) -> tuple[str, str] | None:
    known = ("time", "event", "unit", "entry", "competing")
    given = dict(columns) if isinstance(columns, dict) else {"time": None}
    words = _words(given.pop("competing", []))
    if not all(isinstance(text, str) for text in (*given.values(), *words)):
        return "needs {time: COLUMN, event: COLUMN, unit: months}", ""
    for key in columns:
        if key not in known:
            return f"unknown key {shown(key)}", closest(key, known)
    if "time" not in columns or "event" not in columns:
        return "needs both a time and an event column", ""
    if columns.get("unit", "months") not in {"days", "months", "years"}:
        return f"unknown unit {shown(columns['unit'])}", "It is days, months or years"
    if "entry" in columns and "competing" in columns:
        return "has entry and competing, which are not available together", "Leave one of them out"
    return None


def _words(value: Any) -> list[Any]:
    """One word as a list of one."""
    return value if isinstance(value, list) else [value]
