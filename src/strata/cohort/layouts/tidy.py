"""The tidy layout: long tables of numbers (sample, gene, value), where a modality column parts several assays.

Clinical tables, mutations and further matrices lie beside, found by their names as in a flat folder.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from strata.cohort.arrow_files import arrow_file
from strata.cohort.assay_tables import TableSource
from strata.cohort.files import ARROW, changed, file_kind
from strata.cohort.findings import Findings, count, listed
from strata.cohort.identifiers import clean_id, column_key, nameless
from strata.cohort.layouts.files import CohortFiles
from strata.cohort.layouts.flat import add_tables, files_in, kind_of
from strata.cohort.long_matrix import is_long, modality_column, open_long_matrix
from strata.cohort.matrix import Opened
from strata.cohort.options import ReadOptions
from strata.cohort.spec import CohortSpec
from strata.cohort.table import text_rows
from strata.errors import DataError, Problem, StrataError, shown

__all__ = ["find", "recognise"]

_TABLE = re.compile(r"[^.~].*\.((tsv|csv|txt)(\.gz)?|parquet|feather)", re.IGNORECASE)
_TIDY = re.compile(r"tidy|long", re.IGNORECASE)
_NUMBERS = ("mrna", "protein", "copy_number", "serum", "mirna")
_MORE_WORDS = {
    "rna": "mrna",
    "gene_expression": "mrna",
    "transcriptomics": "mrna",
    "proteomics": "protein",
    "cnv": "copy_number",
}
"""Words of a modality column beside those that begin the names of tables."""


def recognise(folder: Path) -> str:
    """A long table that a flat folder would not understand, for its modality column or by its name."""
    paths = files_in(folder, _TABLE)
    found = _long_tables(paths, ReadOptions(), Findings())
    # without a table of numbers by its name, a long one is what the folder is about
    none_by_name = not any(kind_of(path.name) in _NUMBERS for path in paths)
    for path, header in found.items():
        unnamed = not kind_of(path.name) and (none_by_name or _TIDY.search(path.name))
        if unnamed or modality_column(header, ReadOptions()) is not None:
            return f"the long table {path.name}"
    return ""


def find(spec: CohortSpec, findings: Findings) -> CohortFiles:
    """The files of a cohort with tidy tables."""
    files = CohortFiles("tidy", "")
    named = {path: kind for kind in _NUMBERS for path in spec.tables.get(kind, ())}
    found = _long_tables([*named] or files_in(spec.folder, _TABLE), spec.options, findings)
    said = {path: named.get(path) or kind_of(path.name) or _TIDY.search(path.name) for path in found}
    sure = [path for path in found if said[path] or modality_column(found[path], spec.options) is not None]
    long = sure or [*found]
    if not long:
        findings.problem(
            str(spec.origin or spec.folder), "no long table with columns such as sample, gene and value", code="E218"
        )
    add_tables(spec, files, findings, long)
    for path in long:
        with findings.collecting():
            column = modality_column(found[path], spec.options)
            kind = named.get(path) or kind_of(path.name)
            parts = {kind if kind in _NUMBERS else "mrna": frozenset[str]()}
            if column is not None:
                parts = _modalities(path, column, spec.options, findings)
            for part, words in parts.items():
                source = TableSource(path, opener=partial(_open, path, words), part=part if words else "")
                files.matrices.setdefault(part, []).append(source)
    return files


def _long_tables(paths: Iterable[Path], options: ReadOptions, findings: Findings) -> dict[Path, list[str]]:
    """The long tables among some files, with their columns."""
    found = {}
    for path in paths:
        try:
            header = _header(path, options)
        except StrataError as error:
            # a table that is named like one of another kind tells its faults when it is read
            findings.problems += error.problems if _TIDY.search(path.name) and not kind_of(path.name) else ()
            continue
        if is_long(header, options):
            found[path] = header
    return found


def _header(path: Path, options: ReadOptions) -> list[str]:
    if file_kind(path, options) in ARROW:
        with arrow_file(path) as file:
            return file.names
    return next(text_rows(path, options, Findings()))[1]


def _modalities(path: Path, column: int, options: ReadOptions, findings: Findings) -> dict[str, frozenset[str]]:
    """The assays of a table, and the words for each in its modality column.

    Raises
    ------
    DataError
        For words that are no assay.
    """
    rows = text_rows(path, options, Findings())
    header = next(rows)[1]
    lines: dict[str, int] = {}
    n: Counter[str] = Counter()
    for number, row in rows:
        # a row that is too short is told when the table is opened
        word = clean_id(row[column]) if column < len(row) else ""
        lines.setdefault(word, number)
        n[word] += 1
    kinds = {word: _kind(word) for word in n}
    if strange := [word for word in n if kinds[word] not in _NUMBERS]:
        told = nameless({word: n[word] for word in strange})
        words = listed([f"{shown(word)} ({count(rows_of, 'row')})" for word, rows_of in told.items()])
        where = f"{path}:{lines[strange[0]]}: column {shown(header[column])}"
        raise DataError(Problem(where, f"no assay of numbers: {words}", f"Call it {', '.join(_NUMBERS)}", code="E210"))
    said = listed([f"{kinds[word]} ({count(rows_of, 'row')} {shown(word)})" for word, rows_of in n.items()], 12)
    findings.note(f"{path.name}: assays by column {shown(header[column])}: {said}")
    return {kind: frozenset(word for word in n if kinds[word] == kind) for kind in dict.fromkeys(kinds.values())}


def _kind(word: str) -> str:
    return _MORE_WORDS.get(column_key(word)) or kind_of(column_key(word))


def _open(path: Path, words: frozenset[str], options: ReadOptions, findings: Findings) -> Opened:  # noqa: ARG001
    opened = open_long_matrix(path, options, words)
    if opened is None:
        raise changed(path)
    return opened
