"""Which class a label means."""

from __future__ import annotations

from importlib.resources import files

import pytest

from strata.signatures.class_labels import class_of, classes_of, schemes


def test_the_schemes_and_their_classes():
    assert list(schemes()) == ["pam50", "tnbctype"]
    assert classes_of("pam50") == ("Basal", "Her2", "LumA", "LumB", "Normal")
    assert classes_of("tnbctype") == ("BL1", "BL2", "IM", "LAR", "M", "MSL", "UNS")
    assert schemes()["tnbctype"].required == ("BL1", "BL2", "IM", "LAR", "M", "MSL")


@pytest.mark.parametrize(
    ("scheme", "label", "name"),
    [
        ("pam50", "LumA", "LumA"),
        ("pam50", "luminal_b", "LumB"),
        ("pam50", "LuminalA", "LumA"),
        ("pam50", "HER2-enriched", "Her2"),
        ("pam50", "HER2.enriched", "Her2"),
        ("pam50", "HER2+/ER-", "Her2"),
        ("pam50", "Basal-like", "Basal"),
        ("pam50", "Normal_Breast-like", "Normal"),
        ("pam50", "claudin-low", None),
        ("pam50", "", None),
        ("tnbctype", "Basal-like 2", "BL2"),
        ("tnbctype", "mesenchymal stem-like", "MSL"),
        ("tnbctype", "Mesenchymal", "M"),
        ("tnbctype", "Basal", None),
    ],
)
def test_a_label_is_its_class_however_it_is_spelled(scheme, label, name):
    assert class_of(scheme, label) == name


def test_no_spelling_means_two_classes():
    rows = [line.split("\t") for line in (files("strata") / "signatures" / "class_labels.tsv").read_text().splitlines()]
    for scheme, name, spellings, *_ in rows[1:]:
        for word in (name, *spellings.split(",")):
            assert class_of(scheme, word) == name
