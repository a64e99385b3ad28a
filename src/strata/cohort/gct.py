"""GCT 1.2 and 1.3: a matrix behind a line of its dimensions, with names beside the rows and, in 1.3, above the columns.

The formats are the Broad Institute's: ``#1.2``, the numbers of rows and columns, ``NAME Description``; ``#1.3``, the
same and how many columns and rows hold metadata. ``-666`` is an old code for missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from strata.cohort.files import ARROW, Block, decode, file_kind, lines
from strata.cohort.findings import Findings, count
from strata.cohort.identifiers import clean_id
from strata.cohort.matrix import Opened
from strata.cohort.open_matrix import open_lines
from strata.cohort.options import ReadOptions
from strata.cohort.table import Table, sample_table, split
from strata.cohort.text_parts import Choose, part_of_text, some_lines
from strata.errors import DataError, Problem, shown

__all__ = ["MISSING", "gct_samples", "open_gct"]

MISSING = ("-666",)
"""What means missing in a GCT file, beside the words of every table."""

_HEADER = 3
"""The line of the names."""


@dataclass(frozen=True, slots=True)
class _Head:
    """What the first two lines say."""

    version: str
    n_rows: int
    n_columns: int
    label_columns: int
    """Columns before the values, the names among them."""
    label_rows: int
    """Rows of metadata below the names."""


def open_gct(path: Path, options: ReadOptions, findings: Findings) -> Opened:
    """The matrix of a GCT file.

    Raises
    ------
    InputOutputError
        When the file cannot be opened.
    DataError
        When its second line gives no dimensions, or others than the table has, and as for every matrix.
    """
    head = _head(path, options)
    source = part_of_text(path, options, _rows_of(head))
    opened = open_lines(source, findings, first_value=head.label_columns)
    said = f"{head.n_rows:,} x {head.n_columns:,}"
    found = f"{len(opened.matrix.row_names):,} x {len(opened.matrix.column_names):,}"
    if said != found:
        what = f"the GCT header says {said}, the table is {found}"
        raise DataError(Problem(f"{path}:2", what, "Is the file cut off?", code="E217"))
    left_out = "its Description column is left out"
    if head.version == "1.3":
        columns, rows = count(head.label_columns - 1, "column"), count(head.label_rows, "row")
        left_out = f"{columns} and {rows} of metadata are no values"
    findings.note(f"{path.name}: GCT {head.version}; {left_out}", "W216")
    return replace(opened, missing=MISSING)


def gct_samples(path: Path, options: ReadOptions) -> Table | None:
    """What a GCT 1.3 file says about its samples, in the rows above its values; None where it says nothing.

    Raises
    ------
    InputOutputError, DataError
        As :func:`open_gct`; None for a file of another kind.
    """
    if file_kind(path, options) in ARROW or not next(lines(path, options), (1, b""))[1].startswith(b"#1.3"):
        return None
    head = _head(path, options)
    if not head.label_rows:
        return None
    above = [
        split(decode(path, number, line), "\t", quoted=True)
        for number, line in islice(lines(path, options), _HEADER - 1, _HEADER + head.label_rows)
    ]
    width = head.label_columns + head.n_columns
    if ragged := [i for i, row in enumerate(above) if len(row) != width]:
        what = f"{len(above[ragged[0]])} fields; the GCT header says {width}"
        raise DataError(Problem(f"{path}:{_HEADER + ragged[0]}", what, "Is the file cut off?", code="E217"))
    names, *metadata = above
    columns = {clean_id(row[0]): row[head.label_columns :] for row in metadata}
    return sample_table(path, {"sample_id": names[head.label_columns :], **columns})


def _head(path: Path, options: ReadOptions) -> _Head:
    above = [decode(path, number, line) for number, line in islice(lines(path, options), 2)]
    version, said = above[0].strip()[1:4], (above[1] if len(above) > 1 else "").split()
    wanted = 4 if version == "1.3" else 2
    if len(said) != wanted or not all(word.isdigit() for word in said):
        parts = "rows, columns, metadata columns and metadata rows" if wanted == 4 else "rows and columns"
        what = f"the second line of a GCT {version} file holds the numbers of {parts}, got {shown(' '.join(said))}"
        raise DataError(Problem(f"{path}:2", what, "Write the file again", code="E217"))
    n_rows, n_columns, *metadata = map(int, said)
    columns, rows = metadata or (1, 0)
    return _Head(version, n_rows, n_columns, 1 + columns, rows)


def _rows_of(head: _Head) -> Choose:
    """The line of the names, and the rows of values."""

    def choose(blocks: Iterator[Block]) -> Iterator[Block]:
        for block in blocks:
            yield from some_lines(block, _HEADER - block.number, _HEADER + 1 - block.number)
            yield from some_lines(block, _HEADER + 1 + head.label_rows - block.number, len(block.ends))

    return choose
