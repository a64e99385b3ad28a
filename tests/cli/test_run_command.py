"""``strata run``: every key of a plan, what the command line replaces, and failures among good cohorts."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest


@pytest.fixture
def plan(root, tmp_path):
    """``plan("one-event", cut="mean")`` writes tmp_path/plan.yaml."""

    def write(*names: str, extra: str = "signatures: igf1r-high\nendpoints: OS\n", also: tuple[str, ...] = ()) -> Path:
        entries = [f"  - {{path: '{root / 'synthetic' / name / 'flat'}', name: {name}}}" for name in names]
        entries += [f"  - {path}" for path in also]
        path = tmp_path / "plan.yaml"
        path.write_text("cohorts:\n" + "\n".join(entries) + f"\n{extra}")
        return path

    return write


def test_a_run_says_a_line_a_cohort_and_where_the_table_is(strata, plan, tmp_path, table):
    out = tmp_path / "out"
    ran = strata("run", plan("one-event", "heavy-ties"), "--out", out)
    assert (ran.status, ran.out) == (0, "")
    lines = ran.err.splitlines()
    assert lines[0].startswith("one-event: 1 comparison, 0 estimable, ")
    assert lines[1].startswith("heavy-ties: 1 comparison, 1 estimable, ")
    figures = [f"figures/survival-{name}-igf1r-high-all.png" for name in ("heavy-ties", "one-event")]
    assert lines[2].startswith("done in ")
    assert lines[3:] == [
        *(f"figure: {out / name}" for name in (*figures, "forest.png")),
        f"report: {out / 'report.html'}",
        f"table:  {out / 'results.tsv'}",
    ]
    assert list(table(out / "results.tsv")["estimable"]) == ["false", "true"]


def test_a_failing_cohort_is_1_and_the_others_are_there(strata, plan, tmp_path, table):
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "clinical.tsv").write_text("patient_id\tos_months\tos_event\nP1\t-5\t1\n")
    out = tmp_path / "out"
    ran = strata("run", plan("one-event", "heavy-ties", also=("bad", "nowhere")), "--out", out, "--jobs", 2)
    assert (ran.status, ran.out) == (1, "")
    assert list(table(out / "results.tsv")["cohort"]) == ["one-event", "heavy-ties"]
    assert "bad: failed" not in ran.err
    assert "cohort bad: " in ran.err
    assert "strata: error E101: cohort nowhere: " in ran.err
    failures = json.loads((out / "run.json").read_text())["failures"]
    assert [(failure["cohort"], failure["exit_status"]) for failure in failures] == [("bad", 3), ("nowhere", 6)]
    assert "os_months" in failures[0]["problems"][0]


def test_when_all_fail_it_is_the_status_of_the_first_and_no_folder(strata, plan, tmp_path):
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "clinical.tsv").write_text("patient_id\tos_months\tos_event\nP1\t-5\t1\n")
    ran = strata("run", plan(also=("bad", "nowhere")), "--out", tmp_path / "out")
    assert ran.status == 3
    assert "os_months" in ran.err
    assert "nowhere" in ran.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad", "plan.yaml"]


def test_a_bug_in_one_cohort_is_70_and_the_others_are_there(strata, plan, tmp_path, monkeypatch, table):
    from strata.analysis import run

    true = run.coverage

    def wrong(source, *rest):
        if source.cohort.name == "one-event":
            raise ZeroDivisionError("oops")
        return true(source, *rest)

    monkeypatch.setattr(run, "coverage", wrong)
    ran = strata("run", plan("one-event", "heavy-ties"), "--out", tmp_path / "out")
    assert ran.status == 70
    assert "error E970: cohort one-event: unexpected ZeroDivisionError, a bug of strata: analysis/run.py:" in ran.err
    assert "oops" not in ran.err
    assert list(table(tmp_path / "out" / "results.tsv")["cohort"]) == ["heavy-ties"]


def test_a_row_that_is_not_estimable_is_no_failure(strata, plan, tmp_path, table):
    path = plan("one-event", extra="signatures: [igf1r-high, kras-mutated]\nendpoints: [OS, PFS]\n")
    assert strata("run", path, "--out", tmp_path / "out").status == 0
    rows = table(tmp_path / "out" / "results.tsv")
    assert set(rows["estimable"]) == {"false"}
    assert (rows["note"] != "NA").all()


def test_the_output_of_the_plan_is_where_the_plan_is(strata, plan, tmp_path, monkeypatch):
    path = plan("one-event", extra="signatures: igf1r-high\nendpoints: OS\noutput: results\n")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert strata("run", path).status == 0
    assert (tmp_path / "results" / "run.json").exists()
    assert strata("run", path, "--out", "here").status == 0
    assert (tmp_path / "elsewhere" / "here" / "run.json").exists()


def test_no_output_at_all_is_2(strata, plan):
    ran = strata("run", plan("one-event"))
    assert ran.status == 2
    assert "Pass --out, or add output: to the plan" in ran.err


OVERRIDES = {
    "populations": (["--populations", "er-positive,all"], ["er-positive", "all"]),
    "endpoints": (["--endpoints", "OS,PFS"], ["OS", "PFS"]),
    "cut": (["--cut", "q75"], "q75"),
    "cut_scope": (["--cut-scope", "cohort"], "cohort"),
    "comparator": (["--comparator", "neither"], "neither"),
    "absent_assay": (["--absent-assay", "drop"], "drop"),
    "covariates": (["--covariates", "node"], ["node"]),
    "stratify_by": (["--stratify-by", "er"], ["er"]),
    "subgroups": (["--subgroups", "er,node"], ["er", "node"]),
    "pool": (["--pool", "DL"], "DL"),
    "horizon": (["--horizon", "24"], 24.0),
    "landmark": (["--landmark", "3"], 3.0),
    "times": (["--times", "6,12.5"], [6.0, 12.5]),
    "signatures": (["--signatures", "sphk1-high"], ["sphk1-high"]),
    "read": (["--read", "sep=tab"], {"sep": "tab"}),
}


def test_every_key_of_a_plan_can_be_replaced_on_the_command_line(strata, plan, tmp_path, breast):
    extra = (
        "signatures: [igf1r-high]\nendpoints: [DFS]\npopulations: [er-negative]\ncut: mean\ncovariates: [er]\n"
        "subgroups: [age]\npool: PM\n"
        "horizon: 60\ntimes: [36]\ncomparator: rest\nabsent_assay: unknown\ncut_scope: population\n"
    )
    path = plan("one-event", extra=extra)
    words = [word for words, _ in OVERRIDES.values() for word in words]
    ran = strata(
        "run", path, "--out", tmp_path / "out", "--cohorts", breast.parent.parent / "heavy-ties" / "flat", *words
    )
    assert ran.status == 0, ran.err
    resolved = json.loads((tmp_path / "out" / "run.json").read_text())["plan"]
    for key, (_, value) in OVERRIDES.items():
        assert resolved[key] == value, key
    (cohort,) = resolved["cohorts"]
    assert cohort["path"].endswith("heavy-ties/flat")
    table = pd.read_csv(tmp_path / "out" / "results.tsv", sep="\t")
    assert set(table["signature"]) == {"sphk1-high"}
    assert set(table["population"]) == {"er-positive", "all"}
    assert set(table["cut"]) == {"q75"}
    first = table.iloc[0]
    assert "follow-up cut at 24 months" in first["note"]
    assert "adjusted for node" in first["note"]
    assert "stratified by er" in first["note"]
    assert "landmark analysis: time starts at 3 months" in first["note"]
    assert set(pd.read_csv(tmp_path / "out" / "survival_at.tsv", sep="\t")["time"]) == {6, 12.5}


def test_the_plan_itself_is_kept_where_nothing_replaces_it(strata, plan, tmp_path):
    path = plan("one-event", extra="signatures: igf1r-high\nendpoints: OS\nread: {sep: tab}\ncut: q75\n")
    assert strata("run", path, "--out", tmp_path / "out", "--read", "decimal=.").status == 0
    resolved = json.loads((tmp_path / "out" / "run.json").read_text())["plan"]
    assert resolved["read"] == {"sep": "tab", "decimal": "."}
    assert resolved["cut"] == "q75"


def test_cohorts_of_the_command_line_are_taken_from_where_the_user_is(strata, plan, small, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plans").mkdir()
    path = plan("one-event").rename(tmp_path / "plans" / "plan.yaml")
    assert strata("run", path, "--out", "out", "--cohorts", "small").status == 0
    assert json.loads((tmp_path / "out" / "run.json").read_text())["cohorts"][0]["name"] == "small"


def test_signatures_of_the_users_own_are_added(strata, plan, tmp_path, table):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "my-sig.yaml").write_text("id: my-sig\nname: m\npositive: {mrna: IGF1R, above: mean}\n")
    ran = strata("run", plan("one-event"), "--out", tmp_path / "out", "--signatures", tmp_path / "mine")
    assert ran.status == 0, ran.err
    assert list(table(tmp_path / "out" / "results.tsv")["signature"]) == ["igf1r-high", "my-sig"]
    inputs = json.loads((tmp_path / "out" / "run.json").read_text())["inputs"]
    assert {Path(entry["path"]).name for entry in inputs} >= {"plan.yaml", "my-sig.yaml", "clinical.tsv", "mrna.tsv"}


def test_a_horizon_censors_what_comes_after_and_keeps_an_event_on_it(strata, small, tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text("cohorts: small\nsignatures: igf1r-high\nendpoints: OS\n")
    clinical = pd.read_csv(small / "clinical.tsv", sep="\t")
    horizon = float(clinical["os_months"][9])  # an event
    assert clinical["os_event"][9] == 1
    assert strata("run", path, "--out", tmp_path / "out", "--horizon", horizon).status == 0
    row = pd.read_csv(tmp_path / "out" / "results.tsv", sep="\t").iloc[0]
    assert row["n"] == 40
    assert row["events"] == clinical["os_event"][clinical["os_months"] <= horizon].sum()
    curves = pd.read_csv(tmp_path / "out" / "curves.tsv", sep="\t")
    assert curves["time"].max() == horizon


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cut: quintiles", "plan.yaml:5: cut: 'quintiles' is not a cut"),
        ("endpoint: OS", "plan.yaml:5: endpoint: unknown key 'endpoint'. Did you mean 'endpoints'?"),
        ("read: {septor: x}", "plan.yaml:5: read: unknown reading option 'septor'. Did you mean 'sep'?"),
        ("cut: [a", "not valid YAML"),
        ("signatures: igf1r-hihg", "Did you mean 'igf1r-high'?"),
        ("folder: x", "unknown key 'folder'"),
        ("endpoints: 5", "endpoints: Input should be a list"),
    ],
)
def test_a_wrong_plan_is_4_with_file_line_and_key(strata, plan, tmp_path, text, said):
    path = plan("one-event", extra="absent_assay: unknown\ntimes: [12]\n" + text + "\n")
    ran = strata("run", path, "--out", tmp_path / "out")
    assert ran.status == 4
    assert said in ran.err
    assert not (tmp_path / "out").exists()


def test_a_plan_that_is_not_there_is_6(strata, tmp_path):
    ran = strata("run", tmp_path / "plan.yaml", "--out", tmp_path / "out")
    assert ran.status == 6
    assert "cannot be read" in ran.err


@pytest.mark.parametrize("name", ["../../x", "/abs", "a/b", "..", "CON", "x" * 65])
def test_a_cohort_name_cannot_leave_the_folder(strata, root, tmp_path, name):
    path = tmp_path / "plan.yaml"
    cohort = root / "synthetic" / "one-event" / "flat"
    path.write_text(f"cohorts: [{{path: '{cohort}', name: '{name}'}}]\nsignatures: igf1r-sphk1-high\n")
    ran = strata("run", path, "--out", tmp_path / "out")
    assert ran.status == 4
    assert "cannot be a folder name" in ran.err or "of 65 characters" in ran.err
    assert [found.name for found in tmp_path.iterdir()] == ["plan.yaml"]


def test_every_signature_and_population_has_its_figure(strata, plan, tmp_path):
    extra = "signatures: [igf1r-high, pten-loss]\nendpoints: [DFS, OS]\n"
    words = ["--populations", "er-positive,er-negative & node-negative"]
    for name in ("one", "two"):
        assert strata("run", plan("figure2-breast", extra=extra), *words, "--out", tmp_path / name).status == 0
    named = {
        f"figures/survival-figure2-breast-{signature}-{population}.{kind}"
        for signature in ("igf1r-high", "pten-loss")
        for population in ("er-positive", "er-negative-node-negative")
        for kind in ("png", "svg", "pdf")
    }
    one, two = (
        {str(f.relative_to(tmp_path / name)): f.read_bytes() for f in (tmp_path / name / "figures").iterdir()}
        for name in ("one", "two")
    )
    assert set(one) == named
    assert one == two
    assert named < set(json.loads((tmp_path / "one" / "run.json").read_text())["outputs"])
    curves = pd.read_csv(tmp_path / "one" / "curves.tsv", sep="\t")
    drawn = {tuple(row) for row in curves[["signature", "population", "endpoint", "comparison", "group"]].to_numpy()}
    assert drawn == {
        (signature, population, endpoint, "positive_vs_rest", group)
        for signature in ("igf1r-high", "pten-loss")
        for population in ("er-positive", "er-negative & node-negative")
        for endpoint in ("DFS", "OS")
        for group in ("positive", "negative")
    }


def test_a_big_run_draws_no_figures_and_says_how_to_draw_one(strata, plan, tmp_path, monkeypatch):
    monkeypatch.setattr("strata.report.figures.MOST_SINGLES", 1)
    ran = strata("run", plan("heavy-ties"), "--populations", "all,er-positive", "--out", tmp_path / "out")
    assert ran.status == 0
    assert not (tmp_path / "out" / "figures").exists()
    said = "figures: 2 left out, a run draws 20 at most; to draw one: strata compare COHORT SIGNATURE --endpoint OS"
    assert ran.err.splitlines()[-1].startswith(said)


def test_overwrite_and_what_is_in_the_way(strata, plan, tmp_path):
    path, out = plan("one-event"), tmp_path / "out"
    assert strata("run", path, "--out", out).status == 0
    before = {file: file.read_bytes() for file in out.rglob("*.*")}
    ran = strata("run", path, "--out", out)
    assert ran.status == 6
    assert "not empty" in ran.err
    assert "--overwrite" in ran.err
    assert {file: file.read_bytes() for file in out.rglob("*.*")} == before
    (out / "notes.txt").write_text("mine")
    assert strata("run", path, "--out", out, "--overwrite", "--endpoints", "").status == 0
    assert {file.name for file in out.iterdir()} == {
        *("assignments.parquet", "calls.tsv", "cut_points.tsv", "genes.tsv", "multiqc", "run.json", "notes.txt")
    }


def test_a_folder_that_holds_the_plan_is_2(strata, plan, tmp_path):
    ran = strata("run", plan("one-event"), "--out", tmp_path, "--overwrite")
    assert ran.status == 2
    assert "holds an input (plan.yaml)" in ran.err


def test_jobs_change_no_byte(strata, plan, tmp_path):
    path = plan("one-event", "heavy-ties", "no-effect")
    for jobs in (1, 2):
        assert strata("run", path, "--out", tmp_path / str(jobs), "--jobs", jobs).status == 0
    one, two = ({f.name: f.read_bytes() for f in (tmp_path / jobs).rglob("*.*")} for jobs in "12")
    assert one.pop("run.json") != two.pop("run.json")
    # the page tells how the program was called
    pages = [re.subn(rb"<dt>Command</dt>.*", b"", files.pop("report.html")) for files in (one, two)]
    assert pages[0] == pages[1]
    assert pages[0][1] == 1
    assert one == two


def test_the_options_for_several_cohorts_and_subgroups_are_used(strata, plan, tmp_path, table):
    path, out = plan("additive-only", "no-effect"), tmp_path / "out"
    ran = strata("run", path, "--out", out, "--pool", "DL", "--subgroups", "er,node")
    assert ran.status == 0, ran.err
    pooled = table(out / "pooled.tsv").set_index("method")
    assert pooled.loc["random_effects", "note"].startswith("random effects of the cohorts' log hazard ratios: DL")
    assert list(dict.fromkeys(table(out / "subgroups.tsv")["factor"])) == ["er", "node"]


def test_another_estimator_is_2(strata, plan, tmp_path):
    ran = strata("run", plan("no-effect"), "--out", tmp_path / "out", "--pool", "fixed")
    assert ran.status == 2
    assert "'fixed' is not one of 'REML', 'DL', 'PM'" in ran.err


@pytest.mark.parametrize("option", ["--covariates", "--stratify-by", "--treatment", "--subgroups"])
def test_a_column_the_only_cohort_lacks_is_3_and_of_several_1(strata, plan, tmp_path, option, table):
    ran = strata("run", plan("heavy-ties"), "--out", tmp_path / "one", option, "grade")
    assert ran.status == 3
    assert "no clinical column grade" in ran.err
    assert not (tmp_path / "one").exists()
    ran = strata("run", plan("heavy-ties", "no-effect"), "--out", tmp_path / "two", option, "grade")
    assert ran.status == 1
    assert set(table(tmp_path / "two" / "results.tsv")["cohort"]) == {"no-effect"}


def test_the_cross_check_is_on_screen_and_in_the_record(strata, plan, tmp_path):
    ran = strata("run", plan("one-event", "heavy-ties"), "--out", tmp_path / "out", "--cross-check")
    check = json.loads((tmp_path / "out" / "run.json").read_text())["cross_check"]
    assert check["largest"] < 1e-6
    assert check["compared"] == 7
    assert "cross-check with lifelines: 7 curves, tests and hazard ratios computed again" in ran.err
    assert f"largest relative difference {check['largest']:.1e}" in ran.err


def test_without_figures_the_tables_are_the_same_and_matplotlib_is_not_loaded(strata, plan, tmp_path):
    path = plan("heavy-ties", "one-event")
    code = """
