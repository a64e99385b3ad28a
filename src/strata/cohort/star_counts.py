"""GDC's STAR counts, one file an aliquot, as one matrix: samples in rows, genes in columns.

The files of one release have the same genes on the same lines, so a gene is found by its line and checked by its id.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from strata.cohort.clinical_ids import first_few
from strata.cohort.files import Stamp, check_unchanged, chunks_of, decode, lines, stamp
from strata.cohort.findings import Findings, count, listed
from strata.cohort.matrix import Numbers, Opened
from strata.cohort.numbers import plain
from strata.cohort.options import ReadOptions
from strata.errors import DataError, Problem
from strata.genes.names import unversioned

__all__ = ["STAR_FILES", "StarCounts", "StarFile", "open_star_counts"]

STAR_FILES = "*.rna_seq.augmented_star_gene_counts.tsv"
"""What the files are called behind their UUID."""

_OTHER_RELEASE = "Give files of one GDC release, or download this one again"


@dataclass(frozen=True, slots=True)
class StarFile:
    """The file of one aliquot: its sample or aliquot id, and the line of the sample sheet that says so."""

    path: Path
    sample: str
    line: int


@dataclass(frozen=True, slots=True)
class StarCounts:
    """A :class:`~strata.cohort.matrix.Matrix` over the files of a GDC download.

    Parameters
    ----------
    path : Path
        What the files are called together, for messages.
    files : tuple of StarFile
        The rows.
    stamps : tuple of Stamp
        The size and time of each file when it was opened.
    column_names : tuple of str
        ``SYMBOL|ENSG...`` of each gene.
    ids : tuple of bytes
        How the line of each gene begins.
    gene_lines : tuple of int
        The line of each gene, from 0.
    n_lines : int
        Lines of a file.
    number_field : int
        The field with the numbers, from 0.
    options : ReadOptions
    """

    path: Path
    files: tuple[StarFile, ...]
    stamps: tuple[Stamp, ...] = field(repr=False)
    column_names: tuple[str, ...] = field(repr=False)
    ids: tuple[bytes, ...] = field(repr=False)
    gene_lines: tuple[int, ...] = field(repr=False)
    n_lines: int
    number_field: int
    options: ReadOptions

    @property
    def row_names(self) -> tuple[str, ...]:
        """The samples."""
        return tuple(file.sample for file in self.files)

    def rows(self, places: Sequence[int], columns: Sequence[int] | None = None) -> Iterator[tuple[int, list[str]]]:
        """(place, cells) of some samples, in the order of the sample sheet; of ``columns``, else of all genes.

        Raises
        ------
        DataError, InputOutputError
            Behind the last sample: every file that cannot be read, or has other genes than the first.
        """
        for place, cells in self._cells(places, range(len(self.ids)) if columns is None else columns):
            yield place, _texts(cells)

    def numbers(self, places: Sequence[int], columns: Sequence[int]) -> Iterator[Numbers]:
        """Some samples as numbers, one at a time, in the order of the sample sheet; ``columns`` in the order asked.

        Raises
        ------
        DataError, InputOutputError
            As :meth:`rows`.
        """
        for place, cells in self._cells(places, columns):
            values, certain = np.zeros((1, len(columns))), np.ones(1, dtype=np.bool_)
            try:
                values[0] = list(map(float, cells))
                # float() also takes nan and 1_000, which no file of the GDC means
                certain[0] = np.isfinite(values).all() and b"_" not in b"".join(cells)
            except ValueError:
                certain[0] = False
            yield Numbers((place,), values, certain, partial(_texts, cells))

    def columns(self, places: Sequence[int]) -> list[list[str]]:
        """The cells of some genes, in the order asked, each over all samples."""
        rows = [cells for _, cells in self.rows(range(len(self.files)), places)]
        return [list(column) for column in zip(*rows, strict=True)]

    def place(self, row: int, column: int) -> str:
        """File, line and field of a cell."""
        return f"{self.files[row].path.name} line {self.gene_lines[column] + 1} field {self.number_field + 1}"

    def line(self, row: int) -> int:
        """The line of a sample in the sample sheet."""
        return self.files[row].line

    def _cells(self, places: Sequence[int], columns: Sequence[int]) -> Iterator[tuple[int, list[bytes]]]:
        findings = Findings()
        wanted = [(self.gene_lines[column], self.ids[column]) for column in columns]
        for place in sorted(set(places)):
            cells = None
            with findings.collecting():
                cells = self._of_file(place, wanted)
            if cells is not None:
                yield place, cells
        findings.stop_if_any()

    def _of_file(self, place: int, wanted: Sequence[tuple[int, bytes]]) -> list[bytes]:
        path = self.files[place].path
        check_unchanged(path, self.stamps[place])
        text = _lines(path, self.options)
        if len(text) != self.n_lines:
            what = f"{len(text):,} lines, and {self.n_lines:,} in {self.files[0].path.name}"
            raise DataError(Problem(str(path), what, _OTHER_RELEASE, code="E217"))
        if other := [line for line, gene in wanted if not text[line].startswith(gene)]:
            what = f"{count(len(other), 'line')} with another gene than in {self.files[0].path.name}"
            raise DataError(Problem(f"{path}:{other[0] + 1}", what, _OTHER_RELEASE, code="E217"))
        k = self.number_field
        try:
            return [text[line].split(b"\t", k + 1)[k] for line, _ in wanted]
        except IndexError:
            short = [line for line, _ in wanted if text[line].count(b"\t") < k]
            what = f"{count(len(short), 'line')} without field {k + 1}"
            raise DataError(Problem(f"{path}:{short[0] + 1}", what, "Is the file cut off?", code="E217")) from None


def _texts(cells: Sequence[bytes], _row: int = 0) -> list[str]:
    """The only row of a piece as text."""
    return [plain(cell.decode("utf-8", "replace")) for cell in cells]


def open_star_counts(folder: Path, files: Sequence[StarFile], options: ReadOptions, findings: Findings) -> Opened:
    """The names of the genes, from the first file, and the header of every file.

    The rows ``N_unmapped`` and so on, which count reads, and those of the Y chromosome's copy of a gene (``_PAR_Y``),
    which the GDC's genome masks, are left out.

    Raises
    ------
    DataError, InputOutputError
        For every file that cannot be opened, or whose header is another one than the first's; when there is no column
        as the option ``star_column`` says.
    """
    problems = Findings()
    stamps, headers = [], []
    for file in files:
        with problems.collecting():
            stamps.append(stamp(file.path))
            headers.append((file.path, _header(file.path, options)))
    others = [path for path, header in headers if header != headers[0][1]]
    where = [
        Problem(str(path), f"another header than {headers[0][0].name}", _OTHER_RELEASE, code="E217") for path in others
    ]
    problems.problems = first_few([*problems.problems, *where], folder, "more file", "that cannot be used")
    problems.stop_if_any()
    findings.files += [file.path for file in files]
    return Opened(_matrix(folder, files, stamps, options, findings), [])


def _header(path: Path, options: ReadOptions) -> list[str]:
    for number, line in lines(path, options):
        if not line.startswith(b"#"):
            return decode(path, number, line).split("\t")
    raise DataError(Problem(str(path), "no header and no row found", "Download it again", code="E217"))


def _matrix(
    folder: Path, files: Sequence[StarFile], stamps: Sequence[Stamp], options: ReadOptions, findings: Findings
) -> StarCounts:
    first, path = files[0].path, folder / STAR_FILES
    header = _header(first, options)
    if header[:2] != ["gene_id", "gene_name"] or options.star_column not in header:
        what = f"no columns gene_id, gene_name (the first two) and {options.star_column}; found {listed(header, 12)}"
        raise DataError(Problem(str(first), what, "Are these STAR counts of GDC release 32 or later?", code="E217"))
    text = _lines(first, options)
    genes: list[tuple[int, str, bytes]] = []
    counters = masked = 0
    for number in [number for number, line in enumerate(text) if not line.startswith(b"#")][1:]:
        gene, tab, rest = decode(first, number + 1, text[number]).partition("\t")
        if not tab:
            raise DataError(Problem(f"{first}:{number + 1}", "a row of 1 field", "Is the file cut off?", code="E217"))
        symbol = rest.partition("\t")[0]
        if gene.startswith("N_"):
            counters += 1
        elif gene.endswith("_PAR_Y"):
            masked += 1
        else:
            genes.append((number, f"{symbol}|{unversioned(gene)}", gene.encode() + b"\t"))
    if not genes:
        raise DataError(Problem(str(first), "a header was found, and 0 genes", "Download it again", code="E217"))
    findings.exclude(f"mrna ({path.name}): row of the masked Y copy of a gene (_PAR_Y)", masked)
    findings.note(f"{path.name}: {count(len(files), 'file')}; {count(counters, 'row')} that count reads (N_) left out")
    gene_lines, names, ids = zip(*genes, strict=True)
    place = header.index(options.star_column)
    return StarCounts(path, tuple(files), tuple(stamps), names, ids, gene_lines, len(text), place, options)


def _lines(path: Path, options: ReadOptions) -> list[bytes]:
    return b"".join(chunks_of(path, options)).rstrip(b"\r\n").split(b"\n")
