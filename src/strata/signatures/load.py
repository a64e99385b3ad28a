"""Reading signature files: every problem of every file at once, with file, line and key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from strata.errors import InputOutputError, Problem, SignatureError, UsageError
from strata.signatures.faults import did_you_mean
from strata.signatures.model import Reference, Signature
from strata.signatures.parse import parse_document
from strata.signatures.shipped import shipped_folder
from strata.yaml_file import KeyPath, YamlDocument, parse_yaml, read_text

__all__ = [
    "Library",
    "Shelf",
    "SignatureFile",
    "choose_signatures",
    "load_signatures",
    "read_shelf",
    "signature_files",
    "signature_library",
    "signature_of",
]


@dataclass(frozen=True)
class SignatureFile:
    """A signature with the file it comes from, and the lines of its keys."""

    path: Path
    document: YamlDocument
    signature: Signature


@dataclass
class Shelf:
    """Signatures by id with the files they come from, and what was wrong on the way.

    Of the shipped files only those are read that are asked for: reading all takes longer than most runs.
    """

    shipped: Mapping[str, Path]
    files: dict[str, SignatureFile] = field(default_factory=dict)
    broken: dict[str, Path] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def add_all(self, path: Path) -> None:
        """Read a file, or the ``.yaml`` files of a folder."""
        found = _files_of(path)
        if not found:
            what = "no .yaml file in this folder" if path.is_dir() else "not a .yaml file"
            self.problems.append(
                Problem(str(path), what, "The name of a signature's file is its id and .yaml", code="E624")
            )
        for file in found:
            self.add(file)

    def add(self, path: Path) -> None:
        """Read one file; a second file of the same id is a problem, the same file twice is not."""
        name = path.stem
        first = self.files[name].path if name in self.files else self.broken.get(name, self.shipped.get(name, path))
        if first.resolve() != path.resolve():
            self.problems.append(
                Problem(str(path), f"'{name}' is already in {first}", "Rename one of the files", code="E611")
            )
        elif name not in self.files and name not in self.broken:
            try:
                self.files[name] = _read(path)
            except SignatureError as error:
                self.broken[name] = path
                self.problems += error.problems

    def find(self, name: str) -> SignatureFile | None:
        """The file of an id; None where there is none that could be read."""
        if name in self.files or name not in self.shipped:
            return self.files.get(name)
        return _read_shipped(self.shipped[name])


class Library(Mapping[str, Signature]):
    """Signatures by sorted id; a shipped one is read when it is asked for. ``|`` adds others or replaces them."""

    def __init__(self, shipped: Mapping[str, Path], own: Mapping[str, Signature]) -> None:
        self._shipped, self._own = shipped, own

    def __getitem__(self, name: str) -> Signature:
        return self._own[name] if name in self._own else _read_shipped(self._shipped[name]).signature

    def __iter__(self) -> Iterator[str]:
        return iter(sorted({*self._shipped, *self._own}))

    def __len__(self) -> int:
        return len({*self._shipped, *self._own})

    def __contains__(self, name: object) -> bool:
        return name in self._own or name in self._shipped

    def __or__(self, others: Mapping[str, Signature]) -> Library:
        return Library(self._shipped, {**self._own, **others})


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
    paths = [element for element in wanted or () if _is_path(element)]
    return choose_signatures(wanted, signature_library(paths, folders=folders))


def choose_signatures(ids_or_paths: str | Path | Iterable[str | Path] | None, known: Library) -> list[Signature]:
    """The signatures of a library, which holds those of the paths, sorted by id; None: all of it.

    Raises
    ------
    SignatureError
        When an id is unknown.
    """
    if ids_or_paths is None:
        return list(known.values())
    chosen: set[str] = set()
    problems: list[Problem] = []
    for element in _listed(ids_or_paths):
        if _is_path(element):
            chosen |= {path.stem for path in _files_of(Path(element))}
        elif str(element) in known:
            chosen.add(str(element))
        else:
            problems.append(Problem("", f"unknown signature '{element}'", _nearest(str(element), known), code="E616"))
    if problems:
        raise SignatureError(problems)
    return [known[name] for name in sorted(chosen)]


def signature_library(paths: Iterable[str | Path] = (), *, folders: Iterable[str | Path] = ()) -> Library:
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
    return Library(shelf.shipped, {name: file.signature for name, file in shelf.files.items()})


def signature_of(signature: Signature | str, library: Mapping[str, Signature]) -> Signature:
    """The signature itself, or the one of this id.

    Raises
    ------
    UsageError
        When the library has none of this id.
    """
    if not isinstance(signature, str):
        return signature
    if signature not in library:
        raise UsageError(
            Problem("", f"no signature '{signature}'; `strata signatures list` prints all of them", code="E616")
        )
    return library[signature]


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


def _read(path: Path) -> SignatureFile:
    return _parsed(path, read_text(path, SignatureError))


@cache
def _parsed(path: Path, text: str) -> SignatureFile:
    """A batch reads the same files for each of its cohorts; the same text is parsed once."""
    document = parse_yaml(text, name=str(path), error=SignatureError)
    return SignatureFile(path, document, parse_document(document, path.stem))


_read_shipped = cache(_read)


@cache
def _shipped(folder: Path) -> Mapping[str, Path]:
    return {path.stem: path for path in _files_of(folder)}


def read_shelf(paths: str | Path | Iterable[str | Path]) -> Shelf:
    """What is shipped and what is in ``paths``, with everything that is wrong in these, also between files.

    Raises
    ------
    InputOutputError
        When a file or folder cannot be read.
    """
    shelf = Shelf(_shipped(shipped_folder()))
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


def _files_of(path: Path) -> list[Path]:
    """A ``.yaml`` file, or those of a folder in the order of their names."""
    if not path.exists():
        raise InputOutputError(_missing(path))
    return sorted(path.glob("*.yaml")) if path.is_dir() else [path] if path.suffix == ".yaml" else []


def _missing(path: Path) -> Problem:
    return Problem(str(path), "no such file or folder", code="E101")


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
            named = shelf.find(name)
            if named is None and name not in shelf.broken:
                near = _nearest(name, {**shelf.shipped, **shelf.files})
                problems.append(Problem(where, f"unknown signature '{name}'", near, code="E616"))
            elif named is not None and named.signature.positive is None:
                problems.append(
                    Problem(
                        where, f"'{name}' does not say who is positive", "Refer to a signature that does", code="E616"
                    )
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
            problems.append(Problem(where, f"signatures refer to each other in a circle: {text}", code="E616"))
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
