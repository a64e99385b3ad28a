"""Tables of genes: what ships, and HGNC's file."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from strata.errors import DataError, InputOutputError
from strata.genes import GeneNames
from strata.genes.gene_table import Gene, curated_names, hgnc_genes, shipped_genes
from strata.signatures import needs_of, signature_library

HEADER = "hgnc_id\tsymbol\tname\tstatus\talias_symbol\tprev_symbol\tentrez_id\tensembl_gene_id\n"
ROWS = (
    'HGNC:6893\tMAPT\tmicrotubule associated protein tau\tApproved\t"MTBT1|tau|PPND"\t"DDPAC|MAPTL"\t4137\t'
    "ENSG00000186868\n"
    "HGNC:1\tGONE\tentry withdrawn\tEntry Withdrawn\t\t\t\t\n"
    "HGNC:2\tSHORT\tcut off\tApproved\n"
)


def test_the_file_of_hgnc(tmp_path: Path) -> None:
    path = tmp_path / "hgnc_complete_set.txt"
    path.write_text(HEADER + ROWS, encoding="utf-8")
    assert hgnc_genes(path) == [
        Gene("MAPT", ("4137", "ENSG00000186868"), ("DDPAC", "MAPTL"), ("MTBT1", "tau", "PPND")),
        Gene("SHORT", (), (), ()),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"gene\tvalue\nIGF1R\t2\n", "no column symbol, status, alias_symbol, prev_symbol, entrez_id, ensembl_gene_id"),
        (b"", "no column symbol"),
        (HEADER.encode(), "no row with the status 'Approved'"),
        (HEADER.encode() + b"\xb5\n", "not a table of UTF-8 text"),
        (HEADER.encode() + b"x" * 200_000, "not a table of UTF-8 text"),
    ],
)
def test_a_file_that_is_not_hgncs(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "genes.txt"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        hgnc_genes(path)
    assert caught.value.problems[0].where == str(path)
    assert "genenames.org" in caught.value.problems[0].fix


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputOutputError, match=r"absent.txt: no such file"):
        hgnc_genes(tmp_path / "absent.txt")


def test_the_shipped_table_is_sound() -> None:
    genes = list(shipped_genes())
    symbols = {gene.symbol for gene in genes}
    ids = Counter(entry for gene in genes for entry in gene.ids)
    assert len(symbols) == len(genes)
    assert not [entry for entry, n in ids.items() if n > 1 and entry.isdigit()]
    assert not {alias for gene in genes for alias in gene.aliases} & symbols


def test_the_shipped_table_knows_every_gene_of_the_signatures_by_its_approved_symbol() -> None:
    library = signature_library()
    features = set().union(*(needs_of(signature, library).features for signature in library.values()))
    genes = {key.partition("@")[0].partition("_p")[0] for assay, key in features if assay not in ("clinical", "mirna")}
    names = GeneNames.shipped()
    unknown = {gene for gene in genes if names.resolve(gene).how != "symbol"}
    assert {gene for gene in unknown if not gene.startswith("rs")} <= {"S1P"}
    assert len(genes) > 50


@pytest.mark.parametrize("name", sorted(curated_names()))
def test_every_curated_name_is_needed(name: str) -> None:
    curated = dict(curated_names())
    symbol = curated.pop(name)
    assert GeneNames.shipped().resolve(name).symbol == (symbol or None)
    if symbol:
        assert GeneNames.shipped().resolve(symbol).how == "symbol"
        assert GeneNames(shipped_genes(), curated).resolve(name).symbol is None
