"""YAML 1.2 read strictly."""

from __future__ import annotations

from pathlib import Path

import pytest

from strata.errors import InputOutputError, SignatureError
from strata.yaml_file import parse_yaml, read_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-2", -2),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("017", "017"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("0x1F", "0x1F"),
        ("'1'", "1"),
        ("true", True),
        ("'true'", "true"),
        ("null", None),
        ("~", None),
        ("", None),
        ("''", ""),
        ("2020-01-01", "2020-01-01"),
        (".inf", ".inf"),
        ("'no'", "no"),
        ("[1, a]", [1, "a"]),
        ("{b: {c: 1}}", {"b": {"c": 1}}),
    ],
)
def test_scalars(text: str, value: object) -> None:
    found = parse_yaml(f"a: {text}\n", name="x", error=SignatureError).value["a"]
    assert found == value
    assert type(found) is type(value)


def test_lines_and_where() -> None:
    document = parse_yaml("# note\na:\n  - b: 1\n    c: 2\n", name="x.yaml", error=SignatureError)
    assert document.where(("a", 0, "c")) == "x.yaml:4: a[0].c"
    assert document.where(("a", 0, "gone")) == "x.yaml:3: a[0].gone"
    assert document.where(("gone",)) == "x.yaml: gone"
    assert document.where(()) == "x.yaml"


@pytest.mark.parametrize("word", ["no", "No", "NO", "yes", "on", "OFF"])
def test_words_that_are_booleans_elsewhere_must_be_quoted(word: str) -> None:
    with pytest.raises(SignatureError, match=f"Quote it: '{word}'"):
        parse_yaml(f"a: [{word}]\n", name="x", error=SignatureError)


def test_duplicates_are_told_all_at_once() -> None:
    with pytest.raises(SignatureError) as caught:
        parse_yaml("a: {b: 1, b: 2}\nc: {d: 1, d: 2}\n", name="x", error=SignatureError)
    assert [str(problem) for problem in caught.value.problems] == [
        "x:1:11: key 'b' is given twice (first on line 1)",
        "x:2:11: key 'd' is given twice (first on line 2)",
    ]


def test_twenty_levels_are_enough_and_twenty_one_too_many() -> None:
    parse_yaml("a: " + "[" * 19 + "]" * 19, name="x", error=SignatureError)
    with pytest.raises(SignatureError, match="nested deeper than 20 levels"):
        parse_yaml("a: " + "[" * 20 + "]" * 20, name="x", error=SignatureError)


def test_complex_keys_are_refused() -> None:
    with pytest.raises(SignatureError, match="a key must be text"):
        parse_yaml("? [a, b]\n: 1\n", name="x", error=SignatureError)


def test_unreadable_file(tmp_path: Path) -> None:
    with pytest.raises(InputOutputError, match="cannot be read"):
        read_yaml(tmp_path, SignatureError)
