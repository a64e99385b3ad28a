"""Cut-points that are searched on an endpoint: which signatures ask for one, and over which number."""

from __future__ import annotations

from collections.abc import Mapping

from strata.errors import Problem, UsageError
from strata.signatures import Compare, Predicate, Reference, Signature, cuts_of

__all__ = ["OPTIMAL", "is_searched", "one_comparison", "searched_signature", "why_not_searched"]

OPTIMAL = "optimal"
"""The cut that separates survival best."""


def is_searched(signature: Signature, cut: str | None, library: Mapping[str, Signature]) -> bool:
    """Whether a cut must be searched: the signature's own, or because ``cut`` replaces the cuts that it learns."""
    learned = [own for own in cuts_of(signature, library) if isinstance(own, str)]
    return bool(learned) if cut == OPTIMAL else cut is None and OPTIMAL in learned


def searched_signature(signature: Signature, library: Mapping[str, Signature]) -> Signature:
    """The signature as a search sees it: positive is one comparison of one number with the cut ``optimal``.

    The number is that of the signature's one comparison, else its score, of which patients above the cut are positive.

    Raises
    ------
    UsageError
        When the rule is no single comparison and the signature has no score.
    """
    rule = one_comparison(signature.positive, library)
    if rule is None and signature.score is not None:
        rule = Compare(number=signature.score, comparator="above", cut=OPTIMAL)
    if rule is None:
        what = "its rule is not one comparison of a number, and it has no score"
        fix = "A cut is searched for one number: give the signature a score"
        raise UsageError(Problem(f"signature {signature.id}", what, fix, code="E812"))
    return signature.model_copy(update={"positive": rule.model_copy(update={"cut": OPTIMAL}), "score": rule.number})


def why_not_searched(signature: Signature, library: Mapping[str, Signature]) -> str:
    """Why a stratification by the signature's own rule finds no searched cut."""
    if one_comparison(signature.positive, library) is None:
        return "a cut is searched for one number at a time: search the score (strata cutpoint), or each part by itself"
    return "a searched cut needs an endpoint"


def one_comparison(rule: Predicate | None, library: Mapping[str, Signature]) -> Compare | None:
    """The comparison that is all of a rule, through references; None for a rule of several parts or none."""
    if isinstance(rule, Reference):
        return one_comparison(library[rule.signature].positive, library)
    return rule if isinstance(rule, Compare) else None
