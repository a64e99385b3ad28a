"""YAML as a person would write it, and read back as it was meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strata.errors import SignatureError
from strata.signatures.yaml_text import yaml_text
from strata.yaml_file import parse_yaml


def read(text):
    return parse_yaml(text, name="made", error=SignatureError).value


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("IGF1R", "IGF1R"),
        ("HLA-DRA", "HLA-DRA"),
        ("KRAS.BREAST_UP.V1_UP", "KRAS.BREAST_UP.V1_UP"),
        ("two words (and three)", "two words (and three)"),
        ("NO", "'NO'"),
        ("on", "'on'"),
        ("null", "'null'"),
        ("1E5", "'1E5'"),
        ("9045", "'9045'"),
        ("", "''"),
        ("a: b", "'a: b'"),
        ("a #b", "'a #b'"),
        ("[a]", "'[a]'"),
        ("it's", "'it''s'"),
        ("- a", "'- a'"),
        (0.5, "0.5"),
        (-2.0, "-2"),
        (1.2e-07, "1.2e-07"),
        (1 / 3, "0.3333333333333333"),
    ],
)
def test_a_value(value, written):
    text = yaml_text({"key": value})
    assert text == f"key: {written}\n"
    assert read(text) == {"key": value}


def test_text_becomes_one_line_without_control_characters():
    assert yaml_text({"name": " two\t\nlines\x07 "}) == "name: two lines\n"


def test_short_parts_stand_on_one_line_and_long_ones_do_not():
    genes = [f"A-LONG-GENE-{i}" for i in range(30)]
    data = {"score": {"genes": {"up": genes, "down": ["A"]}, "by": "mean"}, "claims": [{"role": "x", "list": "z"}]}
    text = yaml_text(data)
    assert text.splitlines()[:2] == ["score:", "  genes:"]
    assert text.endswith("    down: [A]\n  by: mean\nclaims:\n  - role: x\n    list: z\n")
    assert max(map(len, text.splitlines())) <= 110
    assert read(text) == data
    assert yaml_text({"a": {"b": ["c", {"d": 1.5}]}}) == "a: {b: [c, {d: 1.5}]}\n"


names = st.text(min_size=1, max_size=8).filter(lambda text: " ".join(text.split()) == text and text.isprintable())
values = st.one_of(names, st.floats(allow_nan=False, allow_infinity=False))


@given(
    st.dictionaries(names, st.one_of(values, st.lists(names, min_size=1), st.dictionaries(names, values, min_size=1)))
)
def test_what_is_written_is_read_back(data):
    if data:
        assert read(yaml_text(data)) == data
