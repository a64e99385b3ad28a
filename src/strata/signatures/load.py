"""Reading signature files: every problem of every file at once, with file, line and key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from strata.errors import InputOutputError, Problem, SignatureError
from strata.signatures.faults import did_you_mean
from strata.signatures.model import Reference, Signature
from strata.signatures.parse import parse_document
from strata.signatures.shipped import shipped_folder
from strata.yaml_file import KeyPath, YamlDocument, read_yaml

__all__ = ["Shelf", "SignatureFile", "load_signatures", "read_shelf", "signature_files", "signature_library"]


@dataclass(frozen=True)
class SignatureFile:
    """A signature with the file it comes from, and the lines of its keys."""

    path: Path
    document: YamlDocument
    signature: Signature


@dataclass
class Shelf:
    """Signatures by id with the files they come from, and what was wrong on the way."""

    files: dict[str, SignatureFile] = field(default_factory=dict)
    broken: dict[str, Path] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def add_all(self, path: Path) -> None:
        """Read a file, or the ``.yaml`` files of a folder."""
        found = _files_of(path)
        if not found:
            what = "no .yaml file in this folder" if path.is_dir() else "not a .yaml file"
            self.problems.append(Problem(str(path), what, "The name of a signature's file is its id and .yaml"))
        for file in found:
            self.add(file)

    def add(self, path: Path) -> None:
        """Read one file; a second file of the same id is a problem, the same file twice is not."""
        first = self.files[path.stem].path if path.stem in self.files else self.broken.get(path.stem)
        if first is not None:
            if first.resolve() != path.resolve():
                self.problems.append(
                    Problem(str(path), f"'{path.stem}' is already in {first}", "Rename one of the files")
                )
            return
        try:
            document = read_yaml(path, SignatureError)
            self.files[path.stem] = SignatureFile(path, document, parse_document(document, path.stem))
        except SignatureError as error:
            self.broken[path.stem] = path
            self.problems += error.problems


def load_signatures(
    ids_or_paths: str | Path | Iterable[str | Path] | None = None, *, folders: Iterable[str | Path] = ()
) -> list[Signature]:
    """Signatures, sorted by id.

    Parameters
    ----------
    ids_or_paths : str, Path or iterable of them, optional
        Ids, signature files or folders of them. None: everything that is shipped or in ``folders``.
    folders : iterable of path
        Folders of your own signatures, beside the shipped ones.

    Raises
    ------
    SignatureError
        When an id is unknown, a file is wrong, two files have one id, or a reference leads nowhere or in a circle.
    InputOutputError
        When a file or folder cannot be read.
    """
    wanted = None if ids_or_paths is None else _listed(ids_or_paths)
    known = signature_library(_paths(wanted or ()), folders=folders)
    if wanted is None:
        return list(known.values())
    chosen: set[str] = set()
    problems: list[Problem] = []
    for element in wanted:
        if _is_path(element):
            chosen |= {path.stem for path in _files_of(Path(element))}
        elif str(element) in known:
            chosen.add(str(element))
        else:
            problems.append(Problem("", f"unknown signature '{element}'", _nearest(str(element), known)))
    if problems:
        raise SignatureError(problems)
    return [known[name] for name in sorted(chosen)]


def signature_library(paths: Iterable[str | Path] = (), *, folders: Iterable[str | Path] = ()) -> dict[str, Signature]:
    """Everything that ``{signature: id}`` may name, by sorted id: what is shipped, in ``paths`` and in ``folders``.

    Raises
    ------
    SignatureError
        When a file is wrong, two files have one id, or a reference leads nowhere or in a circle.
    InputOutputError
        When a file or folder cannot be read.
    """
    shelf = read_shelf([*_listed(paths), *_listed(folders)])
    if shelf.problems:
        raise SignatureError(shelf.problems)
    return {name: shelf.files[name].signature for name in sorted(shelf.files)}


def signature_files(paths: str | Path | Iterable[str | Path] = ()) -> list[Path]:
    """The ``.yaml`` files among ``paths`` and in the folders among them, each once; without paths, the shipped ones.

    Raises
    ------
    InputOutputError
        For every path that is not there.
    """
    listed = [Path(path) for path in _listed(paths)] or [shipped_folder()]
    missing = [path for path in listed if not path.exists()]
    if missing:
        raise InputOutputError([_missing(path) for path in missing])
    return list(dict.fromkeys(file for path in listed for file in _files_of(path)))


@cache
def _shipped(folder: Path) -> Shelf:
    shelf = Shelf()
    shelf.add_all(folder)
    return shelf


def read_shelf(paths: str | Path | Iterable[str | Path]) -> Shelf:
    """What is shipped and what is in ``paths``, with everything that is wrong, also between files.

    Raises
    ------
    InputOutputError
        When a file or folder cannot be read.
    """
    shipped = _shipped(shipped_folder())
    shelf = Shelf(dict(shipped.files), dict(shipped.broken), list(shipped.problems))
    for path in _listed(paths):
        shelf.add_all(Path(path))
    shelf.problems += _unknown_references(shelf)
    shelf.problems += _cycles(shelf)
    return shelf


def _listed(elements: str | Path | Iterable[str | Path]) -> list[str | Path]:
    return [elements] if isinstance(elements, (str, Path)) else list(elements)


def _is_path(element: str | Path) -> bool:
    text = str(element)
    return isinstance(element, Path) or "/" in text or "\\" in text or text.endswith((".yaml", ".yml"))


def _paths(elements: Iterable[str | Path]) -> list[str | Path]:
    return [element for element in elements if _is_path(element)]


def _files_of(path: Path) -> list[Path]:
    """A ``.yaml`` file, or those of a folder in the order of their names."""
    if not path.exists():
        raise InputOutputError(_missing(path))
    return sorted(path.glob("*.yaml")) if path.is_dir() else [path] if path.suffix == ".yaml" else []


def _missing(path: Path) -> Problem:
    return Problem(str(path), "no such file or folder")


def _references(data: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, str]]:
    """Where a document says ``{signature: id}``."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            if key == "signature" and isinstance(value, str):
                yield (*path, key), value
            elif path or key != "claims":
                yield from _references(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _references(value, (*path, index))


def _unknown_references(shelf: Shelf) -> list[Problem]:
    problems: list[Problem] = []
    for file in shelf.files.values():
        for path, name in _references(file.document.value):
            where = file.document.where(path)
            if name not in shelf.files and name not in shelf.broken:
                problems.append(Problem(where, f"unknown signature '{name}'", _nearest(name, shelf.files)))
            elif name in shelf.files and shelf.files[name].signature.positive is None:
                problems.append(
                    Problem(where, f"'{name}' does not say who is positive", "Refer to a signature that does")
                )
    return problems


def _nearest(name: str, known: Iterable[str]) -> str:
    hint = did_you_mean(name, known)
    return hint if hint.startswith("Did") else "`strata signatures list` shows the ids"


def _cycles(shelf: Shelf) -> list[Problem]:
    """Circles of references through ``positive``, each told once, from its alphabetically first member."""
    to = {name: _named(file.signature) for name, file in shelf.files.items()}
    problems = []
    for start in sorted(to):
        circle = _circle(start, to)
        if circle:
            text = " -> ".join(f"'{name}'" for name in circle)
            where = shelf.files[start].document.where(("positive",))
            problems.append(Problem(where, f"signatures refer to each other in a circle: {text}"))
    return problems


def _named(signature: Signature) -> list[str]:
    nodes = () if signature.positive is None else signature.positive.walk()
    return [node.signature for node in nodes if isinstance(node, Reference)]


def _circle(start: str, to: Mapping[str, list[str]]) -> list[str]:
    """The shortest way from ``start`` back to itself by names that do not sort before it; empty when there is none."""
    ways = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        for name in to.get(way[-1], ()):
            if name == start:
                return [*way, start]
            if name > start and name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []
