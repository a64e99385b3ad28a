"""Small text tables: every cell as text with the line it stands on, every fault of shape reported."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from strata.cohort.files import ARROW, decode, file_kind, lines
from strata.cohort.findings import Findings, count, listed
from strata.cohort.identifiers import clean_id, column_key, nameless_columns
from strata.cohort.options import ReadOptions, remedy
from strata.errors import DataError, Problem, shown

__all__ = [
    "Table",
    "header_problems",
    "misnamed",
    "ragged_problem",
    "read_table",
    "sample_table",
    "separator",
    "split",
    "text_rows",
    "texts",
]


_COMMENTS = ("#", "^", "!")
"""What lines above a header begin with; ``^`` and ``!`` in GEO's SOFT tables of platforms."""

_END = "!platform_table_end"


@dataclass(frozen=True)
class Table:
    """A table of text cells.

    Parameters
    ----------
    path : Path
    columns : tuple of str
        Names from the header, trimmed.
    rows : list of list of str, each as long as ``columns``
    lines : list of int
        The line of each row.
    header_line : int
        The line of the header.
    """

    path: Path
    columns: tuple[str, ...]
    rows: list[list[str]]
    lines: list[int]
    header_line: int = 1

    def find(self, *names: str) -> str | None:
        """The first of ``names`` that is a column, however its words are joined and cased, as the header spells it."""
        return next((self._by_key[key] for name in names if (key := column_key(name)) in self._by_key), None)

    @cached_property
    def _by_key(self) -> dict[str, str]:
        return {column_key(name): name for name in reversed(self.columns)}

    def column(self, name: str) -> list[str]:
        """The cells of a column, in the order of the rows."""
        place = self.columns.index(name)
        return [row[place] for row in self.rows]


def separator(header: str, path: Path, options: ReadOptions, *, after: str = "") -> str:
    """The separator of a header line: the option's where the header holds it, else tab or comma.

    Returns
    -------
    str
        A tab where there is one column only.

    Raises
    ------
    DataError
        When the header looks split by something else: ``;``, ``|``.
    """
    if options.sep and options.sep in header:
        return options.sep
    tabs, commas = header.count("\t"), header.count(",")
    if tabs or commas:
        return "\t" if tabs >= commas else ","
    for other in ";|":
        if other in header:
            comma = after.count(other) > 0 and after.count(",") > 0
            also = f" and, as numbers like '3,14' have a decimal comma, {remedy('decimal', ',')}" if comma else ""
            what = f"1 column found; the header looks split by {other!r}"
            raise DataError(Problem(str(path), what, remedy("sep", other) + also, code="E201"))
    return "\t"


def split(line: str, sep: str, *, quoted: bool) -> list[str]:
    """The fields of one line; quotes are quotes only where the table uses them."""
    return next(csv.reader([line], delimiter=sep)) if quoted and '"' in line else line.split(sep)


def text_rows(path: Path, options: ReadOptions, findings: Findings) -> Iterator[tuple[int, list[str]]]:
    """Rows of a text table, header first, as (line, fields); comment lines at the top are left out.

    A comma-separated table has quoted fields, a tab-separated one only when its header has a quote: MAF and clinical
    tables hold stray quotes.
    """
    if file_kind(path, options) in ARROW:
        from strata.cohort.parquet import parquet_rows

        yield from parquet_rows(path)
        return
    source = ((number, decode(path, number, line)) for number, line in lines(path, options))
    header = _skip_comments(source, path, findings)
    if header is None:
        raise DataError(Problem(str(path), "no header and no row found", code="E105"))
    number, first = header
    following = next(source, None)
    sep = separator(first, path, options, after=following[1] if following else "")
    rest = _chain(header, following, source)
    if sep != "\t" or '"' in first:
        yield from _quoted_rows(rest, sep, path)
        return
    for number, line in rest:
        if line.startswith(_END):
            return
        if line.strip():
            yield number, line.split(sep)


def _chain(
    first: tuple[int, str], second: tuple[int, str] | None, rest: Iterator[tuple[int, str]]
) -> Iterator[tuple[int, str]]:
    yield first
    if second is not None:
        yield second
        yield from rest


def _skip_comments(source: Iterator[tuple[int, str]], path: Path, findings: Findings) -> tuple[int, str] | None:
    skipped = 0
    for number, line in source:
        if line.strip() and not line.startswith(_COMMENTS):
            if skipped:
                findings.note(f"{path.name}: {count(skipped, 'comment line')} at the top left out", "W213")
            return number, line
        skipped += line.startswith(_COMMENTS)
    return None


