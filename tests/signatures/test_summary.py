"""The table of signatures and its filters."""

from __future__ import annotations

import pytest

from strata.errors import UsageError
from strata.signatures import SUMMARY_COLUMNS, parse_signature, select_signatures, signature_library, summaries
from strata.signatures.model import Claim
from strata.signatures.summary import documents_of


@pytest.fixture(scope="module")
def library():
    return signature_library()


def made(name, **data):
    return parse_signature({"name": name, **data}, id=name, where="test")


SMALL = {
    signature.id: signature
    for signature in (
        made("a", positive={"mutation": "PIK3CA", "is": "nonsyn"}),
        made("b", positive={"all": [{"signature": "a"}, {"mrna": "IGF1R", "above": "median"}]}),
        made(
            "c",
            positive={"genes": {"up": "SET_UP", "down": "SET_DN"}, "by": "mean", "above": 0},
            populations=[{"signature": "b"}, {"class": "pam50", "is": "LumA"}],
            computable="needs-list",
            claims=[
                {"role": "predictive", "evidence": "reported", "drug": "Everolimus+X", "document": "000:120,200-300"},
                {"role": "prognostic", "evidence": "validated", "document": "external", "literature": "Andre 2016"},
            ],
        ),
        made("d", positive={"class": "tnbctype", "is": "M"}, claims=[{"role": "prognostic", "evidence": "reported"}]),
    )
}


def test_a_row_follows_references_and_the_population():
    rows = summaries(SMALL.values(), SMALL)
    assert [dict(zip(SUMMARY_COLUMNS, row, strict=True)) for row in rows][1:3] == [
        dict.fromkeys(SUMMARY_COLUMNS, "") | {"id": "b", "name": "b", "assays": "mrna,mutation"},
        {
            "id": "c",
            "name": "c",
            "assays": "mrna,mutation",
            "role": "prognostic,predictive",
            "evidence": "validated,reported",
            "population": "b; class pam50 is LumA",
            "computable": "needs-list",
            "needs": "SET_DN,SET_UP,centroids of pam50",
        },
    ]


def test_a_cell_is_one_line():
    wide = SMALL["a"].model_copy(update={"name": "a\tname\nof two lines"})
    assert summaries([wide], SMALL)[0][1] == "a name of two lines"


def chosen(**filters):
    return [signature.id for signature in select_signatures(SMALL.values(), SMALL, **filters)]


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({}, ["a", "b", "c", "d"]),
        ({"assay": ["mutation"]}, ["a", "b", "c"]),
        ({"assay": ["mrna"]}, ["b", "c", "d"]),
        ({"assay": ["serum", "mutation"]}, ["a", "b", "c"]),
        ({"role": ["prognostic"]}, ["c", "d"]),
        ({"role": ["prognostic", "predictive"]}, ["c", "d"]),
        ({"role": ["prognostic"], "assay": ["mutation"]}, ["c"]),
        ({"drug": ["EVEROL"]}, ["c"]),
        ({"drug": ["lapatinib"]}, []),
        ({"document": ["000"]}, ["c"]),
        ({"document": ["120"]}, []),
        ({"document": ["300"]}, []),
        ({"document": ["andre"]}, ["c"]),
        ({"document": ["External", "none of it"]}, ["c"]),
        # one claim must answer all filters: the claim about everolimus is not the validated one
        ({"drug": ["everolimus"], "evidence": ["validated"]}, []),
        ({"drug": ["everolimus"], "evidence": ["reported"]}, ["c"]),
    ],
)
def test_filters(filters, ids):
    assert chosen(**filters) == ids


def test_every_unknown_word_is_named_with_the_nearest():
    with pytest.raises(UsageError) as caught:
        chosen(assay=["mrnaa", "mrna"], role=["prognostc"], evidence=["proven"])
    assert [str(problem) for problem in caught.value.problems] == [
        "unknown assay 'mrnaa'. Did you mean 'mrna'?",
        "unknown role 'prognostc'. Did you mean 'prognostic'?",
        "unknown evidence 'proven'. Known: validated, reported, conflicting, not-confirmed, preclinical, hypothesis, "
        "eligibility-only, definition",
    ]


@pytest.mark.parametrize(
    ("document", "numbers"),
    [
        ("003:393-396 (inverted)", ["003"]),
        ("000:191-194,200; Table 2 000:7609; 001 Table 4 (001:175-183)", ["000", "000", "001", "001"]),
        ("external (000:7687-7688 only cites it)", ["000", "external"]),
        ("Table 1 #14 000:3972-4174; 8158-8163", ["000"]),
        ("NCT01674140, my notes", []),
        (None, []),
    ],
)
def test_documents_of_a_claim(document, numbers):
    assert documents_of(Claim(role="subtype", evidence="definition", document=document)) == numbers


def test_the_shipped_signatures(library):
    rows = summaries(library.values(), library)
    assert [row[0] for row in rows] == list(library)
    assert all(row[3] and row[4] for row in rows)
    by_id = {row[0]: dict(zip(SUMMARY_COLUMNS, row, strict=True)) for row in rows}
    assert by_id["triple-negative"]["assays"] == "copy_number,clinical"
    assert by_id["her2-dimerization"]["assays"] == ""
    assert by_id["kras-breast-signature"]["needs"] == "KRAS.BREAST_UP.V1_DN,KRAS.BREAST_UP.V1_UP"
    of_004 = {signature.id for signature in select_signatures(library.values(), library, document=["004"])}
    assert of_004 == {s.id for s in library.values() if any("004:" in (claim.document or "") for claim in s.claims)}
