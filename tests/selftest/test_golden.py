"""The bundled golden set agrees, and says so when it does not."""

from __future__ import annotations

from math import inf, nan

import pytest

from strata.selftest import SELFTEST_COLUMNS, agreement_page, golden, golden_set, run_selftest
from strata.selftest.answers import ANSWERS
from strata.selftest.golden import relative_difference


@pytest.fixture(scope="module")
def table():
    return run_selftest()


def test_every_number_agrees_with_r(table):
    assert tuple(table.columns) == SELFTEST_COLUMNS
    assert len(table) > 200
    assert table["ok"].all(), table.loc[~table["ok"], ["case", "value", "r", "strata"]].to_string()


def test_closed_forms_agree_far_better_than_promised(table):
    closed = table[table["tolerance"] == 1e-9]
    assert len(closed) > 130
    assert closed["relative_difference"].max() < 1e-12


def test_every_case_of_r_has_an_answer_and_the_reverse():
    assert set(ANSWERS) == set(golden_set()["cases"])


def test_a_number_that_is_off_fails(monkeypatch):
    def off(_tables):
        return {"median": 27 * (1 + 2e-9)}

    monkeypatch.setattr(golden, "ANSWERS", {**ANSWERS, "follow-up": off, "median": lambda _: {}})
    table = run_selftest().set_index(["case", "value"])
    assert not table.loc[("follow-up", "median"), "ok"]
    assert table.loc[("median", "median"), "relative_difference"] == inf
    assert (~table["ok"]).sum() == 4


@pytest.mark.parametrize(
    ("r", "ours", "logarithms", "expected"),
    [
        (2.0, 2.5, False, 0.25),
        (-2.0, -1.0, False, 0.5),
        (0.0, 0.25, False, 0.25),
        (1e-100, 1e-50, True, 0.5),
        (1e-100, 1e-50, False, 1e50),
        (1.0, 0.5, True, 0.5),
        (0.01, 0.0, True, 1.0),
        (0.01, nan, True, inf),
    ],
)
def test_relative_difference(r, ours, logarithms, expected):
    assert relative_difference(r, ours, logarithms=logarithms) == pytest.approx(expected, rel=1e-12)


def test_the_page_in_docs_is_that_of_this_version(root, table):
    page = agreement_page(table, golden_set()["made_with"])
    kept = (root / "docs" / "agreement-with-r.md").read_text(encoding="utf-8")
    assert page == kept, "write it anew: strata selftest --markdown > docs/agreement-with-r.md"


def test_the_page_says_what_is_out_of_scope(table):
    """What R's reference has and strata has not; and nothing that strata does compute."""
    page = " ".join(agreement_page(table, {"R": "4"}).split())
    _, _, without = page.partition("Not computed by strata:")
    missing, _, _ = without.partition("Cox models with covariates that change over time are those")
    for word in (
        "Quartiles of a Kaplan-Meier curve",
        "Nelson-Aalen",
        "Greenwood's standard error",
        "Profile likelihood intervals of Cox",
        "Fine and Gray",
        "exactGauss",
        "Sidik and Jonkman",
        "`S`, `S/G` and `I`",
    ):
        assert word in missing
    for word in ("change over time", "AUC", "Peto"):
        assert word not in missing


def test_the_page_says_what_disagrees(table):
    changed = table.copy()
    changed.loc[0, ["ok", "relative_difference"]] = [False, 0.5]
    assert agreement_page(changed, {"R": "4"}).count("**no: 5.0e-01**") == 1
