"""What a run read: the bytes of each file, and how large a table they hold."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from strata.cohort import cohort_specs, read_cohort
from strata.errors import InputOutputError, Problem

if TYPE_CHECKING:
    from strata.cohort import Cohort

__all__ = ["Marks", "check_inputs", "input_record", "mark_inputs", "read_marked", "sha256"]

_CHUNK = 1 << 20
_TAIL = 64
_NO_TABLES = frozenset({".yaml", ".yml", ".json", ".h5ad"})
_COMMENTS = (b"#", b"!", b"^")
"""What the lines above a header begin with: in clinical tables, MAFs and GEO's files."""


def input_record(path: Path) -> dict[str, Any]:
    """A file that was read, for ``run.json``: where it is, what is in it, and how much.

    Returns
    -------
    dict
        ``path`` (absolute), ``bytes``, ``sha256``, ``rows`` and ``columns``. Rows are the lines of the text, unpacked,
        below the header, which is the first line that is no comment; columns are the header's fields. Both are None
        for what is no table.
    """
    path = path.absolute()
    rows, columns = _shape(path)
    return {"path": str(path), "bytes": path.stat().st_size, "sha256": sha256(path), "rows": rows, "columns": columns}


Marks = Mapping[Path, tuple[int, int, int]]
"""Which file it is, its size, and when it was last written; of each file."""


def mark_inputs(inputs: Iterable[Path]) -> Marks:
    """What the files are that may be read: those named, and those in the folders named."""
    found = (file for path in inputs for file in (path.rglob("*") if path.is_dir() else [path]))
    return {file.absolute(): _marks(file) for file in found if file.is_file()}


def read_marked(path: str | Path, *, layout: str, name: str | None, read: Mapping[str, Any]) -> tuple[Cohort, Marks]:
    """``read_cohort``, and what its files were before."""
    specs = cohort_specs(path, layout=layout, read=read)
    marked = mark_inputs(place for spec in specs for place in spec.inputs())
    return read_cohort(path, layout=layout, name=name, read=read), marked


def check_inputs(read: Iterable[Path], marked: Marks) -> None:
    """Refuse files that are others than when they were marked: the record has the hash of other bytes than were read.

    Raises
    ------
    InputOutputError
    """
    what, fix = "changed while it was read; nothing was written", "Run again when nothing writes to it"
    known = {file: marked[file] for path in read if (file := path.absolute()) in marked}
    wrong = [file for file, marks in known.items() if not file.is_file() or _marks(file) != marks]
    if wrong:
        raise InputOutputError(Problem(str(file), what, fix, code="E128") for file in wrong)


def _marks(file: Path) -> tuple[int, int, int]:
    found = file.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _shape(path: Path) -> tuple[int | None, int | None]:
    """Rows and columns of a table."""
    if path.suffix.lower() in _NO_TABLES:
        return None, None
    with path.open("rb") as file:
        magic = file.read(6)
    if magic.startswith(b"PAR1"):
        import pyarrow.parquet as pq

        found = pq.read_metadata(path)
        return found.num_rows, found.num_columns
    if magic == b"ARROW1":
        import pyarrow.feather as feather

        table = feather.read_table(path, memory_map=True)
        return table.num_rows, table.num_columns
    return _text_shape(path, packed=magic.startswith(b"\x1f\x8b"))


def _text_shape(path: Path, *, packed: bool) -> tuple[int, int | None]:
    with _opened(path, packed=packed) as file:
        header = file.readline()
        while header.startswith(_COMMENTS):
            # the next line of a GCT is the size of its table
            if header.startswith((b"#1.2", b"#1.3")):
                file.readline()
            header = file.readline()
        rows, tail = 0, b"\n"
        while chunk := file.read(_CHUNK):
            rows += chunk.count(b"\n")
            tail = tail[-_TAIL:] + chunk[-_TAIL:]
    rows += not tail.endswith(b"\n")
    # GEO ends its tables with a line of its own
    rows -= tail.rstrip().rpartition(b"\n")[2].startswith(b"!")
    if path.suffix.lower() == ".gmt":
        # gene lists of any length, without a header
        return rows + bool(header), None
    return rows, 1 + max(header.count(b"\t"), header.count(b","))


def _opened(path: Path, *, packed: bool) -> IO[bytes]:
    if not packed:
        return path.open("rb")
    from isal import igzip

    unpack: Any = igzip.open
    return cast("IO[bytes]", unpack(path, "rb"))
