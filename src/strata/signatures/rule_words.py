"""A rule as a clinician would say it: ``IGF1R mRNA above the median and PIK3CA mutated``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from strata.signatures.model import (
    ClassOf,
    Combine,
    Compare,
    Count,
    GeneSet,
    Is,
    Leaf,
    Log,
    Node,
    Not,
    NumberRule,
    Predicate,
    Reference,
    Several,
    Weighted,
)

__all__ = ["in_words"]

_TIMES: Mapping[str, str] = {"pre": "before treatment", "post": "after treatment"}
_ASSAYS: Mapping[str, str] = {
    "mrna": " mRNA",
    "protein": " protein",
    "copy_number": " copy number",
    "serum": " in serum",
    "mirna": "",
    "clinical": "",
}
_COPIES: Mapping[str, str] = {
    "amp": "amplified",
    "gain": "gained",
    "neutral": "with a normal copy number",
    "loss": "with one copy lost",
    "homdel": "with both copies deleted",
}
_MUTATIONS: Mapping[str, str] = {
    "any": "mutated",
    "nonsyn": "mutated",
    "none": "not mutated",
    "missense": "with a missense mutation",
    "truncating": "with a truncating mutation",
    "inframe": "with an in-frame change",
    "splice": "with a splice-site mutation",
    "hotspot": "with a hotspot mutation",
    "driver": "with a driver mutation",
}
_COMPARATORS: Mapping[str, str] = {"above": "above", "below": "below", "at_least": "at least", "at_most": "at most"}
_HOW_MANY: Mapping[str, str] = {**_COMPARATORS, "above": "more than", "below": "fewer than"}
_CUTS: Mapping[str, str] = {
    "median": "the median",
    "mean": "the mean",
    "mixture": "the point between the two components of a mixture",
    "optimal": "the cut that separates survival best (searched)",
}
_MOST_GENES = 12


def in_words(rule: Predicate | NumberRule) -> str:
    """A predicate or number in words; other signatures are called by their ids."""
    return _predicate(rule) if isinstance(rule, Compare | Is | ClassOf | Several | Not | Reference) else _number(rule)


def _predicate(rule: Node) -> str:
    match rule:
        case Several(kind="first"):
            return f"the first that is known of: {_listed(rule.of)}"
        case Several():
            word = " and " if rule.kind == "all" else " or "
            return word.join(_inside(part) for part in rule.of)
        case Not():
            return f"not {_inside(rule.of)}"
        case Compare(number=Count() as count):
            return f"{_HOW_MANY[rule.comparator]} {_cut(rule.cut)} of: {_listed(count.of)}"
        case Compare():
            return f"{_number(rule.number)} {_COMPARATORS[rule.comparator]} {_cut(rule.cut)}"
        case ClassOf():
            return f"{rule.scheme.upper() if rule.scheme == 'pam50' else rule.scheme} class {' or '.join(rule.classes)}"
        case Is():
            return _is(rule)
    return str(rule)


def _inside(rule: Node) -> str:
    """A part of a longer sentence, in brackets where it would be read wrongly without."""
    words = _predicate(rule)
    long = isinstance(rule, Several) or (isinstance(rule, Compare) and isinstance(rule.number, Count))
    return f"({words})" if long else words


def _is(rule: Is) -> str:
    if rule.assay == "clinical":
        return f"{_feature(rule.feature)}{_time(rule.at)} is {' or '.join(rule.tokens)}"
    if rule.assay == "copy_number":
        words = [_COPIES.get(token, f"with {token} copies") for token in rule.tokens]
    else:
        words = [_MUTATIONS.get(token) or _site(token) for token in rule.tokens]
    gene = f"germline {rule.feature}" if rule.assay == "germline" else rule.feature
    return f"{gene} {' or '.join(dict.fromkeys(words))}"


def _site(token: str) -> str:
    place, _, number = token.partition(":")
    if number:
        return f"mutated at codon {number}" if place == "codon" else f"mutated in exon {number}"
    return f"with {token}"


def _number(rule: Node) -> str:
    match rule:
        case Leaf():
            return f"{_feature(rule.feature)}{_ASSAYS[rule.assay]}{_time(rule.at)}"
        case Combine(kind="diff" | "ratio"):
            return _pair(rule.terms, "minus" if rule.kind == "diff" else "divided by (on log data: minus)")
        case Combine():
            what = "mean of the z-scores" if rule.kind == "mean" else "sum"
            return f"the {what} of {_terms(rule.terms)}"
        case Log():
            return f"{rule.kind} of {_term(rule.term)}"
        case Count():
            return f"how many are true of: {_listed(rule.of)}"
        case Weighted():
            terms = ", ".join(f"{term.weight:g} times {_number(term.leaf)}" for term in rule.terms)
            return f"the weighted sum of {terms}"
        case GeneSet():
            return _gene_set(rule)
    return str(rule)


def _gene_set(rule: GeneSet) -> str:
    sides = {"": rule.table, "up": rule.up, "down": rule.down}
    if rule.down is None:
        sides = {"": rule.table or rule.up}
    words = [f"{_genes(part)}{side and f' ({side})'}" for side, part in sides.items() if part]
    return f"the {rule.by} score of {' and '.join(words)}"


def _genes(part: str | Sequence[str]) -> str:
    if isinstance(part, str):
        return part
    return ", ".join(part) if len(part) <= _MOST_GENES else f"{len(part)} genes"


def _pair(terms: Sequence[Node], word: str) -> str:
    """``IGF1R protein after treatment minus before treatment``: what both share is said once."""
    first, second = terms
    again = _term(second)
    if isinstance(first, Leaf) and isinstance(second, Leaf) and second.at and first.baseline == second.baseline:
        again = _time(second.at).strip()
    return f"{_term(first)} {word} {again}"


def _terms(terms: Sequence[Node]) -> str:
    """``IGF1, IGF2 mRNA``: an assay and time that all share are said once."""
    leaves = [term for term in terms if isinstance(term, Leaf)]
    if len(leaves) == len(terms) and len({(leaf.assay, leaf.at) for leaf in leaves}) == 1:
        features = ", ".join(_feature(leaf.feature) for leaf in leaves)
        return f"{features}{_ASSAYS[leaves[0].assay]}{_time(leaves[0].at)}"
    return ", ".join(map(_term, terms))


def _term(rule: Node) -> str:
    """A number inside another."""
    words = _number(rule)
    return words if isinstance(rule, Leaf) else f"({words})"


def _listed(parts: Sequence[Node]) -> str:
    return "; ".join(map(_predicate, parts))


def _feature(name: str) -> str:
    """``EIF4EBP1_pT37_T46`` as ``EIF4EBP1 pT37/T46``, ``prior_ai`` as ``prior ai``."""
    gene, mark, sites = name.partition("_p")
    if mark and re.fullmatch(r"[STY]\d+(_[STY]\d+)*", sites):
        return f"{gene} p{sites.replace('_', '/')}"
    return name.replace("_", " ")


def _time(at: str | None) -> str:
    if at is None:
        return ""
    day = re.fullmatch(r"day(\d+)", at)
    return f" {_TIMES.get(at) or (f'on day {day[1]}' if day else f'at {at}')}"


def _cut(cut: str | float) -> str:
    if not isinstance(cut, str):
        return f"{cut:g}"
    if cut.startswith("q"):
        return f"percentile {cut[1:]}"
    if cut.startswith("sd"):
        sds = float(cut[2:])
        return f"the mean {'minus' if sds < 0 else 'plus'} {abs(sds):g} SD"
    return _CUTS.get(cut, cut)
