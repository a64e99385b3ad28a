"""One tree of errors, every one a list of problems."""

from __future__ import annotations

import pickle

import pytest

from strata import errors
from strata.errors import (
    DataError,
    InputOutputError,
    PlanError,
    Problem,
    SignatureError,
    StrataError,
    UsageError,
    shown,
)

STATUS = {UsageError: 2, DataError: 3, SignatureError: 4, PlanError: 4, InputOutputError: 6, StrataError: 70}


@pytest.mark.parametrize(("kind", "status"), STATUS.items())
def test_each_error_has_its_exit_status(kind, status):
    assert kind("wrong").exit_status == status
    assert issubclass(kind, StrataError)


def test_every_error_of_the_module_is_in_the_table():
    found = {value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)}
    assert found == set(STATUS)


def test_problems_come_from_a_text_a_problem_or_several():
    one = Problem("clinical.tsv:5: column 'os_months'", "2 negative times", "Correct them")
    assert DataError("wrong").problems == (Problem("", "wrong"),)
    assert DataError(one).problems == (one,)
    assert DataError(iter([one, one])).problems == (one, one)


def test_the_message_is_a_line_a_problem():
    error = DataError([Problem("a.tsv:2", "is wrong", "Mend it"), Problem("", "so is this")])
    assert str(error) == "a.tsv:2: is wrong. Mend it\nso is this"


@pytest.mark.parametrize("kind", STATUS)
def test_errors_cross_processes_with_their_problems(kind):
    error = kind([Problem("a", "b", "c", "E101"), Problem("d", "e")])
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert again.problems == error.problems
    assert str(again) == str(error)


def test_shown_escapes_and_shortens():
    assert shown("a\x1b[31mb") == "'a\\x1b[31mb'"
    assert shown(5) == "'5'"
    assert len(shown("x" * 500)) == 60
    assert shown("x" * 500).endswith("...'")
    assert shown("x" * 58) == "'" + "x" * 58 + "'"
