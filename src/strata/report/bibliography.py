"""BibTeX of what a run used: the shipped entries, strata itself, and the sources that signatures name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from strata.errors import InputOutputError, Problem
from strata.signatures import documents_of
from strata.yaml_file import read_yaml

if TYPE_CHECKING:
    from strata.signatures import Claim, Signature

__all__ = ["joined", "key_of_doi", "reviews_of", "shipped_entries", "source_entries", "strata_entry"]

_DOCUMENTS: Mapping[str, str] = {
    "000": "ochnik2016",
    "001": "yardley2013",
    "002": "mohdsharial2012",
    "003": "vicier2014",
    "004": "balko2015",
}
"""The reviews that signatures were written from, by the number that their claims name them by."""

_YEAR = re.compile(r"\b(?P<authors>[^\d\[(]+?),? (?P<year>(?:19|20)\d\d)(?P<letter>[a-z]?)\b")
_WORD = re.compile(r"^(?!(?:de|di|van|von) )[a-z]+ ")
"""A word before the authors that is no part of a name."""

_NUMBERS = ((re.compile(r"PMID (\d+)"), "PMID"), (re.compile(r"(PMC\d+)"), ""))
_DOI = re.compile(r"\b10\.\d{4,9}/[^\s;,)]+")


@cache
def shipped_entries() -> Mapping[str, str]:
    """The entries of ``bibliography.bib`` by key."""
    text = (resources.files("strata.report") / "bibliography.bib").read_text(encoding="utf-8")
    found = re.findall(r"^@\w+\{([^,]+),\n.*?^\}$", text, flags=re.DOTALL | re.MULTILINE)
    whole = re.findall(r"^@\w+\{.*?^\}$", text, flags=re.DOTALL | re.MULTILINE)
    return dict(zip(found, whole, strict=True))


def key_of_doi(doi: str) -> str:
    """The key of the shipped entry with a DOI.

    Raises
    ------
    KeyError
        When there is none.
    """
    for key, entry in shipped_entries().items():
        if f"doi = {{{doi}}}" in entry:
            return key
    raise KeyError(doi)


def strata_entry(version: str) -> str:
    """Strata itself, as its ``CITATION.cff`` says, in the version that a run was made with."""
    cff = read_yaml(_citation_file(), InputOutputError).value
    authors = " and ".join(f"{{{author['name']}}}" for author in cff["authors"])
    fields = {"author": authors, "title": cff["title"], "version": version}
    # a date comes with a release
    fields |= {"year": str(cff["date-released"])[:4]} if "date-released" in cff else {"note": "unreleased"}
    return _entry("software", "strata", fields)


def _citation_file() -> Path:
    package = Path(str(resources.files("strata")))
    # in the wheel, else at the top of the checkout
    for folder in (package / "_data", *package.parents[1:2]):
        if (folder / "CITATION.cff").is_file():
            return folder / "CITATION.cff"
    raise InputOutputError(Problem(str(package), "CITATION.cff is missing", "Install strata-cohort again", code="E619"))


def source_entries(signature: Signature) -> dict[str, str]:
    """What a signature's claims were read in, by key: the reviews, and the publications behind them.

    Of a publication that is no shipped entry nothing is known but the words of the signature's file: authors, year, and
    the PMID, PMC number or DOI, as far as they are there. Numbers of references (``[39,40] in 003``) are the review's.
    """
    found: dict[str, str] = {}
    for claim in signature.claims:
        keys = [_DOCUMENTS[number] for number in documents_of(claim) if number in _DOCUMENTS]
        found |= {key: shipped_entries()[key] for key in keys}
        for text in _publications(claim.literature or ""):
            key, entry = _publication(text, signature.id)
            found.setdefault(key, shipped_entries().get(key, entry))
    return found


def reviews_of(claim: Claim) -> dict[str, str]:
    """The reviews that a claim was read in: the number that the claim names each by, and authors with year."""
    return {number: _by_authors(_DOCUMENTS[number]) for number in documents_of(claim) if number in _DOCUMENTS}


def _by_authors(key: str) -> str:
    """``Ochnik and Baxter 2016``, ``Vicier et al. 2014``: a shipped entry as a text names it."""
    entry = shipped_entries()[key]
    said = dict(re.findall(r"(author|year) = \{(.*?)\}", entry))
    names = [author.partition(",")[0] for author in said["author"].split(" and ")]
    return f"{f'{names[0]} et al.' if len(names) > 2 else ' and '.join(names)} {said['year']}"


def _publications(text: str) -> Iterator[str]:
    """The publications of a claim; what follows one without a year of its own belongs to it."""
    parts: list[str] = []
    for part in text.split(";"):
        if _YEAR.search(part) or _DOI.search(part):
            parts.append(part.strip())
        elif parts:
            parts[-1] += f";{part}"
    yield from parts


def _publication(text: str, signature: str) -> tuple[str, str]:
    written, doi = _YEAR.search(text), _DOI.search(text)
    fields = {"title": text, "note": f"as the signature {signature} names it"}
    if written is not None:
        authors = _WORD.sub("", written["authors"].strip())
        first = re.split(r" & | et |,", authors)[0]
        key = re.sub(r"[^a-z]", "", first.lower()) + written["year"] + written["letter"]
        fields = {"author": f"{{{authors}}}", "year": written["year"]} | fields
    else:
        key = "doi" + re.sub(r"[^a-z0-9]", "", str(doi and doi[0]).lower())
    if doi is not None:
        fields["doi"] = doi[0].rstrip(".")
    known = [f"{name} {number}".strip() for pattern, name in _NUMBERS for number in pattern.findall(text)]
    if known:
        fields["note"] += f"; {', '.join(known)}"
    return key, _entry("misc", key, fields)


def _entry(kind: str, key: str, fields: Mapping[str, str]) -> str:
    lines = ",\n".join(f"  {name} = {{{_escaped(value)}}}" for name, value in fields.items())
    return f"@{kind}{{{key},\n{lines}\n}}"


def _escaped(text: str) -> str:
    return re.sub(r"([&%#_$])", r"\\\1", " ".join(text.split()))


def joined(entries: Iterable[str]) -> str:
    """Entries as one BibTeX file."""
    return "\n\n".join(entries) + "\n"
