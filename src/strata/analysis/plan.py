"""A plan: which cohorts, signatures, populations and endpoints to compare, and how. Pure data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator, model_validator

from strata.analysis.baseline import Characteristic
from strata.cohort import ReadOptions, cohort_specs
from strata.cohort.layouts import LAYOUT_NAMES
from strata.errors import PlanError, Problem, StrataError, UsageError, shown
from strata.scoring import MIN_COVERAGE, Resources
from strata.signatures import choose_signatures, signature_library
from strata.stratification import check_cut
from strata.survival import EQUIVALENTS, CheckOptions, SearchOptions, Treatment
from strata.survival.small_cells import SHARED_CELL
from strata.yaml_file import YamlDocument, dotted, read_yaml

if TYPE_CHECKING:
    from strata.cohort import Cohort, CohortSpec
    from strata.signatures import Library, Signature

__all__ = ["CohortEntry", "Plan", "characteristics", "load_plan"]


_OURS = ("folder", "file")
"""Fields that say where a plan is: no keys of a plan."""

Months = Annotated[float, Field(ge=0, allow_inf_nan=False)]
FamilyColumn = Literal["run", "all", "cohort", "signature", "population", "endpoint", "comparison"]


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
    layout: Literal[LAYOUT_NAMES] = "auto"  # type: ignore[valid-type]


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
        Signature ids, joined by ``&``; each is intersected with the signature's own. None given: the signature's own.
    endpoints : list of str or {name: [equivalents]}
        ``DFS`` is also answered by RFS and DFI, unless its own list says otherwise. An empty
        list asks for scores and calls alone.
    cut : str, optional
        Replaces learned cuts: median, mean, qNN, sdN, mixture, optimal, tertiles, quartiles. None: the signature's own.
    cut_search : SearchOptions
        How ``optimal`` is searched: method, permutations, minprop, folds, bootstrap, seed.
    train : str, optional
        The cohort whose learned cuts, means and standard deviations are applied to those of ``validate``; it is not
        pooled with them.
    validate : list of str
        Cohorts that learn nothing of their own; none named: all but the training cohort.
    cut_scope : {"population", "cohort", "pooled"}
        ``pooled``, one cut over the values of all cohorts, is refused unless ``i-know`` says ``pooled-cut``.
    pool : {"REML", "DL", "PM"}
        Estimator of the variance between cohorts, for random effects in ``pooled.tsv``.
    i_know : list of {"pooled-cut"}
        ``i-know`` in a plan file: what is done although it misleads.
    comparator : {"rest", "neither"}
        Whom the figure draws the pair of a two-gene signature against; the results hold both.
    absent_assay : {"unknown", "drop"}
    covariates : list of str
        Clinical columns that hazard ratios are adjusted for: numbers per standard deviation, words as indicators. The
        P that answers a row is then that of the adjusted ratio; the log-rank test beside it is not adjusted.
    stratify_by : list of str
        Clinical columns that log-rank tests and Cox models are stratified by.
    subgroups : list of str
        Clinical columns within whose levels the marker is compared, and tested for interaction: ``subgroups.tsv``.
    treatment : str, optional
        A clinical column with two words: the effect of the treatment by marker, and their interaction.
    treatment_reference : str, optional
        The word of the comparator; None: the one of the two that says so (control, placebo, none, no ...).
    treatment_drug : str, optional
        The drug and its comparator in the words of a claim, which the interaction then tests.
    family : list of {"run", "all", "cohort", "signature", "population", "endpoint", "comparison"}
        Over which tests P is adjusted in ``tests.tsv``: the main, pooled, secondary and subgroup tests of the run, each
        by themselves (``run``); these together (``all``: every question is of one family); those alike in the columns
        named. Supporting tests are never in a family with them.
    horizon : float, optional
        Months after which follow-up is cut.
    landmark : float, optional
        Months at which time starts; who has the event or is censored by then is left out and counted.
    sparse_patients, sparse_events : int
        An arm with fewer gets a permutation P and Firth's hazard ratio beside the log-rank P and Cox's.
    permutation_seed : int
        Of the permutations behind that P.
    rmst_horizon : float, optional
        Months up to which restricted means are taken where hazards are not proportional; None: as far as both groups
        are followed.
    times : list of float
        Months at which survival is printed.
    gene_sets : list of path, optional
        GMT, GMX, TSV or CSV files with the gene lists that signatures name.
    centroids : list of path, optional
        Tables genes x classes, for ``class: pam50`` and ``class: tnbctype``.
    hgnc : path, optional
        ``hgnc_complete_set.txt`` in the place of the shipped gene names.
    min_coverage : float
        The share of a list's genes below which it is not scored.
    min_cell : int
        Smaller counts of patients are hidden, with what would tell them, in the tables that are made to be shown:
        ``baseline.tsv`` and ``multiqc/``. The results, calls and figures are the analyst's own and show everything.
    share : bool
        Write a folder that may leave the house: counts below 11 (``min_cell`` where that is larger) are hidden in every
        table and figure, curves are read every three months, and nothing of single patients is written.
    assignments : bool
        Write ``assignments.parquet``, the call of each patient.
    read : mapping
        Reading options for every cohort.
    output : str, optional
        The folder that results go to.
    folder : Path
        Where relative paths start: the folder of the plan file.
    file : Path, optional
        The plan file.
    """

    cohorts: tuple[CohortEntry, ...] = Field(min_length=1)
    signatures: tuple[str, ...] = ()
    library: tuple[str, ...] = ()
    populations: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ("DFS", "OS")
    equivalents: dict[str, tuple[str, ...]] = Field(default_factory=lambda: dict(EQUIVALENTS))
    cut: str | None = None
    cut_search: SearchOptions = Field(default_factory=SearchOptions)
    train: str | None = None
    validate_in: tuple[str, ...] = Field(default=(), alias="validate")
    i_know: tuple[Literal["pooled-cut"], ...] = Field(default=(), alias="i-know")
    cut_scope: Literal["population", "cohort", "pooled"] = "population"
    pool: Literal["REML", "DL", "PM"] = "REML"
    comparator: Literal["rest", "neither"] = "rest"
    absent_assay: Literal["unknown", "drop"] = "unknown"
    covariates: tuple[str, ...] = ()
    subgroups: tuple[str, ...] = ()
    treatment: str | None = None
    treatment_reference: str | None = None
    treatment_drug: str | None = None
    family: tuple[FamilyColumn, ...] = ("run",)
    stratify_by: tuple[str, ...] = ()
    horizon: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    landmark: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    sparse_patients: int = Field(default=20, ge=0)
    sparse_events: int = Field(default=10, ge=0)
    permutation_seed: int = Field(default=0, ge=0)
    rmst_horizon: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    times: tuple[Months, ...] = (12.0, 36.0, 60.0, 120.0)
    gene_sets: tuple[str, ...] = ()
    centroids: tuple[str, ...] = ()
    hgnc: str | None = None
    min_coverage: float = Field(default=MIN_COVERAGE, gt=0, le=1)
    min_cell: int = Field(default=5, ge=0)
    share: bool = False
    assignments: bool = True
    output: str | None = None
    folder: Path = Field(default_factory=Path, exclude=True)
    file: Path | None = Field(default=None, exclude=True)

    @field_validator("cohorts", mode="before")
    @classmethod
    def _paths(cls, value: Any) -> Any:
        value = [value] if isinstance(value, str | Path | Mapping) else value
        if not isinstance(value, list | tuple):
            return value
        return [{"path": str(item)} if isinstance(item, str | Path) else item for item in value]

    @field_validator(
        "signatures",
        "library",
        "populations",
        "covariates",
        "stratify_by",
        "gene_sets",
        "centroids",
        "validate_in",
        "i_know",
        "subgroups",
        mode="before",
    )
    @classmethod
    def _lists(cls, value: Any) -> Any:
        return [] if value in (None, "all") else [value] if isinstance(value, str) else value

    @field_validator("family", mode="before")
    @classmethod
    def _families(cls, value: Any) -> Any:
        """``all`` is a family here, not the whole of a list."""
        return [] if value is None else _several(value)

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

    @field_validator("endpoints", "times")
    @classmethod
    def _once(cls, value: tuple[Any, ...]) -> tuple[Any, ...]:
        """Asked twice is asked once."""
        return tuple(dict.fromkeys(value))

    @field_validator("cut")
    @classmethod
    def _known_cut(cls, value: str | None) -> str | None:
        try:
            check_cut(value)
        except UsageError as error:
            raise ValueError(f"{error.problems[0].what}. {error.problems[0].fix}") from error
        return value

    @field_validator("landmark")
    @classmethod
    def _before_the_horizon(cls, value: float | None, info: ValidationInfo) -> float | None:
        horizon = info.data.get("horizon")
        if value is not None and horizon is not None and not horizon > value:
            raise ValueError(f"the horizon of {horizon:g} months is not beyond the landmark of {value:g}")
        return value

    @field_validator("cut_scope")
    @classmethod
    def _no_pooled_cut(cls, value: str, info: ValidationInfo) -> str:
        if value == "pooled" and "pooled-cut" not in info.data.get("i_know", ()):
            raise ValueError(
                "one cut over the values of several cohorts separates the cohorts, not the patients: without any "
                "effect P was below 0.05 in 100 % of simulations. Use cut_scope: population, which cuts inside each "
                "cohort and pools the answers (pooled.tsv), or say i-know: pooled-cut"
            )
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
        for _, found in self.specs_or_errors():
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
            fix = "Give each a name of its own: {path: FOLDER, name: NAME}"
            raise PlanError(Problem("cohorts", f"two cohorts are called {', '.join(twice)}", fix, code="E705"))
        return found

    def _specs_of(self, entry: CohortEntry) -> list[CohortSpec]:
        specs = cohort_specs(self.folder / entry.path, layout=entry.layout, read={**self.read, **entry.read})
        if entry.name is None:
            return specs
        if len(specs) > 1:
            raise PlanError(
                Problem(entry.path, f"holds {len(specs)} cohorts, which cannot all be called {entry.name}", code="E705")
            )
        return [replace(specs[0], name=entry.name)]

    def treated(self) -> Treatment | None:
        """The treatment whose effect is compared by marker; None without one."""
        if self.treatment is None:
            return None
        return Treatment(self.treatment, self.treatment_reference, self.treatment_drug)

    def clinical_columns(self) -> tuple[str, ...]:
        """The clinical columns that are asked for by name, which every cohort must have."""
        treatment = () if self.treatment is None else (self.treatment,)
        return (*self.covariates, *self.stratify_by, *treatment, *self.subgroups)

    @property
    def shared_cell(self) -> int:
        """The smallest count that a shared run shows; 0 of a run that is not shared."""
        return max(SHARED_CELL, self.min_cell) if self.share else 0

    def checks(self) -> CheckOptions:
        """What stands beside the log-rank test and the hazard ratio, and when."""
        return CheckOptions(
            sparse_patients=self.sparse_patients,
            sparse_events=self.sparse_events,
            seed=self.permutation_seed,
            rmst_horizon=self.rmst_horizon,
        )

    def validates(self, cohort: str) -> bool:
        """Whether a cohort takes its cut-points from the training cohort."""
        return self.train not in (None, cohort) and cohort in (self.validate_in or (cohort,))

    def extended(self, *, read: Mapping[str, Any], signatures: Sequence[str]) -> Plan:
        """The plan with what a command line adds.

        Parameters
        ----------
        read : mapping
            Reading options: they win over the plan's and over those of its cohorts.
        signatures : sequence of str
            Ids replace the plan's; files and folders (relative to the working directory) are added to them.
        """
        paths = tuple(str(Path(item).absolute()) for item in signatures if _path(item, Path()) is not None)
        ids = tuple(item for item in signatures if _path(item, Path()) is None) or self.signatures
        cohorts = tuple(entry.model_copy(update={"read": {**entry.read, **read}}) for entry in self.cohorts)
        update = {
            "cohorts": cohorts,
            "read": {**self.read, **read},
            "signatures": ids + paths if ids else (),
            "library": self.library + paths,
        }
        return self.model_copy(update=update)

    def load_signatures(self) -> tuple[Library, list[Signature]]:
        """The library, where references and populations are looked up, and the signatures to run.

        Raises
        ------
        SignatureError
            When a file is wrong or an id unknown.
        InputOutputError
            When a file or folder cannot be read.
        """
        asked = [_path(item, self.folder) or item for item in self.signatures]
        folders = [self.folder / item for item in self.library]
        paths = [item for item in asked if isinstance(item, Path)]
        library = signature_library(paths, folders=folders)
        return library, choose_signatures(asked or None, library)

    def inputs(self) -> list[Path]:
        """Every file and folder that the plan names."""
        cohorts = [self.folder / entry.path for entry in self.cohorts]
        specs = [spec for _, spec in self.specs_or_errors() if not isinstance(spec, StrataError)]
        read = [path for spec in specs for path in spec.inputs()]
        plan = [self.file] if self.file else []
        return list(dict.fromkeys([*plan, *cohorts, *read, *self.signature_files(), *self.resource_files()]))

    def resources(self) -> Resources:
        """The gene lists, centroids and gene names that the plan points at.

        Raises
        ------
        InputOutputError, DataError
            When a file cannot be read or holds something else.
        """
        return Resources.read(
            gene_sets=[self.folder / item for item in self.gene_sets],
            centroids=[self.folder / item for item in self.centroids],
            hgnc=None if self.hgnc is None else self.folder / self.hgnc,
            min_coverage=self.min_coverage,
        )

    def resource_files(self) -> list[Path]:
        """The files of gene lists, centroids and gene names."""
        return [self.folder / item for item in (*self.gene_sets, *self.centroids, *filter(None, [self.hgnc]))]

    def signature_files(self) -> list[Path]:
        """The signature files of the user's own."""
        named = [path for item in self.signatures if (path := _path(item, self.folder)) is not None]
        places = [*named, *(self.folder / item for item in self.library)]
        return [file for place in places for file in (sorted(place.glob("*.yaml")) if place.is_dir() else [place])]


