"""Subgroups: the hazard ratio within levels, the interaction, and what is said about them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from strata.analysis.ledger import asked_tests
from strata.signatures import parse_signature
from strata.stratification import stratify
from strata.survival import SUBGROUP_COLUMNS, compare_survival, subgroup_frame, subgroup_rows
from strata.survival.checks import CheckOptions
from strata.survival.compare import prepare
from strata.survival.groups import Adjustment, Outcome, two_groups

HIGH = parse_signature({"name": "made", "positive": {"mrna": "A", "above": 0.5}}, id="made", where="test")

# R 4.2.2, survival 3.5-3, coxph.control(eps = 1e-14):
#   i <- 0:59
#   d <- data.frame(time = (i * 37) %% 61 + 1 + (i %% 3) * 5, event = as.integer((i * 7) %% 5 != 0),
#                   marker = as.integer((i * 11) %% 4 < 2), grade = as.character((i * 5) %% 3 + 1))
#   a <- coxph(Surv(time, event) ~ marker + grade, d); b <- coxph(Surv(time, event) ~ marker * grade, d)
#   2 * (b$loglik[2] - a$loglik[2]); coxph(Surv(time, event) ~ marker, d[d$grade == 1, ])
R_INTERACTION = (2.49546852218202, 0.287154677878385)
R_LEVELS = {
    "1": (0.807292492815588, 0.287807026515189, 2.264438005032550),
    "2": (0.378484845606846, 0.129045231986059, 1.110081915847260),
    "3": (0.985397712433434, 0.354609177191171, 2.738250203675839),
}


def table():
    i = np.arange(60)
    return pd.DataFrame(
        {
            "time": (i * 37) % 61 + 1.0 + (i % 3) * 5,
            "event": (i * 7) % 5 != 0,
            "A": ((i * 11) % 4 < 2).astype(float),
            "grade": [str(g) for g in (i * 5) % 3 + 1],
            "er": np.where(i < 9, "negative", "positive"),
            "site": [f"s{k}" for k in i % 9],
        },
        index=pd.Index([f"P{k:02d}" for k in i], name="patient"),
    )


@pytest.fixture
def result_of(make_cohort):
    def make(frame, factors, **more):
        clinical = frame[["grade", "er", "site"]].astype("string")
        endpoints = {"OS": (frame["time"].to_numpy(), frame["event"].to_numpy())}
        cohort = make_cohort(clinical=clinical, mrna=frame[["A"]], endpoints=endpoints)
        strata = stratify(cohort, HIGH, library={})
        rows = subgroup_rows(cohort, strata, prepare(cohort, strata, "OS", **more)[0], factors)
        return replace(compare_survival(cohort, strata, "OS", **more), subgroups=rows)

    return make


@pytest.fixture
def rows_of(result_of):
    return lambda *asked, **more: result_of(*asked, **more).subgroups


def test_levels_and_interaction_like_r(rows_of):
    rows = rows_of(table(), ["grade"])
    assert [row.level for row in rows] == ["1", "2", "3"]
    for row in rows:
        hazard = row.comparison.hazard_ratio
        assert (hazard.value, hazard.lower, hazard.upper) == pytest.approx(R_LEVELS[row.level], rel=1e-9)
        assert (row.comparison.n, row.comparison.events) == (20, 16)
        assert row.interaction.degrees_of_freedom == 2
        assert (row.interaction.chi_squared, row.interaction.p_value) == pytest.approx(R_INTERACTION, rel=1e-9)


def test_every_row_says_that_it_is_exploratory_and_one_of_how_many(rows_of):
    rows = rows_of(table(), ["grade", "er"])
    # three levels and two, and an interaction each
    assert {row.notes[0] for row in rows} == {"exploratory; 7 subgroup tests"}


def test_small_levels_are_flagged(rows_of):
    negative, positive = rows_of(table(), ["er"])
    assert negative.small
    assert negative.comparison.n == 9
    assert not positive.small


def test_patients_whose_level_is_unknown_are_left_out(rows_of):
    frame = table()
    frame["grade"] = frame["grade"].where(np.arange(60) >= 6, None)
    assert sum(row.comparison.n for row in rows_of(frame, ["grade"])) == 54


def test_the_order_of_patients_does_not_matter(rows_of):
    shuffled = table().sample(frac=1, random_state=3)
    one, other = rows_of(table(), ["grade"]), rows_of(shuffled, ["grade"])
    assert one[0].interaction.chi_squared == pytest.approx(other[0].interaction.chi_squared, rel=1e-9)


def test_a_factor_that_is_none_says_so(rows_of):
    missing, free = rows_of(table(), ["stage", "site"])
    assert missing.comparison is None
    assert missing.notes[-1] == "no clinical column stage"
    assert free.notes[-1] == "column site has 9 levels, not 2 to 8"


def test_a_level_without_events_has_no_ratio_but_the_interaction_is_tested(rows_of):
    frame = table()
    frame.loc[(frame["grade"] == "2") & (frame["A"] > 0.5), "event"] = False
    rows = rows_of(frame, ["grade"])
    assert rows[1].comparison.hazard_ratio is None
    assert rows[1].interaction.p_value < 0.05


def test_adjusted_for_a_covariate(rows_of):
    rows = rows_of(table(), ["grade"], covariates=["er"])
    assert any("adjusted for er" in note for note in rows[0].comparison.notes)
    assert rows[0].interaction.chi_squared != pytest.approx(R_INTERACTION[0], rel=1e-6)


def test_the_frame(rows_of, make_cohort):
    frame = table()
    cohort = make_cohort(
        clinical=frame[["grade"]].astype("string"),
        mrna=frame[["A"]],
        endpoints={"OS": (frame["time"].to_numpy(), frame["event"].to_numpy())},
    )
    result = compare_survival(cohort, stratify(cohort, HIGH, library={}), "OS")
    assert subgroup_frame([result]).columns.tolist() == list(SUBGROUP_COLUMNS)
    assert subgroup_frame([result]).empty


def test_a_sparse_arm_has_the_permutation_p_and_firths_hazard_ratio(rows_of):
    (one, *_) = rows_of(table(), ["grade"])
    made = one.comparison
    alone = two_groups(
        "made",
        Outcome(made.time, made.event, Adjustment()),
        positive=made.group == 0,
        reference=made.group == 1,
        labels=("positive", "rest"),
    )
    values = one.values()
    assert one.small
    assert (made.n, made.events) == (20, 16)  # the level is not small, its arms are
    for column in ("permutation_p", "firth_hazard_ratio", "firth_hazard_ratio_lower", "firth_p"):
        assert values[column] == pytest.approx(getattr(alone.checks, column), rel=1e-9)
    assert values["permutations"] == alone.checks.permutations
    assert "small group (positive" in values["note"]
    lenient = rows_of(table(), ["grade"], checks=CheckOptions(sparse_patients=5, sparse_events=5))[0]
    assert not lenient.small
    assert np.isnan(lenient.values()["permutation_p"])


def test_the_ledger_takes_the_permutation_p(result_of):
    result = result_of(table(), ["grade"])
    tests = asked_tests([result])
    for row in result.subgroups:
        mine = tests[tests["comparison"] == f"positive_vs_rest in grade {row.level}"].set_index("test")
        own = mine[mine["family"] == "subgroup"]
        assert own.index.tolist() == ["permutation log-rank"]
        assert own["p_value"].item() == row.comparison.checks.permutation_p
        beside = mine.loc[mine["family"] == "supporting", "p_value"]
        assert beside["log-rank"] == row.comparison.log_rank.p_value
        assert beside["Firth penalised likelihood ratio"] == row.comparison.checks.firth_p


def test_levels_without_events_are_not_in_the_interaction(rows_of):
    frame = table()
    frame.loc[frame["grade"] == "3", "event"] = False
    rows = rows_of(frame, ["grade"])
    others = rows_of(frame[frame["grade"] != "3"], ["grade"])
    assert rows[0].interaction.degrees_of_freedom == 1
    assert rows[0].interaction.p_value == pytest.approx(others[0].interaction.p_value, rel=1e-7)
    for row in rows:
        assert "no event in grade 3: not in the interaction test" in row.notes
    assert not any("not in the interaction" in note for note in others[0].notes)


def test_one_level_with_events_has_no_interaction(result_of):
    frame = table()
    frame.loc[frame["grade"] != "1", "event"] = False
    result = result_of(frame, ["grade"])
    assert all(row.interaction is None for row in result.subgroups)
    why = "no interaction test (fewer than two levels of grade have events)"
    assert why in result.subgroups[0].notes
    tests = asked_tests([result]).set_index("comparison")
    assert np.isnan(tests.loc["grade_vs_marker", "p_value"])
    assert why in tests.loc["grade_vs_marker", "note"]


def test_levels_of_one_arm_each_have_no_interaction(rows_of):
    frame = table()
    frame["er"] = np.where(frame["A"] > 0.5, "positive", "negative")
    assert rows_of(frame, ["er"])[0].notes[-1].startswith("no interaction test (no two levels of er have both arms")
