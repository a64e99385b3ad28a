"""Which feature of a cohort's tables a signature's feature is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from strata.cohort.findings import count
from strata.genes import FeatureIndex, Found

if TYPE_CHECKING:
    from collections.abc import Sequence

    from strata.cohort import Cohort
    from strata.genes import GeneNames

_FAMILY = 3
"""Letters before its number from which on a symbol names a family."""

__all__ = ["Finder", "in_words"]


def in_words(feature: str) -> str:
    """A feature as people read it: ``IGF1R@post`` is ``IGF1R at post``."""
    return feature.replace("@", " at ")


class Finder:
    """Finds features by symbol, by another name of the gene, or says why not.

    Parameters
    ----------
    cohort : Cohort
    names : GeneNames
    """

    def __init__(self, cohort: Cohort, names: GeneNames) -> None:
        self._cohort, self.names = cohort, names
        self._indexes: dict[str, FeatureIndex] = {}

    def features(self, kind: str) -> Sequence[str]:
        """The features of the tables of ``kind``; none where the cohort has no such table."""
        table = self._cohort.assays.get(kind) or self._cohort.mutations.get(kind)
        return () if table is None else table.features

    def written(self, kind: str, feature: str) -> str:
        """How the file writes a feature of the tables of ``kind``; a gene of mutation tables is as they write it."""
        table = self._cohort.assays.get(kind)
        return feature if table is None else table.written(feature)

    def find(self, kind: str, feature: str) -> Found:
        """The table's feature that ``feature`` means."""
        if kind not in self._indexes:
            what: Literal["gene", "mirna"] = "mirna" if kind == "mirna" else "gene"
            self._indexes[kind] = FeatureIndex(self.features(kind), self.names, kind=what)
        found = self._indexes[kind].find(feature)
        if found.feature is not None:
            return found
        gene, _, time = feature.partition("@")
        others = sorted(name.partition("@")[2] for name in self.features(kind) if name.startswith(f"{gene}@"))
        reason = f"no {kind} {in_words(feature)} in the cohort's tables"
        if others:
            reason += f" (measured at {', '.join(others)}" + ("" if time else "; none is before treatment") + ")"
        elif found.how in ("ambiguous", "mouse symbol"):
            reason += f" ({found.reason})"
        elif nearest := self._nearest(kind, gene):
            reason += f" ({count(len(self.features(kind)), 'feature')}; nearest: {', '.join(nearest)})"
        return Found(None, found.how, reason)

    def _nearest(self, kind: str, gene: str) -> list[str]:
        """Up to three features of the family of a gene: SPHK2 for SPHK1."""
        family = gene.rstrip("0123456789")
        if len(family) < _FAMILY:
            return []
        return sorted(f for f in self.features(kind) if f.startswith(family) and f[len(family) :].isdigit())[:3]
