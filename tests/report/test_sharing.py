"""A folder that may leave the house: no small count, nothing that tells one, no patient's id, time or value."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from report.page_reader import Page
from strata.analysis import Plan, run_plan
from strata.cli.program import program
from strata.errors import DataError, UsageError
from strata.report import cite_run, run_to_folder, verify_run
from strata.report.sharing import shared_record
from strata.report.small_cells import hide_levels, is_small, shared_table, without_numbers

COUNTS = ("n", "events", "n_positive", "events_positive", "n_unknown", "n_not_assayed", "n_patients")
QUESTION = ["cohort", "signature", "population", "endpoint"]
LEAST = 11


def write_cohort(folder, seed):
    """Patients of whom there are enough in some corners and few in others; their ids are easily found."""
    rng = np.random.default_rng(seed)
    n = 180
    folder.mkdir()
    months = (rng.exponential(40, n) + 0.123).round(3)
    clinical = pd.DataFrame(
        {
            "patient_id": [f"SECRET{seed}{i:03d}" for i in range(n)],
            "er_status": np.where(rng.random(n) < 0.85, "Positive", "Negative"),
            "node_status": np.where(rng.random(n) < 0.5, "Positive", "Negative"),
            "grade": rng.integers(1, 4, n),
            "age": rng.integers(30, 80, n),
            "os_months": months,
            "os_event": rng.integers(0, 2, n),
            "dfs_months": (months * 0.87654).round(3),
            "dfs_event": 1,
        }
    )
    clinical.loc[:3, ["os_months", "dfs_months"]] = np.nan
    clinical.to_csv(folder / "clinical.tsv", sep="\t", index=False)
    values = rng.normal(8, 1.37, (n, 2)).round(5)
    mrna = pd.DataFrame(values, columns=["IGF1R", "SPHK1"]).assign(patient_id=clinical["patient_id"])
    mrna.iloc[5:, [2, 0, 1]].to_csv(folder / "mrna.tsv", sep="\t", index=False)
    return clinical, values


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The same plan once for the analyst and once for others, with the tables it was made from."""
    home = tmp_path_factory.mktemp("sharing")
    data = [write_cohort(home / name, seed) for seed, name in enumerate(("one", "two"))]
    plan = Plan.checked(
        cohorts=[str(home / "one"), str(home / "two")],
        signatures=["igf1r-sphk1-high", "igf1r-high"],
        populations=["all", "er-positive"],
        endpoints=["OS", "DFS"],
        covariates=["age"],
        subgroups=["node_status"],
    )
    for name, made in (("plain", plan), ("shared", plan.model_copy(update={"share": True}))):
        run_to_folder(lambda made=made: run_plan(made), home / name, multiqc=True, figures=made.share)
    return home, data


def read(path):
    return pd.read_csv(path, sep="\t", na_values=["NA"], keep_default_na=False)


def text_of(folder):
    """Everything in a folder that can be read, by file."""
    parts = {file: file.read_bytes().decode("utf-8", "replace") for file in folder.rglob("*") if file.is_file()}
    for file in folder.rglob("*.parquet"):
        parts[file] = pd.read_parquet(file).to_csv()
    return parts


def test_no_id_time_or_value_of_a_patient_is_in_it(runs):
    home, data = runs
    secrets = set()
    for clinical, values in data:
        secrets |= {*clinical["patient_id"], *map(str, values.ravel())}
        secrets |= {str(time) for name in ("os_months", "dfs_months") for time in clinical[name].dropna()}
    # a shorter one is also a version of a package, or a time of the grid
    secrets = {secret for secret in secrets if len(secret.partition(".")[2]) >= 3}
    for file, text in text_of(home / "shared").items():
        assert "SECRET" not in text, file
        # SVG and PDF hold coordinates of many digits
        if file.suffix in (".tsv", ".json", ".yml", ".parquet"):
            found = {*re.findall(r"\d+\.\d+", text)} & secrets
            assert not found, (file, found)
    # the test itself can see them
    assert "SECRET" in text_of(home / "plain")[home / "plain" / "assignments.parquet"]
    assert secrets & {*re.findall(r"\d+\.\d+", (home / "plain" / "curves.tsv").read_text())}


