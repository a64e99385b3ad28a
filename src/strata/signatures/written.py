"""A signature as its file would hold it: plain data from which it can be parsed again."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

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
    Reference,
    Several,
    Signature,
    Weighted,
)

__all__ = ["written_signature"]


def written_signature(signature: Signature) -> dict[str, Any]:
    """The keys of a signature's file, of which :func:`~strata.signatures.parse.parse_signature` makes it again.

    ``score: self`` is written as the score that it stands for.
    """
    found: dict[str, Any] = {"id": signature.id, "name": signature.name}
    for key in ("score", "positive", "population"):
        if (node := getattr(signature, key)) is not None:
            found[key] = _written(node)
    if signature.populations:
        found["populations"] = [_written(panel) for panel in signature.populations]
    if signature.computable is not None:
        found["computable"] = signature.computable
    if signature.claims:
        found["claims"] = [claim.model_dump(mode="json", exclude_unset=True) for claim in signature.claims]
    return found


@singledispatch
def _written(node: Node) -> dict[str, Any]:
    raise TypeError(f"{type(node).__name__} is not written anywhere")


@_written.register
def _(node: Leaf) -> dict[str, Any]:
    return {node.assay: node.feature, **_at(node.at)}


@_written.register
def _(node: Combine) -> dict[str, Any]:
    return {node.kind: [_written(term) for term in node.terms]}


@_written.register
def _(node: Log) -> dict[str, Any]:
    return {node.kind: _written(node.term)}


@_written.register
def _(node: Count) -> dict[str, Any]:
    return {"count": [_written(part) for part in node.of]}


@_written.register
def _(node: Weighted) -> dict[str, Any]:
    weights: dict[str, dict[str, float]] = {}
    for term in node.terms:
        weights.setdefault(term.leaf.assay, {})[term.leaf.feature] = term.weight
    return {"weighted": weights}


@_written.register
def _(node: GeneSet) -> dict[str, Any]:
    lists = {side: getattr(node, side) for side in ("up", "down", "table")}
    return {"genes": {side: _list_or_name(part) for side, part in lists.items() if part is not None}, "by": node.by}


@_written.register
def _(node: Compare) -> dict[str, Any]:
    return {**_written(node.number), node.comparator: node.cut}


@_written.register
def _(node: Is) -> dict[str, Any]:
    tokens = [_number_of_copies(token) if node.assay == "copy_number" else token for token in node.tokens]
    return {node.assay: node.feature, **_at(node.at), "is": tokens}


@_written.register
def _(node: ClassOf) -> dict[str, Any]:
    return {"class": node.scheme, "is": list(node.classes)}


@_written.register
def _(node: Several) -> dict[str, Any]:
    return {node.kind: [_written(part) for part in node.of]}


@_written.register
def _(node: Not) -> dict[str, Any]:
    return {"not": _written(node.of)}


@_written.register
def _(node: Reference) -> dict[str, Any]:
    return {"signature": node.signature}


def _at(time: str | None) -> dict[str, str]:
    return {} if time is None else {"at": time}


def _list_or_name(part: str | tuple[str, ...]) -> str | list[str]:
    return part if isinstance(part, str) else list(part)


def _number_of_copies(token: str) -> str | float:
    """Copies are written as a number, and the calls of GISTIC as words."""
    try:
        return float(token)
    except ValueError:
        return token