import sys
from strata.cli import main
sys.argv = ["strata", "run", *sys.argv[1:]]
try:
    main()
except SystemExit as stop:
    assert stop.code == 0
assert "matplotlib" not in sys.modules
"""
    tables, whole = tmp_path / "tables", tmp_path / "whole"
    words = [sys.executable, "-c", code, str(path), "--out", str(tables), "--no-figures"]
    subprocess.run(words, check=True, capture_output=True)
    strata("run", path, "--out", whole)
    names = {file.name for file in whole.iterdir() if file.suffix in {".tsv", ".parquet"}}
    assert "results.tsv" in names
    assert not [*tables.rglob("*.png"), *tables.rglob("*.svg"), *tables.rglob("*.pdf")]
    assert all((tables / name).read_bytes() == (whole / name).read_bytes() for name in names)


def test_a_misspelt_endpoint_among_others_is_refused(strata, plan, tmp_path):
    path = plan("one-event", "heavy-ties", extra="signatures: igf1r-high\nendpoints: [OS, OSS]\n")
    ran = strata("run", path, "--out", tmp_path / "out", "--no-figures")
    assert ran.status == 2
    assert "endpoint OSS: no cohort has an endpoint of this name" in ran.err
    assert not (tmp_path / "out").exists()


def test_an_endpoint_of_their_own_that_one_cohort_has_is_a_row_in_the_other(strata, cohort_writer, tmp_path, table):
    cohort_writer(tmp_path / "own", endpoint="bcr")
    cohort_writer(tmp_path / "other")
    path = tmp_path / "plan.yaml"
    path.write_text("cohorts: [own, other]\nsignatures: [igf1r-high]\nendpoints: [BCR]\n")
    ran = strata("run", path, "--out", tmp_path / "out", "--no-figures")
    assert ran.status == 0, ran.err
    assert list(table(tmp_path / "out" / "results.tsv")["n"].astype(int) > 0) == [True, False]
    assert "nothing was compared" not in ran.err


def test_a_run_without_a_patient_in_any_row_is_1_and_says_why(strata, plan, tmp_path):
    path = plan("one-event", "heavy-ties", extra="signatures: igf1r-high\nendpoints: [PFS]\n")
    ran = strata("run", path, "--out", tmp_path / "out", "--no-figures")
    assert ran.status == 1
    assert ran.err.splitlines()[-1].startswith("nothing was compared: asked for PFS: the cohort has no PFS")


def test_a_cohort_that_fails_may_have_the_endpoint(strata, plan, tmp_path):
    path = plan("one-event", also=("nowhere",), extra="signatures: igf1r-high\nendpoints: [OS, OSS]\n")
    ran = strata("run", path, "--out", tmp_path / "out", "--no-figures")
    assert ran.status == 1
    assert "error E101: cohort nowhere: " in ran.err
    assert (tmp_path / "out" / "results.tsv").exists()
