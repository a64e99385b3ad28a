"""A signature in words: what it means, what it needs, what its sources claim."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from strata.signatures.centroids import missing_centroids
from strata.signatures.gene_lists import missing_list
from strata.signatures.model import Claim, ClassOf, GeneSet, NumberRule, Predicate, Reference, Signature
from strata.signatures.needs import needs_of, positive_of
from strata.signatures.rule_words import in_words
from strata.signatures.summary import assays_of, unusual_assay

__all__ = ["explain"]

_COMPUTABLE: Mapping[str, str] = {
    "proxy": "stands in for what plain tables do not hold; the notes say for what",
    "needs-list": "needs a gene list that does not ship",
    "needs-assay": "needs an assay that plain tables do not hold",
}


def explain(
    signature: Signature,
    library: Mapping[str, Signature] | None = None,
    *,
    methods: Mapping[str, Mapping[str, str]] | None = None,
) -> str:
    """Several lines for people: the rule, the population, the needs and every claim with its evidence and place.

    Parameters
    ----------
    signature : Signature
    library : mapping of id to Signature, optional
        Where references are looked up. Without it, what they mean and what the signature needs is left out.
    methods : mapping of str to mapping of str to str, optional
        What to say about a scoring method, by its name.
    """
    lines = list(_rule(signature))
    lines += [] if library is None else _references(signature, library)
    lines += _methods(signature, methods or {})
    lines += [] if library is None else _needs(signature, library)
    lines += [line for claim in signature.claims for line in _claim(claim)]
    return "\n".join(lines) + "\n"


def _rule(signature: Signature) -> Iterator[str]:
    yield f"{signature.id}: {signature.name}"
    yield f"  positive:   {signature.positive or 'not computable from tables'}"
    if signature.positive is not None:
        yield f"  in words:   {in_words(signature.positive)}"
    if signature.score is not None:
        yield f"  score:      {signature.score}"
    for panel in signature.panels:
        yield f"  population: {panel}"
    if signature.computable is not None:
        yield f"  computable: {signature.computable} ({_COMPUTABLE[signature.computable]})"


def _references(signature: Signature, library: Mapping[str, Signature]) -> Iterator[str]:
    """What the signatures that are named mean, and those that these name, each once."""
    waiting, said = [*_rules(signature)], set[str]()
    while waiting:
        for node in waiting.pop(0).walk():
            if isinstance(node, Reference) and node.signature not in said:
                said.add(node.signature)
                rule = positive_of(node.signature, library)
                yield f"  where:      {node.signature}: {in_words(rule)}"
                waiting.append(rule)


def _methods(signature: Signature, methods: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    used: dict[str, str] = {}
    for node in (node for rule in _rules(signature) for node in rule.walk()):
        if isinstance(node, GeneSet):
            used[node.by] = node.by
        elif isinstance(node, ClassOf):
            used["correlation"] = f"correlation with the centroid of each {node.scheme} class; the nearest is the class"
    for name in sorted(used.keys() & methods.keys()):
        yield f"  method:     {used[name]}"
        yield from (f"      {label}: {text}" for label, text in methods[name].items())


def _needs(signature: Signature, library: Mapping[str, Signature]) -> Iterator[str]:
    needs = needs_of(signature, library)
    if assays := assays_of(needs):
        yield f"  assays:     {', '.join(assays)}"
    if times := {feature.partition("@")[2] for _, feature in needs.features} - {""}:
        yield f"  times:      {', '.join(sorted(times))}"
    missing = [missing_list(name) for name in sorted({name for genes in needs.gene_sets for name in genes.named})]
    missing += [missing_centroids(scheme) for scheme in sorted(needs.schemes)]
    missing += [f"an assay of {unusual}"] if (unusual := unusual_assay(signature, library)) else []
    yield from (f"  needs:      {text.removeprefix('needs ')}" for text in missing)


def _rules(signature: Signature) -> list[Predicate | NumberRule]:
    return [rule for rule in (signature.score, signature.positive, *signature.panels) if rule is not None]


def _claim(claim: Claim) -> Iterator[str]:
    yield f"  claim:      {_headline(claim)}"
    for label in ("reported", "document", "literature", "list", "note"):
        text = getattr(claim, label)
        if text:
            yield f"      {label}: {text}"


def _headline(claim: Claim) -> str:
    """Role, effect, endpoints, drug and evidence in a line."""
    parts: list[str] = [claim.role, claim.effect or ""]
    if claim.endpoints:
        parts.append(f"for {', '.join(claim.endpoints)}")
    if claim.drug:
        parts.append(f"with {claim.drug}")
    return f"{' '.join(part for part in parts if part)} ({claim.evidence})"
