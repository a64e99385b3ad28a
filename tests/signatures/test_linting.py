"""What lint adds to the grammar: names of genes, and sources that can be looked up."""

from __future__ import annotations

from pathlib import Path

import pytest

from strata.errors import InputOutputError
from strata.signatures import lint, signature_files, unchecked_symbols

HGNC = "hgnc_id\tsymbol\tname\tstatus\talias_symbol\tprev_symbol\tentrez_id\tensembl_gene_id\n"


def found(folder: Path, rule: str, rest: str = "", **options: object) -> list[tuple[str, str]]:
    """(line and key, what and fix) of every problem of a file with this rule on line 3."""
    path = folder / "mine.yaml"
    path.write_text(f"id: mine\nname: N\npositive: {rule}\n{rest}", encoding="utf-8")
    problems = lint(path, **options)  # type: ignore[arg-type]
    assert all(problem.where.startswith(f"{path}:") for problem in problems)
    return [(problem.where.removeprefix(f"{path}:"), f"{problem.what}. {problem.fix}") for problem in problems]


def test_the_shipped_files_are_right(root: Path) -> None:
    assert len(signature_files()) == 175
    assert lint([]) == []
    assert lint(root / "signatures") == []


@pytest.mark.parametrize(
    ("rule", "key", "says"),
    [
        ("{mrna: HER2, above: 1}", "mrna", "'HER2' is not the approved symbol (alias of ERBB2). Write ERBB2"),
        ("{copy_number: HER2, is: amp}", "copy_number", "Write ERBB2"),
        ("{mutation: HER2, is: any}", "mutation", "Write ERBB2"),
        ("{germline: HER2, is: any}", "germline", "Write ERBB2"),
        ("{serum: HER2, above: 1}", "serum", "Write ERBB2"),
        ("{protein: HER2_pY1248, above: 1}", "protein", "'HER2' is not the approved symbol (alias of ERBB2)"),
        ("{mrna: KIP1, above: 1}", "mrna", "'KIP1' is a name of several genes: CDKN1B, CIB1"),
        ("{mrna: igf1r, above: 1}", "mrna", "did you mean IGF1R?"),
        ("{mrna: Igf1r, above: 1}", "mrna", "looks like the mouse symbol of IGF1R"),
        ("{mrna: '3480', above: 1}", "mrna", "(Entrez id of IGF1R). Write IGF1R"),
        ("{mrna: S1P, above: 1}", "mrna", "'S1P' is not the name of a gene"),
        ("{protein: EIF4EBP1_S65, above: 1}", "protein", "Write a site as SYMBOL_pS65, several as SYMBOL_pT37_T46"),
        ("{protein: EIF4EBP1_pX65, above: 1}", "protein", "is not a protein or a phospho-site"),
        ("{germline: rs, is: A/G}", "germline", "'rs' is not the id of a variant. Write it as dbSNP does"),
        ("{mirna: miR-375, above: 1}", "mirna", "Write it as miRBase does: hsa-miR-375"),
        ("{not: {mrna: HER2, above: 1}}", "not.mrna", "Write ERBB2"),
        ("{all: [{mrna: AKT1, above: 1}, {mrna: HER2, above: 1}]}", "all[1].mrna", "Write ERBB2"),
        ("{weighted: {mrna: {HER2: 1}}, above: 0}", "weighted.mrna.HER2", "Write ERBB2"),
        ("{genes: {up: [AKT1, HER2]}, by: mean, above: 0}", "genes.up[1]", "Write ERBB2"),
        ("{genes: {up: AKT1, down: [HER2]}, by: mean, above: 0}", "genes.down[0]", "Write ERBB2"),
    ],
)
def test_names_that_are_not_approved(tmp_path: Path, rule: str, key: str, says: str) -> None:
    ((where, text),) = found(tmp_path, rule)
    assert where == f"3: positive.{key}"
    assert says in text


@pytest.mark.parametrize(
    "rule",
    [
        "{protein: EIF4EBP1_pT37_T46, above: 1}",
        "{germline: rs2016347, is: A/G}",
        "{serum: S1P, above: 1}",
        "{mirna: hsa-miR-375-3p, above: 1}",
        "{mirna: hsa-let-7a, above: 1}",
        "{clinical: HER2, is: positive}",
        "{mrna: NOTINTHETABLE1, above: 1}",
        "{genes: {up: HER2}, by: mean, above: 0}",
    ],
)
def test_names_that_are_right(tmp_path: Path, rule: str) -> None:
    assert found(tmp_path, rule) == []


def test_population_and_score_are_read_and_claims_are_not(tmp_path: Path) -> None:
    claims = "claims: [{role: subtype, evidence: definition, list: mrna}]"
    rest = f"score: {{mrna: HER2}}\npopulation: {{copy_number: HER2, is: amp}}\n{claims}\n"
    assert [where for where, _ in found(tmp_path, "{score: self, above: 1}", rest)] == [
        "4: score.mrna",
        "5: population.copy_number",
    ]


