"""A run as sentences may tell it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from strata.report.shown import ShownRun, note_parts, some


@pytest.mark.parametrize(
    ("note", "parts"),
    [
        ("one; two", ["one", "two"]),
        ("one (a; b (c; d)); two", ["one (a; b (c; d))", "two"]),
        ("only", ["only"]),
        ("", []),
        (None, []),
    ],
)
def test_semicolons_in_brackets_divide_no_note(note, parts):
    assert list(note_parts(note)) == parts


def test_some_and_how_many_more():
    assert some(["a", "b"], rest="x.tsv") == "a; b"
    assert some(["a", "b", "c"], most=2, rest="x.tsv") == "a; b; 1 more in x.tsv"


def test_rows_are_those_of_the_results(several):
    run = ShownRun(several)
    table = several.to_frame()
    assert [row.key for row in run.rows] == list(
        table[["cohort", "signature", "population", "endpoint", "comparison"]].itertuples(index=False, name=None)
    )
    answered = [row.answered for row in run.main]
    assert answered == sorted(answered, reverse=True)
    assert not all(answered)
    for row in run.rows:
        if not row.answered:
            assert row.why_not()


def test_the_own_test_and_q_are_those_of_the_ledger(results):
    run = ShownRun(results)
    tests = results.tests[results.tests["family"] != "supporting"]
    known = {tuple(test[:5]): test for test in tests.itertuples(index=False)}
    for row in run.rows:
        if row.key in known:
            test = known[row.key]
            assert (row.own_p, row.test) == (test.p_value, test.test)
            assert run.q_value(row.key) == test.q_value


def test_counts_of_a_shared_run(shared_run, results):
    hidden, shown = ShownRun(shared_run), ShownRun(results)
    assert (hidden.number_of(10), hidden.number_of(11), hidden.number_of(0)) == ("<11", "11", "0")
    assert shown.number_of(10) == "10"
    few = SimpleNamespace(counts={"positive": 5, "negative": 40, "unknown": 20})
    assert hidden.calls(few) == "<11 positive, 40 negative, - unknown"
    (first, *_) = results.cohorts[0].strata
    assert shown.calls(first) == first.counts_in_words
    assert hidden.text("/home/me/x.tsv: 12 lines") == "x.tsv: N lines"
    assert shown.text("12 lines") == "12 lines"
    withheld = [row for row in hidden.rows if row.withheld]
    assert withheld
    assert all(row.patients() == "counts are hidden" for row in withheld)
