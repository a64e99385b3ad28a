"""From a scenario file to a scenario, with file and line in every error."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from strata.errors import InputOutputError, PlanError, Problem, shown
from strata.simulate import scenario as models
from strata.simulate.checks import cross_check
from strata.simulate.scenario import Scenario

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
    path = _find(name_or_path)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputOutputError(Problem(str(path), f"cannot be read: {error.strerror}")) from error
    except UnicodeDecodeError as error:
        raise PlanError(Problem(str(path), f"is not UTF-8 text (byte {error.start})", "Save it as UTF-8")) from error
    tree = _parse(path, text)
    try:
        scenario = Scenario.model_validate(_plain(tree))
    except ValidationError as error:
        raise PlanError(_problem(path, tree, detail) for detail in error.errors()) from error
    findings = cross_check(scenario)
    if findings:
        raise PlanError(Problem(_where(path, tree, place), what, fix) for place, what, fix in findings)
    return scenario


def _find(name_or_path: str | Path) -> Path:
    path = Path(name_or_path)
    if isinstance(name_or_path, Path) or path.suffix in (".yaml", ".yml") or len(path.parts) > 1:
        return path
    shipped = shipped_scenarios()
    if path.name not in shipped:
        close = get_close_matches(path.name, shipped, n=1)
        hint = f"Did you mean {close[0]}?" if close else "Name one of those, or a .yaml file"
        raise PlanError(Problem("scenario", f"no scenario {shown(path.name)}; there are {', '.join(shipped)}", hint))
    return shipped[path.name]


def _parse(path: Path, text: str) -> CommentedMap:
    try:
        tree = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = "" if mark is None else f":{mark.line + 1}"
        raise PlanError(Problem(f"{path}{line}", f"is not YAML: {error.problem}")) from error
    except RecursionError as error:
        raise PlanError(Problem(str(path), "is nested too deeply to be a scenario")) from error
    except YAMLError as error:
        raise PlanError(Problem(str(path), f"is not YAML: {error}")) from error
    if not isinstance(tree, CommentedMap):
        raise PlanError(Problem(str(path), "holds no keys", "Start from a scenario in synthetic/scenarios/"))
    return tree


def _plain(node: Any) -> Any:
    """The tree without its positions; lists become tuples, which the strict models want."""
    if isinstance(node, CommentedMap):
        return {key: _plain(value) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        return tuple(_plain(value) for value in node)
    return node


def _where(path: Path, tree: CommentedMap, place: tuple[str | int, ...]) -> str:
    """``file:line: a.b.c``, the line being that of the last part that is in the file."""
    line, node = 0, tree
    for part in place:
        if isinstance(node, CommentedMap) and part in node:
            line = node.lc.key(part)[0]
        elif isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node):
            line = node.lc.item(part)[0]
        else:
            break
        node = node[part]
    return f"{path}:{line + 1}: {'.'.join(str(part) for part in place)}".removesuffix(": ")


def _problem(path: Path, tree: CommentedMap, detail: Any) -> Problem:
    where = _where(path, tree, detail["loc"])
    if detail["type"] == "extra_forbidden":
        key = str(detail["loc"][-1])
        close = get_close_matches(key, sorted(_vocabulary()), n=1)
        hint = "" if not close else "It belongs elsewhere" if close[0] == key else f"Did you mean {close[0]!r}?"
        return Problem(where, f"unknown key {shown(key)}", hint)
    if detail["type"] == "missing":
        return Problem(where, "this key is missing")
    found = "" if isinstance(detail["input"], dict | tuple) else f"; found {shown(detail['input'])}"
    return Problem(where, detail["msg"].removeprefix("Value error, ") + found)


def _vocabulary() -> set[str]:
    parts = [part for part in vars(models).values() if isinstance(part, type) and issubclass(part, BaseModel)]
    return {field.alias or name for part in parts for name, field in part.model_fields.items()}
