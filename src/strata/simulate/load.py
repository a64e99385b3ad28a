"""From a scenario file to a scenario, with file and line in every error."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from strata.errors import PlanError, Problem, shown
from strata.simulate import scenario as models
from strata.simulate.checks import cross_check
from strata.simulate.scenario import Scenario
from strata.yaml_file import YamlDocument, read_yaml

__all__ = ["load_scenario", "shipped_scenarios", "synthetic_folder"]


def synthetic_folder() -> Path:
    """The folder of the shipped scenarios and the cohorts made from them: in the wheel, else in the checkout."""
    package = Path(str(resources.files("strata")))
    installed = package / "_data" / "synthetic"
    return installed if installed.is_dir() else package.parents[1] / "synthetic"


def shipped_scenarios() -> dict[str, Path]:
    """The scenarios that come with strata: name to file, by name."""
    return {path.stem: path for path in sorted((synthetic_folder() / "scenarios").glob("*.yaml"))}


def load_scenario(name_or_path: str | Path) -> Scenario:
    """Read a scenario.

    Parameters
    ----------
    name_or_path : str or Path
        The name of a shipped scenario (``"figure2-breast"``) or a scenario file.

    Raises
    ------
    PlanError
        When there is no such scenario, or the file says what a scenario cannot say; every problem, with its line.
    InputOutputError
        When the file cannot be read.
    """
    document = read_yaml(_find(name_or_path), PlanError)
    try:
        scenario = Scenario.model_validate(_plain(document.value))
    except ValidationError as error:
        raise PlanError(_problem(document, detail) for detail in error.errors()) from error
    findings = cross_check(scenario)
    if findings:
        raise PlanError(Problem(document.where(place), what, fix, code="E640") for place, what, fix in findings)
    return scenario


def _find(name_or_path: str | Path) -> Path:
    path = Path(name_or_path)
    if isinstance(name_or_path, Path) or path.suffix in (".yaml", ".yml") or len(path.parts) > 1:
        return path
    shipped = shipped_scenarios()
    if path.name not in shipped:
        close = get_close_matches(path.name, shipped, n=1)
        hint = f"Did you mean {close[0]}?" if close else "Name one of those, or a .yaml file"
        raise PlanError(
            Problem("scenario", f"no scenario {shown(path.name)}; there are {', '.join(shipped)}", hint, code="E101")
        )
    return shipped[path.name]


def _plain(node: Any) -> Any:
    """Lists as the tuples that the strict models want."""
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items()}
    return tuple(_plain(value) for value in node) if isinstance(node, list) else node


def _problem(document: YamlDocument, detail: Any) -> Problem:
    where = document.where(detail["loc"])
    if detail["type"] == "extra_forbidden":
        key = str(detail["loc"][-1])
        close = get_close_matches(key, sorted(_vocabulary()), n=1)
        hint = "" if not close else "It belongs elsewhere" if close[0] == key else f"Did you mean {close[0]!r}?"
        return Problem(where, f"unknown key {shown(key)}", hint, code="E640")
    if detail["type"] == "missing":
        return Problem(where, "this key is missing", code="E640")
    found = "" if isinstance(detail["input"], dict | tuple) else f"; found {shown(detail['input'])}"
    return Problem(where, detail["msg"].removeprefix("Value error, ") + found, code="E640")


def _vocabulary() -> set[str]:
    parts = [part for part in vars(models).values() if isinstance(part, type) and issubclass(part, BaseModel)]
    return {field.alias or name for part in parts for name, field in part.model_fields.items()}
