"""Expression tables whose rows are probes: the table that says which gene each probe is of."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from strata.cohort.feature_names import feature_names
from strata.cohort.findings import Findings, count, listed
from strata.cohort.identifiers import clean_id
from strata.cohort.matrix import Matrix
from strata.cohort.numbers import BadNumbers, is_missing, missing_words, parse_numbers
from strata.cohort.options import ReadOptions, remedy
from strata.cohort.table import Table, read_table
from strata.errors import DataError, Problem, shown
from strata.genes.spreadsheets import spreadsheet_problems

__all__ = ["CONTROL", "Probes", "look_like_probes", "read_probes"]

_COLUMNS = {
    "probes": ("probe", "probe_id", "probeset", "id_ref", "id"),
    # in Agilent's tables GENE is a number
    "genes": ("symbol", "gene_symbol", "hugo_symbol", "gene"),
}
_JETSET_COLUMNS = ("overall", "best")
_PROBE_NAME = re.compile(r"\d+(_[a-z])?_at|ILMN_\d+|A_\d+_P\d+")
CONTROL = "AFFX-"
"""What the names of Affymetrix' control probes begin with."""

_SEVERAL = re.compile(r"\s*(?:///|[;,])\s*")
_TRUE, _FALSE = frozenset({"true", "t", "1", "yes"}), frozenset({"false", "f", "0", "no"})


def look_like_probes(names: Sequence[str]) -> bool:
    """Whether most names are spelled as Affymetrix, Illumina or Agilent spell their probes.

    Examples
    --------
    >>> look_like_probes(["1007_s_at", "117_at", "IGF1R"]), look_like_probes(["IGF1R", "SPHK1"])
    (True, False)
    """
    return sum(_PROBE_NAME.fullmatch(name) is not None for name in names) > len(names) / 2


@dataclass(frozen=True, slots=True)
class Probes:
    """Which gene each probe is of.

    Parameters
    ----------
    path : Path
    genes : mapping of probe to its gene; empty for a probe of no gene or of several
    quality : mapping of probe to (marked best, overall score), or None
        From JetSet's table of scores; None unless ``duplicate_genes`` is ``jetset``.
    """

    path: Path
    genes: Mapping[str, str]
    quality: Mapping[str, tuple[bool, float]] | None

    def positions(self, matrix: Matrix, names: Sequence[str], findings: Findings) -> dict[str, tuple[int, ...]]:
        """The places of each gene's probes among ``names``; what was left out is counted in ``findings``.

        Raises
        ------
        DataError
            When no name is a probe of exactly one gene.
        """
        places: dict[str, list[int]] = {}
        controls = unlisted = unclear = 0
        for place, name in enumerate(names):
            gene = self.genes.get(name)
            if name.startswith(CONTROL):
                controls += 1
            elif gene is None:
                unlisted += 1
            elif not gene:
                unclear += 1
            else:
                places.setdefault(gene, []).append(place)
        if not places:
            raise DataError(self._no_overlap(matrix, names))
        where = f"mrna ({matrix.path.name})"
        findings.exclude(f"{where}: control probe", controls)
        findings.exclude(f"{where}: probe that is not in {self.path.name}", unlisted)
        findings.exclude(f"{where}: probe of several genes or none", unclear)
        left_out = f"{count(controls, 'control')}, {unlisted:,} not in that table, {unclear:,} of several genes or none"
        kept = sum(map(len, places.values()))
        probes = f"{count(kept, 'probe')} of {count(len(places), 'gene')} by {self.path.name}"
        findings.note(f"{matrix.path.name}: {probes}; left out: {left_out}")
        return {gene: tuple(at) for gene, at in places.items()}

    def best(self, positions: Mapping[str, Sequence[int]], names: Sequence[str]) -> dict[str, tuple[int, ...]]:
        """One place for each gene: the probe that JetSet marks best, else the highest overall score, else the first."""
        quality = self.quality or {}
        return {gene: (max(places, key=lambda place: quality[names[place]]),) for gene, places in positions.items()}

    def _no_overlap(self, matrix: Matrix, names: Sequence[str]) -> Problem:
        ours, theirs = shown(names[0]), shown(next(iter(self.genes), ""))
        what = f"none of the {count(len(names), 'name')} (first {ours}) is a probe of one gene in {self.path.name}"
        what += f" (its first: {theirs})"
        return Problem(
            str(matrix.path), what, "Give the table of this array's probes, or none for a table of genes", code="E217"
        )


