"""``strata table``."""

from __future__ import annotations

import pytest

from strata.analysis import Plan, run_plan
from strata.report import run_to_folder


@pytest.fixture(scope="module")
def run(cohort_writer, tmp_path_factory):
    """The folder of a run, adjusted for a covariate."""
    home = tmp_path_factory.mktemp("table")
    plan = Plan.checked(
        cohorts=[str(cohort_writer(home / "small"))],
        signatures=["igf1r-sphk1-high"],
        populations=["all"],
        endpoints=["OS"],
        covariates=["er_status"],
    )
    run_to_folder(lambda: run_plan(plan), home / "out", figures=False)
    return home / "out"


@pytest.mark.parametrize(
    ("words", "begins"),
    [
        ([], "Survival by marker. "),
        (["--format", "csv"], "Cohort,"),
        (["--format", "latex"], "% \\usepackage{booktabs}\n\\begin{table}"),
        (["--format", "html"], "<table>\n<caption>Survival by marker."),
    ],
    ids=["md", "csv", "latex", "html"],
)
def test_it_is_printed(strata, run, words, begins):
    ran = strata("table", run, *words)
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith(begins)
    assert "SECRET" not in ran.out
    assert strata("table", run / "results.parquet", *words).out == ran.out


def test_all_rows_are_more(strata, run):
    few, more = (strata("table", run, "--rows", rows, "--format", "csv").out for rows in ("main", "all"))
    assert set(few.splitlines()) < set(more.splitlines())
    assert "four groups" not in few
    assert "four groups" in more


def test_it_is_written_once(strata, run, tmp_path):
    file = tmp_path / "table.html"
    ran = strata("table", run, "--format", "html", "--out", file)
    assert (ran.status, ran.out) == (0, "")
    text = file.read_text(encoding="utf-8")
    assert text == strata("table", run, "--format", "html").out
    refused = strata("table", run, "--out", file)
    assert refused.status == 6
    assert "is already there" in refused.err
    assert file.read_text(encoding="utf-8") == text
    assert strata("table", run, "--out", file, "--overwrite").status == 0
    assert file.read_text(encoding="utf-8").startswith("Survival by marker")


def test_multivariable_models(strata, run):
    assert "er_status=Positive" in strata("table", run / "multivariable.tsv", "--format", "csv").out


@pytest.mark.parametrize(("name", "status"), [("", 6), ("calls.tsv", 3), ("nothing.tsv", 6)])
def test_what_is_no_table_of_results(strata, run, tmp_path, name, status):
    place = run / name if name else tmp_path
    ran = strata("table", place)
    assert ran.status == status
    assert ran.err.startswith("strata: error E")
    assert ran.out == ""
