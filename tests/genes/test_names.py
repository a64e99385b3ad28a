"""Which gene a name means."""

from __future__ import annotations

import pytest

from strata.genes import GeneNames
from strata.genes.gene_table import Gene

# invented genes
GENES = (
    Gene("ABC1", ("11", "ENSG00000000011"), ("OLD1", "SHARED1"), ("ab-one", "BOTH", "tWin")),
    Gene("ABC2", ("12", "ENSG00000000012"), ("SHARED1", "OLD3"), ("BOTH", "ABC1", "Twin")),
    Gene("ABC3", ("13", "ENSG00000000013", "ENSG00000000113"), (), ("OLD3", "OLD1", "x-abc2")),
    Gene("C1orf9", ("14",), (), ()),
)
CURATED = {"BOTH": "ABC2", "the-first": "ABC1", "OLD1": "ABC3", "lipid": "", "ab-one": "ABC2"}


@pytest.fixture(scope="module")
def names() -> GeneNames:
    return GeneNames(GENES, CURATED)


@pytest.mark.parametrize(
    ("text", "symbol", "how"),
    [
        # an approved symbol, although it is an alias of ABC2
        ("ABC1", "ABC1", "symbol"),
        ("12", "ABC2", "Entrez id"),
        ("ENSG00000000113", "ABC3", "Ensembl id"),
        ("ENSG00000000012.7", "ABC2", "Ensembl id"),
        # a previous symbol before an alias (OLD1, OLD3 are aliases of ABC3) and before a curated name (OLD1)
        ("OLD1", "ABC1", "previous symbol"),
        ("OLD3", "ABC2", "previous symbol"),
        # an alias of one gene before a curated name; of two genes, the curated name says which
        ("ab-one", "ABC1", "alias"),
        ("BOTH", "ABC2", "curated name"),
        ("the-first", "ABC1", "curated name"),
        # in their own letters these are of one gene each, without case of two
        ("tWin", "ABC1", "alias"),
        ("Twin", "ABC2", "alias"),
        ("X-ABC2", "ABC3", "alias"),
        ("THE-FIRST", "ABC1", "alias"),
        ("C1ORF9", "C1orf9", "alias"),
    ],
)
def test_the_first_rule_that_knows_a_name_decides(text: str, symbol: str, how: str, names: GeneNames) -> None:
    found = names.resolve(text)
    assert (found.symbol, found.how) == (symbol, how)
    assert (found.candidates, found.reason) == ((), "")


@pytest.mark.parametrize(
    ("text", "how", "candidates", "reason"),
    [
        ("SHARED1", "ambiguous", ("ABC1", "ABC2"), "'SHARED1' is a name of several genes: ABC1, ABC2"),
        ("TWIN", "ambiguous", ("ABC1", "ABC2"), "'TWIN' is a name of several genes: ABC1, ABC2"),
        ("Abc1", "mouse symbol", ("ABC1",), "'Abc1' looks like the mouse symbol of ABC1"),
        ("abc1", "unknown", ("ABC1",), "'abc1' is not an approved symbol; did you mean ABC1?"),
        ("ABC-1", "unknown", ("ABC1",), "'ABC-1' is not an approved symbol; did you mean ABC1?"),
        ("AC3", "unknown", ("ABC3",), "'AC3' is not in the table of gene names; did you mean ABC3?"),
        ("lipid", "not a gene", (), "'lipid' is not the name of a gene here"),
        ("QQQ", "unknown", (), "'QQQ' is not in the table of gene names"),
        ("99", "unknown", (), "'99' is not in the table of gene names"),
        ("ENSG00000000011.5_PAR_Y", "unknown", (), "'ENSG00000000011.5_PAR_Y' is not in the table of gene names"),
        ("11.0", "unknown", (), "'11.0' is not in the table of gene names"),
        ("", "unknown", (), "'' is not in the table of gene names"),
    ],
)
def test_a_name_that_gives_no_gene_says_why(
    text: str, how: str, candidates: tuple[str, ...], reason: str, names: GeneNames
) -> None:
    found = names.resolve(text)
    assert (found.symbol, found.how, found.candidates, found.reason) == (None, how, candidates, reason)


def test_the_spellings_of_a_gene(names: GeneNames) -> None:
    assert set(names.spellings("ABC1")) == {
        "11", "ENSG00000000011", "OLD1", "SHARED1", "ab-one", "BOTH", "tWin", "the-first",
    }  # fmt: skip
    assert names.spellings("QQQ") == ()


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        # the names that the documents use, and those that spreadsheets destroy
        ("SphK1", "SPHK1"), ("InsR", "INSR"), ("AIB1", "NCOA3"), ("4EBP1", "EIF4EBP1"), ("4E-BP1", "EIF4EBP1"),
        ("p27Kip1", "CDKN1B"), ("LKB1", "STK11"), ("S6K1", "RPS6KB1"), ("FAK", "PTK2"), ("HER2", "ERBB2"),
        ("ERβ", "ESR2"), ("ER-beta", "ESR2"), ("Ki-67", "MKI67"), ("Ki67", "MKI67"), ("KI67", "MKI67"),
        ("CD221", "IGF1R"), ("IGF-1R", "IGF1R"), ("FRAP1", "MTOR"), ("SEPT2", "SEPTIN2"), ("MARCH1", "MARCHF1"),
        ("MARC1", "MTARC1"), ("SEP15", "SELENOF"), ("SLC9A3R1", "NHERF1"), ("2064", "ERBB2"),
        ("ENSG00000176170.12", "SPHK1"), ("p53", "TP53"), ("cMET", "MET"),
    ],
)  # fmt: skip
def test_names_in_the_shipped_table(text: str, symbol: str) -> None:
    assert GeneNames.shipped().resolve(text).symbol == symbol


@pytest.mark.parametrize(
    ("text", "how", "some"),
    [
        ("CAP", "ambiguous", {"BRD4", "CAP1", "LNPEP"}),
        ("DEC1", "ambiguous", {"BHLHE40", "DELEC1"}),
        ("PR", "ambiguous", {"PGR", "TMEM37"}),
        ("Igf1r", "mouse symbol", {"IGF1R"}),
        ("S1P", "not a gene", set()),
    ],
)
def test_names_that_the_shipped_table_refuses(text: str, how: str, some: set[str]) -> None:
    found = GeneNames.shipped().resolve(text)
    assert (found.symbol, found.how) == (None, how)
    assert some <= set(found.candidates)


def test_the_shipped_table_is_read_once() -> None:
    assert GeneNames.shipped() is GeneNames.shipped()


def test_names_from_the_file_of_hgnc(tmp_path) -> None:
    path = tmp_path / "hgnc_complete_set.txt"
    path.write_text(
        "symbol\tstatus\talias_symbol\tprev_symbol\tentrez_id\tensembl_gene_id\n"
        'SEPTIN2\tApproved\t"KIAA0158|hNedd5"\t"DIFF6|NEDD5|SEPT2"\t4735\tENSG00000168385\n'
        'SEPTIN6\tApproved\t"KIAA0128|SEPT2"\tSEPT6\t23157\tENSG00000125354\n',
        encoding="utf-8",
    )
    names = GeneNames.read_hgnc(path)
    assert names.resolve("SEPT2").how == "previous symbol"
    assert names.resolve("SEPT2").symbol == "SEPTIN2"
    assert names.resolve("KIAA0128").symbol == "SEPTIN6"
