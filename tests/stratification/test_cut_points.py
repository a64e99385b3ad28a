"""Cut-points as a value: saved, loaded, applied; and which words are cuts."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strata.errors import InputOutputError, UsageError
from strata.scoring import CutPoint, LearnedCuts, Moments
from strata.stratification import QUANTILE_GROUPS, CutPoints, FittedCuts, check_cut
from strata.stratification.cut_points import fitted

MADE = CutPoints(
    "pair",
    "metabric",
    "er-positive",
    "cohort",
    (CutPoint("mrna A", "median", 6.2, 58, 3), CutPoint("mrna B", "q75", 0.1 + 0.2, 60, 1)),
    (Moments("mrna A", 1.5, 2.0, 58),),
)


def test_saved_and_loaded_are_the_same_to_the_last_bit(tmp_path):
    MADE.save(tmp_path / "cuts.json")
    assert CutPoints.load(tmp_path / "cuts.json") == MADE
    assert json.loads((tmp_path / "cuts.json").read_text())["cuts"][0] == {
        "number": "mrna A",
        "rule": "median",
        "value": 6.2,
        "n": 58,
        "ties": 3,
        "note": "",
    }


@given(st.floats(allow_nan=False), st.text(max_size=20))
def test_any_value_survives(tmp_path_factory, value, number):
    path = tmp_path_factory.mktemp("cuts") / "cuts.json"
    made = CutPoints("s", "c", "all", "cohort", (CutPoint(number, "median", value, 1, 0),))
    made.save(path)
    assert CutPoints.load(path) == made


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "3", "null", "[]", '"cuts"', "{}", '{"cuts": 3, "moments": []}'),
        '{"cuts": [{"valu": 1}], "moments": []}',
        '{"cuts": [], "moments": [], "signature": "s"}',
        '{"cuts": [1], "moments": []}',
    ],
)
def test_something_else_is_not_a_file_of_cut_points(tmp_path, text):
    path = tmp_path / "cuts.json"
    path.write_text(text)
    with pytest.raises(InputOutputError, match=r"cuts\.json: not a file of cut-points"):
        CutPoints.load(path)


def test_a_path_that_cannot_be_read_or_written(tmp_path):
    with pytest.raises(InputOutputError, match="absent"):
        CutPoints.load(tmp_path / "absent.json")
    with pytest.raises(InputOutputError, match="cannot be written"):
        MADE.save(tmp_path / "no" / "folder.json")


@pytest.mark.parametrize(
    "cut",
    [
        None,
        "median",
        "mean",
        "q75",
        "q33.3",
        "q1",
        "q99.9",
        "sd1",
        "sd-0.5",
        "sd2.5",
        "mixture",
        "optimal",
        *QUANTILE_GROUPS,
    ],
)
def test_these_are_cuts(cut):
    check_cut(cut)


@pytest.mark.parametrize(
    "cut",
    ["", "q", "q0", "q100", "q0.5", "q-1", "qnan", "sd", "sdx", "sdinf", "sdnan", "Median", "quintiles", "75", "5"],
)
def test_these_are_not(cut):
    with pytest.raises(UsageError, match=r"is not a cut\. Use median, mean, qNN"):
        check_cut(cut)


def test_fitted_cuts_learn_nothing():
    cuts = FittedCuts(MADE)
    other = np.array([100.0, 200.0])
    assert cuts.cut("mrna A", "median", other) == 6.2
    assert cuts.cut("mrna B", "median", other) == 0.1 + 0.2  # the rule was overridden when it was learned
    assert cuts.moments("mrna A", other) == (1.5, 2.0)


def test_cut_points_of_another_signature_are_refused():
    with pytest.raises(UsageError, match=r"no one cut-point for mrna C .* in pair learned on metabric"):
        FittedCuts(MADE).cut("mrna C", "median", np.ones(2))
    with pytest.raises(UsageError, match="no mean and SD for mrna B"):
        FittedCuts(MADE).moments("mrna B", np.ones(2))


def test_two_cuts_of_one_number_are_told_apart_by_their_rule():
    two = CutPoints(
        "s", "c", "all", "cohort", (CutPoint("mrna A", "q25", 1.0, 4, 1), CutPoint("mrna A", "q75", 3.0, 4, 1))
    )
    cuts = FittedCuts(two)
    assert (cuts.cut("mrna A", "q25", np.ones(1)), cuts.cut("mrna A", "q75", np.ones(1))) == (1.0, 3.0)
    with pytest.raises(UsageError, match="no one cut-point"):
        cuts.cut("mrna A", "median", np.ones(1))


def test_what_was_learned_as_a_value():
    learned = LearnedCuts(np.ones(4, dtype=bool))
    learned.cut("mrna A", "median", np.array([1.0, 2.0, 2.0, 5.0]))
    made = fitted(learned, signature="s", cohort="c", population="all", cut_scope="population")
    assert made.cuts == (CutPoint("mrna A", "median", 2.0, 4, 2),)
    assert (made.signature, made.cohort, made.population, made.cut_scope) == ("s", "c", "all", "population")
