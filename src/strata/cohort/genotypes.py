"""Germline genotypes as an assay, alone and beside germline rows of mutation tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from strata.cohort.model import MutationAssay

__all__ = ["Genotypes", "GermlineAssay"]


@dataclass(frozen=True, eq=False)
class Genotypes:
    """A :class:`~strata.cohort.model.MutationAssay` over genotypes. A patient without a call is unknown, not wild type.

    Parameters
    ----------
    calls : mapping of rs id to mapping of patient to genotype (``G/T``)
    """

    calls: Mapping[str, Mapping[str, str]]
    kind: str = "germline"
    detail: Literal["variants", "binary"] = "variants"

    @property
    def features(self) -> tuple[str, ...]:
        """The rs ids."""
        return tuple(self.calls)

    @property
    def assayed(self) -> frozenset[str]:
        """The patients with a call for any variant."""
        return frozenset[str]().union(*self.calls.values())

    def tested(self, gene: str) -> frozenset[str]:
        """The patients with a call for the rs id ``gene``."""
        return frozenset(self.calls.get(gene, ()))

    def variants(self, genes: Sequence[str]) -> pd.DataFrame:
        """A row for every call in the rs ids ``genes``: ``change`` is the genotype, ``consequence`` is ``other``."""
        rows = [
            (patient, gene, call, "other")
            for gene in dict.fromkeys(genes)
            for patient, call in self.calls.get(gene, {}).items()
        ]
        return pd.DataFrame(rows, columns=["patient", "gene", "change", "consequence"], dtype=str)


@dataclass(frozen=True, eq=False)
class GermlineAssay:
    """Germline rows of mutation tables and genotypes as one :class:`~strata.cohort.model.MutationAssay`."""

    mutations: MutationAssay
    genotypes: Genotypes
    kind: str = "germline"

    @property
    def detail(self) -> Literal["variants", "binary"]:
        """``binary`` where the mutations are a 0/1 matrix."""
        return self.mutations.detail

    @property
    def features(self) -> tuple[str, ...]:
        """Genes, then rs ids."""
        return tuple(dict.fromkeys([*self.mutations.features, *self.genotypes.features]))

    @property
    def assayed(self) -> frozenset[str]:
        """The patients who were sequenced or have a genotype."""
        return self.mutations.assayed | self.genotypes.assayed

    def tested(self, gene: str) -> frozenset[str]:
        """The patients tested for a gene, or with a call for an rs id."""
        return self.mutations.tested(gene) | self.genotypes.tested(gene)

    def variants(self, genes: Sequence[str]) -> pd.DataFrame:
        """The rows of both."""
        return pd.concat([self.mutations.variants(genes), self.genotypes.variants(genes)], ignore_index=True)
