"""Subgroups: the hazard ratio within levels, the interaction, and what is said about them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from strata.signatures import parse_signature
from strata.stratification import stratify
from strata.survival import SUBGROUP_COLUMNS, compare_survival, subgroup_frame, subgroup_rows
from strata.survival.compare import prepare

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
def rows_of(make_cohort):
    def make(frame, factors, **more):
        clinical = frame[["grade", "er", "site"]].astype("string")
        endpoints = {"OS": (frame["time"].to_numpy(), frame["event"].to_numpy())}
        cohort = make_cohort(clinical=clinical, mrna=frame[["A"]], endpoints=endpoints)
        strata = stratify(cohort, HIGH, library={})
        return subgroup_rows(cohort, strata, prepare(cohort, strata, "OS", **more)[0], factors)

    return make


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
    assert negative.notes[1] == f"small subgroup (9 patients, {negative.comparison.events} events)"
    assert not positive.small
    assert len(positive.notes) == 1


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
