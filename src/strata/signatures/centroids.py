"""Class centroids from the tables a user points at: genes in rows, the classes of one scheme in columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from strata.errors import DataError, Problem, shown
from strata.signatures.class_labels import Scheme, class_of, schemes
from strata.text_file import fields_of, number_of, read_each, text_lines

__all__ = ["Centroids", "missing_centroids", "read_centroids"]


@dataclass(frozen=True, eq=False)
class Centroids:
    """The centroids of a scheme's classes.

    Parameters
    ----------
    scheme : str
        ``pam50``, ``tnbctype``.
    genes : tuple of str
        As the file writes them (symbols, Entrez ids), in its order.
    classes : tuple of str
        As signatures write them, in the order of ``schemes()``, whatever the order of the columns.
    values : array of shape (n_genes, n_classes)
        In the units of the file; none is missing.
    source : Path
        The file.
    """

    scheme: str
    genes: tuple[str, ...]
    classes: tuple[str, ...]
    values: npt.NDArray[np.float64]
    source: Path


def read_centroids(paths: Iterable[str | Path]) -> dict[str, Centroids]:
    """The centroids of some files by scheme, which the names of the columns tell (genefu's ``pam50$centroids``).

    A file is a TSV or CSV, maybe gzip, with genes in its first column; the header may leave that column out, as R does.

    Raises
    ------
    InputOutputError
        When a file cannot be read.
    DataError
        For everything that is wrong in all files: a column that is no class, a class without a column or with two, a
        gene twice, a cell that is no number, two files for one scheme.
    """
    found: dict[str, Centroids] = {}
    problems: list[Problem] = []
    for read in read_each(paths, _centroids):
        if (first := found.setdefault(read.scheme, read)) is not read:
            what = f"centroids of {read.scheme} are in {first.source} too"
            problems.append(Problem(str(read.source), what, "Give one of the files", code="E622"))
    if problems:
        raise DataError(problems)
    return found


def missing_centroids(scheme: str) -> str:
    """What a signature lacks without centroids of ``scheme``, and what to give."""
    known = schemes()[scheme]
    classes = ", ".join(known.required)
    return f"needs centroids of {scheme}: pass --centroids FILE (genes x classes: {classes}; {known.source})"


def _centroids(path: Path) -> Centroids:
    (header_line, header), *rows = fields_of(path, text_lines(path))
    if rows and len(header) == len(rows[0][1]) - 1:
        header = ["", *header]
    scheme = max(schemes().values(), key=lambda scheme: len(_columns(scheme, header)))
    problems = _header_problems(f"{path}:{header_line}", header, scheme)
    values: list[list[float]] = []
    lines: dict[str, int] = {}
    for line, cells in rows:
        problems += _row_problems(f"{path}:{line}", header, cells, lines)
        lines.setdefault(cells[0], line)
        values.append([number_of(cell) or 0.0 for cell in cells[1:]])
    if not rows:
        problems.append(Problem(str(path), "a header and no genes", code="E622"))
    if problems:
        raise DataError(problems)
    columns = _columns(scheme, header)
    classes = tuple(name for name in scheme.classes if name in columns)
    matrix = np.array(values)[:, [columns[name] - 1 for name in classes]]
    return Centroids(scheme.name, tuple(lines), classes, matrix, path)


def _columns(scheme: Scheme, header: Sequence[str]) -> dict[str, int]:
    """Where the header has which class."""
    places = {class_of(scheme.name, label): at for at, label in enumerate(header) if at}
    return {name: at for name, at in places.items() if name is not None}


def _header_problems(where: str, header: Sequence[str], scheme: Scheme) -> list[Problem]:
    columns = _columns(scheme, header)
    if not columns:
        known = "; ".join(f"{name}: {', '.join(scheme.classes)}" for name, scheme in schemes().items())
        what = f"no column is a class ({', '.join(map(shown, header[1:6]))})"
        return [Problem(where, what, f"Genes are rows, classes are columns ({known})", code="E622")]
    problems: list[Problem] = []
    labels = [(label, class_of(scheme.name, label)) for label in header[1:]]
    for label, name in labels:
        if name is None:
            fix = f"Its classes are {', '.join(scheme.classes)}; leave other columns out"
            problems.append(Problem(where, f"column {shown(label)} is no class of {scheme.name}", fix, code="E622"))
    for name in scheme.classes:
        same = [label for label, found in labels if found == name]
        if len(same) > 1:
            problems.append(
                Problem(where, f"class {name} has {len(same)} columns: {', '.join(same)}", "Keep one", code="E622")
            )
        if not same and name in scheme.required:
            problems.append(
                Problem(where, f"class {name} of {scheme.name} has no column", "Give every class", code="E622")
            )
    return problems


def _row_problems(where: str, header: Sequence[str], cells: Sequence[str], lines: dict[str, int]) -> list[Problem]:
    if len(cells) != len(header):
        return [
            Problem(where, f"{len(cells)} cells, the header has {len(header)}", "Export the table again", code="E622")
        ]
    problems: list[Problem] = []
    if not cells[0]:
        problems.append(Problem(where, "a row without the name of a gene", "Name it or leave it out", code="E622"))
    elif cells[0] in lines:
        what = f"gene {shown(cells[0])} is here and on line {lines[cells[0]]}"
        problems.append(Problem(where, what, "Keep one row", code="E622"))
    for label, cell in zip(header[1:], cells[1:], strict=True):
        if number_of(cell) is None:
            what = f"{shown(cell)} is not a number"
            problems.append(
                Problem(f"{where}: column '{label}'", what, "Every gene needs a value in every class", code="E622")
            )
    return problems
