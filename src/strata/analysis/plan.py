"""A plan: which cohorts, signatures, populations and endpoints to compare, and how. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from strata.cohort import ReadOptions, cohort_specs
from strata.errors import PlanError, Problem, StrataError, UsageError, shown
from strata.signatures import load_signatures, signature_library
from strata.stratification import check_cut
from strata.survival import EQUIVALENTS
from strata.yaml_file import YamlDocument, dotted, read_yaml

if TYPE_CHECKING:
    from strata.cohort import Cohort, CohortSpec
    from strata.signatures import Signature

__all__ = ["CohortEntry", "Plan", "characteristics", "load_plan"]


Months = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _WithOptions(BaseModel):
    """What carries reading options: a plan and each of its cohorts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    read: dict[str, Any] = Field(default_factory=dict)

    @field_validator("read")
    @classmethod
    def _known_options(cls, value: dict[str, Any]) -> dict[str, Any]:
        try:
            ReadOptions.of(value)
        except UsageError as error:
            raise ValueError("; ".join(f"{p.what}. {p.fix}" for p in error.problems)) from error
        return value


class CohortEntry(_WithOptions):
    """One cohort of a plan: a folder or a cohort YAML, and how to read it."""

    path: str
    name: str | None = None
    layout: Literal["auto", "flat", "cbioportal"] = "auto"


class Plan(_WithOptions):
    """What to run. Every key can be given in a plan file and on the command line.

    Parameters
    ----------
    cohorts : list of path or CohortEntry
        Folders and cohort YAML files; relative paths are taken from ``folder``.
    signatures : list of str, optional
        Ids, files or folders of signatures; none given: every shipped one.
    library : list of str
        Files and folders of your own signatures, known beside the shipped ones.
    populations : list of str
        Signature ids, joined by `` & ``; each is intersected with the signature's own. None given: the signature's own.
    endpoints : list of str or {name: [equivalents]}
        ``DFS`` is also answered by RFS and DFI, unless its own list says otherwise. An empty
        list asks for scores and calls alone.
    cut : str, optional
        Replaces learned cuts: median, mean, qNN, sdN, tertiles, quartiles. None: the signature's own.
    cut_scope : {"population", "cohort"}
    comparator : {"rest", "neither"}
        Whom the figure draws the pair of a two-gene signature against; the results hold both.
    absent_assay : {"unknown", "drop"}
    covariates : list of str
        Clinical columns that hazard ratios are adjusted for.
    horizon : float, optional
        Months after which follow-up is cut.
    times : list of float
        Months at which survival is printed.
    read : mapping
        Reading options for every cohort.
    output : str, optional
        The folder that results go to.
    folder : Path
        Where relative paths start: the folder of the plan file.
    """

    cohorts: tuple[CohortEntry, ...] = Field(min_length=1)
    signatures: tuple[str, ...] = ()
    library: tuple[str, ...] = ()
    populations: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ("DFS", "OS")
    equivalents: dict[str, tuple[str, ...]] = Field(default_factory=lambda: dict(EQUIVALENTS))
    cut: str | None = None
    cut_scope: Literal["population", "cohort"] = "population"
    comparator: Literal["rest", "neither"] = "rest"
    absent_assay: Literal["unknown", "drop"] = "unknown"
    covariates: tuple[str, ...] = ()
    horizon: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    times: tuple[Months, ...] = (12.0, 36.0, 60.0, 120.0)
    output: str | None = None
    folder: Path = Field(default_factory=Path, exclude=True)

    @field_validator("cohorts", mode="before")
    @classmethod
    def _paths(cls, value: Any) -> Any:
        value = [value] if isinstance(value, str | Path | Mapping) else value
        if not isinstance(value, list | tuple):
            return value
        return [{"path": str(item)} if isinstance(item, str | Path) else item for item in value]

    @field_validator("signatures", "library", "populations", "covariates", mode="before")
    @classmethod
    def _lists(cls, value: Any) -> Any:
        return [] if value in (None, "all") else [value] if isinstance(value, str) else value

    @model_validator(mode="before")
    @classmethod
    def _endpoints(cls, values: Any) -> Any:
        """``- DFS: [RFS]`` states which endpoints answer for DFS."""
        items = values.get("endpoints") if isinstance(values, Mapping) else None
        if items is None:
            return values
        items = [items] if isinstance(items, str | Mapping) else items
        if not isinstance(items, list | tuple):
            return values
        names: list[Any] = []
        equivalents: dict[str, Any] = dict(EQUIVALENTS)
        for item in items:
            if isinstance(item, Mapping):
                equivalents |= {str(name).upper(): _several(used) for name, used in item.items()}
                names += [str(name).upper() for name in item]
            else:
                names.append(item.upper() if isinstance(item, str) else item)
        return {**values, "endpoints": names, "equivalents": values.get("equivalents", equivalents)}

    @field_validator("cut")
    @classmethod
    def _known_cut(cls, value: str | None) -> str | None:
        try:
            check_cut(value)
        except UsageError as error:
            raise ValueError(f"{error.problems[0].what}. {error.problems[0].fix}") from error
        return value

    @classmethod
    def checked(cls, **values: Any) -> Plan:
        """A plan from a call.

        Raises
        ------
        UsageError
            Where pydantic would raise its own error: every problem with the key it belongs to.
        """
        try:
            return cls(**values)
        except ValidationError as error:
            raise UsageError(_problems(error, None)) from error

    def cohort_specs(self) -> list[CohortSpec]:
        """The cohorts, one spec each; a cohort YAML may hold several.

        Raises
        ------
        PlanError
            When two cohorts have one name.
        """
        specs = []
        for name, found in self.specs_or_errors():
            if isinstance(found, StrataError):
                raise found
            specs.append(found)
        return specs

    def specs_or_errors(self) -> list[tuple[str, CohortSpec | StrataError]]:
        """The name of each cohort with its spec, or with why there is none.

        Raises
        ------
        PlanError
            When two cohorts have one name.
        """
        found: list[tuple[str, CohortSpec | StrataError]] = []
        for entry in self.cohorts:
            try:
                found += [(spec.name, spec) for spec in self._specs_of(entry)]
            except StrataError as error:
                found.append((entry.name or entry.path, error))
        names = [name.lower() for name, _ in found]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise PlanError(
                Problem("cohorts", f"two cohorts are called {', '.join(twice)}", "Give each a name: {path: ..., name: ...}")
            )
        return found

    def _specs_of(self, entry: CohortEntry) -> list[CohortSpec]:
        specs = cohort_specs(self.folder / entry.path, layout=entry.layout, read={**self.read, **entry.read})
        if entry.name is None:
            return specs
        if len(specs) > 1:
            raise PlanError(Problem(entry.path, f"holds {len(specs)} cohorts, which cannot all be called {entry.name}"))
        return [replace(specs[0], name=entry.name)]

    def load_signatures(self) -> tuple[dict[str, Signature], list[Signature]]:
        """The library, where references and populations are looked up, and the signatures to run.

        Raises
        ------
        SignatureError, UsageError
            When a file is wrong or an id unknown.
        """
        asked = [self._placed(item) for item in self.signatures]
        folders = [self._placed(item) for item in self.library]
        paths = [item for item in asked if isinstance(item, Path)]
        return signature_library(paths, folders=folders), load_signatures(asked or None, folders=folders)

    def _placed(self, item: str) -> str | Path:
        """A path, taken from the plan's folder, or an id as it is: a folder of the same name does not hide a shipped one."""
        path = self.folder / item
        named = "/" in item or item.endswith((".yaml", ".yml"))
        return path if named or (item not in signature_library() and path.is_dir()) else item


