"""Reading options: one registry, and no message names an option that does not exist."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from strata.cohort import ReadOptions, parse_read_options
from strata.cohort.options import COHORT_KEYS, cohort_key, remedy
from strata.errors import UsageError

NAMES = {item.name for item in fields(ReadOptions)}


def test_every_option_tells_what_it_does() -> None:
    assert [item.name for item in fields(ReadOptions) if not item.metadata["help"]] == []


def test_items_become_a_mapping() -> None:
    assert parse_read_options(["sep=;", "na=a=b", "event_values=2"]) == {"sep": ";", "na": "a=b", "event_values": "2"}


def test_all_wrong_items_are_told_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        parse_read_options(["decimals=,", "sep", "orientation=sideways", "na=1", "na=2", "max_bytes=many"])
    text = str(caught.value)
    for words in (
        "Did you mean 'decimal'",
        "'sep' is not KEY=VALUE",
        "genes-in-rows",
        "na is given twice",
        "whole number",
    ):
        assert words in text


def test_values_are_converted() -> None:
    options = ReadOptions.of({"sep": "tab", "na": "9999,-9", "event_values": ["2"], "max_bytes": "10"})
    assert (options.sep, options.na, options.event_values, options.max_bytes) == ("\t", ("9999", "-9"), ("2",), 10)


def test_a_remedy_can_be_typed_into_a_shell() -> None:
    assert remedy("sep", ";") == "read: {sep: ';'} in the cohort YAML, or --read 'sep=;'"


def test_a_remedy_cannot_name_an_option_that_does_not_exist() -> None:
    with pytest.raises(KeyError):
        remedy("separator", ";")
    with pytest.raises(KeyError):
        cohort_key("expression_table")


def test_no_message_names_an_option_or_key_that_does_not_exist(root: Path) -> None:
    remedies, keys = set(), set()
    for path in (root / "src" / "strata").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        remedies |= set(re.findall(r"\bremedy\(\s*[\"'](\w+)", text))
        remedies |= set(re.findall(r"--read ([a-z_]+)=", text))
        keys |= set(re.findall(r"\bcohort_key\(\s*[\"'](\w+)", text))
    assert len(remedies) > 10
    assert remedies - NAMES == set()
    assert keys - set(COHORT_KEYS) == set()
