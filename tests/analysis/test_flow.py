"""The flow of patients: its numbers add up in every cohort, and hidden counts cannot be told from those shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from strata import compare_coexpression, compare_survival, run_plan, stratify
from strata.analysis import FLOW_COLUMNS, Plan, patient_flow
from strata.cohort import Exclusion
from strata.errors import UsageError
from strata.signatures import parse_signature, signature_library

nan = np.nan
LEGS = [{"mrna": "A", "above": "median"}, {"mrna": "B", "above": "median"}]
PAIR = parse_signature({"name": "pair", "positive": {"all": LEGS}}, id="pair", where="test")


@pytest.fixture
def random_cohort(make_cohort):
    """Patients of whom anything may be unknown."""

    def make(seed, n):
        random = np.random.default_rng(seed)
        index = pd.Index([f"P{i}" for i in range(n)], name="patient")
        mrna = pd.DataFrame(random.normal(size=(n, 2)), index, ["A", "B"]).mask(random.random((n, 2)) < 0.15)
        er = pd.Series(random.choice(["positive", "negative", None], n, p=[0.6, 0.25, 0.15]), index, dtype="string")
        time = np.where(random.random(n) < 0.15, nan, random.integers(1, 30, n))
        event = pd.array(random.random(n) < 0.5, dtype="boolean")
        event[random.random(n) < 0.1] = pd.NA
        cohort = make_cohort(clinical=pd.DataFrame({"er": er}), mrna=mrna, endpoints={"OS": (time, event)})
        cohort.assays["mrna"].assayed = frozenset(index[random.random(n) < 0.8])
        return cohort

    return make


def add_up(flow):
    remaining = flow.n_patients
    for step in flow.steps:
        assert all(n >= 0 for _, n in step.left_out)
        remaining -= sum(n for _, n in step.left_out)
        assert step.remaining == remaining
    assert [step.name for step in flow.steps] == ["population", "endpoint", "marker"]
    if flow.strata:
        assert sum(stratum.n for stratum in flow.strata) == flow.n
        assert sum(stratum.events for stratum in flow.strata) == flow.events


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(seed=st.integers(0, 10_000), n=st.integers(2, 60), population=st.sampled_from(["all", "er-positive"]))
def test_every_step_adds_up_in_any_cohort(random_cohort, seed, n, population):
    cohort = random_cohort(seed, n)
    result = compare_coexpression(cohort, PAIR, "OS", population=population, library=signature_library())
    strata = stratify(cohort, PAIR, population=population)
    endpoint = cohort.endpoints["OS"]
    known = (endpoint.time.notna() & endpoint.event.notna()).to_numpy(dtype=bool)
    for row in result.comparisons:
        flow = patient_flow(cohort, result, comparison=row.name)
        add_up(flow)
        assert flow.n_patients == n
        assert (flow.n, flow.events) == (row.n, row.events)
        assert [step.remaining for step in flow.steps[:2]] == [strata.inside.sum(), (strata.inside & known).sum()]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(seed=st.integers(0, 10_000), n=st.integers(2, 60), least=st.integers(2, 15))
def test_hidden_counts_cannot_be_told(random_cohort, seed, n, least):
    cohort = random_cohort(seed, n)
    result = compare_coexpression(cohort, PAIR, "OS", population="er-positive", library=signature_library())
    flow = patient_flow(cohort, result)
    # why patients have no call is one number then
    *before, last = flow.steps
    without = replace(last, left_out=(("without a call", sum(n for _, n in last.left_out)),))
    true, shown = replace(flow, steps=(*before, without)).to_frame(), flow.to_frame(min_cell=least)
    for column in ("n", "events"):
        told = shown[column].notna()
        assert (shown.loc[told, column] == true.loc[told, column]).all()
    assert not shown.loc[shown["kind"] == "left_out", "n"].between(1, least - 1).any()
    # every way to fill in the parts that is left: whatever is hidden is at least two parts, of so many patients
    parts = true.loc[true["kind"] == "left_out", "n"].tolist()
    seen = shown[shown["kind"] == "left_out"]["n"].notna().tolist()
    arms, arms_shown = (table[table["kind"] == "stratum"] for table in (true, shown))
    for (_, arm), (_, other) in zip(arms.iterrows(), arms_shown.iterrows()):
        parts += [arm["events"], arm["n"] - arm["events"]]
        both = pd.notna(other["n"]) and pd.notna(other["events"])
        seen += [pd.notna(other["events"]), both]
    hidden = [n for n, told in zip(parts, seen) if not told]
    if flow.strata:
        assert not hidden or sum(hidden) >= min(least, flow.n_patients)
        assert len(hidden) != 1
    # a number between two steps is told by the parts that are shown, from above or from below
    known = shown[(shown["kind"] == "remaining") & shown["n"].notna() & (shown["step"] != "read")]
    for at in known.index:
        above = shown.loc[: at - 1].query("kind == 'left_out'")["n"].notna().all()
        below = shown.loc[at + 1 :].query("kind in ('left_out', 'stratum')")["n"].notna().all()
        assert above or below


def test_the_table_of_a_flow(make_cohort):
    index = pd.Index(list("abcdefgh"), name="patient")
    er = pd.Series(["positive"] * 6 + ["negative", None], index, dtype="string")
    mrna = pd.DataFrame({"A": [1.0, 2, 3, 4, nan, nan, 7, 8]}, index)
    cohort = make_cohort(
        clinical=pd.DataFrame({"er": er}),
        mrna=mrna,
        endpoints={"OS": ([nan, 2, 3, 4, 5, 6, 7, 8], [True, True, False, True, True, True, True, False])},
    )
    cohort.assays["mrna"].assayed = frozenset("abcdegh")
    object.__setattr__(cohort, "exclusions", (Exclusion("read", "mrna: control probe", 3),))
    signature = parse_signature({"name": "a", "positive": {"mrna": "A", "above": 3}}, id="a", where="test")
    result = compare_survival(cohort, stratify(cohort, signature, population="er-positive"), "OS")
    table = patient_flow(cohort, result).to_frame()
    assert tuple(table.columns) == FLOW_COLUMNS
    assert table[
        ["cohort", "signature", "population", "endpoint", "comparison"]
    ].drop_duplicates().to_numpy().tolist() == [["made", "a", "er-positive", "OS", "positive_vs_rest"]]
    rows = [tuple(None if pd.isna(cell) else cell for cell in row) for row in table.iloc[:, 5:].to_numpy(dtype=object)]
    assert rows == [
        ("read", "file_rows", "mrna: control probe", 3, None),
        ("read", "remaining", "patients read", 8, None),
        ("population", "left_out", "outside the population", 1, None),
        ("population", "left_out", "membership of the population unknown", 1, None),
        ("population", "remaining", "in the population", 6, None),
        ("endpoint", "left_out", "no known OS", 1, None),
        ("endpoint", "remaining", "with a known endpoint", 5, None),
        ("marker", "left_out", "not assayed", 1, None),
        ("marker", "left_out", "assayed, call unknown", 1, None),
        ("marker", "remaining", "analysed", 3, 2),
        ("strata", "stratum", "positive", 1, 1),
        ("strata", "stratum", "negative", 2, 1),
    ]


@pytest.mark.parametrize(
    ("cut", "endpoint", "signature", "comparison", "more"),
    [
        (None, "OS", "igf1r-high", None, {}),
        (None, "DFS", "kras-mutated", None, {"landmark": 6.0}),
        ("tertiles", "OS", "igf1r-sphk1-high", "q3_vs_q1", {}),
        (None, "XYZ", "igf1r-sphk1-high", None, {}),
        (None, "OS", "axl-high", None, {"stratify_by": ["er"]}),
    ],
)
def test_the_flow_of_a_run(root, cut, endpoint, signature, comparison, more):
    folder = root / "synthetic" / "figure2-breast" / "flat"
    plan = Plan.checked(cohorts=[str(folder)], signatures=[signature], endpoints=[endpoint], cut=cut, **more)
    (cohort,) = run_plan(plan).cohorts
    for result in cohort.comparisons:
        flow = patient_flow(cohort, result, comparison=comparison)
        add_up(flow)
        assert flow.n_patients == 600
        if endpoint == "XYZ":
            assert dict(flow.steps[1].left_out) == {"no known XYZ": flow.steps[0].remaining}
            assert "the cohort has no XYZ" in flow.notes[0]
        if comparison:
            assert dict(flow.steps[2].left_out)["in no stratum of this comparison"] > 0


def test_what_does_not_belong_together_is_refused(random_cohort):
    cohort = random_cohort(1, 30)
    result = compare_coexpression(cohort, PAIR, "OS", library={})
    with pytest.raises(UsageError, match="none of positive_vs_rest, both_vs_neither"):
        patient_flow(cohort, result, comparison="nothing")
    object.__setattr__(cohort, "name", "other")
    with pytest.raises(UsageError, match="a result of cohort made is no part of cohort other"):
        patient_flow(cohort, result)