def read_probes(options: ReadOptions, findings: Findings) -> Probes:
    """Read the table of the option ``probes``: an array's annotation, or JetSet's table of scores.

    Raises
    ------
    InputOutputError
        When it cannot be opened.
    DataError
        When a column is missing, gene names were destroyed by a spreadsheet, or JetSet's columns cannot be read.
    """
    table = read_table(Path(options.probes), options, findings)
    columns = _columns(table, options)
    names = [clean_id(name) for name in table.column(columns["probes"])]
    cells = table.column(columns["genes"])
    problems = spreadsheet_problems([cell.strip() for cell in cells], table.path, table.lines)
    if problems:
        raise DataError(problems)
    genes: dict[str, set[str]] = {}
    for name, cell in zip(names, cells, strict=True):
        genes.setdefault(name, set()).update(_genes(cell))
    only = {name: found.pop() if len(found) == 1 else "" for name, found in genes.items()}
    quality = _quality(table, columns, names, options) if options.duplicate_genes == "jetset" else None
    return Probes(table.path, only, quality)


def _columns(table: Table, options: ReadOptions) -> dict[str, str]:
    """The columns that are needed by what they hold. Raises ``DataError`` with all that are missing."""
    wanted = dict(_COLUMNS)
    if options.duplicate_genes == "jetset":
        wanted |= {name: (name,) for name in _JETSET_COLUMNS}
    found = {what: name for what, names in wanted.items() if (name := table.find(*names))}
    where = f"{table.path}:{table.header_line}"
    problems = [
        Problem(
            where,
            f"no column of {what}; found {listed(table.columns, 12)}",
            f"Name it {' or '.join(names)}",
            code="E210",
        )
        for what, names in _COLUMNS.items()
        if what not in found
    ]
    scores = [name for name in wanted if name in _JETSET_COLUMNS and name not in found]
    if scores:
        what = f"duplicate_genes is jetset, and there is no column {' and no column '.join(scores)}"
        fix = f"Give JetSet's table of scores, or choose another rule: {remedy('duplicate_genes', 'max_mean')}"
        problems.append(Problem(where, what, fix, code="E217"))
    if problems:
        raise DataError(problems)
    return found


def _genes(cell: str) -> set[str]:
    """The genes of a cell such as ``IGF1R`` or ``DDR1 /// MIR4640``; NCBI's and Affymetrix's ``---`` is none."""
    words = [word for word in _SEVERAL.split(cell.strip()) if word != "---" and not is_missing(word)]
    return {name for word in words for name in feature_names("mrna", word)}


def _quality(
    table: Table, columns: Mapping[str, str], names: Sequence[str], options: ReadOptions
) -> dict[str, tuple[bool, float]]:
    """JetSet's judgement of each probe: whether it is its gene's best, and its overall score."""
    overall, best = (columns[name] for name in _JETSET_COLUMNS)
    lines = [str(line) for line in table.lines]
    bad = BadNumbers()
    words = missing_words(options.na)
    scores = parse_numbers(table.column(overall), bad, lines, missing=words, decimal=options.decimal)
    problems = bad.problems(table.path, overall)
    marks = [cell.strip().casefold() for cell in table.column(best)]
    strange = [i for i, mark in enumerate(marks) if mark not in _TRUE | _FALSE and not is_missing(mark, words)]
    if strange:
        what = f"column {shown(best)}: {count(len(strange), 'cell')} neither TRUE nor FALSE"
        first = listed([f"{shown(marks[i])} on line {lines[i]}" for i in strange], 3)
        problems.append(Problem(f"{table.path}:{lines[strange[0]]}", f"{what} ({first})", code="E217"))
    if problems:
        raise DataError(problems)
    scores = np.where(np.isnan(scores), -np.inf, scores)
    found: dict[str, tuple[bool, float]] = {}
    for name, mark, score in zip(names, marks, scores.tolist(), strict=True):
        found[name] = max(found.get(name, (False, -np.inf)), (mark in _TRUE, score))
    return found
