"""Numbers from text: missing words, and everything that is no number."""

from __future__ import annotations

import numpy as np
import pytest

from strata.cohort.numbers import MISSING, BadNumbers, is_missing, missing_words, parse_numbers


def test_missing_words_in_any_case() -> None:
    words = [".", "-", "--", "?", "ND", "[Not Available]", "na", "missing", "", " NaN ", "'--", "null", "Not Reported"]
    assert all(is_missing(word) for word in words)
    assert not is_missing("0")


def test_numbers_and_missing() -> None:
    bad = BadNumbers()
    values = parse_numbers(["1.5", "NA", "\u22121.5", " 2 ", "1e-3", "\uff11"], bad)
    np.testing.assert_array_equal(values, [1.5, np.nan, -1.5, 2.0, 1e-3, 1.0])
    assert not bad.cells


def test_further_missing_codes_however_the_number_is_spelled() -> None:
    words = missing_words(("9999", "none given"))
    np.testing.assert_array_equal(parse_numbers(["9999.0", "1"], BadNumbers(), missing=words), [np.nan, 1.0])
    np.testing.assert_array_equal(parse_numbers(["none given", "9999"], BadNumbers(), missing=words), [np.nan, np.nan])
    assert missing_words(()) == MISSING


def test_decimal_comma_is_read_when_it_is_said() -> None:
    np.testing.assert_array_equal(parse_numbers(["3,14", "2"], BadNumbers(), decimal=","), [3.14, 2.0])


@pytest.mark.parametrize(
    ("cell", "words", "fix"),
    [
        ("<0.1", "not a number", "na=<0.1"),
        ("1_000", "not a number", "na=1_000"),
        ("-inf", "infinite", "na=-inf"),
        ("1e400", "outside the range", "na=1e400"),
        ("3,14", "decimal comma", "decimal=,"),
        ("1,234", "ambiguous", "decimal=,"),
        ("2012-01-03", "a date", "duration"),
    ],
)
def test_what_is_no_number_is_told_with_its_remedy(cell: str, words: str, fix: str) -> None:
    bad = BadNumbers()
    values = parse_numbers(["1", cell, cell], bad, ["line 2", "line 3", "line 4"])
    assert np.isnan(values[1:]).all()
    (problem,) = bad.problems("t.tsv")
    assert problem.where == "t.tsv: line 3, line 4"
    assert words in problem.what
    assert "2 cells" in problem.what
    assert fix in problem.fix.replace("'", "")


@pytest.mark.parametrize("odd", ["NA", "1_000", "nan", "inf", "-9", " 7 ", "x", "\u22127"])
def test_an_odd_cell_does_not_change_the_others(odd: str) -> None:
    cells = ["0.1", "1e-3", "-2.5", "8.123456789012345678"]
    words = missing_words(("-9",))
    values = parse_numbers([*cells, odd], BadNumbers(), missing=words)
    np.testing.assert_array_equal(values[:4], parse_numbers(cells, BadNumbers()))
    np.testing.assert_array_equal(values[4:], parse_numbers([odd], BadNumbers(), missing=words))
