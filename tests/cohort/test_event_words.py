"""Event words: the vocabulary, the user's own words, and the remedies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from strata.cohort.clinical import Column
from strata.cohort.event_words import CENSORED_WORDS, EVENT_WORDS, event_codes, spelled
from strata.cohort.findings import Findings
from strata.cohort.options import ReadOptions


def codes(cells: list[str], **read: Any) -> tuple[list[bool | None], str]:
    findings = Findings()
    column = Column("os_event", Path("clinical.tsv"), cells, list(range(2, len(cells) + 2)))
    found, _ = event_codes(column, ReadOptions.of(read), findings)
    return found, "\n".join(str(problem) for problem in findings.problems)


def test_every_word_in_any_case_and_with_a_number_before_it() -> None:
    assert not EVENT_WORDS & CENSORED_WORDS
    for word in EVENT_WORDS:
        assert codes([word.upper(), f"1:{word}"]) == ([True, True], "")
    for word in CENSORED_WORDS:
        assert codes([word.title(), f"0:{word}"]) == ([False, False], "")
    assert codes(["[Not Available]", "", "NA"]) == ([None, None, None], "")


def test_named_words_are_about_the_columns_that_hold_them() -> None:
    assert codes(["2", "1"], event_values="2") == ([True, False], "")
    assert codes(["1", "0"], event_values="2") == ([True, False], "")
    assert codes(["Recurred", "DiseaseFree"], event_values="2") == ([True, False], "")
    # a column of one code that has no event: 1 stays what it is beside 2
    assert codes(["1", "1"], event_values="2") == ([False, False], "")
    assert codes(["0", "1", "3"], event_values="0") == ([True, False, False], "")


def test_words_that_stay_open_are_told() -> None:
    _, text = codes(["Recurred", "Moved", "Alive"], event_values="Recurred")
    assert "'Moved' (1)" in text
    assert codes(["Recurred", "Moved", "Alive"], event_values="Recurred", censored_values="Moved") == (
        [True, False, False],
        "",
    )


@pytest.mark.parametrize(
    ("cells", "remedies"),
    [
        (["1", "2"], ["event_values=2", "censored_values=2"]),
        (["0", "1", "2"], ["event_values=1,2", "censored_values=2"]),
        (["Alive", "Dead", "lost"], ["event_values=Dead,lost", "censored_values=lost", "na=lost"]),
    ],
)
def test_the_remedies_say_all_that_must_be_said(cells: list[str], remedies: list[str]) -> None:
    _, text = codes(cells)
    for remedy in remedies:
        assert f"--read {remedy} if" in text
        key, _, value = remedy.partition("=")
        assert codes(cells, **{key: value})[1] == ""
    assert ("na=" in text) == any("na=" in remedy for remedy in remedies)


def test_words_are_spelled_with_their_counts() -> None:
    assert spelled({"event": {"1": 3}, "censored": {}}) == "event: '1' (3); censored: none"
