"""Where two versions of a table differ: rows, columns and cells, bit for bit."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf, isfinite
from pathlib import Path
from typing import Any

__all__ = ["Difference", "differences", "is_table"]

_TABLES = frozenset({".tsv", ".parquet", ".json"})
_KEYS = (
    *("cohort", "signature", "population", "endpoint", "comparison", "group", "time", "call"),
    *("gene", "gene_1", "gene_2", "assay", "marker", "key"),
)
"""Columns that say what a row is about, as far as a table has them."""

_PATIENT = "patient"
"""The column whose cells are never shown."""

_ROUNDING = 1e-12
"""Another order of adding up changes a number by a smaller share of it."""

_LIMIT = 3
"""Cells and rows that are told one by one; the others are counted."""

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same in both versions of a table.

    Parameters
    ----------
    table : str
    where : str
        The row, by its number below the header and by what it is about, and the column; empty where it is not about
        one place.
    what : str
        What each version holds.
    last_digits : bool
        Whether all cells of the table that differ are numbers, and differ by no more than rounding does.
    """

    table: str
    where: str
    what: str
    last_digits: bool = False

    def __str__(self) -> str:
        return ": ".join(part for part in (self.table, self.where, self.what) if part)


def is_table(name: str) -> bool:
    """Whether a file of a run holds numbers, rather than a picture or the versions of programs."""
    return Path(name).suffix in _TABLES


def differences(name: str, then: Path, now: Path) -> list[Difference]:
    """How a table of a run differs from that of its repetition.

    Parameters
    ----------
    name : str
        The table, as a path inside both folders.
    then, now : Path
        The folder of the run, and that of its repetition.

    Returns
    -------
    list of Difference
        The first few, then how many there are; empty when every cell is the same. No patient's id is in it.
    """
    header, before = _read(then / name)
    header_now, after = _read(now / name)
    found = [
        Difference(name, f"column {column}", f"only {where}")
        for ours, theirs, where in ((header, header_now, "in the run"), (header_now, header, "now"))
        for column in ours
        if column not in theirs
    ]
    if header != header_now and not found:
        found.append(Difference(name, "", "the same columns in another order"))
    shared = [column for column in header if column in header_now]
    before, after = _only(shared, header, before), _only(shared, header_now, after)
    apart = _cells_apart if len(before) == len(after) else _rows_apart
    return found + apart(name, shared, before, after)


def _cells_apart(name: str, header: Sequence[str], before: Sequence[Row], after: Sequence[Row]) -> list[Difference]:
    cells = [
        (number, column)
        for number, (then, now) in enumerate(zip(before, after, strict=True))
        if then != now
        for column in range(len(header))
        if then[column] != now[column]
    ]
    found = [
        Difference(
            name,
            f"{_row(number, header, before[number])}, column {header[column]}",
            "another one"
            if header[column] == _PATIENT
            else f"{before[number][column]} in the run, {after[number][column]} now",
        )
        for number, column in cells[:_LIMIT]
    ]
    if len(cells) > _LIMIT:
        rows = len({number for number, _ in cells})
        found.append(Difference(name, "", f"{len(cells):,} cells in {rows:,} of {len(before):,} rows differ"))
    apart = [_apart(header[column], before[number][column], after[number][column]) for number, column in cells]
    largest = max(apart, default=0.0)
    if not 0.0 < largest <= _ROUNDING:
        return found
    what = f"differs only in the last digits (relative difference {largest:.1e}): another processor or numpy"
    return [replace(item, last_digits=True) for item in [*found, Difference(name, "", what)]]


def _apart(column: str, then: str, now: str) -> float:
    """How far two cells are apart, as a share of the larger; infinity where they are not two numbers."""
    try:
        one, other = float(then), float(now)
    except ValueError:
        return inf
    if column == _PATIENT or not (isfinite(one) and isfinite(other)):
        return inf
    return abs(one - other) / (max(abs(one), abs(other)) or 1.0)


def _rows_apart(name: str, header: Sequence[str], before: Sequence[Row], after: Sequence[Row]) -> list[Difference]:
    found = [Difference(name, "", f"{len(before):,} rows in the run, {len(after):,} now")]
    ours, theirs = Counter(before), Counter(after)
    for rows, extra, where in ((before, ours - theirs, "in the run"), (after, theirs - ours, "now")):
        lone = [number for number, row in enumerate(rows) if row in extra]
        found += [Difference(name, _row(number, header, rows[number]), f"only {where}") for number in lone[:_LIMIT]]
    return found


def _row(number: int, header: Sequence[str], row: Row) -> str:
    about = [row[header.index(key)] for key in _KEYS if key in header]
    return f"row {number + 1}" + (f" ({', '.join(about)})" if about else "")


def _only(columns: Sequence[str], header: Sequence[str], rows: list[Row]) -> list[Row]:
    """The rows with these columns alone."""
    if list(columns) == list(header):
        return rows
    places = [header.index(column) for column in columns]
    return [tuple(row[place] for place in places) for row in rows]


def _read(path: Path) -> tuple[list[str], list[Row]]:
    """The header and the rows of a table; cells as texts that are equal where the values are the same to the bit."""
    if path.suffix == ".parquet":
        return _parquet(path)
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return ["key", "value"], list(_flat("", json.loads(text)))
    lines = [line.split("\t") for line in text.split("\n")]
    header, rows = lines[0], [line for line in lines[1:] if line != [""]]
    # a row that somebody cut short is a row with other cells
    return header, [tuple([*row, *[""] * len(header)][: len(header)]) for row in rows]


def _parquet(path: Path) -> tuple[list[str], list[Row]]:
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    columns = [[repr(value) for value in column.to_pylist()] for column in table.columns]
    return list(table.column_names), list(zip(*columns, strict=True))


def _flat(key: str, value: Any) -> Iterator[Row]:
    """Every number and text of a JSON document, under the keys that lead to it."""
    if isinstance(value, dict | list) and value:
        for name, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _flat(f"{key}/{name}", part)
    else:
        yield key, json.dumps(value)
