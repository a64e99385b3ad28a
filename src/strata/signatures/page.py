"""The catalogue of signatures as a page of Markdown: ``signatures/CATALOGUE.md``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from strata.signatures.model import Signature
from strata.signatures.needs import needs_of
from strata.signatures.rule_words import in_words
from strata.signatures.shapes import ASSAYS
from strata.signatures.summary import assays_of, documents_of, resources_of, unusual_assay

__all__ = ["catalogue_page"]

_TOP = """\
# The catalogue

{signatures} signatures with {claims} claims, written by `strata signatures page`. The claims are those of the sources:
strata does not make them, and they are never the result of a cohort. Evidence is the source's, with its own words:
validated, reported, conflicting, not-confirmed, preclinical, hypothesis, eligibility-only, definition.

`strata signatures show ID` prints one signature with the numbers that were reported and the notes, which hold what a
reader must know before using it. A rule that names another signature by its id means that one's own rule."""

_WORDS: Mapping[str, str] = {"mrna": "mRNA", "mirna": "microRNA", "copy_number": "copy number"}
_NO_ASSAY = "no table"

Row = Sequence[str]


def catalogue_page(library: Mapping[str, Signature]) -> str:
    """Every signature by the assays it needs, every claim about a drug by drug, and what each document holds.

    Parameters
    ----------
    library : mapping of id to Signature
        What the page lists; references are looked up in it.
    """
    by_assay, by_document = _by_assay(library), _by_document(library)
    top = _TOP.format(signatures=len(library), claims=sum(len(signature.claims) for signature in library.values()))
    lines = [top, "", "## Contents", "", "- [By assay](#by-assay)"]
    lines += [f"  - [{name}](#{_anchor(name)}): {len(found)}" for name, found in by_assay.items()]
    lines += ["- [By drug](#by-drug)", "- [By document](#by-document)", ""]
    lines += ["## By assay", "", "A signature stands under every assay that its rule or its population needs.", ""]
    for name, found in by_assay.items():
        lines += [f"### {name}", "", *_table(_ENTRY, [_entry(signature, library) for signature in found]), ""]
    lines += [
        "## By drug",
        "",
        *_table(_DRUG, sorted(_drug_rows(library.values()), key=_alphabetical)),
        "",
        "## By document",
        "",
    ]
    lines += [
        "The documents that the signatures were written from, by number; external: added from the literature.",
        "",
    ]
    lines += [f"- **{name}**: {', '.join(map(_link, ids))}" for name, ids in by_document.items()]
    return "\n".join(lines) + "\n"


_ENTRY = ("signature", "name", "positive", "population", "claims", "needs")
_DRUG = ("drug", "signature", "positive", "effect", "evidence", "endpoints", "population")


def _entry(signature: Signature, library: Mapping[str, Signature]) -> Row:
    claims = dict.fromkeys(f"{claim.role} ({claim.evidence})" for claim in signature.claims)
    unusual = unusual_assay(signature, library)
    needs = [*resources_of(needs_of(signature, library)), *([f"an assay of {unusual}"] if unusual else [])]
    if signature.computable == "proxy":
        needs.append("proxy")
    about = (_rule(signature), _population(signature), ", ".join(claims), ", ".join(needs))
    return (_link(signature.id), signature.name, *about)


def _drug_rows(signatures: Iterable[Signature]) -> Iterator[Row]:
    for signature in signatures:
        for claim in signature.claims:
            if claim.drug:
                said = (claim.effect or "", claim.evidence, ", ".join(claim.endpoints))
                yield (claim.drug, _link(signature.id), _rule(signature), *said, _population(signature))


def _alphabetical(row: Row) -> list[str]:
    return [cell.casefold() for cell in row]


def _by_assay(library: Mapping[str, Signature]) -> dict[str, list[Signature]]:
    found: dict[str, list[Signature]] = {_WORDS.get(name, name): [] for name in (*ASSAYS, _NO_ASSAY)}
    for signature in library.values():
        for assay in assays_of(needs_of(signature, library)) or [_NO_ASSAY]:
            found[_WORDS.get(assay, assay)].append(signature)
    return {name: signatures for name, signatures in found.items() if signatures}


def _by_document(library: Mapping[str, Signature]) -> dict[str, list[str]]:
    found: dict[str, dict[str, None]] = {}
    for signature in library.values():
        for claim in signature.claims:
            for number in documents_of(claim):
                found.setdefault(number, {})[signature.id] = None
    return {number: list(found[number]) for number in sorted(found)}


def _rule(signature: Signature) -> str:
    return "" if signature.positive is None else in_words(signature.positive)


def _population(signature: Signature) -> str:
    return "; ".join(map(in_words, signature.panels))


def _table(columns: Row, rows: Iterable[Row]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{' --- |' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(map(_cell, row))} |"


def _cell(text: str) -> str:
    return re.sub(r"([|*<\\])", r"\\\1", " ".join(text.split()))


def _link(name: str) -> str:
    return f"[{name}]({name}.yaml)"


def _anchor(heading: str) -> str:
    return heading.lower().replace(" ", "-")
