"""GEO series matrix files: what their ``!`` lines say of the samples, and the table between its two markers."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from strata.cohort.clinical_ids import PATIENT_COLUMNS, SAMPLE_COLUMNS
from strata.cohort.files import Block, decode, lines
from strata.cohort.findings import Findings, count
from strata.cohort.identifiers import column_key
from strata.cohort.matrix import Opened
from strata.cohort.numbers import is_missing
from strata.cohort.open_matrix import open_lines
from strata.cohort.options import ReadOptions
from strata.cohort.text_parts import part_of_text, some_lines
from strata.errors import DataError, Problem

__all__ = ["Series", "open_series_matrix", "read_series"]

_BEGIN, _END = b"!series_matrix_table_begin", b"!series_matrix_table_end"
_CHARACTERISTICS = re.compile(r"!Sample_characteristics_ch\d+")
_PAIR = re.compile(r"([^:]{1,60}):(?:\s+|$)(.*)", re.DOTALL)
_COLUMNS = {
    "!Sample_geo_accession": "geo_accession",
    "!Sample_title": "title",
    "!Sample_source_name_ch1": "source_name",
    "!Sample_platform_id": "platform_id",
}
_SAID = ("!Series_type", "!Sample_data_processing")
_FREE = "characteristics"
"""The column of characteristics that are no ``key: value``."""


@dataclass(frozen=True, slots=True)
class Series:
    """What the lines before the table of a series matrix say.

    Parameters
    ----------
    path : Path
    columns : mapping of column to the texts of the samples
        ``geo_accession`` first, then ``title``, ``source_name``, ``platform_id`` and the characteristics.
    types : tuple of str
        As ``!Series_type`` has them: ``Expression profiling by array``.
    processing : str
        The first ``!Sample_data_processing``.
    has_rows : bool
        Whether the table has values; those of sequencing have none.
    """

    path: Path
    columns: Mapping[str, list[str]]
    types: tuple[str, ...]
    processing: str
    has_rows: bool

    @property
    def platforms(self) -> frozenset[str]:
        """The accessions of the arrays."""
        return frozenset(self.columns.get("platform_id", ()))


def open_series_matrix(path: Path, options: ReadOptions, findings: Findings) -> Opened:
    """The table of a series matrix. The lines around it are passed over.

    Raises
    ------
    InputOutputError
        When the file cannot be opened.
    DataError
        When a marker is missing, and as for every matrix.
    """

    def choose(blocks: Iterator[Block]) -> Iterator[Block]:
        inside = False
        for block in blocks:
            first = 0
            if not inside:
                if (begin := _line_of(block, _BEGIN)) is None:
                    continue
                inside, first = True, begin + 1
            end = _line_of(block, _END)
            yield from some_lines(block, first, len(block.ends) if end is None else end)
            if end is not None:
                return
        raise _without((_END if inside else _BEGIN), path)

    return open_lines(part_of_text(path, options, choose), findings)


def _without(marker: bytes, path: Path) -> DataError:
    return DataError(
        Problem(str(path), f"no line {marker.decode()}", "Is the file cut off? Download it again", code="E217")
    )


def _line_of(block: Block, marker: bytes) -> int | None:
    """Which of the whole lines of a block begins with a marker."""
    place = block.text.find(marker, block.start)
    while place > block.start and block.text[place - 1] not in b"\r\n":
        place = block.text.find(marker, place + 1)
    line = bisect_right(block.ends, place)
    return None if place < 0 or line == len(block.ends) else line


def read_series(path: Path, options: ReadOptions, findings: Findings) -> Series:
    """What the lines before the table say of the samples; the table itself is not read.

    Each characteristic is parsed by itself: on one line the samples may have different keys.

    Raises
    ------
    InputOutputError
        When the file cannot be opened.
    DataError
        When there is no line of accessions, no table, or a line has another number of samples; all at once.
    """
    said: dict[str, list[str]] = {name: [] for name in _SAID}
    columns: dict[str, list[str]] = {}
    characteristics: list[list[str]] = []
    problems = []
    n = 0
    source = lines(path, options)
    for number, line in source:
        if line.startswith(_BEGIN):
            break
        name = line.partition(b"\t")[0].decode("ascii", "replace")
        if name not in _COLUMNS and name not in _SAID and not _CHARACTERISTICS.fullmatch(name):
            continue
        cells = [_unquoted(cell) for cell in decode(path, number, line).split("\t")[1:]]
        if name in said:
            said[name] += cells[:1]
            continue
        n = n or len(cells)
        if len(cells) != n:
            problems.append(
                Problem(f"{path}:{number}", f"{name} has {count(len(cells), 'sample')}, not {n:,}", code="E217")
            )
        elif name in _COLUMNS:
            columns.setdefault(_COLUMNS[name], cells)
        else:
            characteristics.append(cells)
    else:
        raise _without(_BEGIN, path)
    if "geo_accession" not in columns:
        problems.append(Problem(str(path), "no line !Sample_geo_accession", "Download the file again", code="E217"))
    if problems:
        raise DataError(problems)
    next(source, None)
    row = next(source, (0, _END))[1]
    columns = {name: columns[name] for name in _COLUMNS.values() if name in columns}
    columns |= _by_key(characteristics, n, path, findings)
    return Series(
        path,
        columns,
        tuple(said["!Series_type"]),
        next(iter(said["!Sample_data_processing"]), ""),
        bool(row.strip()) and not row.startswith(_END),
    )


def _unquoted(cell: str) -> str:
    cell = cell.strip()
    return cell[1:-1].strip() if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell


def _by_key(characteristics: list[list[str]], n: int, path: Path, findings: Findings) -> dict[str, list[str]]:
    """The characteristics as columns: one for each key, and one for the texts without a key."""
    found: dict[str, list[list[str]]] = {}
    names: dict[str, str] = {}
    free = several = 0
    for cells in characteristics:
        for i, cell in enumerate(cells):
            if not cell:
                continue
            pair = _PAIR.fullmatch(cell)
            key, value = (pair[1].strip(), pair[2].strip()) if pair else (_FREE, cell)
            free += pair is None
            name = names.setdefault(column_key(key), key)
            values = found.setdefault(name, [[] for _ in range(n)])[i]
            if value and value not in values:
                values.append(value)
                several += len(values) == 2
    if free:
        findings.note(f"{path.name}: {count(free, 'characteristic')} without a key, in the column {_FREE}")
    if several:
        findings.note(f"{path.name}: {count(several, 'cell')} with several values of one key, joined by ;")
    columns = {name: ["; ".join(values) for values in cells] for name, cells in found.items()}
    return {_safe_name(name, cells, path, findings): cells for name, cells in columns.items()}


def _safe_name(name: str, cells: list[str], path: Path, findings: Findings) -> str:
    """The name of a column; another one where it would be taken for the accession, or for patients of whom some have
    none.
    """  # noqa: D205
    key = column_key(name)
    known = {column_key(other) for other in (*_COLUMNS.values(), *SAMPLE_COLUMNS)}
    nobody = key in PATIENT_COLUMNS and any(map(is_missing, cells))
    if key not in known and not nobody:
        return name
    if nobody:
        without = count(sum(map(is_missing, cells)), "sample")
        findings.note(f"{path.name}: {name} is empty in {without}, so that every sample is a patient of its own")
    return f"{name} ({_FREE})"
