"""What ``show`` prints about a signature."""

from __future__ import annotations

import pytest

from strata.signatures import explain, parse_signature, signature_library


@pytest.fixture(scope="module")
def library():
    return signature_library()


def lines(text, label):
    """The values of the lines that begin with ``label``."""
    return [line.partition(":")[2].strip() for line in text.splitlines() if line.strip().startswith(f"{label}:")]


def test_rule_population_needs_and_claims(library):
    text = explain(library["insr-low"], library)
    assert text.startswith("insr-low: ")
    assert lines(text, "positive") == ["mrna INSR below median"]
    assert lines(text, "in words") == ["INSR mRNA below the median"]
    assert lines(text, "score") == ["mrna INSR"]
    assert lines(text, "population") == ["hr-positive"]
    assert lines(text, "where") == ["hr-positive: er is positive or pr is positive"]
    assert lines(text, "assays") == ["mrna, clinical"]
    claim = library["insr-low"].claims[0]
    assert lines(text, "claim") == [f"prognostic better for {', '.join(claim.endpoints)} (reported)"]
    assert lines(text, "document") == [claim.document]
    assert lines(text, "literature") == [claim.literature]
    assert lines(text, "reported") == [claim.reported]
    assert lines(text, "note") == [claim.note]


def test_references_are_said_once_and_through_each_other(library):
    text = explain(library["her2pos-prior-lapatinib"], library)
    assert [line.partition(":")[0] for line in lines(text, "where")] == [
        "trastuzumab-refractory-her2pos",
        "her2-positive",
    ]
    assert "where" not in explain(library["her2pos-prior-lapatinib"])


def test_gene_lists_and_how_to_give_them(library):
    text = explain(library["pten-loss-signature"], library, methods={"mean": {"formula": "a mean"}, "gsva": {}})
    assert lines(text, "needs") == [
        "gene set PTEN_DN.V1_DN (MSigDB C6): pass --gene-sets c6.all.gmt",
        "gene set PTEN_DN.V1_UP (MSigDB C6): pass --gene-sets c6.all.gmt",
    ]
    assert lines(text, "method") == ["mean"]
    assert lines(text, "formula") == ["a mean"]


def test_classes_name_their_centroids_and_their_method(library):
    text = explain(library["basal-like"], library, methods={"correlation": {"range": "-1 to 1"}})
    assert lines(text, "method") == ["correlation with the centroid of each pam50 class; the nearest is the class"]
    assert lines(text, "range") == ["-1 to 1"]
    (needs,) = lines(text, "needs")
    assert needs.startswith("centroids of pam50: pass --centroids FILE")


def test_time_points(library):
    assert lines(explain(library["igf1r-protein-drop"], library), "times") == ["post, pre"]
    assert lines(explain(library["ki67-day15-response"], library), "times") == ["day15"]
    assert lines(explain(library["igf1r-high"], library), "times") == []


@pytest.mark.parametrize(("name", "word"), [("axl-high", "proxy"), ("osi906-integrated", "needs-list")])
def test_what_plain_tables_lack(library, name, word):
    (computable,) = lines(explain(library[name], library), "computable")
    assert computable.startswith(f"{word} (")


def test_a_signature_that_tables_cannot_answer(library):
    text = explain(library["her2-dimerization"], library)
    assert lines(text, "positive") == ["not computable from tables"]
    assert lines(text, "in words") == lines(text, "assays") == []


def test_a_claim_without_drug_endpoints_and_effect():
    data = {
        "name": "n",
        "positive": {"mrna": "A", "above": 1},
        "claims": [{"role": "subtype", "evidence": "definition"}],
    }
    assert lines(explain(parse_signature(data, id="x", where="test")), "claim") == ["subtype (definition)"]


def test_every_shipped_signature_can_be_explained(library):
    for signature in library.values():
        text = explain(signature, library)
        assert len(lines(text, "claim")) == len(signature.claims)
        assert "score self" not in text
