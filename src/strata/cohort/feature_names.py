"""The features that the rows and columns of a table stand for: genes, antibodies, and names a spreadsheet destroyed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from importlib import resources

from strata.cohort.findings import count, listed
from strata.cohort.identifiers import clean_id
from strata.errors import Problem, shown
from strata.genes.names import GeneNames, is_gene_id

__all__ = ["feature_names", "spreadsheet_problems"]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SPREADSHEET = re.compile(
    rf"\d{{1,2}}-({'|'.join(_MONTHS)})(-\d{{2,4}})?|(mar|sep|dec|oct)-\d{{1,2}}"
    r"|\d{4}[-/]\d{1,2}[-/]\d{1,2}( 00:00:00)?|\d{1,2}/\d{1,2}/\d{2,4}|\d+(\.\d+)?e\+\d+",
    re.IGNORECASE,
)
_SPREADSHEET_DAY_0 = date(1899, 12, 30)
_SERIAL_DATES = range(32874, 51136)  # 1990 to 2039, the years in which a spreadsheet may have been saved


def spreadsheet_problems(names: Sequence[str], path: object, lines: Sequence[int] | None = None) -> list[Problem]:
    """Gene names that a spreadsheet turned into dates or numbers (``2-Sep``, ``44806``, ``2.31E+13``), as one problem.

    The number of a day counts as a date only where nearly no other name is a number, and only when a gene may have
    been called like that day: Entrez ids are numbers too.
    """
    numbers = [i for i, name in enumerate(names) if name.isascii() and name.isdigit()]
    days = [i for i in numbers if len(names[i]) == 5 and int(names[i]) in _SERIAL_DATES and _genes_of_date(names[i])]
    days = days if (len(numbers) - len(days)) * 100 <= len(names) else []
    hits = sorted([i for i, name in enumerate(names) if name[:1].isalnum() and _SPREADSHEET.fullmatch(name)] + days)
    if not hits:
        return []
    examples = listed([_with_genes(names[i]) for i in hits])
    place = f"{path}:{lines[hits[0]]}" if lines else str(path)
    many = count(len(hits), "gene name looks", "gene names look")
    what = f"{many} like a date or number made by a spreadsheet: {examples}"
    return [
        Problem(place, what, "Export the table again with the genes as text; the names cannot be told back for certain")
    ]


def _with_genes(name: str) -> str:
    genes = _genes_of_date(name)
    return f"{shown(name)} (may have been {' or '.join(genes)})" if genes else shown(name)


def _genes_of_date(name: str) -> list[str]:
    genes = (gene for day in _days(name) for gene in _date_genes().get(day, ()))
    return list(dict.fromkeys(genes))


def _days(name: str) -> list[tuple[int, int]]:
    """The months and days that a date may mean; ``2010-09-01`` may have been ``Sep-10``, the 10th or of 2010."""
    if "+" in name:
        return []
    numbers = [int(number) for number in re.findall(r"\d+", name.partition(" ")[0])]
    words = [place for place, month in enumerate(_MONTHS, 1) if month in name.casefold()]
    if words:
        return [(words[0], numbers[0])]
    if len(numbers) == 1:
        day = _SPREADSHEET_DAY_0 + timedelta(days=numbers[0])
        return [(day.month, day.day)]
    first, second, third = numbers
    if first > 31:
        return [(second, third)] + ([(second, first % 100)] if third == 1 else [])
    return [(first, second), (second, first)]


@cache
def _date_genes() -> Mapping[tuple[int, int], list[str]]:
    """Month and number to the genes whose symbol was once like them: MARCH1 and MARC1, SEPT2, SEP15, DEC1."""
    families = (
        (3, "MARCHF", range(1, 12)),
        (3, "MTARC", (1, 2)),
        (9, "SEPTIN", (*range(1, 13), 14)),
        (12, "DELEC", (1,)),
    )
    genes: dict[tuple[int, int], list[str]] = {(9, 15): ["SELENOF"]}
    for month, family, numbers in families:
        for number in numbers:
            genes.setdefault((month, number), []).append(f"{family}{number}")
    return genes


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
    name = clean_id(raw)
    if kind == "protein":
        return _protein_features(name)
    if kind in {"mrna", "copy_number"}:
        symbol, _, behind = name.partition("|")
        name = _gene(symbol.strip(), behind.strip())
    return (name,) if name else ()


def _gene(symbol: str, behind: str) -> str:
    nameless = symbol in {"", "?"}
    if not is_gene_id(behind):
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
