"""hacksig's table: methods and cuts are kept where strata has them. All signatures here are invented."""

from __future__ import annotations

import pytest

from strata.errors import DataError, SignatureError
from strata.signatures import parse_signature
from strata.signatures.importing import import_signatures
from strata.yaml_file import parse_yaml

HEADER = (
    "signature_id,signature_keywords,gene_symbol,gene_entrez_id,"
    "gene_weight,signature_method,publication_doi,description"
)


@pytest.fixture
def imported(tmp_path):
    """``imported(rows)``: the texts that a hacksig table of these rows gives."""

    def run(*rows):
        path = tmp_path / "hacksig.csv"
        path.write_text("\n".join([HEADER, *rows]))
        return import_signatures(path)

    return run


def one(texts):
    ((name, text),) = texts.items()
    data = parse_yaml(text, name=name, error=SignatureError).value
    return parse_signature(data, id=name, where=name), text


def row(gene, method, weight="NA", keywords="made|up"):
    return f'made2020_one,{keywords},{gene},1,{weight},{method},10.1000/182,"Invented, for a test."'


def test_the_whole_file_of_a_signature(imported):
    texts = imported(row("A1", "weighted_sum|1.5", "0.25"), row("NO", "weighted_sum|1.5", "-2"))
    assert texts == {
        "made2020-one": (
            "# Imported from hacksig.csv (table): made2020_one, 2 genes.\n"
            "# hacksig: method weighted_sum, cut 1.5; a score at the cut is high.\n"
            "id: made2020-one\n"
            "name: 'Invented, for a test.'\n"
            "score: {weighted: {mrna: {A1: 0.25, 'NO': -2}}}\n"
            "positive: {score: self, at_least: 1.5}\n"
            "claims:\n"
            "  - role: mechanism\n"
            "    evidence: definition\n"
            "    literature: 'doi:10.1000/182'\n"
            "    list: hacksig.csv\n"
        )
    }


@pytest.mark.parametrize(
    ("method", "score", "cut"),
    [
        # the mean of two values is at least 1.5 where their sum is at least 3
        ("mean|1.5", "sum(mrna A, mrna B)", "at least 3"),
        ("mean|", "sum(mrna A, mrna B)", "at least median"),
        ("mean|mean", "sum(mrna A, mrna B)", "at least mean"),
        ("ssgsea|median", "ssgsea(up A+B)", "at least median"),
        ("singscore|0.1", "singscore(up A+B)", "at least 0.1"),
        ("zscore|", "zscore(up A+B)", "at least median"),
        # not strata's: another score, so a number as its cut would mean nothing
        ("median|median", "ssgsea(up A+B)", "at least median"),
        ("weighted_sum_rank|7", "ssgsea(up A+B)", "at least median"),
        ("cinsarc|", "ssgsea(up A+B)", "at least median"),
    ],
)
def test_methods_and_cuts(imported, method, score, cut):
    signature, text = one(imported(row("A", method), row("B", method)))
    assert (str(signature.score), str(signature.positive)) == (score, f"{score} {cut}")
    assert ("strata has no such method" in text) is method.startswith(("median", "weighted_sum_rank", "cinsarc"))


def test_without_a_publication_and_a_description(imported):
    signature, _ = one(imported("made2020_one,,A,1,NA,mean|,NA,NA"))
    assert signature.name == "made2020_one"
    assert signature.claims[0].literature is None


def test_a_gene_under_two_keywords_counts_once(imported):
    signature, text = one(imported(row("A", "mean|", keywords="x"), row("A", "mean|", keywords="y"), row("B", "mean|")))
    assert str(signature.score) == "sum(mrna A, mrna B)"
    assert "# Left out: made2020_one: repeated genes left out: 1 (2 genes kept)\n" in text


def test_two_methods_and_cuts_that_are_none(imported):
    with pytest.raises(DataError) as caught:
        imported(row("A", "mean|high"), row("B", "mean|"), row("C", "mean|high"))
    assert [str(problem).rpartition("/")[2] for problem in caught.value.problems] == [
        "hacksig.csv:3: signature_method: 'mean|', line 2 has 'mean|high'. Keep one method",
        "hacksig.csv:2: signature_method: the cut of 'mean|high' is no number, mean or median. "
        "Write method|cut, such as mean|median",
    ]