def test_files_of_patients_and_of_their_values_are_left_out(runs):
    home, _ = runs
    files = {name: {str(f.relative_to(home / name)) for f in (home / name).rglob("*")} for name in ("plain", "shared")}
    assert "assignments.parquet" in files["plain"]
    left = {name for name in files["plain"] - files["shared"] if not name.startswith("multiqc")}
    assert left == {"assignments.parquet"}
    drawn = {name.partition("-")[0] for name in files["shared"] if name.endswith(".svg")}
    assert drawn == {"figures/one", "figures/two"}


@pytest.mark.parametrize("table", ["results", "table_c", "multivariable", "subgroups", "pooled", "tests", "genes"])
def test_small_counts_of_a_table_and_their_complements_are_not_told(runs, table):
    home, _ = runs
    plain, shared = (read(home / name / f"{table}.tsv") for name in ("plain", "shared"))
    assert len(plain) == len(shared)
    columns = [name for name in COUNTS if name in plain]
    small = plain[columns].ge(1) & plain[columns].lt(LEAST)
    assert shared[columns][small].isna().all(axis=None)
    same = shared[columns].isna() | shared[columns].eq(plain[columns])
    assert same.all(axis=None)
    if "n" in shared and "events" in shared:
        without = shared["n"] - shared["events"]
        assert not (without.ge(1) & without.lt(LEAST)).any()
    if "n_positive" in shared:
        for part, whole in (("n_positive", "n"), ("events_positive", "events"), ("events_positive", "n_positive")):
            rest = shared[whole] - shared[part]
            assert not (rest.ge(1) & rest.lt(LEAST)).any(), (part, whole)
        rest = (shared["n"] - shared["n_positive"]) - (shared["events"] - shared["events_positive"])
        assert not (rest.ge(1) & rest.lt(LEAST)).any()
    if table in ("results", "tests", "subgroups"):
        # the cohort is small enough to have something to hide, and large enough to have something to tell
        assert small.any(axis=None)
    if table == "results":
        assert shared["n"].notna().any()


def test_of_a_row_that_tells_of_few_nothing_is_left(runs):
    home, _ = runs
    plain, shared = (read(home / name / "results.tsv") for name in ("plain", "shared"))
    small = is_small(plain, LEAST)
    assert 0 < small.sum() < len(plain)
    numbers = [*COUNTS[:6], "hazard_ratio", "hazard_ratio_lower", "wald_p", "log_rank_p", "permutation_p", "firth_p"]
    assert shared.loc[small, numbers].isna().all(axis=None)
    assert not shared.loc[small, "estimable"].any()
    assert set(shared.loc[small, "note"]) == {"withheld: it would tell of fewer than 11 patients"}
    told = shared[~small & plain["hazard_ratio"].notna()]
    assert len(told)
    pd.testing.assert_series_equal(told["hazard_ratio"], plain.loc[told.index, "hazard_ratio"])
    # arms add up over the rows of a question: with one hidden, all are
    for _, rows in shared.groupby(QUESTION):
        if small[rows.index].any():
            assert rows[["n", "events", "n_positive", "events_positive"]].isna().all(axis=None)
    assert shared[["median_positive", "median_negative", "median_follow_up", "rmst_horizon"]].isna().all(axis=None)
    pd.testing.assert_frame_equal(
        pd.read_parquet(home / "shared" / "results.parquet")[["hazard_ratio", "log_rank_p"]],
        shared[["hazard_ratio", "log_rank_p"]],
    )


