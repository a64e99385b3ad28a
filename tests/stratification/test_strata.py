"""Strata: calls, cuts, scopes, populations and their counts."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strata.errors import UsageError
from strata.signatures import parse_signature, signature_library
from strata.stratification import CutPoints, stratify

nan = np.nan


def signature(name="made", **rules):
    return parse_signature({"name": name, "positive": {"mrna": "A", "above": "median"}} | rules, id=name, where="test")


def ids(n):
    return [f"P{i:02d}" for i in range(1, n + 1)]


@pytest.fixture
def expression(make_cohort):
    """A cohort of one mrna column, or of several; every patient ER-positive unless told otherwise."""

    def make(er=None, name="made", **genes):
        mrna = pd.DataFrame(genes, dtype=float)
        mrna.index = pd.Index(ids(len(mrna)), name="patient")
        clinical = pd.DataFrame({"er": er or ["positive"] * len(mrna)}, index=mrna.index, dtype="string")
        return make_cohort(clinical=clinical, mrna=mrna, name=name)

    return make


def calls(strata):
    letter = {"positive": "+", "negative": "-", "unknown": "?", "not applicable": "/"}
    return "".join(letter.get(call, call[-1]) for call in strata.to_frame()["call"])


# -- the call ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("comparator", "expected"),
    [("above", "---++?"), ("at_least", "-++++?"), ("below", "+----?"), ("at_most", "+++--?")],
)
def test_above_is_strict_and_ties_are_counted(expression, comparator, expected):
    cohort = expression(A=[1, 2, 2, 3, 4, nan])
    strata = stratify(cohort, signature(positive={"mrna": "A", comparator: "median"}), library={})
    assert calls(strata) == expected
    assert strata.notes == ("2 of 5 patients tie with the median of mrna A",)
    assert strata.counts["unknown"] == 1


def test_a_median_that_no_two_patients_share_is_not_a_tie(expression):
    assert stratify(expression(A=[1, 2, 3, 4, 5]), signature(), library={}).notes == ()


def test_r_says_how_many_are_above_a_tied_median(expression, shared):
    case = next(
        c["result"]
        for c in json.loads((shared / "golden" / "cutpoint.json").read_text())["cases"]
        if c["id"] == "cut_tied_quantiles"
    )
    strata = stratify(expression(A=case["v"]), signature(), library={})
    assert strata.counts["positive"] == case["n_high_strict"] == 5
    at_least = stratify(expression(A=case["v"]), signature(positive={"mrna": "A", "at_least": "median"}), library={})
    assert at_least.counts["positive"] == case["n_high_ge"] == 8
    assert strata.notes == ("3 of 14 patients tie with the median of mrna A",)


def test_kleene_low_and_missing_is_low_high_and_missing_is_unknown(expression):
    # rows: A high, A low, A missing; columns: B high, B low, B missing
    cohort = expression(A=[9, 9, 9, 1, 1, 1, nan, nan, nan], B=[9, 1, nan, 9, 1, nan, 9, 1, nan])
    legs = [{"mrna": "A", "above": 5}, {"mrna": "B", "above": 5}]
    assert calls(stratify(cohort, signature(positive={"all": legs}), library={})) == "+-?---?-?"
    assert calls(stratify(cohort, signature(positive={"any": legs}), library={})) == "++++-?+??"
    assert calls(stratify(cohort, signature(positive={"first": legs}), library={})) == "+++---+-?"
    assert calls(stratify(cohort, signature(positive={"not": {"all": legs}}), library={})) == "-+?+++?+?"


def test_counts_and_frame(expression, memory_assay):
    cohort = expression(er=["positive", "positive", "positive", "negative", None], A=[1, 5, nan, 7, 9])
    cohort.assays["mrna"].assayed = frozenset({"P01", "P02", "P05"})  # P04 is outside
    strata = stratify(cohort, "igf1r-high", population="er-positive", library=renamed(signature_library(), "A"))
    assert strata.counts == {"positive": 1, "negative": 1, "unknown": 1, "not applicable": 2}
    assert strata.n_not_assayed == 1
    assert strata.n_membership_unknown == 1
    assert strata.counts_in_words == (
        "1 positive, 1 negative, 1 unknown (1 not assayed), 2 not applicable (1 of unknown membership)"
    )
    assert calls(strata) == "-+?//"
    table = strata.to_frame()
    assert list(table.columns) == ["patient", "call", "score"]
    assert table["score"].tolist()[:2] == [1.0, 5.0]
    assert strata.labels.cat.categories.tolist() == ["negative", "positive"]
    assert strata.labels.cat.ordered
    assert list(strata.labels.index) == ids(5)


def renamed(library, gene):
    """The shipped library with igf1r-high made of another gene."""
    made = {"mrna": gene, "above": "median"}
    return library | {"igf1r-high": signature("igf1r-high", positive=made, score={"mrna": gene})}


def test_a_signature_that_no_table_can_answer(expression):
    needs = parse_signature({"name": "s", "computable": "needs-assay"}, id="s", where="test")
    strata = stratify(expression(A=[1, 2]), needs, library={})
    assert strata.absent
    assert calls(strata) == "??"
    assert strata.reasons == ("it needs an assay that tables do not hold: s",)


# -- cuts and scopes ---------------------------------------------------------------------------------------------------


def test_cut_scope_is_the_population_or_the_cohort(expression):
    er = ["positive"] * 4 + ["negative"] * 4
    cohort = expression(er=er, A=[1, 2, 3, 4, 10, 20, 30, 40])
    made = signature(population={"clinical": "er", "is": "negative"})
    inside = stratify(cohort, made, library={})
    assert calls(inside) == "////--++"
    assert (inside.cut_scope, inside.cut_points.cuts[0].value, inside.cut_points.cuts[0].n) == ("population", 25.0, 4)
    whole = stratify(cohort, made, cut_scope="cohort", library={})
    assert calls(whole) == "////++++"
    assert (whole.cut_scope, whole.cut_points.cuts[0].value, whole.cut_points.cuts[0].n) == ("cohort", 7.0, 8)


def test_a_cut_is_learned_on_everyone_with_a_value_whatever_the_endpoint(make_cohort):
    mrna = pd.DataFrame({"A": [1, 2, 3, nan, 100]}, index=ids(5))
    endpoints = {"OS": ([5, nan, nan, 4, nan], [1, None, None, 0, None])}
    cohort = make_cohort(clinical=pd.DataFrame(index=mrna.index), mrna=mrna, endpoints=endpoints)
    (cut,) = stratify(cohort, signature(), library={}).cut_points.cuts
    assert (cut.value, cut.n) == (2.5, 4)


def test_override_replaces_learned_cuts_but_never_numbers(expression):
    cohort = expression(A=[1, 2, 3, 4, 5], B=[1, 2, 3, 4, 5])
    both = signature(positive={"all": [{"mrna": "A", "above": "median"}, {"mrna": "B", "above": 1.5}]})
    assert calls(stratify(cohort, both, library={})) == "---++"
    low = stratify(cohort, both, cut="q25", library={})
    assert calls(low) == "--+++"
    assert low.cut == "q25, 1.5"
    assert [(c.number, c.rule, c.value) for c in low.cut_points.cuts] == [("mrna A", "q25", 2.0)]
    number = signature(positive={"mrna": "B", "above": 1.5})
    untouched = stratify(cohort, number, cut="q75", library={})
    assert calls(untouched) == "-++++"
    assert untouched.cut == "1.5"
    assert untouched.cut_points.cuts == ()


def test_override_reaches_through_references(expression):
    cohort = expression(A=[1, 2, 3, 4, 5], B=[1, 2, 3, 4, 5])
    inner = signature("inner", positive={"mrna": "A", "above": "median"}, population={"mrna": "B", "above": 4})
    fixed = signature("fixed", positive={"mrna": "B", "at_most": 4})
    outer = signature("outer", positive={"all": [{"signature": "inner"}, {"signature": "fixed"}]})
    library = {"inner": inner, "fixed": fixed}
    own = stratify(cohort, outer, library=library)
    assert (calls(own), own.cut) == ("---+-", "median, 4")  # inner's population is ignored
    q25 = stratify(cohort, outer, cut="q25", library=library)
    assert (calls(q25), q25.cut) == ("--++-", "q25, 4")


def test_a_referenced_cut_is_learned_on_the_outer_scope(expression):
    cohort = expression(er=["positive"] * 3 + ["negative"] * 3, A=[1, 2, 3, 10, 20, 30])
    outer = signature("outer", positive={"signature": "inner"}, population={"clinical": "er", "is": "negative"})
    assert calls(stratify(cohort, outer, library={"inner": signature("inner")})) == "///--+"


def test_rules_of_a_signature_with_two_cuts_are_both_named(expression):
    two = signature(positive={"all": [{"mrna": "A", "above": "q25"}, {"mrna": "A", "below": "q75"}]})
    strata = stratify(expression(A=[1, 2, 3, 4, 5]), two, library={})
    assert (calls(strata), strata.cut) == ("--+--", "q25, q75")


def test_z_scores_are_taken_over_the_scope(expression):
    er = ["positive"] * 3 + ["negative"] * 3
    cohort = expression(er=er, A=[1, 2, 3, 100, 110, 120], B=[5, 5, 8, 1, 2, 3])
    mean = {"mean": [{"mrna": "A"}, {"mrna": "B"}]}
    made = signature(
        score=mean, positive={"score": "self", "above": 0}, population={"clinical": "er", "is": "positive"}
    )
    strata = stratify(cohort, made, library={})
    z_b = (np.array([5.0, 5, 8]) - 6) / np.sqrt(3)
    np.testing.assert_allclose(strata.score[:3], (np.array([-1.0, 0, 1]) + z_b) / 2, rtol=1e-14)
    assert [(m.number, m.mean, m.n) for m in strata.cut_points.moments] == [("mrna A", 2.0, 3), ("mrna B", 6.0, 3)]
    assert stratify(cohort, made, cut_scope="cohort", library={}).cut_points.moments[0].mean == 56.0


def test_nothing_to_learn_from_leaves_everyone_unknown_and_says_why(expression):
    cohort = expression(er=["positive", "positive", "negative"], A=[nan, nan, 4])
    strata = stratify(cohort, signature(population={"clinical": "er", "is": "positive"}), library={})
    assert calls(strata) == "??/"
    assert "no median of mrna A could be learned" in strata.notes
    assert not strata.absent


@pytest.mark.parametrize(
    ("words", "match"),
    [
        ({"cut": "meidan"}, "is not a cut"),
        ({"cut_scope": "everyone"}, "neither population nor cohort"),
        ({"absent_assay": "ignore"}, "neither unknown nor drop"),
        ({"population": "er-postive"}, "Did you mean 'er-positive'"),
    ],
)
def test_words_that_are_not_known(expression, words, match):
    with pytest.raises(UsageError, match=match):
        stratify(expression(A=[1, 2]), signature(), **words)


def test_an_unknown_signature(expression):
    with pytest.raises(UsageError, match="no signature 'nope'"):
        stratify(expression(A=[1, 2]), "nope")


# -- cut-points applied elsewhere --------------------------------------------------------------------------------------


def test_cut_points_are_applied_to_another_cohort_unchanged(expression, tmp_path):
    here = stratify(expression(name="first", A=[1, 2, 3, 3]), signature(), cut="q75", cut_scope="cohort", library={})
    here.cut_points.save(tmp_path / "cuts.json")
    cuts = CutPoints.load(tmp_path / "cuts.json")
    there = stratify(expression(name="second", A=[2, 3, 4, 100, 200]), signature(), cut_points=cuts, library={})
    assert cuts.cuts[0].value == 3.0
    assert calls(there) == "--+++"
    assert there.cut_points == cuts
    assert (there.cut, there.cut_scope) == ("q75", "cohort")  # what was applied, not what the file says
    assert there.notes == ("cut-points learned on first, applied to second",)  # the ties were those of first


def test_the_same_cohort_gets_the_same_calls_back(expression):
    cohort = expression(A=[3, 1, 4, 1, 5], B=[2, 7, 1, 8, 2])
    rules = {"score": {"mean": [{"mrna": "A"}, {"mrna": "B"}]}, "positive": {"score": "self", "above": "q25"}}
    first = stratify(cohort, signature(**rules), library={})
    again = stratify(cohort, signature(**rules), cut_points=first.cut_points, library={})
    assert calls(again) == calls(first)
    np.testing.assert_array_equal(again.score, first.score)


def test_z_scores_elsewhere_use_the_stored_moments(expression):
    rules = {"score": {"mean": [{"mrna": "A"}]}, "positive": {"score": "self", "above": "median"}}
    first = stratify(expression(name="a", A=[1, 3, 5]), signature(**rules), library={})
    there = stratify(expression(name="b", A=[5, 7, 9]), signature(**rules), cut_points=first.cut_points, library={})
    assert there.score.tolist() == [1.0, 2.0, 3.0]  # mean 3 and sd 2 of the first cohort
    assert calls(there) == "+++"


def test_quantile_groups_elsewhere_use_the_stored_edges(expression):
    scored = signature(score={"mrna": "A"})
    first = stratify(expression(name="a", A=[1, 2, 3, 4]), scored, cut="tertiles", library={})
    assert [c.value for c in first.cut_points.cuts] == [2.0, 3.0]
    there = stratify(
        expression(name="b", A=[2, 3, 4, 100]), scored, cut="tertiles", cut_points=first.cut_points, library={}
    )
    assert calls(there) == "1233"
    assert there.cut == "tertiles"


def test_cut_points_of_another_signature_are_refused(expression):
    cuts = stratify(expression(A=[1, 2, 3]), signature(), library={}).cut_points
    other = signature(positive={"mrna": "B", "above": "median"})
    with pytest.raises(UsageError, match="no one cut-point for mrna B"):
        stratify(expression(A=[1, 2, 3], B=[1, 2, 3]), other, cut_points=cuts, library={})


# -- quantile groups ---------------------------------------------------------------------------------------------------


def test_tertiles_and_quartiles(expression):
    scored = signature(score={"mrna": "A"})
    cohort = expression(A=[7, 1, 2, 3, 4, 5, 6, nan])
    thirds = stratify(cohort, scored, cut="tertiles", library={})
    # type 7: the thirds of 1..7 are 3 and 5; a patient on an edge is in the lower group, as 'above' is strict
    assert [c.value for c in thirds.cut_points.cuts] == [3.0, 5.0]
    assert calls(thirds) == "3111223?"
    assert thirds.quantile_groups == ("q1", "q2", "q3")
    assert thirds.counts == {"q3": 2, "q2": 2, "q1": 3, "unknown": 1, "not applicable": 0}
    quarters = stratify(cohort, scored, cut="quartiles", library={})
    assert [c.value for c in quarters.cut_points.cuts] == [2.5, 4.0, 5.5]
    assert calls(quarters) == "4112234?"
    assert (quarters.cut, len(quarters.quantile_groups)) == ("quartiles", 4)
    assert quarters.legs == ()


@given(st.integers(1, 30), st.sampled_from([("tertiles", 3), ("quartiles", 4)]))
@settings(max_examples=25)
def test_groups_of_distinct_values_are_as_equal_as_they_can_be(made_of, m, cut):
    word, groups = cut
    n = groups * m + 1  # every edge falls on a patient, who belongs to the lower group
    strata = stratify(made_of(range(n)), signature(score={"mrna": "A"}), cut=word, library={})
    sizes = [int(strata.is_(label).sum()) for label in strata.quantile_groups]
    assert sizes == [m + 1] + [m] * (groups - 1)


def test_quantile_groups_need_a_score(expression):
    strata = stratify(expression(A=[1, 2, 3]), signature(), cut="tertiles", library={})
    assert strata.absent
    assert strata.reasons == ("signature made has no score: quantile groups need one",)
    assert calls(strata) == "???"


# -- populations -------------------------------------------------------------------------------------------------------


def test_unknown_membership_is_neither_inside_nor_outside(expression):
    cohort = expression(er=["positive", None, "negative", "positive"], A=[1, 2, 3, 4])
    strata = stratify(cohort, signature(), population="er-positive", library=signature_library())
    assert strata.inside.tolist() == [True, False, False, True]
    assert strata.outside.tolist() == [False, False, True, False]
    assert calls(strata) == "-//+"
    assert strata.cut_points.cuts[0].n == 2
    assert strata.population == "er-positive"


def test_a_signature_of_several_panels_is_about_everyone_in_any(expression):
    made = signature(populations=[{"clinical": "er", "is": "positive"}, {"clinical": "er", "is": "equivocal"}])
    cohort = expression(er=["positive", "equivocal", "negative", None], A=[1, 2, 3, 4])
    strata = stratify(cohort, made, library={})
    assert strata.inside.tolist() == [True, True, False, False]
    assert strata.population == "(clinical er is positive) | (clinical er is equivocal)"


def test_a_requested_population_is_intersected_with_the_signatures_own(expression):
    made = signature(population={"clinical": "er", "is": "negative"})
    cohort = expression(er=["positive", "negative"], A=[1, 2])
    everyone = stratify(cohort, made, population="all")
    assert (everyone.inside.tolist(), everyone.population) == ([False, True], "clinical er is negative")
    nobody = stratify(cohort, made, population="er-positive")
    assert (nobody.inside.tolist(), nobody.population) == ([False, False], "er-positive & clinical er is negative")


# -- absent assays -----------------------------------------------------------------------------------------------------


def test_absent_assay_drop(expression):
    cohort = expression(A=[1, 9])
    made = signature(positive={"any": [{"mrna": "A", "above": 5}, {"protein": "PTEN", "below": 0}]})
    unknown = stratify(cohort, made, library={})
    assert (calls(unknown), unknown.absent) == ("?+", False)
    drop = stratify(cohort, made, absent_assay="drop", library={})
    assert calls(drop) == "-+"
    assert "absent_assay: drop left protein PTEN below 0 out of any" in drop.notes[0]
    outer = signature("outer", positive={"signature": "made"})
    assert calls(stratify(cohort, outer, absent_assay="drop", library={"made": made})) == "-+"


def test_absent_assay_drop_leaves_all_and_count_alone(expression):
    cohort = expression(A=[1, 9])
    legs = [{"mrna": "A", "above": 5}, {"protein": "PTEN", "below": 0}]
    assert calls(stratify(cohort, signature(positive={"all": legs}), absent_assay="drop", library={})) == "-?"
    count = signature(positive={"count": legs, "at_most": 0})
    assert calls(stratify(cohort, count, absent_assay="drop", library={})) == "?-"


# -- legs --------------------------------------------------------------------------------------------------------------


def test_legs_are_called_by_their_own_cut_in_everyone_who_has_them(expression):
    cohort = expression(A=[1, 2, 3, 4, nan], B=[5, nan, 7, 8, 9])
    pair = signature(positive={"all": [{"mrna": "A", "above": "median"}, {"mrna": "B", "below": "median"}]})
    strata = stratify(cohort, pair, library={})
    a, b = strata.legs
    assert (a.symbol, a.labels) == ("A", ("A high", "A low"))
    assert (b.symbol, b.labels) == ("B", ("B low", "B high"))
    assert a.call.true.tolist() == [False, False, True, True, False]
    assert (b.call.true | b.call.false).tolist() == [True, False, True, True, True]
    assert not strata.both_high
    assert [(c.number, c.value, c.n) for c in strata.cut_points.cuts] == [("mrna A", 2.5, 4), ("mrna B", 7.5, 4)]


def test_ties_of_each_leg_stay_with_the_leg(expression):
    cohort = expression(A=[1, 2, 2, 3], B=[1, 2, 3, 4])
    pair = signature(positive={"all": [{"mrna": "A", "above": "median"}, {"mrna": "B", "above": "median"}]})
    a, b = stratify(cohort, pair, library={}).legs
    assert a.notes == ("2 of 4 patients tie with the median of mrna A",)
    assert b.notes == ()


# -- invariants --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made_of():
    """A cohort of one gene; module-wide, so that hypothesis may ask for many."""
    from strata.cohort.model import Cohort

    class Table:
        kind, features = "mrna", ("A", "B")

        def __init__(self, table):
            self.table, self.assayed = table, frozenset(table.index)

        def scale(self, feature):
            return "log2"

        def read(self, features):
            return self.table[list(features)]

    def make(a, b=None, order=None, prefix="P"):
        a = np.asarray(list(a), dtype=float)
        table = pd.DataFrame({"A": a, "B": a if b is None else np.asarray(b, dtype=float)})
        table.index = pd.Index([f"{prefix}{i}" for i in range(len(a))], name="patient")
        table = table if order is None else table.iloc[list(order)]
        clinical = pd.DataFrame({"er": "positive"}, index=table.index)
        return Cohort("made", clinical, {"mrna": Table(table)}, {}, {})

    return make


values = st.lists(st.one_of(st.integers(-4, 4).map(float), st.just(nan)), min_size=1, max_size=25)
PAIR = signature(positive={"all": [{"mrna": "A", "above": "median"}, {"mrna": "B", "above": "q75"}]})


@given(values, st.randoms())
def test_order_and_ids_of_patients_do_not_matter(made_of, a, random):
    b = [random.choice([0.0, 1.0, 2.0, nan]) for _ in a]
    order = random.sample(range(len(a)), len(a))
    straight = stratify(made_of(a, b), PAIR, library={}).labels.astype("string")
    shuffled = stratify(made_of(a, b, order), PAIR, library={}).labels.astype("string")
    pd.testing.assert_series_equal(shuffled.loc[straight.index], straight)
    other = stratify(made_of(a, b, prefix="X-"), PAIR, library={}).labels.astype("string")
    assert other.fillna("?").tolist() == straight.fillna("?").tolist()


@given(values)
def test_a_monotone_change_of_the_expression_keeps_a_median_split(made_of, a):
    a = np.array([*a, 0.0]) if np.count_nonzero(~np.isnan(a)) % 2 == 0 else np.array(a)  # the median is a patient
    plain = stratify(made_of(a), signature(), library={})
    cubed = stratify(made_of(a**3), signature(), library={})
    assert calls(cubed) == calls(plain)


@given(values)
def test_positive_negative_and_unknown_add_up(made_of, a):
    strata = stratify(made_of(a), signature(), library={})
    counts = strata.counts
    assert counts["positive"] + counts["negative"] + counts["unknown"] == len(a)
    assert counts["unknown"] == int(np.isnan(a).sum())
    assert not (strata.is_("positive") & strata.is_("negative")).any()


@given(values, st.integers(1, 5))
def test_patients_without_a_value_change_only_who_is_unknown(made_of, a, more):
    before = stratify(made_of(a), signature(), library={})
    after = stratify(made_of([*a, *[nan] * more]), signature(), library={})
    assert calls(after) == calls(before) + "?" * more
    if not np.isnan(a).all():
        assert after.cut_points == before.cut_points


def test_an_empty_population_says_why(expression):
    strata = stratify(
        expression(er=["negative"] * 3, A=[1, 2, 3]), signature(), population="er-positive & node-negative"
    )
    assert strata.absent
    (reason,) = strata.reasons
    assert reason == ("no patient of the cohort is known to be er-positive & node-negative; no clinical column node")
