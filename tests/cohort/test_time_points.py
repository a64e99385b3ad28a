"""Time points under shared names."""

from __future__ import annotations

import pytest

from strata.cohort.identifiers import column_key
from strata.cohort.time_points import TIME_COLUMNS, at_time, is_known, time_point


@pytest.mark.parametrize(
    ("texts", "word"),
    [
        (["pre", "PRE", "Baseline", "Pre-treatment", "before_treatment", "Screening", "Diagnosis", "0"], "pre"),
        (["Day 0", "D0", "day_00"], "pre"),
        (["post", "Post-treatment", "After treatment", "SURGERY", "End of Treatment"], "post"),
        (["Day 15", "D15", "day_15", "day-015", "15 days", "15d"], "day15"),
        (["Cycle 2", "cycle_2", "cycle-2", " CYCLE  2 "], "cycle-2"),
        (["C2D1 (post-dose)"], "c2d1-post-dose"),
        (["", " ", "NA", "unknown"], ""),
        (["day"], "day"),
        (["D"], "d"),
        (["2"], "2"),
    ],
)
def test_words(texts: list[str], word: str) -> None:
    assert {time_point(text) for text in texts} == {word}


def test_a_shared_word_stays_itself() -> None:
    for word in ("pre", "post", "day15", "cycle-2"):
        assert time_point(word) == word


def test_shared_words_are_known() -> None:
    assert [is_known(time) for time in ("pre", "post", "day15", "cycle-2", "day")] == [True, True, True, False, False]


def test_keys_of_features() -> None:
    assert [at_time("IGF1R", time) for time in ("post", "")] == ["IGF1R@post", "IGF1R"]


def test_columns_are_spelled_as_column_keys() -> None:
    assert [column_key(name) for name in TIME_COLUMNS] == list(TIME_COLUMNS)
