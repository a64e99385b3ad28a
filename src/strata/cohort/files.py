"""Opening the files of a cohort: what a file is comes from its first bytes, never from its name."""

from __future__ import annotations

import codecs
import errno
import os
import stat
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

from isal import igzip, isal_zlib

from strata.cohort.options import ReadOptions, remedy
from strata.errors import DataError, InputOutputError, Problem, shown

__all__ = [
    "ARROW",
    "Block",
    "Stamp",
    "blocks",
    "changed",
    "check_unchanged",
    "chunks_of",
    "decode",
    "file_kind",
    "is_plain",
    "lines",
    "stamp",
]

FileKind = Literal["text", "gzip", "parquet", "feather"]

ARROW = frozenset({"parquet", "feather"})
"""The kinds of files that hold typed columns, which pyarrow reads."""

_CHUNK = 1 << 20

_MARK = b"\xef\xbb\xbf"
_UTF8 = frozenset({"utf-8", "utf8", "utf-8-sig", "ascii"})
_BROKEN_GZIP: tuple[type[Exception], ...] = (igzip.BadGzipFile, cast("type[Exception]", isal_zlib.error))
_SIGNATURES: tuple[tuple[bytes, str, str, str], ...] = (
    (
        b"\xd0\xcf\x11\xe0",
        "an old Excel workbook",
        "Export the sheet as CSV (Excel changes gene names and ids)",
        "E123",
    ),
    (b"BZh", "bzip2 data", "Unpack it", "E129"),
    (b"\xfd7zXZ\x00", "xz data", "Unpack it", "E129"),
    (b"version https://git-lfs", "a Git LFS pointer, not the table", "Run git lfs pull in its repository", "E125"),
    (b"%PDF", "a PDF document", "Give the table itself", "E129"),
    (b"\x89HDF", "an HDF5 file", "An .h5ad file takes layout h5ad; export another table as TSV or Parquet", "E129"),
    (b"FEA1", "a Feather file of version 1", "Write it again as version 2, the default for years", "E129"),
)
_ARROW_KINDS: tuple[tuple[FileKind, str, bytes, frozenset[str]], ...] = (
    ("parquet", "Parquet", b"PAR1", frozenset({".parquet", ".pq"})),
    ("feather", "Feather", b"ARROW1", frozenset({".feather", ".arrow", ".ipc"})),
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
            Problem(str(path), f"no such file (working directory {Path.cwd()})", _near(path), code="E101")
        ) from None
    except ValueError:
        what = f"{shown(path.name)} cannot be the name of a file"
        raise InputOutputError(Problem(str(path.parent), what, code="E101")) from None
    except OSError as error:
        raise InputOutputError(
            Problem(
                str(path), (error.strerror or str(error)).lower(), code="E127" if error.errno == errno.ELOOP else "E100"
            )
        ) from None
    if stat.S_ISDIR(found.st_mode):
        raise InputOutputError(Problem(str(path), "is a directory", "Give the table inside it", code="E102"))
    if not stat.S_ISREG(found.st_mode):
        raise InputOutputError(
            Problem(str(path), "not a regular file (a pipe or device)", "Save it as a file first", code="E126")
        )
    if not os.access(path, os.R_OK):
        mode = stat.filemode(found.st_mode)
        raise InputOutputError(
            Problem(str(path), f"permission denied (mode {mode}, owner {found.st_uid})", code="E103")
        )
    return Stamp(found.st_size, found.st_mtime_ns)


def check_unchanged(path: Path, marked: Stamp) -> None:
    """Refuse a file that was replaced after it was opened.

    Raises
    ------
    InputOutputError
        When its size or time is another one, and as :func:`stamp`.
    """
    if stamp(path) != marked:
        raise changed(path)


def changed(path: Path) -> InputOutputError:
    """The error of a file that is not what it was when it was opened."""
    return InputOutputError(
        Problem(str(path), "changed after it was opened", "Run again on the whole file", code="E128")
    )


def _near(path: Path) -> str:
    try:
        beside = [item.name for item in path.parent.iterdir()]
    except OSError:
        return f"The folder {path.parent} does not exist or cannot be read"
    near = get_close_matches(path.name, beside, n=1, cutoff=0.5)
    return f"Did you mean {near[0]!r}?" if near else ""


