"""Two genes: every row of the co-expression question, against R and by hand."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strata.cohort.model import Cohort, Endpoint
from strata.errors import UsageError
from strata.signatures import parse_signature
from strata.stratification import stratify
from strata.survival import compare_coexpression, compare_survival, row_names
from strata.survival.kernels.cox import cox

nan = np.nan
Z = 1.959963984540054
ROWS = [
    "positive_vs_rest",
    "both_vs_neither",
    "first_only_vs_neither",
    "second_only_vs_neither",
    "four_groups",
    "A",
    "B",
    "interaction",
    "expected_both_vs_neither",
]


def pair(cut="median", first="A", second="B"):
    legs = [{"mrna": first, "above": cut}, {"mrna": second, "above": cut}]
    return parse_signature({"name": "pair", "positive": {"all": legs}}, id="pair", where="test")


def case(shared, name):
    cases = json.loads((shared / "golden" / "interaction.json").read_text())["cases"]
    return next(c["result"] for c in cases if c["id"] == name)


@pytest.fixture
def cohort_of(make_cohort):
    def make(time, event, *, clinical=None, unit="months", **genes):
        mrna = pd.DataFrame({gene: np.asarray(values, dtype=float) for gene, values in genes.items()})
        mrna.index = pd.Index([f"P{i:03d}" for i in range(len(mrna))], name="patient")
        clinical = pd.DataFrame(clinical or {}, index=mrna.index)
        endpoints = {"OS": (np.asarray(time), np.asarray(event))}
        return make_cohort(clinical=clinical, mrna=mrna, endpoints=endpoints, unit=unit)

    return make


def compare(cohort, signature=None, **more):
    return compare_coexpression(cohort, signature or pair(0.5), "OS", library={}, **more)


def grid(both, first_only, second_only, neither):
    """Genes, times and events of patients given by group as (time, event) pairs."""
    rows = [
        (a, b, t, e)
        for a, b, made in ((1, 1, both), (1, 0, first_only), (0, 1, second_only), (0, 0, neither))
        for t, e in made
    ]
    a, b, time, event = (np.array(column, dtype=float) for column in zip(*rows))
    return {"time": time, "event": event.astype(bool), "A": a, "B": b}


POSITIVE_ER = {"name": "er", "positive": {"clinical": "er", "is": "positive"}}
EVENTS = [(3, 1), (7, 0), (12, 1), (5, 1), (9, 1)]
LATER = [(4, 1), (8, 1), (13, 0), (6, 0), (10, 1)]
SILENT = [(2, 0), (11, 0), (14, 0)]


# -- against R ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def colon(shared, cohort_of):
    d = pd.read_csv(shared / "golden" / "data" / "colon_wide.csv")
    d = d[d["rx"].isin(["Obs", "Lev+5FU"])]
    return cohort_of(d["os_time"], d["os_event"], A=d["rx"] == "Lev+5FU", B=d["node4"], unit="days")


@pytest.fixture
def gbsg(shared, cohort_of):
    d = pd.read_csv(shared / "golden" / "data" / "gbsg.csv")
    return cohort_of(d["time"], d["event"], A=d["hormon"], B=d["er"] > 10, unit="days")


@pytest.mark.parametrize("name", ["colonw_node4", "gbsg_hormon_er"])
def test_the_joint_model_like_r(shared, request, name):
    r = case(shared, f"int_{name}")
    result = compare(request.getfixturevalue("colon" if "colon" in name else "gbsg"))
    b, terms = r["full"]["coef"], r["full"]["terms"]
    v = np.array([r["full"]["vcov"][term] for term in terms])
    interaction, expected = result["interaction"], result["expected_both_vs_neither"]
    assert (interaction.n, interaction.events) == (expected.n, expected.events) == (r["n"], r["events"])
    assert interaction.hazard_ratio.value == pytest.approx(np.exp(b[2]), rel=1e-7)
    assert interaction.hazard_ratio.lower == pytest.approx(r["full"]["hr_lower"][2], rel=1e-7)
    assert interaction.hazard_ratio.upper == pytest.approx(r["full"]["hr_upper"][2], rel=1e-7)
    assert interaction.hazard_ratio.wald_p == pytest.approx(r["full"]["p"][2], rel=1e-6)
    se = np.sqrt(v[0, 0] + v[1, 1] + 2 * v[0, 1])
    assert expected.hazard_ratio.value == pytest.approx(np.exp(b[0] + b[1]), rel=1e-7)
    assert expected.hazard_ratio.lower == pytest.approx(np.exp(b[0] + b[1] - Z * se), rel=1e-7)
    assert expected.hazard_ratio.upper == pytest.approx(np.exp(b[0] + b[1] + Z * se), rel=1e-7)
    assert expected.estimable
    assert interaction.log_rank is expected.log_rank is None


def test_the_saturated_model_ties_the_rows_together(colon):
    # the joint model is the same as four groups in one Cox model: both against neither there is exp(b1 + b2 + b3)
    result = compare(colon)
    four = result["four_groups"]
    group = four.group[:, None] == np.arange(3)
    fit = cox(four.time, four.event, group.astype(float))
    both = result["expected_both_vs_neither"].hazard_ratio.value * result["interaction"].hazard_ratio.value
    assert fit.hazard_ratios[0] == pytest.approx(both, rel=1e-7)


# -- rows, counts and notes --------------------------------------------------------------------------------------------


def test_rows_in_their_order(colon):
    result = compare(colon)
    assert [row.name for row in result.comparisons] == ROWS
    assert list(row_names(stratify(colon, pair(0.5), library={}))) == ROWS
    table = result.to_frame()
    assert set(table["signature"]) == {"pair"}
    assert table["estimable"].all()


def test_four_groups_have_three_degrees_of_freedom_and_no_hazard_ratio(colon):
    four = compare(colon)["four_groups"]
    assert [g.label for g in four.groups] == ["both", "A only", "B only", "neither"]
    assert (four.log_rank.degrees_of_freedom, four.hazard_ratio, four.estimable) == (3, None, True)
    assert sum(g.n for g in four.groups) == four.n == 619


def test_groups_and_counts_by_hand(cohort_of):
    # rows: A high, low, unknown; columns: B high, low, unknown
    a = [1, 1, 1, 0, 0, 0, nan, nan, nan]
    b = [1, 0, nan, 1, 0, nan, 1, 0, nan]
    table = compare(cohort_of(range(1, 10), [1] * 9, A=a, B=b)).to_frame().set_index("comparison")
    counts = table[["n", "n_positive", "n_unknown"]].astype(int)
    assert counts.loc["positive_vs_rest"].tolist() == [5 + 1, 1, 3]  # one low leg is enough for 'rest'
    assert counts.loc["both_vs_neither"].tolist() == [2, 1, 5]
    assert counts.loc["first_only_vs_neither"].tolist() == [2, 1, 5]
    assert counts.loc["second_only_vs_neither"].tolist() == [2, 1, 5]
    assert counts.loc["four_groups"].tolist() == [4, 1, 5]
    assert counts.loc["A"].tolist() == [6, 3, 3]
    assert counts.loc["B"].tolist() == [6, 3, 3]
    assert counts.loc["interaction"].tolist() == [4, 1, 5]
    assert counts.loc["expected_both_vs_neither"].tolist() == [4, 1, 5]


def test_not_assayed_is_counted_by_the_leg_that_needs_it(make_cohort, memory_assay):
    index = pd.Index([f"P{i}" for i in range(6)])
    cohort = make_cohort(clinical=pd.DataFrame(index=index), endpoints={"OS": ([1, 2, 3, 4, 5, 6], [1] * 6)})
    mrna = pd.DataFrame({"A": [1, 0, nan, nan, 1, 0]}, index=index)
    protein = pd.DataFrame({"B": [nan, nan, nan, 0, 1, 0]}, index=index)
    cohort.assays["mrna"] = memory_assay("mrna", mrna, assayed=frozenset(index) - {"P3"})
    cohort.assays["protein"] = memory_assay("protein", protein, assayed=frozenset(index) - {"P0", "P1", "P2"})
    legs = [{"mrna": "A", "above": 0.5}, {"protein": "B", "above": 0.5}]
    made = parse_signature({"name": "pair", "positive": {"all": legs}}, id="pair", where="test")
    table = compare(cohort, made).to_frame().set_index("comparison")
    counts = table[["n", "n_unknown", "n_not_assayed"]].astype(int)
    assert counts.loc["A"].tolist() == [4, 2, 1]  # P2 has no value of A, P3 was not assayed for it
    assert counts.loc["B"].tolist() == [3, 3, 3]
    assert counts.loc["four_groups"].tolist() == [2, 4, 4]  # P0 to P3 lack one assay or the other
    assert counts.loc["both_vs_neither"].tolist() == [2, 4, 4]
    # A low (P1) and B low (P3) settle 'both': only P0 and P2 stay unknown
    assert counts.loc["positive_vs_rest"].tolist() == [4, 2, 2]


def test_each_gene_alone_is_its_own_signature(cohort_of):
    rng = np.random.default_rng(6)
    a, b = rng.normal(size=90), rng.normal(size=90)
    a[:10], b[5:20] = nan, nan
    cohort = cohort_of(rng.exponential(9, 90), rng.random(90) < 0.7, A=a, B=b)
    both = compare(cohort, pair("median"))
    for gene in "AB":
        alone = parse_signature({"name": gene, "positive": {"mrna": gene, "above": "median"}}, id="one", where="test")
        one = compare_survival(cohort, stratify(cohort, alone, library={}), "OS").comparisons[0]
        row = both[gene]
        assert (row.n, row.n_unknown, row.hazard_ratio) == (one.n, one.n_unknown, one.hazard_ratio)
        assert row.log_rank.chi_squared == one.log_rank.chi_squared
        assert [g.label for g in row.groups] == [f"{gene} high", f"{gene} low"]


def test_a_low_leg_is_named_low(cohort_of):
    legs = [{"mrna": "A", "above": 0.5}, {"mrna": "B", "below": 0.5}]
    made = parse_signature({"name": "pair", "positive": {"all": legs}}, id="pair", where="test")
    result = compare(cohort_of(**grid(EVENTS, LATER, EVENTS, LATER)), made)
    assert [g.label for g in result["B"].groups] == ["B low", "B high"]
    assert [g.label for g in result["positive_vs_rest"].groups] == ["positive", "rest"]
    plain = compare(cohort_of(**grid(EVENTS, LATER, EVENTS, LATER)))
    assert [g.label for g in plain["positive_vs_rest"].groups] == ["both high", "rest"]


def test_cut_cut_scope_and_population(cohort_of):
    er = ["positive"] * 6 + ["negative"] * 6
    cohort = cohort_of(range(1, 13), [1] * 12, A=range(12), B=range(12), clinical={"er": er})
    legs = [{"mrna": "A", "above": "median"}, {"mrna": "B", "above": 2.5}]
    rules = {"name": "pair", "positive": {"all": legs}, "population": {"clinical": "er", "is": "negative"}}
    made = parse_signature(rules, id="pair", where="test")
    inside = compare(cohort, made).to_frame().set_index("comparison")
    assert inside.loc["A", ["n", "n_positive", "cut", "cut_scope"]].tolist() == [6, 3, "median", "population"]
    assert inside.loc["B", "n_positive"] == 6  # a number is never replaced
    assert (inside.loc["B", "cut"], inside.loc["B", "cut_scope"] is pd.NA) == ("2.5", True)
    assert inside.loc["positive_vs_rest", "cut"] == "median, 2.5"
    whole = compare(cohort, made, cut="q75", cut_scope="cohort").to_frame().set_index("comparison")
    assert whole.loc["A", ["n", "n_positive", "cut", "cut_scope"]].tolist() == [6, 3, "q75", "cohort"]
    assert whole.loc["B", "n_positive"] == 6


def test_patients_of_unknown_membership_are_in_no_row(cohort_of):
    data = grid(EVENTS, LATER, EVENTS, LATER)
    er = np.array(["positive", "positive", "positive", "negative", None] * 4, dtype=object)
    made = pair(0.5).model_copy(
        update={"population": parse_signature(POSITIVE_ER, id="er", where="test").positive},
    )
    result = compare(cohort_of(**data, clinical={"er": er}), made)
    table = result.to_frame().set_index("comparison")
    assert table.loc[["positive_vs_rest", "four_groups", "A", "B", "interaction"], "n"].tolist() == [12] * 5
    assert (table["n_unknown"] == 0).all()
    assert dict(result.left_out)["membership of the population unknown"] == 4


def test_signatures_without_two_legs_are_refused(cohort_of):
    one = parse_signature({"name": "one", "positive": {"mrna": "A", "above": "median"}}, id="one", where="test")
    with pytest.raises(UsageError, match="'all' of two comparisons"):
        compare(cohort_of([1, 2], [1, 1], A=[1, 0], B=[0, 1]), one)


# -- absent ------------------------------------------------------------------------------------------------------------


def test_an_absent_gene_leaves_the_other_as_usual(cohort_of):
    cohort = cohort_of(**grid(EVENTS, LATER, EVENTS, LATER))
    result = compare(cohort, pair(0.5, second="SPHK1"))
    table = result.to_frame().set_index("comparison")
    for name in table.index.drop("A"):
        row = table.loc[name]
        assert row[["n", "events", "n_positive", "events_positive"]].tolist() == [0, 0, 0, 0]
        assert not row["estimable"]
        assert row["note"] == "no mrna SPHK1 in the cohort's tables"
        assert row[["hazard_ratio", "log_rank_p", "median_positive", "median_follow_up"]].isna().all()
        assert result[name].groups == ()
    full = compare(cohort)["A"]
    assert (result["A"].hazard_ratio, result["A"].n, result["A"].n_unknown) == (full.hazard_ratio, 20, 0)
    assert result["A"].estimable
    assert "SPHK1" not in table.loc["A", "note"]
    assert table.loc["SPHK1", ["n_unknown", "n_not_assayed"]].tolist() == [20, 0]
    assert table.loc["four_groups", "n_unknown"] == 20


def test_both_genes_absent(cohort_of):
    table = compare(cohort_of([1, 2], [1, 1], A=[1, 0]), pair(0.5, "X", "Y")).to_frame()
    assert (table["n"] == 0).all()
    assert table.set_index("comparison").loc["four_groups", "note"] == (
        "no mrna X in the cohort's tables; no mrna Y in the cohort's tables"
    )


def test_a_gene_without_a_value_in_the_population_says_why(cohort_of):
    er = ["positive"] * 4 + ["negative"] * 4
    cohort = cohort_of(range(1, 9), [1] * 8, A=range(8), B=[1, 2, 3, 4, *[nan] * 4], clinical={"er": er})
    legs = [{"mrna": gene, "above": "median"} for gene in "AB"]
    rules = {"name": "pair", "positive": {"all": legs}, "population": {"clinical": "er", "is": "negative"}}
    result = compare(cohort, parse_signature(rules, id="pair", where="test"))
    assert (result["A"].n, result["A"].n_unknown) == (4, 0)
    assert (result["B"].n, result["B"].n_unknown, result["B"].estimable) == (0, 4, False)
    for name in ("B", "four_groups", "both_vs_neither"):
        assert "no median of mrna B could be learned" in result[name].notes
    assert "no median of mrna B could be learned" not in result["A"].notes


# -- what cannot be estimated ------------------------------------------------------------------------------------------


def test_no_event_with_both_high(cohort_of):
    data = grid(SILENT, EVENTS, LATER, EVENTS)
    result = compare(cohort_of(**data))
    interaction, expected = result["interaction"], result["expected_both_vs_neither"]
    assert (interaction.hazard_ratio, interaction.estimable) == (None, False)
    assert interaction.notes[-1] == "not estimable (no event in both)"
    # the limit of b3 is minus infinity: both-high patients then carry no weight, and b1, b2 are those without them
    rest = data["A"] * data["B"] == 0
    fit = cox(data["time"][rest], data["event"][rest], np.column_stack([data["A"], data["B"]])[rest])
    assert expected.hazard_ratio.value == pytest.approx(np.exp(fit.coefficients.sum()), rel=1e-9)
    assert expected.hazard_ratio.upper == pytest.approx(
        np.exp(fit.coefficients.sum() + Z * np.sqrt(fit.covariance.sum())), rel=1e-9
    )
    # which is where the model with the product goes
    limit = cox(data["time"], data["event"], np.column_stack([data["A"], data["B"], data["A"] * data["B"]]))
    assert limit.coefficients[:2] == pytest.approx(fit.coefficients, rel=1e-6)
    both = result["both_vs_neither"]
    assert both.hazard_ratio is None
    assert "hazard ratio not estimable (both: no event among 3 patients)" in both.notes
    assert both.log_rank is not None
    assert result["four_groups"].log_rank.degrees_of_freedom == 3


def test_nobody_with_both_high(cohort_of):
    result = compare(cohort_of(**grid([], EVENTS, LATER, EVENTS)))
    assert not result["interaction"].estimable
    assert result["expected_both_vs_neither"].estimable
    table = result.to_frame().set_index("comparison")
    assert table.loc["expected_both_vs_neither", ["n", "n_positive", "events_positive"]].tolist() == [15, 0, 0]
    for name in ("four_groups", "both_vs_neither", "positive_vs_rest"):
        assert table.loc[name, ["hazard_ratio", "log_rank_p"]].isna().all()
        assert "no patient in both" in table.loc[name, "note"]
    assert result["first_only_vs_neither"].estimable


@pytest.mark.parametrize("silent", ["first_only", "second_only", "neither"])
@pytest.mark.parametrize("made", [SILENT, []])
def test_a_silent_single_group_leaves_neither_row(cohort_of, silent, made):
    groups = {"both": EVENTS, "first_only": LATER, "second_only": EVENTS, "neither": LATER} | {silent: made}
    result = compare(cohort_of(**grid(**groups)))
    label = {"first_only": "A only", "second_only": "B only"}.get(silent, silent)
    for name in ("interaction", "expected_both_vs_neither"):
        row = result[name]
        assert (row.hazard_ratio, row.estimable) == (None, False)
        assert row.notes[-1] == f"not estimable (no event in {label})"
        assert row.n == 15 + len(made)


def test_a_group_that_only_missing_covariates_silence(cohort_of):
    # A only has events, but nobody of it has an age: the model without them would call the observed ratio 'expected'
    data = grid(EVENTS, LATER, EVENTS, LATER)
    age = np.where((data["A"] == 1) & (data["B"] == 0), nan, np.arange(20.0) % 7)
    result = compare(cohort_of(**data, clinical={"age": age}), covariates=["age"])
    for name in ("interaction", "expected_both_vs_neither"):
        assert result[name].hazard_ratio is None
        assert result[name].notes[-1] == "not estimable (no event in A only)"


def test_no_event_at_all(cohort_of):
    result = compare(cohort_of(**grid(SILENT, SILENT, SILENT, SILENT)))
    table = result.to_frame()
    assert table["comparison"].tolist() == ROWS
    assert not table["estimable"].any()
    assert table[["hazard_ratio", "log_rank_p"]].isna().all(axis=None)
    assert table["note"].str.contains("no event").all()


# -- synergy -----------------------------------------------------------------------------------------------------------


def simulated(cohort_of, product, n=1500, seed=1):
    rng = np.random.default_rng(seed)
    a, b = rng.random(n) < 0.5, rng.random(n) < 0.5
    hazard = 0.05 * 1.35**a * 1.35**b * product ** (a & b)
    time, end = rng.exponential(1 / hazard), rng.uniform(10, 60, n)
    return cohort_of(np.minimum(time, end), time <= end, A=a, B=b)


def notes(result):
    return " ".join(note for row in result.comparisons for note in row.notes)


def test_synergy_is_said_only_with_the_interaction_behind_it(cohort_of):
    result = compare(simulated(cohort_of, 2.5))
    assert result["interaction"].hazard_ratio.wald_p < 0.05
    assert "synergy on the multiplicative (hazard ratio) scale" in result["interaction"].notes[-1]
    assert notes(result).count("synergy") == 1


def test_a_pair_that_is_worse_than_each_gene_is_not_synergy(cohort_of):
    result = compare(simulated(cohort_of, 1.0))
    pair_ratio = result["both_vs_neither"].hazard_ratio.value
    assert pair_ratio > max(result["A"].hazard_ratio.value, result["B"].hazard_ratio.value)
    assert result["interaction"].hazard_ratio.wald_p > 0.05
    assert result["interaction"].notes[-1] == "no evidence of an interaction on the multiplicative (hazard ratio) scale"
    assert "synergy" not in notes(result)
    expected = result["expected_both_vs_neither"].hazard_ratio
    assert expected.lower < 1.35**2 < expected.upper


def test_antagonism(cohort_of):
    result = compare(simulated(cohort_of, 0.3))
    assert "antagonism on the multiplicative" in result["interaction"].notes[-1]
    assert "synergy" not in notes(result)


# -- covariates and factors --------------------------------------------------------------------------------------------


def test_the_joint_model_takes_covariates_and_factors(cohort_of):
    rng = np.random.default_rng(11)
    n = 200
    a, b, age = rng.random(n) < 0.5, rng.random(n) < 0.5, rng.normal(60, 8, n)
    age[:20] = nan
    site = rng.choice(["x", "y"], n)
    time, event = rng.exponential(10, n), rng.random(n) < 0.8
    cohort = cohort_of(time, event, A=a, B=b, clinical={"age": age, "site": site})
    result = compare(cohort, covariates=["age"], stratification_factors=["site"])
    k = ~np.isnan(age)
    fit = cox(time[k], event[k], np.column_stack([a, b, a & b, age])[k].astype(float), stratification_factors=site[k])
    interaction = result["interaction"]
    assert interaction.hazard_ratio.value == pytest.approx(fit.hazard_ratios[2], rel=1e-9)
    expected = result["expected_both_vs_neither"].hazard_ratio.value
    assert expected == pytest.approx(np.exp(fit.coefficients[:2].sum()), rel=1e-9)
    for row in (interaction, result["expected_both_vs_neither"], result["both_vs_neither"]):
        assert any(note.startswith("adjusted for age (per SD of ") for note in row.notes)
        assert "hazard ratio and log-rank stratified by site (2 combinations)" in row.notes


# -- invariants --------------------------------------------------------------------------------------------------------


@st.composite
def cohorts(draw):
    n = draw(st.integers(12, 40))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    genes = rng.integers(0, 4, (n, 2)).astype(float)
    genes[rng.random((n, 2)) < 0.1] = nan
    return rng.integers(1, 25, n).astype(float), rng.random(n) < 0.7, genes


class Table:
    kind, features = "mrna", ("A", "B")

    def __init__(self, table):
        self.table, self.assayed = table, frozenset(table.index)

    def scale(self, feature):
        return "log2"

    def read(self, features):
        return self.table[list(features)]


def built(time, event, genes):
    index = pd.Index([f"P{i}" for i in range(len(time))], name="patient")
    endpoint = Endpoint("OS", pd.Series(time, index), pd.Series(event, index).astype("boolean"), "months", "made")
    mrna = pd.DataFrame(genes, index=index, columns=["A", "B"])
    return Cohort("made", pd.DataFrame(index=index), {"mrna": Table(mrna)}, {}, {"OS": endpoint})


@settings(max_examples=30, deadline=None)
@given(cohorts())
def test_counts_add_up(data):
    time, event, genes = data
    result = compare(built(time, event, genes), pair("median"))
    table = result.to_frame().set_index("comparison")
    for name in ("positive_vs_rest", "four_groups", "A", "B", "interaction"):
        assert table.loc[name, "n"] + table.loc[name, "n_unknown"] == len(time)
    four = result["four_groups"]
    for number, name in enumerate(ROWS[1:4]):
        assert table.loc[name, "n"] == four.groups[number].n + four.groups[3].n
        assert table.loc[name, "n_unknown"] == table.loc["four_groups", "n_unknown"]
    assert table.loc["positive_vs_rest", "n_positive"] == four.groups[0].n
    assert table.loc["positive_vs_rest", "n"] >= four.n


@settings(max_examples=30, deadline=None)
@given(cohorts())
def test_swapping_the_genes_swaps_their_rows(data):
    time, event, genes = data
    one = compare(built(time, event, genes), pair("median")).to_frame().set_index("comparison")
    two = compare(built(time, event, genes), pair("median", "B", "A")).to_frame().set_index("comparison")
    columns = ["n", "events", "n_positive", "n_unknown", "hazard_ratio", "log_rank_chi2", "estimable"]
    swap = {"first_only_vs_neither": "second_only_vs_neither", "second_only_vs_neither": "first_only_vs_neither"}
    for name in ROWS:
        left = one.loc[[name], columns].reset_index(drop=True)
        right = two.loc[[swap.get(name, name)], columns].reset_index(drop=True)
        pd.testing.assert_frame_equal(left, right, rtol=1e-6, atol=1e-9)


@settings(max_examples=20, deadline=None)
@given(cohorts(), st.integers(0, 1000))
def test_order_of_patients_and_unit_do_not_matter(data, seed):
    time, event, genes = data
    order = np.random.default_rng(seed).permutation(len(time))
    one = compare(built(time, event, genes), pair("median")).to_frame()
    two = compare(built(time[order], event[order], genes[order]), pair("median")).to_frame()
    pd.testing.assert_frame_equal(one, two, rtol=1e-6, atol=1e-9)


@settings(max_examples=20, deadline=None)
@given(cohorts())
def test_patients_who_lack_both_genes_change_only_n_unknown(data):
    time, event, genes = data
    one = compare(built(time, event, genes), pair("median")).to_frame()
    wide = built(np.append(time, [3, 30]), np.append(event, [True, False]), np.vstack([genes, np.full((2, 2), nan)]))
    two = compare(wide, pair("median")).to_frame()
    assert (two["n_unknown"] == one["n_unknown"] + 2).all()
    pd.testing.assert_frame_equal(two.drop(columns="n_unknown"), one.drop(columns="n_unknown"))
