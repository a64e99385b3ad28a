"""A signature in words: what it means, what it needs, what its sources claim."""

from __future__ import annotations

from collections.abc import Iterator

from strata.signatures.model import Claim, Signature

__all__ = ["explain"]


def explain(signature: Signature) -> str:
    """Several lines for people: the rule, the population and every claim with its evidence and place."""
    return "\n".join(_lines(signature)) + "\n"


def _lines(signature: Signature) -> Iterator[str]:
    yield f"{signature.id}: {signature.name}"
    yield f"  positive:   {signature.positive or 'not computable from tables'}"
    if signature.score is not None:
        yield f"  score:      {signature.score}"
    for panel in signature.panels:
        yield f"  population: {panel}"
    if signature.computable is not None:
        yield f"  computable: {signature.computable}"
    for claim in signature.claims:
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
