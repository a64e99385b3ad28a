"""Gene lists in every form they come in; what is wrong with them; where a missing one can be had."""

from __future__ import annotations

import gzip

import pytest

from strata.errors import DataError, InputOutputError
from strata.signatures.gene_lists import missing_list, read_gene_lists


@pytest.fixture
def lists(tmp_path):
    """``lists(text, name)``: the lists of a file that is written for the test, as {name: {gene: weight}}."""

    def read(text: str, name: str = "made.tsv"):
        path = tmp_path / name
        path.write_text(text)
        return {key: dict(found.weights) for key, found in read_gene_lists([path]).items()}

    return read


def problems(lists, text, name="made.tsv"):
    with pytest.raises(DataError) as caught:
        lists(text, name)
    return [str(problem).rpartition("/")[2] for problem in caught.value.problems]


TWO = {"ONE": {"A": 1.0, "B": 1.0, "C": 1.0}, "TWO": {"D": 1.0}}


@pytest.mark.parametrize("name", ["x.gmt", "x.txt"])
@pytest.mark.parametrize(
    "text",
    [
        "ONE\thttp://x\tA\tB\tC\nTWO\tna\tD\n",
        "ONE\t\tA\tB\tC\r\nTWO\t\tD\t\t\r\n",
        "\ufeffONE\tfrom a paper\tA\tB\tC\n\nTWO\t> two\tD",
    ],
)
def test_gmt(lists, text, name):
    assert lists(text, name) == TWO


@pytest.mark.parametrize("name", ["x.gmx", "x.txt"])
def test_gmx(lists, name):
    assert lists("ONE\tTWO\nna\thttp://x\nA\tD\nB\nC\t\t\n", name) == TWO
    assert lists("ONE\nna\nA\nB", name) == {"ONE": {"A": 1.0, "B": 1.0}}


def test_notes_that_are_single_words_leave_the_form_to_the_suffix(lists):
    text = "ONE\tBroad\tA\nTWO\tBroad\tB\nSIX\tBroad\tC\n"
    assert lists(text, "x.gmt") == {"ONE": {"A": 1.0}, "TWO": {"B": 1.0}, "SIX": {"C": 1.0}}
    assert lists(text, "x.gmx") == {"ONE": {"SIX": 1.0}, "Broad": {"Broad": 1.0}, "A": {"C": 1.0}}
    assert problems(lists, text, "x.txt") == [
        "x.txt: neither the second column nor the second row holds notes alone; it starts with 'ONE'. Give GMT (name, "
        "note, genes), GMX (columns), or a table with a header such as source, target, weight; the suffix .gmt or .gmx "
        "tells the two apart"
    ]


@pytest.mark.parametrize("header", ["source\ttarget\tweight", "gene_set\tgene\tcoefficient", "list\tSymbol\tWeight"])
def test_a_table_of_several_weighted_lists(lists, header):
    assert lists(f"{header}\nONE\tA\t0.5\nTWO\tB\t-1\nONE\tC\t-2e-3\n") == {
        "ONE": {"A": 0.5, "C": -0.002},
        "TWO": {"B": -1.0},
    }


def test_a_table_without_weights_and_without_names_of_lists(lists):
    assert lists("source,target\nONE,A\nONE,B\n", "net.csv") == {"ONE": {"A": 1.0, "B": 1.0}}
    assert lists("gene,weight\nA,2\n", "my_list.csv") == {"my_list": {"A": 2.0}}
    assert lists("gene\nA\nB\n", "my_list.txt") == {"my_list": {"A": 1.0, "B": 1.0}}


def test_weighted_says_whether_the_file_has_weights(tmp_path):
    (tmp_path / "a.tsv").write_text("source\ttarget\tweight\nONE\tA\t1\nTWO\tB\tNA\n")
    found = read_gene_lists([tmp_path / "a.tsv"])
    assert {name: genes.weighted for name, genes in found.items()} == {"ONE": True, "TWO": False}
    assert found["ONE"].source == tmp_path / "a.tsv"


