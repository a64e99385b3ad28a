"""The null check: outcomes dealt anew, and how often tests are below 0.05 then."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from strata import run_plan
from strata.analysis import NULL_CHECK_COLUMNS, Controls, Plan, null_check_frame
from strata.analysis.null_check import _share, permuted_outcomes
from strata.survival.kernels.adjust_p import adjust_p


@pytest.fixture
def cohort(make_cohort):
    """Twelve patients; the last four have no DFS, one of them no OS either."""
    clinical = pd.DataFrame(index=[f"p{i}" for i in range(12)])
    os = (np.arange(12.0) + 1, [i % 2 for i in range(12)])
    os[0][11] = np.nan
    dfs = (np.where(np.arange(12) < 8, np.arange(12) + 0.5, np.nan), [1] * 12)
    return make_cohort(clinical=clinical, endpoints={"OS": os, "DFS": dfs})


def test_each_patient_gets_all_outcomes_of_another_with_the_same_endpoints(cohort):
    dealt = permuted_outcomes(cohort, np.random.default_rng(1))
    os, dfs = dealt.endpoints["OS"], dealt.endpoints["DFS"]
    assert list(os.time.index) == list(cohort.patients)
    assert sorted(os.time.dropna()) == sorted(cohort.endpoints["OS"].time.dropna())
    assert not os.time.equals(cohort.endpoints["OS"].time)
    # OS was 0.5 after DFS in everyone who has both, and the event goes with its time
    both = dfs.time.notna()
    assert list(both) == [True] * 8 + [False] * 4
    assert (os.time[both] - dfs.time[both]).tolist() == [0.5] * 8
    assert np.isnan(os.time.iloc[11])
    known = os.time.notna()
    assert os.event[known].astype(int).tolist() == ((os.time[known] - 1) % 2).astype(int).tolist()


def test_the_exact_interval_is_that_of_r():
    """R: binom.test(5, 50)$conf.int, binom.test(0, 10), binom.test(10, 10)."""
    assert _share(5, 50)[2:] == pytest.approx((0.1, 0.0332750935890225, 0.218135366434202), rel=1e-9)
    assert _share(0, 10)[2:] == pytest.approx((0.0, 0.0, 0.308497107812344), rel=1e-9)
    assert _share(10, 10)[2:] == pytest.approx((1.0, 0.691502892187656, 1.0), rel=1e-9)
    assert np.isnan(_share(0, 0)[2])


@pytest.fixture(scope="module")
def checked(root):
    cohorts = [{"path": str(root / "synthetic" / name / "flat"), "name": name} for name in ("no-effect", "one-event")]
    plan = Plan.checked(cohorts=cohorts, signatures=["igf1r-sphk1-high"], populations=["all"], endpoints=["OS"])
    return [run_plan(plan, jobs=jobs, controls=Controls(null_check=6, seed=3)) for jobs in (1, 2)]


def test_the_table_counts_tests_and_permutations(checked):
    table = null_check_frame(checked[0])
    assert tuple(table.columns) == NULL_CHECK_COLUMNS
    assert table["family"].tolist() == ["main"] * 3 + ["secondary"] * 3 + ["pooled"]
    last = table.iloc[-1]
    assert (last["found"], last["count"], last["of"]) == ("not permuted", 0, 0)
    assert last["note"].startswith("outcomes are permuted within each cohort")
    p = np.hstack([cohort.null_p for cohort in checked[0].cohorts])
    # of each cohort and of its three populations the pair, and the seven other rows that are tests
    assert p.shape == (6, 2 * 3 * 8)
    main = p[:, ::8]
    first = table.iloc[0]
    assert (first["count"], first["of"]) == (int((main < 0.05).sum()), int((~np.isnan(main)).sum()))
    q = np.array([adjust_p(row, "BH", n=6) for row in main])
    assert table.iloc[1]["count"] == int((q < 0.05).sum())
    assert (table.iloc[2]["count"], table.iloc[2]["of"]) == (int((q < 0.05).any(axis=1).sum()), 6)


def test_the_numbers_do_not_depend_on_processes_but_on_the_seed(checked, root):
    one, two = ([cohort.null_p for cohort in results.cohorts] for results in checked)
    for a, b in zip(one, two):
        np.testing.assert_array_equal(a, b)
    plan = checked[0].plan.model_copy(update={"cohorts": checked[0].plan.cohorts[:1]})
    other = run_plan(plan, controls=Controls(null_check=6, seed=4))
    assert not np.array_equal(other.cohorts[0].null_p, one[0])
    # one cohort is not pooled
    assert set(null_check_frame(other)["family"]) == {"main", "secondary"}


def test_a_run_without_controls_has_none(root):
    cohort = str(root / "synthetic" / "one-event" / "flat")
    results = run_plan(Plan.checked(cohorts=[cohort], signatures=["igf1r-high"], endpoints=["OS"]))
    assert not results.controls
    assert results.cohorts[0].null_p is None
    assert results.cohorts[0].random_signatures is None


def test_entries_and_competing_events_move_with_the_outcome(make_cohort):
    from dataclasses import replace

    generator = np.random.default_rng(3)
    index = [f"p{i}" for i in range(50)]
    time = generator.exponential(20, 50) + 1
    cause = generator.integers(0, 3, 50)
    made = make_cohort(clinical=pd.DataFrame(index=index), endpoints={"OS": (time, cause == 1)})
    entry = pd.Series(time * 0.9, made.patients)
    competing = pd.Series(cause == 2, made.patients).astype("boolean")
    os = replace(made.endpoints["OS"], entry=entry, competing=competing)
    dealt = permuted_outcomes(replace(made, endpoints={"OS": os}), generator).endpoints["OS"]
    assert (dealt.entry < dealt.time).all()
    assert not (dealt.competing & dealt.event).any()
    assert dealt.competing.sum() == competing.sum()
    assert dealt.time.tolist() != os.time.tolist()