def test_with_the_names_of_hgnc_every_symbol_must_be_one_of_them(tmp_path: Path) -> None:
    table = tmp_path / "hgnc.txt"
    table.write_text(f"{HGNC}HGNC:1\tIGF1R\tn\tApproved\tJTK13\t\t3480\tENSG00000140443\n", encoding="utf-8")
    rule = "{all: [{mrna: IGF1R, above: 1}, {mrna: IGFR1, above: 1}, {mrna: AKT1, above: 1}, {serum: CA199, above: 1}]}"
    assert found(tmp_path, rule) == []
    first, second = found(tmp_path, rule, hgnc=table)
    assert first == (
        "3: positive.all[1].mrna",
        "'IGFR1' is not in the table of gene names; did you mean IGF1R?. ",
    )
    assert "'AKT1' is not in the table" in second[1]
    with pytest.raises(InputOutputError):
        lint(tmp_path / "mine.yaml", hgnc=tmp_path / "gone.txt")


@pytest.mark.parametrize(
    "literature",
    [
        "Alain 2012",
        "Castano 2013a; Yin",
        "PMID 23100465",
        "PMC3978487",
        "doi:10.1000/182",
        "[39,40] in 003",
        "[6-8]",
    ],
)
def test_literature_that_can_be_looked_up(tmp_path: Path, literature: str) -> None:
    claim = f"claims:\n  - {{role: subtype, evidence: definition, literature: '{literature}'}}\n"
    assert found(tmp_path, "{mrna: AKT1, above: 1}", claim) == []


@pytest.mark.parametrize("literature", ["the paper", "12345", "PMID", "10.5/x", "in press", "[see below]"])
def test_literature_that_cannot(tmp_path: Path, literature: str) -> None:
    rest = f"claims:\n  - role: subtype\n    evidence: definition\n    literature: '{literature}'\n"
    ((where, text),) = found(tmp_path, "{mrna: AKT1, above: 1}", rest)
    assert where == "7: claims[0].literature"
    assert "has no year, PMID, PMC number, DOI or reference number" in text


def test_a_claim_needs_a_source(tmp_path: Path) -> None:
    rest = (
        "claims:\n"
        "  - {role: prognostic, evidence: reported}\n"
        "  - {role: prognostic, evidence: reported, document: external}\n"
        "  - {role: prognostic, evidence: reported, document: my notes}\n"
        "  - {role: mechanism, evidence: definition, list: my.gmt}\n"
    )
    assert found(tmp_path, "{mrna: AKT1, above: 1}", rest) == [
        ("5: claims[0]", "a claim without a source. Give a document, literature or list"),
        ("6: claims[1].document", "an external claim without its literature. Give the publication as literature"),
    ]


@pytest.mark.parametrize(
    ("rule", "n"),
    [
        ("{mrna: AKT1, above: 1}", 1),
        ("{genes: {up: [AKT1]}, by: mean, above: 0}", 1),
        ("{genes: {up: SET}, by: mean, above: 0}", 0),
        ("{class: pam50, is: LumA}", 0),
        ("{signature: low-ras-high-ki67}", 0),
    ],
)
def test_needs_list_names_a_list(tmp_path: Path, rule: str, n: int) -> None:
    problems = found(tmp_path, rule, "computable: needs-list\n")
    assert [where for where, _ in problems] == ["4: computable"] * n


def test_only_the_files_that_are_asked_for(tmp_path: Path) -> None:
    for name, symbol in (("one", "HER2"), ("two", "AKT1")):
        text = f"id: {name}\nname: N\npositive: {{mrna: {symbol}, above: 1}}\n"
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    assert lint([tmp_path / "two.yaml"]) == []
    assert len(lint([tmp_path])) == 1
    assert signature_files([tmp_path, tmp_path / "one.yaml"]) == [
        tmp_path / "one.yaml",
        tmp_path / "two.yaml",
    ]


def test_every_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputOutputError) as caught:
        signature_files([tmp_path / "a.yaml", tmp_path, tmp_path / "b"])
    assert [problem.where for problem in caught.value.problems] == [str(tmp_path / "a.yaml"), str(tmp_path / "b")]


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("{mutation: PIK3CA, is: 'exon:10'}", "no table of the codons of PIK3CA exon:10"),
        ("{mutation: IGF1R, is: [driver, H1047R]}", "no list of hotspots and drivers for IGF1R"),
    ],
)
def test_tokens_that_mean_nothing_for_their_gene(tmp_path: Path, rule: str, says: str) -> None:
    ((where, text),) = found(tmp_path, rule)
    assert where == "3: positive.is"
    assert says in text


def test_symbols_that_could_not_be_checked_are_told(tmp_path: Path) -> None:
    assert unchecked_symbols([]) == []
    path = tmp_path / "mine.yaml"
    parts = ["mrna: FOO1, above: 1", "protein: BARX_pS65, above: 1", "mrna: AKT1, above: 1", "germline: rs1, is: T"]
    rule = "{all: [{" + "}, {".join(parts) + "}]}"
    path.write_text(f"id: mine\nname: N\npositive: {rule}\n", encoding="utf-8")
    assert lint(path) == []
    assert unchecked_symbols(path) == ["BARX_pS65", "FOO1"]
