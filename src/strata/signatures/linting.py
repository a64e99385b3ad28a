"""What is wrong with signature files beyond their grammar: names of genes, and sources that cannot be looked up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from strata.errors import Problem, StrataError, shown
from strata.genes import GeneNames
from strata.signatures.load import SignatureFile, read_shelf, signature_files
from strata.signatures.model import ClassOf, GeneSet, Reference, Signature
from strata.signatures.shapes import ASSAYS, value_list
from strata.signatures.shipped import shipped_folder
from strata.signatures.variants import not_listed
from strata.yaml_file import KeyPath, YamlDocument

__all__ = ["lint", "unchecked_symbols"]

_SITES = re.compile(r"[^_]+(_p[STY]\d+(_[STY]\d+)*)?")
_MICRO_RNA = re.compile(r"hsa-(miR|mir|let)(-[0-9a-z]+)+")
_VARIANT = re.compile(r"rs\d+")
_CITATION = re.compile(
    r"\b(19|20)\d\d[a-z]?\b"  # Alain 2012
    r"|\bPMID:? ?\d+|\bPMC\d+|\b10\.\d{4,9}/\S+"
    r"|\[\d+([,-] ?\d+)*\]"  # [39,40] in 003
)


def lint(paths: str | Path | Iterable[str | Path], *, hgnc: str | Path | None = None) -> list[Problem]:
    """What is wrong with signature files or folders of them, beside the shipped ones; empty when nothing is.

    A file is right when it can be loaded; when its genes are called by their approved symbols, its sites, variants
    and microRNAs by names of their form; and when every claim has a source that can be looked up.

    Parameters
    ----------
    paths : path or iterable of path
        None: the shipped files.
    hgnc : path, optional
        ``hgnc_complete_set.txt``. The names that ship are of few genes, so a symbol that they lack passes; with HGNC's
        it is a problem.

    Raises
    ------
    InputOutputError, DataError
        When ``hgnc`` cannot be read or is another file.
    """
    names = GeneNames.shipped() if hgnc is None else GeneNames.read_hgnc(Path(hgnc))
    paths = [paths] if isinstance(paths, (str, Path)) else list(paths)
    try:
        asked = {path.resolve() for path in signature_files(paths)}
        shelf = read_shelf(paths or shipped_folder())
    except StrataError as error:
        return list(error.problems)
    problems = list(shelf.problems)
    for file in shelf.files.values():
        if file.path.resolve() in asked:
            problems += _name_problems(file, names, all_known=hgnc is not None)
            problems += _token_problems(file.document)
            problems += _source_problems(file)
    return problems


def _name_problems(file: SignatureFile, names: GeneNames, *, all_known: bool) -> Iterator[Problem]:
    for path, assay, feature in _features(file.document.value):
        fault = _feature_fault(assay, feature, names, all_known)
        if fault is not None:
            yield Problem(file.document.where(path), *fault, code="E623")


def unchecked_symbols(paths: str | Path | Iterable[str | Path]) -> list[str]:
    """Symbols of signature files that the shipped names lack, so that lint could not tell whether they are approved."""
    names = GeneNames.shipped()
    paths = [paths] if isinstance(paths, (str, Path)) else list(paths)
    asked = {path.resolve() for path in signature_files(paths)}
    files = read_shelf(paths or shipped_folder()).files.values()
    found = (_features(f.document.value) for f in files if f.path.resolve() in asked)
    genes = ("mrna", "protein", "copy_number", "mutation", "germline")
    return sorted(
        {
            feature
            for features in found
            for _, assay, feature in features
            if assay in genes and names.resolve(feature.partition("_p")[0]).how == "unknown"
            if not _VARIANT.fullmatch(feature)
        }
    )


def _token_problems(document: YamlDocument) -> Iterator[Problem]:
    """Tokens that mean nothing for their gene: hotspots of a gene without a list, exons without a table."""
    for path, rule in _mappings(document.value):
        gene = rule.get("mutation", rule.get("germline"))
        tokens = rule.get("is")
        if isinstance(gene, str) and tokens is not None:
            unlisted = not_listed(gene, [token for token in value_list(tokens) if isinstance(token, str)])
            if unlisted:
                fix = "Its carriers would be unknown: name changes (H1047R) or codons (codon:1047)"
                yield Problem(document.where((*path, "is")), unlisted, fix, code="E623")


def _mappings(data: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Mapping[str, Any]]]:
    """Every mapping of a document with its place."""
    if isinstance(data, Mapping):
        yield path, data
    parts = data.items() if isinstance(data, Mapping) else enumerate(data) if isinstance(data, list) else ()
    for key, value in parts:
        yield from _mappings(value, (*path, key))


def _features(data: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, str, str]]:
    """Where a document names which feature of which assay; the genes of lists are mRNA's."""
    parts = data.items() if isinstance(data, Mapping) else enumerate(data) if isinstance(data, list) else ()
    for key, value in parts:
        here = (*path, key)
        if key in ASSAYS and isinstance(value, str):
            yield here, key, value
        elif key in ASSAYS and isinstance(value, Mapping):
            yield from (((*here, feature), key, feature) for feature in value)
        elif key in ("up", "down") and isinstance(value, list):
            yield from (((*here, at), "mrna", symbol) for at, symbol in enumerate(value))
        elif here != ("claims",):
            yield from _features(value, here)


