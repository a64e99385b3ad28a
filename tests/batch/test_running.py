"""A batch end to end, in this process: its tables, what fails alone, and what a second run does not do again."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from strata.analysis import load_plan, run_plan
from strata.batch import BATCH_POOLED_COLUMNS, FAILURE_COLUMNS, BatchFolder, Shard, read_manifest, run_batch
from strata.errors import InputOutputError, PlanError, UsageError
from strata.report import run_to_folder

PAGES = {"report.html", "pooled.html"}
MERGED = {"results.tsv", "tests.tsv", "pooled.tsv", "calls.tsv", "failures.tsv", "run.json", "results", *PAGES}
BESIDE = {"cohorts", "outcomes", "shards"}

# pandas 3 reads numbers exactly by itself and deprecates the argument that asks for it
EXACT = {} if int(pd.__version__.split(".")[0]) > 2 else {"float_precision": "round_trip"}


def read(path):
    return pd.read_csv(path, sep="\t", **EXACT)


@pytest.fixture(scope="module")
def one_run(same_inputs, tmp_path_factory):
    """The same cohorts in one plan."""
    manifest = read(same_inputs.manifest)
    cohorts = [{"path": str(same_inputs.folder / row.path), "name": row.cohort} for row in manifest.itertuples()]
    out = tmp_path_factory.mktemp("run") / "out"
    plan = load_plan(same_inputs.plan, cohorts=cohorts)
    run_to_folder(lambda: run_plan(plan), out, figures=False)
    return out


def test_the_files_of_a_batch(plain, same_inputs):
    assert {path.name for path in plain.iterdir()} == MERGED | BESIDE
    names = list(read(same_inputs.manifest)["cohort"])
    assert sorted(path.name for path in (plain / "cohorts").iterdir()) == sorted(names)
    assert {path.suffix for path in (plain / "cohorts").rglob("*")} <= {"", ".tsv", ".parquet", ".json", ".yml"}
    record = json.loads((plain / "run.json").read_text())
    assert (record["kind"], record["cohorts"], record["failed"]) == ("batch", 5, 0)
    assert record["manifest"]["path"] == str(same_inputs.manifest)
    assert "strata run" in record["not_pooled"]


@pytest.mark.parametrize("table", ["results.tsv", "calls.tsv"])
def test_rows_are_those_of_one_run_of_all_cohorts_in_the_order_of_the_manifest(plain, one_run, table):
    assert (plain / table).read_bytes() == (one_run / table).read_bytes()


def test_the_dataset_is_partitioned_by_cohort_and_holds_the_same_rows(plain):
    rows = read(plain / "results.tsv")
    dataset = pd.read_parquet(plain / "results")
    assert set(dataset["cohort"]) == set(rows["cohort"])
    for name, mine in rows.groupby("cohort"):
        part = pd.read_parquet(plain / "results", filters=[("cohort", "==", name)])
        np.testing.assert_array_equal(part["log_rank_p"], mine["log_rank_p"])
        assert list(part.columns) == [*(c for c in rows.columns if c != "cohort"), "cohort"]


def test_pooled_rows_are_those_of_one_run_but_for_the_patients_of_all_cohorts(plain, one_run):
    expected = read(one_run / "pooled.tsv").query("method in ('fixed_effect', 'random_effects')")
    pooled = read(plain / "pooled.tsv")
    assert len(pooled) == len(expected) > 0
    assert list(pooled.columns) == list(BATCH_POOLED_COLUMNS)
    # a run names the cohorts that have nothing to pool, a batch counts them
    assert set(pooled["not_contributing"].dropna()) == {"5 cohorts: without a hazard ratio"}
    same = [column for column in pooled.columns if column != "not_contributing"]
    pd.testing.assert_frame_equal(pooled[same], expected[same].reset_index(drop=True))


def test_p_is_adjusted_over_the_batch_as_over_one_run(plain, one_run):
    mine, expected = read(plain / "tests.tsv"), read(one_run / "tests.tsv")
    assert list(mine.columns) == list(expected.columns)
    for family in ("main", "secondary", "pooled"):
        one, other = (table[table["family"] == family].reset_index(drop=True) for table in (mine, expected))
        assert len(one) > 0
        pd.testing.assert_frame_equal(one, other)
    families = json.loads((plain / "run.json").read_text())["tests"]
    assert {f["family"]: f["tests"] for f in families} == mine["family"].value_counts().to_dict()


@pytest.mark.parametrize("family", ["cohort", "all"])
def test_families_are_divided_as_the_plan_says(inputs, batch, tmp_path, family):
    inputs.change("plan.yaml", inputs.plan.read_text() + f"family: [{family}]\n")
    batch(inputs, tmp_path / "out")
    tests = read(tmp_path / "out" / "tests.tsv")
    sizes = tests.groupby("family")["tests_in_family"].agg(["size", "min", "max"])
    assert (sizes["size"] == sizes["min"]).all()
    assert (sizes["size"] == sizes["max"]).all()
    assert ("main; cohort c0" if family == "cohort" else "all") in sizes.index


def test_two_processes_give_the_same_bytes_as_one(same_inputs, plain, batch, differences, tmp_path):
    ran = batch(same_inputs, tmp_path / "out", jobs=2)
    assert ran.ended.exit_status == 0
    assert differences(tmp_path / "out", plain) == []


def break_cohort(inputs, name):
    clinical = inputs.folder / "data" / name / "clinical.tsv"
    lines = clinical.read_text().splitlines()
    cells = lines[1].split("\t")
    lines[1] = "\t".join([cells[0], *("soon" if "." in cell else cell for cell in cells[1:])])
    clinical.write_text("\n".join(lines) + "\n")
    return cells[0]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_cohort_that_fails_is_a_row_and_the_others_are_finished(inputs, batch, tmp_path, jobs):
    patient = break_cohort(inputs, "c2")
    shutil.rmtree(inputs.folder / "data" / "c4")
    out = tmp_path / "out"
    ran = batch(inputs, out, jobs=jobs)
    assert (ran.ended.exit_status, ran.ended.failed, ran.ended.cohorts) == (1, 2, 5)
    failures = read(out / "failures.tsv")
    assert list(failures.columns) == list(FAILURE_COLUMNS)
    order = [name for name in read(inputs.manifest)["cohort"] if name in ("c2", "c4")]
    assert list(failures["cohort"]) == order
    wrong = failures.set_index("cohort").loc["c2"]
    assert wrong["exit_status"] == 3
    assert wrong["code"] == "E404 | E404"
    assert "clinical.tsv" in wrong["where"]
    assert wrong["where"].count(" | ") == wrong["problem"].count(" | ") == wrong["fix"].count(" | ") == 1
    assert failures.set_index("cohort").loc["c4", "exit_status"] == 6
    assert set(read(out / "results.tsv")["cohort"]) == {"c0", "c1", "c3"}
    assert sorted(path.name for path in (out / "cohorts").iterdir()) == ["c0", "c1", "c3"]
    for file in [*(out / "outcomes").iterdir(), *out.glob("*.*")]:
        assert patient not in file.read_text(), file
    pooled = read(out / "pooled.tsv")
    assert pooled["not_contributing"].str.contains("2 cohorts: could not be analysed").all()


def test_the_tests_of_a_cohort_that_failed_were_asked(inputs, batch, tmp_path):
    break_cohort(inputs, "c2")
    batch(inputs, tmp_path / "out")
    tests = read(tmp_path / "out" / "tests.tsv")
    main = tests[tests["family"] == "main"]
    each = main["cohort"].value_counts()
    assert len(set(each)) == 1
    assert (main["tests_in_family"] == 5 * each["c0"]).all()
    lost = main[main["cohort"] == "c2"]
    assert set(lost["note"]) == {"the cohort could not be analysed"}
    assert lost[["p_value", "q_value"]].isna().all(axis=None)


def test_when_every_cohort_fails_every_table_is_there_with_its_header(inputs, batch, tmp_path, plain):
    shutil.rmtree(inputs.folder / "data")
    out = tmp_path / "out"
    assert batch(inputs, out).ended.exit_status == 1
    assert {path.name for path in out.iterdir()} == MERGED - {"pooled.html"} | BESIDE
    for name in ("results.tsv", "tests.tsv", "pooled.tsv", "calls.tsv"):
        header, *rows = (out / name).read_text().splitlines()
        assert header == (plain / name).read_text().splitlines()[0]
        assert rows == []
    assert len(read(out / "failures.tsv")) == 5
    empty = pd.read_parquet(out / "results")
    assert len(empty) == 0
    assert set(empty.columns) == set(pd.read_parquet(plain / "results").columns)


def test_failing_fast_stops_at_the_first_and_merges_nothing(inputs, batch, tmp_path):
    first, second, *_ = read(inputs.manifest)["cohort"]
    shutil.rmtree(inputs.folder / "data" / second)
    out = tmp_path / "out"
    ran = batch(inputs, out, fail_fast=True)
    assert (ran.ended.exit_status, ran.ended.stopped, ran.ended.merged) == (1, True, None)
    assert [outcome.cohort for outcome in ran.outcomes] == [first, second]
    assert {path.name for path in out.iterdir()} == BESIDE


def test_a_bug_in_one_cohort_is_told_without_its_words(inputs, batch, tmp_path, monkeypatch):
    from strata.analysis import run as running

    real = running.run_cohort

    def wrong(cohort, *args, **kwargs):
        if cohort.name == "c1":
            raise KeyError("PATIENT-7")
        return real(cohort, *args, **kwargs)

    monkeypatch.setattr(running, "run_cohort", wrong)
    ran = batch(inputs, tmp_path / "out")
    assert (ran.ended.exit_status, ran.ended.failed) == (70, 1)
    (row,) = read(tmp_path / "out" / "failures.tsv").to_dict("records")
    assert row["exit_status"] == 70
    assert row["problem"].startswith("unexpected KeyError, a bug of strata: analysis/run.py:")
    assert not any("PATIENT" in file.read_text() for file in (tmp_path / "out" / "outcomes").iterdir())


def reused(ran):
    return {outcome.cohort for outcome in ran.outcomes if outcome.reused}


def test_a_second_run_needs_resume_and_then_does_nothing_again(same_inputs, batch, differences, plain, tmp_path):
    out = tmp_path / "out"
    shutil.copytree(plain, out)
    with pytest.raises(InputOutputError, match=r"holds a batch already\. Pass --resume"):
        batch(same_inputs, out)
    before = {path: path.stat().st_mtime_ns for path in out.glob("cohorts/*/*")}
    ran = batch(same_inputs, out, resume=True)
    assert (ran.ended.reused, ran.ended.exit_status) == (5, 0)
    assert {path: path.stat().st_mtime_ns for path in out.glob("cohorts/*/*")} == before
    assert differences(out, plain) == []


def test_what_changed_is_done_again(inputs, batch, differences, tmp_path):
    out = tmp_path / "out"
    batch(inputs, out)
    mrna = inputs.folder / "data" / "c1" / "mrna.tsv"
    mrna.write_text(mrna.read_text().replace("9.", "8.", 3))
    (inputs.folder / "data" / "c3" / "rppa.tsv").write_text("gene\tP\n")
    shutil.rmtree(out / "cohorts" / "c4")
    (out / "outcomes" / "c0.json").write_text('{"cohort": "c0", ')
    ran = batch(inputs, out, resume=True)
    assert reused(ran) == {"c2"}
    batch(inputs, tmp_path / "anew")
    assert differences(out, tmp_path / "anew") == []


def test_what_was_not_told_any_more_is_not_taken_for_what_was_told_before(
    inputs, batch, differences, tmp_path, monkeypatch
):
    out = tmp_path / "out"
    batch(inputs, out)
    shutil.copytree(out, tmp_path / "first")
    mrna = inputs.folder / "data" / "c1" / "mrna.tsv"
    before = mrna.read_text()
    mrna.write_text(before.replace("9.", "8.", 3))

    def killed(_folder, outcome):
        assert outcome.cohort == "c1"
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(BatchFolder, "keep", killed)
        with pytest.raises(KeyboardInterrupt):
            batch(inputs, out, resume=True)
    mrna.write_text(before)
    assert reused(batch(inputs, out, resume=True)) == {"c0", "c2", "c3", "c4"}
    assert differences(out, tmp_path / "first") == []


def test_another_plan_signature_or_version_does_all_again_and_a_comment_nothing(inputs, batch, tmp_path, monkeypatch):
    out = tmp_path / "out"
    inputs.change("manifest.tsv", "".join(inputs.manifest.read_text().splitlines(keepends=True)[:3]))
    mine = inputs.folder / "mine"
    mine.mkdir()
    (mine / "my-own.yaml").write_text("id: my-own\nname: Mine\npositive: {mrna: IGF1R, above: median}\n")
    inputs.change("plan.yaml", inputs.plan.read_text() + "library: [mine]\n")
    batch(inputs, out)
    inputs.change("plan.yaml", "# another comment\n" + inputs.plan.read_text())
    assert len(reused(batch(inputs, out, resume=True))) == 2
    inputs.change("plan.yaml", inputs.plan.read_text() + "cut: q75\n")
    assert reused(batch(inputs, out, resume=True)) == set()
    (mine / "my-own.yaml").write_text((mine / "my-own.yaml").read_text().replace("median", "mean"))
    assert reused(batch(inputs, out, resume=True)) == set()
    assert len(reused(batch(inputs, out, resume=True))) == 2
    monkeypatch.setattr("strata.batch.outcomes.version", lambda _: "99")
    assert reused(batch(inputs, out, resume=True)) == set()


def test_a_cohort_that_failed_is_tried_again(inputs, batch, differences, tmp_path, plain):
    out = tmp_path / "out"
    away = inputs.folder / "away"
    (inputs.folder / "data" / "c2").rename(away)
    assert batch(inputs, out).ended.exit_status == 1
    away.rename(inputs.folder / "data" / "c2")
    ran = batch(inputs, out, resume=True)
    assert (ran.ended.exit_status, reused(ran)) == (0, {"c0", "c1", "c3", "c4"})
    assert differences(out, plain) == []


def test_a_cohort_that_left_the_manifest_leaves_the_tables(inputs, batch, tmp_path):
    out = tmp_path / "out"
    batch(inputs, out)
    lines = inputs.manifest.read_text().splitlines()
    inputs.change("manifest.tsv", "\n".join(line for line in lines if not line.startswith("c2")) + "\n")
    batch(inputs, out, resume=True)
    assert set(read(out / "results.tsv")["cohort"]) == {"c0", "c1", "c3", "c4"}
    assert sorted(path.name for path in (out / "results").iterdir()) == [f"cohort=c{i}" for i in (0, 1, 3, 4)]


def test_figures_are_drawn_on_demand(inputs, batch, tmp_path):
    lines = inputs.manifest.read_text().splitlines()
    inputs.change("manifest.tsv", "\n".join(lines[:2]) + "\n")
    batch(inputs, tmp_path / "out", figures=True)
    assert list((tmp_path / "out" / "cohorts").rglob("*.png"))


def test_a_cohort_may_be_asked_something_else(inputs, batch, tmp_path):
    names = list(read(inputs.manifest)["cohort"])
    own = dict.fromkeys(names, "\t") | {"c1": "OS\tq75", "c3": "DFS,OS\t"}
    lines = ["cohort\tpath\tendpoints\tcut", *(f"{name}\tdata/{name}\t{own[name]}" for name in names)]
    inputs.change("manifest.tsv", "\n".join(lines) + "\n")
    out = tmp_path / "out"
    assert batch(inputs, out).ended.exit_status == 0
    results = read(out / "results.tsv")
    asked = results.groupby("cohort")["endpoint"].unique().map(list).to_dict()
    assert asked == {"c0": ["OS", "DFS"], "c1": ["OS"], "c2": ["OS", "DFS"], "c3": ["DFS", "OS"], "c4": ["OS", "DFS"]}
    main = read(out / "pooled.tsv").query("comparison == 'positive_vs_rest' and method == 'fixed_effect'")
    igf1r = main[main["signature"] == "igf1r-high"].set_index("endpoint")
    assert igf1r["n_cohorts"].to_dict() == {"OS": 5, "DFS": 4}
    assert set(igf1r.loc["OS", "cut"].split("/")) == {"median", "q75"}
    both = results.query("comparison == 'positive_vs_rest' and signature == 'igf1r-high' and endpoint == 'OS'")
    assert igf1r.loc["OS", "n"] == both["n"].sum()


def test_scores_and_calls_alone(inputs, tmp_path):
    plan = load_plan(inputs.plan, cohorts=[str(inputs.manifest)], endpoints=[])
    from strata.batch import BatchOptions

    options = BatchOptions(survival=False)
    manifest = read_manifest(inputs.manifest, plan)
    run_batch(manifest, tmp_path / "out", options, progress=lambda _: None, say=lambda _: None)
    files = {"report.html", "calls.tsv", "failures.tsv", "run.json"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == files | BESIDE
    assert set(read(tmp_path / "out" / "calls.tsv")["cohort"]) == {f"c{i}" for i in range(5)}


def test_a_folder_with_something_else_in_it_is_refused(inputs, batch, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(InputOutputError, match="not empty"):
        batch(inputs, tmp_path / "out", resume=True)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_a_folder_that_holds_a_cohort_is_refused(inputs, batch):
    with pytest.raises(UsageError, match="holds the tables of 5 cohorts"):
        batch(inputs, inputs.folder / "data", resume=True)


@pytest.mark.parametrize("line", ["train: c0", "cut_scope: pooled\ni-know: [pooled-cut]"])
def test_a_plan_that_is_about_several_cohorts_at_once_is_refused(inputs, batch, tmp_path, line):
    inputs.change("plan.yaml", inputs.plan.read_text() + line + "\n")
    with pytest.raises(PlanError, match=r"each cohort by itself\. Use strata run"):
        batch(inputs, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_shards_of_another_number_do_not_go_into_the_same_folder(inputs, batch, tmp_path):
    batch(inputs, tmp_path / "out", shard=Shard(1, 2))
    with pytest.raises(InputOutputError, match="holds shards of 2, not of 3"):
        batch(inputs, tmp_path / "out", shard=Shard(1, 3))
