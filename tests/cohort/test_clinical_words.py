"""The table of clinical words: it fits itself and the signatures, and words within words."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pytest
from pydantic import BaseModel

from strata.cohort import clinical_match
from strata.cohort.clinical_words import terms
from strata.cohort.time_points import TIME_COLUMNS
from strata.signatures import signature_library
from strata.signatures.model import Is, Leaf


def test_no_column_name_belongs_to_two_concepts() -> None:
    names = [*(name for term in terms().values() for name in term["columns"]), *TIME_COLUMNS]
    assert len(names) == len(set(names))
    assert names == [name.lower() for name in names]


def test_no_spelling_means_two_words() -> None:
    for concept, term in terms().items():
        spellings = [s for word, more in term.get("values", {}).items() for s in {word.casefold(), *more}]
        assert len(spellings) == len(set(spellings)), concept
        assert spellings == [s.casefold() for s in spellings], concept


def test_parts_and_patterns_are_of_shared_words() -> None:
    for concept, term in terms().items():
        words = set(term.get("values", ()))
        parts = term.get("parts", {})
        assert words.issuperset([*parts, *(part for within in parts.values() for part in within)]), concept
        assert not set(parts).intersection(part for within in parts.values() for part in within), concept
        assert words.issuperset(term.get("patterns", ())), concept
        assert all(re.compile(pattern) for pattern in term.get("patterns", {}).values()), concept


def _clinical(node: Any) -> list[Is | Leaf]:
    """Every clinical rule and number below a node of a signature."""
    if isinstance(node, (Is, Leaf)):
        return [node] if node.assay == "clinical" else []
    if isinstance(node, (tuple, list)):
        return [rule for item in node for rule in _clinical(item)]
    return [rule for _, item in node for rule in _clinical(item)] if isinstance(node, BaseModel) else []


def test_the_table_has_every_clinical_concept_and_word_of_the_signatures() -> None:
    found = [rule for signature in signature_library().values() for rule in _clinical(signature)]
    assert {rule.feature for rule in found} <= set(terms())
    words = [(rule.feature, rule.tokens) for rule in found if isinstance(rule, Is)]
    assert words
    for concept, tokens in words:
        assert set(tokens) <= set(terms()[concept]["values"]), concept


def match(column: str, values: list[str | None], *tokens: str) -> str:
    true, false = clinical_match(column, pd.Series(values, dtype="string"), tokens)
    assert not (true & false).any()
    return "".join("1" if yes else "0" if no else "?" for yes, no in zip(true, false, strict=True))


STAGES = ["I", "IA", "II", "III", "IIIA", "IIIB", "IIIC", "IV", "iiib", None]


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        (["III"], "000111101?"),
        (["IIIB"], "000?01001?"),
        (["IIIB", "IIIC", "IV"], "000?01111?"),
        (["IIIA", "IIIB", "IIIC"], "000111101?"),
        (["iii", "Iv"], "000111111?"),
        (["II", "III"], "001111101?"),
        (["V"], "000000000?"),
    ],
)
def test_stages_lie_within_stages(tokens: list[str], expected: str) -> None:
    assert match("stage", STAGES, *tokens) == expected
    assert match("stage@post", STAGES, *tokens) == expected


def test_other_columns_are_compared_in_any_case() -> None:
    assert match("er", ["positive", "Positive", "negative", None], "positive") == "110?"
    assert match("my column", ["III", "IIIB"], "IIIB") == "01"
    assert match("er", [None, None], "positive") == "??"