def test_gzip_takes_the_name_under_it(tmp_path):
    path = tmp_path / "mine.tsv.gz"
    path.write_bytes(gzip.compress(b"gene\tweight\nA\t2\n"))
    assert dict(read_gene_lists([path])["mine"].weights) == {"A": 2.0}


def test_genefu_keeps_the_first_probe_of_a_gene_and_leaves_out_genes_with_both_signs(tmp_path):
    path = tmp_path / "sig.tsv"
    rows = ["p1\t10\t1", "p2\t10\t1", "p3\t20\t-1", "p4\t30\t1", "p5\t30\t-1", "p6\tNA\t1", "p7\t20\t-1", "p8\t20\t-1"]
    path.write_text("\n".join(["probe\tEntrezGene.ID\tcoefficient", *rows]))
    found = read_gene_lists([path])["sig"]
    assert dict(found.weights) == {"10": 1.0, "20": -1.0}
    assert found.notes == (
        "sig: further probes of a gene left out: 3 (2 genes kept)",
        "sig: genes left out, as their probes have opposite signs: 1 (30)",
    )


def test_a_gene_twice_counts_once_and_is_counted(tmp_path):
    path = tmp_path / "x.gmt"
    path.write_text("ONE\tna\tA\tB\tA\tA\n")
    found = read_gene_lists([path])["ONE"]
    assert list(found.weights) == ["A", "B"]
    assert found.notes == ("ONE: repeated genes left out: 2 (2 genes kept)",)


def test_two_weights_of_a_gene_and_genes_without_weights(lists):
    text = "source\ttarget\tweight\nONE\tA\t1\nONE\tB\t2\nONE\tA\t1\nONE\tA\t3\nTWO\tC\t1\nTWO\tD\t\n"
    assert problems(lists, text) == [
        "made.tsv:2: list 'ONE': A has several weights: 1 on line 2, 1 on line 4, 3 on line 5. Keep one",
        "made.tsv:7: list 'TWO': 1 of 2 rows have no weight, the first is D. "
        "Give every gene of a list a weight, or none",
    ]


def test_all_faults_of_a_table_at_once(lists):
    text = "source\ttarget\tweight\nONE\tA B\t1\n\tB\t1\nONE\tC\t1,5\nONE\tD\nONE\t\t1\n"
    assert problems(lists, text) == [
        "made.tsv:2: 'A B' is not the name of a gene. Is a separator inside the cell?",
        "made.tsv:3: a gene without the name of its list. Name the list",
        "made.tsv:4: weight: '1,5' is not a number",
        "made.tsv:5: 2 cells, the header has 3 (source, target, weight). Export the table again",
        "made.tsv:6: '' is not the name of a gene. Is a separator inside the cell?",
    ]
    assert problems(lists, "gene\tweight\n") == ["made.tsv: a header (gene, weight) and no genes"]


def test_a_table_of_values_is_no_list(lists):
    (problem,) = problems(lists, "gene\tP1\tP2\nA\t1\t2\n")
    assert problem.startswith(
        "made.tsv:1: a table of genes without a column of lists or weights: gene, p1, p2. Give GMT"
    )


def test_names_that_a_spreadsheet_destroyed_are_refused_with_what_they_may_have_been(lists):
    many = "looks like a date or number made by a spreadsheet"
    fix = "Export the table again with the genes as text; the names cannot be told back for certain"
    said = f"1 gene name {many}: '2-Sep' (may have been SEPTIN2). {fix}"
    assert problems(lists, "ONE\tna\tA\tB\nTWO\tna\tA\t2-Sep\n", "x.gmt") == [f"x.gmt:2: {said}"]
    assert problems(lists, "ONE\nna\nA\n2-Sep\n", "x.gmx") == [f"x.gmx:4: {said}"]
    assert problems(lists, "gene\tweight\nA\t1\n2-Sep\t1\n", "x.tsv") == [f"x.tsv:3: {said}"]
    # Entrez ids are numbers too
    assert lists("gene\n3480\n44806\n8877\n", "x.txt") == {"x": {"3480": 1.0, "44806": 1.0, "8877": 1.0}}


