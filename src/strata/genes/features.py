"""Which feature of a table stands for a gene, phospho-site or microRNA that a signature names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Literal

from strata.errors import shown
from strata.genes.gene_table import packaged_rows
from strata.genes.names import GeneNames, folded, unversioned

__all__ = ["FeatureIndex", "Found"]

_TAIL = re.compile(r"(?P<gene>.+?)(?P<tail>(?:_p[STY]\d+(?:_[STY]\d+)*)?(?:@.+)?)")


@dataclass(frozen=True, slots=True)
class Found:
    """The feature that stands for a name.

    Parameters
    ----------
    feature : str or None
        As the table has it; None when no feature, or not one alone, stands for the name.
    how : str
        ``exact``, or how the feature's name leads to the gene: ``alias``, ``Entrez id`` ... (:class:`Resolved`);
        ``miRNA name``; without a feature ``missing``, ``ambiguous``, ``mouse symbol``, ``not a gene`` or ``unknown``.
    reason : str
        Without a feature, why, in words for people.
    """

    feature: str | None
    how: str
    reason: str = ""


class FeatureIndex:
    """The features of one table, to be asked for by any name of a gene.

    Parameters
    ----------
    features : iterable of str
        As the table has them: symbols, ids, ``EIF4EBP1_pS65``, ``IGF1R@post``.
    names : GeneNames
    kind : {"gene", "mirna"}
        ``mirna``: the features are microRNAs, and ``hsa-miR-375`` is ``hsa-miR-375-3p``.
    """

    def __init__(self, features: Iterable[str], names: GeneNames, kind: Literal["gene", "mirna"] = "gene") -> None:
        self._names = names
        self._kind = kind
        self._features = frozenset(features)

    @cached_property
    def _by_key(self) -> Mapping[tuple[str, str], list[str]]:
        """Features by gene and tail, for names that are no feature themselves."""
        found: dict[tuple[str, str], list[str]] = {}
        for feature in sorted(self._features):
            found.setdefault(_key(feature), []).append(feature)
        return found

    def find(self, name: str) -> Found:
        """The feature that stands for ``name``.

        The feature of exactly this name, then that of the gene's approved symbol, whatever other features are aliases
        of it; else the one feature whose gene part means the same gene, with the same phospho-sites and time point.
        Where several features may mean the gene, none is taken, also when some of the names have other meanings too. A
        feature that is itself an approved symbol stands for its own gene only.

        Examples
        --------
        >>> index = FeatureIndex(["HER2", "1956", "PHAS-I_pS65"], GeneNames.shipped())
        >>> [index.find(name).feature for name in ("ERBB2", "EGFR", "EIF4EBP1_pS65", "EIF4EBP1")]
        ['HER2', '1956', 'PHAS-I_pS65', None]
        """
        if name in self._features:
            return Found(name, "exact")
        if self._kind == "mirna":
            return self._find_mirna(name)
        gene, tail = _parts(name)
        asked = self._names.resolve(gene)
        if asked.symbol is None:
            return Found(None, asked.how, f"no feature {shown(name)}: {asked.reason}")
        if asked.symbol + tail in self._features:
            return Found(asked.symbol + tail, asked.how)
        return self._find_by_other_names(asked.symbol, tail)

    def _find_by_other_names(self, symbol: str, tail: str) -> Found:
        keys = dict.fromkeys((folded(name), tail) for name in (*self._names.spellings(symbol), symbol))
        read = {
            feature: self._names.resolve(_parts(feature)[0]) for key in keys for feature in self._by_key.get(key, ())
        }
        # a name may be ambiguous, or of the mouse: it then has the symbol among its candidates
        may_be = [feature for feature, meant in read.items() if symbol in (meant.symbol, *meant.candidates)]
        if not may_be:
            return Found(None, "missing", f"no feature {symbol + tail}, nor under another name or id of the gene")
        if len(may_be) > 1:
            several = " and ".join(map(shown, sorted(may_be)))
            return Found(None, "ambiguous", f"{several} may each mean {symbol + tail}: keep one")
        meant = read[may_be[0]]
        if meant.symbol is None:
            return Found(None, meant.how, f"no feature {symbol + tail}: {meant.reason}")
        return Found(may_be[0], meant.how)

    def _find_mirna(self, name: str) -> Found:
        base, at, time = name.partition("@")
        for other in _mirna_names().get(base, ()):
            if other + at + time in self._features:
                return Found(other + at + time, "miRNA name")
        return Found(None, "missing", f"no feature {shown(name)}, nor under another name of the microRNA")


def _parts(feature: str) -> tuple[str, str]:
    """The gene of a feature, and what it says of the gene: phospho-sites and time point."""
    if "_p" not in feature and "@" not in feature:
        return feature, ""
    match = _TAIL.fullmatch(feature)
    return (match["gene"], match["tail"]) if match else (feature, "")


def _key(feature: str) -> tuple[str, str]:
    gene, tail = _parts(feature)
    return folded(unversioned(gene)), tail


@cache
def _mirna_names() -> Mapping[str, tuple[str, ...]]:
    """Every name of a microRNA to all of them, the mature molecule before its precursor."""
    groups = [tuple(row["names"].split("|")) for row in packaged_rows("mirna_names.tsv")]
    return {name: group for group in groups for name in group}
