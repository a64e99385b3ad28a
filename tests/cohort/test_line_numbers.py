"""Numbers from bytes are float()'s to the bit, or are left to it."""

from __future__ import annotations

import math
import struct

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from strata.cohort.line_numbers import parse_lines

ORDINARY = st.from_regex(r"-?([0-9]{1,15}|[0-9]{1,8}\.[0-9]{0,7}|\.[0-9]{1,15})(e[+-]?[0-6])?", fullmatch=True)
LONG = st.from_regex(r"[+-]?[0-9]{0,20}(\.[0-9]{0,20})?([eE][+-]?[0-9]{0,4})?", fullmatch=True)
ANY = st.text("0123456789.,eE+-_ nNaAxXif\"'é\u2212", max_size=12)


def parsed(lines: list[str], width: int, *, mark: str = ".", sep: str = "\t") -> tuple[np.ndarray, np.ndarray]:
    return parse_lines([line.encode() for line in lines], sep, mark, width, range(1, width))


def bits(value: float) -> bytes:
    return struct.pack("<d", value)


def check(cell: str, *, must: bool = False, mark: str = ".") -> None:
    # by itself, before a line like it, and before one that is not
    for lines in (
        [f"G\t{cell}\t{cell}"],
        [f"G\t{cell}\t{cell}", "H\t1.25\t1.25"],
        [f"G\t{cell}\t{cell}", "H\t1\tx"],
        [f"G\t{cell}\t{cell}", "H\t1"],
    ):
        values, certain = parsed(lines, 3, mark=mark)
        assert certain[0] or not must
        for value in values[0] if certain[0] else ():
            if math.isnan(value):
                assert cell.casefold() in {"", "na", "nan"}
            else:
                assert "_" not in cell
                assert bits(value) == bits(float(cell.replace(mark, ".")))


@given(ORDINARY)
@example("0.1")
@example("-0.0")
@example("7")
@example("-1234567")
@example("12.34567")
@example("1.")
@example(".5")
@example("999999999999999e-6")
def test_ordinary_decimals_are_certain(cell: str) -> None:
    check(cell, must=True)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_what_python_writes(value: float) -> None:
    check(repr(value))
    check(f"{value:.6g}")


@given(st.floats(-1e9, 1e9).filter(lambda value: value == 0 or abs(value) > 1e-5))
@example(8.734523456789012)
@example(0.30000000000000004)
def test_sixteen_and_seventeen_digits_are_certain_too(value: float) -> None:
    check(f"{value:.17g}", must=True)
    check(repr(value), must=True)


@given(LONG)
@example("9007199254740993")
@example("9007199254740992.5")
@example("0.000000000000000000000012345678901234567")
@example("123456789012345678e22")
@example("4503599627370497.5")
@example("1e23")
@example("1e-400")
def test_any_number_is_right_or_left_to_float(cell: str) -> None:
    check(cell)


@given(st.integers(2**53, 10**18 - 1), st.integers(0, 17))
def test_wholes_beyond_double_precision(m: int, decimals: int) -> None:
    digits = str(m)
    check(f"{digits[: len(digits) - decimals]}.{digits[len(digits) - decimals :]}")


@given(ANY)
@example("na")
@example("NaN")
@example("nap")
@example("n")
@example("-")
@example("+")
@example(".")
@example("1.2.3")
@example("1_000")
@example("inf")
@example('"1"')
@example("1e")
@example("0x1f")
@example("1 ")
def test_anything_else_is_left_alone(cell: str) -> None:
    check(cell)


@given(st.from_regex(r"-?[0-9]{1,9},[0-9]{0,9}", fullmatch=True))
def test_a_decimal_comma(cell: str) -> None:
    check(cell, must=True, mark=",")


def test_every_line_is_counted() -> None:
    values, certain = parsed(["A\t1.5\t2.5", "B\t1.5", "C\t1.5\t2.5\t3.5", "D\t1.5\t", "", "E", "F\t\tNA"], 3)
    assert certain.tolist() == [True, False, False, True, False, False, True]
    assert values[0].tolist() == [1.5, 2.5]
    assert np.isnan(values[3, 1])
    assert np.isnan(values[6]).all()


@pytest.mark.parametrize(("name", "known"), [('"A,B"', False), ('"A"', True), ("A", True)])
def test_names_in_quotes(name: str, known: bool) -> None:
    values, certain = parsed([f"{name},1.5,-2", "Z,1,2"], 3, sep=",")
    assert certain.tolist() == [known, True]
    assert not known or values[0].tolist() == [1.5, -2.0]


def test_some_fields_of_many() -> None:
    values, certain = parse_lines([b"A\tx\t1\ty\t2", b"B\t\t3\t\t"], "\t", ".", 5, [2, 4])
    np.testing.assert_array_equal(values, [[1.0, 2.0], [3.0, np.nan]])
    assert certain.all()