def test_a_p_that_is_withheld_is_in_no_other_table(runs):
    home, _ = runs
    results, tests = (read(home / "shared" / f"{name}.tsv") for name in ("results", "tests"))
    keys = [*QUESTION, "comparison"]
    hidden = set(results.loc[results["note"].fillna("").str.startswith("withheld"), keys].itertuples(index=False))
    assert hidden
    mine = [key in hidden for key in tests[keys].itertuples(index=False)]
    assert tests.loc[mine, ["p_value", "q_value", "holm_p", "log10_p"]].isna().all(axis=None)
    terms = read(home / "shared" / "multivariable.tsv")
    mine = [key in hidden for key in terms[keys].itertuples(index=False)]
    assert sum(mine)
    assert terms.loc[mine, ["hazard_ratio", "wald_p", "n"]].isna().all(axis=None)
    shown = json.loads((home / "shared" / "multiqc" / "strata_tests_mqc.json").read_text())["data"]
    assert sum("p_value" in row for row in shown.values()) < len(shown)
    assert not any(1 <= row.get(count, 0) < LEAST for row in shown.values() for count in ("n", "events"))


def test_calls_of_a_population_hide_two_or_none(runs):
    home, _ = runs
    plain, shared = (read(home / name / "calls.tsv") for name in ("plain", "shared"))
    assert shared["n"].isna().any()
    for _, rows in shared.groupby(["signature", "population", "cohort"]):
        hidden = plain.loc[rows.index[rows["n"].isna()], "n"]
        assert len(hidden) != 1
        assert not len(hidden) or hidden.sum() >= LEAST
    assert not shared["n"].between(1, LEAST - 1).any()
    assert not shared["n_not_assayed"].between(1, LEAST - 1).any()
    exclusions = read(home / "shared" / "exclusions.tsv")
    assert exclusions["n"].isna().any()
    assert not exclusions["n"].between(1, LEAST - 1).any()


def test_curves_are_on_a_grid_and_cuts_are_not_told(runs):
    home, _ = runs
    curves = read(home / "shared" / "curves.tsv")
    assert len(curves)
    assert (curves["time"] % 3 == 0).all()
    assert curves[["at_risk", "events", "censored"]].isna().all(axis=None)
    assert read(home / "shared" / "survival_at.tsv")["at_risk"].min() >= LEAST
    cuts = read(home / "shared" / "cut_points.tsv")
    assert cuts[["value", "ties"]].isna().all(axis=None)
    assert set(cuts["cut"]) == {"median"}


def test_the_record_has_no_path_and_no_small_count(runs):
    home, _ = runs
    text = (home / "shared" / "run.json").read_text()
    assert str(home) not in text
    assert not re.search(r'"/', text)
    record = json.loads(text)
    assert len(record["argv"]) <= 2

    def numbers(value):
        if isinstance(value, dict):
            return [n for key, item in value.items() if key not in ("seconds", "timings") for n in numbers(item)]
        if isinstance(value, list):
            return [n for item in value for n in numbers(item)]
        if isinstance(value, str):
            return [float(n) for n in re.findall(r"(?<![\w.])\d+", value)]
        return [] if value is None or isinstance(value, bool) else [value]

    told = numbers(record["cohorts"])
    assert told
    assert not [n for n in told if 1 <= n < LEAST]
    notes = " ".join(read(home / "shared" / "results.tsv")["note"].dropna())
    assert not re.search(r"(?<!\w)\d", notes.replace("fewer than 11 patients", ""))
    assert "N patients" in notes


def test_the_page_hides_what_the_tables_hide(runs):
    home, data = runs
    page = Page.of(home / "shared" / "report.html")
    said = " ".join([page.text, *page.texts["script"], *page.texts["desc"]])
    secrets = {
        text
        for clinical, values in data
        for text in [*map(str, values.ravel()), *clinical["os_months"].dropna().map(str)]
        if len(text.partition(".")[2]) >= 3
    }
    assert secrets.isdisjoint(re.findall(r"\d+\.\d+", said))
    assert "SECRET" not in said
    assert str(home) not in said
    shared = read(home / "shared" / "results.tsv")
    header, *rows = page.tables["results"]
    n, hr = header.index("n"), header.index("HR (95 % CI)")
    assert [row[n] == "–" for row in rows] == shared["n"].isna().tolist()
    hidden = shared["note"].fillna("").str.startswith("withheld").tolist()
    assert any(hidden)
    assert all(row[hr] == "not estimable" for row, withheld in zip(rows, hidden, strict=True) if withheld)
    plots = json.loads(page.texts["script"][0])
    assert plots
    assert all(group["risk"] is None for plot in plots for group in plot["groups"])
    said = said.replace("20 patients or 10 events", "a limit of the plan")
    few = re.findall(r"(?<![\w.,%<-])(?:[1-9]|10) (?:patients|events?|positive|with the event)\b", said)
    assert few == []
    # the other page is the analyst's own
    run_to_folder(lambda: run_plan(Plan.checked(cohorts=[str(home / "one")], signatures=["igf1r-high"])), home / "own")
    assert Page.of(home / "own" / "report.html").tables["results"]


