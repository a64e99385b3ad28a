"""Mutations as a 0/1 matrix: it says that a gene is mutated, and mostly not how."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from strata.cohort.assays import MatrixTable
from strata.cohort.findings import count, listed
from strata.cohort.identifiers import nameless
from strata.cohort.numbers import is_missing, missing_words
from strata.cohort.options import can_be_typed, remedy
from strata.cohort.sequencing import Panels
from strata.errors import DataError, Problem, shown
from strata.genes.protein_changes import protein_changes

__all__ = ["MutationMatrix"]

_MUTATED = frozenset({"1", "1.0", "true", "t", "yes", "y", "mut", "mutated", "mutant"})
_WILD = frozenset({"0", "0.0", "false", "f", "no", "n", "wt", "wild type", "wildtype", "wild-type"})
_CHANGE = re.compile(r"p\..+|[A-Z*]\d+([A-Z*=].*|_[A-Z*]\d+.*)")


@dataclass(frozen=True, eq=False)
class MutationMatrix:
    """A :class:`~strata.cohort.model.MutationAssay` over one matrix of 0/1, TRUE/FALSE, MUT/WT or protein changes.

    Parameters
    ----------
    kind : str
    table : MatrixTable
    assayed : frozenset of str
        The patients of the matrix, or those who were sequenced where that is stated.
    panels : tuple of (patients, genes or None)
        Which patients were tested for which genes; None stands for every gene of the matrix.
    """

    kind: str
    table: MatrixTable
    assayed: frozenset[str]
    panels: Panels
    detail: Literal["variants", "binary"] = "binary"
    features: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        names = [gene for gene in self.table.positions if self._on_a_panel(gene)]
        object.__setattr__(self, "features", tuple(names))

    def _on_a_panel(self, gene: str) -> frozenset[str]:
        """The patients of ``assayed`` whose panel holds the gene."""
        groups = [patients for patients, genes in self.panels if genes is None or gene in genes]
        return self.assayed.intersection(frozenset[str]().union(*groups))

    def tested(self, gene: str) -> frozenset[str]:
        """The patients with a known cell for ``gene``."""
        if gene not in self.features:
            return frozenset()
        on_a_panel = self._on_a_panel(gene)
        return frozenset(patient for patient, _, cells in self._cells([gene]) if any(cells)) & on_a_panel

    def variants(self, genes: Sequence[str]) -> pd.DataFrame:
        """A row for every mutated cell in ``genes``, its consequence ``unknown``.

        Raises
        ------
        DataError
            For words that are neither mutated nor wild type; lists them.
        """
        rows = [
            (patient, gene, change, "unknown")
            for patient, gene, cells in self._cells([gene for gene in genes if gene in self.features])
            if patient in self._on_a_panel(gene)
            for cell in cells
            if cell and cell.casefold() not in _WILD
            for change in self._changes(cell, gene)
        ]
        return pd.DataFrame(rows, columns=["patient", "gene", "change", "consequence"], dtype=str)

    def _cells(self, genes: Sequence[str]) -> Iterator[tuple[str, str, list[str]]]:
        """(patient, gene, cells of the samples that count); a missing cell is empty."""
        table, words = self.table, missing_words(self.table.options.na)
        raw = self._raw(genes)
        strange: Counter[str] = Counter()
        found = []
        for gene in genes:
            for patient, picked in table.picks.items():
                cells = [raw[place][sample].strip() for place in table.positions[gene] for sample in picked]
                cells = ["" if is_missing(cell, words) else cell for cell in cells]
                strange.update(cell for cell in cells if cell and not self._understands(cell))
                found.append((patient, gene, cells))
        if strange:
            what = f"{count(strange.total(), 'cell')} neither mutated nor wild type: "
            what += listed([f"{shown(word, limit=40)} ({n})" for word, n in nameless(strange).most_common()])
            fix = "Write 1 or 0, TRUE or FALSE, MUT or WT, or a protein change"
            if can_be_typed(list(strange)):
                fix += f"; as missing: {remedy('na', *strange)}"
            raise DataError(Problem(str(table.matrix.path), what, fix, code="E418"))
        yield from found

    def _understands(self, cell: str) -> bool:
        key = cell.casefold()
        return self.kind == "germline" or key in _MUTATED or key in _WILD or bool(_CHANGE.fullmatch(cell))

    def _changes(self, cell: str, gene: str) -> tuple[str, ...]:
        """The protein changes, or for germline the genotype; one empty where the cell says no more than mutated."""
        if cell.casefold() in _MUTATED:
            return ("",)
        return (cell,) if self.kind == "germline" else protein_changes(cell, gene)

    def _raw(self, genes: Sequence[str]) -> Mapping[int, list[str]]:
        places = sorted({place for gene in genes for place in self.table.positions[gene]})
        if self.table.genes_in_rows:
            return dict(self.table.matrix.rows(places))
        return dict(zip(places, self.table.matrix.columns(places), strict=True))
