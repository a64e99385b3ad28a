"""A signature written as its file would hold it."""

from __future__ import annotations

import json

import pytest

from strata.signatures import parse_signature, signature_library, written_signature
from strata.stratification import searched_signature

LIBRARY = signature_library()

EVERYTHING = {
    "name": "every kind of rule",
    "score": {"weighted": {"mrna": {"IGF1R": 0.5, "SPHK1": -2}, "protein": {"PTEN": 1}}},
    "positive": {
        "any": [
            {"score": "self", "above": "q75"},
            {
                "ratio": [{"ln": {"mrna": "EIF4E", "at": "pre"}}, {"log2": {"mrna": "EIF4E", "at": "post"}}],
                "below": 0.5,
            },
            {
                "count": [{"mutation": "PIK3CA", "is": "hotspot"}, {"copy_number": "ERBB2", "is": [6, 7.5]}],
                "at_least": 1,
            },
            {
                "not": {
                    "first": [{"copy_number": "ERBB2", "is": ["amp", "gain"]}, {"clinical": "her2", "is": "positive"}]
                }
            },
            {"genes": {"up": ["MKI67", "AURKA"], "down": "A_LIST"}, "by": "ssgsea", "at_most": "sd-1.5"},
            {"class": "pam50", "is": ["LumA", "LumB"]},
            {"signature": "er-positive"},
        ]
    },
    "populations": [{"signature": "er-positive"}, {"germline": "rs2016347", "is": "G/T"}],
    "claims": [{"role": "subtype", "evidence": "definition", "document": "000:1"}],
}


@pytest.mark.parametrize("name", [*LIBRARY, "every-rule"])
def test_what_is_written_is_parsed_to_the_same_signature(name):
    signature = LIBRARY.get(name) or parse_signature(EVERYTHING, id=name, where="here")
    written = json.loads(json.dumps(written_signature(signature)))
    assert parse_signature(written, id=name, where="there") == signature


def test_a_searched_signature_too():
    found = searched_signature(LIBRARY["igf1r-sphk1-high"], LIBRARY)
    written = written_signature(found)
    assert written["positive"] == {"mean": [{"mrna": "IGF1R"}, {"mrna": "SPHK1"}], "above": "optimal"}
    assert parse_signature(written, id=found.id, where="there") == found