def file_kind(path: Path, options: ReadOptions) -> FileKind:
    """Text, gzip, Parquet or Feather, by the first bytes.

    Raises
    ------
    InputOutputError
        As :func:`stamp`.
    DataError
        When the file is empty or is something else than a table.
    """
    size = stamp(path).size
    if size == 0:
        raise DataError(Problem(str(path), "the file is empty (0 bytes)", code="E104"))
    with path.open("rb") as file:
        head = file.read(1024)
        file.seek(max(0, size - 8))
        tail = file.read(8)
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    for kind, called, magic, _ in _ARROW_KINDS:
        if head.startswith(magic):
            if not tail.endswith(magic):
                what = f"not a complete {called} file (the footer is missing)"
                raise DataError(Problem(str(path), what, "Write or download it again", code="E120"))
            return kind
    _refuse_foreign(path, head, size, options)
    for _, called, _, suffixes in _ARROW_KINDS:
        if path.suffix.lower() in suffixes:
            what = f"the content is not {called} although the name says so"
            raise DataError(Problem(str(path), what, "Rename or convert it", code="E122"))
    return "text"


def _refuse_foreign(path: Path, head: bytes, size: int, options: ReadOptions) -> None:
    if head.startswith(b"PK\x03\x04"):
        raise DataError(_zip_problem(path, head))
    for signature, what, fix, code in _SIGNATURES:
        if head.startswith(signature):
            raise DataError(Problem(str(path), f"{what} ({size:,} bytes)", fix, code=code))
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        start = shown(head[:20].decode("utf-8", "replace"), limit=40)
        raise DataError(
            Problem(
                str(path),
                f"looks like a web page, not a table (it starts with {start})",
                "Download it again",
                code="E124",
            )
        )
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) and "16" not in options.encoding:
        raise DataError(
            Problem(str(path), "UTF-16 text", f"Save it as UTF-8, or {remedy('encoding', 'utf-16')}", code="E110")
        )


def _zip_problem(path: Path, head: bytes) -> Problem:
    import zipfile

    if b"[Content_Types].xml" in head or path.suffix.lower() in {".xlsx", ".xlsm"}:
        return Problem(
            str(path), "an Excel workbook", "Export the sheet as CSV (Excel changes gene names and ids)", code="E123"
        )
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile:
        return Problem(str(path), "a damaged zip archive", "Download it again", code="E117")
    members = ", ".join(shown(name) for name in names[:5])
    outside = any(".." in Path(name).parts or name.startswith("/") for name in names)
    what = f"a zip archive with {len(names)} {'member' if len(names) == 1 else 'members'} ({members})"
    return Problem(
        str(path),
        what + (", one of which leaves the archive" if outside else ""),
        "Unpack it and name the file",
        code="E118" if outside else "E117",
    )


class Block(NamedTuple):
    """Whole lines of a text, as UTF-8 bytes, and what was read of the next one."""

    number: int
    """Of the first line, from 1."""
    offset: int
    """Bytes of text before this block."""
    text: bytes
    start: int
    """Where the first line begins: behind a byte order mark."""
    ends: list[int]
    """Where each line ends, behind its LF, CRLF or CR."""


def blocks(path: Path, options: ReadOptions, chunks: Iterable[bytes]) -> Iterator[Block]:
    """A text in blocks of whole lines, which end with LF, CRLF or CR.

    Parameters
    ----------
    path : Path
    options : ReadOptions
    chunks : iterable of bytes
        The text of the file, as from :func:`chunks_of`.

    Raises
    ------
    DataError
        When the file holds a NUL byte.
    InputOutputError
        When a line is longer than ``max_line_bytes`` allows.
    """
    number, place, rest = 1, 0, b""
    for chunk in chunks:
        for text, start, offset in _pieces(rest, chunk, place):
            ends = _line_ends(text, start)
            if len(text) > options.max_line_bytes:
                _check_length(path, number, [start, *ends, len(text)], options)
            if b"\0" in text:
                _refuse_nul(path, number, text, start)
            if ends:
                yield Block(number, offset, text, start, ends)
            number, rest = number + len(ends), text[ends[-1] if ends else start :]
        place += len(chunk)
    if rest:
        yield Block(number, place - len(rest), rest, 0, [len(rest)])


def _pieces(rest: bytes, chunk: bytes, place: int) -> Iterator[tuple[bytes, int, int]]:
    """(text, where it is to be looked at from, bytes before it) of what is left of a chunk, and of the next one.

    They are joined as far as the first line end, so that the chunk as a whole is not copied.
    """
    if not rest:
        yield chunk, len(_MARK) if place == 0 and chunk.startswith(_MARK) else 0, place
    elif end := chunk.find(b"\n") + 1:
        yield rest + chunk[:end], 0, place - len(rest)
        yield chunk, end, place
    else:
        yield rest + chunk, 0, place - len(rest)