def _feature_fault(assay: str, feature: str, names: GeneNames, all_known: bool) -> tuple[str, str] | None:
    """What is wrong with the name of a feature, and how to write it; None when nothing is."""
    if assay == "clinical":
        return None
    if assay == "germline" and feature.startswith("rs"):
        what = f"{shown(feature)} is not the id of a variant"
        return None if _VARIANT.fullmatch(feature) else (what, "Write it as dbSNP does: rs2016347")
    if assay == "mirna":
        what = f"{shown(feature)} is not the name of a human microRNA"
        return None if _MICRO_RNA.fullmatch(feature) else (what, "Write it as miRBase does: hsa-miR-375")
    if assay == "protein" and not _SITES.fullmatch(feature):
        what = f"{shown(feature)} is not a protein or a phospho-site"
        return what, "Write a site as SYMBOL_pS65, several as SYMBOL_pT37_T46"
    gene = feature.partition("_p")[0] if assay == "protein" else feature
    return _gene_fault(gene, names, all_known=all_known and assay != "serum", genes_only=assay != "serum")


def _gene_fault(gene: str, names: GeneNames, *, all_known: bool, genes_only: bool) -> tuple[str, str] | None:
    meant = names.resolve(gene)
    if meant.symbol == gene:
        return None
    if meant.symbol is not None:
        return f"{shown(gene)} is not the approved symbol ({meant.how} of {meant.symbol})", f"Write {meant.symbol}"
    other_case = any(symbol.casefold() == gene.casefold() for symbol in meant.candidates)
    if meant.how == "unknown" and not all_known and not other_case:
        return None
    return None if meant.how == "not a gene" and not genes_only else (meant.reason, "")


def _source_problems(file: SignatureFile) -> Iterator[Problem]:
    where = file.document.where
    if file.signature.computable == "needs-list" and not _names_a_list(file.signature):
        what = "computable is needs-list, but the rule names no gene list"
        yield Problem(where(("computable",)), what, "Name it with genes, or leave computable out", code="E623")
    for at, claim in enumerate(file.signature.claims):
        if not (claim.document or claim.literature or claim.list):
            yield Problem(
                where(("claims", at)), "a claim without a source", "Give a document, literature or list", code="E623"
            )
        if (claim.document or "").startswith("external") and not claim.literature:
            what = "an external claim without its literature"
            yield Problem(where(("claims", at, "document")), what, "Give the publication as literature", code="E623")
        if claim.literature and not _CITATION.search(claim.literature):
            what = f"{shown(claim.literature)} has no year, PMID, PMC number, DOI or reference number"
            fix = "Write it as in: Alain 2012 PMID 23100465; doi:10.1000/182; [39,40] in 003"
            yield Problem(where(("claims", at, "literature")), what, fix, code="E623")


def _names_a_list(signature: Signature) -> bool:
    """Whether a rule names a gene list or classes, or another signature, which may."""
    rules = [rule for rule in (signature.score, signature.positive) if rule is not None]
    nodes = [node for rule in rules for node in rule.walk()]
    return any(isinstance(node, ClassOf | Reference) or (isinstance(node, GeneSet) and node.named) for node in nodes)
