"""Three-valued logic by exhaustive enumeration, intervals, scales, and numbers worked by hand."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from strata.errors import SignatureError
from strata.signatures import Call, Number, Signature, evaluate, evaluate_number, parse_signature, signature_library

TRUTH = (True, False, None)


@dataclass
class Table:
    """A cohort as two dictionaries: numbers by (assay, feature) and truth values by (assay, feature)."""

    n: int
    numbers: dict[tuple[str, str], Any] = field(default_factory=dict)
    truths: dict[tuple[str, str], Any] = field(default_factory=dict)
    scales: dict[tuple[str, str], str] = field(default_factory=dict)

    def number(self, assay: str, feature: str) -> Number:
        key = (assay, feature)
        nobody = np.zeros(self.n, dtype=bool)
        if key not in self.numbers:
            nothing = np.full(self.n, np.nan)
            return Number(nothing, nothing, ~nobody, True, (f"no {assay} {feature}",))
        values = np.asarray(self.numbers[key], dtype=float)
        return Number(values, values, np.isnan(values), False, (), self.scales.get(key, "log2"))

    def tokens(self, assay: str, feature: str, tokens: tuple[str, ...]) -> Call:
        nobody = np.zeros(self.n, dtype=bool)
        if (assay, feature) not in self.truths:
            return Call(nobody, nobody, ~nobody, True, (f"no {assay} {feature}",))
        values = self.truths[assay, feature]
        true = np.array([value is True for value in values])
        false = np.array([value is False for value in values])
        return Call(true, false, ~true & ~false)


class Everyone:
    """Cuts learned on every patient with a value."""

    def cut(self, number: str, rule: str, values: NDArray[np.float64]) -> float:
        known = values[~np.isnan(values)]
        return float(np.median(known)) if known.size else float("nan")

    def moments(self, number: str, values: NDArray[np.float64]) -> tuple[float, float]:
        known = values[~np.isnan(values)]
        return (float(known.mean()), float(known.std(ddof=1))) if known.size > 1 else (float("nan"), float("nan"))


def signature(rule: Any, **more: Any) -> Signature:
    return parse_signature({"name": "X", "positive": rule, **more}, id="x", where="test")


def call(rule: Any, table: Table, *, library: dict[str, Signature] | None = None, drop: bool = False) -> Call:
    positive = signature(rule).positive
    assert positive is not None
    how = "drop" if drop else "unknown"
    return evaluate(positive, source=table, cuts=Everyone(), library=library or {}, absent_assay=how)


def number(rule: Any, table: Table, *, library: dict[str, Signature] | None = None) -> Number:
    score = signature({"mrna": "A", "above": 1}, score=rule).score
    assert score is not None
    return evaluate_number(score, source=table, cuts=Everyone(), library=library or {})


def truth(found: Call) -> list[bool | None]:
    assert not (found.true & found.false).any()
    assert np.array_equal(found.unknown, ~found.true & ~found.false)
    return [True if t else False if f else None for t, f in zip(found.true, found.false)]


def truths(*columns: Any) -> Table:
    names = "ABC"
    return Table(len(columns[0]), truths={("clinical", names[i]): column for i, column in enumerate(columns)})


def legs_of(n: int) -> list[dict[str, str]]:
    return [{"clinical": name, "is": "yes-"} for name in "ABC"[:n]]


# -- Kleene: every combination of true, false and unknown of three parts -----------------------------------------------

EVERY = list(itertools.product(TRUTH, repeat=3))
COLUMNS = list(zip(*EVERY))


def kleene_all(parts: tuple[bool | None, ...]) -> bool | None:
    return False if False in parts else None if None in parts else True


def kleene_any(parts: tuple[bool | None, ...]) -> bool | None:
    return True if True in parts else None if None in parts else False


def first_known(parts: tuple[bool | None, ...]) -> bool | None:
    return next((part for part in parts if part is not None), None)


@pytest.mark.parametrize(("word", "expected"), [("all", kleene_all), ("any", kleene_any), ("first", first_known)])
def test_truth_tables(word: str, expected: Any) -> None:
    assert truth(call({word: legs_of(3)}, truths(*COLUMNS))) == [expected(parts) for parts in EVERY]


def test_not_swaps_and_keeps_unknown() -> None:
    assert truth(call({"not": legs_of(1)[0]}, truths(TRUTH))) == [False, True, None]


def test_de_morgan() -> None:
    a, b, c = legs_of(3)
    table = truths(*COLUMNS)
    both = call({"not": {"all": [a, b, c]}}, table)
    either = call({"any": [{"not": a}, {"not": b}, {"not": c}]}, table)
    assert truth(both) == truth(either)


@given(st.lists(st.tuples(*[st.sampled_from(TRUTH)] * 3), min_size=1, max_size=20), st.permutations(range(3)))
def test_order_of_parts_changes_nothing_but_first(rows: list[tuple[bool | None, ...]], order: list[int]) -> None:
    table = truths(*zip(*rows))
    parts = legs_of(3)
    for word in ("all", "any"):
        assert truth(call({word: parts}, table)) == truth(call({word: [parts[i] for i in order]}, table))


@given(st.lists(st.tuples(*[st.sampled_from(TRUTH)] * 3), min_size=1, max_size=20))
def test_knowing_more_never_changes_a_known_call(rows: list[tuple[bool | None, ...]]) -> None:
    rule = {"any": [{"all": legs_of(2)}, {"not": legs_of(3)[2]}]}
    before = truth(call(rule, truths(*zip(*rows))))
    for filled in (True, False):
        after = truth(call(rule, truths(*zip(*[[filled if v is None else v for v in row] for row in rows]))))
        assert all(b is None or b == a for b, a in zip(before, after))


def test_first_keeps_triple_negative_without_copy_numbers() -> None:
    columns = {("clinical", "er"): [False] * 2, ("clinical", "pr"): [False] * 2, ("clinical", "her2"): [False, True]}
    library = signature_library()
    er, pr = {"clinical": "er", "is": "positive"}, {"clinical": "pr", "is": "positive"}
    her2 = [{"clinical": "her2", "is": "positive"}, {"copy_number": "ERBB2", "is": "amp"}]
    table = Table(2, truths=columns)
    for word, expected in (("first", [True, False]), ("any", [None, False])):
        rule = {"all": [{"not": er}, {"not": pr}, {"not": {word: her2}}]}
        assert truth(call(rule, table)) == expected
    shipped = library["her2-positive"].positive
    assert shipped is not None
    assert truth(evaluate(shipped, source=table, cuts=Everyone(), library=library)) == [False, True]


# -- unassayed and absent ----------------------------------------------------------------------------------------------


def test_unassayed_is_any_part_and_absent_is_told() -> None:
    table = truths([True, None], [None, False])
    a, b = legs_of(2)
    gone = {"copy_number": "B", "is": "amp"}
    assert call({"all": [a, b]}, table).unassayed.tolist() == [True, True]
    everything = call({"all": [a, gone]}, table)
    assert everything.absent
    assert everything.reasons == ("no copy_number B",)
    for word in ("any", "first"):
        assert not call({word: [a, gone]}, table).absent
        assert call({word: [gone, {"not": gone}]}, table).absent
    assert call({"not": gone}, table).absent


def test_all_with_an_absent_part_is_false_where_the_other_is_false() -> None:
    found = call({"all": [legs_of(1)[0], {"copy_number": "B", "is": "amp"}]}, truths([True, False]))
    assert truth(found) == [None, False]


# -- absent_assay: drop ------------------------------------------------------------------------------------------------


def test_drop_leaves_absent_parts_out_of_any_and_says_so() -> None:
    a, gone = legs_of(1)[0], {"copy_number": "B", "is": "amp"}
    table = truths([True, False, None])
    assert truth(call({"any": [a, gone]}, table)) == [True, None, None]
    found = call({"any": [a, gone]}, table, drop=True)
    assert truth(found) == [True, False, None]
    assert found.unassayed.tolist() == [False, False, True]
    assert found.reasons == ("absent_assay: drop left copy_number B is amp out of any (no copy_number B)",)
    assert truth(call({"all": [a, gone]}, table, drop=True)) == [None, False, None]
    assert truth(call({"any": [gone, gone]}, table, drop=True)) == [None] * 3
    assert call({"any": [gone, gone]}, table, drop=True).absent


def test_drop_works_through_references() -> None:
    library = {"inner": signature({"any": [legs_of(1)[0], {"copy_number": "B", "is": "amp"}]}),
               "gone": signature({"copy_number": "B", "is": "amp"})}  # fmt: skip
    table = truths([True, False])
    assert truth(call({"signature": "inner"}, table, library=library, drop=True)) == [True, False]
    found = call({"any": [{"signature": "inner"}, {"signature": "gone"}]}, table, library=library, drop=True)
    assert truth(found) == [True, False]
    assert len(found.reasons) == 2


def test_drop_never_shrinks_a_count() -> None:
    a, gone = legs_of(1)[0], {"copy_number": "B", "is": "amp"}
    found = call({"count": [a, gone], "at_most": 0}, truths([True, False]), drop=True)
    assert truth(found) == [False, None]
    assert not found.absent


# -- comparisons and intervals -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("above", [False, False, True, None]),
        ("at_least", [False, True, True, None]),
        ("below", [True, False, False, None]),
        ("at_most", [True, True, False, None]),
    ],
)
def test_comparators_at_the_cut(word: str, expected: list[bool | None]) -> None:
    table = Table(4, {("mrna", "A"): [1, 2, 3, np.nan]})
    assert truth(call({"mrna": "A", word: 2}, table)) == expected
    assert truth(call({"mrna": "A", word: "median"}, table)) == expected


@pytest.mark.parametrize("word", ["above", "at_least", "below", "at_most"])
@pytest.mark.parametrize("cut", [-1, 0, 1, 2, 3, 4])
def test_count_is_known_where_every_completion_agrees(word: str, cut: int) -> None:
    compare = {"above": np.greater, "at_least": np.greater_equal, "below": np.less, "at_most": np.less_equal}[word]
    expected: list[bool | None] = []
    for parts in EVERY:
        choices = [(True, False) if part is None else (part,) for part in parts]
        answers = {bool(compare(sum(filled), cut)) for filled in itertools.product(*choices)}
        expected.append(answers.pop() if len(answers) == 1 else None)
    assert truth(call({"count": legs_of(3), word: cut}, truths(*COLUMNS))) == expected


def test_an_interval_is_unknown_inside_arithmetic() -> None:
    found = number({"sum": [{"count": legs_of(2)}, {"count": legs_of(1)}]}, truths([True, True], [True, None]))
    assert found.low.tolist()[0] == 3
    assert np.isnan(found.low[1])


def test_a_cut_that_cannot_be_learned_is_told() -> None:
    found = call({"mrna": "A", "above": "median"}, Table(2, {("mrna", "A"): [np.nan, np.nan]}))
    assert truth(found) == [None, None]
    assert found.reasons == ("no median of mrna A could be learned",)
    gone = call({"mrna": "B", "above": "median"}, Table(2))
    assert gone.absent
    assert gone.reasons == ("no mrna B",)


# -- numbers -----------------------------------------------------------------------------------------------------------


def test_mean_of_z_scores_by_hand() -> None:
    # A: mean 2, sd 1; B: mean 20, sd 10, of its known values 10, 30 -> mean 20, sd sqrt(200)
    table = Table(3, {("mrna", "A"): [1, 2, 3], ("mrna", "B"): [10, np.nan, 30]})
    found = number({"mean": [{"mrna": "A"}, {"mrna": "B"}]}, table)
    z = 10 / np.sqrt(200)
    np.testing.assert_allclose(found.low, [(-1 - z) / 2, np.nan, (1 + z) / 2], rtol=1e-12)
    assert found.scale == "z-score"


def test_mean_of_a_constant_is_unknown() -> None:
    found = number({"mean": [{"mrna": "A"}]}, Table(3, {("mrna", "A"): [2, 2, 2]}))
    assert np.isnan(found.low).all()


def test_difference_of_means_is_fine_across_scales() -> None:
    table = Table(2, {("mrna", "A"): [1, 3], ("protein", "B"): [5, 4]}, scales={("mrna", "A"): "counts"})
    found = number({"diff": [{"mean": [{"mrna": "A"}]}, {"mean": [{"protein": "B"}]}]}, table)
    np.testing.assert_allclose(found.low, [-np.sqrt(2), np.sqrt(2)], rtol=1e-12)


@pytest.mark.parametrize(
    ("scale", "expected", "result"),
    [
        ("log2", [2, 4, 0], "log2"),
        ("z-score", [2, 4, 0], "z-score"),
        ("linear", [2, np.nan, np.nan], "linear"),
        ("counts", [2, np.nan, np.nan], "linear"),
    ],
)
def test_ratio_is_a_difference_of_logs_and_a_quotient_of_plain_values(
    scale: str, expected: list[float], result: str
) -> None:
    values = {("mrna", "A"): [4, 4, 0], ("mrna", "B"): [2, 0, 0]}
    table = Table(3, values, scales=dict.fromkeys(values, scale))
    found = number({"ratio": [{"mrna": "A"}, {"mrna": "B"}]}, table)
    np.testing.assert_allclose(found.low, expected)
    assert found.scale == result


@pytest.mark.parametrize("kind", ["ratio", "diff", "sum"])
def test_different_scales_are_refused(kind: str) -> None:
    values = {("mrna", "A"): [4, 5], ("mrna", "B"): [2, 3]}
    table = Table(2, values, scales={("mrna", "A"): "log2", ("mrna", "B"): "z-score"})
    found = call({kind: [{"mrna": "A"}, {"mrna": "B"}], "above": "median"}, table)
    assert found.absent
    assert truth(found) == [None, None]
    assert found.reasons == (f"{kind} of mrna A (log2) and mrna B (z-score): different scales",)


def test_ratio_on_an_unknown_scale_is_refused() -> None:
    values = {("mrna", "A"): [4, 5], ("mrna", "B"): [2, 3]}
    found = number({"ratio": [{"mrna": "A"}, {"mrna": "B"}]}, Table(2, values, scales=dict.fromkeys(values, "unknown")))
    assert found.absent
    assert "neither a difference nor a quotient" in found.reasons[0]


def test_an_absent_term_is_told_before_its_scale() -> None:
    found = number({"ratio": [{"mrna": "A"}, {"mrna": "B"}]}, Table(2, {("mrna", "A"): [1, 2]}))
    assert found.absent
    assert found.reasons == ("no mrna B",)


def test_sum_diff_and_weighted() -> None:
    table = Table(3, {("mrna", "A"): [1, 2, np.nan], ("mrna", "B"): [10, 20, 30]})
    terms = [{"mrna": "A"}, {"mrna": "B"}]
    np.testing.assert_array_equal(number({"sum": terms}, table).low, [11, 22, np.nan])
    np.testing.assert_array_equal(number({"diff": terms}, table).low, [-9, -18, np.nan])
    np.testing.assert_array_equal(number({"weighted": {"mrna": {"A": 2, "B": -1}}}, table).low, [-8, -16, np.nan])


def test_logarithms() -> None:
    table = Table(4, {("serum", "A"): [8, 1, 0, -1]}, scales={("serum", "A"): "linear"})
    np.testing.assert_allclose(number({"log2": {"serum": "A"}}, table).low, [3, 0, np.nan, np.nan])
    found = number({"ln": {"serum": "A"}}, table)
    np.testing.assert_allclose(found.low, [np.log(8), 0, np.nan, np.nan])
    assert found.scale == "ln"
    again = number({"ln": {"log2": {"serum": "A"}}}, table)
    assert again.absent
    assert "on the log2 scale already" in again.reasons[0]


# of 32 bits, so that the middle of two neighbours lies between them in 64
@given(st.lists(st.floats(-(2.0**20), 2.0**20, width=32), min_size=3, max_size=30, unique=True), st.randoms())
def test_order_of_patients_changes_nothing(values: list[float], random: Any) -> None:
    order = list(range(len(values)))
    random.shuffle(order)
    rule = {"mrna": "A", "above": "median"}
    straight = np.array(truth(call(rule, Table(len(values), {("mrna", "A"): values}))))
    shuffled = truth(call(rule, Table(len(values), {("mrna", "A"): np.array(values)[order]})))
    assert straight[order].tolist() == shuffled
    assert straight.sum() == len(values) // 2


# -- references --------------------------------------------------------------------------------------------------------


def test_reference_uses_positive_own_score_and_no_population() -> None:
    other = signature(
        {"score": "self", "above": "median"}, score={"mrna": "A"}, population={"clinical": "er", "is": "x"}
    )
    table = Table(3, {("mrna", "A"): [1, 2, 3]})
    rule = {"not": {"signature": "other"}}
    assert truth(call(rule, table, library={"other": other})) == [True, True, False]


def test_reference_that_leads_nowhere() -> None:
    with pytest.raises(SignatureError, match="unknown signature 'gone'"):
        call({"signature": "gone"}, Table(1))
    empty = parse_signature({"name": "E", "computable": "needs-assay"}, id="empty", where="test")
    with pytest.raises(SignatureError, match="does not say who is positive"):
        call({"signature": "empty"}, Table(1), library={"empty": empty})


def test_a_fixed_number_of_copies_is_no_question_for_gistic_calls():
    values = np.array([2.0, 0.0])
    nobody = np.zeros(2, dtype=bool)

    class Gistic:
        def number(self, assay, feature):
            return Number(values, values, nobody, False, (), "gistic")

    made = parse_signature({"name": "x", "positive": {"copy_number": "ERBB2", "at_least": 6}}, id="made", where="test")
    call = evaluate(made.positive, source=Gistic(), cuts=None, library={})
    assert call.absent
    assert call.unknown.all()
    assert "GISTIC" in call.reasons[0]


def test_a_leg_that_is_known_does_not_count_as_not_assayed():
    yes, no = np.array([True, False]), np.array([False, True])
    nobody = np.zeros(2, dtype=bool)

    class Two:
        def tokens(self, assay, feature, tokens):
            if assay == "clinical":
                return Call(yes, nobody, nobody)
            return Call(nobody, nobody, ~nobody)

    first = {"first": [{"clinical": "her2", "is": "positive"}, {"copy_number": "ERBB2", "is": "amp"}]}
    made = parse_signature({"name": "x", "positive": {"all": [first]}}, id="made", where="test")
    call = evaluate(made.positive, source=Two(), cuts=None, library={})
    assert call.unknown.tolist() == no.tolist()
    assert call.unassayed.tolist() == no.tolist()