def _path(item: str, folder: Path) -> Path | None:
    """A signature file or folder, taken from ``folder``; None for an id, which a folder of its name does not hide."""
    named = "/" in item or item.endswith((".yaml", ".yml"))
    return folder / item if named or (item not in signature_library() and (folder / item).is_dir()) else None


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
    own = [Problem(document.where((key,)), f"unknown key '{key}'", code="E606") for key in _OURS if key in values]
    try:
        plan = Plan(**{**values, "folder": path.parent, "file": path})
    except ValidationError as error:
        if not own and all(detail["loc"][0] in given for detail in error.errors()):
            raise UsageError(_problems(error, None)) from error
        raise PlanError([*own, *_problems(error, document)]) from error
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
            what = "cut_search" if path[0] == "cut_search" else what
            models: dict[str, type[BaseModel]] = {"cohort": CohortEntry, "cut_search": SearchOptions}
            fields = models.get(what, Plan).model_fields
            keys = [info.alias or name for name, info in fields.items() if name not in _OURS]
            near = get_close_matches(str(path[-1]), keys, n=1)
            fix = f"Did you mean '{near[0]}'?" if near else f"A {what} has {', '.join(keys)}"
            found.append(Problem(where, f"unknown key '{path[-1]}'", fix, code="E606"))
        elif detail["type"] == "missing":
            found.append(Problem(where, "this key is missing", code="E610"))
        elif detail["type"] != "too_short" or not detail["input"]:
            # a list whose every element is wrong counts as too short as well
            found.append(Problem(where, _what(detail), code="E615"))
    return found


def _what(detail: Any) -> str:
    if detail["type"] == "value_error":
        return str(detail["msg"]).removeprefix("Value error, ")
    return f"{detail['msg'].replace('valid tuple', 'list').replace('Tuple', 'List')}, found {shown(detail['input'])}"


def characteristics(cohort: Cohort) -> list[Characteristic]:
    """The harmonised clinical columns of a cohort, which the baseline table describes."""
    names = [name for name in cohort.choices.get("harmonised", {}) if name in cohort.clinical.columns]
    return [Characteristic.of(cohort.clinical[name]) for name in names]
