"""Which gene a name means: approved symbol, id, previous symbol, alias; never a guess between two genes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

from strata.errors import shown
from strata.genes.gene_table import Gene, curated_names, hgnc_genes, shipped_genes

__all__ = ["GeneNames", "How", "Resolved", "folded", "is_gene_id", "unversioned"]

How = Literal[
    "symbol", "Entrez id", "Ensembl id", "previous symbol", "alias", "curated name",
    "ambiguous", "mouse symbol", "not a gene", "unknown",
]  # fmt: skip
"""How a name was read; the last four give no gene."""

_ID = re.compile(r"\d+|(ENSG\d{11})(?:\.\d+)?")
_OPEN_READING_FRAME = re.compile(r"C[\dXY]+orf\d+")


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a name means.

    Parameters
    ----------
    symbol : str or None
        The approved symbol; None when the name gives no gene.
    how : str
        The rule that decided: ``symbol``, ``Entrez id``, ``Ensembl id``, ``previous symbol``, ``alias`` or
        ``curated name``; without a gene ``ambiguous``, ``mouse symbol``, ``not a gene`` or ``unknown``.
    candidates : tuple of str
        The symbols that an ambiguous name may mean, or those that an unknown one is close to.
    reason : str
        Without a gene, why, in words for people.
    """

    symbol: str | None
    how: How
    candidates: tuple[str, ...] = ()
    reason: str = ""