def test_a_shared_run_is_not_verified_and_not_cited(runs):
    home, _ = runs
    for ask in (verify_run, cite_run):
        with pytest.raises(DataError, match="was shared"):
            ask(home / "shared")


def test_negative_controls_are_not_shared(runs):
    from strata.analysis import Controls

    home, _ = runs
    plan = Plan.checked(cohorts=[str(home / "one")], share=True)
    with pytest.raises(UsageError, match="negative controls are not part of a folder that is shared"):
        run_plan(plan, controls=Controls(null_check=2))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("3 of 490 patients", "N of N patients"),
        ("IGF1R and q10", "IGF1R and q10"),
        ("cut 8.1234 (n=3), P 1.2e-05", "cut N (n=N), P N"),
        ("1,234 samples in 2 files", "N samples in N files"),
        ("W408: 2.5 %", "W408: N %"),
    ],
)
def test_remarks_lose_their_numbers(text, told):
    assert without_numbers(text) == told


def baseline(*rows):
    """(characteristic, level, n and value in the stratum, n and value in the reference)."""
    keys = {"cohort": "c", "signature": "s", "population": "all", "stratum": "positive", "reference": "negative"}
    columns = ("characteristic", "level", "n_stratum", "value_stratum", "n_reference", "value_reference")
    table = pd.DataFrame([keys | dict(zip(columns, row, strict=True)) for row in rows])
    return table.assign(sd_stratum=1.5, sd_reference=1.5, standardised_difference=0.2)


def test_levels_of_few_patients_hide_another_level_of_the_same_stratum():
    table = baseline(
        ("node", "negative", 50, 0.94, 50, 0.6),
        ("node", "positive", 50, 0.06, 50, 0.4),
        ("grade", "1", 100, 0.03, 100, 0.3),
        ("grade", "2", 100, 0.2, 100, 0.3),
        ("grade", "3", 100, 0.77, 100, 0.4),
        ("age", "mean", 40, 61.5, 3, 55.0),
    )
    shown = hide_levels(table, 5)
    assert shown["value_stratum"].isna().tolist() == [True, True, True, True, False, False]
    assert shown["value_reference"].isna().tolist() == [False] * 5 + [True]
    assert shown["sd_reference"].isna().tolist() == [False] * 5 + [True]
    assert shown["n_reference"].isna().tolist() == [False] * 5 + [True]
    assert shown["standardised_difference"].isna().tolist() == [True, True, True, True, False, True]
    assert hide_levels(table, 0)["value_stratum"].notna().all()


def test_a_hidden_level_cannot_be_told_from_the_others(runs):
    home, _ = runs
    for name, least in (("plain", 5), ("shared", LEAST)):
        table = read(home / name / "baseline.tsv")
        assert table["value_stratum"].isna().any()
        keys = ["cohort", "signature", "population", "characteristic"]
        for side in ("stratum", "reference"):
            cells = table[f"value_{side}"] * table[f"n_{side}"]
            levels = table["level"] != "mean"
            assert not (levels & cells.ge(0.5) & cells.lt(least - 0.5)).any()
            hidden = table[f"value_{side}"].isna() & table[f"n_{side}"].notna()
            assert (hidden[levels].groupby([table[key] for key in keys]).sum() != 1).all()


