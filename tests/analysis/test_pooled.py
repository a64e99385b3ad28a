"""What a run of several cohorts pools, and a cut over pooled values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from strata import read_cohort, run_plan
from strata.analysis import Plan, load_plan, pooled_results
from strata.errors import PlanError, UsageError
from strata.survival import pool, pooled_frame


@pytest.fixture(scope="module")
def two(plan_of):
    return run_plan(plan_of("one-event", "no-effect", signatures=["igf1r-sphk1-high"], endpoints=["DFS", "OS"]))


def test_each_question_is_pooled_once(two):
    pooled = pooled_results(two)
    populations = dict.fromkeys(r.population for r in two.comparisons())
    asked = [(p.population, p.endpoint, p.comparison) for p in pooled]
    names = ("positive_vs_rest", "IGF1R", "SPHK1")
    assert asked == [(pop, e, c) for pop in populations for e in ("DFS", "OS") for c in names]


def test_the_counts_are_those_of_the_results(two):
    results = two.to_frame()
    for pooled in pooled_results(two):
        row = pooled["stratified"]
        mine = results[
            (results["population"] == pooled.population)
            & (results["endpoint"] == pooled.endpoint)
            & (results["comparison"] == pooled.comparison)
            & results["cohort"].isin(row.cohorts)
        ]
        assert row.n == mine["n"].sum()
        assert row.events_positive == mine["events_positive"].sum()
        assert {*row.cohorts, *dict(row.not_contributing)} == {"one-event", "no-effect"}


def test_one_cohort_is_not_pooled(plan_of):
    assert pooled_results(run_plan(plan_of("no-effect"))) == ()


def test_a_cohort_that_failed_is_named(plan_of, root, tmp_path):
    made = plan_of("no-effect")
    paths = [str(root / "synthetic" / "no-effect" / "flat"), {"path": str(tmp_path / "nowhere"), "name": "gone"}]
    plan = Plan.checked(cohorts=paths, signatures=made.signatures, endpoints=["OS"])
    (pooled,) = pooled_results(run_plan(plan))
    assert dict(pooled["stratified"].not_contributing) == {"gone": "the cohort could not be analysed"}


def test_the_estimator_is_the_plans(plan_of):
    names = ("figure2-breast", "additive-only", "no-effect")
    note = pooled_results(run_plan(plan_of(*names, pool="PM")))[0]["random_effects"].notes[0]
    assert "PM, Hartung-Knapp" in note
    with pytest.raises(UsageError, match="pool"):
        plan_of("no-effect", pool="fixed")


# -- a training cohort ------------------------------------------------------------------------------------------------

TRAINED = "the training cohort, on which the cut was learned"
TRAINING = "figure2-breast"
THREE = (TRAINING, "additive-only", "no-effect")


@pytest.mark.parametrize(
    "keys", [{"cut": "q75"}, {"cut": "optimal", "cut_search": {"permutations": 9, "bootstrap": 0}}]
)
def test_the_training_cohort_is_not_pooled_with_those_that_validate_its_cut(plan_of, keys):
    results = run_plan(plan_of(*THREE, train=TRAINING, **keys))
    (pooled,) = pooled_results(results)
    (alone,) = pool([result for result in results.comparisons() if result.cohort != TRAINING])
    assert all(row.not_contributing == ((TRAINING, TRAINED),) for row in pooled.rows if row.method != "cohort")
    columns = ["not_contributing"]
    pd.testing.assert_frame_equal(pooled.to_frame().drop(columns=columns), alone.to_frame().drop(columns=columns))
    assert pooled["random_effects"].cohorts == ("additive-only", "no-effect")
    counted = results.tests.query("family == 'pooled'")
    assert counted["n"].tolist() == [pooled["random_effects"].n]


def test_one_validation_cohort_is_one_cohort(plan_of):
    results = run_plan(plan_of(TRAINING, "no-effect", train=TRAINING))
    (pooled,) = pooled_results(results)
    assert pooled["stratified"].cohorts == ("no-effect",)
    row = pooled["random_effects"]
    assert row.hazard_ratio is None
    assert row.notes[-1].startswith("one cohort cannot tell how much cohorts differ")


def test_where_no_cohort_could_validate_the_rows_say_so(plan_of, tmp_path):
    made = plan_of(TRAINING)
    gone = {"path": str(tmp_path / "nowhere"), "name": "gone"}
    plan = Plan.checked(cohorts=[*made.cohorts, gone], signatures=made.signatures, endpoints=["OS"], train=TRAINING)
    (pooled,) = pooled_results(run_plan(plan))
    assert dict(pooled["stratified"].not_contributing) == {
        TRAINING: TRAINED,
        "gone": "the cohort could not be analysed",
    }


def test_a_rule_that_learns_nothing_is_pooled_over_the_training_cohort_too(plan_of):
    results = run_plan(plan_of(*THREE, signatures=["er-positive", "igf1r-high"], train=TRAINING))
    cohorts = {pooled.signature: pooled["stratified"].cohorts for pooled in pooled_results(results)}
    assert cohorts == {"er-positive": THREE, "igf1r-high": THREE[1:]}


# -- one cut over pooled values ----------------------------------------------------------------------------------------


def test_a_pooled_cut_is_refused_with_the_reason(tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text("cohorts: [a, b]\ncut_scope: pooled\n")
    with pytest.raises(PlanError) as caught:
        load_plan(path)
    (problem,) = caught.value.problems
    assert problem.where.endswith("plan.yaml:2: cut_scope")
    assert "separates the cohorts, not the patients" in problem.what
    assert "i-know: pooled-cut" in problem.what
    path.write_text("cohorts: [a, b]\ncut_scope: pooled\ni-know: pooled-cut\n")
    assert load_plan(path).cut_scope == "pooled"


def knowing(plan_of, **keys):
    return plan_of("figure2-breast", "no-effect", cut_scope="pooled", **{"i-know": "pooled-cut"}, **keys)


def test_who_knows_gets_one_cut_and_every_row_says_so(plan_of, root):
    results = run_plan(knowing(plan_of))
    cuts = {s.cut_points.cuts for cohort in results.cohorts for s in cohort.strata}
    values = []
    for name in ("figure2-breast", "no-effect"):
        cohort = read_cohort(root / "synthetic" / name / "flat")
        values.append(cohort.assays["mrna"].read(["IGF1R"])["IGF1R"].dropna().to_numpy())
    ((cut,),) = cuts
    assert cut.value == pytest.approx(np.median(np.concatenate(values)), rel=1e-12)
    assert cut.n == sum(map(len, values))
    table = results.to_frame()
    assert set(table["cut_scope"]) == {"pooled"}
    assert table["note"].str.contains("pooled values of all cohorts").all()
    pooled = pooled_frame(pooled_results(results))
    assert pooled["note"].str.contains("separates cohorts, not patients").all()
    assert set(pooled["cut_scope"]) == {"pooled"}


def test_a_pair_and_its_population_are_cut_over_all_cohorts_too(plan_of):
    results = run_plan(knowing(plan_of, signatures=["igf1r-sphk1-high"]))
    found = {(s.population, s.cut_points.cuts) for cohort in results.cohorts for s in cohort.strata}
    assert len(found) == len({s.population for cohort in results.cohorts for s in cohort.strata})
    assert all(len(cuts) == 2 for _, cuts in found)


@pytest.mark.parametrize("keys", [{"cut": "tertiles"}, {"train": "no-effect"}, {"cut": "optimal"}])
def test_what_learns_in_other_ways_has_no_pooled_cut(plan_of, keys):
    with pytest.raises(PlanError, match="pooled goes with cuts in two alone"):
        run_plan(knowing(plan_of, **keys))
