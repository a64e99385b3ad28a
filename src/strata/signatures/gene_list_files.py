"""The forms a gene list comes in, each turned into the same rows: line, list, gene, weight."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeAlias

from strata.errors import DataError, Problem, shown
from strata.genes.spreadsheets import spreadsheet_problems
from strata.text_file import fields_of, number_of, plain_name, text_lines

__all__ = ["ListFile", "ListRow", "list_file"]

LIST_COLUMNS = ("source", "set", "gene_set", "geneset", "list", "gene_list", "signature_id")
GENE_COLUMNS = ("gene", "target", "symbol", "gene_symbol", "entrezgene.id", "entrez", "entrez_id", "gene_id")
WEIGHT_COLUMNS = ("weight", "coefficient", "gene_weight")

# a gene with a blank, a comma or a quote inside is a row that was split at the wrong place
_GENE = re.compile(r"[^\s,;\"']+")
_NOTE = re.compile(r"(|na|n/a|null|none|-|https?:.*|>.*|.*\s.*)", re.IGNORECASE)
_EMPTY = frozenset({"", "NA", "na", "NaN", "nan"})
_FORMS = "GMT (name, note, genes), GMX (columns), or a table with a header such as source, target, weight"

_Line: TypeAlias = tuple[int, list[str]]


class ListRow(NamedTuple):
    """One gene of one list; ``weight`` is None where the file gives none."""

    line: int
    list: str
    gene: str
    weight: float | None


@dataclass(frozen=True)
class ListFile:
    """A file of gene lists: its form (``GMT``, ``GMX`` or ``table``), its columns in small letters, its rows."""

    path: Path
    form: str
    columns: tuple[str, ...]
    rows: list[ListRow]

    @property
    def of_probes(self) -> bool:
        """Whether the rows are probes, of which a gene may have several (genefu)."""
        return "probe" in self.columns


def list_file(path: Path) -> ListFile:
    """The rows of a file of gene lists; what kind of file it is comes from its content.

    Raises
    ------
    InputOutputError
        When the file cannot be read.
    DataError
        With everything that is wrong in the file.
    """
    lines = text_lines(path)
    columns = _columns(path, lines[0])
    if columns:
        return ListFile(path, "table", columns, _table_rows(path, lines, columns))
    cells = [(number, [cell.strip() for cell in line.split("\t")]) for number, line in lines]
    if _is_gmx(path, cells):
        return ListFile(path, "GMX", (), _checked(path, _gmx_lists(cells), "GMX"))
    return ListFile(path, "GMT", (), _checked(path, _gmt_lists(cells), "GMT"))


def _columns(path: Path, first: tuple[int, str]) -> tuple[str, ...]:
    """The header of a table in small letters; empty when the first line is none."""
    if not any(name in first[1].lower() for name in GENE_COLUMNS):
        return ()
    header = tuple(cell.lower() for cell in next(fields_of(path, [first]))[1])
    return header if set(header) & set(GENE_COLUMNS) else ()


def _is_gmx(path: Path, cells: Sequence[_Line]) -> bool:
    """Whether the lists are columns: the notes, which are no genes, then fill the second row, not the second column."""
    if len(cells[0][1]) == 1 and len(cells) < 3:
        what = f"no file of gene lists; it starts with {shown(cells[0][1][0])}"
        raise DataError(Problem(f"{path}:{cells[0][0]}", what, f"Give {_FORMS}", code="E622"))
    rows_have_notes = all(len(row) > 1 and _NOTE.fullmatch(row[1]) for _, row in cells)
    columns_have_notes = len(cells) > 1 and all(_NOTE.fullmatch(cell) for cell in cells[1][1])
    suffix = plain_name(path).suffix.lower()
    if rows_have_notes != columns_have_notes:
        return columns_have_notes
    if suffix not in (".gmt", ".gmx"):
        what = f"neither the second column nor the second row holds notes alone; it starts with {shown(cells[0][1][0])}"
        raise DataError(
            Problem(str(path), what, f"Give {_FORMS}; the suffix .gmt or .gmx tells the two apart", code="E622")
        )
    return suffix == ".gmx"


def _gmt_lists(cells: Sequence[_Line]) -> Iterator[tuple[int, str, list[tuple[int, str]]]]:
    for line, row in cells:
        yield line, row[0], [(line, gene) for gene in row[2:] if gene]


def _gmx_lists(cells: Sequence[_Line]) -> Iterator[tuple[int, str, list[tuple[int, str]]]]:
    line, names = cells[0]
    width = max(at for _, row in cells for at, cell in enumerate(row, start=1) if cell)
    for at in range(width):
        genes = [(line, row[at]) for line, row in cells[2:] if at < len(row) and row[at]]
        yield line, names[at] if at < len(names) else "", genes


def _checked(path: Path, lists: Iterable[tuple[int, str, list[tuple[int, str]]]], form: str) -> list[ListRow]:
    """The rows of lists given as (line, name, genes with their lines); no list may be empty or come twice."""
    rows: list[ListRow] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for line, name, genes in lists:
        where = f"{path}:{line}"
        if not name:
            problems.append(Problem(where, f"a list without a name (read as {form})", "Name it", code="E622"))
        elif name in seen:
            what = f"list {shown(name)} comes twice, first on line {seen[name]} (read as {form})"
            problems.append(Problem(where, what, "Keep one", code="E622"))
        if not genes:
            problems.append(
                Problem(where, f"list {shown(name)} holds no genes (read as {form})", f"Give {_FORMS}", code="E622")
            )
        seen.setdefault(name, line)
        problems += [_gene_problem(path, at, gene) for at, gene in genes if not _is_gene(gene)]
        rows += [ListRow(at, name, gene, None) for at, gene in genes]
    problems += _spreadsheet_problems(path, rows)
    if problems:
        raise DataError(problems)
    return rows


def _spreadsheet_problems(path: Path, rows: Sequence[ListRow]) -> list[Problem]:
    lines: dict[str, int] = {}
    for row in rows:
        lines.setdefault(row.gene, row.line)
    return spreadsheet_problems(list(lines), path, list(lines.values()))


def _is_gene(text: str) -> bool:
    return _GENE.fullmatch(text) is not None and text.isprintable()


def _gene_problem(path: Path, line: int, gene: str) -> Problem:
    return Problem(
        f"{path}:{line}", f"{shown(gene)} is not the name of a gene", "Is a separator inside the cell?", code="E622"
    )


def _table_rows(path: Path, lines: list[tuple[int, str]], columns: tuple[str, ...]) -> list[ListRow]:
    """The rows of a table; without a column of lists there is one, named by the file."""
    list_at, gene_at, weight_at = (
        next((columns.index(name) for name in names if name in columns), None)
        for names in (LIST_COLUMNS, GENE_COLUMNS, WEIGHT_COLUMNS)
    )
    if list_at is None and weight_at is None and len(columns) > 1:
        what = f"a table of genes without a column of lists or weights: {', '.join(columns[:5])}"
        raise DataError(Problem(f"{path}:{lines[0][0]}", what, f"Give {_FORMS}", code="E622"))
    rows: list[ListRow] = []
    problems: list[Problem] = []
    for line, cells in list(fields_of(path, lines))[1:]:
        if len(cells) != len(columns):
            what = f"{len(cells)} cells, the header has {len(columns)} ({', '.join(columns)})"
            problems.append(Problem(f"{path}:{line}", what, "Export the table again", code="E622"))
            continue
        gene, weight = (cells[at] if at is not None else "" for at in (gene_at, weight_at))
        name = plain_name(path).stem if list_at is None else cells[list_at]
        if gene in _EMPTY and "probe" in columns:
            continue  # a probe of no known gene
        if not _is_gene(gene):
            problems.append(_gene_problem(path, line, gene))
        if not name:
            problems.append(
                Problem(f"{path}:{line}", "a gene without the name of its list", "Name the list", code="E622")
            )
        if weight not in _EMPTY and number_of(weight) is None:
            problems.append(Problem(f"{path}:{line}: weight", f"{shown(weight)} is not a number", code="E622"))
        rows.append(ListRow(line, name, gene, number_of(weight)))
    problems += _spreadsheet_problems(path, rows)
    if not rows and not problems:
        problems.append(Problem(str(path), f"a header ({', '.join(columns)}) and no genes", code="E622"))
    if problems:
        raise DataError(problems)
    return rows
