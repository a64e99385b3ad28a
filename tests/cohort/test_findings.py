"""Findings: told once, all at once, and with the right exit status."""

from __future__ import annotations

import pytest

from strata.cohort.findings import Findings, count, listed
from strata.errors import DataError, InputOutputError, Problem


def test_counts_and_lists_are_spelled() -> None:
    assert [count(1, "row"), count(1200, "row"), count(2, "entry", "entries")] == ["1 row", "1,200 rows", "2 entries"]
    assert [listed([1, 2]), listed(list(range(8)), 3)] == ["1, 2", "0, 1, 2 and 5 more"]


def test_notes_are_kept_once_and_nothing_left_out_is_no_exclusion() -> None:
    findings = Findings()
    for _ in range(2):
        findings.note("the same")
    findings.exclude("nobody", 0)
    findings.exclude("somebody", 2)
    assert findings.notes == ["the same"]
    assert [(item.step, item.n) for item in findings.exclusions] == [("read", 2)]


def test_problems_of_every_step_are_raised_together() -> None:
    findings = Findings()
    findings.stop_if_any()
    for what in ("one", "two", "two"):
        with findings.collecting():
            raise DataError(Problem("a.tsv", what))
    with pytest.raises(DataError) as caught:
        findings.stop_if_any()
    assert [problem.what for problem in caught.value.problems] == ["one", "two"]
    with findings.collecting():
        raise InputOutputError(Problem("b.tsv", "no such file"))
    with pytest.raises(InputOutputError) as unreadable:
        findings.stop_if_any()
    assert len(unreadable.value.problems) == 3


def test_other_errors_are_not_swallowed() -> None:
    with pytest.raises(KeyError), Findings().collecting():
        raise KeyError("ours")
