"""Searched cuts and training cohorts in a run."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from strata.analysis import Plan, run_plan
from strata.errors import PlanError
from strata.signatures import parse_signature
from strata.survival import cox, firth, log_rank, maximally_selected_log_rank, proportional_hazards

FAST = {"permutations": 99, "bootstrap": 5}
HIGH = parse_signature(
    {"name": "h", "positive": {"mrna": "A", "above": "median"}, "score": {"mrna": "A"}}, id="high", where="t"
)
PAIR = parse_signature(
    {"name": "p", "positive": {"all": [{"mrna": "A", "above": "median"}, {"mrna": "B", "above": "median"}]}},
    id="pair",
    where="t",
)
MEAN = parse_signature(
    {"name": "m", "score": {"mean": [{"mrna": "A"}, {"mrna": "B"}]}, "positive": {"score": "self", "above": "median"}},
    id="mean",
    where="t",
)


@pytest.fixture
def cohorts(tmp_path):
    """Three folders: a and b alike, c without the gene B."""
    made = {}
    for seed, name in enumerate("abc"):
        rng = np.random.default_rng(seed)
        folder = tmp_path / name
        folder.mkdir()
        patients = [f"{name}{i:03d}" for i in range(60)]
        a = rng.normal(5 + seed, 1, 60).round(4)
        time = rng.exponential(np.where(a > 5.5 + seed, 10, 30)).round(3) + 0.01
        table = {"patient_id": patients, "os_months": time, "os_event": (rng.random(60) < 0.8).astype(int)}
        table |= {"dfs_months": time / 2, "dfs_event": 1, "er_status": ["Positive", "Negative"] * 30}
        pd.DataFrame(table).to_csv(folder / "clinical.tsv", sep="\t", index=False)
        genes = {"A": a} | ({"B": rng.normal(3, 2, 60).round(4)} if name != "c" else {})
        pd.DataFrame({"patient_id": patients} | genes).to_csv(folder / "mrna.tsv", sep="\t", index=False)
        made[name] = str(folder)
    return made


def run(cohorts, names, signatures=(HIGH,), **keys):
    plan = Plan.checked(cohorts=[cohorts[name] for name in names], cut_search=FAST, **({"endpoints": ["OS"]} | keys))
    return run_plan(plan, signatures=signatures)


def test_a_cut_is_searched_on_each_endpoint(cohorts):
    results = run(cohorts, "a", cut="optimal", endpoints=["OS", "DFS"])
    frame = results.to_frame()
    assert frame["comparison"].tolist() == ["positive_vs_rest", "median_split", "per_sd"] * 2
    assert frame["endpoint"].tolist() == ["OS"] * 3 + ["DFS"] * 3
    assert frame["cut"].fillna("").tolist() == ["optimal", "median", ""] * 2
    (cohort,) = results.cohorts
    assert [strata.cut for strata in cohort.strata] == ["optimal for OS", "optimal for DFS"]
    assert [search.result.endpoint for search in cohort.searches] == ["OS", "DFS"]
    assert set(cohort.baseline["stratum"]) == {"positive by the cut for OS", "positive by the cut for DFS"}


def test_only_learned_cuts_are_replaced(cohorts):
    fixed = parse_signature({"name": "f", "positive": {"mrna": "A", "above": 5}}, id="fixed", where="t")
    frame = run(cohorts, "a", [fixed], cut="optimal").to_frame()
    assert frame["comparison"].tolist() == ["positive_vs_rest"]
    assert frame["log_rank_chi2"].notna().all()


def test_the_files_own_optimal_is_searched_and_can_be_replaced(cohorts):
    own = parse_signature({"name": "o", "positive": {"mrna": "A", "above": "optimal"}}, id="own", where="t")
    assert run(cohorts, "a", [own]).to_frame()["cut"][0] == "optimal"
    assert run(cohorts, "a", [own], cut="median").to_frame()["cut"].tolist() == ["median"]


def test_rules_of_several_parts_say_why_they_are_not_searched(cohorts):
    frame = run(cohorts, "a", [PAIR], cut="optimal").to_frame()
    assert not frame["estimable"].any()
    assert frame["note"].str.contains("a cut is searched for one number at a time").all()


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ({"endpoints": ["PFS"]}, "the cohort has no PFS"),
        ({"cut_scope": "cohort", "populations": ["er-positive"]}, "leave cut_scope at population"),
    ],
)
def test_a_search_that_cannot_be_made_is_three_rows_with_the_reason(cohorts, keys, reason):
    frame = run(cohorts, "a", cut="optimal", **keys).to_frame()
    assert frame["comparison"].tolist() == ["positive_vs_rest", "median_split", "per_sd"]
    assert frame["note"].str.contains(reason).all()


@pytest.fixture
def late(tmp_path):
    """A cohort YAML whose patients come under observation one by one, and its columns."""
    rng = np.random.default_rng(7)
    a, entry = rng.normal(5, 1, 90).round(4), rng.uniform(0, 20, 90).round(3)
    time = entry + rng.exponential(np.where(a > 5, 10, 25)).round(3) + 0.01
    table = pd.DataFrame({"patient_id": [f"L{i:02d}" for i in range(90)], "start": entry, "fu": time})
    table = table.assign(dead=(rng.random(90) < 0.8).astype(int), site=["x", "y", "z"] * 30)
    table.to_csv(tmp_path / "clinical.tsv", sep="\t", index=False)
    pd.DataFrame({"patient_id": table["patient_id"], "A": a}).to_csv(tmp_path / "mrna.tsv", sep="\t", index=False)
    (tmp_path / "late.yaml").write_text(
        "name: late\nclinical: clinical.tsv\nmrna: mrna.tsv\n"
        "endpoints: {DFS: {time: fu, event: dead, unit: months, entry: start}}\n"
    )
    return {"late": str(tmp_path / "late.yaml")}, table.assign(a=a)


def test_with_delayed_entry_only_the_search_is_refused(late):
    cohorts, d = late
    results = run(cohorts, ["late"], cut="optimal", endpoints=["DFS"], stratify_by=["site"])
    searched, split, per_sd = results.cohorts[0].comparisons[0].comparisons
    assert not searched.estimable
    assert searched.log_rank is searched.hazard_ratio is None
    assert searched.notes[0].endswith("DFS has delayed entry, with which a cut cannot be searched")
    more = {"stratification_factors": d["site"], "entry": d["start"]}
    test = log_rank(d["fu"], d["dead"], d["a"] > d["a"].median(), **more)
    assert split.log_rank.chi_squared == pytest.approx(test.chi_squared, rel=1e-9)
    fit = cox(d["fu"], d["dead"], d["a"] / d["a"].std(), **more)
    assert per_sd.hazard_ratio.value == pytest.approx(fit.hazard_ratios[0], rel=1e-9)
    assert per_sd.hazard_ratio.wald_p == pytest.approx(fit.p_values[0], rel=1e-9)
    ph = proportional_hazards(d["fu"], d["dead"], d["a"] / d["a"].std(), **more)
    assert per_sd.checks.ph_p == pytest.approx(ph.p_values[0], rel=1e-9)
    assert "delayed entry: patients are at risk from their entry on" in per_sd.notes
    (cohort,) = results.cohorts
    assert cohort.strata[0].reasons == ("DFS has delayed entry, with which a cut cannot be searched",)
    assert cohort.strata[0].counts["unknown"] == 90
    assert np.isnan(cohort.searches[0].cut)
    assert cohort.searches[0].profile.empty
    # with fewer events than asked for, Firth's hazard ratio honours the entry as well
    rows = run(cohorts, ["late"], cut="optimal", endpoints=["DFS"], stratify_by=["site"], sparse_events=90)
    found = rows.cohorts[0].comparisons[0]["per_sd"].checks.firth_hazard_ratio
    expected = firth(d["fu"], d["dead"], d["a"] / d["a"].std(), ties="efron", **more).hazard_ratios[0]
    assert found == pytest.approx(expected, rel=1e-9)


def test_the_hazard_ratio_per_sd_with_delayed_entry_is_rs(shared, tmp_path):
    # R: coxph(Surv(entry, exit, event) ~ I(gender == 1))
    cases = json.loads((shared / "golden" / "pitfalls.json").read_text())["cases"]
    right = next(case["result"] for case in cases if case["id"] == "left_truncation_channing")
    d = pd.read_csv(shared / "golden" / "data" / "channing.csv")
    d = d[d["entry"] < d["exit"]].assign(patient_id=lambda d: [f"R{i}" for i in range(len(d))])
    d.to_csv(tmp_path / "clinical.tsv", sep="\t", index=False)
    male = (d["gender"] == 1).astype(int)
    pd.DataFrame({"patient_id": d["patient_id"], "A": male}).to_csv(tmp_path / "mrna.tsv", sep="\t", index=False)
    (tmp_path / "c.yaml").write_text(
        "name: c\nclinical: clinical.tsv\nmrna: mrna.tsv\n"
        "endpoints: {OS: {time: exit, event: event, unit: months, entry: entry}}\n"
    )
    frame = run({"c": str(tmp_path / "c.yaml")}, "c", cut="optimal").to_frame()
    expected = right["right_entry"]["hr"][0] ** male.std()
    assert frame.loc[2, "hazard_ratio"] == pytest.approx(expected, rel=1e-7)


def test_a_cut_refused_in_training_is_no_cut_to_apply(late, cohorts):
    both = {"late": late[0]["late"], "a": cohorts["a"]}
    results = run(both, ["late", "a"], cut="optimal", endpoints=["DFS"], train="late")
    validated = results.to_frame().query("cohort == 'a'")
    assert validated["n"].tolist() == [0]
    assert not validated["estimable"].any()


def test_the_cut_is_searched_inside_the_factors_of_the_plan(cohorts):
    results = run(cohorts, "a", cut="optimal", stratify_by=["er_status"])
    row = results.cohorts[0].comparisons[0].comparisons[0]
    clinical, mrna = (pd.read_csv(f"{cohorts['a']}/{name}.tsv", sep="\t") for name in ("clinical", "mrna"))
    kernel = maximally_selected_log_rank(
        mrna["A"],
        clinical["os_months"],
        clinical["os_event"],
        n_permutations=99,
        stratification_factors=clinical["er_status"],
    )
    assert row.log_rank.p_value == kernel.p_value
    assert "99 permutations inside the stratification factors" in "; ".join(row.notes)


def test_another_method_with_factors_is_a_row_with_the_reason(cohorts):
    search = {"cut_search": FAST | {"method": "lau92"}, "cut": "optimal", "endpoints": ["OS"]}
    plan = Plan.checked(cohorts=[cohorts["a"]], stratify_by=["er_status"], **search)
    frame = run_plan(plan, signatures=[HIGH]).to_frame()
    assert frame["estimable"].tolist() == [False, True, True]
    assert "the method lau92 knows no stratification factors: the method permutation does" in frame["note"][0]
    plain = run_plan(Plan.checked(cohorts=[cohorts["a"]], **search), signatures=[HIGH]).to_frame()
    assert plain["estimable"].all()


def test_without_endpoints_nobody_is_called(cohorts):
    (strata,) = run(cohorts, "a", cut="optimal", endpoints=[]).cohorts[0].strata
    assert strata.reasons == ("a searched cut needs an endpoint",)


def test_the_cross_check_leaves_searched_rows_out(cohorts):
    plan = Plan.checked(cohorts=[cohorts["a"]], cut_search=FAST, cut="optimal", endpoints=["OS"])
    check = run_plan(plan, signatures=[HIGH], check=True).cohorts[0].cross_check
    assert check.largest < 1e-6
    assert check.skipped == 3  # the searched P and hazard ratio, and the hazard ratio per SD


@pytest.mark.parametrize("cut", ["median", "tertiles", "optimal", "mixture"])
def test_what_the_training_cohort_learned_is_applied_unchanged(cohorts, cut):
    alone = run(cohorts, "a", cut=cut)
    both = run(cohorts, "ba", cut=cut, train="a", validate=["b"])
    assert [cohort.name for cohort in both.cohorts] == ["b", "a"]  # the plan's order
    validated, trained = both.cohorts
    pd.testing.assert_frame_equal(
        alone.to_frame(), both.to_frame().query("cohort == 'a'").reset_index(drop=True), check_like=True
    )
    assert validated.strata[0].cut_points == trained.strata[0].cut_points
    assert not validated.searches
    point = trained.strata[0].cut_points.cuts[0]
    row = next(validated.comparisons[0].rows())
    if cut == "mixture":
        assert np.isnan(point.value)
        assert row["n"] == 0
        return
    assert "cut-points learned on a, applied to b" in row["note"]
    assert row["log_rank_chi2"] > 0
    calls = validated.strata[0].to_frame()
    lowest = calls["call"].isin(["negative", "q1"])
    assert (lowest == (calls["score"] <= point.value)).all()


def test_means_and_sds_are_those_of_the_training_cohort(cohorts):
    validated = run(cohorts, "ab", [MEAN], train="a").cohorts[1].strata[0]
    a, b = (pd.read_csv(f"{cohorts[name]}/mrna.tsv", sep="\t") for name in "ab")
    z = sum((b[gene] - a[gene].mean()) / a[gene].std() for gene in "AB") / 2
    cut = (sum((a[gene] - a[gene].mean()) / a[gene].std() for gene in "AB") / 2).median()
    assert validated.score == pytest.approx(z.to_numpy(), rel=1e-9)
    assert (validated.to_frame()["call"] == "positive").tolist() == (z > cut).tolist()


def test_a_cohort_that_is_neither_learns_its_own_cut(cohorts):
    results = run(cohorts, "abc", train="a", validate=["b"])
    assert [cohort.strata[0].cut_points.cohort for cohort in results.cohorts] == ["a", "a", "c"]


def test_what_training_gives_nothing_for_is_a_row_with_the_reason(cohorts):
    results = run(cohorts, "ca", [MEAN], train="c")
    frame = results.to_frame()
    assert not frame["estimable"].any()
    results = run(cohorts, "ca", cut="optimal", endpoints=["PFS"], train="c")
    assert results.to_frame().query("cohort == 'a'")["note"].str.contains("no PFS").all()


def test_a_training_cohort_that_fails_fails_the_others_by_name(cohorts, tmp_path):
    gone = {"path": str(tmp_path / "gone"), "name": "gone"}
    plan = Plan.checked(cohorts=[gone, cohorts["a"], cohorts["b"]], train="gone", validate=["a"])
    results = run_plan(plan, signatures=[HIGH])
    assert [cohort.name for cohort in results.cohorts] == ["b"]
    assert [failure.cohort for failure in results.failures] == ["gone", "a"]
    assert "the training cohort gone failed" in str(results.failures[1].problems[0])


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"train": "x"}, "train: the plan has no cohort 'x'. It has a, b"),
        ({"train": "a", "validate": ["x", "a"]}, "validate: the plan has no cohort 'x'"),
        ({"train": "a", "validate": ["x", "a"]}, "validate: cohort 'a' is the training cohort"),
        ({"validate": ["b"]}, "validate: there is nothing to validate"),
    ],
)
def test_roles_that_cannot_be(cohorts, keys, said):
    with pytest.raises(PlanError) as refused:
        run(cohorts, "ab", **keys)
    assert said in str(refused.value)


def test_the_results_are_the_same_for_any_number_of_processes(cohorts):
    plan = Plan.checked(cohorts=list(cohorts.values()), cut_search=FAST, cut="optimal", endpoints=["OS"], train="a")
    frames = [run_plan(plan, signatures=[HIGH], jobs=jobs).to_frame() for jobs in (1, 2)]
    pd.testing.assert_frame_equal(*frames)
