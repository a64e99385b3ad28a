"""The features that the rows and columns of a table stand for: genes and antibodies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources

from strata.cohort.identifiers import clean_id
from strata.genes.names import GeneNames, is_gene_id

__all__ = ["feature_names"]


def feature_names(kind: str, raw: str) -> tuple[str, ...]:
    """The features one row or column of a table of ``kind`` stands for.

    Behind ``|`` a locus is cut away, and so is an Entrez or Ensembl id, unless there is no symbol or the id is known to
    be of another gene than the symbol. An antibody names one feature for each gene it reads, with its phospho-sites
    spelled ``_pT37_T46``.

    Examples
    --------
    >>> feature_names("copy_number", "FGFR1|ENSG00000077782"), feature_names("mrna", "?|100130426")
    (('FGFR1',), ('100130426',))
    >>> feature_names("mrna", "MARCH1|55016"), feature_names("mrna", "DEC1|50514")
    (('MARCH1',), ('DELEC1',))
    >>> feature_names("protein", "AKT1 AKT2 AKT3|Akt_pS473-R-V")
    ('AKT1_pS473', 'AKT2_pS473', 'AKT3_pS473')
    >>> feature_names("protein", "X4EBP1_pT37T46")
    ('EIF4EBP1_pT37_T46',)
    """
    if kind == "protein":
        return _protein_features(clean_id(raw))
    if raw.isascii() and raw.isalnum():
        return (raw,)  # nothing to cut away, as in nearly every table
    name = clean_id(raw)
    if kind in {"mrna", "copy_number"}:
        symbol, _, behind = name.partition("|")
        name = _gene(symbol.strip(), behind.strip())
    return (name,) if name else ()


def _gene(symbol: str, behind: str) -> str:
    nameless = symbol in {"", "?"}
    if not behind or not is_gene_id(behind):
        return "" if nameless else symbol
    if nameless:
        return behind
    names = GeneNames.shipped()
    of_id = names.resolve(behind).symbol
    return symbol if of_id is None or names.resolve(symbol).symbol == of_id else of_id


_SITE = re.compile(r"(?P<base>.*?[^_\-])[_-]+(?P<site>[pP][STY]\d+(?:[_-]?[pP]?[STY]\d+)*)")
_QUALITY = re.compile(r"(?:[-_.][RMG][-_.](?:V|C|E|N|NA|QC))?(?:[-_. ]?Caution)?$", re.IGNORECASE)


def _protein_features(name: str) -> tuple[str, ...]:
    genes, bar, antibody = name.partition("|")
    antibody = _QUALITY.sub("", antibody if bar else genes).strip()
    whole = _antibodies().get(_antibody_key(antibody), ())
    if whole and ("_" in whole[0] or not bar):
        return whole
    match = _SITE.fullmatch(antibody)
    base = match["base"] if match else antibody
    sites = "_p" + "_".join(re.findall(r"[STY]\d+", match["site"])) if match else ""
    symbols = tuple(genes.split()) if bar else _antibodies().get(_antibody_key(base), (base,))
    return tuple(symbol + sites for symbol in symbols if symbol)


def _antibody_key(base: str) -> str:
    key = re.sub(r"[^A-Z0-9]", "", base.upper())
    return key[1:] if re.match(r"X\d", key) else key


@cache
def _antibodies() -> Mapping[str, tuple[str, ...]]:
    """Antibody names to the features they measure, from the table beside this module."""
    return {_antibody_key(name): tuple(features.split()) for name, features in _antibody_rows()}


def _antibody_rows() -> Iterator[list[str]]:
    text = (resources.files("strata.cohort") / "antibodies.tsv").read_text(encoding="utf-8")
    return (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
