"""Opening the files of a cohort: what a file is comes from its first bytes, never from its name."""

from __future__ import annotations

import codecs
import os
import stat
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from difflib import get_close_matches
from pathlib import Path
from typing import IO, Any, Literal, NamedTuple, cast

from isal import igzip, isal_zlib

from strata.cohort.options import ReadOptions, remedy
from strata.errors import DataError, InputOutputError, Problem, shown

__all__ = ["Stamp", "decode", "file_kind", "lines", "stamp"]

FileKind = Literal["text", "gzip", "parquet"]

_CHUNK = 1 << 20
_BROKEN_GZIP: tuple[type[Exception], ...] = (igzip.BadGzipFile, cast("type[Exception]", isal_zlib.error))
_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "Export the sheet as CSV (Excel changes gene names and ids)"),
    (b"BZh", "bzip2 data", "Unpack it"),
    (b"\xfd7zXZ\x00", "xz data", "Unpack it"),
    (b"version https://git-lfs", "a Git LFS pointer, not the table", "Run git lfs pull in its repository"),
    (b"%PDF", "a PDF document", "Give the table itself"),
    (b"\x89HDF", "an HDF5 file", "Export the table as TSV or Parquet"),
)


class Stamp(NamedTuple):
    """Size and time of a file, to notice that it was replaced while it was read."""

    size: int
    modified: int


