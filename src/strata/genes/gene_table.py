"""Tables of genes with all their names: the one that ships, and HGNC's own."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from strata.errors import DataError, InputOutputError, Problem

__all__ = ["Gene", "curated_names", "hgnc_genes", "packaged_rows", "shipped_genes"]

_HGNC_COLUMNS = ("symbol", "status", "alias_symbol", "prev_symbol", "entrez_id", "ensembl_gene_id")


class Gene(NamedTuple):
    """A gene with its names, as its source spells them."""

    symbol: str
    ids: tuple[str, ...]
    """Entrez id and Ensembl gene ids."""
    previous: tuple[str, ...]
    """Symbols that were approved once; empty where the source does not tell them from aliases."""
    aliases: tuple[str, ...]


def packaged_rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of a table beside this module."""
    text = (files("strata.genes") / name).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


def shipped_genes() -> Iterator[Gene]:
    """The genes of ``gene_names.tsv`` (NCBI Gene, which does not tell previous symbols from aliases)."""
    for row in packaged_rows("gene_names.tsv"):
        yield Gene(row["symbol"], (row["entrez"], *_split(row["ensembl"])), (), _split(row["names"]))


def curated_names() -> Mapping[str, str]:
    """The names of ``curated_names.tsv`` and their symbols; an empty symbol: the name of no gene."""
    return {row["name"]: row["symbol"] for row in packaged_rows("curated_names.tsv")}


def hgnc_genes(path: Path) -> list[Gene]:
    """The approved genes of HGNC's file ``hgnc_complete_set.txt``.

    Raises
    ------
    InputOutputError
        When the file cannot be read.
    DataError
        When it is not that file.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            table = csv.DictReader(file, delimiter="\t")
            missing = [name for name in _HGNC_COLUMNS if name not in (table.fieldnames or ())]
            if missing:
                raise _not_hgnc(path, f"no column {', '.join(missing)}")
            genes = [_hgnc_gene(row) for row in table if row["status"] == "Approved"]
    except OSError as error:
        raise InputOutputError(Problem(str(path), (error.strerror or str(error)).lower(), code="E100")) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise _not_hgnc(path, f"not a table of UTF-8 text ({error})") from error
    if not genes:
        raise _not_hgnc(path, "no row with the status 'Approved'")
    return genes


def _hgnc_gene(row: Mapping[str, str | None]) -> Gene:
    # a line that was cut off has None in its last columns
    cell = {name: row[name] or "" for name in _HGNC_COLUMNS}
    ids = (*_split(cell["entrez_id"]), *_split(cell["ensembl_gene_id"]))
    return Gene(cell["symbol"], ids, _split(cell["prev_symbol"]), _split(cell["alias_symbol"]))


def _split(cell: str) -> tuple[str, ...]:
    return tuple(cell.split("|")) if cell else ()


def _not_hgnc(path: Path, what: str) -> DataError:
    return DataError(Problem(str(path), what, "Give hgnc_complete_set.txt as genenames.org has it", code="E622"))
