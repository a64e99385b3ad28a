"""Signatures at a glance: what each needs and claims, one row a signature, and those that answer a question."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import get_args

from strata.errors import Problem, UsageError
from strata.signatures.faults import did_you_mean
from strata.signatures.model import Claim, Evidence, Role, Signature
from strata.signatures.needs import Needs, needs_of
from strata.signatures.shapes import ASSAYS

__all__ = [
    "SUMMARY_COLUMNS",
    "assays_of",
    "documents_of",
    "resources_of",
    "select_signatures",
    "summaries",
    "unusual_assay",
]

SUMMARY_COLUMNS = ("id", "name", "assays", "role", "evidence", "population", "computable", "needs")
"""The columns of ``strata signatures list``."""

ROLES: tuple[str, ...] = get_args(Role)
EVIDENCE: tuple[str, ...] = get_args(Evidence)


def summaries(signatures: Iterable[Signature], library: Mapping[str, Signature]) -> list[tuple[str, ...]]:
    """One row of ``SUMMARY_COLUMNS`` a signature; several words in a cell are joined by commas, panels by ``;``.

    Parameters
    ----------
    signatures : iterable of Signature
    library : mapping of id to Signature
        Where references are looked up: what they need is needed too.
    """
    return [
        _row(signature, needs_of(signature, library), unusual_assay(signature, library)) for signature in signatures
    ]


def select_signatures(
    signatures: Iterable[Signature],
    library: Mapping[str, Signature],
    *,
    assay: Collection[str] = (),
    role: Collection[str] = (),
    drug: Collection[str] = (),
    evidence: Collection[str] = (),
    document: Collection[str] = (),
) -> list[Signature]:
    """The signatures that answer a question: any word of a filter is enough, every filter that is given must hold.

    Parameters
    ----------
    signatures : iterable of Signature
    library : mapping of id to Signature
        Where references are looked up.
    assay : collection of str
        Assays that the rule or the population needs, through references.
    role, evidence : collection of str
        Of a claim. All filters about claims must hold for one and the same claim.
    drug : collection of str
        Part of a claim's drug, in any case.
    document : collection of str
        The number of a file (``000``), or part of a claim's document or literature, in any case.

    Raises
    ------
    UsageError
        For every word that is no assay, role or evidence.
    """
    _check(assay=(assay, ASSAYS), role=(role, ROLES), evidence=(evidence, EVIDENCE))
    of_claims = any((role, drug, evidence, document))

    def claimed(claim: Claim) -> bool:
        return (
            (not role or claim.role in role)
            and (not evidence or claim.evidence in evidence)
            and (not drug or _holds(claim.drug, drug))
            and (not document or _cites(claim, document))
        )

    return [
        signature
        for signature in signatures
        if (not assay or set(assay) & set(assays_of(needs_of(signature, library))))
        and (not of_claims or any(map(claimed, signature.claims)))
    ]


def assays_of(needs: Needs) -> list[str]:
    """The assays of needs in the grammar's order; gene lists and classes are about mRNA."""
    kinds = {assay for assay, _ in needs.features}
    if needs.gene_sets or needs.schemes:
        kinds.add("mrna")
    return [assay for assay in ASSAYS if assay in kinds]


def unusual_assay(signature: Signature, library: Mapping[str, Signature]) -> str:
    """What a signature with ``computable: needs-assay`` must have measured; empty for every other."""
    if signature.computable != "needs-assay":
        return ""
    features = needs_of(signature, library, populations=False).features
    return ", ".join(sorted({f"{assay} {name.partition('@')[0]}" for assay, name in features})) or signature.name


def resources_of(needs: Needs) -> list[str]:
    """What must be given beside a cohort: the names of gene lists, and ``centroids of pam50``."""
    lists = sorted({name for genes in needs.gene_sets for name in genes.named})
    return [*lists, *(f"centroids of {scheme}" for scheme in sorted(needs.schemes))]


def documents_of(claim: Claim) -> list[str]:
    """The numbers of the files that a claim was read in (``000:8360`` is line 8360 of file 000), and ``external``."""
    text = claim.document or ""
    # digits after a colon, comma or hyphen are lines
    return [*re.findall(r"(?<![\w:,-])\d{3}(?=[: ])", text), *(["external"] if text.startswith("external") else [])]


def _row(signature: Signature, needs: Needs, assay: str) -> tuple[str, ...]:
    cells = (
        signature.id,
        signature.name,
        ",".join(assays_of(needs)),
        ",".join(_in_order({claim.role for claim in signature.claims}, ROLES)),
        ",".join(_in_order({claim.evidence for claim in signature.claims}, EVIDENCE)),
        "; ".join(map(str, signature.panels)),
        signature.computable or "",
        ",".join([*resources_of(needs), *([f"an assay of {assay}"] if assay else [])]),
    )
    # a name may hold a tab or a line end, which would break the table
    return tuple(" ".join(cell.split()) for cell in cells)


def _in_order(found: Collection[str], order: Sequence[str]) -> list[str]:
    return [word for word in order if word in found]


def _check(**filters: tuple[Collection[str], Sequence[str]]) -> None:
    problems = [
        Problem("", f"unknown {name} '{word}'", did_you_mean(word, known), code="E703")
        for name, (words, known) in filters.items()
        for word in words
        if word not in known
    ]
    if problems:
        raise UsageError(problems)


def _holds(text: str | None, words: Iterable[str]) -> bool:
    return text is not None and any(word.casefold() in text.casefold() for word in words)


def _cites(claim: Claim, words: Collection[str]) -> bool:
    sources = (claim.document, claim.literature)
    return any(
        word in documents_of(claim) if re.fullmatch(r"\d{3}", word) else any(_holds(text, [word]) for text in sources)
        for word in words
    )
