"""Which rows of a mutation table a token means.

The listed sites (``variants.tsv``) and the codons of exons (``exons.tsv``) are data, a source in every row.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from strata.genes.protein_changes import codon_of, is_protein_change

COPY_NUMBER_TOKENS: Mapping[str, int] = {"amp": 2, "gain": 1, "neutral": 0, "loss": -1, "homdel": -2}
"""The words for copy number, as GISTIC's calls."""

VARIANT_TOKENS = ("any", "nonsyn", "missense", "truncating", "inframe", "splice", "hotspot", "driver", "none")
"""The words for mutations; a change (``H1047R``), a codon (``codon:1047``) and an exon (``exon:20``) are tokens too."""

_KINDS = frozenset({"missense", "truncating", "inframe", "splice"})
# what a change says by itself, for tables that give no consequence
_CHANGE_SAYS = (
    (re.compile(r"([A-Z*])\d+(\1|=)|="), "silent"),
    (re.compile(r".*(fs|\*).*"), "truncating"),
    (re.compile(r"[A-Z]\d+[A-Z]"), "missense"),
    (re.compile(r"[A-Z]\d+_splice"), "splice"),
    (re.compile(r".*(del|ins|dup|>).*"), "inframe"),
)
_GENOTYPE = re.compile(r"[ACGT]+([/|][ACGT]+)?")


@dataclass(frozen=True, slots=True)
class VariantList:
    """What ``variants.tsv`` says about a gene: its kind (oncogene or suppressor), changes and ``codon:N`` entries."""

    kind: str
    sites: frozenset[str]


@cache
def _variant_lists() -> Mapping[str, VariantList]:
    lists: dict[str, VariantList] = {}
    for row in _rows("variants.tsv"):
        before = lists[row["gene"]].sites if row["gene"] in lists else frozenset()
        lists[row["gene"]] = VariantList(row["kind"], before | frozenset(row["changes"].split()))
    return lists


@cache
def _exons() -> Mapping[tuple[str, str], range]:
    """The codons of (gene, ``exon:N``)."""
    return {
        (row["gene"], f"exon:{row['exon']}"): range(int(row["first_codon"]), int(row["last_codon"]) + 1)
        for row in _rows("exons.tsv")
    }


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = (files("strata") / "signatures" / name).read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines(), delimiter="\t")


def not_listed(gene: str, tokens: Sequence[str]) -> str:
    """Why some of ``tokens`` mean nothing for ``gene``: no list of its hotspots, or of its exons; empty when all do."""
    exons = [token for token in tokens if token.startswith("exon:") and (gene, token) not in _exons()]
    unknown = [f"no table of the codons of {gene} {', '.join(exons)}"] if exons else []
    if {"hotspot", "driver"} & set(tokens) and gene not in _variant_lists():
        unknown.append(f"no list of hotspots and drivers for {gene}")
    return "; ".join(unknown)


def variant_matches(gene: str, change: str, consequence: str, tokens: Sequence[str]) -> bool | None:
    """Whether one row of a mutation table is one of ``tokens``; None where the row does not say enough.

    Parameters
    ----------
    gene : str
        HGNC symbol.
    change : str
        Protein change in the short form of HGVS without ``p.`` (``H1047R``), empty where unknown; for germline the
        genotype or allele. A text in no known form may be any change.
    consequence : str
        ``missense``, ``truncating``, ``inframe``, ``splice``, ``other``, ``silent`` or ``unknown`` (mutated, kind
        not known: taken from ``change`` where that says it).
    tokens : sequence of str
        ``any`` and ``nonsyn`` are everything but silent, cBioPortal's default. ``hotspot`` is a listed site. ``driver``
        is a hotspot of an oncogene; of a tumour suppressor any truncating or splice change, or a listed site.
        ``none`` is no row at all, so no row is one. ``exon:N`` is any change in a codon of that exon.

    Returns
    -------
    bool or None
        True when one token matches; None when none does and one might.
    """
    if consequence == "unknown" and is_protein_change(change):
        consequence = next((kind for form, kind in _CHANGE_SAYS if form.fullmatch(change)), "unknown")
    if consequence == "silent":
        return False
    answers = [_matches(gene, change, consequence, word) for word in tokens]
    return True if True in answers else None if None in answers else False


def _matches(gene: str, change: str, consequence: str, word: str) -> bool | None:
    if word in ("any", "nonsyn"):
        return True
    if word == "none":
        return False
    if word in _KINDS:
        return None if consequence == "unknown" else consequence == word
    if word in ("hotspot", "driver"):
        return _is_listed(gene, change, consequence, word)
    if word.startswith("exon:"):
        return _is_in_exon(gene, change, word)
    return _is_site(change, word)


def _is_in_exon(gene: str, change: str, word: str) -> bool | None:
    codons, codon = _exons().get((gene, word)), codon_of(change)
    return None if codons is None or codon is None else codon in codons


def _is_listed(gene: str, change: str, consequence: str, word: str) -> bool | None:
    listed = _variant_lists().get(gene)
    if listed is None:
        return None
    answers = [_is_site(change, site) for site in sorted(listed.sites)]
    if word == "driver" and listed.kind == "suppressor":
        answers += [_matches(gene, change, consequence, kind) for kind in ("truncating", "splice")]
    return True if True in answers else None if None in answers else False


def _is_site(change: str, site: str) -> bool | None:
    if site.startswith("codon:"):
        codon = codon_of(change)
        return None if codon is None else codon == int(site.removeprefix("codon:"))
    if change == site or _genotype(site) in (_genotype(change), *((allele,) for allele in _genotype(change))):
        return True
    return False if is_protein_change(change) or _GENOTYPE.fullmatch(change) else None


def _genotype(text: str) -> tuple[str, ...]:
    """The alleles of a genotype in one order (A/G is G|A); a protein change is one piece."""
    return tuple(sorted(re.split(r"[/|]", text)))