def test_a_table_without_a_rule_cannot_be_shared():
    with pytest.raises(KeyError):
        shared_table("null_check", pd.DataFrame(), LEAST)


def test_a_cut_point_is_not_shared(runs, tmp_path):
    home, _ = runs
    words = ["cutpoint", str(home / "one"), "igf1r-high", "--endpoint", "OS", "--out", str(tmp_path / "out"), "--share"]
    ran = CliRunner().invoke(program, words, standalone_mode=False)
    assert "a cut-point is the value of a patient" in str(ran.exception)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("options", [["--share"], ["--min-cell", "20", "--no-assignments"]])
@pytest.mark.parametrize("command", ["run", "compare", "figure2", "score", "batch"])
def test_every_command_that_runs_has_the_options(runs, tmp_path, command, options):
    home, _ = runs
    (tmp_path / "plan.yaml").write_text(f"cohorts: ['{home / 'one'}']\nsignatures: [igf1r-high]\nendpoints: [OS]\n")
    (tmp_path / "manifest.tsv").write_text(f"cohort\tpath\none\t{home / 'one'}\n")
    words = {
        "run": [str(tmp_path / "plan.yaml"), "--no-figures"],
        "compare": [str(home / "one"), "igf1r-high", "--endpoint", "OS"],
        "figure2": [str(home / "one")],
        "score": [str(home / "one"), "igf1r-high"],
        "batch": [str(tmp_path / "manifest.tsv"), "--plan", str(tmp_path / "plan.yaml")],
    }[command]
    out = tmp_path / "out"
    ran = CliRunner().invoke(program, [command, *words, "--out", str(out), *options], standalone_mode=False)
    assert ran.exception is None, ran.exception
    folder = out / "cohorts" / "one" if command == "batch" else out
    plan = json.loads((folder / "run.json").read_text())["plan"]
    assert not (folder / "assignments.parquet").exists()
    shared = options == ["--share"]
    assert (plan["share"], plan["min_cell"], plan["assignments"]) == ((True, 5, True) if shared else (False, 20, False))
    if shared and command == "batch":
        assert str(home) not in (out / "run.json").read_text()
        assert "SECRET" not in "".join(text for text in text_of(out).values())


def test_a_verified_run_keeps_its_options(runs, tmp_path):
    home, _ = runs
    plan = Plan.checked(
        cohorts=[str(home / "one")], signatures=["igf1r-high"], endpoints=["OS"], min_cell=20, assignments=False
    )
    run_to_folder(lambda: run_plan(plan), tmp_path / "out", figures=False)
    assert not (tmp_path / "out" / "assignments.parquet").exists()
    found = verify_run(tmp_path / "out")
    assert (found.exit_status, found.differences) == (0, ())


def test_a_figure_of_few_patients_says_why_it_is_not_drawn(runs):
    from strata.report.figures import _panels

    home, _ = runs
    plan = Plan.checked(
        cohorts=[str(home / "one")],
        signatures=["igf1r-high"],
        populations=["all", "er-negative"],
        endpoints=["OS"],
        share=True,
    )
    results = run_plan(plan)
    panels = {panel.population: panel for panel in _panels(list(results.comparisons()), plan)}
    few = panels["er-negative"]
    assert few.comparison is None
    assert few.reason == "withheld: it would tell of fewer than 11 patients"
    assert all(panel.min_cell == LEAST for panel in panels.values())
    assert replace(few, reason="").missing == "not compared"


def test_a_failed_cohort_is_named_without_its_folder(tmp_path):
    """A cohort that could not be read has its path for a name."""
    home = tmp_path / "secret-project"
    failure = {"cohort": str(home / "three"), "exit_status": 6, "problems": []}
    record = {"argv": ["strata", "run"], "working_directory": str(home), "inputs": [], "cohorts": []}
    shared = shared_record(record | {"failures": [failure]}, LEAST)
    assert shared["failures"] == [{"cohort": "three", "exit_status": 6}]