def load_plan(path: str | Path, **overrides: Any) -> Plan:
    """Read a plan file.

    Parameters
    ----------
    path : path
        YAML with the keys of ``Plan``.
    **overrides
        Keys that replace those of the file; None leaves the file's.

    Raises
    ------
    PlanError
        When the file is not a plan: every problem with its line.
    UsageError
        When only the overrides are wrong.
    """
    path = Path(path)
    document = read_yaml(path, PlanError)
    given = {key: value for key, value in overrides.items() if value is not None}
    values = {**document.value, **given}
    own = [Problem(document.where(("folder",)), "unknown key 'folder'")] if "folder" in values else []
    try:
        plan = Plan(**{**values, "folder": path.parent})
    except ValidationError as error:
        in_file = [detail for detail in error.errors(include_url=False) if detail["loc"][:1] not in {(k,) for k in given}]
        if in_file or own:
            raise PlanError([*own, *_problems(error, document)]) from error
        raise UsageError(_problems(error, None)) from error
    if own:
        raise PlanError(own)
    return plan


def _several(value: Any) -> Any:
    """One word as a list of one; a list stays."""
    return (value,) if isinstance(value, str) else value


def _problems(error: ValidationError, document: YamlDocument | None) -> list[Problem]:
    """What pydantic found wrong, each with its line and key, and near names for unknown keys."""
    found = []
    for detail in error.errors(include_url=False):
        path = tuple(detail["loc"])
        where = dotted(path) if document is None else document.where(path)
        if detail["type"] == "extra_forbidden":
            what = "cohort" if path[0] == "cohorts" else "plan"
            keys = [name for name in (CohortEntry if what == "cohort" else Plan).model_fields if name != "folder"]
            near = get_close_matches(str(path[-1]), keys, n=1)
            fix = f"Did you mean '{near[0]}'?" if near else f"A {what} has {', '.join(keys)}"
            found.append(Problem(where, f"unknown key '{path[-1]}'", fix))
        elif detail["type"] == "missing":
            found.append(Problem(where, "this key is missing"))
        elif detail["type"] != "too_short" or not detail["input"]:
            # a list whose every element is wrong counts as too short as well
            found.append(Problem(where, f"{detail['msg'].removeprefix('Value error, ')}, found {shown(detail['input'])}"))
    return found


def characteristics(cohort: Cohort) -> list[str]:
    """The harmonised clinical columns of a cohort, which the baseline table describes."""
    return [column for column in cohort.choices.get("harmonised", {}) if column in cohort.clinical.columns]
