"""The genes of lists and centroids in a cohort: which table feature each is, and whether enough are found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from strata.signatures import missing_centroids, missing_list

if TYPE_CHECKING:
    from strata.cohort import Assay
    from strata.scoring.finding import Finder
    from strata.scoring.resources import Resources
    from strata.signatures import GeneSet

__all__ = ["ASSAY", "Member", "SetMembers"]

ASSAY = "mrna"
"""The assay that gene lists are about."""

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Member:
    """A gene of a list in a cohort.

    Parameters
    ----------
    gene : str
        As the list names it.
    symbol : str
        The approved symbol where the names table knows the gene, else ``gene``.
    weight : float
        Positive: up; negative: down.
    feature : str or None
        The table's feature; None when it is not used, for the ``reason``.
    reason : str
    list : str
        The list's name, empty for symbols that the signature spells out.
    """

    gene: str
    symbol: str
    weight: float
    feature: str | None
    reason: str
    list: str

    @property
    def key(self) -> str:
        """The feature, or a name that no feature has: a gene that is not used counts among those asked for."""
        return self.feature or f"{self.gene} (not used)"


class SetMembers:
    """Finds the genes of gene sets and centroids in the expression tables of one cohort.

    Parameters
    ----------
    assay : Assay or None
    finder : Finder
    resources : Resources
    """

    def __init__(self, assay: Assay | None, finder: Finder, resources: Resources) -> None:
        self._assay, self._finder, self._resources = assay, finder, resources
        self._members: dict[GeneSet | str, tuple[Member, ...]] = {}

    def of(self, asked: GeneSet | str) -> tuple[Member, ...]:
        """The genes of a gene set, or of the centroids of a scheme; none for a list that was not given."""
        if asked not in self._members:
            listed = self._centroid_genes(asked) if isinstance(asked, str) else self._listed(asked)
            self._members[asked] = self._found(listed)
        return self._members[asked]

    def missing(self, asked: GeneSet | str) -> tuple[str, ...]:
        """What must be given before ``asked`` can be scored."""
        if isinstance(asked, str):
            return () if asked in self._resources.centroids else (missing_centroids(asked),)
        return tuple(missing_list(name) for name in asked.named if name not in self._resources.gene_lists)

    def _listed(self, node: GeneSet) -> list[tuple[str, float, str]]:
        """(gene, weight, list) of a gene set."""
        lists = self._resources.gene_lists
        if node.table is not None:
            table = lists.get(node.table)
            return [] if table is None else [(gene, weight, table.name) for gene, weight in table.weights.items()]
        found: list[tuple[str, float, str]] = []
        for part, sign in ((node.up, 1.0), (node.down, -1.0)):
            if isinstance(part, str):
                found += [(gene, sign, part) for gene in (lists[part].weights if part in lists else ())]
            else:
                found += [(gene, sign, "") for gene in part or ()]
        return found

    def _centroid_genes(self, scheme: str) -> list[tuple[str, float, str]]:
        table = self._resources.centroids.get(scheme)
        return [] if table is None else [(gene, 1.0, scheme) for gene in table.genes]

    def _found(self, listed: Sequence[tuple[str, float, str]]) -> tuple[Member, ...]:
        """The genes of a list, each once: of several names of one gene the approved symbol counts."""
        genes: dict[str, list[tuple[str, float, str]]] = {}
        for gene, weight, name in listed:
            genes.setdefault(self._finder.names.resolve(gene).symbol or gene, []).append((gene, weight, name))
        members = []
        for symbol, named in genes.items():
            gene, weight, name = next((item for item in named if item[0] == symbol), named[0])
            feature, reason = self._feature(symbol, self.scale)
            if len({weight > 0 for _, weight, _ in named}) > 1:
                feature, reason = None, "both up and down"
            members.append(Member(gene, symbol, weight, feature, reason, name))
        return tuple(members)

    def _feature(self, symbol: str, scale: str) -> tuple[str | None, str]:
        if self._assay is None:
            return None, f"the cohort has no {ASSAY} table"
        found = self._finder.find(ASSAY, symbol)
        if found.feature is not None and self._assay.scale(found.feature) != scale:
            own = self._assay.scale(found.feature)
            return None, f"on the scale '{own}', while most genes are on the scale '{scale}'"
        return found.feature, found.reason

    @cached_property
    def scale(self) -> str:
        """The scale of most genes: ranks and sums over several scales would mean nothing."""
        if self._assay is None:
            return ""
        return Counter(map(self._assay.scale, self._assay.features)).most_common(1)[0][0]

    def why_not(self, asked: GeneSet | str) -> str:
        """Why a gene set or scheme cannot be scored in this cohort; empty when it can."""
        if missing := self.missing(asked):
            return "; ".join(missing)
        if self._assay is None:
            return f"the cohort has no {ASSAY} table"
        members = self.of(asked)
        n = sum(member.feature is not None for member in members)
        least = self._resources.min_coverage
        if n < least * len(members):
            gone = [member.gene for member in members if member.feature is None]
            more = f" and {len(gone) - 5} more" if len(gone) > 5 else ""
            return f"{self.in_words(asked)}, fewer than the share {least:g} (missing {', '.join(gone[:5])}{more})"
        if not isinstance(asked, str) and asked.by == "weighted":
            table = self._resources.gene_lists[str(asked.table)]
            return "" if table.weighted else f"gene list {table.name} has no weights"
        return ""

    def in_words(self, asked: GeneSet | str) -> str:
        """How many genes are found, for people."""
        members = self.of(asked)
        n = sum(member.feature is not None for member in members)
        return f"{asked}: {n} of {len(members)} genes found"
