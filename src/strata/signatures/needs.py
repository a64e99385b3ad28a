"""What a signature needs of a cohort, and what it is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from strata.errors import Problem, SignatureError
from strata.signatures.model import (
    ClassOf,
    Combine,
    Compare,
    GeneSet,
    Is,
    Leaf,
    NumberRule,
    Predicate,
    Reference,
    Several,
    Signature,
)


def positive_of(name: str, library: Mapping[str, Signature]) -> Predicate:
    """What ``{signature: name}`` stands for.

    Raises
    ------
    SignatureError
        When the library has no such signature, or it does not say who is positive.
    """
    if name not in library:
        raise SignatureError(Problem("", f"unknown signature '{name}'", code="E616"))
    positive = library[name].positive
    if positive is None:
        raise SignatureError(Problem("", f"signature '{name}' does not say who is positive", code="E616"))
    return positive


@dataclass(frozen=True, slots=True)
class Needs:
    """What rules ask of a cohort and of the files beside it; ``|`` joins two.

    Parameters
    ----------
    features : frozenset of (assay, feature)
        A feature at a time point is called ``FEATURE@TIMEPOINT``.
    gene_sets : frozenset of GeneSet
    schemes : frozenset of str
        The classes that must be told (``pam50``).
    """

    features: frozenset[tuple[str, str]] = frozenset()
    gene_sets: frozenset[GeneSet] = frozenset()
    schemes: frozenset[str] = frozenset()

    def __or__(self, other: Needs) -> Needs:
        return Needs(self.features | other.features, self.gene_sets | other.gene_sets, self.schemes | other.schemes)


def needs_of(signature: Signature, library: Mapping[str, Signature], *, populations: bool = True) -> Needs:
    """Everything a signature needs, through references; with its populations unless told otherwise."""
    rules = [signature.score, signature.positive, *(signature.panels if populations else ())]
    found = Needs()
    for rule in rules:
        if rule is not None:
            found |= needs_of_rule(rule, library)
    return found


def needs_of_rule(rule: Predicate | NumberRule, library: Mapping[str, Signature]) -> Needs:
    """Everything one predicate (or number) needs, through references."""
    features: set[tuple[str, str]] = set()
    gene_sets: set[GeneSet] = set()
    schemes: set[str] = set()
    referred = Needs()
    for node in rule.walk():
        match node:
            case Leaf() | Is():
                features.add((node.assay, node.key))
            case Combine(kind="mean"):
                # the terms are standardised by their values without a time point
                features |= {(leaf.assay, leaf.feature) for leaf in node.terms if isinstance(leaf, Leaf) and leaf.at}
            case GeneSet():
                gene_sets.add(node)
            case ClassOf():
                schemes.add(node.scheme)
            case Reference():
                referred |= needs_of_rule(positive_of(node.signature, library), library)
    return Needs(frozenset(features), frozenset(gene_sets), frozenset(schemes)) | referred


def cuts_of(signature: Signature, library: Mapping[str, Signature]) -> tuple[str | float, ...]:
    """The cuts of ``positive``, through references, each once and in order: words for learned ones, else numbers."""
    return () if signature.positive is None else tuple(dict.fromkeys(_cuts(signature.positive, library)))


def _cuts(predicate: Predicate, library: Mapping[str, Signature]) -> Iterable[str | float]:
    for node in predicate.walk():
        if isinstance(node, Compare):
            yield node.cut
        elif isinstance(node, Reference):
            yield from _cuts(positive_of(node.signature, library), library)


def legs(signature: Signature) -> list[tuple[str, Compare]]:
    """The two genes of a co-expression signature with their own predicates; empty for every other signature.

    A co-expression signature's ``positive`` is ``all`` of exactly two comparisons of single features. A leg is called
    by its feature's symbol, or by assay and symbol when both legs are of one symbol.
    """
    positive = signature.positive
    if not isinstance(positive, Several) or positive.kind != "all" or len(positive.of) != 2:
        return []
    pairs = [(part.number, part) for part in positive.of if isinstance(part, Compare)]
    genes = [(leaf, part) for leaf, part in pairs if isinstance(leaf, Leaf) and leaf.assay != "clinical"]
    if len(genes) != 2:
        return []
    same = genes[0][0].feature == genes[1][0].feature
    return [(str(leaf) if same else leaf.feature, part) for leaf, part in genes]
