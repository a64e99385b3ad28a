"""YAML read strictly: one mapping of plain values, with the line of every key, and nothing that can surprise.

Built on ruamel.yaml's event stream, so that depth, size, anchors and duplicate keys are refused before anything exists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)

from strata.errors import InputOutputError, Problem, StrataError, shown

KeyPath = tuple[str | int, ...]
"""Where a value is inside a document: ``("positive", "all", 0, "mrna")``."""

MAX_BYTES = 1 << 20
MAX_DEPTH = 20

# YAML 1.2's JSON numbers; 017, 1_000, 1:30 and 0x1F mean different things to different readers and stay text
_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_CONSTANTS: Mapping[str, Any] = {"": None, "~": None, "null": None, "true": True, "false": False}
_BOOLEAN_ELSEWHERE = frozenset({"yes", "no", "on", "off"})


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """A document's mapping, and the line of every key and list element in it (1-based)."""

    name: str
    value: dict[str, Any]
    lines: Mapping[KeyPath, int] = field(default_factory=dict)

    def where(self, path: KeyPath) -> str:
        """``file:line: key`` of the value at ``path``, or of the nearest thing around it."""
        known = path
        while known and known not in self.lines:
            known = known[:-1]
        line = self.lines.get(known)
        key = dotted(path)
        return ": ".join(part for part in (self.name if line is None else f"{self.name}:{line}", key) if part)


def dotted(path: KeyPath) -> str:
    """``("positive", "all", 0)`` as ``positive.all[0]``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def read_yaml(path: Path, error: type[StrataError], *, as_text: bool = False) -> YamlDocument:
    """Read the one mapping of a YAML 1.2 file.

    Parameters
    ----------
    path : Path
    error : class
        What is raised when the file is wrong: SignatureError, PlanError.
    as_text : bool
        Every scalar stays the text that was written (``1e5``, ``NO`` and ``1.0`` may be ids and event words).

    Raises
    ------
    InputOutputError
        When the file cannot be read.
    error
        When it is over 1 MiB, not UTF-8 or not valid YAML, is empty, not a mapping or more than one document, is nested
        deeper than 20 levels, or holds an anchor, alias, tag, duplicate key or a word other readers take for a boolean.
    """
    return parse_yaml(read_text(path, error), name=str(path), error=error, as_text=as_text)


def read_text(path: Path, error: type[StrataError]) -> str:
    """The text of a YAML file, which must be UTF-8 and 1 MiB at most. Raises as ``read_yaml`` does."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as wrong:
        raise InputOutputError(Problem(str(path), f"cannot be read: {wrong.strerror}", code="E100")) from wrong
    if len(raw) > MAX_BYTES:
        raise error(Problem(str(path), "larger than 1 MiB", code="E621"))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = raw[: wrong.start].count(b"\n") + 1
        raise error(Problem(f"{path}:{line}", "not UTF-8 text", "Save the file as UTF-8", code="E111")) from wrong


def parse_yaml(text: str, *, name: str, error: type[StrataError], as_text: bool = False) -> YamlDocument:
    """The one mapping of a YAML 1.2 text; ``name`` stands for the file in messages. Raises as ``read_yaml`` does."""
    builder = _Builder(text, name, error, as_text)
    try:
        value = builder.document()
    except MarkedYAMLError as wrong:
        mark = wrong.problem_mark
        where = name if mark is None else f"{name}:{mark.line + 1}:{mark.column + 1}"
        raise error(
            Problem(where, f"not valid YAML: {wrong.problem}", _syntax_fix(wrong.problem), code="E601")
        ) from wrong
    except YAMLError as wrong:
        reason = getattr(wrong, "reason", str(wrong))
        raise error(Problem(name, f"not valid YAML: {reason}", code="E601")) from wrong
    if builder.problems:
        raise error(builder.problems)
    return YamlDocument(name, value, builder.lines)


def _syntax_fix(problem: str | None) -> str:
    if problem and "mapping values" in problem:
        return "Put text that holds ': ' in quotes"
    return "Indent with spaces, not tabs" if problem and r"'\t'" in problem else ""


class _Builder:
    """Builds plain values from parse events, collecting what is wrong with them."""

    def __init__(self, text: str, name: str, error: type[StrataError], as_text: bool) -> None:
        self.name, self.error, self.as_text = name, error, as_text
        self.events: Iterator[Any] = YAML(typ="safe", pure=True).parse(text)
        self.lines: dict[KeyPath, int] = {}
        self.problems: list[Problem] = []

    def document(self) -> dict[str, Any]:
        starts = 0
        value: Any = None
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                starts += 1
                if event.version or event.tags:
                    self._refuse(event, "YAML directives (%) are not allowed", code="E602")
                if starts == 1:
                    value = self._value(next(self.events), (), 1)
                else:
                    self._refuse(event, "a second YAML document starts here", "One file holds one mapping", code="E609")
                    break
        if not self.problems and not isinstance(value, dict):
            found = {list: "a list", type(None): "nothing"}.get(type(value), "a single value")
            self.problems.append(Problem(self.name, f"expected one mapping, found {found}", code="E609"))
        return value if isinstance(value, dict) else {}

    def _value(self, event: Any, path: KeyPath, depth: int) -> Any:
        if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor):
            # whatever an alias would expand to is never built: the billion-laughs bomb stays a few bytes
            raise self.error(
                Problem(self._at(event), "YAML anchors and aliases (& *) are not allowed", "Write it out", code="E603")
            )
        if event.tag is not None:
            raise self.error(Problem(self._at(event), f"the YAML tag {shown(event.tag)} is not allowed", code="E602"))
        if isinstance(event, ScalarEvent):
            return self._scalar(event)
        if depth > MAX_DEPTH:
            raise self.error(Problem(self._at(event), f"nested deeper than {MAX_DEPTH} levels", code="E604"))
        return self._mapping(path, depth) if isinstance(event, MappingStartEvent) else self._list(path, depth)

    def _mapping(self, path: KeyPath, depth: int) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        while not isinstance(event := next(self.events), CollectionEndEvent):
            if isinstance(event, CollectionStartEvent):
                raise self.error(Problem(self._at(event), "a key must be text", code="E609"))
            self._value(event, path, depth)  # refuses anchors, tags and unquoted booleans; a key is its text
            key = str(event.value)
            first = self.lines.get((*path, key))
            if first is not None:
                self._refuse(event, f"key '{key}' is given twice (first on line {first})", code="E605")
            self.lines.setdefault((*path, key), event.start_mark.line + 1)
            mapping[key] = self._value(next(self.events), (*path, key), depth + 1)
        return mapping

    def _list(self, path: KeyPath, depth: int) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := next(self.events), CollectionEndEvent):
            here = (*path, len(values))
            self.lines[here] = event.start_mark.line + 1
            values.append(self._value(event, here, depth + 1))
        return values

    def _scalar(self, event: ScalarEvent) -> Any:
        text = str(event.value)
        if event.style is not None or (self.as_text and text not in ("", "~", "null")):
            return text
        if text.lower() in _BOOLEAN_ELSEWHERE:
            self._refuse(
                event, f"{text} without quotes is a boolean to many YAML readers", f"Quote it: '{text}'", code="E607"
            )
            return text
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if _NUMBER.fullmatch(text):
            return float(text) if any(mark in text for mark in ".eE") else int(text)
        return text

    def _at(self, event: Any) -> str:
        return f"{self.name}:{event.start_mark.line + 1}:{event.start_mark.column + 1}"

    def _refuse(self, event: Any, what: str, fix: str = "", *, code: str) -> None:
        self.problems.append(Problem(self._at(event), what, fix, code))
