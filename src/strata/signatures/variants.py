"""Which rows of a mutation table a token means. The listed sites are data: ``variants.tsv``, a source in every row."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

COPY_NUMBER_TOKENS: Mapping[str, int] = {"amp": 2, "gain": 1, "neutral": 0, "loss": -1, "homdel": -2}
"""The words for copy number, as GISTIC's calls."""

VARIANT_TOKENS = ("any", "nonsyn", "missense", "truncating", "inframe", "splice", "hotspot", "driver", "none")
"""The words for mutations; a change (``H1047R``) and a codon (``codon:1047``) are tokens too."""

_KINDS = frozenset({"missense", "truncating", "inframe", "splice"})
# what a change says by itself, for tables that give no consequence
_CHANGE_SAYS = (
    (re.compile(r"([A-Z])\d+(\1|=)"), "silent"),
    (re.compile(r".*(fs|\*).*"), "truncating"),
    (re.compile(r"[A-Z]\d+[A-Z]"), "missense"),
    (re.compile(r"[A-Z]\d+_splice"), "splice"),
    (re.compile(r"[A-Z]\d+.*(del|ins|dup).*"), "inframe"),
)
_CODON_OF = re.compile(r"[A-Z*](\d+)")


@dataclass(frozen=True, slots=True)
class VariantList:
    """What ``variants.tsv`` says about a gene: its kind (oncogene or suppressor), changes and ``codon:N`` entries."""

    kind: str
    sites: frozenset[str]


@cache
def _variant_lists() -> Mapping[str, VariantList]:
    text = (files("strata") / "signatures" / "variants.tsv").read_text(encoding="utf-8")
    lists: dict[str, VariantList] = {}
    for row in csv.DictReader(text.splitlines(), delimiter="\t"):
        before = lists[row["gene"]].sites if row["gene"] in lists else frozenset()
        lists[row["gene"]] = VariantList(row["kind"], before | frozenset(row["changes"].split()))
    return lists


def has_variant_list(gene: str) -> bool:
    """Whether ``hotspot`` and ``driver`` mean something for ``gene``; without a list they are unknown."""
    return gene in _variant_lists()


def variant_matches(gene: str, change: str, consequence: str, tokens: Sequence[str]) -> bool | None:
    """Whether one row of a mutation table is one of ``tokens``; None where the row does not say enough.

    Parameters
    ----------
    gene : str
        HGNC symbol.
    change : str
        Protein change without ``p.`` (``H1047R``), empty where unknown; for germline the genotype or allele.
    consequence : str
        ``missense``, ``truncating``, ``inframe``, ``splice``, ``other``, ``silent`` or ``unknown`` (mutated, kind
        not known: taken from ``change`` where that says it).
    tokens : sequence of str
        ``any`` and ``nonsyn`` are everything but silent, cBioPortal's default. ``hotspot`` is a listed site. ``driver``
        is a hotspot of an oncogene; of a tumour suppressor any truncating or splice change, or a listed site.
        ``none`` is no row at all, so no row is one.

    Returns
    -------
    bool or None
        True when one token matches; None when none does and one might.
    """
    if consequence == "unknown":
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
    return _is_site(change, word)


def _is_listed(gene: str, change: str, consequence: str, word: str) -> bool | None:
    listed = _variant_lists().get(gene)
    if listed is None:
        return None
    answers = [_is_site(change, site) for site in sorted(listed.sites)]
    if word == "driver" and listed.kind == "suppressor":
        answers += [_matches(gene, change, consequence, kind) for kind in ("truncating", "splice")]
    return True if True in answers else None if None in answers else False


def _is_site(change: str, site: str) -> bool | None:
    if not change:
        return None
    if site.startswith("codon:"):
        codon = _CODON_OF.match(change)
        return codon is not None and codon[1] == site.removeprefix("codon:")
    return change == site or _genotype(site) in (_genotype(change), *((allele,) for allele in _genotype(change)))


def _genotype(text: str) -> tuple[str, ...]:
    """The alleles of a genotype in one order (A/G is G|A); a protein change is one piece."""
    return tuple(sorted(re.split(r"[/|]", text)))