def stamp(path: Path) -> Stamp:
    """Check that ``path`` is a file that can be opened, and take its size and time.

    Raises
    ------
    InputOutputError
        When it is missing (with the closest name beside it), a folder, a pipe or device, a loop of links, or closed
        to this user.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        raise InputOutputError(
            Problem(str(path), f"no such file (working directory {Path.cwd()})", _near(path))
        ) from None
    except OSError as error:
        raise InputOutputError(Problem(str(path), (error.strerror or str(error)).lower())) from None
    if stat.S_ISDIR(found.st_mode):
        raise InputOutputError(Problem(str(path), "is a directory", "Give the table inside it"))
    if not stat.S_ISREG(found.st_mode):
        raise InputOutputError(Problem(str(path), "not a regular file (a pipe or device)", "Save it as a file first"))
    if not os.access(path, os.R_OK):
        mode = stat.filemode(found.st_mode)
        raise InputOutputError(Problem(str(path), f"permission denied (mode {mode}, owner {found.st_uid})"))
    return Stamp(found.st_size, found.st_mtime_ns)


def _near(path: Path) -> str:
    try:
        beside = [item.name for item in path.parent.iterdir()]
    except OSError:
        return f"The folder {path.parent} does not exist or cannot be read"
    near = get_close_matches(path.name, beside, n=1, cutoff=0.5)
    return f"Did you mean {near[0]!r}?" if near else ""


def file_kind(path: Path, options: ReadOptions) -> FileKind:
    """Text, gzip or Parquet, by the first bytes.

    Raises
    ------
    InputOutputError
        As :func:`stamp`.
    DataError
        When the file is empty or is something else than a table.
    """
    size = stamp(path).size
    if size == 0:
        raise DataError(Problem(str(path), "the file is empty (0 bytes)"))
    with path.open("rb") as file:
        head = file.read(1024)
        file.seek(max(0, size - 4))
        tail = file.read(4)
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith(b"PAR1"):
        if tail != b"PAR1":
            what = "not a complete Parquet file (the footer is missing)"
            raise DataError(Problem(str(path), what, "Write or download it again"))
        return "parquet"
    if path.suffix.lower() in {".parquet", ".pq"}:
        raise DataError(
            Problem(str(path), "the content is not Parquet although the name says so", "Rename or convert it")
        )
    _refuse_foreign(path, head, size, options)
    return "text"


def _refuse_foreign(path: Path, head: bytes, size: int, options: ReadOptions) -> None:
    if head.startswith(b"PK\x03\x04"):
        raise DataError(_zip_problem(path, head))
    for signature, what, fix in _SIGNATURES:
        if head.startswith(signature):
            raise DataError(Problem(str(path), f"{what} ({size:,} bytes)", fix))
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        start = shown(head[:20].decode("utf-8", "replace"), limit=40)
        raise DataError(
            Problem(str(path), f"looks like a web page, not a table (it starts with {start})", "Download it again")
        )
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) and "16" not in options.encoding:
        raise DataError(Problem(str(path), "UTF-16 text", f"Save it as UTF-8, or {remedy('encoding', 'utf-16')}"))


def _zip_problem(path: Path, head: bytes) -> Problem:
    import zipfile

    if b"[Content_Types].xml" in head or path.suffix.lower() in {".xlsx", ".xlsm"}:
        return Problem(str(path), "an Excel workbook", "Export the sheet as CSV (Excel changes gene names and ids)")
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile:
        return Problem(str(path), "a damaged zip archive", "Download it again")
    members = ", ".join(shown(name) for name in names[:5])
    outside = any(".." in Path(name).parts or name.startswith("/") for name in names)
    what = f"a zip archive with {len(names)} {'member' if len(names) == 1 else 'members'} ({members})"
    return Problem(
        str(path), what + (", one of which leaves the archive" if outside else ""), "Unpack it and name the file"
    )


def lines(path: Path, options: ReadOptions) -> Iterator[tuple[int, bytes]]:
    """Every line of a text file with its number from 1, as UTF-8 bytes without its end.

    Lines end with LF, CRLF or CR. A byte order mark is removed. Other encodings are turned into UTF-8.

    Raises
    ------
    DataError
        When the gzip stream is damaged, or the file holds a NUL byte.
    InputOutputError
        When a line or the file is longer than ``max_line_bytes`` and ``max_bytes`` allow.
    """
    kind = file_kind(path, options)
    number = 0
    with closing(_chunks(path, kind, options)) as chunks:
        rest = b""
        for chunk in chunks:
            parts = (rest + chunk).splitlines(keepends=True)
            # the last part may go on in the next chunk, and a CR at the very end may be half of a CRLF
            rest = parts.pop() if parts else b""
            _check_length(path, number + 1, max((len(part) for part in parts), default=0), options)
            _check_length(path, number + 1 + len(parts), len(rest), options)
            for part in parts:
                number += 1
                yield number, _clean(path, number, part)
        if rest:
            yield number + 1, _clean(path, number + 1, rest)


def _clean(path: Path, number: int, line: bytes) -> bytes:
    if number == 1 and line.startswith(b"\xef\xbb\xbf"):
        line = line[3:]
    if b"\0" in line:
        offset = line.index(b"\0")
        column = line[:offset].count(b"\t" if b"\t" in line else b",") + 1
        raise DataError(Problem(f"{path}:{number}: field {column}", "a NUL byte", "The file is binary or damaged"))
    return line.rstrip(b"\r\n")


def _check_length(path: Path, number: int, length: int, options: ReadOptions) -> None:
    if length > options.max_line_bytes:
        what = f"a line is longer than {options.max_line_bytes:,} bytes"
        raise InputOutputError(
            Problem(
                f"{path}: from line {number}",
                what,
                f"If that is right, {_more('max_line_bytes', options)}",
            )
        )


def _more(limit: str, options: ReadOptions) -> str:
    return remedy(limit, str(16 * getattr(options, limit)))


def _open(path: Path, kind: FileKind) -> IO[bytes]:
    opened: Any = igzip.open if kind == "gzip" else open
    return cast("IO[bytes]", opened(path, "rb"))


def _chunks(path: Path, kind: FileKind, options: ReadOptions) -> Generator[bytes, None, None]:
    utf8 = options.encoding.lower().replace("_", "-") in {"utf-8", "utf8", "utf-8-sig", "ascii"}
    decoder = None if utf8 else _decoder(options.encoding)
    total = 0
    with _open(path, kind) as file:
        while True:
            try:
                chunk = file.read(_CHUNK)
            except EOFError:
                what = f"the gzip stream ends early, after {total:,} bytes of text"
                raise DataError(Problem(str(path), what, "Download it again")) from None
            except _BROKEN_GZIP as error:
                raise DataError(Problem(str(path), f"damaged gzip data ({error})", "Download it again")) from None
            if not chunk:
                return
            total += len(chunk)
            if total > options.max_bytes:
                what = f"expands past {options.max_bytes:,} bytes"
                raise InputOutputError(Problem(str(path), what, f"If that is right, {_more('max_bytes', options)}"))
            yield decoder(path, chunk) if decoder else chunk


def _decoder(encoding: str) -> Callable[[Path, bytes], bytes]:
    incremental = codecs.getincrementaldecoder(encoding)()

    def decode_chunk(path: Path, chunk: bytes) -> bytes:
        try:
            return incremental.decode(chunk).encode()
        except UnicodeDecodeError as error:
            what = f"byte 0x{error.object[error.start]:02x} is not {encoding}"
            raise DataError(
                Problem(str(path), what, "Give the right encoding, such as " + remedy("encoding", "latin-1"))
            ) from None

    return decode_chunk


def decode(path: Path, number: int, line: bytes) -> str:
    """One line as text.

    Raises
    ------
    DataError
        When it is not UTF-8: the byte, its line and its place in the line.
    """
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        what = f"byte 0x{line[error.start]:02x} at byte {error.start} of the line is not UTF-8"
        fix = f"Save it as UTF-8, or {remedy('encoding', 'latin-1')}"
        raise DataError(Problem(f"{path}:{number}", what, fix)) from None
