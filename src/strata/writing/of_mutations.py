"""The mutations and genotypes of a cohort that was read, as the tables that the writers of the layouts take."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from strata.genes.protein_changes import is_protein_change
from strata.writing.tables import MutationRow, MutationTable, Panel

if TYPE_CHECKING:
    from strata.cohort.model import Cohort, MutationAssay

__all__ = ["genes_of", "genotypes_of", "mutations_of"]

_GENES = 2000
"""Genes whose mutations are in memory together."""

_CLASSES = {"missense": "Missense_Mutation", "splice": "Splice_Site", "silent": "Silent", "unknown": ""}
"""What a MAF calls a consequence; the other words stand for several of a MAF's and are written as they are."""

_RS = re.compile(r"rs\d+")


def mutations_of(assay: MutationAssay, cohort: Cohort) -> MutationTable:
    """The mutations of an assay, with who was sequenced as far as that is known."""
    place = {patient: i for i, patient in enumerate(cohort.patients)}
    groups = _panels(assay, cohort, place)
    sequenced = np.any([group.patients for group in groups], axis=0) if groups else np.zeros(len(place), dtype=bool)
    return _Mutations(_Rows(assay, place), sequenced, "", (), assay=assay, place=place, groups=groups)


def genes_of(assay: MutationAssay) -> list[str]:
    """The features that are genes; rs ids have genotypes, which are a table of their own."""
    return [gene for gene in assay.features if not _RS.fullmatch(gene)]


def genotypes_of(assay: MutationAssay, patients: Sequence[str]) -> dict[str, tuple[str | None, ...]]:
    """The genotype of each rs id for each patient, None where there was no call."""
    found: dict[str, dict[str, str]] = {rs: {} for rs in assay.features if _RS.fullmatch(rs)}
    for patient, rs, call, _ in _variants(assay, list(found)):
        found[rs][patient] = call
    return {rs: tuple(calls.get(patient) for patient in patients) for rs, calls in found.items()}


def _variants(assay: MutationAssay, genes: Sequence[str]) -> list[tuple[str, str, str, str]]:
    """(patient, gene, change, consequence) of every row in some genes."""
    return list(assay.variants(genes).itertuples(index=False, name=None))


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class _Mutations(MutationTable):
    """The mutations of an assay; ``sequenced`` is nobody where it is not known."""

    assay: MutationAssay
    place: Mapping[str, int]
    groups: tuple[Panel, ...]

    @property
    def panels(self) -> tuple[Panel, ...]:
        """Who was sequenced with which panel; empty where that is not known, or the matrix says it itself."""
        return self.groups

    def cells(self) -> Iterator[list[str]] | None:
        """The rows of a 0/1 matrix where that is all there is: the change where it is known, else 1."""
        return self._matrix() if self.assay.detail == "binary" else None

    def _matrix(self) -> Iterator[list[str]]:
        assayed = [patient for patient in self.place if patient in self.assay.assayed]
        yield ["gene", *assayed]
        for genes in _some(genes_of(self.assay)):
            found: dict[tuple[str, str], list[str]] = {}
            for patient, gene, change, _ in _variants(self.assay, genes):
                found.setdefault((gene, patient), []).append(change or "1")
            for gene in genes:
                tested = self.assay.tested(gene)
                calls = [",".join(found.get((gene, patient), ["0"])) for patient in assayed]
                yield [
                    gene,
                    *(call if patient in tested else "NA" for call, patient in zip(calls, assayed, strict=True)),
                ]


@dataclass(frozen=True, eq=False, slots=True)
class _Rows:
    """The rows of a MAF, read as they are written."""

    assay: MutationAssay
    place: Mapping[str, int]

    def __iter__(self) -> Iterator[MutationRow]:
        for genes in _some(genes_of(self.assay)):
            for patient, gene, change, consequence in _variants(self.assay, genes):
                spelled = f"p.{change}" if is_protein_change(change) else change
                yield MutationRow(self.place[patient], gene, _CLASSES.get(consequence, consequence), spelled)


def _some(genes: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(genes), _GENES):
        yield [*genes[start : start + _GENES]]


def _panels(assay: MutationAssay, cohort: Cohort, place: Mapping[str, int]) -> tuple[Panel, ...]:
    """Groups of patients by the panel they were tested with; none where it is not known who was sequenced."""
    about: Mapping[str, Any] = cohort.choices["assays"][assay.kind]
    if assay.detail == "binary" or about["sequenced"] == "unknown":
        return ()
    # of germline rows beside genotypes
    rows: Any = getattr(assay, "mutations", assay)
    found = []
    for number, (patients, genes) in enumerate(rows.panels, start=1):
        mask = np.array([patient in patients for patient in place])
        known = None if genes is None else tuple(sorted(genes))
        found.append(Panel("yes" if known is None else f"PANEL-{number}", known, mask))
    return tuple(found)
