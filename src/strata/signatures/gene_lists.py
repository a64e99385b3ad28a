"""Gene lists from the files a user points at: what each list holds, and where a list that is missing can be had."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from itertools import chain
from pathlib import Path

from strata.errors import DataError, Problem
from strata.signatures.gene_list_files import ListFile, ListRow, list_file
from strata.text_file import read_each

__all__ = ["GeneList", "gene_lists_of", "missing_list", "read_gene_lists"]


@dataclass(frozen=True, slots=True)
class GeneList:
    """A named list of genes.

    Parameters
    ----------
    name : str
        As signature files name it.
    weights : mapping of str to float
        Genes as the file writes them (symbols, Entrez ids), in its order; the weight is 1.0 where it has none.
    weighted : bool
        Whether the file gives weights.
    source : Path
        The file.
    notes : tuple of str
        What was left out while reading, counted.
    """

    name: str
    weights: Mapping[str, float]
    weighted: bool
    source: Path
    notes: tuple[str, ...] = ()


def read_gene_lists(paths: Iterable[str | Path]) -> dict[str, GeneList]:
    """Every gene list of some files, by name.

    A file's content says what it is: GMT (a row is a list: name, note, genes), GMX (a column is a list), or a TSV or
    CSV with a header: ``source, target, weight`` (decoupler), ``set, gene, weight``, ``gene, weight`` (one list, named
    by the file), ``probe, EntrezGene.ID, coefficient`` (genefu; one list of Entrez ids). Weights may be left out;
    files may be gzip.

    A gene that a list holds twice counts once. Of several probes of one gene the first is kept where their signs agree,
    and the gene is left out where they do not (genefu takes the most variant probe of the data, for which it needs a
    table of probes).

    Raises
    ------
    InputOutputError
        When a file cannot be read.
    DataError
        For everything that is wrong in all files, with file and line: a file that is none of these, a list without
        genes, a gene with two weights, a weight that is no number, one name for two different lists.
    """
    lists: dict[str, GeneList] = {}
    problems: list[Problem] = []
    for found in chain.from_iterable(read_each(paths, lambda path: gene_lists_of(list_file(path)))):
        problems += _clash(lists.setdefault(found.name, found), found)
    if problems:
        raise DataError(problems)
    return lists


def gene_lists_of(file: ListFile) -> list[GeneList]:
    """The lists of one file. Raises ``DataError`` where the weights of a gene contradict each other."""
    by_list: dict[str, dict[str, list[ListRow]]] = {}
    for row in file.rows:
        by_list.setdefault(row.list, {}).setdefault(row.gene, []).append(row)
    problems = [problem for name, genes in by_list.items() for problem in _weight_problems(name, genes, file)]
    if problems:
        raise DataError(problems)
    return [_gene_list(name, genes, file) for name, genes in by_list.items()]


def missing_list(name: str) -> str:
    """What a signature lacks without the list ``name``, and which file to give."""
    for row in _sources():
        if fnmatchcase(name, row["list"]):
            return f"needs gene set {name} ({row['source']}): pass --gene-sets {row['file'] or 'FILE with it'}"
    return f"needs gene set {name}: pass --gene-sets FILE with it"


@cache
def _sources() -> list[dict[str, str]]:
    text = (files("strata") / "signatures" / "gene_list_sources.tsv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines(), delimiter="\t"))


def _clash(first: GeneList, second: GeneList) -> list[Problem]:
    if first.weights == second.weights:
        return []
    n, m = len(first.weights), len(second.weights)
    what = f"two lists {first.name!r} of different genes or weights ({n} and {m} genes)"
    return [
        Problem(f"{first.source} and {second.source}", what, "Give one of the files, or rename one list", code="E622")
    ]


def _weight_problems(name: str, genes: Mapping[str, list[ListRow]], file: ListFile) -> list[Problem]:
    problems: list[Problem] = []
    rows = [row for gene_rows in genes.values() for row in gene_rows]
    without = [row for row in rows if row.weight is None]
    if 0 < len(without) < len(rows):
        what = f"list {name!r}: {len(without)} of {len(rows)} rows have no weight, the first is {without[0].gene}"
        where = f"{file.path}:{without[0].line}"
        problems.append(Problem(where, what, "Give every gene of a list a weight, or none", code="E622"))
    for gene, gene_rows in genes.items():
        if not file.of_probes and len({row.weight for row in gene_rows} - {None}) > 1:
            found = ", ".join(f"{row.weight:g} on line {row.line}" for row in gene_rows if row.weight is not None)
            what = f"list {name!r}: {gene} has several weights: {found}"
            problems.append(Problem(f"{file.path}:{gene_rows[0].line}", what, "Keep one", code="E622"))
    return problems


def _gene_list(name: str, genes: Mapping[str, list[ListRow]], file: ListFile) -> GeneList:
    torn = [gene for gene, rows in genes.items() if len({(row.weight or 0) > 0 for row in rows}) > 1]
    kept = {gene: rows[0].weight for gene, rows in genes.items() if gene not in torn}
    repeated = sum(len(genes[gene]) - 1 for gene in kept)
    notes: list[str] = []
    if repeated:
        what = "further probes of a gene" if file.of_probes else "repeated genes"
        notes.append(f"{name}: {what} left out: {repeated} ({len(kept)} genes kept)")
    if torn:
        notes.append(f"{name}: genes left out, as their probes have opposite signs: {len(torn)} ({', '.join(torn)})")
    weights = {gene: 1.0 if weight is None else weight for gene, weight in kept.items()}
    return GeneList(name, weights, None not in kept.values(), file.path, tuple(notes))
