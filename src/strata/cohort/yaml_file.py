"""Cohort YAML files as plain mappings of text, with the line of every key. Nothing in them is run or guessed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from strata.cohort.files import stamp
from strata.errors import PlanError, Problem, shown

__all__ = ["YamlFile", "load_yaml"]

_MAX_BYTES, _MAX_DEPTH = 1 << 20, 20
_CORE = "tag:yaml.org,2002:"


@dataclass(frozen=True)
class YamlFile:
    """A YAML document: every scalar as text, and the line of every key and item by its path."""

    path: Path
    value: Any
    lines: dict[tuple[str | int, ...], int]

    def where(self, *at: str | int) -> str:
        """File and line of a key, for messages."""
        return f"{self.path}:{self.lines.get(at, 1)}"


def load_yaml(path: Path) -> YamlFile:
    """Read a YAML file whose scalars all stay text (``NO``, ``1e5`` and ``007`` are words here).

    Raises
    ------
    InputOutputError
        When the file cannot be opened.
    PlanError
        When it is not YAML 1.2, is nested deeper than 20 levels, larger than 1 MiB, holds tags or aliases, or gives a
        key twice.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    if stamp(path).size > _MAX_BYTES:
        raise PlanError(Problem(str(path), "larger than 1 MiB", "Is this the cohort YAML?"))
    try:
        text = path.read_text(encoding="utf-8-sig")
        _check_events(path, text)
        nodes = list(YAML(typ="safe", pure=True).compose_all(text))
    except UnicodeDecodeError as error:
        raise PlanError(Problem(str(path), f"byte {error.start} is not UTF-8")) from None
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        said = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise PlanError(Problem(where, f"not valid YAML: {said}", "Quote the text")) from None
    if len(nodes) != 1 or nodes[0] is None:
        raise PlanError(Problem(str(path), "expected one mapping", "A cohort YAML begins with name:"))
    lines: dict[tuple[str | int, ...], int] = {}
    problems: list[Problem] = []
    value = _plain(nodes[0], (), lines, problems, path)
    if problems:
        raise PlanError(problems)
    return YamlFile(path, value, lines)


def _check_events(path: Path, text: str) -> None:
    from ruamel.yaml import YAML
    from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent

    depth = 0
    for event in YAML(typ="safe", pure=True).parse(text):
        line = event.start_mark.line + 1
        if isinstance(event, AliasEvent):
            raise PlanError(
                Problem(f"{path}:{line}", "YAML anchors and aliases are not allowed", "Write the value out")
            )
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise PlanError(Problem(f"{path}:{line}", f"the YAML tag {shown(tag)} is not allowed", "Leave it out"))
        depth += isinstance(event, CollectionStartEvent)
        depth -= isinstance(event, CollectionEndEvent)
        if depth > _MAX_DEPTH:
            raise PlanError(Problem(f"{path}:{line}", f"nested deeper than {_MAX_DEPTH} levels"))


def _plain(node: Any, at: tuple[str | int, ...], lines: dict[Any, int], problems: list[Problem], path: Path) -> Any:
    lines.setdefault(at, node.start_mark.line + 1)
    if node.id == "mapping":
        found: dict[str, Any] = {}
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if name in found:
                first = lines[(*at, name)]
                problems.append(Problem(f"{path}:{line}", f"key {shown(name)} is given twice (first on line {first})"))
                continue
            lines[(*at, name)] = line
            found[name] = _plain(value, (*at, name), lines, problems, path)
        return found
    if node.id == "sequence":
        return [_plain(item, (*at, i), lines, problems, path) for i, item in enumerate(node.value)]
    return None if node.tag == f"{_CORE}null" else str(node.value)