def _quoted_rows(source: Iterable[tuple[int, str]], sep: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    numbers: list[int] = []

    def feed() -> Iterator[str]:
        for number, line in source:
            numbers.append(number)
            yield line + "\n"

    reader = csv.reader(feed(), delimiter=sep, strict=True)
    start = 0
    try:
        for row in reader:
            line = numbers[start]
            start = reader.line_num
            if any(cell.strip() for cell in row):
                yield line, row
    except csv.Error as error:
        line = numbers[min(start, len(numbers) - 1)]
        raise DataError(
            Problem(f"{path}:{line}", f"a quote opened here is never closed or is misplaced ({error})", code="E206")
        ) from None


def header_problems(columns: Sequence[str], path: Path, line: int) -> list[Problem]:
    """Blank and repeated column names."""
    problems = [
        Problem(f"{path}:{line}", f"column {i} has no name", "Name it or delete it", code="E209")
        for i, name in enumerate(columns, start=1)
        if not name
    ]
    repeated = [name for name, n in Counter(name for name in columns if name).items() if n > 1]
    for name in repeated:
        places = [i for i, other in enumerate(columns, start=1) if other == name]
        (told,) = nameless_columns([name], columns)
        what = f"column {shown(told)} appears {len(places)} times (positions {listed(places)})"
        problems.append(Problem(f"{path}:{line}", what, "Keep one", code="E207"))
    return problems


def misnamed(path: Path, kind: str, findings: Findings) -> None:
    """Note a file whose name does not say how it is packed."""
    if kind not in ARROW and (kind == "gzip") != (path.suffix.lower() in {".gz", ".gzip", ".bgz"}):
        is_a = "gzip data" if kind == "gzip" else "plain text"
        findings.note(
            f"{path.name}: {is_a} although the name ends in {path.suffix}; read as what it is",
            "W115" if kind == "gzip" else "W116",
        )


def read_table(path: Path, options: ReadOptions, findings: Findings) -> Table:
    """Read a small table as text.

    Raises
    ------
    InputOutputError
        When the file cannot be opened.
    DataError
        For every fault of shape at once: rows with too many or too few fields, blank and repeated columns, no rows.
    """
    findings.files.append(path)
    misnamed(path, file_kind(path, options), findings)
    source = text_rows(path, options, findings)
    header_line, header = next(source)
    columns = [clean_id(name) for name in header]
    rows, numbers, ragged = [], [], []
    for number, row in source:
        rows.append(row)
        numbers.append(number)
        if len(row) != len(columns):
            ragged.append((number, len(row)))
    problems = _ragged_problems(path, ragged, columns, len(rows))
    if not rows:
        problems.append(Problem(str(path), "a header was found, and 0 data rows", code="E105"))
    if not problems and columns and not columns[0] and _is_index([row[0] for row in rows]):
        findings.note(f"{path.name}: the first column, without a name, counts the rows; left out", "W215")
        columns, rows = columns[1:], [row[1:] for row in rows]
    problems += header_problems(columns, path, header_line)
    if problems:
        raise DataError(problems)
    return Table(path, tuple(columns), rows, numbers, header_line)


def sample_table(path: Path, columns: Mapping[str, Sequence[str]]) -> Table:
    """A table of the samples that are columns of a file; in messages its lines are the samples, counted from 1."""
    rows = [list(row) for row in zip(*columns.values(), strict=True)]
    return Table(path.with_name(f"{path.name}[sample]"), tuple(columns), rows, list(range(1, len(rows) + 1)))


def _is_index(cells: list[str]) -> bool:
    return cells in ([str(i) for i in range(len(cells))], [str(i + 1) for i in range(len(cells))])


def _ragged_problems(path: Path, ragged: list[tuple[int, int]], columns: list[str], n: int) -> list[Problem]:
    if not ragged:
        return []
    width = len(columns)
    if len(ragged) == n and {fields for _, fields in ragged} == {width + 1}:
        what = (
            f"every data row has {width + 1} fields, the header {width}: a trailing separator or a missing column name"
        )
        return [
            Problem(f"{path}:{ragged[0][0]}", what, "Export the table again; columns are never shifted", code="E204")
        ]
    return [ragged_problem(path, ragged, width)]


def ragged_problem(path: Path, ragged: Sequence[tuple[int, int]], width: int) -> Problem:
    """The (line, number of fields) of rows that are not as wide as the header."""
    first = listed([f"line {line} has {fields}" for line, fields in ragged])
    short = any(fields < width for _, fields in ragged)
    what = f"{count(len(ragged), 'row')} with another number of fields than the header's {width}: {first}"
    fix, code = ("Is the file cut off?", "E203") if short else ("Is a separator inside a cell?", "E202")
    return Problem(f"{path}:{ragged[0][0]}", what, fix, code)


def texts(values: Iterable[object]) -> list[str]:
    """Typed cells as a text table has them: nothing where a value is missing, no decimals where there are none."""
    return [_text(value) for value in values]


def _text(value: object) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
