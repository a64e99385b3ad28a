"""A whole run: units in order, failures that stop nobody else, and the same numbers as the single calls."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from strata import compare_coexpression, compare_survival, read_cohort, run_plan, stratify
from strata.analysis import Plan, load_plan, run_cohort
from strata.errors import PlanError, SignatureError, StrataError, UsageError
from strata.signatures import parse_signature
from strata.survival import COLUMNS, CheckOptions


def test_rows_are_cohorts_by_signatures_by_populations_by_endpoints(plan_of):
    plan = plan_of(
        "one-event",
        "heavy-ties",
        signatures=["sphk1-high", "igf1r-high"],
        populations=["er-positive", "all"],
        endpoints=["OS", "DFS"],
    )
    table = run_plan(plan).to_frame()
    assert tuple(table.columns) == COLUMNS
    wanted = [
        (cohort, signature, population, endpoint)
        for cohort in ("one-event", "heavy-ties")
        for signature in ("igf1r-high", "sphk1-high")
        for population in ("er-positive", "all")
        for endpoint in ("OS", "DFS")
    ]
    assert list(table[["cohort", "signature", "population", "endpoint"]].itertuples(index=False, name=None)) == wanted


def test_a_run_gives_what_the_single_calls_give(plan_of, root):
    keys = {"cut": "q75", "cut_scope": "cohort", "covariates": ("age",), "horizon": 60.0}
    plan = plan_of("figure2-breast", populations=["er-positive"], **keys)
    cohort = read_cohort(root / "synthetic" / "figure2-breast" / "flat", name="figure2-breast")
    strata = stratify(cohort, "igf1r-high", population="er-positive", cut="q75", cut_scope="cohort")
    alone = compare_survival(cohort, strata, "OS", covariates=["age"], horizon=60.0)
    assert_frame_equal(run_plan(plan).to_frame(), alone.to_frame())
    assert "adjusted for age" in alone.to_frame()["note"][0]


def test_a_run_checks_stratifies_and_starts_at_a_landmark_as_the_single_call_does(plan_of, root):
    keys = {"sparse_patients": 5000, "permutation_seed": 3, "rmst_horizon": 30, "landmark": 6, "stratify_by": ["grade"]}
    plan = plan_of("figure2-breast", populations=["er-positive"], **keys)
    cohort = read_cohort(root / "synthetic" / "figure2-breast" / "flat", name="figure2-breast")
    strata = stratify(cohort, "igf1r-high", population="er-positive")
    checks = CheckOptions(sparse_patients=5000, seed=3, rmst_horizon=30)
    alone = compare_survival(
        cohort, strata, "OS", landmark=6, stratification_factors=["grade"], checks=checks
    ).to_frame()
    assert_frame_equal(run_plan(plan).to_frame(), alone)
    assert alone["permutations"][0] == 10_000
    assert "10000 permutations inside the stratification factors (seed 3)" in alone["note"][0]
    assert "landmark analysis: time starts at 6 months" in alone["note"][0]


def test_a_cut_is_not_searched_with_delayed_entry(plan_of, root):
    plan = plan_of("figure2-breast", endpoints=["OS"], populations=["er-positive"], cut="optimal")
    cohort = read_cohort(root / "synthetic" / "figure2-breast" / "flat", name="figure2-breast")
    late = replace(cohort.endpoints["OS"], entry=cohort.endpoints["OS"].time * 0.5)
    library, signatures = plan.load_signatures()
    made = run_cohort(replace(cohort, endpoints={"OS": late}), plan, library=library, signatures=signatures, check=True)
    (result,) = made.comparisons
    searched, median_split, per_sd = result.comparisons
    assert "OS has delayed entry, with which a cut cannot be searched" in searched.notes[0]
    assert not searched.estimable
    assert median_split.estimable
    assert per_sd.estimable
    assert {"delayed entry: patients are at risk from their entry on"} <= set(median_split.notes) & set(per_sd.notes)


def test_a_pair_in_a_run_gives_what_compare_coexpression_gives(plan_of, root):
    plan = plan_of("figure2-breast", signatures=["igf1r-sphk1-high"], endpoints=["DFS"])
    table = run_plan(plan).to_frame()
    cohort = read_cohort(root / "synthetic" / "figure2-breast" / "flat", name="figure2-breast")
    parts = [
        compare_coexpression(cohort, "igf1r-sphk1-high", "DFS", population=population).to_frame()
        for population in table["population"].unique()
    ]
    assert_frame_equal(table, pd.concat(parts, ignore_index=True))


def test_any_number_of_jobs_gives_the_same(plan_of):
    plan = plan_of("one-event", "heavy-ties", "no-effect")
    one, two = run_plan(plan), run_plan(plan, jobs=2)
    assert_frame_equal(one.to_frame(), two.to_frame())
    assert [cohort.name for cohort in two.cohorts] == ["one-event", "heavy-ties", "no-effect"]


@pytest.fixture
def broken(tmp_path):
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "clinical.tsv").write_text("patient_id\tos_months\tos_event\nP1\t-5\t1\nP2\tsoon\t0\n")
    return folder


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_failing_cohort_stops_nobody_else(plan_of, broken, jobs):
    good = plan_of("one-event", "heavy-ties")
    plan = good.model_copy(update={"cohorts": (good.cohorts[0], *_entries(broken, "nowhere"), good.cohorts[1])})
    told = []
    results = run_plan(plan, jobs=jobs, progress=told.append)
    assert_frame_equal(results.to_frame(), run_plan(good).to_frame())
    assert [(failure.cohort, failure.exit_status) for failure in results.failures] == [("broken", 3), ("nowhere", 6)]
    assert len(results.failures[0].problems) == 2
    assert len(told) == 4
    assert results.exit_status == 1


def _entries(*paths):
    return Plan.checked(cohorts=list(paths)).cohorts


def test_a_mistake_of_ours_is_a_failure_with_its_trace(plan_of, monkeypatch):
    def wrong(*_):
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("strata.analysis.run.coverage", wrong)
    results = run_plan(plan_of("one-event"))
    (failure,) = results.failures
    assert (failure.exit_status, results.exit_status) == (70, 70)
    assert "ZeroDivisionError" in str(failure.problems[0])
    assert "run.py" in str(failure.problems[0])


def test_a_file_that_cannot_be_read_is_no_mistake_of_ours(plan_of, monkeypatch):
    def wrong(*_):
        raise PermissionError(13, "Permission denied", "clinical.tsv")

    monkeypatch.setattr("strata.analysis.run.read_cohort", wrong)
    (failure,) = run_plan(plan_of("one-event")).failures
    assert failure.exit_status == 6
    assert str(failure.problems[0]) == "clinical.tsv: cannot be read: Permission denied"


@pytest.mark.parametrize(
    ("keys", "kind"),
    [({"signatures": ["nope"]}, SignatureError), ({"populations": ["nope"]}, UsageError)],
)
def test_a_wrong_plan_runs_nothing(plan_of, keys, kind):
    told = []
    with pytest.raises(kind, match="nope"):
        run_plan(plan_of("one-event", **keys), progress=told.append)
    assert told == []


def test_two_cohorts_of_one_name_run_nothing(plan_of):
    with pytest.raises(PlanError, match="two cohorts"):
        run_plan(plan_of("one-event", "one-event"))


def test_a_missing_endpoint_is_a_row_with_its_reason(plan_of):
    results = run_plan(plan_of("trial-everolimus", signatures=["p4ebp1-high"], endpoints=["DFS", "TTP"]))
    missing, there = results.to_frame().itertuples()
    assert (missing.endpoint, missing.n, missing.estimable) == ("DFS", 0, False)
    assert "the cohort has no DFS or RFS or DFI (endpoints found: OS, TTP)" in missing.note
    assert there.n > 0
    assert results.exit_status == 0


@pytest.mark.parametrize(
    "keys",
    [
        {"covariates": ["grade"]},
        {"stratify_by": ["grade"]},
        {"treatment": "grade"},
        {"subgroups": ["grade"]},
        {"covariates": ["grade"], "endpoints": []},
        {"subgroups": ["grade"], "endpoints": ["PFS"]},
    ],
)
def test_a_column_that_a_cohort_lacks_fails_that_cohort_alone(plan_of, keys):
    results = run_plan(plan_of("heavy-ties", "no-effect", **keys))
    assert [cohort.name for cohort in results.cohorts] == ["no-effect"]
    (failure,) = results.failures
    assert (failure.cohort, failure.exit_status, results.exit_status) == ("heavy-ties", 3, 1)
    (problem,) = failure.problems
    assert (problem.where, problem.what) == ("cohort heavy-ties", "no clinical column grade")


def test_every_column_that_is_lacking_is_in_one_message_with_the_nearest(plan_of):
    asked = {"covariates": ["Age", "er"], "stratify_by": ["site"], "treatment": "arm", "subgroups": ["nodes", "site"]}
    (failure,) = run_plan(plan_of("heavy-ties", **asked)).failures
    (problem,) = failure.problems
    assert problem.what == "no clinical column Age, site, arm, nodes"
    assert problem.fix.startswith("Did you mean 'age', 'node'? It has ")


def test_nothing_is_computed_for_a_cohort_that_lacks_a_column(plan_of, monkeypatch):
    monkeypatch.setattr("strata.analysis.run.CohortSource", lambda *_: pytest.fail("the work must not start"))
    (failure,) = run_plan(plan_of("heavy-ties", treatment="arm")).failures
    assert failure.exit_status == 3


def test_an_endpoint_that_stands_in_is_named(tmp_path):
    rows = "\n".join(f"P{i}\t{i + 1}\t{i % 2}\t{'Positive' if i % 3 else 'Negative'}" for i in range(30))
    (tmp_path / "clinical.tsv").write_text(f"patient_id\trfs_months\trfs_event\ter_status\n{rows}\n")
    keys = {"cohorts": [{"path": str(tmp_path), "name": "c"}], "signatures": ["er-positive"]}
    (row,) = run_plan(Plan.checked(**keys, endpoints=["DFS"])).to_frame().itertuples()
    assert row.endpoint == "RFS"
    assert row.note.startswith("asked for DFS, RFS used")
    (row,) = run_plan(Plan.checked(**keys, endpoints=[{"DFS": ["DFI"]}])).to_frame().itertuples()
    assert (row.endpoint, row.n) == ("DFS", 0)


def test_a_plan_without_endpoints_calls_alone(plan_of):
    results = run_plan(plan_of("one-event", endpoints=[]))
    assert list(results.comparisons()) == []
    assert [strata.signature for strata in results.cohorts[0].strata] == ["igf1r-high"]
    assert tuple(results.to_frame().columns) == COLUMNS


def test_signatures_made_in_code_stand_in_for_the_plans(plan_of):
    mine = parse_signature({"name": "mine", "positive": {"mrna": "IGF1R", "above": "median"}}, id="mine", where="test")
    results = run_plan(plan_of("one-event"), signatures=[mine])
    assert set(results.to_frame()["signature"]) == {"mine"}
    assert results.library["mine"] is mine


def test_exclusions_add_up_to_the_cohort(plan_of, root):
    results = run_plan(plan_of("figure2-breast", populations=["er-positive", "er-negative & node-negative"]))
    patients = len(read_cohort(root / "synthetic" / "figure2-breast" / "flat").patients)
    for result in results.comparisons():
        left = dict(result.left_out)
        row = result.comparisons[0]
        assert row.n + row.n_unknown + sum(left.values()) == patients
        assert left["membership of the population unknown"] > 0
        assert left["no known OS"] >= 0


def test_the_results_are_made_of_errors_that_pickle(plan_of, broken):
    results = run_plan(plan_of("one-event").model_copy(update={"cohorts": _entries(broken)}), jobs=2)
    assert results.cohorts == ()
    assert all(str(problem) for problem in results.failures[0].problems)
    assert issubclass(StrataError, Exception)


def test_an_unknown_population_is_the_plans_fault_where_the_plan_names_it(tmp_path, root):
    cohort = root / "synthetic" / "figure2-breast" / "flat"
    (tmp_path / "plan.yaml").write_text(f"cohorts: [{cohort}]\npopulations: [er-postive]\n", encoding="utf-8")
    with pytest.raises(PlanError, match=r"plan\.yaml:2: populations: no signature 'er-postive'"):
        run_plan(load_plan(tmp_path / "plan.yaml"))
    with pytest.raises(UsageError, match="er-postive"):
        run_plan(Plan(cohorts=[str(cohort)], populations=["er-postive"]))