def _line_ends(text: bytes, start: int) -> list[int]:
    """Where the whole lines of a text end; the last may go on, and a CR at the very end may be half of a CRLF."""
    ends = []
    if b"\r" in text:
        at = start
        for part in text[start:].splitlines(keepends=True):
            at += len(part)
            ends.append(at)
        return ends if text.endswith(b"\n") else ends[:-1]
    at = text.find(b"\n", start) + 1
    while at:
        ends.append(at)
        at = text.find(b"\n", at) + 1
    return ends


def lines(path: Path, options: ReadOptions) -> Iterator[tuple[int, bytes]]:
    """Every line of a text file with its number from 1, as UTF-8 bytes without its end and the byte order mark.

    Raises
    ------
    DataError, InputOutputError
        As :func:`chunks_of` and :func:`blocks`.
    """
    with closing(chunks_of(path, options)) as chunks:
        for block in blocks(path, options, chunks):
            for number, (start, end) in enumerate(pairwise([block.start, *block.ends]), block.number):
                yield number, block.text[start:end].rstrip(b"\r\n")


def _refuse_nul(path: Path, number: int, text: bytes, start: int) -> None:
    place = text.index(b"\0")
    first = max(text.rfind(b"\n", start, place), text.rfind(b"\r", start, place), start - 1) + 1
    line = text[first:].splitlines()[0]
    column = line[: place - first].count(b"\t" if b"\t" in line else b",") + 1
    where = f"{path}:{number + len(text[start:first].splitlines())}: field {column}"
    raise DataError(Problem(where, "a NUL byte", "The file is binary or damaged", code="E112"))


def _check_length(path: Path, number: int, edges: list[int], options: ReadOptions) -> None:
    longest = next((i for i, (a, b) in enumerate(pairwise(edges)) if b - a > options.max_line_bytes), None)
    if longest is not None:
        what = f"a line is longer than {options.max_line_bytes:,} bytes"
        fix = f"If that is right, {_more('max_line_bytes', options)}"
        raise InputOutputError(Problem(f"{path}: from line {number + longest}", what, fix, code="E212"))


def _more(limit: str, options: ReadOptions) -> str:
    return remedy(limit, str(16 * getattr(options, limit)))


def is_plain(kind: FileKind, options: ReadOptions) -> bool:
    """Whether the bytes of a file are its text: neither packed nor in another encoding than UTF-8."""
    return kind == "text" and options.encoding.lower().replace("_", "-") in _UTF8


def chunks_of(path: Path, options: ReadOptions) -> Generator[bytes, None, None]:
    """The text of a file in pieces, unpacked and as UTF-8.

    Raises
    ------
    DataError
        When the gzip stream is damaged, or the bytes are not of the encoding.
    InputOutputError
        When the text is longer than ``max_bytes`` allows.
    """
    kind = file_kind(path, options)
    decoder = None if options.encoding.lower().replace("_", "-") in _UTF8 else _decoder(options.encoding)
    total = 0
    with closing(_unpacked(path) if kind == "gzip" else _plain(path)) as chunks:
        for chunk in chunks:
            total += len(chunk)
            if total > options.max_bytes:
                what = f"expands past {options.max_bytes:,} bytes"
                raise InputOutputError(
                    Problem(str(path), what, f"If that is right, {_more('max_bytes', options)}", code="E119")
                )
            yield decoder(path, chunk) if decoder else chunk


def _plain(path: Path) -> Generator[bytes, None, None]:
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _unpacked(path: Path) -> Generator[bytes, None, None]:
    unpack: Any = igzip.open
    total = 0
    with unpack(path, "rb") as file:
        while True:
            try:
                chunk = file.read(_CHUNK)
            except EOFError:
                what = f"the gzip stream ends early, after {total:,} bytes of text"
                raise DataError(Problem(str(path), what, "Download it again", code="E113")) from None
            except _BROKEN_GZIP as error:
                what = "the gzip checksum does not match" if "CRC" in str(error) else f"damaged gzip data ({error})"
                raise DataError(Problem(str(path), what, "Download it again", code="E114")) from None
            if not chunk:
                return
            total += len(chunk)
            yield chunk


def _decoder(encoding: str) -> Callable[[Path, bytes], bytes]:
    incremental = codecs.getincrementaldecoder(encoding)()

    def decode_chunk(path: Path, chunk: bytes) -> bytes:
        try:
            return incremental.decode(chunk).encode()
        except UnicodeDecodeError as error:
            what = f"byte 0x{error.object[error.start]:02x} is not {encoding}"
            raise DataError(
                Problem(
                    str(path), what, "Give the right encoding, such as " + remedy("encoding", "latin-1"), code="E111"
                )
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
        raise DataError(Problem(f"{path}:{number}", what, fix, code="E111")) from None
