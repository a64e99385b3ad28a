"""Small text files (gene lists, centroids) read whole: plain or gzip by their first bytes, UTF-8, any line end."""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from strata.errors import DataError, InputOutputError, Problem

__all__ = ["fields_of", "number_of", "plain_name", "read_each", "text_lines"]

T = TypeVar("T")

MAX_BYTES = 1 << 28

_FOREIGN: tuple[tuple[bytes, str, str, str], ...] = (
    (b"PK\x03\x04", "a zip archive or an Excel workbook", "Unpack it, or export the sheet as CSV", "E117"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "Export the sheet as CSV", "E123"),
    (b"BZh", "bzip2 data", "Unpack it", "E129"),
    (b"\xfd7zXZ\x00", "xz data", "Unpack it", "E129"),
    (b"version https://git-lfs", "a Git LFS pointer, not the file", "Run git lfs pull in its repository", "E125"),
    (b"<", "a web page or XML, not a text table", "Download the file itself", "E124"),
    (b"\xff\xfe", "UTF-16 text", "Save it as UTF-8", "E110"),
    (b"\xfe\xff", "UTF-16 text", "Save it as UTF-8", "E110"),
    (b"RDX", "R data", "Write it as a TSV in R", "E129"),
)

_CONTROL = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")


def read_each(paths: Iterable[str | Path], read: Callable[[Path], T]) -> list[T]:
    """What ``read`` makes of every file; a file that is given twice is read once.

    Raises
    ------
    InputOutputError, DataError
        With the problems of all files; the first when one of them could not be read.
    """
    found: list[T] = []
    problems: list[Problem] = []
    error: type[DataError] | type[InputOutputError] = DataError
    for path in dict.fromkeys(Path(path) for path in paths):
        try:
            found.append(read(path))
        except InputOutputError as wrong:
            error = InputOutputError
            problems += wrong.problems
        except DataError as wrong:
            problems += wrong.problems
    if problems:
        raise error(problems)
    return found


def plain_name(path: Path) -> Path:
    """``path`` without ``.gz``: what its suffix says about the content."""
    return path.with_suffix("") if path.suffix.lower() == ".gz" else path


def text_lines(path: Path) -> list[tuple[int, str]]:
    """The lines of a file with their numbers from 1: without blank lines, comments (#), line ends, a byte order mark.

    Raises
    ------
    InputOutputError
        When the file cannot be read.
    DataError
        When it is empty, larger than 256 MiB, damaged, not UTF-8, or something else than text.
    """
    raw = _content(path)
    for start, *problem in _FOREIGN:
        if raw.lstrip().startswith(start):
            raise DataError(Problem(str(path), *problem))
    found: list[tuple[int, str]] = []
    problems: list[Problem] = []
    for number, line in enumerate(raw.removeprefix(b"\xef\xbb\xbf").splitlines(), start=1):
        if control := _CONTROL.search(line):
            what = f"the control character 0x{control[0].hex()}"
            raise DataError(Problem(f"{path}:{number}", what, "The file is binary or damaged", code="E112"))
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            byte = f"byte 0x{line[error.start]:02x} is not UTF-8"
            problems.append(Problem(f"{path}:{number}", byte, "Save the file as UTF-8", code="E111"))
            continue
        if text.strip() and not text.startswith("#"):
            found.append((number, text))
    if problems:
        raise DataError(problems)
    if not found:
        raise DataError(
            Problem(str(path), "the file is empty" if not raw else "nothing but blank lines and comments", code="E104")
        )
    return found


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        with gzip.open(path) if packed else path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(Problem(str(path), f"damaged gzip data ({error})", "Download it again", code="E114")) from error
    except OSError as error:
        raise InputOutputError(Problem(str(path), f"cannot be read: {error.strerror or error}", code="E100")) from error
    if len(raw) > MAX_BYTES:
        raise DataError(
            Problem(str(path), f"more than {MAX_BYTES:,} bytes of text", "Is this the right file?", code="E119")
        )
    return raw


def fields_of(path: Path, lines: list[tuple[int, str]]) -> Iterator[tuple[int, list[str]]]:
    """The trimmed cells of each line of a table with a header; tabs separate where the header has one, else commas.

    Raises
    ------
    DataError
        When a quote is never closed.
    """
    separator = "\t" if "\t" in lines[0][1] else ","
    for number, line in lines:
        try:
            yield number, [cell.strip() for cell in next(csv.reader([line], delimiter=separator, strict=True))]
        except csv.Error as error:
            what = f"a quote in this line is never closed or is misplaced ({error})"
            raise DataError(Problem(f"{path}:{number}", what, code="E206")) from error


def number_of(cell: str) -> float | None:
    """A cell as a finite number, None where it is none."""
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if abs(number) < float("inf") and "_" not in cell else None
