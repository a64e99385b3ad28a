"""``strata selftest``."""

from __future__ import annotations

from strata.selftest import describe_environment, environment, golden
from strata.selftest.answers import ANSWERS


def test_it_prints_a_table_and_ends_well(strata):
    done = strata("selftest")
    assert done.status == 0
    header, *lines = done.out.splitlines()
    rows = [line for line in lines if not line.startswith("# ")]
    assert header.split("\t") == ["case", "number", "R", "strata", "relative difference", "tolerance", "ok"]
    assert len(rows) > 200
    assert {row.split("\t")[-1] for row in rows} == {"yes"}
    assert "0 outside their tolerance" in done.err


def test_after_the_table_it_says_what_it_ran_on(strata):
    lines = strata("selftest").out.splitlines()
    after = lines[next(i for i, line in enumerate(lines) if line.startswith("# ")) :]
    assert after == [f"# {part.name}: {part.words}" for part in describe_environment()]


def test_a_part_that_does_not_work_is_status_1(strata, monkeypatch):
    monkeypatch.setattr(environment, "compiled_difference", lambda: 0.5)
    done = strata("selftest")
    assert done.status == 1
    assert "DISAGREE with numpy's here (relative difference 5.0e-01)" in done.out
    assert "0 outside their tolerance" in done.err


def test_a_number_outside_its_tolerance_is_status_1(strata, monkeypatch):
    monkeypatch.setattr(golden, "ANSWERS", {**ANSWERS, "follow-up": lambda _: {"median": 26.0}})
    done = strata("selftest")
    assert done.status == 1
    assert "follow-up\tmedian\t27\t26\t3.7e-02\t1e-09\tNO" in done.out
    assert "1 outside their tolerance" in done.err


def test_markdown(strata, root):
    done = strata("selftest", "--markdown")
    assert done.out == (root / "docs" / "agreement-with-r.md").read_text(encoding="utf-8")