def test_all_faults_of_a_gmt_at_once(lists):
    found = problems(lists, "ONE\tna\tA;B\tC,1.0\tD\u202e\nTWO\tna\nONE\tna\tC\n\tna\tD\n", "x.gmt")
    assert [text.partition(" Give ")[0] for text in found] == [
        "x.gmt:1: 'A;B' is not the name of a gene. Is a separator inside the cell?",
        "x.gmt:1: 'C,1.0' is not the name of a gene. Is a separator inside the cell?",
        r"x.gmt:1: 'D\u202e' is not the name of a gene. Is a separator inside the cell?",
        "x.gmt:2: list 'TWO' holds no genes (read as GMT).",
        "x.gmt:3: list 'ONE' comes twice, first on line 1 (read as GMT). Keep one",
        "x.gmt:4: a list without a name (read as GMT). Name it",
    ]


def test_text_that_is_no_list(lists):
    assert problems(lists, "hello\n", "x.gmt") == [
        "x.gmt:1: no file of gene lists; it starts with 'hello'. Give GMT (name, note, genes), GMX (columns), or a "
        "table with a header such as source, target, weight"
    ]


def test_one_name_for_two_lists_names_both_files_and_one_list_in_two_files_is_one(tmp_path):
    first, same, other = (tmp_path / name for name in ("a.gmt", "b.gmt", "c.gmt"))
    first.write_text("ONE\tna\tA\tB\n")
    same.write_text("ONE\tna\tB\tA\n")
    other.write_text("ONE\tna\tA\tC\tD\n")
    assert read_gene_lists([first, same, first])["ONE"].source == first
    with pytest.raises(DataError) as caught:
        read_gene_lists([first, other])
    assert str(caught.value) == (
        f"{first} and {other}: two lists 'ONE' of different genes or weights (2 and 3 genes). "
        "Give one of the files, or rename one list"
    )


def test_the_problems_of_all_files_come_together(tmp_path):
    (tmp_path / "a.gmt").write_text("ONE\tna\n")
    with pytest.raises(InputOutputError) as caught:
        read_gene_lists([tmp_path / "a.gmt", tmp_path / "gone.gmt"])
    assert [problem.where.rpartition("/")[2] for problem in caught.value.problems] == ["a.gmt:1", "gone.gmt"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "HALLMARK_MTORC1_SIGNALING",
            "needs gene set HALLMARK_MTORC1_SIGNALING (MSigDB H): pass --gene-sets h.all.gmt",
        ),
        ("PTEN_DN.V1_UP", "needs gene set PTEN_DN.V1_UP (MSigDB C6): pass --gene-sets c6.all.gmt"),
        (
            "creighton2008_igf_up",
            "needs gene set creighton2008_igf_up (supplement of Creighton 2008, PMID 18757322): "
            "pass --gene-sets FILE with it",
        ),
        ("MINE", "needs gene set MINE: pass --gene-sets FILE with it"),
    ],
)
def test_what_is_missing(name, text):
    assert missing_list(name) == text


def test_the_real_files(shared):
    folder = shared / "genesets"
    found = read_gene_lists(
        folder / name for name in ("h.all.v7.0.symbols.gmt", "c6.all.v7.0.symbols.gmt", "loi2010_pik3ca_gs.tsv")
    )
    assert len(found) == 50 + 189 + 1
    sizes = {name: len(genes.weights) for name, genes in found.items()}
    assert sizes["HALLMARK_PI3K_AKT_MTOR_SIGNALING"] == 105
    assert sizes["HALLMARK_MTORC1_SIGNALING"] == 200
    assert (sizes["PTEN_DN.V1_UP"], sizes["PTEN_DN.V1_DN"]) == (187, 184)
    assert (sizes["KRAS.BREAST_UP.V1_UP"], sizes["KRAS.BREAST_UP.V1_DN"]) == (139, 143)
    loi = found["loi2010_pik3ca_gs"]
    # 278 probes, 168 up and 110 down; no gene has probes of both signs
    assert (len(loi.weights), sum(weight > 0 for weight in loi.weights.values())) == (236, 141)
    assert loi.notes == ("loi2010_pik3ca_gs: further probes of a gene left out: 42 (236 genes kept)",)