class GeneNames:
    """A table of genes and their names. :meth:`shipped` and :meth:`read_hgnc` make one.

    Parameters
    ----------
    genes : iterable of Gene
    curated : mapping of name to symbol
        Names that the table lacks or gives to several genes; an empty symbol: the name of no gene.
    """

    def __init__(self, genes: Iterable[Gene], curated: Mapping[str, str]) -> None:
        self._genes = {gene.symbol: gene for gene in genes}
        self._curated = curated

    # inverted when a name is asked for that is no approved symbol: in many tables none is

    @cached_property
    def _ids(self) -> Mapping[str, tuple[str, ...]]:
        return _inverted((gene.symbol, gene.ids) for gene in self._genes.values())

    @cached_property
    def _previous(self) -> Mapping[str, tuple[str, ...]]:
        return _inverted((gene.symbol, gene.previous) for gene in self._genes.values())

    @cached_property
    def _aliases(self) -> Mapping[str, tuple[str, ...]]:
        return _inverted((gene.symbol, _aliases(gene)) for gene in self._genes.values())

    @cached_property
    def _loose(self) -> Mapping[str, tuple[str, ...]]:
        loose = [(gene.symbol, map(folded, (*gene.previous, *gene.aliases))) for gene in self._genes.values()]
        curated = [(symbol, (folded(name),)) for name, symbol in self._curated.items() if symbol]
        return _inverted([*loose, *curated])

    @cached_property
    def _loose_symbols(self) -> Mapping[str, str]:
        return {folded(symbol): symbol for symbol in self._genes}

    @staticmethod
    def shipped() -> GeneNames:
        """The table that ships: the genes that the shipped signatures and the gene lists they name need."""
        return _shipped()

    @classmethod
    def read_hgnc(cls, path: Path) -> GeneNames:
        """All genes, from HGNC's file ``hgnc_complete_set.txt``.

        Raises
        ------
        InputOutputError
            When the file cannot be read.
        DataError
            When it is not that file.
        """
        return cls(hgnc_genes(path), curated_names())

    def resolve(self, text: str) -> Resolved:
        """The gene that a name means.

        The rules, of which the first that knows the name decides: approved symbol; Entrez id; Ensembl gene id without
        its version; previous symbol; alias; curated name; then aliases and curated names without case and hyphens.
        A name that a rule gives to several genes is the curated name's gene, else ambiguous. An approved symbol counts
        in its own letters only: ``Igf1r`` is a gene of the mouse.

        Examples
        --------
        >>> names = GeneNames.shipped()
        >>> names.resolve("IGF1R"), names.resolve("HER2").symbol, names.resolve("ENSG00000140443.12").symbol
        (Resolved(symbol='IGF1R', how='symbol', candidates=(), reason=''), 'ERBB2', 'IGF1R')
        >>> names.resolve("KIP1").reason
        "'KIP1' is a name of several genes: CDKN1B, CIB1"
        """
        if text in self._genes:
            return Resolved(text, "symbol")
        if self._curated.get(text) == "":
            return Resolved(None, "not a gene", (), f"{shown(text)} is not the name of a gene here")
        if is_gene_id(text):
            how: How = "Entrez id" if text.isdigit() else "Ensembl id"
            return self._decided(text, how, self._ids.get(unversioned(text), ()))
        if found := self._previous.get(text):
            return self._decided(text, "previous symbol", found)
        if found := self._aliases.get(text):
            return self._decided(text, "alias", found)
        if symbol := self._curated.get(text):
            return Resolved(symbol, "curated name")
        return self._resolve_loosely(text)

    def spellings(self, symbol: str) -> tuple[str, ...]:
        """Everything that may stand for a gene in place of its symbol, as the table spells it; not all are unique."""
        curated = (name for name, of in self._curated.items() if of == symbol)
        gene = self._genes.get(symbol)
        return tuple(curated) if gene is None else (*gene.ids, *gene.previous, *_aliases(gene), *curated)

    def _resolve_loosely(self, text: str) -> Resolved:
        key = folded(text)
        if symbol := self._loose_symbols.get(key):
            if text == symbol.capitalize():
                return Resolved(
                    None, "mouse symbol", (symbol,), f"{shown(text)} looks like the mouse symbol of {symbol}"
                )
            return Resolved(
                None, "unknown", (symbol,), f"{shown(text)} is not an approved symbol; did you mean {symbol}?"
            )
        return self._decided(text, "alias", self._loose.get(key, ()))

    def _decided(self, text: str, how: How, found: tuple[str, ...]) -> Resolved:
        if len(found) == 1:
            return Resolved(found[0], how)
        if symbol := self._curated.get(text):
            return Resolved(symbol, "curated name")
        if found:
            return Resolved(None, "ambiguous", found, f"{shown(text)} is a name of several genes: {', '.join(found)}")
        near = () if is_gene_id(text) else self._closest(text)
        question = f"; did you mean {' or '.join(near)}?" if near else ""
        return Resolved(None, "unknown", near, f"{shown(text)} is not in the table of gene names{question}")

    def _closest(self, text: str) -> tuple[str, ...]:
        # comparing with every symbol of HGNC would take a second for some hundred names
        similar = [name for name in self._genes if name[:1] == text[:1] and abs(len(name) - len(text)) < 3]
        return tuple(get_close_matches(text, similar, n=3, cutoff=0.75))


def folded(name: str) -> str:
    """A name without case and hyphens."""
    return name.casefold().replace("-", "")


def is_gene_id(text: str) -> bool:
    """Whether a name has the form of an Entrez id or a human Ensembl gene id, with or without version."""
    return _ID.fullmatch(text) is not None


def unversioned(text: str) -> str:
    """An Ensembl gene id without its version; every other name as it is."""
    match = _ID.fullmatch(text)
    return match[1] or text if match else text


def _aliases(gene: Gene) -> tuple[str, ...]:
    # many tables write C1ORF112 for C1orf112, the only human symbols with small letters
    return (*gene.aliases, gene.symbol.upper()) if _OPEN_READING_FRAME.fullmatch(gene.symbol) else gene.aliases


def _inverted(names_of: Iterable[tuple[str, Iterable[str]]]) -> dict[str, tuple[str, ...]]:
    """Names to the symbols that have them, each symbol once, in alphabetical order."""
    found: dict[str, set[str]] = {}
    for symbol, names in names_of:
        for name in names:
            found.setdefault(name, set()).add(symbol)
    return {name: tuple(sorted(symbols)) for name, symbols in found.items()}


@cache
def _shipped() -> GeneNames:
    return GeneNames(shipped_genes(), curated_names())
